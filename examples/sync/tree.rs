//! The folder that the demonstration copies: thousands of small files, a few large ones, links.

use crate::platform;
use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

pub(crate) const FOLDERS: u64 = 40;
/// In each folder.
pub(crate) const SMALL: u64 = 50;
pub(crate) const LARGE: u64 = 4;
const LARGE_SIZE: usize = 24 << 20;

/// Makes it.
pub(crate) fn grow(at: &Path) -> io::Result<()> {
    let large = at.join("archive");
    fs::create_dir_all(&large)?;
    for number in 0..LARGE {
        File::create(large.join(format!("{number}.bin")))?.write_all(&noise(number, LARGE_SIZE))?;
    }
    for folder in 0..FOLDERS {
        let folder = at.join(format!("notes-{folder:02}"));
        fs::create_dir(&folder)?;
        for number in 0..SMALL {
            write_small(&folder.join(format!("{number:02}.txt")), number)?;
        }
        fs::create_dir(folder.join("empty"))?;
    }
    match platform::make_link(Path::new("archive/0.bin"), &at.join("latest")) {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
        made => made,
    }
}

/// Changes, adds and removes ten files each.
pub(crate) fn change(at: &Path) -> io::Result<()> {
    for number in 0..10 {
        let folder = at.join(format!("notes-{number:02}"));
        write_small(&folder.join("00.txt"), 100 + number)?;
        write_small(&folder.join("new.txt"), 200 + number)?;
        fs::remove_file(folder.join("01.txt"))?;
    }
    Ok(())
}

fn write_small(path: &Path, seed: u64) -> io::Result<()> {
    fs::write(path, noise(seed, 500 + (seed * 97 % 5000) as usize))
}

/// Bytes that are different for each seed.
fn noise(seed: u64, size: usize) -> Vec<u8> {
    let mut state = seed + 1;
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.extend((state ^ (state >> 29)).to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}
