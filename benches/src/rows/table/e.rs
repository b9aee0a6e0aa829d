//! Section E, timers.

use super::super::{e_timer, e_timer::*};
use super::*;

/// In the order of `bars.toml`.
pub(super) static E: &[Row] = &[
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
    row(
        "E2",
        1_000_000,
        e2::<e_timer::Ours>,
        &[(TIME, e2::<Tokio>), (TIMER, e2::<FuturesTimer>), (ASYNC_IO, e2::<AsyncIo>)],
    ),
    row(
        "E2d",
        1_000_000,
        e2d::<e_timer::Ours>,
        &[(TIME, e2d::<Tokio>), (TIMER, e2d::<FuturesTimer>), (ASYNC_IO, e2d::<AsyncIo>)],
    ),
    row(
        "E3",
        10_000,
        e3::<e_timer::Ours>,
        &[(TIME, e3::<Tokio>), (ASYNC_IO, e3::<AsyncIo>), (TIMER, e3::<FuturesTimer>)],
    ),
    row("E4", 10_000, e4, &[]),
];
