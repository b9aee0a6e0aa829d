//! The clients that drive the gateway: a few at a time, some of them impatient.

use crate::{http, services::CATALOGUE, tail::Rng};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use taskcell::{CancellationToken, SystemClock, timeout, when_all_settled};

/// Clients that ask at the same time.
pub(crate) const CLIENTS: usize = 16;
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

/// Sends all requests, [`CLIENTS`] at a time; ends early when `stop` is cancelled.
pub(crate) async fn drive(load: Load, stop: &CancellationToken) -> Visits {
    let next = Arc::new(AtomicUsize::new(0));
    let clients = (0..CLIENTS).map(|_| smol::spawn(client(load.clone(), next.clone(), stop.clone())));
    let mut visits = when_all_settled(clients).await.into_iter().fold(Visits::default(), Visits::add);
    visits.latencies.sort_unstable();
    visits
}

/// One client after the other, until no request is left.
async fn client(load: Load, next: Arc<AtomicUsize>, stop: CancellationToken) -> Visits {
    let mut visits = Visits::default();
    loop {
        let index = next.fetch_add(1, Relaxed);
        if index >= load.requests || stop.run_until_cancelled(visit(&load, index, &mut visits)).await.is_none() {
            return visits;
        }
        visits.peak_listeners = visits.peak_listeners.max(stop.listeners());
        visits.peak_armed = visits.peak_armed.max(SystemClock::armed());
    }
}

/// One visit to the page of one product.
async fn visit(load: &Load, index: usize, visits: &mut Visits) {
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
        Ok(Ok((200, _))) if !impatient => visits.latencies.push(start.elapsed()),
        Ok(Ok((200, _))) => {}
        Ok(_) => visits.failed += 1,
        Err(_elapsed) => visits.left += 1,
    }
}

/// What the client with this index asks for: now and then the same as the one before it, which is likely to be waiting.
fn product(index: usize) -> usize {
    let is_twin = index % TWINS == TWINS - 1;
    (index - usize::from(is_twin)) % CATALOGUE
}

impl Visits {
    fn add(mut self, other: Visits) -> Visits {
        self.latencies.extend(other.latencies);
        self.left += other.left;
        self.failed += other.failed;
        self.peak_listeners = self.peak_listeners.max(other.peak_listeners);
        self.peak_armed = self.peak_armed.max(other.peak_armed);
        self
    }
}
