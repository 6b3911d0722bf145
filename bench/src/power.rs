//! Power cut: the file system under a SQLite workspace is shut down without writing back what was not synced, then mounted again.
//!
//! `kill -9` cannot see a missing `fsync`: the kernel still writes what the process gave it. This can. The proof that it can is
//! the same test with `synchronous=NORMAL`, which must lose acknowledged writes.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{
    check, fault,
    ledger::Ledger,
    load::Load,
    server::Where,
    site::{Base, Site},
};

/// Size of the disk's image; sparse, and more than the reserve the program keeps free.
const SIZE: u64 = 1 << 30;

/// Ends ext4 at once; 2 = what is not synced is lost (`EXT4_GOING_FLAGS_NOLOGFLUSH`). Perl, because a raw ioctl is unsafe code in
/// Rust and Debian always has it.
const CUT: &str =
    r#"open(my $d, "<", $ARGV[0]) or die "open: $!"; my $how = pack("L", 2); ioctl($d, 0x8004587d, $how) or die "ioctl: $!";"#;

fn run(program: &str, args: &[&str]) -> Result<()> {
    let out =
        Command::new(program).args(args).stdin(Stdio::null()).output().with_context(|| format!("cannot start {program}"))?;
    if out.status.success() {
        return Ok(());
    }
    bail!("{program} {}: {}", args.join(" "), String::from_utf8_lossy(&out.stderr).trim())
}

/// A file system in a file, mounted; unmounted when dropped.
#[derive(Debug)]
pub struct Disk {
    image: PathBuf,
    mount: PathBuf,
}

impl Disk {
    /// Makes and mounts one. An error says what this machine lacks.
    pub fn new(dir: &Path) -> Result<Self> {
        let me = Self { image: dir.join("disk.img"), mount: dir.join("disk") };
        std::fs::File::create(&me.image)?.set_len(SIZE)?;
        std::fs::create_dir_all(&me.mount)?;
        let image = me.image.to_string_lossy().into_owned();
        run("mkfs.ext4", &["-q", "-F", "-E", "lazy_itable_init=1,lazy_journal_init=1", &image])?;
        me.attach()?;
        Ok(me)
    }
    fn attach(&self) -> Result<()> {
        run("mount", &["-t", "ext4", "-o", "loop,noatime", &self.image.to_string_lossy(), &self.mount.to_string_lossy()])
    }
    /// Cuts the power.
    pub fn cut(&self) -> Result<()> {
        run("perl", &["-e", CUT, &self.mount.to_string_lossy()])
    }
    /// Power is back: the file system recovers from its journal.
    pub fn restore(&self) -> Result<()> {
        let mount = self.mount.to_string_lossy().into_owned();
        // The last files of a killed process may be closed a moment after its end.
        let mut left = 50;
        while let Err(e) = run("umount", &[&mount]) {
            left -= 1;
            ensure!(left > 0, "{e}");
            std::thread::sleep(Duration::from_millis(100));
        }
        self.attach()
    }
    /// Where it is mounted.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.mount
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _unmounted = run("umount", &["-l", &self.mount.to_string_lossy()]);
    }
}

/// Why power cannot be cut here; none = it can.
#[must_use]
pub fn obstacle() -> Option<String> {
    let tried = (|| {
        let dir = tempfile::tempdir()?;
        let d = Disk::new(dir.path())?;
        d.cut()?;
        d.restore()
    })();
    tried.err().map(|e: anyhow::Error| format!("{e:#}"))
}

/// What was seen.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Cuts.
    pub cuts: u32,
    /// Figures of the load.
    pub load: String,
    /// What was lost in the first cut that lost something.
    pub lost: Option<String>,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lost = self.lost.as_ref().map_or("lost 0, damaged 0".to_owned(), |l| format!("LOST: {l}"));
        write!(f, "SQLite: {} power cuts, {lost}; {}", self.cuts, self.load)
    }
}

/// Cuts the power `cuts` times under load. With `full` false the database syncs less, and the run ends with the first loss.
pub async fn run_cuts(bin: &Path, cuts: u32, seed: u64, full: bool) -> Result<Outcome> {
    let dir = tempfile::tempdir()?;
    let disk = Disk::new(dir.path())?;
    let env: &[_] = if full { &[] } else { &[("RAPPORT_SQLITE_SYNC", "normal")] };
    let site = Site::at(bin, Where::Folder(disk.path().join("data")), env)?;
    run("sync", &[])?;
    let ledger = Arc::new(Ledger::default());
    let mut rng = StdRng::seed_from_u64(seed);
    println!("{}: power cuts, seed {seed}", Base::Sqlite);
    let mut lost = None;
    let mut done = 0;
    for round in 0..cuts {
        let mut server = site.start().await?;
        let load = Load::new(site.writer(&server)?, ledger.clone(), round, seed).start(true);
        fault::resumes(&ledger, Duration::from_secs(20)).await?;
        tokio::time::sleep(Duration::from_millis(rng.random_range(20..700))).await;
        // Only what was read before the cut counts: an answer on its way is ambiguous.
        ledger.freeze();
        disk.cut()?;
        server.kill()?;
        load.end().await?;
        disk.restore()?;
        ledger.thaw();
        done += 1;
        let server = site.start().await.with_context(|| format!("start after cut {round}, seed {seed}"))?;
        let rounds = if full && round + 1 == cuts { 0..=round } else { round..=round };
        let checked = check::check(&site.checker(&server)?, &ledger, seed, rounds).await;
        drop(server);
        match checked {
            Ok(_) => site.healthy().with_context(|| format!("after cut {round}, seed {seed}")).map(drop)?,
            Err(e) if full => return Err(e.context(format!("after cut {round}, seed {seed}"))),
            Err(e) => {
                lost = Some(format!("{e:#}"));
                break;
            }
        }
    }
    Ok(Outcome { cuts: done, load: ledger.summary(), lost })
}
