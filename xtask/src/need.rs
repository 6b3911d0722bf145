//! What the tests need beside Rust and Node, and how to get it on Debian.

use std::path::Path;

use anyhow::{Result, bail};

use crate::sh;

struct Need {
    what: &'static str,
    packages: &'static [&'static str],
    here: fn() -> bool,
}

const NEEDS: &[Need] = &[
    Need { what: "PostgreSQL 15 or newer (initdb, pg_ctl)", packages: &["postgresql"], here: postgres },
    Need {
        what: "Chromium",
        packages: &["chromium"],
        here: || sh::has("chromium") || sh::has("chromium-browser") || sh::has("google-chrome"),
    },
    Need { what: "a font with Chinese characters", packages: &["fonts-noto-cjk"], here: chinese_font },
    Need { what: "strace (I/O fault tests)", packages: &["strace"], here: || sh::has("strace") },
];

fn postgres() -> bool {
    (sh::has("initdb") && sh::has("pg_ctl"))
        || std::fs::read_dir("/usr/lib/postgresql").is_ok_and(|d| d.flatten().any(|v| v.path().join("bin/initdb").is_file()))
}

fn chinese_font() -> bool {
    ["/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"]
        .iter()
        .any(|p| Path::new(p).exists())
        || std::process::Command::new("fc-list").arg(":lang=zh-cn").output().is_ok_and(|o| !o.stdout.is_empty())
}

/// Makes sure everything is there: installs it as root on Debian, otherwise says exactly what is missing.
pub fn ensure() -> Result<()> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|n| !(n.here)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|n| n.packages.iter().copied()).collect();
    if sh::is_root() && sh::has("apt-get") {
        let env = [("DEBIAN_FRONTEND", "noninteractive")];
        sh::run_env("apt-get", &["update", "-q"], Path::new("/"), &env)?;
        let mut args = vec!["install", "-y", "-q", "--no-install-recommends"];
        args.extend(&packages);
        sh::run_env("apt-get", &args, Path::new("/"), &env)?;
        let still: Vec<&str> = NEEDS.iter().filter(|n| !(n.here)()).map(|n| n.what).collect();
        if still.is_empty() {
            return Ok(());
        }
        bail!("installed {packages:?}, but still missing: {}", still.join(", "));
    }
    bail!(
        "the tests need: {}.\nOn Debian or Ubuntu: sudo apt-get install {}",
        missing.iter().map(|n| n.what).collect::<Vec<_>>().join(", "),
        packages.join(" ")
    );
}
