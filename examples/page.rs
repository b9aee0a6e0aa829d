//! A page of five parts, from a web server on loopback: fetched one after another, then all at once with `when_all`,
//! then with a part that fails, and then so that the first failure stops the others.
//!
//! `cargo run --release --example page`

#[path = "gateway/http.rs"]
#[expect(dead_code, reason = "the gateway uses more of it")]
mod http;
#[path = "shared/server.rs"]
mod server;

use http::Answer;
use server::Server;
use std::{
    io,
    time::{Duration, Instant},
};
use taskcell::{BoxError, CancellationToken, CancellationTokenSource, Cancelled, when_all, when_all_or_first_error};

const PARTS: [&str; 5] = ["title", "price", "stock", "reviews", "related"];
/// What each part takes.
const LATENCY: Duration = Duration::from_millis(60);

fn main() -> io::Result<()> {
    smol::block_on(async {
        let server = Server::start(|request| match request.path.as_str() {
            // It fails at once.
            "/coupons" => (Duration::ZERO, Answer::text(503, "out of order")),
            path => (LATENCY, Answer::text(200, format_args!("the {} of a lamp", &path[1..]))),
        })
        .await?;

        let start = Instant::now();
        for part in PARTS {
            println!("  {}", fetch(&server, part).await.map_err(io::Error::other)?);
        }
        println!("one after another: {} ms\n", start.elapsed().as_millis());

        let start = Instant::now();
        // The futures are lazy: all of them run while the one that `when_all` gives is awaited. Results in input order.
        let texts = when_all(PARTS.map(|part| fetch(&server, part))).await.map_err(io::Error::other)?;
        texts.iter().for_each(|text| println!("  {text}"));
        println!("all at once:       {} ms\n", start.elapsed().as_millis());

        // All run to their end, and every error is kept, with the index of its future.
        let start = Instant::now();
        let parts = ["title", "coupons", "price", "coupons"];
        let Err(errors) = when_all(parts.map(|part| fetch(&server, part))).await else { return Ok(()) };
        for (index, error) in errors.iter() {
            println!("  part {index} ({}): {error}", parts[index]);
        }
        println!("with failures:     {} ms, {} errors\n", start.elapsed().as_millis(), errors.len());

        // The first error cancels the siblings, through a source whose token they hold.
        let start = Instant::now();
        let siblings = CancellationTokenSource::new();
        let fetches = parts.map(|part| fetch_until(&server, part, siblings.token()));
        let Err(errors) = when_all_or_first_error(fetches, &siblings).await else { return Ok(()) };
        println!("  {}", errors.first());
        println!("first error:       {} ms, {} error", start.elapsed().as_millis(), errors.len());
        Ok(())
    })
}

/// One part.
async fn fetch(server: &Server, part: &str) -> Result<String, BoxError> {
    match http::get(server.address, &format!("/{part}")).await? {
        (200, text) => Ok(text.trim_end().to_owned()),
        (status, _) => Err(format!("the server answered {status}").into()),
    }
}

/// One part, unless `token` is cancelled first.
async fn fetch_until(server: &Server, part: &str, token: CancellationToken) -> Result<String, BoxError> {
    match token.run_until_cancelled(fetch(server, part)).await {
        Some(result) => result,
        None => Err(Cancelled::new(token).into()),
    }
}
