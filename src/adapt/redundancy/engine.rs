//! What all of them share: starting attempts, judging their outputs, and what becomes of the losers.

use alloc::vec::Vec;
use core::mem;
use core::task::{Context, Poll};

use super::attempt::{Attempt, Ended, Running};
use super::error::RedundancyError;
use super::losers::Losers;
use super::set::Set;
use crate::cancel::{CancellationToken, CancellationTokenSource, Cancelled, WaitForCancelledOwned};
use crate::task::AggregateError;
use crate::time::Timestamp;

/// At most so many attempts are started in one poll.
const STARTS: u32 = 64;

/// What the names differ in.
pub(super) trait Plan {
    type Future: Future;
    type Value;
    type Error;

    /// Attempts that will be there at the same time, as a guess; asked before the first one is made.
    fn room(&self) -> usize {
        1
    }

    /// Makes the next attempt, or says that there is none any more.
    fn start(&mut self, number: u32, attempt: impl FnOnce() -> Attempt) -> Option<Self::Future>;

    /// Whether an output ends it.
    fn judge(output: <Self::Future as Future>::Output) -> Result<Self::Value, Self::Error>;

    /// The time, where somebody wants to know it.
    fn now(&self) -> Timestamp {
        Timestamp::ZERO
    }

    /// Attempt `number - 1` was started at `started`: whether `number` follows at once. Otherwise [`poll_due`] tells.
    ///
    /// [`poll_due`]: Self::poll_due
    fn follows(&mut self, number: u32, started: Timestamp) -> bool;

    /// Ready when the next attempt is due. One that fails makes it due too.
    fn poll_due(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }

    /// Whether [`won`](Self::won) is to be called.
    fn observes(&self) -> bool {
        false
    }

    /// An attempt gave a result. `oldest` is when the oldest of those that had not failed was started.
    fn won(&mut self, _oldest: Timestamp) {}

    /// There is no next attempt; disarms what is armed.
    fn over(&mut self) {}
}

type Outcome<P> = Result<<P as Plan>::Value, RedundancyError<<P as Plan>::Error>>;

/// The attempts of one call, and their outcome.
pub(super) struct Engine<F, V, E> {
    attempts: Attempts<F>,
    token: CancellationToken,
    /// There only while it waits.
    cancelled: Option<WaitForCancelledOwned>,
    /// The number of the next attempt.
    next: u32,
    /// So many attempts are to be started.
    due: u32,
    /// There is no next attempt.
    exhausted: bool,
    errors: Vec<(usize, E)>,
    /// Those that came after the cancellation.
    secondary: Vec<(usize, E)>,
    /// Those that run are awaited when the token is cancelled, whatever becomes of losers.
    patient: bool,
    /// There while losers are awaited.
    outcome: Option<Result<V, RedundancyError<E>>>,
    ready: bool,
}

impl<F, V, E> Engine<F, V, E> {
    pub(super) fn new() -> Self {
        Self {
            attempts: Attempts { set: Set::new(), losers: Losers::DropNow, broken: false },
            token: CancellationToken::NONE,
            cancelled: None,
            next: 0,
            due: 1,
            exhausted: false,
            errors: Vec::new(),
            secondary: Vec::new(),
            patient: false,
            outcome: None,
            ready: false,
        }
    }

    pub(super) fn set_token(&mut self, token: &CancellationToken) {
        self.token = token.clone();
    }

    pub(super) fn set_losers(&mut self, losers: Losers<F>) {
        self.attempts.losers = losers;
    }

    pub(super) fn set_patient(&mut self) {
        self.patient = true;
    }

    /// How many attempts were started, and how many of them run.
    pub(super) fn counts(&self) -> (u32, usize) {
        (self.next, self.attempts.set.live())
    }

    fn failed(&mut self) -> Option<AggregateError<E>> {
        AggregateError::try_new(mem::take(&mut self.errors))
    }
}

impl<F: Future, V, E> Engine<F, V, E> {
    /// Runs the attempts that `plan` makes.
    #[inline]
    pub(super) fn poll<P>(&mut self, plan: &mut P, cx: &mut Context<'_>) -> Poll<Outcome<P>>
    where
        P: Plan<Future = F, Value = V, Error = E>,
    {
        assert!(!self.ready, "polled after it was ready");
        assert!(!self.attempts.broken, "polled after an attempt panicked");
        // Until this poll returns.
        self.attempts.broken = true;
        let mut polled = if self.outcome.is_none() { self.run(plan, cx) } else { Poll::Pending };
        if self.outcome.is_some() {
            polled = self.await_losers::<P>(cx);
        }
        self.attempts.broken = false;
        self.ready = polled.is_ready();
        polled
    }

    fn run<P>(&mut self, plan: &mut P, cx: &mut Context<'_>) -> Poll<Outcome<P>>
    where
        P: Plan<Future = F, Value = V, Error = E>,
    {
        let mut starts = STARTS;
        loop {
            while self.due > 0 && !self.exhausted && starts > 0 {
                if self.token.is_cancelled() {
                    return self.end_cancelled(plan);
                }
                starts -= 1;
                self.start(plan);
            }
            // All that have ended, before the next is started: one that has succeeded saves it.
            while let Some(ended) = self.attempts.set.poll_any(cx) {
                let Ended { number, started, output } = ended;
                match P::judge(output) {
                    Ok(value) => {
                        if plan.observes() {
                            let oldest = self.attempts.set.oldest().filter(|oldest| oldest.0 < number);
                            plan.won(oldest.map_or(started, |(_, started)| started));
                        }
                        return self.end(plan, Ok(value));
                    }
                    Err(error) => {
                        let after = self.token.is_cancelled();
                        let errors = if after { &mut self.secondary } else { &mut self.errors };
                        errors.push((number as usize, error));
                        self.due = self.due.saturating_add(1);
                    }
                }
            }
            if self.due > 0 && !self.exhausted {
                if starts > 0 {
                    continue;
                }
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if self.attempts.set.live() == 0 && self.exhausted {
                return self.end_failed(plan);
            }
            if self.poll_cancelled(cx).is_ready() {
                return self.end_cancelled(plan);
            }
            if self.exhausted || plan.poll_due(cx).is_pending() {
                return Poll::Pending;
            }
            self.due = 1;
        }
    }

    fn start<P>(&mut self, plan: &mut P)
    where
        P: Plan<Future = F, Value = V, Error = E>,
    {
        let number = self.next;
        let room = if number == 0 { plan.room() } else { 0 };
        let started = plan.now();
        let mut cancels: Option<CancellationTokenSource> = None;
        let future = plan.start(number, || {
            let (attempt, source) = Attempt::below(&self.token, number);
            cancels = Some(source);
            attempt
        });
        let (Some(future), Some(source)) = (future, cancels) else {
            self.exhausted = true;
            return plan.over();
        };
        if room > 0 {
            self.attempts.set = Set::with_room(room);
        }
        self.attempts.set.push(Running { source, number, started, future });
        self.next = number.saturating_add(1);
        self.due = self.due - 1 + u32::from(plan.follows(self.next, started));
    }

    fn poll_cancelled(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.token.can_be_cancelled() {
            return Poll::Pending;
        }
        let Self { cancelled, token, .. } = self;
        core::pin::Pin::new(cancelled.get_or_insert_with(|| token.clone().cancelled_owned())).poll(cx)
    }

    /// There is an outcome: the losers are dealt with.
    fn end<P>(&mut self, plan: &mut P, outcome: Outcome<P>) -> Poll<Outcome<P>>
    where
        P: Plan<Future = F, Value = V, Error = E>,
    {
        self.exhausted = true;
        self.cancelled = None;
        plan.over();
        if matches!(self.attempts.losers, Losers::CancelAndAwait) {
            self.outcome = Some(outcome);
            self.attempts.set.cancel();
            return Poll::Pending;
        }
        self.attempts.let_go();
        Poll::Ready(outcome)
    }

    fn end_failed<P>(&mut self, plan: &mut P) -> Poll<Outcome<P>>
    where
        P: Plan<Future = F, Value = V, Error = E>,
    {
        if !self.secondary.is_empty() {
            return self.end_cancelled(plan);
        }
        let error = self.failed().map_or(RedundancyError::Empty, RedundancyError::Failed);
        self.end(plan, Err(error))
    }

    fn end_cancelled<P>(&mut self, plan: &mut P) -> Poll<Outcome<P>>
    where
        P: Plan<Future = F, Value = V, Error = E>,
    {
        if self.patient {
            self.attempts.losers = Losers::CancelAndAwait;
        }
        let (by, secondary) = (Cancelled::new(self.token.clone()), mem::take(&mut self.secondary));
        let error = RedundancyError::Cancelled { by, errors: self.failed(), secondary };
        self.end(plan, Err(error))
    }

    /// Holds the outcome back until the losers have ended. After a cancellation one of them may still win.
    fn await_losers<P>(&mut self, cx: &mut Context<'_>) -> Poll<Outcome<P>>
    where
        P: Plan<Future = F, Value = V, Error = E>,
    {
        while let Some(ended) = self.attempts.set.poll_any(cx) {
            if let Some(Err(RedundancyError::Cancelled { secondary, .. })) = &mut self.outcome {
                match P::judge(ended.output) {
                    Ok(value) => self.outcome = Some(Ok(value)),
                    Err(error) => secondary.push((ended.number as usize, error)),
                }
            }
        }
        match self.outcome.take_if(|_| self.attempts.set.live() == 0) {
            Some(outcome) => Poll::Ready(outcome),
            None => Poll::Pending,
        }
    }
}

/// The attempts that run, and what becomes of them.
struct Attempts<F> {
    set: Set<F>,
    losers: Losers<F>,
    /// While it is polled, and after a panic.
    broken: bool,
}

impl<F> Attempts<F> {
    /// Cancels those that run, and drops them or hands them over.
    fn let_go(&mut self) {
        let mut set = mem::replace(&mut self.set, Set::new());
        if set.live() == 0 {
            return;
        }
        set.cancel();
        if let Losers::CancelAndDetach(detach) = mem::take(&mut self.losers) {
            detach.take(set);
        }
    }
}

impl<F> Drop for Attempts<F> {
    fn drop(&mut self) {
        if self.broken {
            // One of them may have panicked: they are dropped here.
            self.losers = Losers::DropNow;
        }
        self.let_go();
    }
}
