//! Callbacks, and taking them back.

use super::CancellationToken;
#[cfg(feature = "std")]
use crate::context::{WouldDeadlock, may_block};
#[cfg(feature = "std")]
use crate::raw::block::block_on;
use crate::raw::registration::Registration as Raw;
use crate::raw::run::Fate;
use core::fmt;
use core::future::Future;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::pin::Pin;
use core::task::{Context, Poll};

/// What became of a callback that was to be taken back.
///
/// # Examples
///
/// ```
/// use taskcell::CancellationTokenSource;
///
/// let source = CancellationTokenSource::new();
/// let mut registration = source.token().register(|| println!("stop"));
/// source.cancel();
/// assert!(!registration.unregister().is_removed()); // it has run
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unregistered {
    /// It has not run and never will.
    Removed,
    /// It is running, on another thread or around this call.
    Running,
    /// It has run, or there was none.
    Finished,
}

impl Unregistered {
    /// Taken back by this call: it will never run.
    #[must_use]
    pub fn is_removed(self) -> bool {
        self == Self::Removed
    }
}

impl From<Fate> for Unregistered {
    fn from(fate: Fate) -> Self {
        match fate {
            Fate::Removed => Self::Removed,
            Fate::Running => Self::Running,
            Fate::Finished => Self::Finished,
        }
    }
}

/// A callback that waits for a cancellation.
///
/// Dropping it takes the callback back if it has not started, and never blocks: a callback that runs at that moment goes
/// on. It cannot be copied, so nobody else can take the callback back.
///
/// # Examples
///
/// ```
/// # use taskcell::{CancellationTokenSource, Unregistered};
/// let source = CancellationTokenSource::new();
/// let mut registration = source.token().register(|| unreachable!());
/// assert_eq!(registration.unregister(), Unregistered::Removed);
/// source.cancel();
/// ```
#[doc(alias = "CancellationTokenRegistration")]
#[must_use = "dropping it takes the callback back; `detach` leaves it"]
pub struct Registration {
    raw: Raw,
}

impl UnwindSafe for Registration {}
impl RefUnwindSafe for Registration {}

/// Tells registrations apart; those without a callback are equal.
///
/// # Examples
///
/// ```
/// use taskcell::{CancellationToken, CancellationTokenSource};
///
/// let source = CancellationTokenSource::new();
/// let (one, two) = (source.token().register(|| ()), source.token().register(|| ()));
/// assert_ne!(one.id(), two.id());
///
/// let empty = CancellationToken::NONE.register(|| ());
/// assert_eq!(empty.id(), taskcell::Registration::default().id());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RegistrationId((usize, u8));

impl Registration {
    pub(super) fn new(raw: Raw) -> Self {
        Self { raw }
    }

    /// Takes the callback back; never waits. [`Unregistered::Removed`] if it had not started, and never will; its captures are
    /// dropped before this returns.
    #[doc(alias = "Unregister")]
    pub fn unregister(&mut self) -> Unregistered {
        self.raw.unregister().into()
    }

    /// Takes the callback back; if it is running on another thread, waits until it is over, so that afterwards it neither
    /// runs nor will. What it did is visible then.
    ///
    /// Inside the callback itself it does not wait and answers [`Unregistered::Running`].
    ///
    /// Blocks the thread: do not hold a lock that the callback may want, nor call it from one callback for another one
    /// that may wait for this one.
    ///
    /// # Errors
    ///
    /// If it would have to wait and this thread [must not block](crate::no_blocking): the callback is running, and goes
    /// on.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use taskcell::CancellationTokenSource;
    ///
    /// let source = CancellationTokenSource::new();
    /// let log = Arc::new(Mutex::new(Vec::new()));
    /// let shared = log.clone();
    /// let mut registration = source.token().register(move || shared.lock().unwrap().push("stopped"));
    /// # let source = source.clone();
    /// let other = std::thread::spawn(move || source.cancel());
    /// registration.unregister_and_wait()?;
    /// // Either it has run, or it never will: in no case does it run now.
    /// drop(log);
    /// # other.join().unwrap();
    /// # Ok::<(), taskcell::WouldDeadlock>(())
    /// ```
    #[cfg(feature = "std")]
    #[doc(alias = "Dispose")]
    pub fn unregister_and_wait(&mut self) -> Result<Unregistered, WouldDeadlock> {
        match self.raw.unregister() {
            Fate::Running if !self.raw.is_inside() => {
                may_block()?;
                Ok(block_on(self.unregister_async()))
            }
            fate => Ok(fate.into()),
        }
    }

    /// `unregister_and_wait` (std) as a future: it takes the callback back at its first poll.
    ///
    /// # Cancel safety
    ///
    /// Dropping it stops waiting, and its waker goes at once; what it has taken back stays so.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::CancellationTokenSource;
    ///
    /// let source = CancellationTokenSource::new();
    /// let mut registration = source.token().register(|| println!("stop"));
    /// # smol::block_on(async {
    /// let how = registration.unregister_async().await; // afterwards it neither runs nor will
    /// assert!(how.is_removed());
    /// # });
    /// ```
    #[doc(alias = "DisposeAsync")]
    pub fn unregister_async(&mut self) -> UnregisterAsync<'_> {
        UnregisterAsync { registration: self }
    }

    /// Leaves the callback where it is: it runs at a cancellation, or is dropped when that has become impossible. Until
    /// then it keeps the token's memory.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::CancellationTokenSource;
    ///
    /// let source = CancellationTokenSource::new();
    /// let child = CancellationTokenSource::new();
    /// let stop = child.clone();
    /// source.token().register(move || _ = stop.cancel()).detach(); // as long as `source` is there
    /// source.cancel();
    /// assert!(child.is_cancelled());
    /// ```
    pub fn detach(self) {
        self.raw.detach();
    }

    /// The token; [`CancellationToken::NONE`] for the empty registration.
    #[doc(alias = "Token")]
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        CancellationToken { handle: self.raw.handle().clone() }
    }

    /// Tells this registration from every other live one; empty ones are equal. See [`RegistrationId`].
    #[must_use]
    pub fn id(&self) -> RegistrationId {
        let (word, slot) = self.raw.id();
        RegistrationId((word.addr(), slot))
    }
}

impl Default for Registration {
    /// The registration of no callback.
    fn default() -> Self {
        Self { raw: Raw::EMPTY }
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").field("token", &self.token()).finish_non_exhaustive()
    }
}

/// Waits until a callback is out of the way; made by [`Registration::unregister_async`].
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct UnregisterAsync<'a> {
    registration: &'a mut Registration,
}

impl Future for UnregisterAsync<'_> {
    type Output = Unregistered;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Unregistered> {
        let raw = &mut self.registration.raw;
        match raw.unregister() {
            Fate::Running if raw.is_inside() => Poll::Ready(Unregistered::Running),
            Fate::Running => raw.poll_finished(cx).map(|()| Unregistered::Finished),
            fate => Poll::Ready(fate.into()),
        }
    }
}

impl Drop for UnregisterAsync<'_> {
    fn drop(&mut self) {
        self.registration.raw.stop_waiting();
    }
}
