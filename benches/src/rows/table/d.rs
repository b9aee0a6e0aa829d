//! Section D, channels and caches.

use super::super::{d_cache::*, d_channel::*};
use super::*;

/// In the order of `bars.toml`.
pub(super) static D: &[Row] = &[
    row("D2", 10_000, d2_ours, &[(QUICK, d2_quick), (MOKA, d2_moka), (MAP, d2_map)]),
    row("D2/limited", 10_000, d2_ours_limited, &[]),
    row("D2t", 10_000, d2t_ours, &[]),
    row("D2m", 10_000, d2m_ours, &[(QUICK, d2m_quick), (MOKA, d2m_moka), (MAP, d2m_map)]),
    row("D2f", 100_000, d2f_ours, &[(QUICK, d2f_quick), (MOKA, d2f_moka)]),
    row(
        "D1",
        100_000,
        d1::<OurChannel>,
        &[
            (ASYNC_CHANNEL, d1::<AsyncChannel>),
            (MPSC, d1::<TokioMpsc>),
            (KANAL, d1::<Kanal>),
            (FLUME, d1::<Flume>),
            (INTRUSIVE, d1::<IntrusiveChannel>),
        ],
    ),
    row(
        "D1w",
        100_000,
        d1w::<OurChannel>,
        &[
            (ASYNC_CHANNEL, d1w::<AsyncChannel>),
            (MPSC, d1w::<TokioMpsc>),
            (KANAL, d1w::<Kanal>),
            (FLUME, d1w::<Flume>),
            (INTRUSIVE, d1w::<IntrusiveChannel>),
        ],
    ),
];
