//! A generator and its slot: polled in place, dropped when it ends.

use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project::pin_project;

use super::Yielder;
use super::slot::Slot;
use crate::cancel::{CancellationToken, CancellationTokenSource};
use crate::shim::heap::Shared as Arc;

/// What a poll of a generator came to.
pub(super) enum Step<T, R> {
    Item(T),
    /// The generator has returned this.
    End(R),
    /// It did so before, or never will.
    Over,
}

/// What is there before the first poll.
struct Start<F> {
    make: F,
    /// From the argument, and from the enumeration.
    tokens: [CancellationToken; 2],
}

/// What the stream has in common with the generator while that runs.
struct Link<T> {
    slot: Arc<Slot<T>>,
    source: CancellationTokenSource,
    /// Whether the generator came to its end.
    ended: bool,
}

impl<T> Drop for Link<T> {
    fn drop(&mut self) {
        self.slot.end();
        if !self.ended {
            // Whoever works for the generator elsewhere.
            self.source.cancel();
        }
    }
}

/// The stream of a generator, which the public ones wrap. Its fields are dropped in this order: the generator's own values
/// go before anybody else is told.
#[pin_project]
pub(super) struct Generator<T, F, Fut, R> {
    start: Option<Start<F>>,
    #[pin]
    future: Option<Fut>,
    /// What it returned, while items are still in the slot that were offered from elsewhere.
    output: Option<R>,
    link: Option<Link<T>>,
    closing: bool,
    /// It is being polled. If it is so at the beginning of a poll, the one before panicked.
    polling: bool,
}

impl<T, F, Fut, R> Generator<T, F, Fut, R> {
    pub(super) fn new(make: F) -> Self {
        let tokens = [CancellationToken::NONE, CancellationToken::NONE];
        Self {
            start: Some(Start { make, tokens }),
            future: None,
            output: None,
            link: None,
            closing: false,
            polling: false,
        }
    }

    /// Gives it the argument's token.
    pub(super) fn set_argument(&mut self, token: &CancellationToken) {
        if let Some(start) = &mut self.start {
            start.tokens[0] = token.clone();
        }
    }

    /// Gives it the enumeration's token.
    pub(super) fn set_enumeration(&mut self, token: &CancellationToken) {
        if let Some(start) = &mut self.start {
            start.tokens[1] = token.clone();
        }
    }

    /// Whether there is nothing more to come.
    pub(super) fn is_over(&self) -> bool {
        self.start.is_none() && self.link.is_none()
    }

    /// Drops all that is left after a panic.
    #[cold]
    fn give_up(self: Pin<&mut Self>) -> Step<T, R> {
        let mut this = self.project();
        let _link = this.link.take();
        *this.polling = false;
        this.future.set(None);
        Step::Over
    }
}

impl<T, F, Fut> Generator<T, F, Fut, Fut::Output>
where
    F: FnOnce(Yielder<T>, CancellationToken) -> Fut,
    Fut: Future,
{
    /// Makes the generator, if that is still to be done.
    fn begin(mut self: Pin<&mut Self>) {
        let this = self.as_mut().project();
        let Some(Start { make, tokens }) = this.start.take() else { return };
        let source = CancellationTokenSource::linked(&tokens);
        let slot = Arc::new(Slot::new());
        let link = Link { slot, source, ended: false };
        let future = make(Yielder::new(link.slot.clone()), link.source.token());
        *this.link = Some(link);
        self.project().future.set(Some(future));
    }

    /// Polls the generator, if it has not ended. False if it is pending.
    #[inline]
    fn poll_generator(self: Pin<&mut Self>, cx: &mut Context<'_>) -> bool {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else { return true };
        let Some(link) = this.link else { return true };
        *this.polling = true;
        link.slot.enter(cx.waker());
        let polled = future.poll(cx);
        link.slot.exit();
        *this.polling = false;
        let Poll::Ready(output) = polled else { return false };
        *this.output = Some(output);
        link.ended = true;
        link.slot.finish();
        this.future.set(None);
        true
    }

    /// The next item, or the end.
    #[inline]
    pub(super) fn poll_step(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Step<T, Fut::Output>> {
        if self.polling {
            return Poll::Ready(self.give_up());
        }
        if self.closing {
            return self.poll_close(cx).map(|output| output.map_or(Step::Over, Step::End));
        }
        if self.start.is_some() {
            self.as_mut().begin();
        }
        let ended = self.as_mut().poll_generator(cx);
        let this = self.project();
        let Some(link) = this.link else { return Poll::Ready(Step::Over) };
        if !ended {
            return link.slot.poll_take(cx.waker()).map(Step::Item);
        }
        if let Some(item) = link.slot.take() {
            return Poll::Ready(Step::Item(item));
        }
        *this.link = None;
        Poll::Ready(this.output.take().map_or(Step::Over, Step::End))
    }

    /// Runs the generator to its end, without items.
    pub(super) fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Fut::Output>> {
        if self.polling {
            self.give_up();
            return Poll::Ready(None);
        }
        let this = self.as_mut().project();
        let never_begun = this.start.take();
        drop(never_begun);
        if !mem::replace(this.closing, true) {
            if let Some(link) = this.link.as_ref().filter(|link| !link.ended) {
                // Also if a waker panics.
                let _told = link.source.drop_guard_ref();
                link.slot.close();
            }
        }
        if !self.as_mut().poll_generator(cx) {
            return Poll::Pending;
        }
        let this = self.project();
        let output = this.output.take();
        *this.link = None;
        Poll::Ready(output)
    }
}
