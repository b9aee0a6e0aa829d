//! The application of the library's example `everywhere` on tokio, on one thread and on several.
//!
//! `cargo run --release -p taskcell-bench --example everywhere_tokio`

extern crate alloc;

#[path = "../../examples/everywhere/app.rs"]
mod app;

use std::process::ExitCode;
use taskcell::{BoxError, BoxFuture, SystemClock};
use tokio::runtime::{Builder, Runtime};

fn main() -> ExitCode {
    let (mut one, mut several) = (Builder::new_current_thread(), Builder::new_multi_thread());
    let same = on("one thread", &mut one) & on("several threads", several.worker_threads(2));
    println!("{}", if same { "the same everywhere" } else { "not what was expected" });
    ExitCode::from(u8::from(!same))
}

/// Prints what the application reports; whether that is what it should be.
fn on(name: &str, builder: &mut Builder) -> bool {
    let lines = builder.build().map_err(BoxError::from).and_then(|runtime| report(&runtime));
    let lines = lines.unwrap_or_else(|error| vec![format!("it failed: {error}")]);
    println!("on tokio, {name}:");
    lines.iter().for_each(|line| println!("  {line}"));
    lines == include_str!("../../examples/everywhere/report.txt").lines().collect::<Vec<_>>()
}

fn report(runtime: &Runtime) -> Result<Vec<String>, BoxError> {
    // Inside of a runtime nothing else is needed; the clock is the library's own.
    let tokio = |future: BoxFuture<'static, ()>| drop(tokio::spawn(future));
    runtime.block_on(app::run(tokio, SystemClock))
}

#[test]
fn the_report_is_the_same_on_tokio() {
    assert!(on("one thread", &mut Builder::new_current_thread()));
    assert!(on("several threads", Builder::new_multi_thread().worker_threads(4)));
}
