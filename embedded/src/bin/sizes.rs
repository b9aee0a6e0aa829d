//! What the types without a heap take of memory, here where pointers have 32 bits.
#![no_std]
#![no_main]

use core::mem::size_of;
use taskcell::{StaticCancellationTokenSource, StaticRegistration, StaticSlot, StaticTaskCell, StaticToken};

macro_rules! sizes {
    ($($type:ty),* $(,)?) => {
        $(board::println!("{:>4} bytes  {}", size_of::<$type>(), stringify!($type));)*
    };
}

/// What a source with four slots may take, with all that it needs in a hierarchy.
const _: () = assert!(size_of::<StaticCancellationTokenSource<4>>() <= 64);

#[board::entry]
fn main() -> ! {
    sizes![
        StaticCancellationTokenSource<1>,
        StaticCancellationTokenSource<4>,
        StaticCancellationTokenSource<14>,
        StaticToken<'static>,
        StaticSlot<'static>,
        StaticRegistration<'static>,
        StaticTaskCell<u32, 1>,
        StaticTaskCell<u32, 4>,
    ];
    board::exit(size_of::<usize>() == 4)
}
