//! The closures that strategies ask, and what stands for those they were not given.

use core::time::Duration;

use super::{PipelineCause, PipelineError};
use crate::adapt::RetryEvent;

/// Which errors a strategy deals with: a closure, or what it does by itself.
pub trait ShouldHandle<E> {
    /// True if it does; others pass as they are.
    fn handles(&self, error: &PipelineError<E>) -> bool;
}

/// Those of the operation, and timeouts; neither rejections nor cancellations, nor what a strategy of somebody else's says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Failures;

impl<E> ShouldHandle<E> for Failures {
    fn handles(&self, error: &PipelineError<E>) -> bool {
        matches!(error.cause(), PipelineCause::Failed(_) | PipelineCause::TimedOut(_))
    }
}

/// All but cancellations.
#[derive(Clone, Copy, Debug, Default)]
pub struct AllButCancellation;

impl<E> ShouldHandle<E> for AllButCancellation {
    fn handles(&self, error: &PipelineError<E>) -> bool {
        !error.is_cancelled()
    }
}

impl<E, W: Fn(&PipelineError<E>) -> bool> ShouldHandle<E> for W {
    fn handles(&self, error: &PipelineError<E>) -> bool {
        self(error)
    }
}

/// Which values count as failures: a closure, or [`NoValue`].
pub trait FailedValue<T> {
    /// True if it does.
    fn is_failure(&self, value: &T) -> bool;
}

/// None.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoValue;

impl<T> FailedValue<T> for NoValue {
    fn is_failure(&self, _: &T) -> bool {
        false
    }
}

impl<T, V: Fn(&T) -> bool> FailedValue<T> for V {
    fn is_failure(&self, value: &T) -> bool {
        self(value)
    }
}

/// What an error says about the delay before the next attempt: a closure, or [`NoAdvice`].
pub trait DelayAdvice<E> {
    /// The delay, if the error says how long it is.
    fn advise(&self, error: &PipelineError<E>) -> Option<Duration>;
}

/// Nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAdvice;

impl<E> DelayAdvice<E> for NoAdvice {
    fn advise(&self, _: &PipelineError<E>) -> Option<Duration> {
        None
    }
}

impl<E, D: Fn(&PipelineError<E>) -> Option<Duration>> DelayAdvice<E> for D {
    fn advise(&self, error: &PipelineError<E>) -> Option<Duration> {
        self(error)
    }
}

/// Who hears of retries: a closure, or [`Nobody`].
pub trait OnRetry<E> {
    /// There will be another attempt.
    fn hear(&self, event: RetryEvent<'_, PipelineError<E>>);
}

/// Who hears of fallbacks: a closure, or [`Nobody`].
pub trait OnFallback<E> {
    /// The fallback is about to stand in for this error.
    fn hear(&self, error: &PipelineError<E>);
}

/// Nobody hears of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl<E> OnRetry<E> for Nobody {
    fn hear(&self, _: RetryEvent<'_, PipelineError<E>>) {}
}

impl<E, H: Fn(RetryEvent<'_, PipelineError<E>>)> OnRetry<E> for H {
    fn hear(&self, event: RetryEvent<'_, PipelineError<E>>) {
        self(event);
    }
}

impl<E> OnFallback<E> for Nobody {
    fn hear(&self, _: &PipelineError<E>) {}
}

impl<E, H: Fn(&PipelineError<E>)> OnFallback<E> for H {
    fn hear(&self, error: &PipelineError<E>) {
        self(error);
    }
}
