//! When the next attempt of a hedge starts.

use core::fmt;
use core::ops::Deref;
use core::time::Duration;

use super::latency::ObservedLatency;
use crate::shim::heap::Arc;

/// How long after the start of one attempt the next one starts.
///
/// | | |
/// |---|---|
/// | a [`Duration`] | always the same; zero for all at once, [`Duration::MAX`] for never before one fails |
/// | `FnMut(u32) -> Option<Duration>` | by the number of the attempt that is to start; `None` is [`Duration::MAX`] |
/// | [`&ObservedLatency`](ObservedLatency) | a percentile of what was observed; also in an `Arc` |
///
/// # Examples
///
/// One that hears of latencies, and waits for twice the last one:
///
/// ```
/// use core::time::Duration;
/// use taskcell::HedgeDelay;
///
/// struct TwiceTheLast(Duration);
///
/// impl HedgeDelay for TwiceTheLast {
///     fn delay(&mut self, _number: u32) -> Option<Duration> {
///         Some(2 * self.0)
///     }
///
///     fn records(&self) -> bool {
///         true
///     }
///
///     fn record(&mut self, latency: Duration) {
///         self.0 = latency;
///     }
/// }
/// let mut rule = TwiceTheLast(Duration::from_millis(10));
/// rule.record(Duration::from_millis(30));
/// assert_eq!(rule.delay(1), Some(Duration::from_millis(60)));
/// ```
pub trait HedgeDelay {
    /// How long after the start of attempt `number - 1` attempt `number` is to start, if none fails before. `None`, as
    /// [`Duration::MAX`], is never.
    fn delay(&mut self, number: u32) -> Option<Duration>;

    /// Whether [`record`](Self::record) is of use.
    fn records(&self) -> bool {
        false
    }

    /// A call gave a result; see [`Hedge::observe`](super::Hedge::observe).
    fn record(&mut self, latency: Duration) {
        let _ = latency;
    }
}

impl HedgeDelay for Duration {
    fn delay(&mut self, _: u32) -> Option<Duration> {
        Some(*self)
    }
}

impl<D: FnMut(u32) -> Option<Duration>> HedgeDelay for D {
    fn delay(&mut self, number: u32) -> Option<Duration> {
        self(number)
    }
}

impl HedgeDelay for &ObservedLatency {
    fn delay(&mut self, _: u32) -> Option<Duration> {
        Some(ObservedLatency::delay(self))
    }
}

impl HedgeDelay for Arc<ObservedLatency> {
    fn delay(&mut self, _: u32) -> Option<Duration> {
        Some(ObservedLatency::delay(self))
    }
}

/// A delay, and where latencies are recorded; made by [`Hedge::observe`](super::Hedge::observe) and
/// [`HedgeStrategy::observe`](crate::HedgeStrategy::observe).
#[derive(Clone, Copy)]
pub struct Observing<D, L> {
    pub(crate) delay: D,
    pub(crate) latency: L,
}

impl<D: HedgeDelay, L: Deref<Target = ObservedLatency>> HedgeDelay for Observing<D, L> {
    fn delay(&mut self, number: u32) -> Option<Duration> {
        self.delay.delay(number)
    }

    fn records(&self) -> bool {
        true
    }

    fn record(&mut self, latency: Duration) {
        self.latency.record(latency);
        self.delay.record(latency);
    }
}

impl<D, L> fmt::Debug for Observing<D, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observing(..)")
    }
}
