//! How a context gets into a closure or a future, for the floors above.

use super::current::{self, Apart, Installed};
use super::execution_context::ExecutionContext;
use super::map::{self, Slot};
use core::pin::Pin;
use core::task::{Context, Poll};
use pin_project::{pin_project, pinned_drop};

/// What flows into a closure or a future; one word.
pub(crate) struct Flow(Slot);

impl Flow {
    /// What flows from here.
    #[inline(always)]
    pub(crate) fn capture() -> Self {
        match current::current() {
            None => Self(None),
            Some(map) => Self(map::flowing(Some(map).filter(|map| !map.is_suppressed()))),
        }
    }

    pub(super) fn of(context: ExecutionContext) -> Self {
        Self(context.0)
    }

    /// True if there is nothing to flow: to [`isolate`](Self::isolate) is enough.
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Nothing flows as long as the result lives, and what is set goes nowhere.
    #[inline(always)]
    pub(crate) fn isolate() -> Apart {
        Apart::new()
    }

    /// Calls `f` with it; what that sets goes nowhere.
    #[inline(always)]
    pub(crate) fn run<R>(self, f: impl FnOnce() -> R) -> R {
        let _installed = Installed::new(self.0);
        f()
    }

    /// Has `future` run with it.
    pub(crate) fn around<F>(self, future: F) -> Flowing<F> {
        Flowing { future, context: Installed::prepared(self.0) }
    }
}

/// A future that runs, and is dropped, in a context of its own.
#[pin_project(PinnedDrop)]
pub(crate) struct Flowing<F> {
    /// Goes before `context`.
    #[pin]
    future: F,
    /// Entered in `drop`; left when it is dropped itself.
    context: Installed,
}

impl<F: Future> Future for Flowing<F> {
    type Output = F::Output;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        struct Leave<'a>(&'a mut Installed);
        impl Drop for Leave<'_> {
            #[inline(always)]
            fn drop(&mut self) {
                self.0.leave();
            }
        }
        let this = self.project();
        this.context.enter();
        let _leave = Leave(this.context);
        this.future.poll(cx)
    }
}

#[pinned_drop]
impl<F> PinnedDrop for Flowing<F> {
    #[inline(always)]
    fn drop(self: Pin<&mut Self>) {
        self.project().context.enter();
    }
}
