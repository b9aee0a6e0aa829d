//! A waker that cancels: what clocks and timer queues are given. Its data is the
//! source itself, which lives for ever, so nothing is counted.

use super::super::fault::Then;
use super::fire;
use super::node::FixedHandle;
use super::word::DEADLINE;
use core::task::{RawWaker, RawWakerVTable, Waker};

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, |_| ());

fn clone(head: *const ()) -> RawWaker {
    RawWaker::new(head, &TABLE)
}

/// A clock has nobody to resume a panic in.
unsafe fn wake(head: *const ()) {
    // SAFETY: only `deadline_waker` makes wakers of this table.
    unsafe { fire::cancel(head.cast(), DEADLINE, Then::Report) };
}

impl FixedHandle<'static> {
    /// A waker that cancels, for the reason of a deadline.
    pub(crate) fn deadline_waker(self) -> Waker {
        // SAFETY: the table keeps RawWaker's contract: the source is `Sync` and lives for ever.
        unsafe { Waker::from_raw(RawWaker::new(self.head.cast(), &TABLE)) }
    }
}
