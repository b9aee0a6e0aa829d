//! Reads files in blocks, and compares them.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
};
use taskcell::CancellationToken;

/// So much is read and written at a time.
pub(crate) const BLOCK: usize = 256 * 1024;

/// Reads until the block is full or the file ends.
pub(crate) fn fill(file: &mut File, block: &mut [u8]) -> io::Result<usize> {
    let mut full = 0;
    while full < block.len() {
        match file.read(&mut block[full..]) {
            Ok(0) => break,
            Ok(read) => full += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(full)
}

/// How many bytes of two files are the same, from their beginning; `None` if the token was cancelled meanwhile.
pub(crate) fn common(one: &mut File, other: &mut File, token: &CancellationToken) -> io::Result<Option<u64>> {
    let mut at = 0;
    while !token.is_cancelled() {
        let alike = alike(one, other, at)?;
        at += alike;
        if alike < BLOCK as u64 {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// How many bytes of two files' blocks are the same.
pub(crate) fn alike(one: &mut File, other: &mut File, at: u64) -> io::Result<u64> {
    let block = |file: &mut File| {
        let mut block = vec![0; BLOCK];
        file.seek(SeekFrom::Start(at))?;
        let full = fill(file, &mut block)?;
        block.truncate(full);
        Ok::<_, io::Error>(block)
    };
    let (one, other) = (block(one)?, block(other)?);
    if one == other {
        return Ok(one.len() as u64);
    }
    let differ = one.iter().zip(&other).position(|(one, other)| one != other);
    Ok(differ.unwrap_or(one.len().min(other.len())) as u64)
}
