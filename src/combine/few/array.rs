//! Arrays of futures.

use core::array;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project::pin_project;

use super::Few;
use super::child::{Child, Once};
use crate::raw::pinned::Pinned;

impl<F: IntoFuture, const N: usize> super::sealed::Sealed for [F; N] {}

impl<F: IntoFuture, const N: usize> Few for [F; N] {
    type All = WhenAllArray<F::IntoFuture, N>;
    type Any = WhenAnyArray<F::IntoFuture, N>;

    fn all(self) -> Self::All {
        let children = Pinned::new(self.map(|future| Child::Pending(future.into_future())));
        WhenAllArray { children, once: Once::default() }
    }

    fn any(self) -> Self::Any {
        const { assert!(N > 0, "`when_any` of no futures would wait for ever") }
        WhenAnyArray { children: Pinned::new(self.map(IntoFuture::into_future)), once: Once::default() }
    }
}

/// The future of [`few::when_all`](super::when_all) over an array.
#[pin_project]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WhenAllArray<F: Future, const N: usize> {
    #[pin]
    children: Pinned<Child<F>, N>,
    once: Once,
}

impl<F: Future, const N: usize> Future for WhenAllArray<F, N> {
    type Output = [F::Output; N];

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        this.once.poll(|| {
            let pending = (0..N).filter(|&index| !this.children.as_mut().get(index).poll(cx)).count();
            if pending > 0 {
                return Poll::Pending;
            }
            Poll::Ready(array::from_fn(|index| this.children.as_mut().get(index).take()))
        })
    }
}

/// The future of [`few::when_any`](super::when_any) over an array.
#[pin_project]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WhenAnyArray<F, const N: usize> {
    #[pin]
    children: Pinned<F, N>,
    once: Once,
}

impl<F: Future, const N: usize> Future for WhenAnyArray<F, N> {
    type Output = (usize, F::Output);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        this.once.poll(|| {
            for index in 0..N {
                if let Poll::Ready(output) = this.children.as_mut().get(index).poll(cx) {
                    return Poll::Ready((index, output));
                }
            }
            Poll::Pending
        })
    }
}

impl<F: Future, const N: usize> fmt::Debug for WhenAllArray<F, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WhenAllArray").field("len", &N).finish_non_exhaustive()
    }
}

impl<F, const N: usize> fmt::Debug for WhenAnyArray<F, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WhenAnyArray").field("len", &N).finish_non_exhaustive()
    }
}
