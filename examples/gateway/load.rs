//! The clients that drive the gateway: a few at a time, some of them impatient.

use crate::{http, services::CATALOGUE, tail::Rng};
use smol::stream::StreamExt as _;
use std::{
    net::SocketAddr,
    num::NonZeroUsize,
    time::{Duration, Instant},
};
use taskcell::{BoxFuture, CancellationToken, Cancelled, SystemClock, throttled_map_spawned, timeout};

/// Clients that ask at the same time.
pub(crate) const CLIENTS: NonZeroUsize = NonZeroUsize::new(16).unwrap();
/// One client in this many leaves early, on average.
pub(crate) const IMPATIENT: u64 = 10;
/// One client in this many asks for what the one before it asked for.
const TWINS: usize = 8;
/// How long an impatient client waits for its page.
pub(crate) const PATIENCE: Duration = Duration::from_millis(4);

/// What the clients saw.
#[derive(Debug, Default)]
pub(crate) struct Visits {
    /// From connecting to the end of the page, for the patient ones; sorted.
    pub(crate) latencies: Vec<Duration>,
    /// Clients that left before they had their page.
    pub(crate) left: usize,
    /// Clients that did not get a page though they waited for it.
    pub(crate) failed: usize,
    /// The most listeners that the gateway's shutdown token had.
    pub(crate) peak_listeners: usize,
    /// The most timers that were armed.
    pub(crate) peak_armed: usize,
}

/// What the load is.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub(crate) gateway: SocketAddr,
    pub(crate) requests: usize,
    pub(crate) seed: u64,
    pub(crate) sequential: bool,
}

/// Sends all requests, [`CLIENTS`] at a time, each from a task of its own; ends early when `stop` is cancelled.
pub(crate) async fn drive(load: Load, stop: &CancellationToken) -> Visits {
    let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
    let mut ended = throttled_map_spawned(&smol, 0..load.requests, CLIENTS, |index, _token| {
        let (load, stop) = (load.clone(), stop.clone());
        async move { stop.run_until_cancelled(visit(&load, index)).await.ok_or_else(|| Cancelled::new(stop)) }
    });
    let mut visits = Visits::default();
    while let Some(Some(visit)) = stop.run_until_cancelled(ended.next()).await {
        match visit {
            Ok(Visit::Served(latency)) => visits.latencies.push(latency),
            Ok(Visit::InTime) => {}
            Ok(Visit::Left) => visits.left += 1,
            Ok(Visit::Failed) => visits.failed += 1,
            Err(_cancelled) => break,
        }
        visits.peak_listeners = visits.peak_listeners.max(stop.listeners());
        visits.peak_armed = visits.peak_armed.max(SystemClock::armed());
    }
    visits.latencies.sort_unstable();
    visits
}

/// How a visit ended.
enum Visit {
    /// With the page, after so long.
    Served(Duration),
    /// With the page, before an impatient client left.
    InTime,
    /// The client left before it had the page.
    Left,
    /// Without the page, though the client waited for it.
    Failed,
}

/// One visit to the page of one product.
async fn visit(load: &Load, index: usize) -> Visit {
    let product = product(index);
    let query = if load.sequential { "?sequential" } else { "" };
    let target = format!("/product/{product}{query}");
    let page = http::get(load.gateway, &target);
    let impatient = Rng::keyed(&[load.seed, index as u64]).next() % IMPATIENT == 0;
    let start = Instant::now();
    let got = match impatient {
        true => timeout(PATIENCE, page).await,
        false => Ok(page.await),
    };
    match got {
        Ok(Ok((200, _))) if !impatient => Visit::Served(start.elapsed()),
        Ok(Ok((200, _))) => Visit::InTime,
        Ok(_) => Visit::Failed,
        Err(_elapsed) => Visit::Left,
    }
}

/// What the client with this index asks for: now and then the same as the one before it, which is likely to be waiting.
fn product(index: usize) -> usize {
    let is_twin = index % TWINS == TWINS - 1;
    (index - usize::from(is_twin)) % CATALOGUE
}
