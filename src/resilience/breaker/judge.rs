//! What a call's result says about the service.

use super::circuit::Outcome;

/// What a call's result says about the service that was called.
///
/// From `bool`, as `.handle(|result| ..)` answers: true is a [failure](Self::Failure), false a [success](Self::Success).
///
/// # Examples
///
/// ```
/// use taskcell::{CallVerdict, CircuitBreaker};
///
/// let breaker = CircuitBreaker::builder().build();
/// # smol::block_on(async {
/// let status = breaker.call(async { 404 }).handle(|status| match status {
///     500.. => CallVerdict::Failure,
///     400.. => CallVerdict::Ignore, // the caller's fault says nothing about the service
///     _ => CallVerdict::Success,
/// });
/// assert_eq!(status.await, Ok(404));
/// assert_eq!(breaker.stats().ignored, 1);
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallVerdict {
    /// It works.
    Success,
    /// It does not.
    Failure,
    /// Nothing, as that of a call that its caller has cancelled.
    Ignore,
}

impl From<bool> for CallVerdict {
    /// True is a failure.
    fn from(is_failure: bool) -> Self {
        if is_failure { Self::Failure } else { Self::Success }
    }
}

impl From<CallVerdict> for Outcome {
    fn from(verdict: CallVerdict) -> Self {
        match verdict {
            CallVerdict::Success => Self::Success,
            CallVerdict::Failure => Self::Failure,
            CallVerdict::Ignore => Self::Ignored,
        }
    }
}

/// Who judges results: a closure, or [`ErrIsFailure`].
///
/// # Examples
///
/// ```
/// use taskcell::{CallVerdict, ErrIsFailure, JudgeCall};
///
/// /// A result of one's own, judged by what `call` does unless it is told otherwise.
/// fn verdict(result: &Result<u16, &str>) -> CallVerdict {
///     ErrIsFailure.judge(result)
/// }
/// assert_eq!(verdict(&Ok(200)), CallVerdict::Success);
/// assert_eq!(verdict(&Err("no route")), CallVerdict::Failure);
/// ```
pub trait JudgeCall<T> {
    /// What the result says.
    fn judge(&mut self, result: &T) -> CallVerdict;
}

/// `Ok` is a success, `Err` a failure: the [`JudgeCall`] of calls that are told nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub struct ErrIsFailure;

impl<T, E> JudgeCall<Result<T, E>> for ErrIsFailure {
    #[inline]
    fn judge(&mut self, result: &Result<T, E>) -> CallVerdict {
        result.is_err().into()
    }
}

impl<T, V: Into<CallVerdict>, F: FnMut(&T) -> V> JudgeCall<T> for F {
    #[inline]
    fn judge(&mut self, result: &T) -> CallVerdict {
        self(result).into()
    }
}
