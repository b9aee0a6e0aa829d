//! Section C, combinators.

use super::super::signal::Ours;
use super::super::{c_all, c_all::*, c_any::*, c_each, c_each::*, c_hot::*, c_retry::*, c_throttle, c_throttle::*};
use super::*;
use std::future::Ready;

/// In the order of `bars.toml`.
pub(super) static C: &[Row] = &[
    row(
        "C1.10",
        10_000,
        c1::<c_all::Ours, 10, false>,
        &[
            (BUFFERED, c1::<Buffered, 10, false>),
            (JOIN, c1::<JoinAll, 10, false>),
            (CONCURRENCY, c1::<Concurrency, 10, false>),
        ],
    ),
    row(
        "C1.1000",
        10_000,
        c1::<c_all::Ours, 1_000, false>,
        &[
            (BUFFERED, c1::<Buffered, 1_000, false>),
            (JOIN, c1::<JoinAll, 1_000, false>),
            (CONCURRENCY, c1::<Concurrency, 1_000, false>),
        ],
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
        &[
            (BUFFERED, c1::<Buffered, 10, true>),
            (JOIN, c1::<JoinAll, 10, true>),
            (CONCURRENCY, c1::<Concurrency, 10, true>),
        ],
    ),
    row(
        "C1b.1000",
        10_000,
        c1::<c_all::Ours, 1_000, true>,
        &[
            (BUFFERED, c1::<Buffered, 1_000, true>),
            (JOIN, c1::<JoinAll, 1_000, true>),
            (CONCURRENCY, c1::<Concurrency, 1_000, true>),
        ],
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
        &[
            (BUFFERED, c2::<UnorderedBuffered, 1_000>),
            (UNORDERED, c2::<Unordered, 1_000>),
            (SELECT, c2::<SelectLoop, 1_000>),
            (CONCURRENCY, c2::<Group, 1_000>),
        ],
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
        &[
            (BUFFERED, c3::<BufferedUnordered, Ready<usize>>),
            (FUTURES, c3::<BufferUnordered, Ready<usize>>),
            (CONCURRENCY, c3_co::<Ready<usize>>),
        ],
    ),
    row(
        "C3.yield",
        10_000,
        c3::<c_throttle::Ours, YieldOnce>,
        &[
            (BUFFERED, c3::<BufferedUnordered, YieldOnce>),
            (FUTURES, c3::<BufferUnordered, YieldOnce>),
            (CONCURRENCY, c3_co::<YieldOnce>),
        ],
    ),
    row("C4", 10_000, c4_ours, &[(BACKON, c4_backon)]),
    row("C2h", 10_000, c2h, &[]),
    row("C2h/one-by-one", 10_000, c2h_single, &[]),
    row("C5", 1_000_000, c5::<Ours>, &[(SELECT, c5::<SelectAll>)]),
    row("C5.live", 1_000_000, c5_live::<Ours>, &[(SELECT, c5_live::<SelectAll>)]),
    row("C5h", 100_000, c5h, &[]),
    row("C5h/pending", 100_000, c5h_pending, &[]),
];
