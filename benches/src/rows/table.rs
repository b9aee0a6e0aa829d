//! Ids to bodies, and how many operations a run holds.

use super::signal::{Intrusive, Listener, Ours, Stop, TokioUtil};
use super::{
    a_bytes::*, a_fire::*, a_token::*, a_tree::*, a_wait::*, b_many::*, b_one::*, b_then::*, c_all::*, c_any::*,
    c_hot::*, c_retry::*, c_throttle::*, d_cache::*, d_channel::*,
};
use super::{c_all, c_each, c_each::*, c_throttle, e_timer, e_timer::*, physics};
use crate::meter::Meter;
use std::future::Ready;

/// Does what is to be measured so many times.
pub type Body = fn(&mut Meter, usize);

/// One row: an id, and who can run it.
#[derive(Debug)]
pub struct Row {
    /// As in `bars.toml`, or a part of a row that the driver takes the worst of (`A8.drop/...`).
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
const JOIN: &str = "join_all";
const SELECT: &str = "select_all";
const BACKON: &str = "backon";
const BUFFERED: &str = "futures-buffered";
const UNORDERED: &str = "FuturesUnordered";
const QUICK: &str = "quick_cache";
const MAP: &str = "Mutex<HashMap>";
const TIME: &str = "tokio";
const ONESHOT: &str = "oneshot";
const FUTURES: &str = "futures";
const SET_ONCE: &str = "SetOnce";
const ASYNC_CHANNEL: &str = "async-channel";
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
pub static ROWS: &[Row] = &[
    Row { id: "P.load", n: 10_000, ours: None, peers: &[("std", physics::load)] },
    Row { id: "P.rmw", n: 10_000, ours: None, peers: &[("std", physics::add)] },
    Row { id: "P.heap", n: 10_000, ours: None, peers: &[("std", physics::heap)] },
    Row { id: "P.arc", n: 10_000, ours: None, peers: &[("std", physics::arc)] },
    Row { id: "P.arc-clone", n: 10_000, ours: None, peers: &[("std", physics::arc_clone)] },
    Row { id: "P.mutex", n: 10_000, ours: None, peers: &[("std", physics::mutex)] },
    Row { id: "P.waker", n: 10_000, ours: None, peers: &[("std", physics::waker)] },
    Row { id: "P.waker-arc", n: 10_000, ours: None, peers: &[("std", physics::waker_arc)] },
    Row { id: "P.clock", n: 10_000, ours: None, peers: &[("std", physics::clock)] },
    row("A1", 10_000, a1_ours, &[(TOKIO, a1_tokio_util), (STOP, a1_stop_token)]),
    row("A2", 10_000, a2_ours, &[(TOKIO, a2_tokio_util), (STOP, a2_stop_token)]),
    row("A3", 10_000, a3::<Ours>, &[(TOKIO, a3::<TokioUtil>), (STOP, a3::<Stop>)]),
    row("A3m", 1_000, a3m::<Ours>, &[(TOKIO, a3m::<TokioUtil>), (STOP, a3m::<Stop>)]),
    row("A4.0", 10_000, a4::<Ours, 0>, &[(TOKIO, a4::<TokioUtil, 0>)]),
    row("A4.10", 10_000, a4::<Ours, 10>, &[(TOKIO, a4::<TokioUtil, 10>)]),
    row("A4.1000", 10_000, a4::<Ours, 1_000>, &[(TOKIO, a4::<TokioUtil, 1_000>)]),
    row("A4r", 10_000, a4r_ours, &[(TOKIO, a4r_tokio_util)]),
    row(
        "A5.0",
        10_000,
        a5::<Ours, 0>,
        &[
            (INTRUSIVE, a5::<Intrusive, 0>),
            (TOKIO, a5::<TokioUtil, 0>),
            (LISTENER, a5::<Listener, 0>),
            (STOP, a5::<Stop, 0>),
        ],
    ),
    row(
        "A5.10",
        10_000,
        a5::<Ours, 10>,
        &[(INTRUSIVE, a5::<Intrusive, 10>), (TOKIO, a5::<TokioUtil, 10>), (LISTENER, a5::<Listener, 10>)],
    ),
    row(
        "A5.1000",
        10_000,
        a5::<Ours, 1_000>,
        &[(INTRUSIVE, a5::<Intrusive, 1_000>), (TOKIO, a5::<TokioUtil, 1_000>), (LISTENER, a5::<Listener, 1_000>)],
    ),
    row(
        "A5.100000",
        10_000,
        a5::<Ours, 100_000>,
        &[
            (INTRUSIVE, a5::<Intrusive, 100_000>),
            (TOKIO, a5::<TokioUtil, 100_000>),
            (LISTENER, a5::<Listener, 100_000>),
        ],
    ),
    row("A5x", 20_000, a5x::<Ours>, &[(INTRUSIVE, a5x::<Intrusive>), (TOKIO, a5x::<TokioUtil>)]),
    row(
        "A5p",
        10_000,
        a5p::<Ours>,
        &[(INTRUSIVE, a5p::<Intrusive>), (TOKIO, a5p::<TokioUtil>), (LISTENER, a5p::<Listener>)],
    ),
    row("A5r.0", 10_000, a5r::<0>, &[]),
    row("A5r.10", 10_000, a5r::<10>, &[]),
    row(
        "A7.1",
        10_000,
        a7::<Ours, 1>,
        &[
            (INTRUSIVE, a7::<Intrusive, 1>),
            (LISTENER, a7::<Listener, 1>),
            (STOP, a7::<Stop, 1>),
            (TOKIO, a7::<TokioUtil, 1>),
        ],
    ),
    row(
        "A7.10",
        10_000,
        a7::<Ours, 10>,
        &[
            (INTRUSIVE, a7::<Intrusive, 10>),
            (LISTENER, a7::<Listener, 10>),
            (STOP, a7::<Stop, 10>),
            (TOKIO, a7::<TokioUtil, 10>),
        ],
    ),
    row(
        "A7.1000",
        50_000,
        a7::<Ours, 1_000>,
        &[
            (INTRUSIVE, a7::<Intrusive, 1_000>),
            (LISTENER, a7::<Listener, 1_000>),
            (STOP, a7::<Stop, 1_000>),
            (TOKIO, a7::<TokioUtil, 1_000>),
        ],
    ),
    row(
        "A7.100000",
        100_000,
        a7::<Ours, 100_000>,
        &[
            (INTRUSIVE, a7::<Intrusive, 100_000>),
            (LISTENER, a7::<Listener, 100_000>),
            (TOKIO, a7::<TokioUtil, 100_000>),
        ],
    ),
    row("A7c.1000", 50_000, a7c, &[]),
    row("A7f", 50_000, a7f::<Ours>, &[(INTRUSIVE, a7f::<Intrusive>), (TOKIO, a7f::<TokioUtil>)]),
    row("A8.create", 1, a8_create::<Ours>, &[(TOKIO, a8_create::<TokioUtil>)]),
    row("A8.cancel", 1, a8_cancel::<Ours>, &[(TOKIO, a8_cancel::<TokioUtil>)]),
    row("A8.drop", 1, a8_drop::<Ours, false, true>, &[(TOKIO, a8_drop::<TokioUtil, false, true>)]),
    row("A8.drop/leaves-first", 1, a8_drop::<Ours, false, false>, &[(TOKIO, a8_drop::<TokioUtil, false, false>)]),
    row("A8.drop/cancelled", 1, a8_drop::<Ours, true, true>, &[(TOKIO, a8_drop::<TokioUtil, true, true>)]),
    row("A8w", 1, a8w::<Ours>, &[(TOKIO, a8w::<TokioUtil>)]),
    row("A9.create", 1, a9_create::<Ours>, &[(TOKIO, a9_create::<TokioUtil>)]),
    row("A9.cancel", 1, a9_cancel::<Ours>, &[(TOKIO, a9_cancel::<TokioUtil>)]),
    row("A9.drop", 1, a9_drop::<Ours, true>, &[(TOKIO, a9_drop::<TokioUtil, true>)]),
    row("A9.drop/leaf-first", 1, a9_drop::<Ours, false>, &[(TOKIO, a9_drop::<TokioUtil, false>)]),
    row("A10", 10_000, a10::<Ours>, &[(TOKIO, a10::<TokioUtil>)]),
    row("A11", 1, a11::<Ours>, &[(LISTENER, a11::<Listener>)]),
    row("A11f", 1, a11f::<Ours>, &[(TOKIO, a11f::<TokioUtil>), (INTRUSIVE, a11f::<Intrusive>)]),
    row("A13", 1_000, a13::<Ours>, &[(TOKIO, a13::<TokioUtil>)]),
    row(
        "B1",
        10_000,
        b1::<OurCell>,
        &[(ONESHOT, b1::<Oneshot>), (TIME, b1::<TokioOneshot>), (FUTURES, b1::<FuturesOneshot>)],
    ),
    row(
        "B2",
        10_000,
        b2::<OurCell>,
        &[(ONESHOT, b2::<Oneshot>), (TIME, b2::<TokioOneshot>), (FUTURES, b2::<FuturesOneshot>)],
    ),
    row(
        "B2d",
        10_000,
        b2d::<OurCell>,
        &[(ONESHOT, b2d::<Oneshot>), (TIME, b2d::<TokioOneshot>), (FUTURES, b2d::<FuturesOneshot>)],
    ),
    row("B4.1", 10_000, b4::<OurTask, 1>, &[(INTRUSIVE, b4::<Broadcast, 1>), (SET_ONCE, b4::<SetOnce, 1>)]),
    row("B4.10", 10_000, b4::<OurTask, 10>, &[(INTRUSIVE, b4::<Broadcast, 10>), (SET_ONCE, b4::<SetOnce, 10>)]),
    row(
        "B4.1000",
        50_000,
        b4::<OurTask, 1_000>,
        &[(INTRUSIVE, b4::<Broadcast, 1_000>), (SET_ONCE, b4::<SetOnce, 1_000>)],
    ),
    row("B4r", 10_000, b4r::<OurTask>, &[(INTRUSIVE, b4r::<Broadcast>), (SET_ONCE, b4r::<SetOnce>)]),
    row(
        "B5",
        1_000,
        b5::<OurCell>,
        &[(ONESHOT, b5::<Oneshot>), (TIME, b5::<TokioOneshot>), (FUTURES, b5::<FuturesOneshot>)],
    ),
    row("B6.settled", 10_000, b6_settled, &[]),
    row("B6.pending", 10_000, b6_pending, &[]),
    row("B7", 1_000_000, b7, &[]),
    row(
        "C1.10",
        10_000,
        c1::<c_all::Ours, 10, false>,
        &[(BUFFERED, c1::<Buffered, 10, false>), (JOIN, c1::<JoinAll, 10, false>)],
    ),
    row(
        "C1.1000",
        10_000,
        c1::<c_all::Ours, 1_000, false>,
        &[(BUFFERED, c1::<Buffered, 1_000, false>), (JOIN, c1::<JoinAll, 1_000, false>)],
    ),
    row(
        "C1.100000",
        100_000,
        c1::<c_all::Ours, 100_000, false>,
        &[(BUFFERED, c1::<Buffered, 100_000, false>), (JOIN, c1::<JoinAll, 100_000, false>)],
    ),
    row(
        "C1b.10",
        10_000,
        c1::<c_all::Ours, 10, true>,
        &[(BUFFERED, c1::<Buffered, 10, true>), (JOIN, c1::<JoinAll, 10, true>)],
    ),
    row(
        "C1b.1000",
        10_000,
        c1::<c_all::Ours, 1_000, true>,
        &[(BUFFERED, c1::<Buffered, 1_000, true>), (JOIN, c1::<JoinAll, 1_000, true>)],
    ),
    row(
        "C1b.100000",
        100_000,
        c1::<c_all::Ours, 100_000, true>,
        &[(BUFFERED, c1::<Buffered, 100_000, true>), (JOIN, c1::<JoinAll, 100_000, true>)],
    ),
    row("C1.1000/results", 10_000, c1::<c_all::Results, 1_000, false>, &[]),
    row("C1h", 10_000, c1h, &[]),
    row("C1h.polls", 1, c1h_polls, &[]),
    row(
        "C2.1000",
        10_000,
        c2::<c_each::Ours, 1_000>,
        &[(BUFFERED, c2::<UnorderedBuffered, 1_000>), (UNORDERED, c2::<Unordered, 1_000>)],
    ),
    row(
        "C2.10000",
        100_000,
        c2::<c_each::Ours, 10_000>,
        &[(BUFFERED, c2::<UnorderedBuffered, 10_000>), (UNORDERED, c2::<Unordered, 10_000>)],
    ),
    row("C2.10000/push", 100_000, c2_push::<10_000>, &[]),
    row(
        "C3.ready",
        10_000,
        c3::<c_throttle::Ours, Ready<usize>>,
        &[(BUFFERED, c3::<BufferedUnordered, Ready<usize>>), (FUTURES, c3::<BufferUnordered, Ready<usize>>)],
    ),
    row(
        "C3.yield",
        10_000,
        c3::<c_throttle::Ours, YieldOnce>,
        &[(BUFFERED, c3::<BufferedUnordered, YieldOnce>), (FUTURES, c3::<BufferUnordered, YieldOnce>)],
    ),
    row("C4", 10_000, c4_ours, &[(BACKON, c4_backon)]),
    row("C2h", 10_000, c2h, &[]),
    row("C2h/one-by-one", 10_000, c2h_single, &[]),
    row("C5", 1_000_000, c5::<Ours>, &[(SELECT, c5::<SelectAll>)]),
    row("C5.live", 1_000_000, c5_live::<Ours>, &[(SELECT, c5_live::<SelectAll>)]),
    row("C5h", 100_000, c5h, &[]),
    row("C5h/pending", 100_000, c5h_pending, &[]),
    row("D2", 10_000, d2_ours, &[(QUICK, d2_quick), (MAP, d2_map)]),
    row("D2/limited", 10_000, d2_ours_limited, &[]),
    row("D2t", 10_000, d2t_ours, &[]),
    row("D2m", 10_000, d2m_ours, &[(QUICK, d2m_quick), (MAP, d2m_map)]),
    row("D2f", 100_000, d2f_ours, &[(QUICK, d2f_quick)]),
    row("D1", 100_000, d1::<OurChannel>, &[(ASYNC_CHANNEL, d1::<AsyncChannel>), (MPSC, d1::<TokioMpsc>)]),
    row("D1w", 100_000, d1w::<OurChannel>, &[(ASYNC_CHANNEL, d1w::<AsyncChannel>), (MPSC, d1w::<TokioMpsc>)]),
    row(
        "E1.0",
        10_000,
        e1::<e_timer::Ours, 0>,
        &[(TIME, e1::<Tokio, 0>), (TIMER, e1::<FuturesTimer, 0>), (ASYNC_IO, e1::<AsyncIo, 0>)],
    ),
    row(
        "E1.10000",
        10_000,
        e1::<e_timer::Ours, 10_000>,
        &[(TIME, e1::<Tokio, 10_000>), (TIMER, e1::<FuturesTimer, 10_000>), (ASYNC_IO, e1::<AsyncIo, 10_000>)],
    ),
    row("E2", 1_000_000, e2::<e_timer::Ours>, &[(TIME, e2::<Tokio>)]),
    row("E2d", 1_000_000, e2d::<e_timer::Ours>, &[(TIME, e2d::<Tokio>)]),
    row(
        "E3",
        10_000,
        e3::<e_timer::Ours>,
        &[(TIME, e3::<Tokio>), (ASYNC_IO, e3::<AsyncIo>), (TIMER, e3::<FuturesTimer>)],
    ),
    row("E4", 10_000, e4, &[]),
];

/// The body of a row, for "ours" or a peer.
#[must_use]
pub fn body(id: &str, who: &str) -> Option<Body> {
    let row = ROWS.iter().find(|row| row.id == id)?;
    if who == "ours" { row.ours } else { row.peers.iter().find(|(name, _)| *name == who).map(|(_, body)| *body) }
}
