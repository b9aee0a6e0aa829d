//! The end of a stream by its consumer, awaited.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::Yielder;
use super::generator::Generator;
use crate::cancel::CancellationToken;

/// The future of [`Create::close`](super::Create::close) and [`TryCreate::close`](super::TryCreate::close).
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Close<'a, T, F, Fut, R> {
    generator: Pin<&'a mut Generator<T, F, Fut, R>>,
}

impl<'a, T, F, Fut, R> Close<'a, T, F, Fut, R> {
    pub(super) fn new(generator: Pin<&'a mut Generator<T, F, Fut, R>>) -> Self {
        Self { generator }
    }
}

/// What a generator returns, and what it would have returned if there is none.
trait Return {
    const NONE: Self;
}

impl Return for () {
    const NONE: Self = ();
}

impl<E> Return for Result<(), E> {
    const NONE: Self = Ok(());
}

impl<T, F, Fut, R> Future for Close<'_, T, F, Fut, R>
where
    F: FnOnce(Yielder<T>, CancellationToken) -> Fut,
    Fut: Future<Output = R>,
    R: Return,
{
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        self.generator.as_mut().poll_close(cx).map(|output| output.unwrap_or(R::NONE))
    }
}

impl<T, F, Fut, R> fmt::Debug for Close<'_, T, F, Fut, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Close").field("is_over", &self.generator.is_over()).finish_non_exhaustive()
    }
}
