//! A chat server over TCP: each client has a channel of its own, and a token of its own.
//!
//! `cargo run --release --example chat` drives itself with a few clients; `-- --serve` keeps running: then
//! `nc 127.0.0.1 PORT`, a name, and lines.
//!
//! - `room.rs`: who is there; what one says reaches all, and a client that reads slowly delays nobody
//! - `client.rs`: one client, from its name to its leaving
//! - `server.rs`: accepts clients, and ends them in order
//! - `demo.rs`: clients that talk to each other

mod client;
mod demo;
mod room;
mod server;

use async_signal::{Signal, Signals};
use server::Server;
use smol::stream::StreamExt as _;
use std::{io, process::ExitCode};
use taskcell::{CancellationTokenSource, SystemClock};

const HELP: &str = "\
A chat server on loopback.

Usage: cargo run --release --example chat [-- FLAGS]

  --serve      keep running until Ctrl-C; otherwise some clients talk, and it ends
  --clients N  how many of them (1 to 200, default 20)
  --lines N    how many lines each of them says (1 to 10000, default 50)
  --help       this
";

struct Options {
    serve: bool,
    clients: usize,
    lines: usize,
}

fn main() -> ExitCode {
    let options = match parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("chat: {message} (--help lists the flags)");
            return ExitCode::from(2);
        }
    };
    // The one source that ends everything.
    let root = CancellationTokenSource::new();
    let went_well = smol::block_on(run(&options, &root));
    let (listeners, armed) = (root.token().listeners(), SystemClock::armed());
    println!("at the end: {listeners} listeners, {armed} armed timers");
    match went_well {
        Ok(true) if (listeners, armed) == (0, 0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("chat: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options, root: &CancellationTokenSource) -> io::Result<bool> {
    let mut signals = Signals::new([Signal::Int])?;
    let ctrl_c = root.clone();
    let _watch = smol::spawn(async move {
        signals.next().await;
        println!("Ctrl-C");
        ctrl_c.cancel();
    });
    let server = Server::start(root.token()).await?;
    println!("listening on {}", server.address);
    let went_well = if options.serve {
        root.token().cancelled().await;
        true
    } else {
        demo::drive(server.address, options.clients, options.lines, &root.token()).await?
    };
    root.cancel();
    let counts = server.ended().await;
    println!("{counts}");
    Ok(went_well)
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let mut options = Options { serve: false, clients: 20, lines: 50 };
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--help" | "-h" => return Ok(None),
            "--serve" => options.serve = true,
            "--clients" => options.clients = number(&arg, args.next(), 200)?,
            "--lines" => options.lines = number(&arg, args.next(), 10_000)?,
            _ => return Err(format!("unknown argument '{arg}'")),
        }
    }
    Ok(Some(options))
}

fn number(flag: &str, text: Option<String>, max: usize) -> Result<usize, String> {
    let text = text.ok_or_else(|| format!("{flag} needs a number"))?;
    let number = text.parse().ok().filter(|number| (1..=max).contains(number));
    number.ok_or_else(|| format!("{flag} takes 1 to {max}, not '{text}'"))
}
