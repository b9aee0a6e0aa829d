//! Who observes.

use super::{CancellationReason, CancellationTokenSource, Cancelled, Registration, TryRegisterError};
use super::{RunUntilCancelled, UntilCancelled, WaitForCancelled, WaitForCancelledOwned};
use crate::raw::callback::Plain;
use crate::raw::handle::{Handle, Source};
use crate::raw::registration::{Registration as Raw, WithHandle};
use crate::raw::registry::NoSlot;
use core::fmt;
use core::future::Future;
use core::panic::{RefUnwindSafe, UnwindSafe};

/// Observes a [`CancellationTokenSource`].
///
/// One word; cloning it is one relaxed read-modify-write, and none for [`NONE`](Self::NONE) and tokens made by
/// [`new`](Self::new). Equality and hash go by source; all tokens that were cancelled from the start are equal.
///
/// # Examples
///
/// ```
/// use taskcell::{CancellationToken, Cancelled};
///
/// fn sum(numbers: &[u64], token: &CancellationToken) -> Result<u64, Cancelled> {
///     let mut sum = 0;
///     for n in numbers {
///         token.check()?;
///         sum += n;
///     }
///     Ok(sum)
/// }
/// assert_eq!(sum(&[1, 2], &CancellationToken::NONE), Ok(3));
/// assert!(sum(&[1, 2], &CancellationToken::new(true)).is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CancellationToken {
    pub(super) handle: Handle,
}

impl UnwindSafe for CancellationToken {}
impl RefUnwindSafe for CancellationToken {}

impl CancellationToken {
    /// A token that is never cancelled. It costs nothing.
    #[doc(alias = "None")]
    pub const NONE: Self = Self { handle: Handle::NONE };

    /// A token that is cancelled already, or never.
    #[must_use]
    pub const fn new(cancelled: bool) -> Self {
        Self { handle: if cancelled { Handle::CANCELLED } else { Handle::NONE } }
    }

    /// True once cancelled: one load, whatever the depth of the tree.
    ///
    /// # Examples
    ///
    /// ```
    /// let source = taskcell::CancellationTokenSource::new();
    /// let token = source.token();
    /// while !token.is_cancelled() {
    ///     // .. a piece of work ..
    ///     # source.cancel();
    /// }
    /// ```
    #[doc(alias = "IsCancellationRequested")]
    #[must_use]
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.handle.is_cancelled()
    }

    /// False if the token is not cancelled and never will be: no source is left that could, in the tree above neither,
    /// and no timer is armed. Racy in one direction only: what is false stays false.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{CancellationToken, CancellationTokenSource};
    ///
    /// assert!(!CancellationToken::NONE.can_be_cancelled());
    /// let source = CancellationTokenSource::new();
    /// let token = source.token();
    /// assert!(token.can_be_cancelled());
    /// drop(source); // nobody is left who could
    /// assert!(!token.can_be_cancelled());
    /// ```
    #[doc(alias = "CanBeCanceled")]
    #[must_use]
    pub fn can_be_cancelled(&self) -> bool {
        self.handle.can_be_cancelled()
    }

    /// Ends the caller with `?` once cancelled.
    ///
    /// # Errors
    ///
    /// [`Cancelled`], carrying this token.
    #[doc(alias = "ThrowIfCancellationRequested")]
    #[inline]
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled::new(self.clone())) } else { Ok(()) }
    }

    /// Why it was cancelled; `None` until it is, and then always the same.
    ///
    /// # Examples
    ///
    /// ```
    /// let source = taskcell::CancellationTokenSource::new();
    /// let token = source.token();
    /// assert!(token.reason().is_none());
    /// source.cancel();
    /// assert!(token.reason().unwrap().is_requested());
    /// ```
    #[doc(alias = "cancel_cause")]
    #[must_use]
    pub fn reason(&self) -> Option<CancellationReason> {
        self.handle.cause().map(|(cause, inherited)| CancellationReason::new(cause, inherited))
    }

    /// Has `callback` run when the token is cancelled: once, on the thread that cancels, last in first out.
    ///
    /// If the token is cancelled already, `callback` runs before this returns, and the empty registration comes back. If
    /// it can never be cancelled, `callback` is dropped. The callback is taken back when the registration is dropped;
    /// [`detach`](Registration::detach) leaves it there.
    ///
    /// O(1). A callback that captures at most one word (an `Arc`, say) allocates nothing in the steady state; a larger one
    /// is boxed. Beware of a callback that registers again on the same token: it runs at once, on top of itself.
    ///
    /// # Panics
    ///
    /// If `callback` runs here and panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use taskcell::CancellationTokenSource;
    ///
    /// let source = CancellationTokenSource::new();
    /// let (sender, receiver) = mpsc::channel();
    /// let registration = source.token().register(move || sender.send("stop").unwrap());
    /// source.cancel();
    /// assert_eq!(receiver.recv(), Ok("stop"));
    /// # drop(registration);
    /// ```
    #[doc(alias = "Register")]
    #[doc(alias = "UnsafeRegister")]
    #[doc(alias = "on_cancel")]
    #[inline]
    pub fn register(&self, callback: impl FnOnce() + Send + 'static) -> Registration {
        match self.register_or(callback) {
            Ok(registration) => registration,
            Err(callback) => {
                if self.is_cancelled() {
                    callback();
                }
                Registration::default()
            }
        }
    }

    /// [`register`](Self::register) for a callback that wants to see the token.
    ///
    /// # Examples
    ///
    /// ```
    /// let source = taskcell::CancellationTokenSource::new();
    /// let registration = source.token().register_with(|token| println!("{}", token.reason().unwrap()));
    /// source.cancel_with("the disk is full"); // prints that
    /// # drop(registration);
    /// ```
    #[doc(alias = "Register")]
    pub fn register_with(&self, callback: impl FnOnce(&Self) + Send + 'static) -> Registration {
        let callback = WithHandle(move |handle: &Handle| callback(&Self { handle: handle.clone() }));
        match Raw::new(&self.handle, callback) {
            Ok(raw) => Registration::new(raw),
            Err((WithHandle(callback), _)) => {
                if self.is_cancelled() {
                    callback(&self.handle);
                }
                Registration::default()
            }
        }
    }

    /// [`register`](Self::register), but never runs `callback` here.
    ///
    /// # Errors
    ///
    /// The callback, if the token is cancelled already or can never be.
    ///
    /// # Examples
    ///
    /// ```
    /// let cancelled = taskcell::CancellationToken::new(true);
    /// let Err(callback) = cancelled.register_or(|| println!("stop")) else { unreachable!() };
    /// callback(); // where and when the caller likes
    /// ```
    #[doc(alias = "Register")]
    #[inline]
    pub fn register_or<F: FnOnce() + Send + 'static>(&self, callback: F) -> Result<Registration, F> {
        match Raw::new(&self.handle, Plain(callback)) {
            Ok(raw) => Ok(Registration::new(raw)),
            Err((Plain(callback), _)) => Err(callback),
        }
    }

    /// [`register_or`](Self::register_or) that never allocates: for interrupt handlers. `callback` may capture one word
    /// at most, or it does not compile. Reserve slots with
    /// [`with_capacity`](CancellationTokenSource::with_capacity).
    ///
    /// # Errors
    ///
    /// The callback, and why: no slot is free, or the token is cancelled already or can never be.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{CancellationToken, CancellationTokenSource, TryRegisterError};
    ///
    /// let source = CancellationTokenSource::with_capacity(4);
    /// let registration = source.token().try_register(|| println!("stop")).unwrap();
    /// source.cancel(); // prints it
    /// # drop(registration);
    ///
    /// let refused = CancellationToken::NONE.try_register(|| println!("stop"));
    /// assert!(matches!(refused, Err(TryRegisterError::Never(_))));
    /// ```
    pub fn try_register<F: FnOnce() + Send + 'static>(&self, callback: F) -> Result<Registration, TryRegisterError<F>> {
        match Raw::without_growth(&self.handle, Plain(callback)) {
            Ok(raw) => Ok(Registration::new(raw)),
            Err((Plain(callback), NoSlot::Full)) => Err(TryRegisterError::Full(callback)),
            Err((Plain(callback), NoSlot::Sealed)) => Err(TryRegisterError::Cancelled(callback)),
            Err((Plain(callback), NoSlot::Never)) => Err(TryRegisterError::Never(callback)),
        }
    }

    /// A future that is ready once the token is cancelled.
    ///
    /// It never is if the token can never be cancelled. It allocates nothing, registers at its first poll that has to
    /// wait, and leaves nothing behind.
    ///
    /// # Cancel safety
    ///
    /// Dropping it takes its waker out, in O(1).
    ///
    /// # Examples
    ///
    /// ```
    /// let source = taskcell::CancellationTokenSource::new();
    /// let token = source.token();
    /// # smol::block_on(async {
    /// let worker = smol::spawn(async move {
    ///     token.cancelled().await;
    ///     "cleaned up"
    /// });
    /// source.cancel();
    /// assert_eq!(worker.await, "cleaned up");
    /// # });
    /// ```
    #[doc(alias = "WaitHandle")]
    #[inline]
    pub fn cancelled(&self) -> WaitForCancelled<'_> {
        WaitForCancelled::new(&self.handle)
    }

    /// [`cancelled`](Self::cancelled), owning the token.
    ///
    /// # Examples
    ///
    /// ```
    /// let source = taskcell::CancellationTokenSource::new();
    /// let stopped = source.token().cancelled_owned(); // borrows nothing
    /// source.cancel();
    /// # smol::block_on(async {
    /// smol::spawn(stopped).await;
    /// # });
    /// ```
    #[inline]
    pub fn cancelled_owned(self) -> WaitForCancelledOwned {
        WaitForCancelledOwned::new(self.handle)
    }

    /// Runs `future` until it is done or the token is cancelled; then the future is given back. To have it dropped
    /// instead, and not to need `Unpin`, use [`run_until_cancelled`](Self::run_until_cancelled).
    ///
    /// # Examples
    ///
    /// ```
    /// # smol::block_on(async {
    /// use core::pin::pin;
    /// let source = taskcell::CancellationTokenSource::new();
    /// source.cancel();
    /// let work = pin!(async { 42 });
    /// let interrupted = source.token().until_cancelled(work).await.unwrap_err();
    /// assert_eq!(interrupted.future.await, 42); // goes on where it was
    /// # });
    /// ```
    #[doc(alias = "WaitAsync")]
    #[doc(alias = "UntilCompletionOrCancellation")]
    pub fn until_cancelled<F: Future + Unpin>(&self, future: F) -> UntilCancelled<'_, F> {
        UntilCancelled::new(self, future)
    }

    /// Runs `future` until it is done or the token is cancelled: then `None`, and the future is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// # smol::block_on(async {
    /// let token = taskcell::CancellationToken::NONE;
    /// assert_eq!(token.run_until_cancelled(async { 42 }).await, Some(42));
    /// # });
    /// ```
    #[doc(alias = "WaitAsync")]
    #[doc(alias = "Abortable")]
    pub fn run_until_cancelled<F: Future>(&self, future: F) -> RunUntilCancelled<'_, F> {
        RunUntilCancelled::new(self, future)
    }

    /// A source of its own that is cancelled with this token: [`CancellationTokenSource::linked`] with one parent.
    ///
    /// One allocation. Sources that only their parent can still cancel, and that nothing but one child still holds, are
    /// dropped, a few at a time, as the line of descent goes on: `source = source.token().child()` in a loop stays flat,
    /// and so does `token = token.child().token()`. A line that ends keeps the last few of such ancestors until it goes.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::CancellationTokenSource;
    ///
    /// let server = CancellationTokenSource::new();
    /// let (one, two) = (server.token().child(), server.token().child());
    /// one.cancel(); // this request alone
    /// assert!(!server.is_cancelled() && !two.is_cancelled());
    /// server.cancel(); // all of them
    /// assert!(two.is_cancelled());
    /// ```
    #[doc(alias = "CreateLinkedTokenSource")]
    #[doc(alias = "child_token")]
    #[must_use]
    #[inline]
    pub fn child(&self) -> CancellationTokenSource {
        let source = match self.handle.node() {
            Some(_) => Source::child_of(&self.handle),
            None => Source::child_of_constant(&self.handle),
        };
        CancellationTokenSource { source }
    }

    /// How many waiters, callbacks and children are registered at the moment. For diagnostics: it may be out of date when
    /// it is returned. Zero once cancelled. O(registered).
    ///
    /// # Examples
    ///
    /// ```
    /// let source = taskcell::CancellationTokenSource::new();
    /// let registration = source.token().register(|| ());
    /// let child = source.token().child();
    /// assert_eq!(source.token().listeners(), 2);
    /// drop((registration, child));
    /// assert_eq!(source.token().listeners(), 0);
    /// ```
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.handle.listeners()
    }
}

impl Default for CancellationToken {
    /// [`CancellationToken::NONE`].
    fn default() -> Self {
        Self::NONE
    }
}

impl fmt::Debug for CancellationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("CancellationToken");
        debug.field("is_cancelled", &self.is_cancelled()).field("can_be_cancelled", &self.can_be_cancelled()).finish()
    }
}
