//! Ids to bodies, and how many operations a run holds: a file for each section.

mod a;
mod b;
mod c;
mod d;
mod e;
mod p;

use crate::meter::Meter;

/// Does what is to be measured so many times.
pub type Body = fn(&mut Meter, usize);

/// One row: an id, and who can run it.
#[derive(Debug)]
pub struct Row {
    /// As in `bars.toml`, or a part of a row that no bar speaks of (`A8.drop/...`).
    pub id: &'static str,
    /// Operations a run.
    pub n: usize,
    /// Ours; the physics have none.
    pub ours: Option<Body>,
    /// The others.
    pub peers: &'static [(&'static str, Body)],
}

const fn row(id: &'static str, n: usize, ours: Body, peers: &'static [(&'static str, Body)]) -> Row {
    Row { id, n, ours: Some(ours), peers }
}

const TOKIO: &str = "tokio-util";
const INTRUSIVE: &str = "futures-intrusive";
const LISTENER: &str = "event-listener";
const STOP: &str = "stop-token";
const MAITAKE: &str = "maitake";
const CONCURRENCY: &str = "futures-concurrency";
const JOIN: &str = "join_all";
const SELECT: &str = "select_all";
const BACKON: &str = "backon";
const BUFFERED: &str = "futures-buffered";
const UNORDERED: &str = "FuturesUnordered";
const MOKA: &str = "moka";
const QUICK: &str = "quick_cache";
const MAP: &str = "Mutex<HashMap>";
const TIME: &str = "tokio";
const ONESHOT: &str = "oneshot";
const FUTURES: &str = "futures";
const ASYNC_ONESHOT: &str = "async-oneshot";
const SHARED: &str = "Shared";
const ONCE_CELL: &str = "OnceCell";
const SET_ONCE: &str = "SetOnce";
const ASYNC_CHANNEL: &str = "async-channel";
const KANAL: &str = "kanal";
const FLUME: &str = "flume";
const MPSC: &str = "tokio mpsc";
const ASYNC_IO: &str = "async-io";
const TIMER: &str = "futures-timer";

/// Ids of `bars.toml` that look at another row's run: allocations, or read-modify-writes.
pub const ALIASES: &[(&str, &str)] = &[
    ("A3.allocs", "A3"),
    ("A4.allocs", "A4.1000"),
    ("A5.allocs", "A5.100000"),
    ("A5r.allocs", "A5r.10"),
    ("A9.cancel.allocs", "A9.cancel"),
    ("A13.allocs", "A13"),
    ("B1.allocs", "B1"),
    ("C1.allocs", "C1.1000"),
    ("A1.rmw", "A1"),
    ("A2.rmw", "A2"),
    ("A3.rmw", "A3"),
    ("A4.rmw", "A4.1000"),
    ("A4r.rmw", "A4r"),
    ("A5.rmw", "A5.1000"),
    ("A5p.rmw", "A5p"),
    ("A7.rmw", "A7.1000"),
    ("A8.cancel.rmw", "A8.cancel"),
    ("A9.cancel.rmw", "A9.cancel"),
    ("A9.drop.rmw", "A9.drop"),
    ("B1.rmw", "B1"),
    ("B2.rmw", "B2"),
    ("B4.rmw", "B4.1000"),
    ("B4r.rmw", "B4r"),
    ("C3.allocs", "C3.ready"),
    ("C3.rmw", "C3.ready"),
    ("C3y.rmw", "C3.yield"),
    ("C1.rmw", "C1.1000"),
    ("C1b.rmw", "C1b.1000"),
];

/// Every row that is built.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    [p::P, a::A, b::B, c::C, d::D, e::E].into_iter().flatten()
}

/// The body of a row, for "ours" or a peer.
#[must_use]
pub fn body(id: &str, who: &str) -> Option<Body> {
    let row = rows().find(|row| row.id == id)?;
    if who == "ours" { row.ours } else { row.peers.iter().find(|(name, _)| *name == who).map(|(_, body)| *body) }
}
