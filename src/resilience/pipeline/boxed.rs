//! A pipeline whose type says what it is for, and not what it is made of.

use alloc::boxed::Box;
use core::fmt;
use core::future::IntoFuture;
use core::marker::PhantomData;

use super::call::run;
use super::fallback::{FromError, To, Value};
use super::plan::DelayPlan;
use super::rules::{DelayAdvice, FailedValue, OnFallback, OnRetry, ShouldHandle};
use super::strategy::{Around, Bare};
use super::timeout::OnClock;
use super::{BreakerStrategy, BulkheadStrategy, FallbackStrategy, HedgeStrategy, RetryStrategy, TimeoutStrategy};
use super::{Pipeline, PipelineError, PipelineNext, Strategy};
use crate::adapt::HedgeDelay;
use crate::cancel::CancellationToken;
use crate::shim::heap::Arc;
use crate::spawn::BoxFuture;
use crate::time::TimeProvider;

/// A [`Pipeline`] of a type that can be written down: for calls that give a `T` or fail with an `E`, whatever strategies it
/// is made of. Made by [`Pipeline::boxed`].
///
/// Clones are the same pipeline. Its calls are `Send`, so the operation and what it gives have to be, too. A layer costs
/// one allocation for each time it is called, and a call two more.
///
/// # Examples
///
/// Written in one place, and used in another:
///
/// ```
/// use core::time::Duration;
/// use taskcell::{Backoff, BoxPipeline, Pipeline};
///
/// fn pipeline(patient: bool) -> BoxPipeline<u32, &'static str> {
///     if patient {
///         Pipeline::new().retry(Backoff::NONE).timeout(Duration::from_secs(30)).boxed()
///     } else {
///         Pipeline::new().fallback(7).timeout(Duration::from_secs(1)).boxed()
///     }
/// }
///
/// # smol::block_on(async {
/// let answer = smol::spawn(async { pipeline(false).call(async |_token| Err("busy")).await });
/// assert_eq!(answer.await, Ok(7));
/// assert_eq!(pipeline(true).call(async |_token| Err("busy")).await.unwrap_err().attempts(), 3);
/// # })
/// ```
///
/// A call that its caller may cancel:
///
/// ```
/// use taskcell::{Backoff, BoxPipeline, CancellationToken, Pipeline};
///
/// let pipeline: BoxPipeline<u32, &str> = Pipeline::new().retry(Backoff::NONE).boxed();
/// # smol::block_on(async {
/// let stopped = CancellationToken::new(true);
/// assert!(pipeline.call_with(&stopped, async |_token| Ok(7)).await.unwrap_err().is_cancelled());
/// # });
/// ```
#[doc(alias = "ResiliencePipeline<T>")]
#[doc(alias = "BoxCloneService")]
pub struct BoxPipeline<T, E> {
    strategies: Arc<dyn SendStrategy<T, E>>,
    patient: bool,
}

impl<S, C> Pipeline<S, C> {
    /// The same pipeline under a type that names no strategies, to keep it in a `struct`: see [`BoxPipeline`].
    ///
    /// `T` and `E` are what its operations give, and are most often known from the field. All strategies have to be
    /// [`SendStrategy`]s, as this crate's are if their closures are `Send` and `Sync`.
    #[must_use]
    pub fn boxed<T, E>(self) -> BoxPipeline<T, E>
    where
        S: SendStrategy<T, E> + 'static,
    {
        // Not every Arc can be made of one that is sized.
        let strategies: Box<dyn SendStrategy<T, E>> = Box::new(self.strategies);
        BoxPipeline { strategies: Arc::from(strategies), patient: self.patient }
    }
}

impl<T, E> BoxPipeline<T, E> {
    /// Calls `operation` through all strategies: [`Pipeline::call`].
    ///
    /// # Errors
    ///
    /// [`PipelineError`] says what the outermost strategy made of it.
    pub async fn call<'r, F, R>(&self, operation: F) -> Result<T, PipelineError<E>>
    where
        F: Fn(CancellationToken) -> R + Send + Sync,
        R: IntoFuture<Output = Result<T, E>, IntoFuture: Send + 'r>,
        T: Send,
        E: Send,
    {
        self.call_with(&CancellationToken::NONE, operation).await
    }

    /// The same, until `token` is cancelled: [`Pipeline::call_with`].
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub async fn call_with<'r, F, R>(&self, token: &CancellationToken, operation: F) -> Result<T, PipelineError<E>>
    where
        F: Fn(CancellationToken) -> R + Send + Sync,
        R: IntoFuture<Output = Result<T, E>, IntoFuture: Send + 'r>,
        T: Send,
        E: Send,
    {
        let operation = SendOperation { operation, gives: PhantomData };
        let next = Layer { strategy: &*self.strategies, next: &operation };
        run(&(&next as &dyn SendNext<T, E>), token, self.patient).await
    }
}

impl<T, E> Clone for BoxPipeline<T, E> {
    fn clone(&self) -> Self {
        Self { strategies: self.strategies.clone(), patient: self.patient }
    }
}

impl<T, E> fmt::Debug for BoxPipeline<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BoxPipeline({:?}call)", self.strategies)
    }
}

/// A [`Strategy`] whose futures are `Send`, boxed: what [`Pipeline::boxed`] asks of each.
///
/// A strategy of somebody else's is one by these lines, which the compiler refuses if it is not true:
///
/// ```
/// use taskcell::pipeline_parts::{SendNext, SendStrategy};
/// use taskcell::{BoxFuture, CancellationToken, Pipeline, PipelineError, PipelineNext, Strategy};
///
/// #[derive(Debug)]
/// struct Logged;
///
/// impl<T, E> Strategy<T, E> for Logged {
///     async fn execute<N: PipelineNext<T, E>>(&self, next: N, token: CancellationToken) -> Result<T, PipelineError<E>> {
///         let result = next.call(token).await;
///         println!("{}", if result.is_ok() { "good" } else { "bad" });
///         result
///     }
/// }
///
/// impl<T: Send, E: Send> SendStrategy<T, E> for Logged {
///     fn execute_boxed<'a>(
///         &'a self,
///         next: &'a dyn SendNext<T, E>,
///         token: CancellationToken,
///     ) -> BoxFuture<'a, Result<T, PipelineError<E>>> {
///         Box::pin(self.execute(next, token))
///     }
/// }
///
/// let pipeline = Pipeline::new().with(Logged).boxed();
/// assert_eq!(smol::block_on(pipeline.call(async |_| Ok::<_, ()>(1))), Ok(1));
/// ```
pub trait SendStrategy<T, E>: fmt::Debug + Send + Sync {
    /// [`Strategy::execute`], in a box.
    fn execute_boxed<'a>(
        &'a self,
        next: &'a dyn SendNext<T, E>,
        token: CancellationToken,
    ) -> BoxFuture<'a, Result<T, PipelineError<E>>>;
}

/// What is inside of a [`SendStrategy`]; each reference of one is a [`PipelineNext`].
pub trait SendNext<T, E>: Send + Sync {
    /// [`PipelineNext::call`], in a box.
    fn call_boxed(&self, token: CancellationToken) -> BoxFuture<'_, Result<T, PipelineError<E>>>;
}

impl<T, E> PipelineNext<T, E> for dyn SendNext<T, E> + '_ {
    fn call(&self, token: CancellationToken) -> impl Future<Output = Result<T, PipelineError<E>>> {
        self.call_boxed(token)
    }
}

/// The operation, as the innermost strategy sees it. Its futures live for `'r` at least.
struct SendOperation<'r, F, R> {
    operation: F,
    gives: PhantomData<fn() -> (R, &'r ())>,
}

impl<'r, T, E, F, R> SendNext<T, E> for SendOperation<'r, F, R>
where
    T: Send,
    E: Send,
    F: Fn(CancellationToken) -> R + Send + Sync,
    R: IntoFuture<Output = Result<T, E>, IntoFuture: Send + 'r>,
{
    fn call_boxed(&self, token: CancellationToken) -> BoxFuture<'_, Result<T, PipelineError<E>>> {
        let attempt = (self.operation)(token).into_future();
        Box::pin(async move { attempt.await.map_err(PipelineError::failed) })
    }
}

/// An inner strategy, as the outer one sees it.
struct Layer<'a, T, E> {
    strategy: &'a dyn SendStrategy<T, E>,
    next: &'a dyn SendNext<T, E>,
}

impl<T, E> SendNext<T, E> for Layer<'_, T, E> {
    fn call_boxed(&self, token: CancellationToken) -> BoxFuture<'_, Result<T, PipelineError<E>>> {
        self.strategy.execute_boxed(self.next, token)
    }
}

impl<T, E, A, B> SendStrategy<T, E> for Around<A, B>
where
    T: Send,
    E: Send,
    A: SendStrategy<T, E>,
    B: SendStrategy<T, E>,
{
    fn execute_boxed<'a>(
        &'a self,
        next: &'a dyn SendNext<T, E>,
        token: CancellationToken,
    ) -> BoxFuture<'a, Result<T, PipelineError<E>>> {
        Box::pin(async move {
            let next = Layer { strategy: &self.inner, next };
            self.outer.execute_boxed(&next, token).await
        })
    }
}

impl<T, E> SendStrategy<T, E> for Bare {
    fn execute_boxed<'a>(
        &'a self,
        next: &'a dyn SendNext<T, E>,
        token: CancellationToken,
    ) -> BoxFuture<'a, Result<T, PipelineError<E>>> {
        next.call_boxed(token)
    }
}

impl<T, E, S: SendStrategy<T, E> + ?Sized> SendStrategy<T, E> for Arc<S> {
    fn execute_boxed<'a>(
        &'a self,
        next: &'a dyn SendNext<T, E>,
        token: CancellationToken,
    ) -> BoxFuture<'a, Result<T, PipelineError<E>>> {
        (**self).execute_boxed(next, token)
    }
}

impl<T, E> SendStrategy<T, E> for BoxPipeline<T, E> {
    fn execute_boxed<'a>(
        &'a self,
        next: &'a dyn SendNext<T, E>,
        token: CancellationToken,
    ) -> BoxFuture<'a, Result<T, PipelineError<E>>> {
        self.strategies.execute_boxed(next, token)
    }
}

impl<T, E, S: SendStrategy<T, E>, C: Send + Sync> SendStrategy<T, E> for Pipeline<S, C> {
    fn execute_boxed<'a>(
        &'a self,
        next: &'a dyn SendNext<T, E>,
        token: CancellationToken,
    ) -> BoxFuture<'a, Result<T, PipelineError<E>>> {
        self.strategies.execute_boxed(next, token)
    }
}

/// The strategy's own future is known to be `Send` where its type is.
macro_rules! send {
    ($([$($param:ident),*] $strategy:ty { $($bounds:tt)* })*) => {$(
        impl<T: Send, E: Send, $($param: Send + Sync),*> SendStrategy<T, E> for $strategy
        where
            $($bounds)*
        {
            fn execute_boxed<'a>(
                &'a self,
                next: &'a dyn SendNext<T, E>,
                token: CancellationToken,
            ) -> BoxFuture<'a, Result<T, PipelineError<E>>> {
                Box::pin(self.execute(next, token))
            }
        }
    )*};
}

send! {
    [H, C] OnClock<TimeoutStrategy<H>, C> { H: Fn(&super::TimedOut), C: TimeProvider }
    [P, W, V, D, H, C] OnClock<RetryStrategy<P, W, V, D, H>, C> {
        P: DelayPlan<Delays: Send>,
        W: ShouldHandle<E>,
        V: FailedValue<T>,
        D: DelayAdvice<E>,
        H: OnRetry<E>,
        C: TimeProvider,
    }
    [D, W, H, C] OnClock<HedgeStrategy<D, W, H>, C> {
        D: HedgeDelay + Clone,
        W: ShouldHandle<E>,
        H: Fn(u32),
        C: TimeProvider,
    }
    [W, H] FallbackStrategy<Value<T>, W, H> { T: Clone + Sync, W: ShouldHandle<E>, H: OnFallback<E> }
    [F, W, H] FallbackStrategy<FromError<F>, W, H> {
        F: Fn(PipelineError<E>) -> T,
        W: ShouldHandle<E>,
        H: OnFallback<E>,
    }
    [F, R, W, H] FallbackStrategy<To<F>, W, H> {
        F: Fn(PipelineError<E>, CancellationToken) -> R,
        R: IntoFuture<Output = Result<T, E>, IntoFuture: Send>,
        W: ShouldHandle<E>,
        H: OnFallback<E>,
    }
    [W] BreakerStrategy<W> { W: ShouldHandle<E> }
    [] BulkheadStrategy {}
}
