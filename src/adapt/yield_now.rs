//! `yield_now`: a moment for others.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

/// Lets other tasks go first, once.
///
/// The first poll wakes its own task and is pending; the next is ready. What runs in between is up to the executor: most
/// put a task that is woken while it runs behind those that are ready.
///
/// # Cancel safety
///
/// Dropping it loses nothing.
///
/// # Panics
///
/// Never. Polled again after it was ready it is ready again.
///
/// # Examples
///
/// ```
/// # smol::block_on(async {
/// let mut sum = 0_u64;
/// for n in 0..100_000_u64 {
///     sum += n * n;
///     if n % 1_000 == 0 {
///         taskcell::yield_now().await; // others have waited long enough
///     }
/// }
/// # assert!(sum > 0);
/// # })
/// ```
#[doc(alias = "Task.Yield")]
#[doc(alias = "Yield")]
#[inline]
pub const fn yield_now() -> YieldNow {
    YieldNow { yielded: false }
}

/// The future of [`yield_now`].
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct YieldNow {
    yielded: bool,
}

impl Future for YieldNow {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        // First, since the waker may poll this again from inside.
        self.yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
