//! What a retry does.

use core::fmt;
use core::future::{Future, IntoFuture};
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use pin_project::pin_project;

use super::builder::Limits;
use super::earlier::Earlier;
use super::error::Failure;
use super::gap::{Gap, Verdict};
use super::rules::{Accept, Hear, Hint, Judge, Rules};
use super::stop::Stop;
use super::{Retry, RetryAttempt, RetryCause, RetryError, RetryErrorKind, RetryEvent};
use crate::time::{TimeProvider, Timer, Timestamp};

/// Attempts that one poll makes before it lets others go first.
const BURST: u32 = 32;

/// The future of `retry` and [`retry_on`](super::retry_on): of a [`Retry`] `P`, an attempt `A`, a gap `G`.
///
/// # Examples
///
/// ```
/// use taskcell::retry;
///
/// let waits = retry(async |_| Ok::<_, ()>(7)).into_future(); // what `.await` makes of the builder
/// # smol::block_on(async {
/// assert_eq!(waits.await.unwrap(), 7);
/// # });
/// ```
#[must_use = "futures do nothing unless you `.await` or poll them"]
#[pin_project]
pub struct Retrying<P, A, G, E, R> {
    plan: P,
    #[pin]
    stage: Stage<A, G>,
    run: Run<E, R>,
}

#[pin_project(project = Now)]
enum Stage<A, G> {
    /// Nothing has happened.
    New,
    /// An attempt is to be made: others went first.
    Next,
    Attempt(#[pin] A),
    /// The timer runs.
    Delay,
    Gap(#[pin] G),
    /// The end; or foreign code runs, and its panic will be the end.
    Over,
}

/// What is known so far.
struct Run<E, R> {
    /// Attempts started.
    made: u32,
    started: Timestamp,
    /// When the whole must be over.
    deadline: Timestamp,
    /// Whether time is limited at all.
    bounded: bool,
    /// For the attempt, the delay or the gap.
    timer: Timer,
    last: Option<Failure<E, R>>,
    earlier: Earlier<E>,
}

impl<P, A, G, E, R> Retrying<P, A, G, E, R> {
    #[inline]
    pub(super) fn new(plan: P) -> Self {
        let timer = Timer::new(Timestamp::MAX);
        let (started, deadline) = (Timestamp::ZERO, Timestamp::MAX);
        let run = Run { made: 0, started, deadline, bounded: false, timer, last: None, earlier: Earlier::new() };
        Self { plan, stage: Stage::New, run }
    }
}

impl<E, R> Run<E, R> {
    /// The end, for a reason; everything that waited goes.
    #[cold]
    fn end(&mut self, kind: RetryErrorKind, clock: &impl TimeProvider, stop: &mut impl Stop) -> RetryError<E, R> {
        let elapsed = match self.made {
            0 => Duration::ZERO,
            _ => clock.now().saturating_duration_since(self.started),
        };
        let (last, earlier) = (self.last.take(), self.earlier.take());
        let error = RetryError { kind, attempts: self.made, elapsed, last, earlier };
        self.release(stop);
        error
    }

    #[inline]
    fn release(&mut self, stop: &mut impl Stop) {
        stop.release();
        self.timer.set(Timestamp::MAX);
    }

    #[inline]
    fn start(&mut self, limits: &Limits, clock: &impl TimeProvider) {
        self.started = clock.now();
        self.deadline = self.started.saturating_add(limits.whole);
        self.bounded = self.deadline != Timestamp::MAX || limits.attempt != Duration::MAX;
    }

    /// Has the timer tell when the attempt that begins now has taken too long. False: the whole is over.
    fn limit(&mut self, limits: &Limits, clock: &impl TimeProvider) -> bool {
        let now = clock.now();
        if self.made > 0 && now >= self.deadline {
            return false;
        }
        let until = now.saturating_add(limits.attempt).min(self.deadline);
        self.timer.set(if until <= now { Timestamp::ZERO } else { until });
        true
    }

    /// Whether so long a delay leaves time for another attempt.
    fn fits(&self, delay: Duration, clock: &impl TimeProvider) -> bool {
        self.deadline == Timestamp::MAX || clock.now().saturating_add(delay) < self.deadline
    }

    /// Whether the time that is up is that of the whole.
    fn is_over(&self, clock: &impl TimeProvider) -> bool {
        self.deadline != Timestamp::MAX && clock.now() >= self.deadline
    }

    #[inline]
    fn remember(&mut self, failure: Failure<E, R>, limits: &Limits) {
        if limits.keep {
            if let Some(Failure::Error(error)) = self.last.take() {
                self.earlier.push(error);
            }
        }
        self.last = Some(failure);
    }
}

impl<F, Fut, T, E, C, W, V, D, H, B, G, S> Future
    for Retrying<Retry<F, C, Rules<W, V, D, H>, B, G, S>, Fut::IntoFuture, G::Future, E, V::Rejected>
where
    F: FnMut(RetryAttempt) -> Fut,
    Fut: IntoFuture<Output = Result<T, E>>,
    C: TimeProvider,
    W: Judge<E>,
    V: Accept<T>,
    D: Hint<E>,
    H: Hear<E>,
    B: Iterator<Item = Duration>,
    G: Gap,
    S: Stop,
{
    type Output = Result<T, RetryError<E, V::Rejected>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        use RetryErrorKind::{AttemptTimedOut, Cancelled, Deadline, Exhausted, Full, Refused};
        let this = self.project();
        let (mut stage, run) = (this.stage, this.run);
        let Retry { attempt, clock, rules, delays, gap, stop, limits } = this.plan;
        let mut burst = BURST;
        let kind = 'end: loop {
            let mut under_way = false;
            match stage.as_mut().project() {
                Now::New => {
                    if stop.is_cancelled() {
                        break Cancelled;
                    }
                    if stop.prepare().is_err() {
                        break Full;
                    }
                    run.start(limits, clock);
                }
                Now::Next => {}
                Now::Attempt(_) => under_way = true,
                Now::Delay => {
                    if stop.poll_cancelled(cx).is_ready() {
                        break Cancelled;
                    }
                    if run.timer.poll(clock, cx).is_pending() {
                        return Poll::Pending;
                    }
                    // The next attempt may have no limit, and is not to find this one's.
                    run.timer.set(Timestamp::MAX);
                    stage.set(Stage::Over);
                    if open(stage.as_mut(), gap, run, limits) {
                        continue;
                    }
                }
                Now::Gap(future) => {
                    if stop.poll_cancelled(cx).is_ready() {
                        break Cancelled;
                    }
                    match future.poll(cx) {
                        Poll::Ready(verdict) => {
                            stage.set(Stage::Over);
                            run.timer.set(Timestamp::MAX);
                            if !verdict.goes_on() {
                                break Refused;
                            }
                        }
                        Poll::Pending if run.timer.poll(clock, cx).is_pending() => return Poll::Pending,
                        Poll::Pending => break Deadline,
                    }
                }
                Now::Over => panic!("a retry polled after its end"),
            }
            // One attempt after the other, as long as nothing has to be waited for.
            loop {
                if !under_way {
                    if stop.is_cancelled() {
                        break 'end Cancelled;
                    }
                    if burst == 0 {
                        stage.set(Stage::Next);
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    burst -= 1;
                    if run.bounded && !run.limit(limits, clock) {
                        break 'end Deadline;
                    }
                    run.made = run.made.saturating_add(1);
                    stage.set(Stage::Over);
                    let future = attempt(RetryAttempt::last_of(run.made, limits.attempts)).into_future();
                    stage.set(Stage::Attempt(future));
                }
                under_way = false;
                let Now::Attempt(future) = stage.as_mut().project() else { unreachable!("an attempt was begun") };
                // What was wrong with it.
                let cause = match future.poll(cx) {
                    Poll::Ready(outcome) => {
                        stage.set(Stage::Over);
                        let failure = match outcome {
                            Err(error) => Failure::Error(error),
                            Ok(value) => match rules.value.accept(value) {
                                Ok(value) => {
                                    run.release(stop);
                                    return Poll::Ready(Ok(value));
                                }
                                Err(rejected) => Failure::Rejected(rejected),
                            },
                        };
                        run.remember(failure, limits);
                        match &run.last {
                            Some(Failure::Error(error)) if !rules.when.is_worth_it(error) => break 'end Refused,
                            Some(Failure::Error(_)) => RetryCause::Error,
                            _ => RetryCause::Value,
                        }
                    }
                    Poll::Pending => {
                        if limits.drop && stop.poll_cancelled(cx).is_ready() {
                            break 'end Cancelled;
                        }
                        if run.timer.poll(clock, cx).is_pending() {
                            return Poll::Pending;
                        }
                        stage.set(Stage::Over);
                        if run.is_over(clock) {
                            break 'end Deadline;
                        }
                        RetryCause::TimedOut
                    }
                };
                // There might be another.
                if run.made == limits.attempts {
                    break 'end if cause == RetryCause::TimedOut { AttemptTimedOut } else { Exhausted };
                }
                if stop.is_cancelled() {
                    break 'end Cancelled;
                }
                let error = match &run.last {
                    Some(Failure::Error(error)) if cause == RetryCause::Error => Some(error),
                    _ => None,
                };
                let Some(delay) = error.and_then(|error| rules.hint.delay(error)).or_else(|| delays.next()) else {
                    break 'end Exhausted;
                };
                if run.bounded && !run.fits(delay, clock) {
                    break 'end Deadline;
                }
                let failed = RetryAttempt::last_of(run.made, limits.attempts);
                rules.hear.hear(RetryEvent::new(failed, cause, error, delay));
                if !delay.is_zero() {
                    run.timer.set(clock.now().saturating_add(delay));
                    stage.set(Stage::Delay);
                    break;
                }
                if open(stage.as_mut(), gap, run, limits) {
                    break;
                }
            }
        };
        stage.set(Stage::Over);
        Poll::Ready(Err(run.end(kind, clock, stop)))
    }
}

/// On to the gap, if there is one.
#[inline]
fn open<A, G: Gap, E, R>(
    mut stage: Pin<&mut Stage<A, G::Future>>,
    gap: &mut G,
    run: &mut Run<E, R>,
    limits: &Limits,
) -> bool {
    let future = gap.open(RetryAttempt::last_of(run.made, limits.attempts));
    let there_is = future.is_some();
    if let Some(future) = future {
        run.timer.set(run.deadline);
        stage.set(Stage::Gap(future));
    }
    there_is
}

impl<P, A, G, E, R> fmt::Debug for Retrying<P, A, G, E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retrying").field("attempts", &self.run.made).finish_non_exhaustive()
    }
}
