//! The strategy of something else instead.

use core::fmt;
use core::future::{Future, IntoFuture};

use super::rules::{AllButCancellation, Nobody, OnFallback, ShouldHandle};
use super::{PipelineError, PipelineNext, Strategy};
use crate::cancel::CancellationToken;

/// Something else when what is inside fails; see [`Pipeline::fallback`](super::Pipeline::fallback).
///
/// | made by | what stands in |
/// |---|---|
/// | [`value`](Self::value) | a value, cloned |
/// | [`from_error`](Self::from_error) | a value that a closure makes of the error |
/// | [`to`](Self::to) | another source: a closure that is given the error and the token |
///
/// It stands in for all errors but cancellations, unless [`when`](Self::when) says otherwise. Once the token is cancelled
/// it stands in for nothing: whatever comes then is a consequence of having been told, and is passed on. If another source fails as
/// well, its error comes out.
///
/// # Examples
///
/// ```
/// use taskcell::{FallbackStrategy, Pipeline, PipelineError};
///
/// # smol::block_on(async {
/// // A last known value, for timeouts and rejections alone.
/// let last_known = FallbackStrategy::value("12 degrees".to_owned()).when(|error: &PipelineError<&str>| !error.is_failed());
/// let pipeline = Pipeline::new().with(last_known);
/// assert!(pipeline.call(async |_| Err("no such town")).await.is_err());
///
/// let page = FallbackStrategy::from_error(|error: PipelineError<&str>| format!("<h1>{error}</h1>"));
/// assert_eq!(Pipeline::new().with(page).call(async |_| Err("no such town")).await.unwrap(), "<h1>no such town</h1>");
///
/// let mirror = FallbackStrategy::to(async |_error: PipelineError<&str>, _token| Ok("from the mirror"));
/// assert_eq!(Pipeline::new().with(mirror).call(async |_| Err("no route")).await, Ok("from the mirror"));
/// # });
/// ```
#[derive(Clone, Copy)]
#[doc(alias = "FallbackStrategyOptions")]
#[doc(alias = "FallbackResilienceStrategy")]
pub struct FallbackStrategy<A, W = AllButCancellation, H = Nobody> {
    action: A,
    when: W,
    hear: H,
}

impl<A> FallbackStrategy<A> {
    fn new(action: A) -> Self {
        Self { action, when: AllButCancellation, hear: Nobody }
    }
}

impl<T: Clone> FallbackStrategy<Value<T>> {
    /// This value.
    #[must_use]
    pub fn value(value: T) -> Self {
        Self::new(Value(value))
    }
}

impl<F> FallbackStrategy<FromError<F>> {
    /// What `make` makes of the error.
    #[must_use]
    pub fn from_error<T, E>(make: F) -> Self
    where
        F: Fn(PipelineError<E>) -> T,
    {
        Self::new(FromError(make))
    }
}

impl<F> FallbackStrategy<To<F>> {
    /// Another source.
    #[must_use]
    pub fn to<T, E, R>(source: F) -> Self
    where
        F: Fn(PipelineError<E>, CancellationToken) -> R,
        R: IntoFuture<Output = Result<T, E>>,
    {
        Self::new(To(source))
    }
}

impl<A, W, H> FallbackStrategy<A, W, H> {
    /// Which errors it stands in for; without it [all but cancellations](AllButCancellation).
    #[doc(alias = "ShouldHandle")]
    #[must_use]
    pub fn when<E, X: Fn(&PipelineError<E>) -> bool>(self, when: X) -> FallbackStrategy<A, X, H> {
        let Self { action, when: _, hear } = self;
        FallbackStrategy { action, when, hear }
    }

    /// Has `hook` called with the error before the fallback stands in for it.
    #[doc(alias = "OnFallback")]
    #[must_use]
    pub fn on_fallback<E, X: Fn(&PipelineError<E>)>(self, hook: X) -> FallbackStrategy<A, W, X> {
        let Self { action, when, hear: _ } = self;
        FallbackStrategy { action, when, hear: hook }
    }
}

impl<A, W, H> fmt::Debug for FallbackStrategy<A, W, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fallback")
    }
}

/// What stands in for an error.
pub trait FallbackAction<T, E> {
    /// Stands in for this one.
    fn stand_in(
        &self,
        error: PipelineError<E>,
        token: CancellationToken,
    ) -> impl Future<Output = Result<T, PipelineError<E>>>;
}

/// A value.
#[derive(Clone, Copy)]
pub struct Value<T>(T);

impl<T> fmt::Debug for Value<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value(..)")
    }
}

impl<T: Clone, E> FallbackAction<T, E> for Value<T> {
    async fn stand_in(&self, _: PipelineError<E>, _: CancellationToken) -> Result<T, PipelineError<E>> {
        Ok(self.0.clone())
    }
}

/// A value that is made of the error.
#[derive(Clone, Copy)]
pub struct FromError<F>(F);

impl<F> fmt::Debug for FromError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FromError(..)")
    }
}

impl<T, E, F: Fn(PipelineError<E>) -> T> FallbackAction<T, E> for FromError<F> {
    async fn stand_in(&self, error: PipelineError<E>, _: CancellationToken) -> Result<T, PipelineError<E>> {
        Ok((self.0)(error))
    }
}

/// Another source.
#[derive(Clone, Copy)]
pub struct To<F>(F);

impl<F> fmt::Debug for To<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("To(..)")
    }
}

impl<T, E, F, R> FallbackAction<T, E> for To<F>
where
    F: Fn(PipelineError<E>, CancellationToken) -> R,
    R: IntoFuture<Output = Result<T, E>>,
{
    async fn stand_in(&self, error: PipelineError<E>, token: CancellationToken) -> Result<T, PipelineError<E>> {
        (self.0)(error, token).await.map_err(PipelineError::failed)
    }
}

impl<T, E, A, W, H> Strategy<T, E> for FallbackStrategy<A, W, H>
where
    A: FallbackAction<T, E>,
    W: ShouldHandle<E>,
    H: OnFallback<E>,
{
    async fn execute<N: PipelineNext<T, E>>(&self, next: N, token: CancellationToken) -> Result<T, PipelineError<E>> {
        match next.call(token.clone()).await {
            Err(error) if !token.is_cancelled() && self.when.handles(&error) => {
                self.hear.hear(&error);
                self.action.stand_in(error, token).await
            }
            result => result,
        }
    }
}
