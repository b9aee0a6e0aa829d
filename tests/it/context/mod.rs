//! Locals and contexts where things go wrong: panics, values that call back, threads that end.
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;
use taskcell::{
    AsyncLocal, ContinuationOptions, ExecutionContext, MessageLoop, Task, TaskCompletionSource, WithContext, in_context,
};

use crate::support::exec::{Executor, Inline};
use crate::support::{Counter, Jobs, panic_of};

#[test]
fn a_poll_that_panics_leaves_nothing_behind() {
    static LOCAL: AsyncLocal<u32> = AsyncLocal::new();
    LOCAL.set(1);
    let mut call = Box::pin(in_context(async {
        LOCAL.set(2);
        smol::future::yield_now().await;
        panic!("poll");
    }));
    let counter = Counter::new();
    assert!(counter.poll(&mut call).is_pending());
    assert_eq!(panic_of(|| counter.poll(&mut call)), Some("poll"));
    assert_eq!(LOCAL.get(), Some(1));
    let jobs = Jobs::new();
    let task: Task<()> = Task::run(&jobs, async {
        LOCAL.set(3);
        panic!("task");
    });
    jobs.run();
    assert!(task.try_result().unwrap().unwrap_err().is_panicked());
    let done: Task<u32> = Task::from_result(1);
    let continued: Task<()> = done.then(|_| -> Result<(), _> {
        LOCAL.set(4);
        panic!("then");
    });
    assert!(continued.is_faulted());
    continued.ignore();
    assert_eq!(panic_of(|| LOCAL.scope(5, || panic!("scope"))), Some("scope"));
    assert_eq!(panic_of(|| ExecutionContext::EMPTY.run(|| panic!("run"))), Some("run"));
    assert_eq!(panic_of(|| ExecutionContext::suppress_flow(|| panic!("flow"))), Some("flow"));
    assert!(!ExecutionContext::is_flow_suppressed());
    assert_eq!(LOCAL.get(), Some(1));
}

/// Looks at a local when it is dropped.
struct Looks(Arc<Mutex<Vec<Option<u32>>>>, &'static AsyncLocal<u32>);

impl Drop for Looks {
    fn drop(&mut self) {
        self.0.lock().unwrap().push(self.1.get());
        self.1.set(77);
    }
}

#[test]
fn a_future_is_dropped_in_its_context() {
    static LOCAL: AsyncLocal<u32> = AsyncLocal::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (in_call, in_task, unpolled) =
        (Looks(seen.clone(), &LOCAL), Looks(seen.clone(), &LOCAL), Looks(seen.clone(), &LOCAL));
    let jobs = Jobs::new();
    LOCAL.set(1);
    let mut call = Box::pin(in_context(async move {
        let _looks = in_call;
        LOCAL.set(2);
        pending::<()>().await;
    }));
    assert!(Counter::new().poll(&mut call).is_pending());
    let task: Task<()> = Task::run(&jobs, async move {
        let _looks = in_task;
        LOCAL.set(3);
        pending().await
    });
    assert!(jobs.step());
    let lost: Task<()> = Task::run(&jobs, async move {
        let _looks = unpolled;
        Ok(())
    });
    LOCAL.set(9);
    drop(call);
    jobs.drop_all();
    assert_eq!(*seen.lock().unwrap(), [Some(2), Some(3), Some(1)]);
    assert_eq!(LOCAL.get(), Some(9));
    task.ignore();
    lost.ignore();
}

#[test]
fn a_future_that_panics_when_dropped_leaves_nothing_behind() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("drop");
        }
    }
    static LOCAL: AsyncLocal<u32> = AsyncLocal::new();
    LOCAL.set(1);
    let panics = Panics;
    let call = in_context(async move {
        let _panics = panics;
    });
    assert_eq!(panic_of(|| drop(call)), Some("drop"));
    assert_eq!(LOCAL.get(), Some(1));
    let panics = Panics;
    let mut call = Box::pin(in_context(poll_fn(move |_| {
        let _panics = &panics;
        LOCAL.set(2);
        Poll::Ready(())
    })));
    assert_eq!(panic_of(|| Counter::new().poll(&mut call)), Some("drop"));
    assert_eq!(LOCAL.get(), Some(1));
}

/// A value that uses locals when it is cloned and when it goes.
struct Hostile(&'static AsyncLocal<Hostile>, &'static AsyncLocal<u32>);

impl Clone for Hostile {
    fn clone(&self) -> Self {
        self.1.set(self.1.get().unwrap_or(0) + 1);
        self.0.clear();
        Self(self.0, self.1)
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.1.set(self.1.get().unwrap_or(0) + 100);
        self.0.with(|_| ());
        self.0.clear();
    }
}

#[test]
fn values_call_back() {
    static HOSTILE: AsyncLocal<Hostile> = AsyncLocal::new();
    static COUNT: AsyncLocal<u32> = AsyncLocal::new();
    HOSTILE.set(Hostile(&HOSTILE, &COUNT));
    drop(HOSTILE.get());
    assert!(HOSTILE.with(|value| value.is_none()));
    assert_eq!(COUNT.get(), Some(201));
    HOSTILE.set(Hostile(&HOSTILE, &COUNT));
    HOSTILE.set(Hostile(&HOSTILE, &COUNT));
    HOSTILE.clear();
    HOSTILE.scope(Hostile(&HOSTILE, &COUNT), || {
        HOSTILE.with(|value| {
            HOSTILE.clear();
            assert!(value.is_some(), "what one looks at stays");
        });
    });
    assert!(HOSTILE.with(|value| value.is_none()));
}

#[test]
fn a_value_that_panics_when_dropped_is_reported() {
    static REPORTS: AtomicUsize = AtomicUsize::new(0);
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            REPORTS.fetch_add(1, SeqCst);
            panic!("value");
        }
    }
    static LOCAL: AsyncLocal<Panics> = AsyncLocal::new();
    LOCAL.set(Panics);
    LOCAL.clear();
    let done: Task<u32> = Task::from_result(1);
    LOCAL.set(Panics);
    let task = done.then(|_| {
        LOCAL.set(Panics);
        Ok(())
    });
    assert!(task.is_completed_successfully(), "its value does not depend on it");
    assert_eq!(REPORTS.load(SeqCst), 2);
    // The last one goes with the thread.
    thread::spawn(|| LOCAL.set(Panics)).join().unwrap();
    assert_eq!(REPORTS.load(SeqCst), 3);
    LOCAL.clear();
}

#[test]
fn a_thread_that_ends() {
    static LOCAL: AsyncLocal<AtExit> = AsyncLocal::new();
    static OTHER: AsyncLocal<u32> = AsyncLocal::new();
    static ENDED: AtomicUsize = AtomicUsize::new(0);
    struct AtExit;
    impl Drop for AtExit {
        fn drop(&mut self) {
            OTHER.set(1);
            OTHER.with(|_| ());
            LOCAL.clear();
            OTHER.scope(2, || ());
            ExecutionContext::suppress_flow(|| assert!(ExecutionContext::EMPTY.run(|| true)));
            let done: Task<u32> = Task::from_result(1);
            assert!(done.then(|_| Ok(())).is_completed());
            ENDED.fetch_add(1, SeqCst);
        }
    }
    thread_local! {
        static EARLY: std::cell::RefCell<Option<AtExit>> = const { std::cell::RefCell::new(None) };
        static LATE: std::cell::RefCell<Option<AtExit>> = const { std::cell::RefCell::new(None) };
    }
    thread::spawn(|| {
        EARLY.with(|early| *early.borrow_mut() = Some(AtExit));
        LOCAL.set(AtExit);
        OTHER.set(3);
        LATE.with(|late| *late.borrow_mut() = Some(AtExit));
    })
    .join()
    .unwrap();
    assert_eq!(ENDED.load(SeqCst), 3);
}

#[test]
fn nobody_is_told_of_values_that_an_ending_thread_does_not_take() {
    static WATCHED: AsyncLocal<u32> = AsyncLocal::new().on_change(|_| {
        TOLD.fetch_add(1, SeqCst);
    });
    static TOLD: AtomicUsize = AtomicUsize::new(0);
    static OTHER: AsyncLocal<AtExit> = AsyncLocal::new();
    struct AtExit(ExecutionContext);
    impl Drop for AtExit {
        fn drop(&mut self) {
            let told = TOLD.load(SeqCst);
            WATCHED.set(1);
            WATCHED.clear();
            self.0.run(|| assert_eq!(WATCHED.get(), None));
            assert_eq!(TOLD.load(SeqCst), told);
            TOLD.fetch_add(100, SeqCst);
        }
    }
    let context = WATCHED.scope(7, || ExecutionContext::capture().unwrap());
    assert_eq!(TOLD.load(SeqCst), 2);
    // It goes with the thread's map, when that takes nothing any more.
    thread::spawn(|| OTHER.set(AtExit(context))).join().unwrap();
    assert_eq!(TOLD.load(SeqCst), 102);
}

#[test]
fn a_continuation_without_a_context_is_alone() {
    static LOCAL: AsyncLocal<u32> = AsyncLocal::new();
    let inline = || ContinuationOptions::EXECUTE_SYNCHRONOUSLY;
    for outside in [None, Some(1)] {
        for panics in [false, true] {
            let (source, task) = TaskCompletionSource::<()>::pair();
            let seen: Task<Option<u32>> = task.continue_with(inline(), move |_| {
                let seen = LOCAL.get();
                LOCAL.set(2);
                assert!(!panics, "inside");
                Ok(seen)
            });
            let next: Task<Option<u32>> = seen.continue_with(inline(), |_| Ok(LOCAL.get()));
            if let Some(value) = outside {
                LOCAL.set(value);
            }
            source.set_result(());
            assert_eq!(seen.is_faulted(), panics);
            assert_eq!(next.try_result().unwrap().unwrap(), &None);
            assert_eq!(LOCAL.get(), outside);
            LOCAL.clear();
        }
    }
}

#[test]
fn futures_of_a_loop_have_a_context_of_their_own() {
    static LOCAL: AsyncLocal<u32> = AsyncLocal::new();
    let ui = MessageLoop::new("ui");
    let local = ui.local();
    let task: Task<u32> = LOCAL.scope(1, || {
        local.run(async {
            smol::future::yield_now().await;
            LOCAL.set(LOCAL.get().unwrap() + 1);
            Ok(LOCAL.get().unwrap())
        })
    });
    ui.run_until(async {
        assert_eq!(task.await.unwrap(), 2);
        assert_eq!(LOCAL.get(), None);
    });
}

#[test]
fn what_is_not_inherited_stays() {
    static OWN: AsyncLocal<u32> = AsyncLocal::not_inherited();
    static LOCAL: AsyncLocal<u32> = AsyncLocal::new();
    OWN.set(1);
    LOCAL.set(2);
    let jobs = Jobs::new();
    let task = Task::<_, ()>::run(&jobs, async {
        let seen = (OWN.get(), LOCAL.get());
        OWN.set(3);
        smol::future::yield_now().await;
        Ok((seen, OWN.get()))
    });
    jobs.run();
    assert_eq!(task.try_result().unwrap().unwrap(), &((None, Some(2)), Some(3)));
    let context = ExecutionContext::capture().unwrap();
    assert_eq!(context.run(|| (OWN.get(), LOCAL.get())), (None, Some(2)));
    assert_eq!(smol::block_on(in_context(async { (OWN.get(), LOCAL.get()) })), (None, Some(2)));
    assert_eq!((OWN.get(), LOCAL.get()), (Some(1), Some(2)));
}

#[test]
fn a_scope_restores_its_own_local_only() {
    static LOCAL: AsyncLocal<u32> = AsyncLocal::new();
    static OTHER: AsyncLocal<u32> = AsyncLocal::new();
    LOCAL.scope(1, || {
        LOCAL.scope(2, || {
            LOCAL.set(3);
            OTHER.set(4);
        });
        assert_eq!(LOCAL.get(), Some(1));
        LOCAL.clear();
    });
    assert_eq!((LOCAL.get(), OTHER.get()), (None, Some(4)));
}

#[test]
fn a_moved_local_is_still_the_same() {
    let local = AsyncLocal::new();
    local.set(1);
    let moved = Box::new(local);
    assert_eq!(moved.get(), Some(1));
    assert_eq!(AsyncLocal::<u32>::new().get(), None);
}

#[test]
fn an_executor_that_polls_inside_wake() {
    static LOCAL: AsyncLocal<u32> = AsyncLocal::new();
    let (source, task) = TaskCompletionSource::<u32, ()>::pair();
    LOCAL.set(1);
    let inline = |future: taskcell::BoxFuture<'static, ()>| Inline.spawn(future);
    let seen = Task::<_, ()>::run(&inline, async move {
        LOCAL.set(LOCAL.get().unwrap() + 10);
        let _ = task.await;
        let seen = LOCAL.get();
        LOCAL.set(12);
        Ok(seen)
    });
    assert_eq!(LOCAL.get(), Some(1));
    LOCAL.set(2);
    source.set_result(1); // polls the task in here
    assert_eq!(seen.try_result().unwrap().unwrap(), &Some(11));
    assert_eq!(LOCAL.get(), Some(2));
}

#[test]
fn contexts_within_contexts() {
    static LOCAL: AsyncLocal<u32> = AsyncLocal::new();
    let contexts: Vec<ExecutionContext> =
        (0..3).map(|n| LOCAL.scope(n, || ExecutionContext::capture().unwrap())).collect();
    let [a, b, c] = contexts.try_into().unwrap();
    let future = async {
        let inner = async { LOCAL.get() }.with_context(b.clone());
        (LOCAL.get(), inner.await, c.run(|| LOCAL.get()), LOCAL.get())
    };
    let seen = smol::block_on(future.with_context(a.clone()));
    assert_eq!(seen, (Some(0), Some(1), Some(2), Some(0)));
    assert_eq!(
        format!("{a:?} {:?}", ExecutionContext::EMPTY),
        "ExecutionContext { locals: 1 } ExecutionContext { locals: 0 }"
    );
    assert_eq!(LOCAL.get(), None);
}

#[test]
fn polled_after_its_end_it_panics() {
    let mut call = Box::pin(in_context(async {}));
    assert!(Counter::new().poll(&mut call).is_ready());
    assert_eq!(panic_of(|| Counter::new().poll(&mut call)), Some("polled after its end"));
}

#[test]
fn handlers_that_panic() {
    static LOCAL: AsyncLocal<u32> = AsyncLocal::new().on_change(|_| panic!("handler"));
    assert_eq!(panic_of(|| LOCAL.set(1)), Some("handler"));
    assert_eq!(LOCAL.get(), Some(1), "set all the same");
    assert_eq!(ExecutionContext::EMPTY.run(|| LOCAL.get()), None, "reported at a switch");
    let scoped = catch_unwind(AssertUnwindSafe(|| LOCAL.scope(2, || ())));
    assert!(scoped.is_err());
    assert_eq!(LOCAL.get(), Some(1));
}
