//! The futures of a message loop that never leave its thread.

use super::messages::{Local, Messages};
use crate::context::Flow;
use crate::raw::fault::contain;
use crate::shim::heap::Arc;
use crate::shim::thread::catch;
use crate::spawn::{LocalBoxFuture, LocalSpawner};
use crate::task::{Panic, Task, TaskCompletionSource, TaskError};
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::task::Wake;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::fmt;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::{Context, Poll, Waker};

struct Slot {
    /// None while it is polled.
    future: Option<LocalBoxFuture<'static, ()>>,
    wakes: Arc<Local>,
}

/// The futures, by place.
pub(super) struct Locals {
    messages: Arc<Messages>,
    /// None once the loop is gone.
    slots: RefCell<Option<Slots>>,
}

#[derive(Default)]
struct Slots {
    all: Vec<Option<Slot>>,
    /// The places of those that are none.
    free: Vec<usize>,
}

impl Locals {
    pub(super) fn new(messages: Arc<Messages>) -> Rc<Self> {
        Rc::new(Self { messages, slots: RefCell::new(Some(Slots::default())) })
    }

    fn spawn(&self, future: LocalBoxFuture<'static, ()>) {
        let mut slots = self.slots.borrow_mut();
        let Some(list) = &mut *slots else {
            drop(slots);
            return drop(future);
        };
        let place = list.free.pop().unwrap_or_else(|| {
            list.all.push(None);
            list.all.len() - 1
        });
        let wakes = Local::new(self.messages.clone(), Some(place));
        list.all[place] = Some(Slot { future: Some(future), wakes: wakes.clone() });
        drop(slots);
        wakes.wake();
    }

    /// Polls a future that was woken, if it is still there.
    pub(super) fn poll(&self, wakes: &Arc<Local>) {
        let Some(future) = self.with(wakes, |slot| slot.future.take()).flatten() else { return };
        let mut running = Running { locals: self, wakes, future: Some(future) };
        wakes.begin();
        let waker = Waker::from(wakes.clone());
        let Some(future) = &mut running.future else { return };
        if future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            let future = running.future.take();
            self.with(wakes, |slot| slot.future = future);
        }
    }

    /// Has `f` look at the place of a future, if it is still that one's.
    fn with<R>(&self, wakes: &Arc<Local>, f: impl FnOnce(&mut Slot) -> R) -> Option<R> {
        let mut slots = self.slots.borrow_mut();
        let slot = slots.as_mut()?.all.get_mut(wakes.place?)?.as_mut()?;
        Arc::ptr_eq(&slot.wakes, wakes).then(|| f(slot))
    }

    /// Makes the place of a future free, which is that one's unless the loop is gone.
    fn vacate(&self, place: usize) -> Option<Slot> {
        let mut slots = self.slots.borrow_mut();
        let slots = slots.as_mut()?;
        slots.free.push(place);
        slots.all[place].take()
    }

    /// Drops them all, and whatever comes later.
    pub(super) fn close(&self) {
        let slots = self.slots.borrow_mut().take();
        for slot in slots.unwrap_or_default().all.into_iter().flatten() {
            contain(|| drop(slot));
        }
    }
}

/// A future that is out of its place: unless it goes back there, it is over.
struct Running<'a> {
    locals: &'a Locals,
    wakes: &'a Arc<Local>,
    future: Option<LocalBoxFuture<'static, ()>>,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if let Some(future) = self.future.take() {
            let slot = self.wakes.place.and_then(|place| self.locals.vacate(place));
            drop(slot);
            drop(future);
        }
    }
}

/// Spawns futures on a [`MessageLoop`](crate::MessageLoop) from its own thread; they need not be [`Send`].
///
/// Once the loop is gone it drops what it is given.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use taskcell::{MessageLoop, Task};
///
/// let ui = MessageLoop::new("ui");
/// let local = ui.local();
/// let text = Rc::new("not to be sent".to_owned());
/// let answer = ui.run_until(async move {
///     let task: Task<usize> = local.run(async move { Ok(text.len()) });
///     task.await
/// });
/// assert_eq!(answer.unwrap(), 14);
/// ```
#[doc(alias = "LocalSet")]
#[derive(Clone)]
pub struct MessageLoopLocal {
    locals: Rc<Locals>,
}

impl MessageLoopLocal {
    pub(super) fn new(locals: Rc<Locals>) -> Self {
        Self { locals }
    }

    /// [`Task::run`] for futures that are not [`Send`]: it starts `future`, and the task ends as it does. A panic is the
    /// task's alone; if the loop goes before, the task is abandoned. The [context](crate::context) of this call flows into
    /// the future.
    #[doc(alias = "Run")]
    #[doc(alias = "spawn_local")]
    pub fn run<T, E, F>(&self, future: F) -> Task<T, E>
    where
        T: 'static,
        E: 'static,
        F: Future<Output = Result<T, E>> + 'static,
    {
        let (source, task) = TaskCompletionSource::pair();
        let future = Flow::capture().around(future);
        self.locals.spawn(Box::pin(async move {
            let outcome = {
                let mut future = pin!(future);
                poll_fn(|cx| match catch(|| future.as_mut().poll(cx)) {
                    Ok(Poll::Pending) => Poll::Pending,
                    Ok(Poll::Ready(result)) => Poll::Ready(result.map_err(TaskError::of_error)),
                    Err(payload) => Poll::Ready(Err(TaskError::Panicked(Panic::new(payload)))),
                })
                .await
            };
            let _ = source.try_set_outcome(outcome);
        }));
        task
    }
}

impl LocalSpawner for MessageLoopLocal {
    fn spawn(&self, future: LocalBoxFuture<'static, ()>) {
        self.locals.spawn(future);
    }
}

impl fmt::Debug for MessageLoopLocal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageLoopLocal").finish_non_exhaustive()
    }
}
