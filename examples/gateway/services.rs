//! The four services behind the gateway: HTTP/1.1 on loopback, slow now and then, failing now and then.
//!
//! They stand for other people's machines, so they use smol only, and end when their callers are gone.

use crate::{
    http::{self, Answer, NoRequest, Request},
    tail::{self, Rng},
};
use smol::{
    Task, Timer,
    channel::{Receiver, Sender},
    future,
    net::{TcpListener, TcpStream},
};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

/// The parts of a product page, one service each.
pub(crate) const NAMES: [&str; 4] = ["products", "stock", "reviews", "recommendations"];
/// Products have numbers below this.
pub(crate) const CATALOGUE: usize = 1000;
/// The part of the calls that is answered with 503.
const FAILING_SHARE: f64 = 0.01;
/// An answer that nobody will wait for takes this long.
const STUCK: Duration = Duration::from_secs(60);
/// A caller has this long to send its request.
const READ_LIMIT: Duration = Duration::from_secs(2);

/// Where a service is, and what it has seen.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    /// Requests.
    pub(crate) received: Arc<AtomicUsize>,
    /// Callers that closed their connection before they had an answer.
    pub(crate) closed_early: Arc<AtomicUsize>,
}

/// One running service.
pub(crate) struct Service {
    pub(crate) source: Source,
    stop: Sender<()>,
    accepting: Task<()>,
}

/// What the calls of one service share.
struct State {
    index: usize,
    seed: u64,
    /// How often each product was asked for: the n-th call for a product has the same latency in every run.
    asked: Vec<AtomicU64>,
    received: Arc<AtomicUsize>,
    closed_early: Arc<AtomicUsize>,
}

impl Service {
    /// Starts the service with this index in [`NAMES`].
    pub(crate) async fn start(index: usize, seed: u64) -> io::Result<Service> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let asked = (0..CATALOGUE).map(|_| AtomicU64::new(0)).collect();
        let source = Source { name: NAMES[index], address, received: Arc::default(), closed_early: Arc::default() };
        let (received, closed_early) = (source.received.clone(), source.closed_early.clone());
        let state = Arc::new(State { index, seed, asked, received, closed_early });
        let (stop, stopped) = smol::channel::bounded(1);
        let accepting = smol::spawn(accept(listener, state, stopped));
        Ok(Service { source, stop, accepting })
    }

    /// Accepts no more calls, and waits until all have ended.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        self.accepting.await;
    }
}

async fn accept(listener: TcpListener, state: Arc<State>, stopped: Receiver<()>) {
    let mut calls: Vec<Task<()>> = Vec::new();
    let next = async || Some(listener.accept().await);
    let stop = async || {
        _ = stopped.recv().await;
        None
    };
    while let Some(accepted) = future::or(stop(), next()).await {
        calls.retain(|call| !call.is_finished());
        match accepted {
            Ok((stream, _)) => calls.push(smol::spawn(call(stream, state.clone()))),
            // Out of file descriptors, most likely: some calls have to end first.
            Err(_) => _ = Timer::after(Duration::from_millis(20)).await,
        }
    }
    for call in calls {
        call.await;
    }
}

/// Serves one connection, which is one call.
async fn call(mut stream: TcpStream, state: Arc<State>) {
    let late = async {
        Timer::after(READ_LIMIT).await;
        Err(NoRequest::Gone)
    };
    let answer = match future::or(http::read_request(&mut stream), late).await {
        Err(NoRequest::Gone) => return,
        Err(NoRequest::Refused(answer)) => answer,
        Ok(request) => {
            state.received.fetch_add(1, Relaxed);
            let (latency, answer) = draw(&state, &request);
            let worked = async {
                Timer::after(latency).await;
                true
            };
            let left = async {
                http::gone(stream.clone()).await;
                false
            };
            if !future::or(worked, left).await {
                state.closed_early.fetch_add(1, Relaxed);
                return;
            }
            answer
        }
    };
    _ = http::write_answer(&mut stream, &answer, true).await;
}

/// How long this request takes, and what it is answered.
fn draw(state: &State, request: &Request) -> (Duration, Answer) {
    let product = request.path.rsplit('/').next().and_then(|last| last.parse::<usize>().ok());
    let Some((product, asked)) = product.and_then(|product| Some((product, state.asked.get(product)?))) else {
        return (Duration::ZERO, Answer::text(404, "no such product"));
    };
    let nth = asked.fetch_add(1, Relaxed);
    let mut rng = Rng::keyed(&[state.seed, state.index as u64, product as u64, nth]);
    let latency = match () {
        () if request.has("stuck") => STUCK,
        () if request.has("slow") => tail::slowest(),
        () => rng.latency(),
    };
    if rng.unit() < FAILING_SHARE || request.has("fail") {
        return (latency, Answer::text(503, "out of order"));
    }
    (latency, Answer::text(200, content(state.index, product)))
}

/// What a service says about a product.
fn content(index: usize, product: usize) -> String {
    let mut rng = Rng::keyed(&[index as u64, product as u64]);
    let mut pick = |n: u64| rng.next() % n;
    match NAMES[index] {
        "products" => {
            let thing = ["Lamp", "Chair", "Kettle", "Bicycle", "Atlas"][pick(5) as usize];
            format!("{thing} No. {product}, {}.{:02} EUR", 5 + pick(200), pick(100))
        }
        "stock" => format!("{} in stock, {} on their way", pick(50), pick(20)),
        "reviews" => format!("{}.{} of 5 stars from {} buyers", 1 + pick(4), pick(10), 1 + pick(900)),
        _ => format!("others also bought products {}, {} and {}", pick(1000), pick(1000), pick(1000)),
    }
}
