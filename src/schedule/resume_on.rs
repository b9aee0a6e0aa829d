//! A future that runs on a scheduler, and gives its output back to whoever awaits it elsewhere.

use crate::cancel::CancellationTokenSource;
use crate::raw::handover::Handover;
use crate::shim::heap::Shared;
use crate::spawn::Spawner;
use crate::task::{Panic, Task, TaskError, WaitForOutcome};
use alloc::boxed::Box;
use core::convert::Infallible;
use core::error::Error;
use core::fmt;
use core::future::{Future, IntoFuture};
use core::pin::Pin;
use core::task::{Context, Poll, ready};

/// What every future can do with a scheduler.
///
/// # Examples
///
/// ```
/// use taskcell::{BoxFuture, ResumeOn};
///
/// let pool = |future: BoxFuture<'static, ()>| smol::unblock(|| smol::block_on(future)).detach();
/// # smol::block_on(async {
/// let product = async { (1..=10).product::<u64>() }.resume_on(&pool).await; // computed there, and here it goes on
/// assert_eq!(product, Ok(3_628_800));
/// # });
/// ```
pub trait ResumeOn: IntoFuture + Sized {
    /// Runs this future on `scheduler`, and gives its output back to whoever awaits the result, where that is polled.
    ///
    /// | what | where it runs |
    /// |---|---|
    /// | the code before the `.await` | where the caller is polled |
    /// | this future, all of it | on `scheduler` |
    /// | the code after the `.await` | where the caller is polled: nothing moves it |
    ///
    /// So what is to go on there belongs into the future: `async { let x = fetch().await; show(x) }.resume_on(&ui)`. Any
    /// [`Spawner`] will do. The future is spawned at once, as every hot task is.
    ///
    /// A panic of the future goes on in whoever awaits it (with the feature `std`).
    ///
    /// # Cancel safety
    ///
    /// If the result is dropped, so is the future: on the scheduler, at its next turn there, if it has begun.
    ///
    /// # Errors
    ///
    /// [`Refused`] if the scheduler dropped the future.
    ///
    /// # Panics
    ///
    /// If the spawner panics. The result panics as the future did, and if it is polled after it was ready.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{MessageLoop, ResumeOn};
    ///
    /// let ui = MessageLoop::new("ui");
    /// let handle = ui.handle();
    /// let thread = std::thread::current().id();
    /// let (source, done) = taskcell::TaskCompletionSource::<()>::pair();
    /// let worker = std::thread::spawn(move || {
    ///     let shown = async move { std::thread::current().id() }.resume_on(&handle);
    ///     assert_eq!(smol::block_on(shown).unwrap(), thread);
    ///     source.set_result(());
    /// });
    /// ui.run_until(done).unwrap();
    /// worker.join().unwrap();
    /// ```
    #[doc(alias = "ConfigureAwait")]
    #[doc(alias = "ContinueOnCapturedContext")]
    #[doc(alias = "SwitchTo")]
    #[doc(alias = "withContext")]
    fn resume_on<S: Spawner + ?Sized>(self, scheduler: &S) -> ResumedOn<Self::Output>
    where
        Self::IntoFuture: Send + 'static,
        Self::Output: Send + 'static;
}

impl<F: IntoFuture> ResumeOn for F {
    fn resume_on<S: Spawner + ?Sized>(self, scheduler: &S) -> ResumedOn<Self::Output>
    where
        Self::IntoFuture: Send + 'static,
        Self::Output: Send + 'static,
    {
        let output = Shared::new(Handover::new());
        let (put, source) = (output.clone(), CancellationTokenSource::new());
        let (future, token) = (self.into_future(), source.token());
        let task: Task<(), Infallible> = Task::run(scheduler, async move {
            if let Some(output) = Box::pin(token.run_until_cancelled(future)).await {
                drop(put.put(output));
            }
            Ok(())
        });
        ResumedOn { ended: Some(task.into_future()), output, source }
    }
}

/// The future of [`ResumeOn::resume_on`].
#[must_use = "dropping it drops the future on the scheduler"]
pub struct ResumedOn<T> {
    /// None once it was ready.
    ended: Option<WaitForOutcome<(), Infallible>>,
    output: Shared<Handover<T>>,
    source: CancellationTokenSource,
}

impl<T> Future for ResumedOn<T> {
    type Output = Result<T, Refused>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(ended) = &mut self.ended else { panic!("`resume_on` polled after it was ready") };
        let outcome = ready!(Pin::new(ended).poll(cx));
        self.ended = None;
        if let Err(TaskError::Panicked(panic)) = outcome {
            resume(panic);
        }
        Poll::Ready(self.output.take().ok_or(Refused(())))
    }
}

/// Goes on with the future's panic.
#[cfg(feature = "std")]
fn resume(panic: Panic) -> ! {
    panic.resume()
}

/// Without std nothing is caught.
#[cfg(not(feature = "std"))]
fn resume(_: Panic) -> ! {
    unreachable!("nobody can make one")
}

impl<T> Drop for ResumedOn<T> {
    fn drop(&mut self) {
        if self.ended.is_some() {
            self.source.cancel();
        }
    }
}

impl<T> fmt::Debug for ResumedOn<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResumedOn").field("was_ready", &self.ended.is_none()).finish_non_exhaustive()
    }
}

/// The scheduler dropped the future: it takes nothing any more, or went before the future had ended.
///
/// # Examples
///
/// ```
/// use taskcell::{MessageLoop, Refused, ResumeOn};
///
/// let handle = MessageLoop::new("ui").handle(); // the loop is gone
/// # smol::block_on(async {
/// let refused: Refused = async { 7 }.resume_on(&handle).await.unwrap_err();
/// println!("{refused}");
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(());

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the scheduler dropped the future")
    }
}

impl Error for Refused {}
