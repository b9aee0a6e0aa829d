//! `CircuitBreaker`: the handle.

use super::builder::CircuitBreakerBuilder;
use super::call::FailedIfItPanics;
use super::judge::{ErrIsFailure, JudgeCall};
use super::shared::Shared;
use super::state::{CircuitState, CircuitStats};
use super::{BreakerCall, BreakerPermit, CircuitWatch};
use crate::resilience::Rejected;
use crate::shim::heap::Shared as Arc;
use crate::time::TimeProvider;
use crate::waiting::Wakers;
use core::fmt;
use core::future::IntoFuture;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::time::Duration;

/// Keeps calls from a service that fails, so that it can recover and its callers need not wait.
///
/// It is a handle: clones are the same breaker. Make one for each service, and keep it as long as the service.
///
/// | state | a call | goes on to |
/// |---|---|---|
/// | [`Closed`](CircuitState::Closed) | is made, and its result watched | open, after too many failures |
/// | [`Open`](CircuitState::Open) | is rejected with the time that is left | half-open, at the first call after the break |
/// | [`HalfOpen`](CircuitState::HalfOpen) | is made if a place for a probe is free | closed, after enough successes; open, at the first failure |
/// | [`Isolated`](CircuitState::Isolated) | is rejected | closed, by [`close`](Self::close) alone |
///
/// What too many failures are, how long a break is and how many probes there are, the
/// [builder](super::CircuitBreakerBuilder) is told.
///
/// There are no timers: the clock is asked, when a result or a call depends on the time. So a breaker that nobody calls
/// stays open in what it [tells](Self::watch), while [`state`](Self::state) says what a call would find.
///
/// A call that was begun before the last change of state (or before [`close`](Self::close)) changes nothing when it ends,
/// whatever its result: a late success does not close a circuit that has opened since, nor does a late failure open one
/// that has recovered. Such results are only counted.
///
/// # Where calls go through
///
/// - [`call`](Self::call): a future, or an async block;
/// - [`run`](Self::run): a closure that blocks, or needs no waiting;
/// - [`try_acquire`](Self::try_acquire): anything; the permit is told the result.
///
/// A call that hangs is neither success nor failure as long as it hangs: put a [`timeout_on`](crate::timeout_on) inside.
/// What fails for one caller alone, as a bad request does, says nothing about the service: see
/// [`handle`](BreakerCall::handle).
///
/// A call costs two short locks, each only for some lines of arithmetic, and allocates nothing; the clock is asked only for
/// failures, while the circuit is not closed, and with a [ratio](CircuitBreakerBuilder::failure_ratio).
///
/// # Hooks, `tracing`, `log`
///
/// Hooks are closures of the builder: `on_opened`, `on_closed`, `on_half_open`. They are called outside of the lock, in the
/// order of the changes, one at a time, by whoever made a change or by one that is just calling another hook; so they may
/// do with the breaker whatever they like. With the crates `tracing` or `log`:
///
/// ```
/// # use taskcell::CircuitBreaker;
/// # mod tracing { macro_rules! any { ($($any:tt)*) => { () } } pub(crate) use any as warn; }
/// # mod log { macro_rules! any { ($($any:tt)*) => { () } } pub(crate) use any as info; }
/// let breaker = CircuitBreaker::builder()
///     .on_opened(|change| tracing::warn!(service = "rates", for = ?change.break_duration(), "circuit opened"))
///     .on_half_open(|_| log::info!("circuit half-open: rates"))
///     .on_closed(|change| log::info!("circuit closed after {} breaks: rates", change.breaks()))
///     .build();
/// ```
///
/// # Panics
///
/// A panic of a hook, of a watcher's waker or of the closure of
/// [`break_by`](super::CircuitBreakerBuilder::break_by) goes to who made the change, whose permit goes back as if it was
/// dropped; the other hooks are called nevertheless. A change that was made stays.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroU32;
/// use core::time::Duration;
/// use taskcell::{CircuitBreaker, CircuitState, Rejected, time::ManualClock};
///
/// # smol::block_on(async {
/// let clock = ManualClock::new();
/// let breaker = CircuitBreaker::builder_on(clock.clone())
///     .consecutive_failures(NonZeroU32::new(2).unwrap())
///     .break_for(Duration::from_secs(30))
///     .build();
///
/// for _ in 0..2 {
///     let answer = breaker.call(async { Err::<(), _>("no route to host") }).await;
///     assert_eq!(answer, Ok(Err("no route to host")));
/// }
/// assert_eq!(breaker.state(), CircuitState::Open);
///
/// clock.advance(Duration::from_secs(10));
/// let answer = breaker.call(async { Ok::<_, ()>("not even tried") }).await;
/// assert_eq!(answer, Err(Rejected::CircuitOpen { retry_after: Duration::from_secs(20) }));
///
/// clock.advance(Duration::from_secs(20));
/// assert_eq!(breaker.state(), CircuitState::HalfOpen);
/// assert_eq!(breaker.call(async { Ok::<_, ()>("hello") }).await, Ok(Ok("hello")));
/// assert_eq!(breaker.state(), CircuitState::Closed);
/// # })
/// ```
#[doc(alias = "CircuitBreakerPolicy")]
#[doc(alias = "CircuitBreakerStrategyOptions")]
#[doc(alias = "AddCircuitBreaker")]
#[derive(Clone)]
pub struct CircuitBreaker {
    owner: Arc<Owner>,
}

/// What handles and permits hold, and watchers do not.
struct Owner(Arc<Shared>);

impl Drop for Owner {
    fn drop(&mut self) {
        let mut wakers = Wakers::new();
        self.0.state.with(|guarded| {
            guarded.is_over = true;
            guarded.watchers.tell_all(&mut wakers);
        });
        wakers.wake();
    }
}

impl CircuitBreaker {
    /// What is said of it before it is made, on the system's clock.
    #[cfg(feature = "std")]
    pub fn builder() -> CircuitBreakerBuilder {
        Self::builder_on(crate::time::SystemClock)
    }

    /// What is said of it before it is made, on `clock`.
    pub fn builder_on(clock: impl TimeProvider + 'static) -> CircuitBreakerBuilder {
        CircuitBreakerBuilder::new(alloc::boxed::Box::new(clock))
    }

    pub(super) fn new(shared: Shared) -> Self {
        Self { owner: Arc::new(Owner(Arc::new(shared))) }
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.owner.0
    }

    /// Makes a call, if the circuit lets it through.
    ///
    /// The permit is asked for at the first poll; if there is none the future is dropped without having been polled. Its
    /// output comes back as it is, and counts as a failure if it is an `Err`; [`handle`](BreakerCall::handle) takes another
    /// view, and any output. Whoever has a closure that makes the future, and maybe begins its work at once, passes
    /// `async { make().await }`, so that it is called only if the circuit lets it.
    ///
    /// A clone of the breaker is kept, and nothing else is allocated.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the future, and the call counts as neither success nor failure: whoever cancels a call has not
    /// found out about the service. A future that ends *with an error* because a token was cancelled is judged as any
    /// other; say so in `handle`:
    ///
    /// ```
    /// use taskcell::{CallVerdict, CancellationToken, Cancelled, CircuitBreaker};
    ///
    /// # smol::block_on(async {
    /// # let breaker = CircuitBreaker::builder().build();
    /// let token = CancellationToken::new(true);
    /// let answer = breaker.call(async { token.check() }).handle(|answer: &Result<(), Cancelled>| match answer {
    ///     Ok(()) => CallVerdict::Success,
    ///     Err(Cancelled { .. }) => CallVerdict::Ignore,
    /// });
    /// assert!(answer.await.unwrap().is_err());
    /// assert_eq!((breaker.stats().failures, breaker.stats().ignored), (0, 1));
    /// # })
    /// ```
    ///
    /// # Panics
    ///
    /// A panic of the future goes to the caller, and counts as a failure. Polled after its end it panics.
    ///
    /// # Errors
    ///
    /// [`Rejected::CircuitOpen`] and [`Rejected::Isolated`]: it was not made.
    #[doc(alias = "ExecuteAsync")]
    pub fn call<F: IntoFuture>(&self, future: F) -> BreakerCall<F::IntoFuture> {
        BreakerCall::new(self.clone(), future.into_future(), ErrIsFailure)
    }

    /// Calls a closure, if the circuit lets it through. An `Err` counts as a failure, and so does a panic, which goes on.
    ///
    /// # Errors
    ///
    /// [`Rejected::CircuitOpen`] and [`Rejected::Isolated`]: it was not called.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{CircuitBreaker, Rejected};
    ///
    /// let breaker = CircuitBreaker::builder().build();
    /// assert_eq!(breaker.run(|| "21".parse::<i32>()), Ok(Ok(21)));
    /// breaker.isolate();
    /// assert_eq!(breaker.run(|| "21".parse::<i32>()), Err(Rejected::Isolated));
    /// ```
    #[doc(alias = "Execute")]
    #[doc(alias = "executeCallable")]
    pub fn run<T, E>(&self, call: impl FnOnce() -> Result<T, E>) -> Result<Result<T, E>, Rejected> {
        let mut failed = FailedIfItPanics(Some(self.try_acquire()?));
        let result = call();
        if let Some(mut permit) = failed.0.take() {
            permit.end(ErrIsFailure.judge(&result).into());
        }
        Ok(result)
    }

    /// A permit for one call, whose result it is to be told.
    ///
    /// If the break is over the circuit becomes half-open here, and the permit is that of a probe.
    ///
    /// # Errors
    ///
    /// [`Rejected::CircuitOpen`], with the time until the break is over (zero if it is half-open and all probes are out:
    /// the first of them to end decides); [`Rejected::Isolated`].
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::CircuitBreaker;
    ///
    /// # fn ask() -> Result<u16, ()> { Ok(200) }
    /// let breaker = CircuitBreaker::builder().build();
    /// let permit = breaker.try_acquire()?;
    /// match ask() {
    ///     Ok(status) if status < 500 => permit.success(),
    ///     _ => permit.failure(),
    /// }
    /// # assert_eq!(breaker.stats().successes, 1);
    /// # Ok::<(), taskcell::Rejected>(())
    /// ```
    #[doc(alias = "tryAcquirePermission")]
    #[doc(alias = "is_call_permitted")]
    pub fn try_acquire(&self) -> Result<BreakerPermit, Rejected> {
        self.shared().admit(self)
    }

    /// What a call would find now: a break that is over is half-open, though no call has been made yet.
    #[must_use]
    #[doc(alias = "CircuitBreakerStateProvider")]
    pub fn state(&self) -> CircuitState {
        let now = self.shared().now();
        self.shared().state.with(|guarded| guarded.circuit.state(now))
    }

    /// How long a call is to wait: what is left of the break, [`Duration::MAX`] for one that never ends by itself and for a
    /// circuit that is isolated, zero otherwise.
    #[must_use]
    #[doc(alias = "RetryAfter")]
    pub fn retry_after(&self) -> Duration {
        let now = self.shared().now();
        self.shared().state.with(|guarded| guarded.circuit.retry_after(now))
    }

    /// State and figures, all of one moment.
    #[must_use]
    #[doc(alias = "getMetrics")]
    pub fn stats(&self) -> CircuitStats {
        let now = self.shared().now();
        self.shared().state.with(|guarded| guarded.circuit.stats(now))
    }

    /// Rejects all calls until somebody closes the circuit. Those under way go on, and change nothing any more.
    #[doc(alias = "IsolateAsync")]
    #[doc(alias = "CircuitBreakerManualControl")]
    #[doc(alias = "transitionToForcedOpenState")]
    pub fn isolate(&self) {
        self.shared().change(self, super::circuit::Circuit::isolate);
    }

    /// Closes the circuit, whatever its state, and forgets the failures that were. The statistics stay.
    #[doc(alias = "CloseAsync")]
    #[doc(alias = "Reset")]
    pub fn close(&self) {
        self.shared().change(self, super::circuit::Circuit::close);
    }

    /// The states, as they change. See [`CircuitWatch`].
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{CircuitBreaker, CircuitState};
    ///
    /// # smol::block_on(async {
    /// let breaker = CircuitBreaker::builder().build();
    /// let mut watch = breaker.watch();
    /// assert_eq!(watch.changed().await, Some(CircuitState::Closed));
    /// breaker.isolate();
    /// breaker.close();
    /// breaker.isolate();
    /// drop(breaker);
    /// assert_eq!(watch.changed().await, Some(CircuitState::Isolated));
    /// assert_eq!(watch.changed().await, None);
    /// # })
    /// ```
    #[doc(alias = "getEventPublisher")]
    pub fn watch(&self) -> CircuitWatch {
        CircuitWatch::new(self.owner.0.clone())
    }
}

// Nothing is half done when a panic gets out.
impl UnwindSafe for CircuitBreaker {}
impl RefUnwindSafe for CircuitBreaker {}

impl fmt::Debug for CircuitBreaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.shared().state.with(|guarded| guarded.circuit.decided());
        f.debug_struct("CircuitBreaker").field("state", &state).finish_non_exhaustive()
    }
}
