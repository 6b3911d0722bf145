//! A short run of the fuzz targets in every run of the tests: the same functions over their corpus and seeded mutations of it.
//! The long run, which learns from the branches it takes, is `cargo xtask fuzz`.
#![allow(clippy::unwrap_used)]

#[path = "../../../fuzz/src/lib.rs"]
mod fuzz;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use fuzz::{Body, TARGETS};

/// One input takes milliseconds; what takes so long has no end.
const PATIENCE: Duration = Duration::from_mins(1);
/// Room for what a few mutations repeat, and no more: time goes into many inputs, not into long ones.
const LONGEST: usize = 4_096;
/// What readers stumble over, put in whole.
const PIECES: &[&[u8]] = &[
    b"\"",
    b"'",
    b"(",
    b")",
    b"((((((((",
    b",",
    b";",
    b"\t",
    b"\r",
    b"\n\n",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\x81\x30",
    b"=",
    b"-",
    b"%",
    b"\\",
    b"\\u0000",
    b"and ",
    b"or ",
    b"not ",
    b"in (",
    b"null",
    b"1e309",
    b"99999999999999999999",
    b"-0.0",
    b"2026-02-30",
    b"last_days(",
    b"IF(",
    b"<",
    b">",
    b"/>",
    b"</c>",
    b"<row r=\"0\">",
    b"<c r=\"ZZZZ0\">",
    b"&#0;",
    b"&lt;",
    b" t=\"s\"",
    b" r=\"A0\"",
    b"BEGIN:VCARD\n",
    b"END:VCARD\n",
    b"=\n",
    b"=E",
    "“".as_bytes(),
    "且".as_bytes(),
    "ﬁ".as_bytes(),
    "\u{202e}".as_bytes(),
    "😀".as_bytes(),
];

/// SplitMix64: the same inputs in every run, on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }
}

/// One to six mutations of a seed: bits, bytes, pieces, cuts, repetitions, and parts of another seed.
fn mutated(dice: &mut Dice, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut x = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(6) {
        let from = dice.below(x.len() + 1);
        let to = (from + dice.below(16)).min(x.len());
        let put = match dice.below(7) {
            0 => x[from..to].iter().map(|b| b ^ (1 << dice.below(8))).collect(),
            1 => vec![u8::try_from(dice.below(256)).unwrap()],
            2 => vec![],
            3 => x[from..to].repeat(dice.below(40)),
            4 => {
                let other = &seeds[dice.below(seeds.len())];
                let at = dice.below(other.len() + 1);
                other[at..(at + dice.below(64)).min(other.len())].to_vec()
            }
            _ => PIECES[dice.below(PIECES.len())].to_vec(),
        };
        x.splice(from..to, put);
    }
    x.truncate(LONGEST);
    x
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let dir = root().join("corpus").join(name);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&dir).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    files.iter().map(|f| std::fs::read(f).unwrap()).collect()
}

/// Runs a target over its corpus and so many mutations of it; the input that ended it is told.
fn run(name: &str, body: Body, mutations: usize) -> Result<(), String> {
    let seeds = corpus(name);
    assert!(!seeds.is_empty(), "{name} has seeds");
    let now = Arc::new(Mutex::new(vec![]));
    let (tell, told) = mpsc::channel();
    let inputs = now.clone();
    let runner = thread::spawn(move || {
        let mut dice = Dice(1);
        for n in 0..seeds.len() + mutations {
            let input = seeds.get(n).cloned().unwrap_or_else(|| mutated(&mut dice, &seeds));
            inputs.lock().unwrap().clone_from(&input);
            body(&input);
            tell.send(n).unwrap();
        }
    });
    let fault = loop {
        match told.recv_timeout(PATIENCE) {
            Ok(_) => {}
            Err(mpsc::RecvTimeoutError::Timeout) => break "does not end",
            Err(mpsc::RecvTimeoutError::Disconnected) if runner.join().is_err() => break "panics",
            Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(()),
        }
    };
    Err(format!("{name} {fault} on \"{}\"; keep it in fuzz/corpus/{name}", now.lock().unwrap().escape_ascii()))
}

fn target(name: &str, mutations: usize) {
    let (name, body) = TARGETS.iter().find(|(n, _)| *n == name).unwrap();
    run(name, *body, mutations).unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn text_files() {
    target("csv", 2_000);
}

#[test]
fn filters() {
    target("filter", 12_000);
}

#[test]
fn formulas() {
    target("formula", 12_000);
}

#[test]
fn sheets() {
    target("sheet", 1_500);
}

#[test]
fn cards() {
    target("vcard", 10_000);
}

#[test]
fn workbooks() {
    target("xlsx", 4_000);
}

/// Each file in `targets` hands its bytes to the function of its name, and each function has a file.
#[test]
fn the_fuzzer_runs_the_same() {
    let mut files = BTreeSet::new();
    for f in std::fs::read_dir(root().join("targets")).unwrap() {
        let path = f.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(&format!("rapport_fuzz::{name}(bytes)")), "{}", path.display());
        files.insert(name);
    }
    assert_eq!(files, TARGETS.iter().map(|(n, _)| (*n).to_owned()).collect());
}

/// A fault is found and its input told; what is told depends on nothing but the seeds.
#[test]
fn a_fault_is_found() {
    let faulty: Body = |b| assert!(!b.windows(2).any(|w| w == b"(("), "two brackets");
    let one = run("formula", faulty, 1_000).unwrap_err();
    assert!(one.contains("formula panics on") && one.contains("(("), "{one}");
    assert_eq!(run("formula", faulty, 1_000).unwrap_err(), one);
}
