//! A percentile of observed latencies.

use alloc::boxed::Box;
use core::fmt;
use core::time::Duration;

use crate::shim::atomic::{AtomicBool, AtomicU32, Ordering};

/// Buckets for each doubling of the time: an answer is at most 1/16 above what was observed.
const PARTS: u32 = 16;
const PARTS_LOG: u32 = PARTS.ilog2();
/// What is longer counts as this: 2^42 ns, 73 minutes; 64 ns in models, which need no more buckets than that.
const LONGEST_LOG: u32 = if cfg!(loom) { 6 } else { 42 };
const BUCKETS: usize = ((LONGEST_LOG - PARTS_LOG + 1) * PARTS) as usize;
const MILLION: u64 = 1_000_000;

/// A percentile of the latencies observed lately: what [`hedge_on`](crate::hedge_on) should wait for.
///
/// A hedge that starts when, say, 95 % of the calls have been answered costs at most about 5 % more calls and cuts off
/// the slow tail: that is the advice of "The Tail at Scale" (Dean and Barroso, 2013). A lower percentile costs more calls
/// than it saves time, a higher one lets more of the tail through; and a fixed delay is wrong as soon as the load
/// changes.
///
/// It is a histogram of atomics, 2.5 KB in one allocation: any number of threads [`record`](Self::record) and ask
/// without a lock, and while they do an answer may miss the samples of the last moment. Answers are rounded up, by 1/16
/// at most; times over 73 minutes count as 73 minutes. Old samples fade: whenever the [`window`](Self::window) is full
/// each bucket is halved.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::ObservedLatency;
///
/// # #[cfg(not(loom))] {
/// let latency = ObservedLatency::percentile(95.0).initial(Duration::from_millis(50)).min_samples(20);
/// assert_eq!(latency.delay(), Duration::from_millis(50));
/// for millis in 1..=20 {
///     latency.record(Duration::from_millis(millis));
/// }
/// let p95 = latency.delay();
/// assert!(p95 >= Duration::from_millis(19) && p95 < Duration::from_millis(21));
/// # }
/// ```
///
/// Within bounds, and quick to forget:
///
/// ```
/// use core::time::Duration;
/// use taskcell::ObservedLatency;
///
/// let millis = Duration::from_millis;
/// let latency = ObservedLatency::percentile(99.0).min_samples(1).window(1_000).clamp(millis(5), millis(500));
/// latency.record(millis(1));
/// assert_eq!((latency.samples(), latency.delay()), (1, millis(5)));
/// ```
#[doc(alias = "DelayGenerator")]
#[doc(alias = "p95")]
#[doc(alias = "p99")]
pub struct ObservedLatency {
    /// In millionths.
    part: u32,
    initial: Duration,
    min_samples: u32,
    window: u32,
    least: Duration,
    most: Duration,
    samples: AtomicU32,
    /// Somebody halves the buckets.
    fading: AtomicBool,
    buckets: Box<[AtomicU32]>,
}

impl ObservedLatency {
    /// The delay that `percent` per cent of the calls do not exceed: 95, say, or 99.9.
    ///
    /// Until there are 100 samples, or [`min_samples`](Self::min_samples), the answer is [`Duration::MAX`], or
    /// [`initial`](Self::initial); the window has room for 10,000.
    ///
    /// # Panics
    ///
    /// If it is not between 0 and 100.
    #[must_use]
    pub fn percentile(percent: f64) -> Self {
        assert!((0.0..=100.0).contains(&percent), "a percentile is between 0 and 100");
        Self {
            part: (percent * 10_000.0 + 0.5) as u32,
            initial: Duration::MAX,
            min_samples: 100,
            window: 10_000,
            least: Duration::ZERO,
            most: Duration::MAX,
            samples: AtomicU32::new(0),
            fading: AtomicBool::new(false),
            buckets: (0..BUCKETS).map(|_| AtomicU32::new(0)).collect(),
        }
    }

    /// What [`delay`](Self::delay) answers as long as there are too few samples.
    #[must_use]
    pub fn initial(mut self, delay: Duration) -> Self {
        self.initial = delay;
        self
    }

    /// How many samples there must be. More than half of the window are taken as that half: so many are always left.
    #[must_use]
    pub fn min_samples(mut self, samples: u32) -> Self {
        self.min_samples = samples;
        self
    }

    /// How many samples count at most; at least 2. When there are so many all are halved, so that old ones fade. While the
    /// thread that halves them is held up more may count, until the next sample after that.
    #[must_use]
    pub fn window(mut self, samples: u32) -> Self {
        self.window = samples.clamp(2, u32::MAX / 2);
        self
    }

    /// Keeps what [`delay`](Self::delay) answers between `least` and `most`, the initial answer too.
    #[must_use]
    pub fn clamp(mut self, least: Duration, most: Duration) -> Self {
        (self.least, self.most) = (least, most);
        self
    }

    /// Takes a sample. Lock-free; two relaxed read-modify-writes, and one for each bucket whenever the window is full.
    pub fn record(&self, latency: Duration) {
        // Before the bucket: what is taken from the buckets is never more than what was counted.
        // ORDERING: Relaxed, a counter.
        let full = self.samples.fetch_add(1, Ordering::Relaxed) >= self.window - 1;
        // ORDERING: Relaxed, a counter.
        self.buckets[bucket(latency)].fetch_add(1, Ordering::Relaxed);
        if full {
            self.fade();
        }
    }

    /// The delay: the percentile, within its bounds.
    ///
    /// Reads all buckets.
    #[must_use]
    pub fn delay(&self) -> Duration {
        let observed = if self.samples() < self.min_samples.min(self.window / 2) { None } else { self.observed() };
        observed.unwrap_or(self.initial).min(self.most).max(self.least)
    }

    /// How many samples count at the moment.
    #[must_use]
    pub fn samples(&self) -> u32 {
        // ORDERING: Relaxed, a counter.
        self.samples.load(Ordering::Relaxed)
    }

    /// The percentile of what is in the buckets, `None` if nothing is.
    fn observed(&self) -> Option<Duration> {
        // ORDERING: Relaxed, counters.
        let count = |bucket: &AtomicU32| u64::from(bucket.load(Ordering::Relaxed));
        let all: u64 = self.buckets.iter().map(count).sum();
        let rank = (all * u64::from(self.part)).div_ceil(MILLION).max(1);
        let mut seen = 0;
        let found = self.buckets.iter().position(|bucket| {
            seen += count(bucket);
            seen >= rank
        });
        found.map(end_of)
    }

    /// Halves the samples until they fit the window, unless somebody does so already.
    #[cold]
    fn fade(&self) {
        // ORDERING: Acquire, with the Release of who faded before: if that was enough, it is seen below.
        if self.fading.swap(true, Ordering::Acquire) {
            return;
        }
        // More than once if more has come while the thread that halves them did not run. Bounded: others may go on.
        for _ in 0..u32::BITS {
            if self.samples() < self.window || self.halve() == 0 {
                break;
            }
        }
        // ORDERING: Release, for the next one: it takes no half of what this one left. (loom lets a swap that finds it set
        // undo a plain store.)
        self.fading.swap(false, Ordering::Release);
    }

    /// Halves all buckets, so that half of the samples are left; how many went.
    fn halve(&self) -> u32 {
        let (mut seen, mut gone) = (0_u64, 0);
        for bucket in &*self.buckets {
            // ORDERING: Relaxed, a counter.
            let count = bucket.load(Ordering::Relaxed);
            // Rounded over all of them, not for each.
            let goes = ((seen + u64::from(count)) / 2 - seen / 2) as u32;
            seen += u64::from(count);
            // ORDERING: Relaxed, a counter. One that a sample has just changed is left for the next time.
            let taken = bucket.compare_exchange(count, count - goes, Ordering::Relaxed, Ordering::Relaxed);
            gone += taken.map_or(0, |_| goes);
        }
        // ORDERING: Relaxed, a counter.
        self.samples.fetch_sub(gone, Ordering::Relaxed);
        gone
    }
}

/// The bucket of a latency: 16 for each doubling; of the first 16 ns one each.
fn bucket(latency: Duration) -> usize {
    let nanos = latency.as_nanos().min((1 << LONGEST_LOG) - 1) as u64;
    let shift = nanos.checked_ilog2().unwrap_or(0).saturating_sub(PARTS_LOG);
    (shift * PARTS) as usize + (nanos >> shift) as usize
}

/// The longest latency of a bucket.
fn end_of(bucket: usize) -> Duration {
    let shift = (bucket as u32 / PARTS).saturating_sub(1);
    let first = bucket as u64 - u64::from(shift * PARTS);
    Duration::from_nanos(((first + 1) << shift) - 1)
}

impl fmt::Debug for ObservedLatency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObservedLatency").field("samples", &self.samples()).field("delay", &self.delay()).finish()
    }
}
