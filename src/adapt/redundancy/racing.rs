//! Attempts that follow each other in time: the plan of `hedge`.

use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use super::attempt::Attempt;
use super::delay::HedgeDelay;
use super::engine::Plan;
use crate::time::{Delay, TimeProvider, Timestamp, delay_on};

/// Makes attempts, and knows when.
pub(super) struct Racing<M, F, C, D, G, H> {
    make: M,
    delay: D,
    gate: G,
    hook: H,
    /// Attempts in all.
    pub(super) most: u32,
    timer: Delay<C>,
    future: PhantomData<fn() -> F>,
}

impl<M, F, C: TimeProvider, D, G, H> Racing<M, F, C, D, G, H> {
    pub(super) fn new(clock: C, make: M, delay: D, gate: G, hook: H) -> Self {
        Self { make, delay, gate, hook, most: 2, timer: delay_on(clock, Duration::MAX), future: PhantomData }
    }
}

impl<M, F, C, D, G, H> Racing<M, F, C, D, G, H> {
    pub(super) fn with_delay<N>(self, delay: impl FnOnce(D) -> N) -> Racing<M, F, C, N, G, H> {
        let Self { make, gate, hook, most, timer, future, .. } = self;
        Racing { make, delay: delay(self.delay), gate, hook, most, timer, future }
    }

    pub(super) fn with_gate<N>(self, gate: N) -> Racing<M, F, C, D, N, H> {
        let Self { make, delay, hook, most, timer, future, .. } = self;
        Racing { make, delay, gate, hook, most, timer, future }
    }

    pub(super) fn with_hook<N>(self, hook: N) -> Racing<M, F, C, D, G, N> {
        let Self { make, delay, gate, most, timer, future, .. } = self;
        Racing { make, delay, gate, hook, most, timer, future }
    }

    pub(super) fn with_clock<N: TimeProvider>(self, clock: N) -> Racing<M, F, N, D, G, H> {
        let Self { make, delay, gate, hook, most, future, .. } = self;
        Racing { make, delay, gate, hook, most, timer: delay_on(clock, Duration::MAX), future }
    }
}

impl<M, R, F, C, D, G, H, T, E> Plan for Racing<M, F, C, D, G, H>
where
    M: FnMut(Attempt) -> R,
    R: IntoFuture<IntoFuture = F>,
    F: Future<Output = Result<T, E>>,
    C: TimeProvider,
    D: HedgeDelay,
    G: FnMut(u32) -> bool,
    H: FnMut(&Attempt),
{
    type Future = F;
    type Value = T;
    type Error = E;

    #[inline]
    fn start(&mut self, number: u32, attempt: impl FnOnce() -> Attempt) -> Option<F> {
        if number > 0 && (number >= self.most || !(self.gate)(number)) {
            return None;
        }
        let attempt = attempt();
        (self.hook)(&attempt);
        Some((self.make)(attempt).into_future())
    }

    #[inline]
    fn judge(output: Result<T, E>) -> Result<T, E> {
        output
    }

    #[inline]
    fn now(&self) -> Timestamp {
        self.timer.clock().now()
    }

    #[inline]
    fn follows(&mut self, number: u32, started: Timestamp) -> bool {
        let delay = if number < self.most { self.delay.delay(number) } else { None };
        match delay {
            Some(Duration::ZERO) => return true,
            Some(delay) => self.timer.restart(started.saturating_add(delay)),
            None => self.over(),
        }
        false
    }

    #[inline]
    fn poll_due(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.timer).poll(cx)
    }

    fn observes(&self) -> bool {
        self.delay.records()
    }

    fn won(&mut self, oldest: Timestamp) {
        self.delay.record(self.now().saturating_duration_since(oldest));
    }

    fn over(&mut self) {
        self.timer.restart(Timestamp::MAX);
    }
}
