//! The values of a group's children, as its body takes them.

use super::TaskGroup;
use alloc::vec::Vec;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

impl<T, E: 'static, F> TaskGroup<T, E, F> {
    /// Looks for a value, or has `cx` woken when there is one, or no child any more.
    fn poll_value(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let mut listened = false;
        loop {
            let shared = &self.handle.shared;
            // Looked at before the values: a child that has ended has left its value.
            let is_over = shared.is_over();
            if let Ok(value) = shared.values.pop() {
                return Poll::Ready(Some(value));
            }
            if is_over {
                return Poll::Ready(None);
            }
            if listened {
                return Poll::Pending;
            }
            self.listener.listen(cx.waker());
            listened = true;
        }
    }

    /// The same for all children: ready when none is left.
    fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.handle.shared.is_over() {
            self.listener.listen(cx.waker());
        }
        if self.handle.shared.is_over() { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Ready with the next child's value; made by [`TaskGroup::next`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct NextOfGroup<'a, T, E: 'static, F> {
    group: &'a mut TaskGroup<T, E, F>,
}

impl<'a, T, E: 'static, F> NextOfGroup<'a, T, E, F> {
    pub(super) fn new(group: &'a mut TaskGroup<T, E, F>) -> Self {
        Self { group }
    }
}

impl<T, E: 'static, F> Future for NextOfGroup<'_, T, E, F> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.group.poll_value(cx)
    }
}

impl<T, E: 'static, F> fmt::Debug for NextOfGroup<'_, T, E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextOfGroup").field("group", &self.group).finish()
    }
}

/// Ready when no child is left; made by [`TaskGroup::wait_all`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WaitForGroup<'a, T, E: 'static, F> {
    group: &'a mut TaskGroup<T, E, F>,
}

impl<'a, T, E: 'static, F> WaitForGroup<'a, T, E, F> {
    pub(super) fn new(group: &'a mut TaskGroup<T, E, F>) -> Self {
        Self { group }
    }
}

impl<T, E: 'static, F> Future for WaitForGroup<'_, T, E, F> {
    type Output = Vec<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Vec<T>> {
        self.group.poll_over(cx).map(|()| self.group.handle.shared.values.try_iter().collect())
    }
}

impl<T, E: 'static, F> fmt::Debug for WaitForGroup<'_, T, E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForGroup").field("group", &self.group).finish()
    }
}
