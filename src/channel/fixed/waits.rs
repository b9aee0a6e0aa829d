//! The futures that wait for an item, or for room, and leave it where it is.

use super::StaticChannel;
use super::waiting::Waiting;
use crate::raw::fault::Then;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use futures_core::FusedFuture;

/// A future that waits until a look at the channel says something, and changes nothing there.
macro_rules! wait {
    ($name:ident, $look:ident, $doc:literal) => {
        #[doc = $doc]
        #[must_use = "futures do nothing unless you `.await` or poll them"]
        pub struct $name<'a, T, const N: usize, const W: usize> {
            pub(super) waiting: Waiting<'a, T, N, W>,
        }

        impl<T, const N: usize, const W: usize> Future for $name<'_, T, N, W> {
            type Output = bool;

            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
                self.waiting.poll(cx, Then::Resume, StaticChannel::$look)
            }
        }

        impl<T, const N: usize, const W: usize> FusedFuture for $name<'_, T, N, W> {
            fn is_terminated(&self) -> bool {
                self.waiting.is_done()
            }
        }

        impl<T, const N: usize, const W: usize> fmt::Debug for $name<'_, T, N, W> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("is_done", &self.waiting.is_done()).finish_non_exhaustive()
            }
        }
    };
}

wait! { StaticWaitToRead, look_whether_to_read, "The future of [`StaticReader::wait_to_read`](super::StaticReader::wait_to_read)." }
wait! { StaticWaitToWrite, look_whether_to_write, "The future of [`StaticWriter::wait_to_write`](super::StaticWriter::wait_to_write)." }
