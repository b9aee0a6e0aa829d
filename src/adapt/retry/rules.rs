//! The closures that a retry asks, and what stands for those it was not given.

use core::convert::Infallible;
use core::fmt;
use core::time::Duration;

use super::RetryEvent;

/// Which errors are worth another attempt: a closure, or [`Always`].
pub trait Judge<E> {
    /// True if there may be another attempt.
    fn is_worth_it(&mut self, error: &E) -> bool;
}

/// All errors are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Always;

impl<E> Judge<E> for Always {
    #[inline]
    fn is_worth_it(&mut self, _: &E) -> bool {
        true
    }
}

impl<E, W: FnMut(&E) -> bool> Judge<E> for W {
    #[inline]
    fn is_worth_it(&mut self, error: &E) -> bool {
        self(error)
    }
}

/// Which values count as success.
pub trait Accept<T> {
    /// What becomes of a value that does not.
    type Rejected;

    /// The value, if it does.
    ///
    /// # Errors
    ///
    /// What became of it.
    fn accept(&mut self, value: T) -> Result<T, Self::Rejected>;
}

/// All values do.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnyValue;

impl<T> Accept<T> for AnyValue {
    type Rejected = Infallible;

    #[inline]
    fn accept(&mut self, value: T) -> Result<T, Infallible> {
        Ok(value)
    }
}

/// All but those for which a closure answers true.
#[derive(Clone, Copy, Debug)]
pub struct Unless<V>(pub(super) V);

impl<T, V: FnMut(&T) -> bool> Accept<T> for Unless<V> {
    type Rejected = T;

    #[inline]
    fn accept(&mut self, value: T) -> Result<T, T> {
        if (self.0)(&value) { Err(value) } else { Ok(value) }
    }
}

/// What an error says about the delay: a closure, or [`NoHint`].
pub trait Hint<E> {
    /// The delay, if the error says how long it is.
    fn delay(&mut self, error: &E) -> Option<Duration>;
}

/// Nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHint;

impl<E> Hint<E> for NoHint {
    #[inline]
    fn delay(&mut self, _: &E) -> Option<Duration> {
        None
    }
}

impl<E, D: FnMut(&E) -> Option<Duration>> Hint<E> for D {
    #[inline]
    fn delay(&mut self, error: &E) -> Option<Duration> {
        self(error)
    }
}

/// Who hears of each retry: a closure, or [`Silent`].
pub trait Hear<E> {
    /// There will be another attempt.
    fn hear(&mut self, event: RetryEvent<'_, E>);
}

/// Nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl<E> Hear<E> for Silent {
    #[inline]
    fn hear(&mut self, _: RetryEvent<'_, E>) {}
}

impl<E, H: FnMut(RetryEvent<'_, E>)> Hear<E> for H {
    #[inline]
    fn hear(&mut self, event: RetryEvent<'_, E>) {
        self(event);
    }
}

/// No delay between attempts.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDelay;

impl Iterator for NoDelay {
    type Item = Duration;

    #[inline]
    fn next(&mut self) -> Option<Duration> {
        Some(Duration::ZERO)
    }
}

/// All that a retry asks.
#[derive(Clone, Copy)]
pub struct Rules<W = Always, V = AnyValue, D = NoHint, H = Silent> {
    pub(super) when: W,
    pub(super) value: V,
    pub(super) hint: D,
    pub(super) hear: H,
}

impl<W, V, D, H> fmt::Debug for Rules<W, V, D, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rules")
    }
}
