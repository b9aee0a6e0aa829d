//! An RSS reader: several feeds at once, each fetched by one request for all who ask, with a time limit, retries and a
//! breaker; and kept for a while.
//!
//! `cargo run --release --example feeds` reads feeds of its own, on loopback: one that is fine, one that stumbles, one
//! that is slow now and then, one that is out of order and one that is no feed. `-- URL ..` reads those.
//!
//! - `reader.rs`: the cache, and the pipeline behind it
//! - `sites.rs`: the feeds on loopback
//! - `rss.rs`, `url.rs`: what is read, and from where

#[path = "../gateway/http.rs"]
#[expect(dead_code, reason = "the gateway uses more of it")]
mod http;
mod reader;
mod rss;
#[path = "../shared/server.rs"]
mod server;
mod sites;
mod url;

use futures_util::StreamExt as _;
use reader::Reader;
use sites::Sites;
use std::{io, process::ExitCode};
use taskcell::{SystemClock, when_each};
use url::Url;

/// How often all feeds are read, and by how many at the same time.
const ROUNDS: usize = 3;
const READERS: usize = 5;

const HELP: &str = "\
Reads RSS feeds: several at once, with time limits, retries and breakers.

Usage: cargo run --release --example feeds [-- URL ..]

Without URLs it reads feeds of its own on loopback, some of which are ill, three times.

  URL     http://HOST[:PORT]/PATH (there is no TLS in this example)
  --help  this
";

fn main() -> ExitCode {
    if std::env::args().skip(1).any(|arg| arg == "--help" || arg == "-h") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let parsed: Result<Vec<Url>, String> = std::env::args().skip(1).map(|text| text.parse()).collect();
    let ended = match parsed {
        Ok(urls) if urls.is_empty() => smol::block_on(demonstrate()),
        Ok(urls) => smol::block_on(read_once(&urls)),
        Err(message) => {
            eprintln!("feeds: {message} (--help says more)");
            return ExitCode::from(2);
        }
    };
    match ended {
        Ok(0) => {
            println!("at the end: {} armed timers", SystemClock::armed());
            ExitCode::SUCCESS
        }
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("feeds: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Reads each feed once, and says what is in it as soon as it is there; how many could not be read.
async fn read_once(urls: &[Url]) -> io::Result<usize> {
    let reader = Reader::new();
    let mut failed = 0;
    let mut feeds = when_each(urls.iter().map(|url| reader.read(url)));
    while let Some((index, feed)) = feeds.next().await {
        match feed {
            Ok(feed) => {
                println!("{} ({} items)", feed.title, feed.items.len());
                for item in &feed.items {
                    println!("    {}  {}", item.title, item.link);
                }
            }
            Err(error) => {
                failed += 1;
                println!("{}: {error}", urls[index]);
            }
        }
    }
    Ok(failed)
}

/// Reads the feeds on loopback a few times, by several readers at once.
async fn demonstrate() -> io::Result<usize> {
    let sites = Sites::start().await?;
    let urls = sites.urls();
    let reader = Reader::new();
    for round in 1..=ROUNDS {
        println!("round {round}: {READERS} readers of each feed");
        let asked = (0..READERS).flat_map(|_| &urls);
        let mut feeds = when_each(asked.map(|url| reader.read(url)));
        let mut said = vec![false; urls.len()];
        while let Some((index, feed)) = feeds.next().await {
            let index = index % urls.len();
            if std::mem::replace(&mut said[index], true) {
                continue; // another reader's, the same
            }
            match feed {
                Ok(feed) => {
                    let first = feed.items.first().map_or("", |item| &item.title);
                    println!("    {}: {} items, the first: {first}", feed.title, feed.items.len());
                }
                Err(error) => println!("    {}: {error}", urls[index]),
            }
        }
    }
    println!("\n{:<12}{:>10}{:>10}  circuit", "feed", "readers", "requests");
    for (name, url) in sites::NAMES.iter().zip(&urls) {
        let (requests, circuit) = (sites.requests(name), reader.circuit(url));
        println!("{name:<12}{:>10}{requests:>10}  {circuit}", ROUNDS * READERS);
    }
    Ok(0)
}
