//! The application of `examples/everywhere`, as it runs on a desktop and in a browser: the same file, the same report.
#![no_std]
#![no_main]

extern crate alloc;

#[path = "../../../examples/everywhere/app.rs"]
mod app;

use alloc::boxed::Box;
use board::clock::Clock;
use board::runtime::Executor;
use taskcell::BoxFuture;

static EXECUTOR: Executor<8> = Executor::new();

board::on_tick!(tick);

fn tick() {}

#[board::entry]
fn main() -> ! {
    let clock: &'static Clock = Box::leak(Box::default());
    let spawner = |future: BoxFuture<'static, ()>| EXECUTOR.spawn(future);
    board::start_tick(16_000);
    let lines = EXECUTOR.run(clock, app::run(spawner, clock)).expect("the application ends well");
    lines.iter().for_each(|line| board::println!("{line}"));
    board::exit(lines.iter().eq(include_str!("../../../examples/everywhere/report.txt").lines()) && clock.armed() == 0)
}
