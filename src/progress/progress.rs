//! Every report, in order.

use super::flush::{Flush, Marker};
use super::mailbox::{Handler, Mail, Mailbox, call};
use super::report::Report;
use crate::shim::queue::ConcurrentQueue;
use crate::spawn::Spawner;
use alloc::boxed::Box;
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};

/// Takes reports and has a handler called with each, one at a time, in the order in which they came.
///
/// Clones are handles of the same; any thread may report. [`report`](Report::report) never waits: it puts the value into
/// a queue, and if nobody is handling reports has that done, on the executor or right there. What one thread reports, or
/// several in an order that is settled between them, is handled in that order. Reports that wait are handled also if
/// the last handle goes meanwhile; the handler is dropped after them.
///
/// A handler may report: that comes behind what waits, without recursion. One that panics has handled its value; the panic
/// goes to the fault hook, nobody who reports sees it, and the handler is called with the next one.
/// (Without the feature `std` the panic comes out where the handler was called, and the reports that wait are lost.)
///
/// An executor that drops what was to handle the reports loses those that wait; the next report starts anew.
///
/// Nothing bounds the queue: a handler that is slower than the work lets it grow. [`LatestProgress`](super::LatestProgress)
/// keeps one value only. A report of which another thread has just begun to put its own into the queue may spin until
/// that has done so.
///
/// # Examples
///
/// ```
/// use taskcell::{Progress, Report};
///
/// let progress = Progress::inline(|line: String| println!("{line}"));
/// progress.report("connecting".into()); // prints it
/// ```
#[doc(alias = "IProgress")]
#[doc(alias = "ProgressChanged")]
pub struct Progress<T: Send + 'static>(Mailbox<Queue<T>>);

impl<T: Send + 'static> UnwindSafe for Progress<T> {}
impl<T: Send + 'static> RefUnwindSafe for Progress<T> {}

impl<T: Send + 'static> Progress<T> {
    /// The handler runs on an executor, never inside [`report`](Report::report).
    ///
    /// One future is spawned whenever a report finds that none is at work; it handles what there is, lets others go first
    /// after some of it, and ends.
    ///
    /// # Panics
    ///
    /// If the spawner panics, that comes out of the report for which it was called, and the report is lost.
    #[doc(alias = "SynchronizationContext")]
    pub fn on<S, F>(spawner: S, handler: F) -> Self
    where
        S: Spawner + Send + Sync + 'static,
        F: FnMut(T) + Send + 'static,
    {
        Self(Mailbox::new(Queue(ConcurrentQueue::unbounded()), Some(Box::new(spawner)), Box::new(handler)))
    }

    /// The handler runs inside [`report`](Report::report), before it returns; unless another thread is at it, or the report
    /// comes from the handler: then it handles this one, too, and this call returns at once. So who reports may have to
    /// handle what others report meanwhile.
    pub fn inline<F: FnMut(T) + Send + 'static>(handler: F) -> Self {
        Self(Mailbox::new(Queue(ConcurrentQueue::unbounded()), None, Box::new(handler)))
    }

    /// Waits until all that was reported before this call has been handled. The error says that the executor has dropped
    /// some of it.
    ///
    /// Inside of the handler do not wait for it: it would wait for itself.
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
        self.put(Item::Marker(marker));
        flush
    }

    fn put(&self, item: Item<T>) {
        // It is unbounded and never closed.
        let _ = self.0.mail().0.push(item);
        self.0.announce();
    }
}

impl<T: Send + 'static> Report<T> for Progress<T> {
    fn report(&self, value: T) {
        self.put(Item::Value(value));
    }
}

impl<T: Send + 'static> Report<T> for &Progress<T> {
    fn report(&self, value: T) {
        (**self).report(value);
    }
}

impl<T: Send + 'static> Clone for Progress<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Send + 'static> fmt::Debug for Progress<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").field("waiting", &self.0.mail().0.len()).finish_non_exhaustive()
    }
}

enum Item<T> {
    Value(T),
    Marker(Marker),
}

struct Queue<T>(ConcurrentQueue<Item<T>>);

impl<T: Send + 'static> Mail for Queue<T> {
    type Value = T;

    fn handle(&self, handler: Option<&mut Handler<T>>) {
        match self.0.pop() {
            Ok(Item::Value(value)) => call(handler, value),
            Ok(Item::Marker(marker)) => marker.passed(handler.is_some()),
            Err(_) => {}
        }
    }
}
