//! A gateway on smol with real sockets: a product page calls four services at once, each call under a time
//! limit and a linked token; a client that leaves cancels its calls, and Ctrl-C stops everything in order.
//!
//! `cargo run --release --example gateway` drives itself and prints a table; `-- --serve` keeps running.
//!
//! Begin with `page.rs` (the four calls), then `gateway.rs` (the client that leaves, the shutdown).
//! - `services.rs`, `tail.rs`: the services and their seeded latency; smol only
//! - `site.rs`, `load.rs`, `report.rs`: services and gateway as one, the clients that drive them, the table
//! - `http.rs`, `render.rs`, `counts.rs`, `options.rs`: HTTP, the page as text, the numbers, the flags

mod counts;
mod gateway;
mod http;
mod load;
mod options;
mod page;
mod render;
mod report;
mod services;
mod site;
mod tail;

use async_signal::{Signal, Signals};
use load::Load;
use options::{Options, Parsed};
use report::Run;
use site::Site;
use smol::stream::StreamExt as _;
use std::{
    io,
    process::{self, ExitCode},
    time::Instant,
};
use taskcell::{CancellationTokenSource, SystemClock};

fn main() -> ExitCode {
    let options = match options::parse(std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned())) {
        Ok(Parsed::Run(options)) => options,
        Ok(Parsed::Help) => {
            print!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("gateway: {message} (--help lists the flags)");
            return ExitCode::from(2);
        }
    };
    // The one source that stops everything.
    let root = CancellationTokenSource::new();
    match smol::block_on(run(&options, &root)) {
        Ok(all_pages_came) => end(&root, all_pages_came),
        Err(error) => {
            eprintln!("gateway: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The last word: success only if nothing is left running.
fn end(root: &CancellationTokenSource, all_pages_came: bool) -> ExitCode {
    let (listeners, armed) = (root.token().listeners(), SystemClock::armed());
    println!("at the end: {listeners} listeners, {armed} armed timers");
    match (listeners, armed, all_pages_came) {
        (0, 0, true) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Serves or drives itself; false if a client that waited got no page.
async fn run(options: &Options, root: &CancellationTokenSource) -> io::Result<bool> {
    let mut signals = Signals::new([Signal::Int])?;
    let ctrl_c = root.clone();
    let _watch = smol::spawn(async move {
        signals.next().await;
        println!("Ctrl-C: stopping (once more: at once)");
        ctrl_c.cancel();
        signals.next().await;
        process::exit(130);
    });
    if options.serve { serve(options, root).await } else { drive(options, root).await }
}

/// Keeps running until Ctrl-C.
async fn serve(options: &Options, root: &CancellationTokenSource) -> io::Result<bool> {
    let token = root.token();
    let site = Site::start(options.seed, token.clone()).await?;
    println!("listening on http://{} (Ctrl-C stops it)", site.address());
    token.cancelled().await;
    site.ended(|step| println!("- {step}")).await;
    Ok(true)
}

/// Asks for the same pages in two ways, and compares.
async fn drive(options: &Options, root: &CancellationTokenSource) -> io::Result<bool> {
    let (seed, requests, calls) = (options.seed, options.requests, services::NAMES.len());
    println!("seed {seed}: {requests} pages of {calls} calls, first one call after another, then all at once;");
    println!("{} clients at a time, one in {} leaves early\n", load::CLIENTS, load::IMPATIENT);
    let start = Instant::now();
    let sequential = one_run(options, root, true).await?;
    let concurrent = one_run(options, root, false).await?;
    report::print(&sequential, &concurrent);
    println!("\n{:.1} s in all", start.elapsed().as_secs_f64());
    Ok(root.is_cancelled() || sequential.visits.failed + concurrent.visits.failed == 0)
}

/// Starts the site, drives it, and stops it through a source of its own that is linked to the root.
async fn one_run(options: &Options, root: &CancellationTokenSource, sequential: bool) -> io::Result<Run> {
    let Options { requests, seed, .. } = *options;
    let source = root.token().child();
    let token = source.token();
    let site = Site::start(seed, token.clone()).await?;
    let visits = load::drive(Load { gateway: site.address(), requests, seed, sequential }, &token).await;
    source.cancel();
    let interrupted = root.is_cancelled();
    let say = |step| {
        if interrupted {
            println!("- {step}")
        }
    };
    let counts = site.ended(say).await;
    drop((source, token));
    Ok(Run { visits, counts, listeners: root.token().listeners(), armed: SystemClock::armed() })
}
