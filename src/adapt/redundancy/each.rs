//! Attempts made by factories that are given in a row: the plan of all but `hedge`.

use core::convert::Infallible;
use core::marker::PhantomData;

use super::attempt::Attempt;
use super::engine::Plan;
use crate::cancel::CancellationToken;
use crate::time::Timestamp;

/// Beyond this a length that an iterator tells is believed only when it has come true.
const MOST_AT_ONCE: usize = 1 << 16;

/// The factories that are left. `K` says which outputs end it, and when the next one is called.
pub(super) struct Each<I, F, K, H> {
    factories: I,
    pub(super) hook: H,
    kind: PhantomData<fn() -> (K, F)>,
}

impl<I, F, K, H> Each<I, F, K, H> {
    pub(super) fn new(factories: I, hook: H) -> Self {
        Self { factories, hook, kind: PhantomData }
    }

    pub(super) fn with_hook<G>(self, hook: G) -> Each<I, F, K, G> {
        Each::new(self.factories, hook)
    }
}

/// One of the names.
pub(super) trait Kind<T> {
    /// All at once, or each when the one before has failed.
    const AT_ONCE: bool;
    type Value;
    type Error;
    fn judge(output: T) -> Result<Self::Value, Self::Error>;
}

/// `need_only_one`.
pub(super) struct Completed;

impl<T> Kind<T> for Completed {
    const AT_ONCE: bool = true;
    type Value = T;
    type Error = Infallible;

    fn judge(output: T) -> Result<T, Infallible> {
        Ok(output)
    }
}

/// `first_successful`.
pub(super) struct Successful;

impl<T, E> Kind<Result<T, E>> for Successful {
    const AT_ONCE: bool = true;
    type Value = T;
    type Error = E;

    fn judge(output: Result<T, E>) -> Result<T, E> {
        output
    }
}

/// `fallback`.
pub(super) struct InTurn;

impl<T, E> Kind<Result<T, E>> for InTurn {
    const AT_ONCE: bool = false;
    type Value = T;
    type Error = E;

    fn judge(output: Result<T, E>) -> Result<T, E> {
        output
    }
}

impl<I, G, R, F, K, H> Plan for Each<I, F, K, H>
where
    I: Iterator<Item = G>,
    G: FnOnce(CancellationToken) -> R,
    R: IntoFuture<IntoFuture = F>,
    F: Future,
    K: Kind<F::Output>,
    H: FnMut(&Attempt),
{
    type Future = F;
    type Value = K::Value;
    type Error = K::Error;

    #[inline]
    fn room(&self) -> usize {
        let hint = self.factories.size_hint();
        if K::AT_ONCE && hint.1 == Some(hint.0) { hint.0.clamp(1, MOST_AT_ONCE) } else { 1 }
    }

    #[inline]
    fn start(&mut self, _: u32, attempt: impl FnOnce() -> Attempt) -> Option<F> {
        let factory = self.factories.next()?;
        let attempt = attempt();
        (self.hook)(&attempt);
        Some(factory(attempt.token).into_future())
    }

    #[inline]
    fn judge(output: F::Output) -> Result<K::Value, K::Error> {
        K::judge(output)
    }

    #[inline]
    fn follows(&mut self, _: u32, _: Timestamp) -> bool {
        K::AT_ONCE
    }
}

/// The future of one of the names, and what may be said before it is polled.
macro_rules! future_of_factories {
    (
        $(#[$doc:meta])*
        $name:ident: $kind:ident, |$future:ident: $bound:path| -> $value:ty, $error:ty
    ) => {
        $(#[$doc])*
        #[must_use = "futures do nothing unless you `.await` or poll them"]
        pub struct $name<I, F: $bound, H = fn(&Attempt)> {
            plan: Each<I, F, $kind, H>,
            engine: Engine<F, $value, $error>,
        }

        impl<I, $future: $bound> $name<I, $future> {
            #[inline]
            fn new(factories: I) -> Self {
                Self { plan: Each::new(factories, |_| ()), engine: Engine::new() }
            }
        }

        impl<I, $future: $bound, H> $name<I, $future, H> {
            /// Cancels the attempts when `token` is cancelled, and answers [`RedundancyError::Cancelled`] then. Without it
            /// nothing but an outcome, or dropping the future, ends them.
            pub fn token(mut self, token: &CancellationToken) -> Self {
                self.engine.set_token(token);
                self
            }

            /// What becomes of the attempts that still run when the outcome is known; [`Losers::DropNow`] unless said.
            pub fn losers(mut self, losers: Losers<$future>) -> Self {
                self.engine.set_losers(losers);
                self
            }

            /// Has `hook` called for each attempt, right before its factory is.
            pub fn on_attempt<N: FnMut(&Attempt)>(self, hook: N) -> $name<I, $future, N> {
                $name { plan: self.plan.with_hook(hook), engine: self.engine }
            }
        }

        // No attempt lies in it.
        impl<I, $future: $bound, H> Unpin for $name<I, $future, H> {}

        impl<I, $future: $bound, H> fmt::Debug for $name<I, $future, H> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let (started, running) = self.engine.counts();
                let mut debug = f.debug_struct(stringify!($name));
                debug.field("started", &started).field("running", &running).finish_non_exhaustive()
            }
        }
    };
}

pub(super) use future_of_factories;
