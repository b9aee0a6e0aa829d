//! What a breaker's hooks are told.

use super::CircuitBreaker;
use super::circuit::Change;
use super::state::CircuitState;
use core::fmt;
use core::time::Duration;

/// A change of a circuit's state, as hooks are told of it.
///
/// # Examples
///
/// ```
/// use taskcell::{CircuitBreaker, CircuitChange, CircuitState};
///
/// fn tell(change: CircuitChange<'_>) {
///     assert_eq!((change.from(), change.to()), (CircuitState::Closed, CircuitState::Isolated));
///     assert_eq!(change.break_duration(), None); // by hand
///     println!("{} calls have failed, in break {}", change.breaker().stats().failures, change.breaks());
/// }
/// CircuitBreaker::builder().on_opened(tell).build().isolate();
/// ```
#[derive(Clone, Copy)]
#[doc(alias = "OnCircuitOpenedArguments")]
#[doc(alias = "OnCircuitClosedArguments")]
#[doc(alias = "OnCircuitHalfOpenedArguments")]
pub struct CircuitChange<'a> {
    pub(super) breaker: &'a CircuitBreaker,
    pub(super) change: Change,
}

impl<'a> CircuitChange<'a> {
    /// The breaker. It may have changed again since.
    #[must_use]
    pub fn breaker(&self) -> &'a CircuitBreaker {
        self.breaker
    }

    /// The state before.
    #[must_use]
    pub fn from(&self) -> CircuitState {
        self.change.from
    }

    /// The state since.
    #[must_use]
    pub fn to(&self) -> CircuitState {
        self.change.to
    }

    /// How long the break is, if the circuit opened by itself.
    #[must_use]
    pub fn break_duration(&self) -> Option<Duration> {
        self.change.length
    }

    /// How many breaks there have been in a row, this one counted: since the circuit was last closed.
    #[must_use]
    pub fn breaks(&self) -> u32 {
        self.change.breaks
    }
}

impl fmt::Debug for CircuitChange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Change { from, to, length, breaks } = &self.change;
        let mut debug = f.debug_struct("CircuitChange");
        debug.field("from", from).field("to", to).field("break_duration", length).field("breaks", breaks);
        debug.finish_non_exhaustive()
    }
}
