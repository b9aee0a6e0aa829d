//! `default_if_empty`: a stream that is never empty.

use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::source::{Source, shown};

/// The items, or a value in place of none: the stream of
/// [`default_if_empty`](super::AsyncEnumerableExt::default_if_empty).
///
/// The value is dropped when the first item comes.
///
/// # Cancel safety
///
/// To drop the future of `next()` loses nothing.
///
/// # Panics
///
/// A panic of the stream goes to the caller.
///
/// # Examples
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// assert_eq!(stream::empty().default_if_empty(7).collect::<Vec<_>>().await, [7]);
/// assert_eq!(stream::iter([1, 2]).default_if_empty(7).collect::<Vec<_>>().await, [1, 2]);
/// # })
/// ```
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct DefaultIfEmpty<S: Stream> {
    #[pin]
    source: Source<S>,
    /// None once something was given.
    value: Option<S::Item>,
}

impl<S: Stream> DefaultIfEmpty<S> {
    pub(super) const fn new(stream: S, value: S::Item) -> Self {
        Self { source: Source::new(stream), value: Some(value) }
    }
}

impl<S: Stream> Stream for DefaultIfEmpty<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        this.source.pass(cx).map(|item| match item {
            Some(item) => {
                *this.value = None;
                Some(item)
            }
            None => this.value.take(),
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.source.items();
        let or = usize::from(self.value.is_some());
        (least.max(or), most.map(|most| most.max(or)))
    }
}

impl<S: Stream> FusedStream for DefaultIfEmpty<S> {
    fn is_terminated(&self) -> bool {
        self.source.has_ended() && self.value.is_none()
    }
}

shown!(DefaultIfEmpty [S: Stream] [S]);
