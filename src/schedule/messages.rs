//! What is posted to a thread, in order; the one place where this crate's schedulers block.

use super::context::{Callback, PostError};
use crate::shim::heap::Arc;
use alloc::collections::VecDeque;
use alloc::task::Wake;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{ThreadId, current};

/// What the thread is to do.
pub(super) enum Message {
    Call(Callback),
    /// To poll a future that never leaves the thread.
    Poll(Arc<Local>),
}

#[derive(Default)]
struct State {
    messages: VecDeque<Message>,
    closed: bool,
    /// Its thread does run it.
    running: bool,
}

/// The queue. No foreign code runs while it is locked.
pub(super) struct Messages {
    state: Mutex<State>,
    bell: Condvar,
    /// The only thread that may run it.
    thread: ThreadId,
}

impl Messages {
    /// Of this thread.
    pub(super) fn new() -> Self {
        Self { state: Mutex::default(), bell: Condvar::new(), thread: current().id() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn post(&self, callback: Callback) -> Result<(), PostError> {
        match self.push(Message::Call(callback)) {
            Ok(()) => Ok(()),
            Err(Message::Call(callback)) => Err(PostError::new(callback)),
            Err(Message::Poll(_)) => unreachable!("a callback comes back as one"),
        }
    }

    fn push(&self, message: Message) -> Result<(), Message> {
        let mut state = self.lock();
        if state.closed {
            return Err(message);
        }
        state.messages.push_back(message);
        drop(state);
        self.bell.notify_one();
        Ok(())
    }

    /// Waits for the next one.
    pub(super) fn next(&self) -> Message {
        let mut state = self.lock();
        loop {
            match state.messages.pop_front() {
                Some(message) => return message,
                None => state = self.bell.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Takes nothing any more. What was there comes out.
    pub(super) fn close(&self) -> VecDeque<Message> {
        let mut state = self.lock();
        state.closed = true;
        core::mem::take(&mut state.messages)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    pub(super) fn set_running(&self, running: bool) {
        self.lock().running = running;
    }

    /// True on its thread, running or not.
    pub(super) fn is_of_this_thread(&self) -> bool {
        self.thread == current().id()
    }

    pub(super) fn runs_here(&self) -> bool {
        self.is_of_this_thread() && self.lock().running
    }
}

/// What the wakers of a future share that never leaves the thread.
pub(super) struct Local {
    messages: Arc<Messages>,
    /// Where the thread keeps the future; none for what `run_until` waits for.
    pub(super) place: Option<usize>,
    queued: Mutex<bool>,
}

impl Local {
    pub(super) fn new(messages: Arc<Messages>, place: Option<usize>) -> Arc<Self> {
        Arc::new(Self { messages, place, queued: Mutex::new(false) })
    }

    /// It is being polled: a wake from here on queues it again.
    pub(super) fn begin(&self) {
        *self.queued.lock().unwrap_or_else(PoisonError::into_inner) = false;
    }
}

impl Wake for Local {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut queued = self.queued.lock().unwrap_or_else(PoisonError::into_inner);
        if !core::mem::replace(&mut *queued, true) {
            drop(queued);
            // What is refused has been dropped with the loop.
            drop(self.messages.push(Message::Poll(self.clone())));
        }
    }
}
