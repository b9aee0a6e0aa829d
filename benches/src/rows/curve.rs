//! What is drawn: the cost of an operation against a number, for us and the peers.

use super::a_fire::fire;
use super::a_token::among;
use super::a_wait::beside;
use super::b_many::{self, Broadcast, OurTask, SetOnce, consumed};
use super::c_all::{self, Buffered, Concurrency, JoinAll, joined};
use super::c_each::{self, Unordered, UnorderedBuffered, taken};
use super::signal::{Intrusive, Listener, Maitake, Ours, TokioUtil, Tree};
use crate::meter::Meter;
use std::hint::black_box;

/// Runs about so many operations at a number.
pub type At = fn(&mut Meter, usize, usize);

/// One picture.
#[derive(Debug)]
pub struct Curve {
    /// Its file's name.
    pub id: &'static str,
    /// What is done.
    pub title: &'static str,
    /// What the number counts.
    pub axis: &'static str,
    /// The largest number, and who does it.
    pub lines: &'static [(&'static str, usize, At)],
}

/// Where a picture is measured.
pub const SIZES: [usize; 9] = [1, 3, 10, 30, 100, 1_000, 3_000, 10_000, 100_000];

/// How many operations a point is made of, at least.
const OPERATIONS: usize = 2_000;

/// What a run at this size is asked for.
#[must_use]
pub fn operations(size: usize) -> usize {
    OPERATIONS.next_multiple_of(size)
}

const ALL: usize = 100_000;

/// Every picture.
pub static CURVES: &[Curve] = &[
    Curve {
        id: "waiters",
        title: "Register a waiter and drop it, beside others",
        axis: "other waiters",
        lines: &[
            ("taskcell", ALL, beside::<Ours>),
            ("tokio-util", ALL, beside::<TokioUtil>),
            ("event-listener", ALL, beside::<Listener>),
            ("futures-intrusive", ALL, beside::<Intrusive>),
            ("maitake", ALL, beside::<Maitake>),
        ],
    },
    Curve {
        id: "cancel",
        title: "Cancel, per waiter",
        axis: "waiters",
        lines: &[
            ("taskcell", ALL, fire::<Ours>),
            ("tokio-util", ALL, fire::<TokioUtil>),
            ("event-listener", ALL, fire::<Listener>),
            ("futures-intrusive", ALL, fire::<Intrusive>),
            ("maitake", ALL, fire::<Maitake>),
        ],
    },
    Curve {
        id: "siblings",
        title: "Make a child and drop it, beside its siblings",
        axis: "live siblings",
        lines: &[("taskcell", ALL, among::<Ours>), ("tokio-util", ALL, among::<TokioUtil>)],
    },
    Curve {
        id: "depth",
        title: "A chain of sources: make it, cancel its root, drop it; per source",
        axis: "depth",
        lines: &[("taskcell", ALL, chain::<Ours>), ("tokio-util", ALL, chain::<TokioUtil>)],
    },
    Curve {
        id: "fan",
        title: "A root and its children: make them, cancel the root, drop them; per child",
        axis: "children",
        lines: &[("taskcell", ALL, fan::<Ours>), ("tokio-util", ALL, fan::<TokioUtil>)],
    },
    Curve {
        id: "when_all",
        title: "Wait for all of many futures that are woken one by one, per future",
        axis: "children",
        lines: &[
            ("taskcell", ALL, each_woken::<c_all::Ours>),
            ("join_all", ALL, each_woken::<JoinAll>),
            ("futures-buffered", ALL, each_woken::<Buffered>),
            ("futures-concurrency", 3_000, each_woken::<Concurrency>),
        ],
    },
    Curve {
        id: "when_each",
        title: "Take the outputs of many futures as they come, per future",
        axis: "children",
        lines: &[
            ("taskcell", ALL, taken::<c_each::Ours>),
            ("FuturesUnordered", ALL, taken::<Unordered>),
            ("futures-buffered", ALL, taken::<UnorderedBuffered>),
            ("futures-concurrency", 1_000, taken::<c_each::Group>),
            ("select_all", 1_000, taken::<c_each::SelectLoop>),
        ],
    },
    Curve {
        id: "consumers",
        title: "Many consumers of one value: wait, complete, look, drop; per consumer",
        axis: "consumers",
        lines: &[
            ("taskcell", ALL, consumed::<OurTask>),
            ("SetOnce", ALL, consumed::<SetOnce>),
            ("futures-intrusive", ALL, consumed::<Broadcast>),
            ("Shared", ALL, consumed::<b_many::Shared>),
        ],
    },
];

/// Who draws a line of a picture.
#[must_use]
pub fn line(id: &str, who: &str) -> Option<At> {
    let curve = CURVES.iter().find(|curve| curve.id == id)?;
    curve.lines.iter().find(|(name, ..)| *name == who).map(|(.., at)| *at)
}

fn each_woken<A: c_all::All>(meter: &mut Meter, size: usize, n: usize) {
    joined::<A>(meter, size, false, n);
}

fn chain<S: Tree>(meter: &mut Meter, size: usize, n: usize) {
    whole::<S>(meter, size, n, |nodes: &[S::Node]| S::child(&S::parent(&nodes[nodes.len() - 1])));
}

fn fan<S: Tree>(meter: &mut Meter, size: usize, n: usize) {
    whole::<S>(meter, size, n, |nodes: &[S::Node]| S::child(&S::parent(&nodes[0])));
}

/// A root, and so many nodes that `next` makes.
fn whole<S: Tree>(meter: &mut Meter, size: usize, n: usize, next: impl Fn(&[S::Node]) -> S::Node) {
    let mut nodes: Vec<S::Node> = Vec::with_capacity(size + 1);
    let rounds = n / size;
    meter.start();
    for _ in 0..rounds {
        nodes.push(S::root());
        for _ in 0..size {
            let node = next(&nodes);
            nodes.push(node);
        }
        S::cancel(black_box(&nodes[0]));
        nodes.drain(..).for_each(drop);
    }
    meter.stop(rounds * size);
}
