//! `Rejected`: why a call was not even made.

use core::error::Error;
use core::fmt;
use core::time::Duration;

/// A call was not made: a [`CircuitBreaker`](crate::CircuitBreaker) or a [`Bulkhead`](crate::Bulkhead) stood before it. So
/// nothing was tried, and nothing has to be undone.
///
/// # Examples
///
/// What a server answers, in the terms of HTTP:
///
/// ```
/// use taskcell::Rejected;
///
/// fn answer(rejected: Rejected) -> (u16, Option<u64>) {
///     match rejected {
///         Rejected::CircuitOpen { retry_after } => (503, Some(retry_after.as_secs().max(1))),
///         Rejected::BulkheadFull => (429, None),
///         _ => (503, None),
///     }
/// }
/// # assert_eq!(answer(Rejected::CircuitOpen { retry_after: core::time::Duration::from_secs(7) }), (503, Some(7)));
/// # assert_eq!((answer(Rejected::BulkheadFull).0, answer(Rejected::Isolated).1), (429, None));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[doc(alias = "BrokenCircuitException")]
#[doc(alias = "BulkheadRejectedException")]
#[doc(alias = "ExecutionRejectedException")]
pub enum Rejected {
    /// The circuit is open, or half-open and all of its probes are out.
    CircuitOpen {
        /// How long the break still is, [`Duration::MAX`] if it never ends by itself; zero if the probes are to decide.
        retry_after: Duration,
    },
    /// The circuit was isolated by hand.
    #[doc(alias = "IsolatedCircuitException")]
    Isolated,
    /// The bulkhead is full, and so is its queue, if one was to be waited in.
    BulkheadFull,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CircuitOpen { retry_after } => write!(f, "the circuit is open; try again in {retry_after:.1?}"),
            Self::Isolated => f.write_str("the circuit is isolated"),
            Self::BulkheadFull => f.write_str("the bulkhead is full"),
        }
    }
}

impl Error for Rejected {}
