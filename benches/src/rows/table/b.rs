//! Section B, completion cells.

use super::super::{b_many::*, b_one::*, b_then::*};
use super::*;

/// In the order of `bars.toml`.
pub(super) static B: &[Row] = &[
    row(
        "B1",
        10_000,
        b1::<OurCell>,
        &[
            (ONESHOT, b1::<Oneshot>),
            (ASYNC_ONESHOT, b1::<AsyncOneshot>),
            (SET_ONCE, b1::<ArcSetOnce>),
            (TIME, b1::<TokioOneshot>),
            (FUTURES, b1::<FuturesOneshot>),
        ],
    ),
    row(
        "B2",
        10_000,
        b2::<OurCell>,
        &[
            (ONESHOT, b2::<Oneshot>),
            (ASYNC_ONESHOT, b2::<AsyncOneshot>),
            (SET_ONCE, b2::<ArcSetOnce>),
            (TIME, b2::<TokioOneshot>),
            (FUTURES, b2::<FuturesOneshot>),
        ],
    ),
    row(
        "B2d",
        10_000,
        b2d::<OurCell>,
        &[
            (ONESHOT, b2d::<Oneshot>),
            (ASYNC_ONESHOT, b2d::<AsyncOneshot>),
            (SET_ONCE, b2d::<ArcSetOnce>),
            (TIME, b2d::<TokioOneshot>),
            (FUTURES, b2d::<FuturesOneshot>),
        ],
    ),
    row(
        "B4.1",
        10_000,
        b4::<OurTask, 1>,
        &[(INTRUSIVE, b4::<Broadcast, 1>), (SET_ONCE, b4::<SetOnce, 1>), (SHARED, b4::<Shared, 1>)],
    ),
    row(
        "B4.10",
        10_000,
        b4::<OurTask, 10>,
        &[(INTRUSIVE, b4::<Broadcast, 10>), (SET_ONCE, b4::<SetOnce, 10>), (SHARED, b4::<Shared, 10>)],
    ),
    row(
        "B4.1000",
        50_000,
        b4::<OurTask, 1_000>,
        &[(INTRUSIVE, b4::<Broadcast, 1_000>), (SET_ONCE, b4::<SetOnce, 1_000>), (SHARED, b4::<Shared, 1_000>)],
    ),
    row(
        "B4r",
        10_000,
        b4r::<OurTask>,
        &[
            (INTRUSIVE, b4r::<Broadcast>),
            (SET_ONCE, b4r::<SetOnce>),
            (SHARED, b4r::<Shared>),
            (ONCE_CELL, b4r_once_cell),
        ],
    ),
    row(
        "B5",
        1_000,
        b5::<OurCell>,
        &[
            (ONESHOT, b5::<Oneshot>),
            (ASYNC_ONESHOT, b5::<AsyncOneshot>),
            (SET_ONCE, b5::<ArcSetOnce>),
            (TIME, b5::<TokioOneshot>),
            (FUTURES, b5::<FuturesOneshot>),
        ],
    ),
    row("B6.settled", 10_000, b6_settled, &[]),
    row("B6.pending", 10_000, b6_pending, &[]),
    row("B7", 1_000_000, b7, &[]),
];
