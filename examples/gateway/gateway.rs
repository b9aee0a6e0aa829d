//! The gateway itself: accepts clients, reads their requests, and cancels the page of a client that leaves.

use crate::{
    calls::Calls,
    counts::{Counts, Tally},
    http::{self, Answer, NoRequest, Request},
    page::{self, Order},
    render,
    services::{CATALOGUE, NAMES, Source},
    stats::Stats,
};
use smol::{
    Task, future,
    lock::Semaphore,
    net::{TcpListener, TcpStream},
};
use std::{
    io,
    net::{Ipv4Addr, Shutdown, SocketAddr},
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};
use taskcell::{CancellationToken, SystemClock, delay, timeout, when_all_settled};

/// Clients that are served at one time; further ones wait in the listener's backlog.
const MAX_CLIENTS: usize = 64;
/// A client has this long to send its request.
const READ_LIMIT: Duration = Duration::from_secs(5);
/// A client has this long to take its answer.
const WRITE_LIMIT: Duration = Duration::from_secs(2);
/// A page takes no longer, even with one call after another; only a call that hears of no limit can bring it there.
const PAGE_LIMIT: Duration = Duration::from_secs(3);
/// A refused client has this long to stop sending.
const LINGER_LIMIT: Duration = Duration::from_millis(250);

/// The running gateway.
pub(crate) struct Gateway {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
    accepting: Task<Vec<Task<()>>>,
}

/// What the gateway's connections share.
struct State {
    sources: Vec<Source>,
    shutdown: CancellationToken,
    calls: Calls,
    tally: Tally,
}

impl Gateway {
    /// Listens on a free port of the loopback, until `shutdown` is cancelled.
    pub(crate) async fn start(sources: Vec<Source>, shutdown: CancellationToken, log: fn(&str)) -> io::Result<Gateway> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let tally = Tally::default();
        let calls = Calls::new(shutdown.clone(), tally.clone(), log);
        let state = Arc::new(State { sources, shutdown, calls, tally });
        let accepting = smol::spawn(accept(listener, state.clone()));
        Ok(Gateway { address, state, accepting })
    }

    /// Waits for the end that a cancelled `shutdown` brings: first of the accepting, then of the last page, then
    /// of the last call.
    pub(crate) async fn ended(self, say: &impl Fn(String)) -> Counts {
        let connections = self.accepting.await;
        say("no more clients are accepted".into());
        when_all_settled(connections).await;
        say(format!("all pages have ended, {} of them cancelled by this", self.state.tally.read().pages_shut_down));
        self.state.calls.ended().await;
        let counts = counts(&self.state);
        say(format!("the calls have ended: {}", counts.calls()));
        counts
    }
}

/// Accepts until the shutdown, closes the listener, and gives the connections that are still served.
async fn accept(listener: TcpListener, state: Arc<State>) -> Vec<Task<()>> {
    let slots = Arc::new(Semaphore::new(MAX_CLIENTS));
    let mut connections: Vec<Task<()>> = Vec::new();
    let next = async || {
        let slot = slots.acquire_arc().await;
        listener.accept().await.map(|(stream, _)| (stream, slot))
    };
    while let Some(accepted) = state.shutdown.run_until_cancelled(next()).await {
        connections.retain(|connection| !connection.is_finished());
        let Ok((stream, slot)) = accepted else {
            // Out of file descriptors, most likely: some connections have to end first.
            delay(Duration::from_millis(20)).await;
            continue;
        };
        let state = state.clone();
        connections.push(smol::spawn(async move {
            connection(stream, &state).await;
            drop(slot);
        }));
    }
    connections
}

/// Serves one client: one request, one answer.
async fn connection(mut stream: TcpStream, state: &State) {
    let read = state.shutdown.run_until_cancelled(http::read_request(&mut stream));
    let refusal = match timeout(READ_LIMIT, read).await {
        Ok(Some(Ok(request))) => {
            if let Some(answer) = answer(&request, &stream, state).await {
                write(&mut stream, &answer, request.method != "HEAD").await;
            }
            return;
        }
        Ok(Some(Err(NoRequest::Gone))) => return,
        Ok(Some(Err(NoRequest::Refused(answer)))) => answer,
        Ok(None) => Answer::text(503, "the gateway is shutting down"),
        Err(_elapsed) => Answer::text(408, format_args!("no request within {} s", READ_LIMIT.as_secs())),
    };
    state.tally.count(|counts| counts.refused += 1);
    write(&mut stream, &refusal, true).await;
    // Closing while the client still sends would reset the connection, and the client might never see the refusal.
    _ = stream.shutdown(Shutdown::Write);
    _ = timeout(LINGER_LIMIT, state.shutdown.run_until_cancelled(http::gone(stream))).await;
}

/// Writes the answer, unless the client is too slow in taking it or gone: then there is nobody to tell.
async fn write(stream: &mut TcpStream, answer: &Answer, body: bool) {
    _ = timeout(WRITE_LIMIT, http::write_answer(stream, answer, body)).await;
}

/// The answer to a request, or `None` if the client did not wait for it.
async fn answer(request: &Request, client: &TcpStream, state: &State) -> Option<Answer> {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET" | "HEAD", "/") => Some(render::index()),
        ("GET" | "HEAD", "/stats") if request.has("json") => Some(stats(state).json()),
        ("GET" | "HEAD", "/stats") => Some(stats(state).html()),
        ("GET" | "HEAD", _) => match order(request) {
            Ok(order) => page(&order, client, state).await,
            Err(refusal) => Some(refusal),
        },
        _ => Some(Answer::text(405, "only GET and HEAD are served")),
    }
}

/// What a request for a page orders.
fn order(request: &Request) -> Result<Order, Answer> {
    let product = request.path.strip_prefix("/product/").and_then(|number| number.parse().ok());
    let Some(product) = product.filter(|&product| product < CATALOGUE) else {
        return Err(Answer::text(404, format_args!("there is no {}", request.path)));
    };
    let names = |key| request.query(key).map(str::to_owned).collect();
    let [fail, slow, stuck]: [Vec<String>; 3] = ["fail", "slow", "stuck"].map(names);
    if let Some(name) = fail.iter().chain(&slow).chain(&stuck).find(|name| !NAMES.contains(&name.as_str())) {
        return Err(Answer::text(400, format_args!("there is no service '{name}'")));
    }
    Ok(Order { product, sequential: request.has("sequential"), json: request.has("json"), fail, slow, stuck })
}

/// Builds the page under a token of its own, which is cancelled when the client leaves or the time is up.
async fn page(order: &Order, client: &TcpStream, state: &State) -> Option<Answer> {
    let source = state.shutdown.child();
    source.cancel_after(PAGE_LIMIT);
    let token = source.token();
    let watch = async {
        http::gone(client.clone()).await;
        source.cancel();
        future::pending().await
    };
    let page = future::or(page::build(&state.calls, &state.sources, order, &token), watch).await;

    // A page is not served in two cases: the shutdown reached its token, or `watch` cancelled it.
    let cancelled = token.reason().filter(|reason| !reason.is_deadline());
    let shut_down = cancelled.map(|reason| reason.is_inherited());
    state.tally.count(|counts| counts.page(&page, shut_down));
    match shut_down {
        None if order.json => Some(render::json(&page)),
        None => Some(render::html(&page)),
        Some(true) => Some(Answer::text(503, "the gateway is shutting down")),
        Some(false) => None,
    }
}

/// What `/stats` shows.
fn stats(state: &State) -> Stats {
    let closed_early = state.sources.iter().map(|source| source.closed_early.load(Relaxed)).sum();
    Stats {
        counts: Counts { closed_early, ..counts(state) },
        listeners: state.shutdown.listeners(),
        armed: SystemClock::armed(),
        cache: state.calls.statistics(),
        services: state.calls.health().collect(),
    }
}

fn counts(state: &State) -> Counts {
    let cache = state.calls.statistics();
    let shared = cache.hits + cache.misses.saturating_sub(cache.loads);
    Counts { parts_shared: usize::try_from(shared).unwrap_or(usize::MAX), ..state.tally.read() }
}
