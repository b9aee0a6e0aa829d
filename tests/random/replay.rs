//! Programs without a fuzzer: those that were kept, and some drawn by chance.

use crate::programs::{Program, TARGETS};
use std::path::Path;

/// Runs one after the other; whoever fails says which program it was.
struct Naming<'a>(&'a str, &'a str);

impl Drop for Naming<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the program was {} of the target {}", self.1, self.0);
        }
    }
}

fn one(target: &str, name: &str, program: Program, bytes: &[u8]) {
    let _naming = Naming(target, name);
    program(bytes);
}

/// What `cargo xtask fuzz` keeps: programs that together reach all that fuzzing has found.
#[test]
fn kept_programs() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (target, program) in TARGETS {
        let folder = std::fs::read_dir(corpus.join(target)).unwrap_or_else(|error| panic!("{target}: {error}"));
        let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
        assert!(!files.is_empty(), "{target} has no corpus");
        files.sort();
        for file in files.iter().take(if cfg!(miri) { 3 } else { usize::MAX }) {
            one(target, &file.to_string_lossy(), program, &std::fs::read(file).unwrap());
        }
    }
}

/// A program of `length` bytes that is the same for the same seed: SplitMix64.
fn drawn(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0xff51_afd7_ed55_8ccd);
    let mut words = std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    });
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        bytes.extend(words.next().unwrap_or_default().to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

fn drawn_programs(target: &str) {
    let (_, program) = TARGETS.into_iter().find(|(name, _)| *name == target).unwrap();
    for seed in 0..if cfg!(miri) { 5 } else { 2_000 } {
        let length = [20, 60, 150, 400][seed as usize % 4];
        one(target, &format!("that of seed {seed}"), program, &drawn(seed, length));
    }
}

macro_rules! drawn_by_chance {
    ($($target:ident)*) => {
        $(#[test]
        fn $target() {
            drawn_programs(stringify!($target));
        })*

        #[test]
        fn every_target_is_drawn() {
            assert_eq!(TARGETS.map(|(target, _)| target), [$(stringify!($target)),*]);
        }
    };
}

drawn_by_chance! { cache cells channel sources static_channel statics timers }
