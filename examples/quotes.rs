//! The price of a share, from several places that all know it: some slow, some out of order. Three ways to ask: all at
//! once and take the first that answers, one after the other until one answers, and the next one only when the first is
//! late.
//!
//! `cargo run --release --example quotes`

#[path = "gateway/http.rs"]
#[expect(dead_code, reason = "the gateway uses more of it")]
mod http;
#[path = "shared/server.rs"]
mod server;

use http::Answer;
use server::Server;
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use taskcell::{BoxError, CancellationToken, Losers, fallback, first_successful, hedge, need_only_one};

/// The places and what each takes, in milliseconds.
const PLACES: [(&str, u64); 4] = [("frankfurt", 240), ("broken", 5), ("london", 60), ("tokyo", 120)];

fn main() -> io::Result<()> {
    smol::block_on(async {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = asked.clone();
        let server = Server::start(move |request| {
            counter.fetch_add(1, Relaxed);
            let place = PLACES.iter().find(|(name, _)| request.path[1..] == **name);
            let latency = Duration::from_millis(place.map_or(0, |(_, latency)| *latency));
            match place {
                Some(("broken", _)) | None => (latency, Answer::text(503, "out of order")),
                Some((name, _)) => (latency, Answer::text(200, format_args!("41.20 ({name})"))),
            }
        })
        .await?;
        let server = &server;
        let table = Table { asked, start: Instant::now(), before: 0 };
        let ask = |place: &'static str| move |token| quote(server, place, token);

        let mut table = table.next();
        // The first that ends, whatever it says: here that is the one that is out of order.
        let first = need_only_one(PLACES.map(|(place, _)| ask(place))).await;
        let first = first.map_err(BoxError::from).and_then(|answer| answer);
        table = table.row("need_only_one", &first);
        // The first that has an answer. The others are cancelled by their tokens, and dropped.
        let first = first_successful(PLACES.map(|(place, _)| ask(place))).await;
        table = table.row("first_successful", &first);
        // The same, and the result is held back until the losers have seen their tokens and ended.
        let first = first_successful(PLACES.map(|(place, _)| ask(place))).losers(Losers::CancelAndAwait).await;
        table = table.row("losers awaited", &first);
        // One after the other.
        let first = fallback(["broken", "tokyo", "london"].map(ask)).await;
        table = table.row("fallback", &first);
        // A second one only if the first has not answered within 80 ms.
        let places = ["frankfurt", "london"];
        let first = hedge(|attempt| quote(server, places[attempt.number as usize], attempt.token))
            .delay(Duration::from_millis(80))
            .max_attempts(places.len() as u32)
            .await;
        table.row("hedge", &first);
        Ok(())
    })
}

/// Asks one place; tells when it is cancelled.
async fn quote(server: &Server, place: &str, token: CancellationToken) -> Result<String, BoxError> {
    let path = format!("/{place}");
    match token.run_until_cancelled(http::get(server.address, &path)).await {
        Some(answer) => match answer? {
            (200, text) => Ok(text.trim_end().to_owned()),
            (status, _) => Err(format!("{place} answered {status}").into()),
        },
        None => {
            println!("    {place} is not needed any more");
            Err(format!("{place} was cancelled").into())
        }
    }
}

/// The table, line by line.
struct Table {
    asked: Arc<AtomicUsize>,
    start: Instant,
    before: usize,
}

impl Table {
    fn next(self) -> Table {
        Table { start: Instant::now(), before: self.asked.load(Relaxed), ..self }
    }

    fn row<E: std::fmt::Display>(self, name: &str, answer: &Result<String, E>) -> Table {
        let (took, asked) = (self.start.elapsed().as_millis(), self.asked.load(Relaxed) - self.before);
        match answer {
            Ok(text) => println!("{name:<18}{took:>5} ms  {asked} asked  {text}"),
            Err(error) => println!("{name:<18}{took:>5} ms  {asked} asked  {error}"),
        }
        self.next()
    }
}
