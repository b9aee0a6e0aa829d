//! The latest report.

use super::flush::{Flush, Marker};
use super::mailbox::{Handler, Mail, Mailbox, call};
use super::report::Report;
use crate::shim::queue::ConcurrentQueue;
use crate::spawn::Spawner;
use alloc::boxed::Box;
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};

/// Takes reports and has a handler called with the latest: one that comes while another waits takes its place.
///
/// It is [`Progress`](super::Progress) in all else. The last report of all is always handled; memory stays as it is,
/// however slow the handler. The value that is replaced is dropped by whoever replaces it.
///
/// # Examples
///
/// ```
/// use std::sync::atomic::{AtomicU8, Ordering};
/// use taskcell::{LatestProgress, Report};
///
/// static SHOWN: AtomicU8 = AtomicU8::new(0);
///
/// let smol = |future: taskcell::BoxFuture<'static, ()>| smol::spawn(future).detach();
/// let progress = LatestProgress::on(smol, |percent| SHOWN.store(percent, Ordering::Relaxed));
/// for percent in 0..=100 {
///     progress.report(percent);
/// }
/// # smol::block_on(async {
/// progress.flush().await.unwrap();
/// # });
/// assert_eq!(SHOWN.load(Ordering::Relaxed), 100);
/// ```
#[doc(alias = "IProgress")]
#[doc(alias = "conflate")]
pub struct LatestProgress<T: Send + 'static>(Mailbox<Latest<T>>);

impl<T: Send + 'static> UnwindSafe for LatestProgress<T> {}
impl<T: Send + 'static> RefUnwindSafe for LatestProgress<T> {}

impl<T: Send + 'static> LatestProgress<T> {
    /// As [`Progress::on`](super::Progress::on).
    ///
    /// # Panics
    ///
    /// As there.
    pub fn on<S, F>(spawner: S, handler: F) -> Self
    where
        S: Spawner + Send + Sync + 'static,
        F: FnMut(T) + Send + 'static,
    {
        Self(Mailbox::new(Latest::new(), Some(Box::new(spawner)), Box::new(handler)))
    }

    /// As [`Progress::inline`](super::Progress::inline).
    pub fn inline<F: FnMut(T) + Send + 'static>(handler: F) -> Self {
        Self(Mailbox::new(Latest::new(), None, Box::new(handler)))
    }

    /// Waits until all that was reported before this call has been handled or replaced, and what replaced it handled; else
    /// as [`Progress::flush`](super::Progress::flush).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing.
    ///
    /// # Errors
    ///
    /// [`Unhandled`](super::Unhandled).
    ///
    /// # Panics
    ///
    /// Polled again after its end it panics.
    pub fn flush(&self) -> Flush {
        let (marker, flush) = Flush::pair();
        // It is unbounded and never closed.
        let _ = self.0.mail().markers.push(marker);
        self.0.announce();
        flush
    }
}

impl<T: Send + 'static> Report<T> for LatestProgress<T> {
    fn report(&self, value: T) {
        // One that replaces another has that one's piece.
        match self.0.mail().value.force_push(value) {
            Ok(None) => self.0.announce(),
            replaced => drop(replaced),
        }
    }
}

impl<T: Send + 'static> Report<T> for &LatestProgress<T> {
    fn report(&self, value: T) {
        (**self).report(value);
    }
}

impl<T: Send + 'static> Clone for LatestProgress<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Send + 'static> fmt::Debug for LatestProgress<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LatestProgress").finish_non_exhaustive()
    }
}

/// The value that waits, and who waits for it. A value that was put into the empty place is a piece, and so is a
/// marker; a piece may find that another one has done its work.
struct Latest<T> {
    value: ConcurrentQueue<T>,
    markers: ConcurrentQueue<Marker>,
}

impl<T> Latest<T> {
    fn new() -> Self {
        Self { value: ConcurrentQueue::bounded(1), markers: ConcurrentQueue::unbounded() }
    }
}

impl<T: Send + 'static> Mail for Latest<T> {
    type Value = T;

    fn handle(&self, mut handler: Option<&mut Handler<T>>) {
        // What a marker waits for was put in before it, so it is looked for first.
        let marker = self.markers.pop();
        if let Ok(value) = self.value.pop() {
            call(handler.as_deref_mut(), value);
        }
        if let Ok(marker) = marker {
            marker.passed(handler.is_some());
        }
    }
}
