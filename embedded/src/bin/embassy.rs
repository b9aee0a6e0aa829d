//! The application on embassy: its executor, and its time.
//!
//! To the application a spawner is one closure, and a clock one function that sleeps. What embassy wants of the board is in
//! `ticks.rs`. At the end nothing may be left: no timer, no memory.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::boxed::Box;
use board::app::NoAnswer;
use board::ticks;
use core::cell::RefCell;
use core::time::Duration;
use critical_section::Mutex;
use embassy_executor::{Executor, SendSpawner, Spawner};
use embassy_time::{Instant, Timer};
use taskcell::time::SleepClock;
use taskcell::{BoxFuture, CancellationTokenSource, Task, TaskCompletionSource};

/// What the interrupt completes, and what it cancels.
static INPUTS: Mutex<RefCell<Option<Inputs>>> = Mutex::new(RefCell::new(None));
type Inputs = (TaskCompletionSource<u32, NoAnswer>, CancellationTokenSource);

board::on_tick!(tick);

#[board::entry]
fn main() -> ! {
    board::start_tick(16_000);
    let executor: &'static mut Executor = Box::leak(Box::new(Executor::new()));
    executor.run(|spawner: Spawner| spawner.spawn(station(spawner.make_send()).expect("its only task")))
}

#[embassy_executor::task]
async fn station(executor: SendSpawner) {
    let before = board::heap::used();
    let spawner = move |future: BoxFuture<'static, ()>| executor.spawn(boxed(future).expect("a free task"));
    let clock = SleepClock::new(now, sleep);
    let timers = clock.run();
    let timers: Task<()> = Task::run(&spawner, async { Ok(timers.await) });
    let hand_over = |button, power| {
        critical_section::with(|cs| INPUTS.borrow(cs).replace(Some((button, power))));
    };
    board::app::run(clock.clone(), spawner, hand_over).await;

    // What fires the timers ends with the last handle of the clock.
    let armed = clock.armed();
    drop(clock);
    timers.await.expect("it runs to its end");
    let bytes = board::heap::used() - before;
    board::println!("left: {armed} timers, {bytes} bytes");
    board::exit(armed == 0 && bytes == 0)
}

/// A task for a future of any type: that of `clock.run()`, and those that the application spawns.
#[embassy_executor::task(pool_size = 4)]
async fn boxed(future: BoxFuture<'static, ()>) {
    future.await;
}

fn now() -> Duration {
    Duration::from_micros(Instant::now().as_micros())
}

fn sleep(time: Duration) -> Timer {
    Timer::at(Instant::from_micros((now() + time).as_micros() as u64))
}

fn tick() {
    ticks::turn();
    // Outside of the critical section: wakers run there.
    let inputs = critical_section::with(|cs| INPUTS.borrow(cs).take());
    if let Some((button, power)) = inputs {
        button.set_result(7);
        power.cancel();
    }
}
