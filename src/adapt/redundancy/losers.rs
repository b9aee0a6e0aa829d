//! What becomes of attempts that have lost.

use alloc::boxed::Box;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::set::Set;
use crate::spawn::Spawner;
use crate::task::Flow;

/// What becomes of the attempts that still run when the outcome is known.
///
/// Each is cancelled first, by its own token. The table says what follows; it holds for every outcome, for that of a
/// cancelled token too, and, as far as it can, when the future is dropped.
///
/// | policy | the losers | the result comes | what they still give |
/// |---|---|---|---|
/// | [`DropNow`](Self::DropNow) | are dropped | after that, at once | - |
/// | [`CancelAndAwait`](Self::CancelAndAwait) | run to their end | when all have ended | is dropped |
/// | [`CancelAndDetach`](Self::CancelAndDetach) | run to their end on a spawner | at once | is dropped |
///
/// Dropping suits what is cleaned up by its drop: most futures. Where the cleanup is asynchronous (an answer to be read
/// to its end, a lock to be given back over the network), let them run to their end; a loser that does not look at its
/// token holds the result of `CancelAndAwait` back for as long as it takes.
///
/// # Examples
///
/// ```
/// use taskcell::{Losers, first_successful};
///
/// # smol::block_on(async {
/// let ask = |server: u32| move |_token| async move { Ok::<_, ()>(server) };
/// let first = first_successful([1, 2].map(ask)).losers(Losers::CancelAndAwait).await;
/// assert_eq!(first, Ok(1));
/// # });
/// ```
#[derive(Default)]
#[non_exhaustive]
pub enum Losers<F> {
    /// They are cancelled and dropped before the result is returned.
    #[default]
    DropNow,
    /// They are cancelled, and the result is held back until they have ended.
    CancelAndAwait,
    /// They are cancelled, and handed to a spawner as one future that ends with the last of them.
    CancelAndDetach(Detach<F>),
}

impl<F> fmt::Debug for Losers<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DropNow => "DropNow",
            Self::CancelAndAwait => "CancelAndAwait",
            Self::CancelAndDetach(_) => "CancelAndDetach(..)",
        })
    }
}

/// Where losers run to their end.
///
/// # Examples
///
/// ```
/// use taskcell::{Attempt, BoxFuture, Detach, Losers, hedge};
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// let answer = hedge(|_: Attempt| async { Ok::<_, ()>(7) })
///     .losers(Losers::CancelAndDetach(Detach::on(smol)))
///     .await;
/// assert_eq!(answer, Ok(7));
/// # })
/// ```
pub struct Detach<F> {
    spawn: Box<dyn FnOnce(Set<F>) + Send + Sync>,
}

impl<F: Future + Send + 'static> Detach<F> {
    /// They run on `spawner`. Allocates unless the spawner is of size zero; another allocation follows only if there are
    /// losers.
    ///
    /// They keep the context of the poll that hands them over (with the feature `std`). A spawner that drops the future
    /// drops the losers. A loser that panics does so in the spawner's hands, and the others are dropped.
    #[must_use]
    pub fn on(spawner: impl Spawner + Send + Sync + 'static) -> Self {
        Self { spawn: Box::new(move |losers| spawner.spawn(Box::pin(Flow::capture().around(ToTheEnd(losers))))) }
    }
}

impl<F> Detach<F> {
    pub(super) fn take(self, losers: Set<F>) {
        (self.spawn)(losers);
    }
}

impl<F> fmt::Debug for Detach<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Detach(..)")
    }
}

/// Runs losers to their end.
struct ToTheEnd<F>(Set<F>);

impl<F: Future> Future for ToTheEnd<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        while let Some(ended) = self.0.poll_any(cx) {
            drop(ended);
        }
        if self.0.live() == 0 { Poll::Ready(()) } else { Poll::Pending }
    }
}
