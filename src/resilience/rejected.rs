//! `Rejected`: why a call was not even made.

use core::error::Error;
use core::fmt;
use core::time::Duration;

/// A call was not made: something stood before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[doc(alias = "BrokenCircuitException")]
#[doc(alias = "BulkheadRejectedException")]
#[doc(alias = "ExecutionRejectedException")]
pub enum Rejected {
    /// The circuit is open.
    CircuitOpen {
        /// How long it stays so, if nobody closes it.
        retry_after: Duration,
    },
    /// The circuit was isolated by hand.
    #[doc(alias = "IsolatedCircuitException")]
    Isolated,
    /// The bulkhead and its queue are full.
    BulkheadFull,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CircuitOpen { retry_after } => write!(f, "the circuit is open; try again in {retry_after:?}"),
            Self::Isolated => f.write_str("the circuit is isolated"),
            Self::BulkheadFull => f.write_str("the bulkhead is full"),
        }
    }
}

impl Error for Rejected {}
