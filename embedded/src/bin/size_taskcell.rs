//! The timer interrupt cancels a token that the main loop waits for: as small as it gets.
//!
//! Its twin by hand is `size_by_hand.rs`.
#![no_std]
#![no_main]

use board::executor::block_on;
use core::pin::pin;
use taskcell::{CancellationSlot, StaticCancellationTokenSource};

static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();

board::on_tick!(tick);

#[board::entry]
fn main() -> ! {
    board::start_tick(100_000);
    let (told, polls) = block_on(pin!(async {
        let Ok(mut stop) = STOP.slot() else { return false };
        stop.cancelled().await;
        true
    }));
    board::exit(told && polls == 2)
}

fn tick() {
    STOP.cancel();
}
