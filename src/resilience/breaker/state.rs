//! What a circuit shows of itself: its state, and its figures.

use core::fmt;
use core::time::Duration;

/// The state of a circuit.
///
/// # Examples
///
/// ```
/// use taskcell::{CircuitBreaker, CircuitState};
///
/// let breaker = CircuitBreaker::builder().build();
/// assert_eq!(breaker.state(), CircuitState::Closed);
/// breaker.isolate();
/// println!("the circuit is {}", breaker.state());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CircuitState {
    /// Calls are made, and their results are watched.
    Closed,
    /// No calls are made until the break is over.
    Open,
    /// A few calls are made to find out.
    HalfOpen,
    /// No calls are made until somebody closes it by hand.
    #[doc(alias = "FORCED_OPEN")]
    Isolated,
}

impl fmt::Display for CircuitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
            Self::Isolated => "isolated",
        })
    }
}

/// What a circuit has seen so far; made by [`CircuitBreaker::stats`](super::CircuitBreaker::stats). All figures are of one
/// moment.
///
/// # Examples
///
/// ```
/// use taskcell::{CircuitBreaker, CircuitStats};
///
/// let breaker = CircuitBreaker::builder().build();
/// breaker.try_acquire()?.success();
/// let seen: CircuitStats = breaker.stats();
/// assert_eq!((seen.successes, seen.failures, seen.ignored), (1, 0, 0));
/// # Ok::<(), taskcell::Rejected>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "CircuitBreakerMetrics")]
pub struct CircuitStats {
    /// As [`CircuitBreaker::state`](super::CircuitBreaker::state) says.
    pub state: CircuitState,
    /// As [`CircuitBreaker::retry_after`](super::CircuitBreaker::retry_after) says.
    pub retry_after: Duration,
    /// How many calls succeeded, those that changed nothing any more counted, too.
    pub successes: u64,
    /// How many failed, likewise.
    pub failures: u64,
    /// How many were neither: dropped, or ignored.
    pub ignored: u64,
    /// How many were not made.
    pub rejected: u64,
    /// How many are under way.
    pub running: u64,
    /// How often it opened by itself.
    pub trips: u64,
}
