//! What the types without a heap take of memory, here where pointers have 32 bits: as the docs' page says.
#![no_std]
#![no_main]

#[expect(clippy::wildcard_imports, reason = "whatever the page names")]
use taskcell::time::*;
#[expect(clippy::wildcard_imports, reason = "whatever the page names")]
use taskcell::*;

use core::future::Ready;

struct Size {
    name: &'static str,
    /// What `N` is: the page has numbers for 4.
    n: usize,
    is: usize,
    formula: usize,
    /// The page's number, or the formula where it has none.
    said: usize,
}

/// What a source with four slots may take, with all that it needs in a hierarchy.
const _: () = assert!(size_of::<StaticCancellationTokenSource<4>>() <= 64);

/// The page's table.
const SIZES: &[Size] = include!(concat!(env!("OUT_DIR"), "/sizes.rs"));

#[board::entry]
fn main() -> ! {
    let mut fine = size_of::<usize>() == 4;
    for size in SIZES {
        let same = size.is == size.formula && size.is == size.said;
        if size.n == 4 || !same {
            let verdict = if same { "" } else { ", not as the page says" };
            board::println!("{:>4} bytes  {}{verdict}", size.is, size.name);
        }
        fine &= same;
    }
    board::exit(fine)
}
