//! The timer interrupt cancels a source, and sets a cell, at any instruction of what the main loop does with them: in
//! 100,000 rounds, each with another part of the operations and another instant, every wake and every callback is
//! accounted for.
//!
//! No heap is linked: tokens, waiters and cells lie in `static`s. On one core an interrupt handler runs between two
//! instructions of the main loop. So each operation finds out when it was hit: before it began, inside, or not by its end.
//! Before and after, what must come of it is known to the last wake; inside there are two truths, and the operation's
//! answer says which.
//!
//! | file | knows |
//! |---|---|
//! | `round.rs` | what is done in a round, and what must have come of it |
//! | `waiter.rs` | one waiter: what it was told, and what it must have been |
//! | `wakes.rs` | wakers that count |
//! | `places.rs` | where the interrupt hit |
//! | `fresh.rs` | a `static` that is made anew between two rounds |
#![no_std]
#![no_main]

mod fresh;
mod places;
mod round;
mod waiter;
mod wakes;

use places::{Flag, Places};
use round::{CELL, Chance, ROOT, Totals};

const ROUNDS: u32 = 100_000;

/// An interrupt is to come.
static ARMED: Flag = Flag::new();
/// It came, and cancelled.
static FIRED: Flag = Flag::new();
/// It came before the source had been reset.
static MISSED: Flag = Flag::new();

board::on_tick!(tick);

#[board::entry]
fn main() -> ! {
    let mut chance = Chance::new(0x2545_f491);
    let mut places = Places::new();
    let mut totals = Totals::new();
    let mut kept = None;
    for _ in 0..ROUNDS {
        round::run(&mut kept, &mut chance, &mut places, &mut totals);
    }
    places.print();
    totals.print();
    board::exit(totals.match_up() && places.are_all_hit())
}

/// In the middle of whatever the main loop does.
fn tick() {
    board::stop_tick();
    if ARMED.get() {
        ARMED.set(false);
        assert!(board::interrupts_enabled(), "a handler with interrupts off");
        if ROOT.cancel() {
            FIRED.set(true);
            assert_eq!(CELL.try_set(1), Ok(()));
        } else {
            MISSED.set(true);
        }
    }
}
