//! The servers, and what one request does.
//!
//! Ten thousand servers work off one attempt after the other; the latency of each has the heavy tail of the gateway's
//! services, and some attempts fail. Two thousand clients send one request after the other, to a server by chance, with
//! a limit of time around retries around a hedge. All chance is keyed by (seed, request, attempt), so that it does not
//! depend on what comes first.

use crate::tail::Rng;
use async_lock::Mutex;
use std::{
    cell::{Cell, RefCell},
    fmt,
    num::{NonZeroU32, NonZeroUsize},
    time::Duration,
};
use taskcell::{Backoff, ManualClock, TimeProvider as _, delay_on, for_each_throttled, hedge_on, retry_on, timeout_on};

const SERVERS: usize = 10_000;
const CLIENTS: NonZeroUsize = NonZeroUsize::new(2_000).unwrap();
/// The part of the attempts that fails.
const FAILING_SHARE: f64 = 0.005;
/// A request that takes longer has failed.
const LIMIT: Duration = Duration::from_secs(3);
/// An attempt that has failed is made again, so often in all and after such a pause.
const ATTEMPTS: NonZeroU32 = NonZeroU32::new(3).unwrap();
const PAUSE: Duration = Duration::from_millis(2);

/// What is simulated.
pub(crate) struct Model {
    pub(crate) seed: u64,
    pub(crate) requests: usize,
}

/// What came of it.
pub(crate) struct Run {
    /// Of all requests; sorted.
    pub(crate) latencies: Vec<Duration>,
    /// Requests without an answer, after all attempts or all the time.
    pub(crate) failed: usize,
    /// Attempts that reached a server.
    pub(crate) attempts: usize,
    /// When a second attempt started beside the first.
    pub(crate) hedged_after: Option<Duration>,
}

impl Model {
    /// Simulates all requests; with a second attempt beside each that takes longer than `hedged_after`.
    pub(crate) fn run(&self, hedged_after: Option<Duration>) -> Run {
        let clock = ManualClock::new();
        clock.set_auto_advance(true);
        let servers = (0..SERVERS).map(|_| Mutex::new(())).collect();
        let world = World { clock: &clock, servers, seed: self.seed, attempts: Cell::new(0), hedged_after };
        let (latencies, failed) = (RefCell::new(Vec::with_capacity(self.requests)), Cell::new(0));
        clock.block_on(for_each_throttled(0..self.requests as u64, CLIENTS, async |number| {
            let start = clock.now();
            let answered = world.request(number).await;
            latencies.borrow_mut().push(clock.now().saturating_duration_since(start));
            failed.set(failed.get() + usize::from(!answered));
        }));
        let mut latencies = latencies.into_inner();
        latencies.sort_unstable();
        Run { latencies, failed: failed.get(), attempts: world.attempts.get(), hedged_after }
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Model { seed, requests } = self;
        write!(f, "seed {seed}: {requests} requests of {CLIENTS} clients to {SERVERS} servers, for each row")
    }
}

/// The servers of one run, and what they count.
struct World<'a> {
    clock: &'a ManualClock,
    /// Locked by the attempt that is being worked on; the others wait in their order.
    servers: Vec<Mutex<()>>,
    seed: u64,
    attempts: Cell<usize>,
    hedged_after: Option<Duration>,
}

impl World<'_> {
    /// One request; false if it has failed.
    async fn request(&self, number: u64) -> bool {
        let again = retry_on(self.clock, |again| {
            let attempt = move |side| self.attempt(number, u64::from(again.number + 1) << 8 | side);
            hedge_on(self.clock, move |hedge| attempt(u64::from(hedge.number)))
                .delay(self.hedged_after.unwrap_or(Duration::MAX))
                .max_attempts(if self.hedged_after.is_some() { 2 } else { 1 })
        });
        let backoff = Backoff::exponential(PAUSE);
        let again = again.max_attempts(ATTEMPTS).backoff_seeded(backoff, self.seed ^ number);
        matches!(timeout_on(self.clock, LIMIT, again).await, Ok(Ok(())))
    }

    /// One attempt, at a server by chance. Dropped, it leaves the server's queue, or frees the server.
    async fn attempt(&self, number: u64, which: u64) -> Result<(), Refused> {
        self.attempts.set(self.attempts.get() + 1);
        let mut rng = Rng::keyed(&[self.seed, number, which]);
        let server = &self.servers[rng.next() as usize % SERVERS];
        let _turn = server.lock().await;
        delay_on(self.clock, rng.latency()).await;
        if rng.unit() < FAILING_SHARE { Err(Refused) } else { Ok(()) }
    }
}

/// The server was out of order.
struct Refused;
