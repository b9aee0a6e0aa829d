//! A thread's own queue, and what runs it.

use super::context::{Callback, Current, PostError, SendError, SynchronizationContext, send_to};
use super::context_scheduler::ContextScheduler;
use super::locals::{Locals, MessageLoopLocal};
use super::messages::{Local, Message, Messages};
use super::{SchedulerClosed, TaskScheduler};
use crate::context::{NoBlocking, WouldDeadlock, may_block};
use crate::raw::fault::contain;
use crate::shim::heap::Arc;
use crate::shim::thread::catch;
use crate::spawn::{BoxFuture, Spawner};
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::task::Wake;
use core::any::Any;
use core::fmt;
use core::future::{Future, IntoFuture};
use core::num::NonZeroUsize;
use core::pin::pin;
use core::task::{Context, Waker};

/// What is told of panics.
type Hook = Box<dyn Fn(Box<dyn Any + Send>)>;

/// A thread's own queue: what is posted to it runs on that thread, one after the other, in order.
///
/// It runs while its thread is inside [`run_until`](Self::run_until). Its [handle](Self::handle) goes to other threads: it is
/// a [`SynchronizationContext`] and a [`TaskScheduler`]. Futures that are not [`Send`] are spawned with
/// [`local`](Self::local). Callbacks, wakes of all these futures, and wakes of what `run_until` waits for stand in one
/// queue. Between runs the queue stays as it is.
///
/// # A thread that must not block
///
/// Inside `run_until` the thread [must not block](crate::no_blocking): it is the one that everybody waits for. A
/// [`Task::wait`](crate::Task::wait) there that would have to wait is refused with [`WouldDeadlock`], which has the loop's
/// name; so is another `run_until`, of this loop or of any other. The
/// [guide](crate::guide::configure_await) says what to do instead.
///
/// # Panics in what it runs
///
/// A panic of a callback or of a spawned future comes out of `run_until`; what is queued stays, and the loop can be run
/// again. With [`on_panic`](Self::on_panic) a hook gets the payload, and the loop goes on. A [`Task`](crate::Task) catches
/// its own panics. A panic of what `run_until` waits for always comes out.
///
/// # Its end
///
/// When the loop is dropped, what is queued and what is pending there is dropped: a task is abandoned, a
/// [`send`](SynchronizationContext::send) is told [`Dropped`](crate::SendError::Dropped). What comes later is refused: a post
/// gets its callback back, and a task is abandoned.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::{MessageLoop, SynchronizationContext, delay};
///
/// let ui = MessageLoop::new("ui");
/// let handle = ui.handle();
/// let text = ui.run_until(async move {
///     let (sender, receiver) = smol::channel::bounded(1);
///     std::thread::spawn(move || {
///         handle.post(Box::new(move || sender.try_send("from a thread").unwrap())).unwrap();
///     });
///     delay(Duration::from_millis(1)).await;
///     receiver.recv().await
/// });
/// assert_eq!(text, Ok("from a thread"));
/// ```
#[doc(alias = "AsyncPump")]
#[doc(alias = "AsyncContext")]
#[doc(alias = "AsyncContextThread")]
#[doc(alias = "DispatcherSynchronizationContext")]
#[doc(alias = "Dispatcher")]
#[doc(alias = "runBlocking")]
pub struct MessageLoop {
    handle: MessageLoopHandle,
    locals: Rc<Locals>,
    hook: Option<Hook>,
}

impl MessageLoop {
    /// A loop of this thread. The name is for people, and for [`WouldDeadlock`].
    #[must_use]
    pub fn new(name: &str) -> Self {
        let messages = Arc::new(Messages::new());
        let locals = Locals::new(messages.clone());
        Self { handle: MessageLoopHandle { messages, name: name.into() }, locals, hook: None }
    }

    /// Has `hook` told of what callbacks and spawned futures panic with, instead of ending
    /// [`run_until`](Self::run_until). If the hook panics that comes out.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{cell::Cell, rc::Rc};
    /// use taskcell::{MessageLoop, SynchronizationContext, yield_now};
    ///
    /// let panics = Rc::new(Cell::new(0));
    /// let count = panics.clone();
    /// let ui = MessageLoop::new("ui").on_panic(move |_payload| count.set(count.get() + 1));
    /// ui.handle().post(Box::new(|| panic!("out of paper"))).unwrap();
    /// # let hook = std::panic::take_hook();
    /// # std::panic::set_hook(Box::new(|_| ()));
    /// ui.run_until(yield_now()); // goes on
    /// # std::panic::set_hook(hook);
    /// assert_eq!(panics.get(), 1);
    /// ```
    #[doc(alias = "UnhandledException")]
    #[must_use]
    pub fn on_panic(mut self, hook: impl Fn(Box<dyn Any + Send>) + 'static) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }

    /// For other threads.
    #[must_use]
    pub fn handle(&self) -> MessageLoopHandle {
        self.handle.clone()
    }

    /// Spawns futures that are not [`Send`]; see [`MessageLoopLocal`].
    #[must_use]
    pub fn local(&self) -> MessageLoopLocal {
        MessageLoopLocal::new(self.locals.clone())
    }

    /// Runs the loop on this thread until `future` is ready; its first poll comes after what is queued already. What is
    /// queued at its end stays for the next
    /// run.
    ///
    /// # Panics
    ///
    /// If this thread must not block, as inside of another `run_until`; see
    /// [`try_run_until`](Self::try_run_until). As `future` does, and, without a [hook](Self::on_panic), as a callback
    /// or a spawned future does.
    #[doc(alias = "Run")]
    #[doc(alias = "block_on")]
    pub fn run_until<F: IntoFuture>(&self, future: F) -> F::Output {
        match self.try_run_until(future) {
            Ok(output) => output,
            Err(refused) => panic!("{refused}"),
        }
    }

    /// The same, where the thread may be one that must not block.
    ///
    /// # Errors
    ///
    /// If so. `future` is dropped, and nothing has run.
    ///
    /// # Panics
    ///
    /// As `future` does, and, without a [hook](Self::on_panic), as a callback or a spawned future does.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::MessageLoop;
    ///
    /// let (outer, inner) = (MessageLoop::new("ui"), MessageLoop::new("dialog"));
    /// assert_eq!(outer.try_run_until(async { 7 }), Ok(7));
    /// let nested = outer.run_until(async { inner.try_run_until(async { 7 }) });
    /// assert_eq!(nested.unwrap_err().name(), "ui");
    /// ```
    pub fn try_run_until<F: IntoFuture>(&self, future: F) -> Result<F::Output, WouldDeadlock> {
        may_block()?;
        let _running = Running::new(&self.handle);
        let mut future = pin!(future.into_future());
        let wakes = Local::new(self.handle.messages.clone(), None);
        let waker = Waker::from(wakes.clone());
        wakes.wake_by_ref();
        loop {
            match self.handle.messages.next() {
                Message::Poll(woken) if woken.place.is_some() => self.attempt(|| self.locals.poll(&woken)),
                Message::Call(callback) => self.attempt(callback),
                // What an earlier run waited for is gone.
                Message::Poll(woken) if !Arc::ptr_eq(&woken, &wakes) => {}
                Message::Poll(_) => {
                    wakes.begin();
                    if let core::task::Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                        return Ok(output);
                    }
                }
            }
        }
    }

    fn attempt(&self, f: impl FnOnce()) {
        match &self.hook {
            None => f(),
            Some(hook) => {
                if let Err(payload) = catch(f) {
                    hook(payload);
                }
            }
        }
    }
}

impl Drop for MessageLoop {
    fn drop(&mut self) {
        for message in self.handle.messages.close() {
            contain(|| drop(message));
        }
        self.locals.close();
    }
}

impl fmt::Debug for MessageLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageLoop").field("name", &self.handle.name).finish_non_exhaustive()
    }
}

/// What a thread has while it runs a loop.
struct Running<'a> {
    messages: &'a Messages,
    _current: Current,
    _no_blocking: NoBlocking,
}

impl<'a> Running<'a> {
    fn new(handle: &'a MessageLoopHandle) -> Self {
        let _current = Current::new(Some(Arc::new(handle.clone())));
        handle.messages.set_running(true);
        Self { messages: &handle.messages, _current, _no_blocking: NoBlocking::new(handle.name.clone()) }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.messages.set_running(false);
    }
}

/// A [`MessageLoop`] seen from other threads: a [`SynchronizationContext`], and a scheduler of one poll at a time. Clones are
/// the same loop; they do not keep it running.
///
/// # Examples
///
/// ```
/// use taskcell::{MessageLoop, MessageLoopHandle, StartOn, Task};
///
/// async fn title(ui: MessageLoopHandle) -> Task<usize> {
///     async { Ok("paper".len()) }.start_on(&ui) // runs on the loop's thread
/// }
/// let ui = MessageLoop::new("ui");
/// let length = ui.run_until(async { title(ui.handle()).await.await });
/// assert_eq!(length.unwrap(), 5);
/// ```
#[derive(Clone)]
pub struct MessageLoopHandle {
    messages: Arc<Messages>,
    name: Arc<str>,
}

impl SynchronizationContext for MessageLoopHandle {
    fn name(&self) -> &str {
        &self.name
    }

    /// From any thread, the loop's own too: then it runs after what is queued already.
    fn post(&self, callback: Callback) -> Result<(), PostError> {
        self.messages.post(callback)
    }

    /// True on the thread that is inside of [`run_until`](MessageLoop::run_until).
    fn is_current(&self) -> bool {
        self.messages.runs_here()
    }

    /// On the loop's own thread, while that is not inside of [`run_until`](MessageLoop::run_until), it would wait for itself:
    /// that is refused, too.
    fn send(&self, callback: Callback) -> Result<(), SendError> {
        if self.messages.is_of_this_thread() && !self.is_current() && !self.messages.is_closed() {
            let _refused = NoBlocking::new(self.name.clone());
            return send_to(self, callback);
        }
        send_to(self, callback)
    }
}

impl Spawner for MessageLoopHandle {
    fn spawn(&self, future: BoxFuture<'static, ()>) {
        ContextScheduler::new(Arc::new(self.clone())).spawn(future);
    }
}

impl TaskScheduler for MessageLoopHandle {
    fn name(&self) -> &str {
        &self.name
    }

    fn max_concurrency(&self) -> Option<NonZeroUsize> {
        Some(NonZeroUsize::MIN)
    }

    /// Gives the future back if the loop is gone. If it goes at the same time the future is dropped.
    fn try_spawn(&self, future: BoxFuture<'static, ()>) -> Result<(), SchedulerClosed> {
        if self.messages.is_closed() {
            return Err(SchedulerClosed::new(future));
        }
        self.spawn(future);
        Ok(())
    }

    fn queue(&self, job: Box<dyn FnOnce() + Send>) {
        drop(self.post(job));
    }
}

impl fmt::Debug for MessageLoopHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageLoopHandle").field("name", &self.name).finish_non_exhaustive()
    }
}
