//! Waiting for a cancellation.

use super::{CancellationSlot, CancellationToken};
use crate::raw::handle::{Handle, Waiter};
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use futures_core::FusedFuture;

macro_rules! waiting {
    ($(#[$doc:meta])* $name:ident $(<$life:lifetime>)?, $handle:ty) => {
        $(#[$doc])*
        #[must_use = "futures do nothing unless you `.await` or poll them"]
        pub struct $name $(<$life>)? {
            waiter: Waiter<$handle>,
        }

        impl $(<$life>)? $name $(<$life>)? {
            #[inline(always)]
            pub(super) fn new(handle: $handle) -> Self {
                Self { waiter: Waiter::new(handle) }
            }

            /// True once the token is cancelled: one load.
            #[inline]
            pub(crate) fn is_cancelled(&self) -> bool {
                self.waiter.handle().is_cancelled()
            }
        }

        impl $(<$life>)? Future for $name $(<$life>)? {
            type Output = ();

            #[inline(always)]
            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
                self.waiter.poll(cx)
            }
        }

        impl $(<$life>)? FusedFuture for $name $(<$life>)? {
            fn is_terminated(&self) -> bool {
                // Polled again it is ready again.
                false
            }
        }

        impl $(<$life>)? CancellationSlot for $name $(<$life>)? {
            #[inline]
            fn poll_cancelled(&mut self, cx: &mut Context<'_>) -> Poll<()> {
                self.waiter.poll(cx)
            }
        }

        impl $(<$life>)? fmt::Debug for $name $(<$life>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("is_cancelled", &self.is_cancelled()).finish_non_exhaustive()
            }
        }
    };
}

waiting! {
    /// Ready once the token is cancelled, and ready again if polled again; made by
    /// [`CancellationToken::cancelled`](super::CancellationToken::cancelled). 24 bytes (64 bits).
    WaitForCancelled<'a>, &'a Handle
}

waiting! {
    /// Ready once the token is cancelled, and ready again if polled again; made by
    /// [`CancellationToken::cancelled_owned`](super::CancellationToken::cancelled_owned). 24 bytes (64 bits).
    WaitForCancelledOwned, Handle
}

impl WaitForCancelledOwned {
    /// The token that is waited for.
    pub(crate) fn token(&self) -> CancellationToken {
        CancellationToken { handle: self.waiter.handle().clone() }
    }
}
