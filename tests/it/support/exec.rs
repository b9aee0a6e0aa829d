//! The executors: smol, one that polls inside `wake`, one of a single thread; all behind one trait.
use std::collections::VecDeque;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::task::{Context, Poll, Wake, Waker};

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What the suite needs of an executor.
pub(crate) trait Executor: Clone + Send + Sync + 'static {
    fn new() -> Self;
    /// Starts a task that makes progress at the latest while `run` does.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static);
    /// Runs `main` to its end.
    fn run<T: Send + 'static>(&self, main: impl Future<Output = T> + Send + 'static) -> T;
}

/// smol's own executor.
#[derive(Clone)]
pub(crate) struct Smol(Arc<smol::Executor<'static>>);

impl Executor for Smol {
    fn new() -> Self {
        Self(Arc::default())
    }
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(task).detach();
    }
    fn run<T: Send + 'static>(&self, main: impl Future<Output = T> + Send + 'static) -> T {
        smol::block_on(self.0.run(main))
    }
}

/// Polls a task inside `wake`, on whatever thread that is: the hostile case of G2.
#[derive(Clone)]
pub(crate) struct Inline;

enum State {
    Idle(Job),
    /// Somebody polls it; true when it was woken meanwhile.
    Polling(bool),
    Done,
}

struct InlineTask(Mutex<State>);

impl Wake for InlineTask {
    fn wake(self: Arc<Self>) {
        let mut state = self.0.lock().unwrap();
        match &mut *state {
            State::Polling(again) => *again = true,
            State::Done => {}
            State::Idle(_) => {
                let State::Idle(mut job) = std::mem::replace(&mut *state, State::Polling(false)) else {
                    unreachable!()
                };
                drop(state);
                let waker = Waker::from(self.clone());
                loop {
                    let poll = job.as_mut().poll(&mut Context::from_waker(&waker));
                    let mut state = self.0.lock().unwrap();
                    if poll.is_ready() {
                        *state = State::Done;
                        drop(state);
                        return drop(job);
                    }
                    let State::Polling(again) = &mut *state else { unreachable!() };
                    if !std::mem::take(again) {
                        *state = State::Idle(job);
                        return;
                    }
                }
            }
        }
    }
}

impl Executor for Inline {
    fn new() -> Self {
        Self
    }
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        Arc::new(InlineTask(Mutex::new(State::Idle(Box::pin(task))))).wake();
    }
    fn run<T: Send + 'static>(&self, main: impl Future<Output = T> + Send + 'static) -> T {
        let (sender, receiver) = mpsc::channel();
        self.spawn(async move { sender.send(main.await).unwrap() });
        receiver.recv_timeout(std::time::Duration::from_secs(60)).expect("the task never ended")
    }
}

/// One thread, one queue, first in first out.
#[derive(Clone, Default)]
pub(crate) struct Single(Arc<Ready>);

#[derive(Default)]
struct Ready {
    queue: Mutex<VecDeque<Arc<SingleTask>>>,
    bell: Condvar,
}

struct SingleTask {
    job: Mutex<Option<Job>>,
    queued: Mutex<bool>,
    ready: Arc<Ready>,
}

impl Wake for SingleTask {
    fn wake(self: Arc<Self>) {
        if !std::mem::replace(&mut *self.queued.lock().unwrap(), true) {
            self.ready.queue.lock().unwrap().push_back(self.clone());
            self.ready.bell.notify_one();
        }
    }
}

struct MainWake(Mutex<bool>, Arc<Ready>);

impl Wake for MainWake {
    fn wake(self: Arc<Self>) {
        *self.0.lock().unwrap() = true;
        let _queue = self.1.queue.lock().unwrap();
        self.1.bell.notify_one();
    }
}

impl Executor for Single {
    fn new() -> Self {
        Self::default()
    }
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let job: Job = Box::pin(task);
        let ready = self.0.clone();
        Arc::new(SingleTask { job: Mutex::new(Some(job)), queued: Mutex::new(false), ready }).wake();
    }
    fn run<T: Send + 'static>(&self, main: impl Future<Output = T> + Send + 'static) -> T {
        let mut main = pin!(main);
        let woken = Arc::new(MainWake(Mutex::new(true), self.0.clone()));
        let waker = Waker::from(woken.clone());
        loop {
            if std::mem::take(&mut *woken.0.lock().unwrap()) {
                if let Poll::Ready(output) = main.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return output;
                }
            }
            let mut queue = self.0.queue.lock().unwrap();
            let task = loop {
                if let Some(task) = queue.pop_front() {
                    break Some(task);
                }
                if *woken.0.lock().unwrap() {
                    break None;
                }
                queue = self.0.bell.wait(queue).unwrap();
            };
            drop(queue);
            if let Some(task) = task {
                task.turn();
            }
        }
    }
}

impl SingleTask {
    /// Polls it once.
    fn turn(self: &Arc<Self>) {
        *self.queued.lock().unwrap() = false;
        let taken = self.job.lock().unwrap().take();
        if let Some(mut job) = taken {
            let waker = Waker::from(self.clone());
            if job.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
                *self.job.lock().unwrap() = Some(job);
            }
        }
    }
}

impl Single {
    /// The spawner of this executor.
    pub(crate) fn spawner(&self) -> impl Fn(taskcell::BoxFuture<'static, ()>) + Clone + Send + Sync + 'static + use<> {
        let this = self.clone();
        move |future| this.spawn(future)
    }
    /// Polls what is ready until nothing is.
    pub(crate) fn drain(&self) {
        loop {
            let next = self.0.queue.lock().unwrap().pop_front();
            match next {
                Some(task) => task.turn(),
                None => return,
            }
        }
    }
}
