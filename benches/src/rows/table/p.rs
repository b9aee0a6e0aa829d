//! The machine's own steps.

use super::super::physics;
use super::Row;

/// In the order of `bars.toml`.
pub(super) static P: &[Row] = &[
    Row { id: "P.load", n: 10_000, ours: None, peers: &[("std", physics::load)] },
    Row { id: "P.rmw", n: 10_000, ours: None, peers: &[("std", physics::add)] },
    Row { id: "P.heap", n: 10_000, ours: None, peers: &[("std", physics::heap)] },
    Row { id: "P.arc", n: 10_000, ours: None, peers: &[("std", physics::arc)] },
    Row { id: "P.arc-clone", n: 10_000, ours: None, peers: &[("std", physics::arc_clone)] },
    Row { id: "P.mutex", n: 10_000, ours: None, peers: &[("std", physics::mutex)] },
    Row { id: "P.waker", n: 10_000, ours: None, peers: &[("std", physics::waker)] },
    Row { id: "P.waker-arc", n: 10_000, ours: None, peers: &[("std", physics::waker_arc)] },
    Row { id: "P.clock", n: 10_000, ours: None, peers: &[("std", physics::clock)] },
];
