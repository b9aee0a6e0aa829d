//! Who cancels.

use super::{CancellationToken, DeferredCallbacks, DropGuard, DropGuardRef, WaitForCancelled};
use crate::raw::handle::{Handle, Source};
use crate::raw::reason::Word;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};

/// Requests cancellation of everything that holds one of its tokens.
///
/// A clone is another handle of the same source, not a child. Dropping the last handle cancels nothing: the tokens then
/// simply cannot be cancelled any more, and callbacks that wait for it are dropped. [`drop_guard`] cancels on drop.
///
/// Making one is one allocation of 96 bytes (64 bits); with parents 24 bytes more for each of them.
///
/// [`drop_guard`]: Self::drop_guard
///
/// # Examples
///
/// ```
/// use taskcell::CancellationTokenSource;
///
/// let source = CancellationTokenSource::new();
/// let token = source.token();
/// let registration = token.register(|| println!("stop"));
/// assert!(source.cancel()); // prints "stop"
/// assert!(token.is_cancelled());
/// # drop(registration);
/// ```
#[doc(alias = "AbortController")]
#[derive(Clone)]
pub struct CancellationTokenSource {
    pub(super) source: Source,
}

impl UnwindSafe for CancellationTokenSource {}
impl RefUnwindSafe for CancellationTokenSource {}

impl CancellationTokenSource {
    /// A source that has not been cancelled.
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        Self { source: Source::new() }
    }

    /// A source with room for at least `slots` waiters, callbacks and children at a time, so that none of them
    /// allocates. More than that still works, and grows.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::CancellationTokenSource;
    ///
    /// // Made where there is time; an interrupt handler registers with it and never allocates.
    /// let source = CancellationTokenSource::with_capacity(4);
    /// let registration = source.token().try_register(|| println!("stop"));
    /// assert!(registration.is_ok());
    /// ```
    #[must_use]
    pub fn with_capacity(slots: usize) -> Self {
        Self { source: Source::with_capacity(slots) }
    }

    /// A source that is cancelled as soon as one of `tokens` is, and never cancels them.
    ///
    /// Tokens that can never be cancelled are skipped, equal ones count once. With no token it is an ordinary source; with
    /// a cancelled one it is born cancelled, with that token's reason. It keeps its parents' memory alive, not their
    /// sources. When it is dropped, and its tokens and detached callbacks with it, it is out of all of them at once; as long
    /// as one of those is left, its parents still cancel that.
    ///
    /// One allocation for the source, one for the list while it is made.
    ///
    /// # Panics
    ///
    /// With more than 65,534 different tokens.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::CancellationTokenSource;
    ///
    /// let (user, shutdown) = (CancellationTokenSource::new(), CancellationTokenSource::new());
    /// let both = CancellationTokenSource::linked([&user.token(), &shutdown.token()]);
    /// shutdown.cancel();
    /// assert!(both.is_cancelled() && !user.is_cancelled());
    /// ```
    #[doc(alias = "CreateLinkedTokenSource")]
    #[must_use]
    pub fn linked<'a>(tokens: impl IntoIterator<Item = &'a CancellationToken>) -> Self {
        let mut parents: Vec<&Handle> = Vec::new();
        for token in tokens {
            if token.is_cancelled() {
                return token.child();
            }
            if token.can_be_cancelled() && !parents.contains(&&token.handle) {
                parents.push(&token.handle);
            }
        }
        Self { source: Source::linked(&parents) }
    }

    /// A token of this source: one relaxed read-modify-write.
    #[doc(alias = "Token")]
    #[must_use]
    #[inline]
    pub fn token(&self) -> CancellationToken {
        CancellationToken { handle: self.source.share() }
    }

    /// True once the source has been cancelled: one load.
    #[doc(alias = "IsCancellationRequested")]
    #[must_use]
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.source.is_cancelled()
    }

    /// Cancels; true for the call that did.
    ///
    /// First every source linked below reads as cancelled, then all waiting futures are woken, then all callbacks run on
    /// this thread, last in first out, those of a linked source at the place of its link. A call that answers false has
    /// only made sure that the flag is up: whoever came first may still be running callbacks.
    ///
    /// Lock-free; O(n) in what is registered in the tree, without recursion or allocation.
    ///
    /// # Panics
    ///
    /// If a waker or callback panics, all others still run, then the first panic resumes here. If this thread is panicking
    /// already it goes to `fault::set_hook` (std).
    #[doc(alias = "Cancel")]
    pub fn cancel(&self) -> bool {
        self.source.cancel(Word::REQUESTED)
    }

    /// Cancels with an error of the caller's as the reason; see [`CancellationToken::reason`]. If the source has been
    /// cancelled already, the error is dropped. One allocation, for the error.
    ///
    /// # Panics
    ///
    /// As [`cancel`](Self::cancel).
    ///
    /// # Examples
    ///
    /// ```
    /// let source = taskcell::CancellationTokenSource::new();
    /// source.cancel_with("the disk is full");
    /// assert_eq!(source.token().reason().unwrap().to_string(), "the disk is full");
    /// ```
    #[doc(alias = "cancel_cause")]
    pub fn cancel_with(&self, error: impl Into<Box<dyn Error + Send + Sync>>) -> bool {
        self.source.cancel_with(error.into())
    }

    /// Cancels; after a callback that panics the others are dropped instead of run, and its panic resumes at once.
    ///
    /// # Panics
    ///
    /// With the first panic of a waker or callback.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::panic::{AssertUnwindSafe, catch_unwind};
    /// use taskcell::CancellationTokenSource;
    ///
    /// let source = CancellationTokenSource::new();
    /// source.token().register(|| unreachable!("the one below panics first")).detach();
    /// source.token().register(|| panic!("out of paper")).detach();
    /// # let hook = std::panic::take_hook();
    /// # std::panic::set_hook(Box::new(|_| ()));
    /// let caught = catch_unwind(AssertUnwindSafe(|| source.cancel_fail_fast()));
    /// # std::panic::set_hook(hook);
    /// assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"out of paper"));
    /// assert!(source.is_cancelled());
    /// ```
    #[doc(alias = "Cancel")]
    #[doc(alias = "throwOnFirstException")]
    pub fn cancel_fail_fast(&self) -> bool {
        let (first, deferred) = self.source.cancel_deferred(Word::REQUESTED);
        if let Some(mut deferred) = deferred {
            deferred.run(true);
        }
        first
    }

    /// Cancels, and wakes all waiting futures, but leaves the callbacks to the guard that is returned: they run where and
    /// when it is told to, or dropped.
    ///
    /// # Panics
    ///
    /// With std not here: a panic of a waker resumes when the guard runs.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use taskcell::CancellationTokenSource;
    ///
    /// let (source, table) = (CancellationTokenSource::new(), Arc::new(Mutex::new(vec![1, 2])));
    /// let for_callback = table.clone();
    /// let registration = source.token().register(move || for_callback.lock().unwrap().clear());
    ///
    /// let locked = table.lock().unwrap();
    /// let callbacks = source.cancel_deferred(); // `cancel` would be a deadlock here
    /// assert!(source.is_cancelled() && locked.len() == 2);
    /// drop(locked);
    /// callbacks.run();
    /// assert!(table.lock().unwrap().is_empty());
    /// # drop(registration);
    /// ```
    #[doc(alias = "CancelAsync")]
    pub fn cancel_deferred(&self) -> DeferredCallbacks {
        let (first, deferred) = self.source.cancel_deferred(Word::REQUESTED);
        DeferredCallbacks::new(first, deferred)
    }

    /// Makes the source as new, unless it has been cancelled: disarms the timer, leaves tokens and callbacks of before
    /// behind, keeps the links to its parents. True if it can be used again.
    ///
    /// Tokens handed out before do not belong to the source any more; they can then only be cancelled by its parents, or
    /// by other handles of the source, which stay with them. Callbacks stay with the token that they were registered on:
    /// if neither is left that could cancel it they are dropped here, otherwise one that was
    /// [detached](crate::Registration::detach) still runs when a parent is cancelled. If there is nobody else, nothing is
    /// allocated.
    ///
    /// False if the source has been cancelled, or its timer is firing at this moment, or another thread is making a child
    /// of one of its tokens; and from then on if it was at that while a parent was cancelled or lost its last source.
    ///
    /// # Examples
    ///
    /// One source for all rounds of a loop:
    ///
    /// ```
    /// use core::time::Duration;
    /// use taskcell::CancellationTokenSource;
    ///
    /// let mut source = CancellationTokenSource::new();
    /// for _request in 0..3 {
    ///     source.cancel_after(Duration::from_secs(30));
    ///     // .. work with `source.token()` ..
    ///     if !source.try_reset() {
    ///         source = CancellationTokenSource::new(); // this one was used up
    ///     }
    /// }
    /// assert!(!source.is_cancelled());
    /// ```
    #[doc(alias = "TryReset")]
    pub fn try_reset(&mut self) -> bool {
        self.source.try_reset()
    }

    /// What two handles of one source have in common.
    pub(crate) fn handle(&self) -> &Handle {
        self.source.handle()
    }

    /// [`CancellationToken::cancelled`], without a token.
    #[inline]
    pub(crate) fn cancelled(&self) -> WaitForCancelled<'_> {
        WaitForCancelled::new(self.source.handle())
    }

    /// [`CancellationToken::child`], without a token.
    #[inline]
    pub(crate) fn child(&self) -> Self {
        Self { source: Source::child_of(self.source.handle()) }
    }

    /// A guard that owns the source and cancels it when dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let source = taskcell::CancellationTokenSource::new();
    /// let token = source.token();
    /// let guard = source.drop_guard();
    /// drop(guard);
    /// assert!(token.is_cancelled());
    /// ```
    pub fn drop_guard(self) -> DropGuard {
        DropGuard::new(self)
    }

    /// A guard that cancels the source when dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let source = taskcell::CancellationTokenSource::new();
    /// drop(source.drop_guard_ref());
    /// assert!(source.is_cancelled());
    /// ```
    pub fn drop_guard_ref(&self) -> DropGuardRef<'_> {
        DropGuardRef::new(self)
    }
}

impl Default for CancellationTokenSource {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CancellationTokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("CancellationTokenSource");
        debug.field("is_cancelled", &self.is_cancelled()).field("listeners", &self.source.handle().listeners()).finish()
    }
}
