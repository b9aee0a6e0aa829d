//! `hedge`: another attempt when the first one takes too long.

use core::fmt;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use futures_core::TryFuture;

use super::attempt::Attempt;
use super::delay::{HedgeDelay, Observing};
use super::engine::Engine;
use super::error::RedundancyError;
use super::latency::ObservedLatency;
use super::losers::Losers;
use super::racing::Racing;
use crate::cancel::CancellationToken;
use crate::time::TimeProvider;

/// Makes another attempt when the last one takes too long or fails; the first that succeeds wins. In the system's time.
///
/// See [`hedge_on`], which says it all.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::{Attempt, hedge};
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let answer = hedge(|attempt: Attempt| async move {
///     if attempt.number == 0 { std::future::pending().await } else { Ok::<_, ()>("second") }
/// });
/// assert_eq!(answer.delay(Duration::from_millis(5)).await, Ok("second"));
/// # })
/// ```
#[doc(alias = "HedgedRequest")]
#[doc(alias = "AddHedging")]
#[doc(alias = "HedgingStrategy")]
#[doc(alias = "speculative")]
#[doc(alias = "race_ok")]
#[cfg(feature = "std")]
#[inline]
pub fn hedge<M, R, T, E>(attempt: M) -> Hedge<M, R::IntoFuture, crate::time::SystemClock>
where
    M: FnMut(Attempt) -> R,
    R: IntoFuture<Output = Result<T, E>>,
{
    hedge_on(crate::time::SystemClock, attempt)
}

/// Makes another attempt when the last one takes too long or fails; the first that succeeds wins.
///
/// `attempt` makes one attempt each time it is called, and is told its number and a token of its own. The first one
/// starts at the first poll. The next one starts
///
/// - when the [`delay`](Hedge::delay) since the start of the last one is over, in the time of `clock`,
/// - at once if one fails,
///
/// as long as there are at most [`max_attempts`](Hedge::max_attempts) (two, unless said) and
/// [`can_hedge`](Hedge::can_hedge) allows it. The delay is by the last attempt alone: at most one timer is armed. Without
/// `delay` an attempt follows only on a failure.
///
/// | Polly's mode | here |
/// |---|---|
/// | latency mode (delay > 0) | `.delay(Duration::from_millis(20))`, better `.delay(&latency).observe(&latency)` |
/// | parallel mode (delay = 0) | `.delay(Duration::ZERO)`: all at the first poll |
/// | fallback mode (delay < 0) | `.delay(Duration::MAX)`, or nothing: one at a time |
/// | dynamic mode (`DelayGenerator`) | [`.delay_from`](Hedge::delay_from) |
/// | `MaxHedgedAttempts = n` | `.max_attempts(n + 1)`: the first one counts here |
/// | `ActionGenerator` | `attempt` itself; where it answers null, [`can_hedge`](Hedge::can_hedge) |
/// | `OnHedging` | [`on_attempt`](Hedge::on_attempt) |
/// | `ShouldHandle` | what the attempt gives as `Err` |
///
/// The first success wins. The others are cancelled then, each by its own token, and [`Losers`] says what becomes of
/// them: by default they are dropped before the result is returned, in Polly they are awaited
/// ([`Losers::CancelAndAwait`]). The winner's token is not cancelled: what it gave may still hold it.
///
/// **An attempt that is hedged may take effect more than once**: cancelling a loser undoes nothing that the other side has
/// done already. Hedge what is idempotent, reads above all, and tell the rest apart with `can_hedge`: where it answers
/// false there is exactly one call.
///
/// An error starts the next attempt at once, whatever it says: `can_hedge` sees numbers. What another attempt would not
/// mend (a request that is wrong) is given as `Ok(Err(error))`: that wins.
///
/// All attempts that were woken are polled before the next is started: one that is ready saves the next, also where another
/// has failed meanwhile. Which of several wins that succeed before the next poll is left open. They are lazy, and make
/// progress only while the future is polled; one that computes for long between two waits keeps the next from starting.
///
/// # Cost
///
/// Two allocations for a call that is not hedged: the attempt's token, and a block for the attempt and its waker. One that
/// is hedged once takes three more (a token, a block, and a list of blocks, which double). Beside that there is what the
/// clock needs for a timer, and a list of errors, if there are any. A poll polls only those that were woken.
///
/// # Cancel safety
///
/// Dropping the future cancels the attempts and drops them, or, with [`Losers::CancelAndDetach`], hands them over. It
/// leaves neither a timer nor anything on the token.
///
/// # Panics
///
/// If an attempt or one of the closures panics, the panic goes to the caller; the other attempts are cancelled and
/// dropped with the future, and polling again panics. So does polling after `Ready`. A callback on a loser's token that
/// panics does so here too, when all losers have been cancelled; the result is lost then.
///
/// # Errors
///
/// [`RedundancyError::Failed`] if all attempts failed, with the error of each under its number;
/// [`RedundancyError::Cancelled`] if the [`token`](Hedge::token) was cancelled first, with the errors from before. If it is
/// cancelled from the start nothing is attempted. An attempt that succeeds while it is being cancelled still wins, as long
/// as this waits for it.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::time::{ManualClock, TimeProvider, delay_on};
/// use taskcell::{Attempt, hedge_on};
///
/// # #[cfg(not(loom))] {
/// let clock = ManualClock::new();
/// clock.set_auto_advance(true);
/// let millis = Duration::from_millis;
/// // The first server takes 100 ms, the second one 5.
/// let answer = hedge_on(&clock, |attempt: Attempt| {
///     let answer = delay_on(&clock, millis(if attempt.number == 0 { 100 } else { 5 }));
///     async move {
///         answer.await;
///         Ok::<_, ()>(attempt.number)
///     }
/// });
/// assert_eq!(clock.block_on(answer.delay(millis(10))), Ok(1));
/// assert_eq!((clock.now().as_nanos(), clock.armed()), (15_000_000, 0));
/// # }
/// ```
#[doc(alias = "HedgedRequest")]
#[doc(alias = "AddHedging")]
#[doc(alias = "HedgingStrategy")]
#[inline]
pub fn hedge_on<C, M, R, T, E>(clock: C, attempt: M) -> Hedge<M, R::IntoFuture, C>
where
    C: TimeProvider,
    M: FnMut(Attempt) -> R,
    R: IntoFuture<Output = Result<T, E>>,
{
    let plan = Racing::new(clock, attempt, Duration::MAX, (|_| true) as fn(u32) -> bool, (|_| ()) as fn(&Attempt));
    Hedge { plan, engine: Engine::new() }
}

/// The future of `hedge` and [`hedge_on`], and what may be said before it is polled. It is `Unpin`, whatever its attempts
/// are.
///
/// # Examples
///
/// All that can be said, for calls that are safe to make twice:
///
/// ```
/// use core::time::Duration;
/// use taskcell::{Attempt, CancellationTokenSource, Losers, ManualClock, ObservedLatency, hedge};
///
/// let (clock, user) = (ManualClock::new(), CancellationTokenSource::new());
/// let latency = ObservedLatency::percentile(95.0).initial(Duration::from_millis(50));
/// let idempotent = true;
/// # smol::block_on(async {
/// let answer = hedge(|_: Attempt| async { Ok::<_, &str>(7) })
///     .on_clock(&clock)
///     .delay(&latency) // after the observed 95 % ..
///     .observe(&latency) // .. of calls like this one
///     .max_attempts(3)
///     .can_hedge(|_number| idempotent)
///     .on_attempt(|attempt: &Attempt| println!("attempt {}", attempt.number))
///     .losers(Losers::CancelAndAwait)
///     .token(&user.token())
///     .await;
/// assert_eq!(answer, Ok(7));
/// assert_eq!(latency.samples(), 1);
/// # });
/// ```
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Hedge<M, F: TryFuture, C, D = Duration, G = fn(u32) -> bool, H = fn(&Attempt)> {
    plan: Racing<M, F, C, D, G, H>,
    engine: Engine<F, F::Ok, F::Error>,
}

impl<M, F: TryFuture, C, D, G, H> Hedge<M, F, C, D, G, H> {
    /// How long after the start of one attempt the next one starts: a [`Duration`], or a percentile of what was
    /// [observed](ObservedLatency). Zero starts all at once; [`Duration::MAX`] never one before another has failed.
    pub fn delay<N: HedgeDelay>(self, delay: N) -> Hedge<M, F, C, N, G, H> {
        Hedge { plan: self.plan.with_delay(|_| delay), engine: self.engine }
    }

    /// The same by the number of the attempt that is to start, from one on; `None` only when one fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use taskcell::{Attempt, hedge};
    ///
    /// # smol::block_on(async {
    /// let answer = hedge(|attempt: Attempt| async move { if attempt.number < 2 { Err("down") } else { Ok(attempt.number) } })
    ///     .max_attempts(3)
    ///     // The second after 20 ms, the third only when one has failed.
    ///     .delay_from(|number| (number == 1).then_some(Duration::from_millis(20)))
    ///     .await;
    /// assert_eq!(answer, Ok(2));
    /// # });
    /// ```
    #[doc(alias = "DelayGenerator")]
    pub fn delay_from<N: FnMut(u32) -> Option<Duration>>(self, delay: N) -> Hedge<M, F, C, N, G, H> {
        self.delay(delay)
    }

    /// Records in `latency` how long calls that succeed take: one sample for each.
    ///
    /// Of the attempts that had not failed the oldest counts: how long it took, or, if it was beaten, how long it had
    /// taken by then. So the percentile stays that of attempts that nobody hedges. (The latency of the winner would not:
    /// what is hedged never takes longer than the delay and a little, so the percentile would shrink, and the number of
    /// hedges grow, from one call to the next.)
    ///
    /// `latency` is an `&ObservedLatency` or an `Arc` of one. Say it after the delay.
    pub fn observe<L>(self, latency: L) -> Hedge<M, F, C, Observing<D, L>, G, H>
    where
        L: Deref<Target = ObservedLatency>,
    {
        Hedge { plan: self.plan.with_delay(|delay| Observing { delay, latency }), engine: self.engine }
    }

    /// How many attempts there are at most, with the first one; zero counts as one. Two, unless said.
    #[doc(alias = "MaxHedgedAttempts")]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.plan.most = attempts.max(1);
        self
    }

    /// Asks `gate` before each attempt but the first one, by its number, whether it may be made; false ends the making of
    /// attempts. For what may take effect only once it answers false: then there is exactly one call, whatever it gives.
    #[doc(alias = "idempotent")]
    pub fn can_hedge<N: FnMut(u32) -> bool>(self, gate: N) -> Hedge<M, F, C, D, N, H> {
        Hedge { plan: self.plan.with_gate(gate), engine: self.engine }
    }

    /// Has `hook` called for each attempt, the first one too, right before it is made.
    #[doc(alias = "OnHedging")]
    pub fn on_attempt<N: FnMut(&Attempt)>(self, hook: N) -> Hedge<M, F, C, D, G, N> {
        Hedge { plan: self.plan.with_hook(hook), engine: self.engine }
    }

    /// The clock of the delay, a reference or a handle.
    pub fn on_clock<N: TimeProvider>(self, clock: N) -> Hedge<M, F, N, D, G, H> {
        Hedge { plan: self.plan.with_clock(clock), engine: self.engine }
    }

    /// Cancels the attempts when `token` is cancelled, and answers [`RedundancyError::Cancelled`] then.
    pub fn token(mut self, token: &CancellationToken) -> Self {
        self.engine.set_token(token);
        self
    }

    /// Awaits those that run when the token is cancelled, whatever becomes of losers.
    pub(crate) fn wait_when_cancelled(mut self) -> Self {
        self.engine.set_patient();
        self
    }

    /// How many attempts were started.
    pub(crate) fn started(&self) -> u32 {
        self.engine.counts().0
    }

    /// What becomes of the attempts that still run when the outcome is known; [`Losers::DropNow`] unless said.
    pub fn losers(mut self, losers: Losers<F>) -> Self {
        self.engine.set_losers(losers);
        self
    }
}

// No attempt lies in it.
impl<M, F: TryFuture, C, D, G, H> Unpin for Hedge<M, F, C, D, G, H> {}

impl<M, R, F, T, E, C, D, G, H> Future for Hedge<M, F, C, D, G, H>
where
    M: FnMut(Attempt) -> R,
    R: IntoFuture<IntoFuture = F>,
    F: Future<Output = Result<T, E>>,
    C: TimeProvider,
    D: HedgeDelay,
    G: FnMut(u32) -> bool,
    H: FnMut(&Attempt),
{
    type Output = Result<T, RedundancyError<E>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.engine.poll(&mut this.plan, cx)
    }
}

impl<M, F: TryFuture, C, D, G, H> fmt::Debug for Hedge<M, F, C, D, G, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (started, running) = self.engine.counts();
        let mut debug = f.debug_struct("Hedge");
        debug.field("started", &started).field("running", &running).finish_non_exhaustive()
    }
}
