//! Section A, cancellation.

use super::super::signal::{Intrusive, Listener, Maitake, Ours, Stop, TokioUtil};
use super::super::{a_bytes::*, a_fire::*, a_token::*, a_tree::*, a_wait::*};
use super::*;

/// In the order of `bars.toml`.
pub(super) static A: &[Row] = &[
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
            (MAITAKE, a5::<Maitake, 0>),
            (STOP, a5::<Stop, 0>),
        ],
    ),
    row(
        "A5.10",
        10_000,
        a5::<Ours, 10>,
        &[
            (INTRUSIVE, a5::<Intrusive, 10>),
            (TOKIO, a5::<TokioUtil, 10>),
            (LISTENER, a5::<Listener, 10>),
            (MAITAKE, a5::<Maitake, 10>),
        ],
    ),
    row(
        "A5.1000",
        10_000,
        a5::<Ours, 1_000>,
        &[
            (INTRUSIVE, a5::<Intrusive, 1_000>),
            (TOKIO, a5::<TokioUtil, 1_000>),
            (LISTENER, a5::<Listener, 1_000>),
            (MAITAKE, a5::<Maitake, 1_000>),
        ],
    ),
    row(
        "A5.100000",
        10_000,
        a5::<Ours, 100_000>,
        &[
            (INTRUSIVE, a5::<Intrusive, 100_000>),
            (TOKIO, a5::<TokioUtil, 100_000>),
            (LISTENER, a5::<Listener, 100_000>),
            (MAITAKE, a5::<Maitake, 100_000>),
        ],
    ),
    row("A5x", 20_000, a5x::<Ours>, &[(INTRUSIVE, a5x::<Intrusive>), (TOKIO, a5x::<TokioUtil>)]),
    row(
        "A5p",
        10_000,
        a5p::<Ours>,
        &[
            (INTRUSIVE, a5p::<Intrusive>),
            (TOKIO, a5p::<TokioUtil>),
            (LISTENER, a5p::<Listener>),
            (MAITAKE, a5p::<Maitake>),
        ],
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
            (MAITAKE, a7::<Maitake, 1>),
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
            (MAITAKE, a7::<Maitake, 10>),
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
            (MAITAKE, a7::<Maitake, 1_000>),
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
            (MAITAKE, a7::<Maitake, 100_000>),
            (TOKIO, a7::<TokioUtil, 100_000>),
        ],
    ),
    row("A7c.1000", 50_000, a7c, &[]),
    row(
        "A7f",
        50_000,
        a7f::<Ours>,
        &[
            (INTRUSIVE, a7f::<Intrusive>),
            (LISTENER, a7f::<Listener>),
            (MAITAKE, a7f::<Maitake>),
            (TOKIO, a7f::<TokioUtil>),
        ],
    ),
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
    row(
        "A11f",
        1,
        a11f::<Ours>,
        &[(TOKIO, a11f::<TokioUtil>), (INTRUSIVE, a11f::<Intrusive>), (MAITAKE, a11f::<Maitake>)],
    ),
    row("A13", 1_000, a13::<Ours>, &[(TOKIO, a13::<TokioUtil>)]),
];
