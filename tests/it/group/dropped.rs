//! A group whose future is dropped.
use super::settle;
use crate::support::{Counter, Dropped, Jobs, Latch, unobserved};
use std::future::pending;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Mutex, OnceLock, mpsc};
use taskcell::{BoxFuture, Spawner, TaskGroup, TaskGroupHandle, task_group};

#[test]
fn lazy_children_go_and_hot_ones_are_cancelled_and_detached() {
    let (jobs, latch, counter) = (Jobs::new(), Latch::new(), Counter::new());
    let (lazy, lazy_dropped) = Dropped::new();
    let handle: OnceLock<TaskGroupHandle<(), ()>> = OnceLock::new();
    let mut group = task_group(|group: TaskGroup<(), ()>| {
        handle.set(group.handle()).unwrap();
        group.run(async move {
            let _lazy = lazy;
            pending().await
        });
        let (token, latch) = (group.token(), latch.clone());
        group.run_on(&jobs, async move {
            token.cancelled().await;
            latch.arrive();
            Ok(())
        });
        pending::<Result<(), ()>>()
    });
    settle(&counter, &mut group);
    jobs.step();
    drop(group);
    assert_eq!((lazy_dropped.load(SeqCst), jobs.len()), (1, 1));
    assert!(handle.get().unwrap().run(async { Ok(()) }).is_err());
    jobs.run();
    assert_eq!((latch.count(), counter.held()), (1, 0));
}

#[test]
fn hot_children_that_wait_for_room_end_as_cancelled() {
    let (jobs, counter) = (Jobs::new(), Counter::new());
    let mut tasks = Vec::new();
    let mut group = task_group(|group: TaskGroup<(), ()>| {
        tasks.extend([(); 3].map(|()| group.spawn(&jobs, pending())));
        pending::<Result<(), ()>>()
    })
    .limit(1.try_into().unwrap());
    settle(&counter, &mut group);
    drop(group);
    assert_eq!((jobs.len(), tasks[1].is_cancelled(), tasks[2].is_cancelled()), (1, true, true));
    assert!(!tasks[0].is_completed(), "detached");
    jobs.drop_all();
}

/// Children that have a handle, and so the group, are dropped although they were never polled.
#[test]
fn nothing_is_kept_in_a_circle() {
    let counter = Counter::new();
    let (value, dropped) = Dropped::new();
    let mut group = task_group(|group: TaskGroup<(), ()>| {
        let handle = group.handle();
        group.run(pending());
        group.run(async move {
            let _kept = (handle, value);
            pending().await
        });
        pending::<Result<(), ()>>()
    })
    .limit(1.try_into().unwrap());
    settle(&counter, &mut group);
    drop(group);
    assert_eq!(dropped.load(SeqCst), 1);
}

#[test]
fn a_group_that_was_never_polled_calls_no_body() {
    drop(task_group(|_: TaskGroup<(), ()>| -> std::future::Pending<Result<(), ()>> { unreachable!() }));
}

/// Who takes values elsewhere is told that there will be none.
#[test]
fn a_taker_elsewhere_is_told() {
    let (counter, taker) = (Counter::new(), Counter::new());
    let taken = Mutex::new(None);
    let mut group = task_group(|group: TaskGroup<(), ()>| {
        group.run(pending());
        *taken.lock().unwrap() = Some(group);
        pending::<Result<(), ()>>()
    });
    settle(&counter, &mut group);
    let mut elsewhere = taken.lock().unwrap().take().unwrap();
    let mut next = elsewhere.next();
    assert!(taker.poll(&mut next).is_pending());
    drop(group);
    assert_eq!(taker.wakes(), 1);
    assert_eq!(taker.poll(&mut next), std::task::Poll::Ready(None));
}

/// The fault of a detached child has nobody else to be told.
#[test]
fn a_fault_after_the_drop_is_unobserved() {
    struct Own;
    unobserved::watch();
    let (jobs, counter) = (Jobs::new(), Counter::new());
    let mut group = task_group(|group: TaskGroup<Own, &'static str>| {
        drop(group.spawn(&jobs, async { Err("nobody sees it") }));
        pending::<Result<(), &'static str>>()
    });
    settle(&counter, &mut group);
    drop(group);
    assert!(unobserved::of::<Own>().is_empty());
    // It was not begun, so it is cancelled instead.
    jobs.run();
    assert!(unobserved::of::<Own>().is_empty());
    let mut group = task_group(|group: TaskGroup<Own, &'static str>| {
        drop(group.spawn(&jobs, async {
            super::Once(false).await;
            Err("nobody sees it")
        }));
        pending::<Result<(), &'static str>>()
    });
    settle(&counter, &mut group);
    jobs.step();
    drop(group);
    jobs.run();
    assert_eq!(unobserved::of::<Own>().len(), 1);
}

/// Its clone, which is made after a child was accepted and before it is put anywhere, waits until it is told.
struct Slow {
    jobs: Jobs,
    reached: mpsc::Sender<()>,
    goes_on: Mutex<mpsc::Receiver<()>>,
}

impl Clone for Slow {
    fn clone(&self) -> Self {
        self.reached.send(()).unwrap();
        self.goes_on.lock().unwrap().recv().unwrap();
        let (reached, goes_on) = (self.reached.clone(), Mutex::new(mpsc::channel().1));
        Self { jobs: self.jobs.clone(), reached, goes_on }
    }
}

impl Spawner for Slow {
    fn spawn(&self, future: BoxFuture<'static, ()>) {
        self.jobs.spawn(future);
    }
}

/// Calls it on drop.
struct Calls<F: FnMut()>(F);

impl<F: FnMut()> Drop for Calls<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn a_hot_child_that_arrives_in_the_midst_of_the_drop_is_never_polled() {
    let (reached, is_reached) = mpsc::channel();
    let (go, goes_on) = mpsc::channel();
    let (done, is_done) = mpsc::channel();
    let (jobs, counter, handle) = (Jobs::new(), Counter::new(), OnceLock::new());
    let mut group = task_group(|group: TaskGroup<(), ()>| {
        handle.set(group.handle()).unwrap();
        let calls = Calls(move || {
            go.send(()).unwrap();
            is_done.recv().unwrap();
        });
        group.run(async move {
            let _calls = calls;
            pending().await
        });
        pending::<Result<(), ()>>()
    })
    .limit(1.try_into().unwrap());
    settle(&counter, &mut group);
    let (handle, slow) = (handle.get().unwrap(), Slow { jobs: jobs.clone(), reached, goes_on: Mutex::new(goes_on) });
    std::thread::scope(|scope| {
        let task = scope.spawn(move || {
            let task = handle.spawn(&slow, async { unreachable!("the group is gone") });
            done.send(()).unwrap();
            task.unwrap()
        });
        is_reached.recv().unwrap();
        drop(group);
        assert!(task.join().unwrap().is_cancelled());
    });
    assert_eq!(jobs.len(), 0);
}
