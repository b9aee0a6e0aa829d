//! What a synchronization context is, and which one a thread has.

use crate::context::{WouldDeadlock, may_block};
use crate::shim::heap::Arc;
use crate::shim::local::local;
use crate::shim::thread::catch;
use crate::task::{Panic, TaskCompletionSource, TaskError};
use alloc::boxed::Box;
use core::cell::Cell;
use core::convert::Infallible;
use core::error::Error;
use core::fmt;

local! {
    static CURRENT: Cell<Option<Arc<dyn SynchronizationContext>>> = Cell::new(None);
}

/// What is posted.
///
/// # Examples
///
/// ```
/// use taskcell::Callback;
///
/// let callback: Callback = Box::new(|| println!("on the loop's thread"));
/// callback();
/// ```
pub type Callback = Box<dyn FnOnce() + Send>;

/// A place that callbacks are posted to: the thread of a user interface, a [`MessageLoop`](crate::MessageLoop).
///
/// An implementation
///
/// - MUST call each callback that [`post`](Self::post) accepted once, or drop it; never inside `post`;
/// - MUST call them one at a time and in order if it says so of itself;
/// - MUST answer [`is_current`](Self::is_current) with true inside a callback.
///
/// Nothing in this crate captures the current context: what continues on it is told so, with a
/// [`ContextScheduler`](crate::ContextScheduler), `resume_on`, or `post`.
///
/// # Examples
///
/// ```
/// use taskcell::{MessageLoop, SynchronizationContext};
///
/// let ui = MessageLoop::new("ui");
/// let handle = ui.handle();
/// let answer = std::thread::spawn(move || {
///     handle.post(Box::new(|| println!("on the loop's thread"))).unwrap();
///     handle.send(Box::new(|| println!("and the sender waits for this"))).unwrap();
///     7
/// });
/// let (source, done) = taskcell::TaskCompletionSource::<u32>::pair();
/// std::thread::spawn(move || source.set_result(answer.join().unwrap()));
/// assert_eq!(ui.run_until(done).unwrap(), 7);
/// ```
///
/// One of a program's own: a queue that its main loop empties.
///
/// ```
/// use std::sync::mpsc::{Sender, channel};
/// use std::thread::{ThreadId, current};
/// use taskcell::{Callback, PostError, SendError, SynchronizationContext, no_blocking};
///
/// struct Queue(Sender<Callback>, ThreadId);
///
/// impl SynchronizationContext for Queue {
///     fn post(&self, callback: Callback) -> Result<(), PostError> {
///         self.0.send(callback).map_err(|refused| PostError::new(refused.0))
///     }
///
///     fn is_current(&self) -> bool {
///         current().id() == self.1
///     }
/// }
/// let (sender, callbacks) = channel();
/// let queue = Queue(sender, current().id());
/// assert!(queue.is_current());
/// queue.post(Box::new(|| println!("from the queue"))).unwrap();
/// callbacks.recv().unwrap()();
///
/// drop(callbacks);
/// let refused = queue.post(Box::new(|| println!("too late"))).unwrap_err();
/// refused.into_inner()(); // so it is done here
///
/// std::thread::spawn(move || {
///     let refused = no_blocking("ui", || queue.send(Box::new(|| ())));
///     assert!(matches!(refused, Err(SendError::WouldDeadlock(..))));
/// });
/// ```
#[doc(alias = "AsyncContext")]
pub trait SynchronizationContext: Send + Sync {
    /// For people, and for [`WouldDeadlock`]. Empty if it has none.
    fn name(&self) -> &str {
        ""
    }

    /// Has `callback` called there, later.
    ///
    /// # Errors
    ///
    /// If nothing is called there any more. Gives the callback back.
    #[doc(alias = "Post")]
    fn post(&self, callback: Callback) -> Result<(), PostError>;

    /// True on the thread, or in the callback, that belongs to it.
    fn is_current(&self) -> bool;

    /// Has `callback` called there, and blocks the thread until it has been. On the context itself it is called at once.
    ///
    /// # Errors
    ///
    /// [`SendError::WouldDeadlock`] if this thread [must not block](crate::no_blocking): the callback comes back.
    /// [`SendError::Dropped`] if nothing is called there any more.
    ///
    /// # Panics
    ///
    /// As `callback` does.
    #[doc(alias = "Send")]
    #[doc(alias = "Invoke")]
    fn send(&self, callback: Callback) -> Result<(), SendError> {
        send_to(self, callback)
    }
}

/// Posts, and waits.
pub(super) fn send_to<C: SynchronizationContext + ?Sized>(context: &C, callback: Callback) -> Result<(), SendError> {
    if context.is_current() {
        callback();
        return Ok(());
    }
    if let Err(refused) = may_block() {
        return Err(SendError::WouldDeadlock(refused, PostError::new(callback)));
    }
    let (source, task) = TaskCompletionSource::<(), Infallible>::pair();
    let posted = context.post(Box::new(move || {
        let outcome = catch(callback).map_err(|payload| TaskError::Panicked(Panic::new(payload)));
        let _ = source.try_set_outcome(outcome);
    }));
    // If it was refused it is dropped here, and with it the source.
    drop(posted);
    match task.wait() {
        Ok(Ok(())) => Ok(()),
        Ok(Err(TaskError::Panicked(panic))) => panic.clone().resume(),
        Ok(Err(_)) | Err(_) => Err(SendError::Dropped),
    }
}

impl dyn SynchronizationContext {
    /// The context that this thread has at the moment: inside the callbacks of a [`MessageLoop`](crate::MessageLoop) that
    /// of the loop, inside of `enter` what that was given, otherwise none.
    #[doc(alias = "Current")]
    #[must_use]
    pub fn current() -> Option<Arc<dyn SynchronizationContext>> {
        let asked = CURRENT.try_with(|cell| {
            let current = cell.take();
            cell.set(current.clone());
            current
        });
        asked.ok().flatten()
    }

    /// Runs `f` with another current context, or none; ends with `f`, also by a panic.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use taskcell::{MessageLoop, SynchronizationContext};
    ///
    /// let ui = MessageLoop::new("ui");
    /// let name = <dyn SynchronizationContext>::enter(Some(Arc::new(ui.handle())), || {
    ///     <dyn SynchronizationContext>::current().unwrap().name().to_owned()
    /// });
    /// assert_eq!(name, "ui");
    /// assert!(<dyn SynchronizationContext>::current().is_none());
    /// ```
    #[doc(alias = "SetSynchronizationContext")]
    pub fn enter<R>(context: Option<Arc<dyn SynchronizationContext>>, f: impl FnOnce() -> R) -> R {
        let _current = Current::new(context);
        f()
    }
}

impl<C: SynchronizationContext + ?Sized> SynchronizationContext for Arc<C> {
    fn name(&self) -> &str {
        (**self).name()
    }
    fn post(&self, callback: Callback) -> Result<(), PostError> {
        (**self).post(callback)
    }
    fn is_current(&self) -> bool {
        (**self).is_current()
    }
    fn send(&self, callback: Callback) -> Result<(), SendError> {
        (**self).send(callback)
    }
}

/// The thread's context as long as it lives; then it has again what it had before.
pub(super) struct Current(Option<Arc<dyn SynchronizationContext>>);

impl Current {
    pub(super) fn new(context: Option<Arc<dyn SynchronizationContext>>) -> Self {
        Self(CURRENT.try_with(|cell| cell.replace(context)).ok().flatten())
    }
}

impl Drop for Current {
    fn drop(&mut self) {
        let before = self.0.take();
        // What was current goes outside: it may be the last handle of a context of somebody's own.
        let entered = CURRENT.try_with(|cell| cell.replace(before));
        drop(entered);
    }
}

/// Nothing is called there any more. Gives the callback back.
///
/// # Examples
///
/// ```
/// use taskcell::{MessageLoop, PostError, SynchronizationContext};
///
/// let handle = MessageLoop::new("ui").handle(); // the loop is gone
/// let refused: PostError = handle.post(Box::new(|| println!("done here"))).unwrap_err();
/// refused.into_inner()();
/// ```
pub struct PostError {
    callback: Callback,
}

impl PostError {
    /// For contexts of one's own.
    #[must_use]
    pub fn new(callback: Callback) -> Self {
        Self { callback }
    }

    /// The callback that was not called.
    #[must_use]
    pub fn into_inner(self) -> Callback {
        self.callback
    }
}

impl fmt::Debug for PostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostError").finish_non_exhaustive()
    }
}

impl fmt::Display for PostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the context takes nothing any more")
    }
}

impl Error for PostError {}

/// The callback was not called, and nobody waits for it.
///
/// # Examples
///
/// ```
/// use taskcell::{MessageLoop, SendError, SynchronizationContext};
///
/// let handle = MessageLoop::new("ui").handle(); // the loop is gone
/// assert!(matches!(handle.send(Box::new(|| ())), Err(SendError::Dropped)));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum SendError {
    /// This thread must not block. Gives the callback back.
    WouldDeadlock(WouldDeadlock, PostError),
    /// The context took it, and dropped it; or it takes nothing any more.
    Dropped,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WouldDeadlock(refused, _) => fmt::Display::fmt(refused, f),
            Self::Dropped => f.write_str("the context dropped the callback"),
        }
    }
}

impl Error for SendError {}
