//! An executor and a clock made of two functions of the host: one that calls back soon, one that calls back later.

use alloc::{collections::BTreeMap, sync::Arc, task::Wake};
use core::{
    cell::{Cell, OnceCell, RefCell},
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Waker},
};
use taskcell::{
    BoxFuture, LocalBoxFuture, TimeProvider, Timestamp,
    time::{Alarm, TimerQueue},
};

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    /// Milliseconds since some start; never goes back.
    safe fn now_ms() -> f64;
    /// Calls [`fire`] once, so many milliseconds from now, and forgets what was asked before.
    safe fn set_timeout(ms: f64);
    /// Calls [`wake`] with `job` once, soon, but not inside of this call.
    safe fn post(job: u32);
}

/// The loop, and what may be done to it.
struct EventLoop {
    jobs: RefCell<BTreeMap<u32, Job>>,
    last: Cell<u32>,
    timers: TimerQueue,
    /// What the host's timer is set to.
    next: Cell<Timestamp>,
}

struct Job {
    /// Not here while it is polled.
    future: Option<LocalBoxFuture<'static, ()>>,
    ring: Arc<Ring>,
}

/// What a job's wakers share.
struct Ring {
    job: u32,
    posted: AtomicBool,
}

impl Wake for Ring {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // ORDERING: there is one thread.
        if !self.posted.swap(true, Ordering::Relaxed) {
            post(self.job);
        }
    }
}

/// The value of the only thread there is.
struct Single<T>(T);

// SAFETY: wasm32-unknown-unknown without the feature `atomics`, as it is built here, has one thread.
unsafe impl<T> Sync for Single<T> {}

fn event_loop() -> &'static EventLoop {
    static LOOP: Single<OnceCell<EventLoop>> = Single(OnceCell::new());
    LOOP.0.get_or_init(|| EventLoop {
        jobs: RefCell::default(),
        last: Cell::new(0),
        timers: TimerQueue::new(),
        next: Cell::new(Timestamp::MAX),
    })
}

/// The spawner.
pub(crate) fn spawn(future: BoxFuture<'static, ()>) {
    spawn_local(future);
}

/// The spawner of futures that are not `Send`.
pub(crate) fn spawn_local(future: LocalBoxFuture<'static, ()>) {
    let this = event_loop();
    let job = this.last.get() + 1;
    this.last.set(job);
    let ring = Arc::new(Ring { job, posted: AtomicBool::new(false) });
    this.jobs.borrow_mut().insert(job, Job { future: Some(future), ring: ring.clone() });
    ring.wake();
}

/// For the host: polls a job that was posted.
#[unsafe(no_mangle)]
pub extern "C" fn wake(job: u32) {
    let this = event_loop();
    // Nothing is borrowed while it is polled or dropped: it may spawn.
    let Some((mut future, ring)) = this.jobs.borrow_mut().get_mut(&job).and_then(Job::take) else { return };
    // ORDERING: there is one thread.
    ring.posted.store(false, Ordering::Relaxed);
    let waker = Waker::from(ring);
    let ready = future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
    let mut jobs = this.jobs.borrow_mut();
    if ready {
        jobs.remove(&job);
    } else if let Some(job) = jobs.get_mut(&job) {
        job.future = Some(future);
    }
}

/// For the host: the time has come.
#[unsafe(no_mangle)]
pub extern "C" fn fire() {
    let this = event_loop();
    this.next.set(Timestamp::MAX);
    this.timers.turn(Clock.now());
    if let Some(next) = this.timers.next_deadline() {
        this.set_timer(next);
    }
}

/// For the host: jobs that have not ended, and timers that are armed.
#[unsafe(no_mangle)]
pub extern "C" fn pending() -> usize {
    let this = event_loop();
    this.jobs.borrow().len() + this.timers.armed()
}

impl Job {
    fn take(&mut self) -> Option<(LocalBoxFuture<'static, ()>, Arc<Ring>)> {
        Some((self.future.take()?, self.ring.clone()))
    }
}

impl EventLoop {
    /// Has the host call at `deadline`, unless it will call before.
    fn set_timer(&self, deadline: Timestamp) {
        if deadline < self.next.get() {
            self.next.set(deadline);
            set_timeout(deadline.saturating_duration_since(Clock.now()).as_secs_f64() * 1e3);
        }
    }
}

/// The host's clock, and its timer under this crate's queue.
#[derive(Clone)]
pub(crate) struct Clock;

impl TimeProvider for Clock {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos((now_ms() * 1e6) as u64)
    }

    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        let this = event_loop();
        let alarm = this.timers.arm(deadline, waker);
        this.set_timer(deadline);
        alarm
    }
}
