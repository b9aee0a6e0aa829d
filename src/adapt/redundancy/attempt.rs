//! One attempt: what its factory is given, and what runs.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project::pin_project;

use crate::cancel::{CancellationToken, CancellationTokenSource};
use crate::time::Timestamp;

/// What a factory is told of the attempt that it makes.
///
/// # Examples
///
/// ```
/// use taskcell::{Attempt, hedge};
///
/// async fn ask(server: &str, attempt: Attempt) -> Result<String, taskcell::Cancelled> {
///     attempt.token.check()?; // cancelled as soon as another attempt has won
///     Ok(format!("{server} at attempt {}", attempt.number))
/// }
/// # smol::block_on(async {
/// let servers = ["one", "two"];
/// let answer = hedge(|attempt: Attempt| ask(servers[attempt.number as usize], attempt)).await;
/// assert_eq!(answer.unwrap(), "one at attempt 0");
/// # });
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Attempt {
    /// Its number, counted from zero: the first one is no hedge and no fallback.
    #[doc(alias = "AttemptNumber")]
    pub number: u32,
    /// Cancelled when the attempt has lost, and when the caller's token is; of this attempt alone.
    pub token: CancellationToken,
}

impl Attempt {
    /// An attempt below `token`, and the source that cancels it.
    pub(super) fn below(token: &CancellationToken, number: u32) -> (Self, CancellationTokenSource) {
        let source = token.child();
        (Self { number, token: source.token() }, source)
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Attempt");
        debug.field("number", &self.number).field("is_cancelled", &self.token.is_cancelled()).finish()
    }
}

/// An attempt that runs, with what cancels it.
#[pin_project]
pub(super) struct Running<F> {
    pub(super) source: CancellationTokenSource,
    pub(super) number: u32,
    /// [`Timestamp::ZERO`] where nobody measures.
    pub(super) started: Timestamp,
    #[pin]
    pub(super) future: F,
}

/// How an attempt ended.
pub(super) struct Ended<T> {
    pub(super) number: u32,
    pub(super) started: Timestamp,
    pub(super) output: T,
}

impl<F: Future> Future for Running<F> {
    type Output = Ended<F::Output>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (number, started) = (*this.number, *this.started);
        this.future.poll(cx).map(|output| Ended { number, started, output })
    }
}
