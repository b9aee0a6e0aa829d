//! What hedging does to the tail: many calls of one service, first one request each, then a second request whenever the
//! first takes longer than 95 % of the calls did. The same seed in both runs.

use crate::{
    http,
    options::Options,
    services::{CATALOGUE, Service},
};
use std::{
    cell::RefCell,
    io,
    net::SocketAddr,
    num::NonZeroUsize,
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};
use taskcell::{CancellationToken, ObservedLatency, for_each_throttled, hedge};

/// The service that is called, by its index.
const SERVICE: usize = 3;
/// Calls under way at one time.
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(48).unwrap();
/// The share of the calls after which a second request is made, in percent.
pub(crate) const PERCENT: f64 = 95.0;
/// Requests that one call makes at most.
const MOST: u32 = 3;

/// One of the two runs.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// Of all calls, sorted: those that were answered with 503 are calls, too.
    pub(crate) latencies: Vec<Duration>,
    pub(crate) failed: usize,
    /// What the service has seen.
    pub(crate) requests: usize,
    /// After which time a second request is made, at the start.
    pub(crate) hedged_after: Option<Duration>,
}

/// Both runs; ends early when `stop` is cancelled.
pub(crate) async fn compare(options: &Options, stop: &CancellationToken) -> io::Result<[Tail; 2]> {
    // The last two thousand calls count, also in the second run: so the delay follows the load.
    let observed = ObservedLatency::percentile(PERCENT).window(2_000);
    let plain = run(options, stop, async |service| {
        let start = Instant::now();
        let answered = get(service.address, service.product).await;
        observed.record(start.elapsed());
        answered
    });
    let plain = plain.await?;
    let hedged_after = observed.delay();
    let hedged = run(options, stop, async |service| {
        let get = |_attempt| get(service.address, service.product);
        hedge(get).delay(&observed).observe(&observed).max_attempts(MOST).token(stop).await.map_err(drop)
    });
    Ok([plain, Tail { hedged_after: Some(hedged_after), ..hedged.await? }])
}

/// Whom a call asks for what.
struct Asked {
    address: SocketAddr,
    product: usize,
}

/// Starts the service, makes all calls, and stops it.
async fn run(
    options: &Options,
    stop: &CancellationToken,
    call: impl AsyncFn(Asked) -> Result<(), ()>,
) -> io::Result<Tail> {
    let service = Service::start(SERVICE, options.seed).await?;
    let address = service.source.address;
    let tail = RefCell::new(Tail::default());
    let one = async |index| {
        let start = Instant::now();
        let answered = call(Asked { address, product: index % CATALOGUE }).await;
        let mut tail = tail.borrow_mut();
        tail.latencies.push(start.elapsed());
        tail.failed += usize::from(answered.is_err());
    };
    // Lazy: all of them on this thread, so that they may borrow.
    _ = stop.run_until_cancelled(for_each_throttled(0..options.calls, AT_ONCE, one)).await;
    let requests = service.source.received.clone();
    service.stop().await;
    let mut tail = tail.into_inner();
    tail.requests = requests.load(Relaxed);
    tail.latencies.sort_unstable();
    Ok(tail)
}

async fn get(address: SocketAddr, product: usize) -> Result<(), ()> {
    match http::get(address, &format!("/recommendations/{product}")).await {
        Ok((200, _)) => Ok(()),
        _ => Err(()),
    }
}
