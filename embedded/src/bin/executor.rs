//! The application on an executor made by hand.
//!
//! The timer's interrupt tells the time, and completes and cancels what the application has given it. The main loop polls
//! who was woken, fires the timers that are due, and sleeps in between. At the end nothing may be left: no task, no timer, no
//! memory.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::boxed::Box;
use board::app::NoAnswer;
use board::clock::Clock;
use board::runtime::Executor;
use core::cell::RefCell;
use critical_section::Mutex;
use taskcell::{BoxFuture, CancellationTokenSource, TaskCompletionSource};

static EXECUTOR: Executor<4> = Executor::new();
/// What the interrupt completes, and what it cancels.
static INPUTS: Mutex<RefCell<Option<Inputs>>> = Mutex::new(RefCell::new(None));
type Inputs = (TaskCompletionSource<u32, NoAnswer>, CancellationTokenSource);

board::on_tick!(tick);

#[board::entry]
fn main() -> ! {
    // Tasks hold the clock for as long as they like.
    let clock: &'static Clock = Box::leak(Box::default());
    board::start_tick(16_000);
    // The first time the queue takes memory for the timers that it has at a time, and keeps it.
    run(clock);
    let before = board::heap::used();
    run(clock);
    board::stop_tick();
    let left = (EXECUTOR.tasks(), clock.armed(), board::heap::used() - before);
    board::println!("left: {} tasks, {} timers, {} bytes", left.0, left.1, left.2);
    board::exit(left == (0, 0, 0))
}

fn run(clock: &'static Clock) {
    let spawner = |future: BoxFuture<'static, ()>| EXECUTOR.spawn(future);
    let hand_over = |button, power| {
        critical_section::with(|cs| INPUTS.borrow(cs).replace(Some((button, power))));
    };
    EXECUTOR.run(clock, board::app::run(clock, spawner, hand_over));
}

/// The button is pressed, and the power fails, as soon as somebody waits for that.
fn tick() {
    // Outside of the critical section: wakers run there.
    let inputs = critical_section::with(|cs| INPUTS.borrow(cs).take());
    if let Some((button, power)) = inputs {
        button.set_result(7);
        power.cancel();
    }
}
