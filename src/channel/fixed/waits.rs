//! The futures that wait for an item, or for room, and leave it where it is.

use super::StaticChannel;
use crate::raw::fault::Then;
use crate::raw::places::Lent;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use futures_core::FusedFuture;

/// A future that waits in a place until a look at the channel says something, and changes nothing there.
macro_rules! wait {
    ($name:ident, $look:ident, $doc:literal) => {
        #[doc = $doc]
        #[must_use = "futures do nothing unless you `.await` or poll them"]
        pub struct $name<'a, T, const N: usize, const W: usize> {
            channel: &'a StaticChannel<T, N, W>,
            /// None once it was ready.
            place: Option<Lent<'a, W>>,
        }

        impl<'a, T, const N: usize, const W: usize> $name<'a, T, N, W> {
            pub(super) fn new(channel: &'a StaticChannel<T, N, W>, place: Lent<'a, W>) -> Self {
                Self { channel, place: Some(place) }
            }
        }

        impl<T, const N: usize, const W: usize> Future for $name<'_, T, N, W> {
            type Output = bool;

            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
                let channel = self.channel;
                let place = self.place.as_mut().expect("polled after it was ready");
                let looked = channel.poll(place, cx, Then::Resume, || channel.$look());
                if looked.is_ready() {
                    self.place = None;
                }
                looked
            }
        }

        impl<T, const N: usize, const W: usize> FusedFuture for $name<'_, T, N, W> {
            fn is_terminated(&self) -> bool {
                self.place.is_none()
            }
        }

        impl<T, const N: usize, const W: usize> Drop for $name<'_, T, N, W> {
            fn drop(&mut self) {
                drop(self.place.as_mut().and_then(Lent::stop));
            }
        }

        impl<T, const N: usize, const W: usize> fmt::Debug for $name<'_, T, N, W> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("is_done", &self.place.is_none()).finish_non_exhaustive()
            }
        }
    };
}

wait! { StaticWaitToRead, look_whether_to_read, "The future of [`StaticReader::wait_to_read`](super::StaticReader::wait_to_read)." }
wait! { StaticWaitToWrite, look_whether_to_write, "The future of [`StaticWriter::wait_to_write`](super::StaticWriter::wait_to_write)." }
