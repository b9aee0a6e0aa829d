//! A gateway on smol with real sockets: a product page awaits calls to four services, behind a single-flight cache and,
//! for each service, a pipeline of time limit, retry, breaker and bulkhead. A client that leaves cancels the calls that no
//! other one waits for; Ctrl-C stops everything in order, and leaves no call pending.
//!
//! `cargo run --release --example gateway` drives itself and prints a table; `-- --serve` keeps running.
//!
//! Begin with `page.rs` (the four calls), then `calls.rs` (hot, shared, fresh for a while), `call.rs` (the pipeline) and
//! `gateway.rs` (the client that leaves, the shutdown).
//! - `guards.rs`, `executor.rs`: what stands before each service, and what runs the calls
//! - `services.rs`, `tail.rs`: the services and their seeded latency; smol only
//! - `site.rs`, `load.rs`, `report.rs`: services and gateway as one, the clients that drive them, the table
//! - `hedging.rs`: what a second request does to the tail
//! - `http.rs`, `render.rs`, `options.rs`: HTTP, the page as text, the flags
//! - `counts.rs`, `stats.rs`: the numbers, and how they are shown

mod call;
mod calls;
mod counts;
mod executor;
mod gateway;
mod guards;
mod hedging;
mod http;
#[path = "../shared/latency.rs"]
mod latency;
mod load;
mod options;
mod page;
#[path = "../shared/plot.rs"]
mod plot;
mod render;
mod report;
mod services;
mod site;
mod stats;
mod tail;

use async_signal::{Signal, Signals};
use load::Load;
use options::{Options, Parsed};
use report::Run;
use site::Site;
use smol::stream::StreamExt as _;
use std::{
    io::{self, Write as _},
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
        Ok(ended) => end(&root, &ended),
        Err(error) => {
            eprintln!("gateway: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What the exit status depends on, beside what is left running.
struct Ended {
    /// Calls without an end.
    pending: usize,
    /// Clients that waited and got no page, though nobody stopped the gateway.
    failed: usize,
}

/// The last word: success only if nothing is left running.
fn end(root: &CancellationTokenSource, ended: &Ended) -> ExitCode {
    let (listeners, armed, Ended { pending, failed }) = (root.token().listeners(), SystemClock::armed(), ended);
    println!("at the end: {listeners} listeners, {armed} armed timers, {pending} calls pending");
    match (listeners, armed, pending, failed) {
        (0, 0, 0, 0) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Serves or drives itself.
async fn run(options: &Options, root: &CancellationTokenSource) -> io::Result<Ended> {
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

/// Keeps running until Ctrl-C. Faults go to stderr, whether anybody reads that or not.
async fn serve(options: &Options, root: &CancellationTokenSource) -> io::Result<Ended> {
    let token = root.token();
    let log = |line: &str| _ = writeln!(io::stderr(), "{line}");
    let site = Site::start(options.seed, token.clone(), log).await?;
    println!("listening on http://{} (Ctrl-C stops it)", site.address());
    token.cancelled().await;
    let counts = site.ended(|step| println!("- {step}")).await;
    Ok(Ended { pending: counts.calls_pending(), failed: 0 })
}

/// Asks for the same pages in two ways, and compares.
async fn drive(options: &Options, root: &CancellationTokenSource) -> io::Result<Ended> {
    let (seed, requests, calls) = (options.seed, options.requests, services::NAMES.len());
    println!("seed {seed}: {requests} pages of {calls} calls, first one call after another, then all at once;");
    println!("{} clients at a time, one in {} leaves early\n", load::CLIENTS, load::IMPATIENT);
    let start = Instant::now();
    let sequential = one_run(options, root, true).await?;
    let concurrent = one_run(options, root, false).await?;
    report::print(&sequential, &concurrent);

    if !root.is_cancelled() {
        tails(options, root).await?;
    }
    println!("\n{:.1} s in all", start.elapsed().as_secs_f64());
    let pending = sequential.counts.calls_pending() + concurrent.counts.calls_pending();
    let failed = if root.is_cancelled() { 0 } else { sequential.visits.failed + concurrent.visits.failed };
    Ok(Ended { pending, failed })
}

/// Calls one service, without hedging and with it, and shows what that did to the tail.
async fn tails(options: &Options, root: &CancellationTokenSource) -> io::Result<()> {
    println!("\n{} calls of one service, then the same calls hedged:\n", options.calls);
    let [plain, hedged] = hedging::compare(options, &root.token()).await?;
    if let Some(file) = &options.plot {
        let title = format!("{} calls of one service (seed {})", options.calls, options.seed);
        let curves = [("plain", &plain), ("hedged", &hedged)];
        let curves = curves.map(|(name, tail)| plot::Curve { name: name.to_owned(), latencies: &tail.latencies });
        std::fs::write(file, plot::svg(&title, &curves))?;
        println!("drawn: {}\n", file.display());
    }
    report::print_tail(&plain, &hedged);
    Ok(())
}

/// Starts the site, drives it, and stops it through a source of its own that is linked to the root.
async fn one_run(options: &Options, root: &CancellationTokenSource, sequential: bool) -> io::Result<Run> {
    let Options { requests, seed, .. } = *options;
    let source = root.token().child();
    let token = source.token();
    let site = Site::start(seed, token.clone(), |_| ()).await?;
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
