//! One application on four executors: what changes is the closure that spawns, and the clock, if one likes.
//!
//! `cargo run --release --example everywhere`
//!
//! - `app.rs`: the application
//! - `report.txt`: what it reports, wherever it runs
//!
//! On tokio it is `benches/examples/everywhere_tokio.rs`; in JavaScript's event loop, without std, it is `wasm/`; on a
//! microcontroller it is `embedded/src/bin/everywhere.rs`.

extern crate alloc;

mod app;

use smol::LocalExecutor;
use std::process::ExitCode;
use taskcell::{BoxError, BoxFuture, ManualClock, MessageLoop, SystemClock, TimeProvider};

fn main() -> ExitCode {
    // Any executor is one closure.
    let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
    let mut same = shown("smol", smol::block_on(app::run(smol, SystemClock)));

    // This crate's message loop is a spawner itself; everything stays on one thread.
    let ui = MessageLoop::new("ui");
    same &= shown("a message loop", ui.run_until(app::run(ui.handle(), SystemClock)));

    // An executor of one thread.
    let local = LocalExecutor::new();
    let spawner = |future: BoxFuture<'static, ()>| local.spawn(future).detach();
    same &= shown("a local executor", smol::block_on(local.run(app::run(spawner, SystemClock))));

    // The same in the time of a clock that goes from deadline to deadline.
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    same &= shown("a manual clock", clock.block_on(local.run(app::run(spawner, clock.clone()))));
    println!("  (it shows {:?})", clock.now());

    println!("{}", if same { "the same everywhere" } else { "not what was expected" });
    ExitCode::from(u8::from(!same))
}

/// Prints what the application reports; whether that is what it should be.
fn shown(executor: &str, report: Result<Vec<String>, BoxError>) -> bool {
    let lines = report.unwrap_or_else(|error| vec![format!("it failed: {error}")]);
    println!("on {executor}:");
    lines.iter().for_each(|line| println!("  {line}"));
    lines == include_str!("report.txt").lines().collect::<Vec<_>>()
}
