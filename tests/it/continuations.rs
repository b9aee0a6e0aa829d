//! Continuations: inline and elsewhere, panics, drops, and what they do to the task that they continue.
use crate::support::{Counter, Dropped, Jobs, Log, panic_of, unobserved};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use taskcell::{
    BoxError, BoxFuture, CancellationToken, CancellationTokenSource, ContinuationOptions, Inline, Task,
    TaskCompletionSource, TaskError, TaskStatus,
};

const INLINE: ContinuationOptions<Inline> = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;

/// Panics when it is dropped, once.
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            std::panic::panic_any(self.0);
        }
    }
}

fn text_of<T, E: core::fmt::Display>(task: &Task<T, E>) -> String {
    match task.try_result().expect("it has ended") {
        Ok(_) => "a value".into(),
        Err(error) => error.to_string(),
    }
}

/// The ways in which a continuation can run.
fn everywhere(jobs: &Jobs, token: &CancellationToken) -> [ContinueWith; 4] {
    let (on, raced) = (jobs.clone(), jobs.clone());
    let (first, second) = (token.clone(), token.clone());
    [
        Box::new(|task, f| task.continue_with(INLINE, f)),
        Box::new(move |task, f| task.continue_with(ContinuationOptions::on(on.clone()), f)),
        Box::new(move |task, f| task.continue_with(INLINE.with_token(first.clone()), f)),
        Box::new(move |task, f| {
            task.continue_with(ContinuationOptions::on(raced.clone()).with_token(second.clone()), f)
        }),
    ]
}

type Closure = Box<dyn FnOnce(&Task<u32>) -> Result<u32, BoxError> + Send>;
type ContinueWith = Box<dyn Fn(&Task<u32>, Closure) -> Task<u32>>;

#[test]
fn a_panic_is_the_continuations_own() {
    let (jobs, source) = (Jobs::new(), CancellationTokenSource::new());
    for continue_with in everywhere(&jobs, &source.token()) {
        let (promise, task) = TaskCompletionSource::<u32>::pair();
        let next = continue_with(&task, Box::new(|_| panic!("out of paper")));
        promise.set_result(1);
        jobs.run();
        assert_eq!(text_of(&next), "the task panicked: out of paper");
        assert!(task.is_completed_successfully());
        assert_eq!(source.token().listeners(), 0);
    }
}

#[test]
fn what_it_captured_panics_when_it_goes() {
    let (jobs, source) = (Jobs::new(), CancellationTokenSource::new());
    for continue_with in everywhere(&jobs, &source.token()) {
        let (promise, task) = TaskCompletionSource::<u32>::pair();
        let bomb = Bomb("bomb");
        let next = continue_with(
            &task,
            Box::new(move |_| {
                let _bomb = bomb;
                Ok(1)
            }),
        );
        promise.set_result(1);
        jobs.run();
        assert_eq!(text_of(&next), "the task panicked: bomb");
    }
}

/// The closure is dropped, not called; its panic comes out of whatever dropped it, and its task has ended.
#[test]
fn what_it_captured_panics_when_it_is_refused() {
    let token = CancellationToken::new(true);
    let (promise, task) = TaskCompletionSource::<u32>::pair();
    let bomb = Bomb("refused");
    let next: Task<()> = task.continue_with(INLINE.only_on_faulted(), move |_| {
        let _bomb = &bomb;
        Ok(())
    });
    assert_eq!(panic_of(|| promise.set_result(1)), Some("refused"));
    assert!(next.is_cancelled() && task.is_completed_successfully());

    let bomb = Bomb("never");
    let refused = panic_of(|| {
        let _: Task<()> = task.continue_with(INLINE.with_token(token.clone()), move |_| {
            let _bomb = &bomb;
            Ok(())
        });
    });
    assert_eq!(refused, Some("never"));

    let (_promise, task) = TaskCompletionSource::<u32>::pair();
    let source = CancellationTokenSource::new();
    let bomb = Bomb("cancelled");
    let next: Task<()> = task.continue_with(INLINE.with_token(source.token()), move |_| {
        let _bomb = &bomb;
        Ok(())
    });
    assert_eq!(panic_of(|| source.cancel()), Some("cancelled"));
    assert!(next.is_cancelled());
    assert_eq!(task.listeners(), 0);
}

#[test]
fn a_spawner_that_drops_abandons() {
    let source = CancellationTokenSource::new();
    for token in [CancellationToken::NONE, source.token()] {
        let (promise, task) = TaskCompletionSource::<u32>::pair();
        let (drops, dropped) = Dropped::new();
        let drop_it = |future: BoxFuture<'static, ()>| drop(future);
        let next: Task<()> = task.continue_with(ContinuationOptions::on(drop_it).with_token(token), move |_| {
            drop(drops);
            unreachable!()
        });
        promise.set_result(1);
        assert_eq!(dropped.load(SeqCst), 1);
        assert!(next.try_result().unwrap().unwrap_err().is_abandoned());
    }
    assert_eq!(source.token().listeners(), 0);
}

#[test]
fn dropped_in_the_queue() {
    let (jobs, source) = (Jobs::new(), CancellationTokenSource::new());
    for token in [CancellationToken::NONE, source.token()] {
        let (promise, task) = TaskCompletionSource::<u32>::pair();
        let bomb = Bomb("in the queue");
        let options = ContinuationOptions::on(jobs.clone()).with_token(token);
        let next: Task<()> = task.continue_with(options, move |_| {
            let _bomb = &bomb;
            unreachable!()
        });
        promise.set_result(1);
        assert_eq!(panic_of(|| jobs.drop_all()), Some("in the queue"));
        assert!(next.try_result().unwrap().unwrap_err().is_abandoned());
    }
    assert_eq!(source.token().listeners(), 0);
}

#[test]
fn it_may_use_both_tasks_and_the_source() {
    let (jobs, source) = (Jobs::new(), CancellationTokenSource::new());
    for continue_with in everywhere(&jobs, &source.token()) {
        let (promise, task) = TaskCompletionSource::<u32>::pair();
        let own = Arc::new(Mutex::new(None::<Task<u32>>));
        let (inside, twin, cancel) = (own.clone(), promise.clone(), source.clone());
        let next = continue_with(
            &task,
            Box::new(move |task| {
                assert_eq!(twin.try_set_result(2), Err(2));
                drop(twin);
                let own = inside.lock().unwrap().take();
                assert!(own.as_ref().is_none_or(|own| !own.is_completed()));
                drop(own);
                let again: Task<u32> = task.continue_with(INLINE.with_token(cancel.token()), |_| Ok(3));
                let later = task.then(|n| Ok(n + 1));
                assert_eq!(later.try_result().unwrap().unwrap(), &2);
                Ok(*again.try_result().unwrap().unwrap())
            }),
        );
        *own.lock().unwrap() = Some(next.clone());
        promise.set_result(1);
        drop((promise, task));
        jobs.run();
        assert_eq!(next.try_result().unwrap().unwrap(), &3);
    }
}

#[test]
fn nobody_waits_for_it() {
    let (jobs, source) = (Jobs::new(), CancellationTokenSource::new());
    for continue_with in everywhere(&jobs, &source.token()) {
        let (promise, task) = TaskCompletionSource::<u32>::pair();
        let (drops, dropped) = Dropped::new();
        let ran = Log::new();
        let log = ran.clone();
        drop(continue_with(
            &task,
            Box::new(move |_| {
                log.push(drops);
                Ok(1)
            }),
        ));
        drop(task);
        assert!(ran.take().is_empty());
        promise.set_result(1);
        jobs.run();
        assert_eq!(ran.take().len(), 1, "a continuation runs whether anybody looks or not");
        assert_eq!(dropped.load(SeqCst), 1);
    }
}

#[test]
fn errors_that_mean_cancellation() {
    let source = CancellationTokenSource::new();
    source.cancel();
    let token = source.token();
    let task = Task::<u32>::from_result(1);
    let check = token.clone();
    let next: Task<()> = task.continue_with(INLINE, move |_| Ok(check.check()?));
    assert_eq!(next.try_result().unwrap().unwrap_err().cancelled().unwrap().token(), &token);
    let inner = next.clone();
    let next: Task<()> = task.continue_with(INLINE, move |_| {
        inner.try_result().unwrap().map_err(TaskError::clone)?;
        Ok(())
    });
    assert_eq!(next.try_result().unwrap().unwrap_err().cancelled().unwrap().token(), &token);
}

#[test]
fn a_cancellation_against_the_end() {
    struct Round {
        promise: TaskCompletionSource<u32>,
        task: Task<u32>,
        source: CancellationTokenSource,
        next: Task<u32>,
        dropped: Arc<AtomicUsize>,
    }
    let make = || {
        let (promise, task) = TaskCompletionSource::<u32>::pair();
        let source = CancellationTokenSource::new();
        let (drops, dropped) = Dropped::new();
        let next = task.continue_with(INLINE.with_token(source.token()), move |_| {
            drop(drops);
            Ok(2)
        });
        Round { promise, task, source, next, dropped }
    };
    let judge = |round: Round| {
        assert_eq!(round.dropped.load(SeqCst), 1);
        match round.next.try_result().expect("one of them ended it") {
            Ok(2) => {}
            Err(error) if error.is_cancelled() => {}
            other => panic!("{other:?}"),
        }
        assert_eq!((round.task.listeners(), round.source.token().listeners()), (0, 0));
    };
    let cancel = |round: &Round| {
        round.source.cancel();
    };
    crate::support::race(20_000, make, cancel, |round| round.promise.set_result(1), judge);
}

#[test]
fn then_or_else_and_finally() {
    let (promise, task) = TaskCompletionSource::<Rc<u32>, Rc<str>>::pair();
    let log = Log::new();
    let value = task.then(|n| Ok(**n + 1));
    let same = task.or_else(|_| unreachable!());
    let last = same.finally(log.note("finally"));
    promise.set_result(Rc::new(1));
    assert_eq!(value.try_result().unwrap().unwrap(), &2);
    let shared = [&task, &same, &last].map(|task| Rc::as_ptr(task.try_result().unwrap().unwrap()));
    assert!(shared.iter().all(|value| *value == shared[0]), "one value, which is not cloned");
    assert_eq!(log.take(), ["finally"]);

    let (promise, task) = TaskCompletionSource::<Rc<u32>, Rc<str>>::pair();
    let none = task.then(|_| -> Result<u32, Rc<str>> { unreachable!() });
    let passed = none.finally(log.note("finally")).then(|n| Ok(n + 1));
    let mended = task.or_else(|error| Ok(Rc::new(error.fault().unwrap().len() as u32)));
    promise.set_error("four".into());
    assert_eq!(text_of(&none), "four");
    assert_eq!(text_of(&passed), "four");
    assert_eq!(**mended.try_result().unwrap().unwrap(), 4);
    assert_eq!(log.take(), ["finally"]);
}

#[test]
fn then_a_task() {
    let (outer, first) = TaskCompletionSource::<u32>::pair();
    let (inner, second) = TaskCompletionSource::<u32>::pair();
    let next = first.then(|_| second);
    let last = next.then(|n| Task::from_result(n + 1));
    outer.set_result(1);
    assert!(!next.is_completed());
    inner.set_result(2);
    assert_eq!(last.try_result().unwrap().unwrap(), &3);
    let faulted = Task::<u32>::from_error("no paper".into());
    assert_eq!(text_of(&faulted.then(|_| -> Task<u32> { unreachable!() })), "no paper");
    let second = faulted.clone();
    assert_eq!(text_of(&Task::<u32>::from_result(1).then(|_| second)), "no paper");
    let panics = Task::<u32>::from_result(1).then(|_| -> Task<u32> { panic!("then") });
    assert_eq!(text_of(&panics), "the task panicked: then");
    // Nobody looks: the closure is called all the same, and nothing is left behind.
    let (outer, first) = TaskCompletionSource::<u32>::pair();
    let (inner, second) = TaskCompletionSource::<u32>::pair();
    let (drops, dropped) = Dropped::new();
    let clone = second.clone();
    drop(first.then(move |_| {
        drop(drops);
        clone
    }));
    outer.set_result(1);
    assert_eq!((dropped.load(SeqCst), second.listeners()), (1, 0));
    drop((inner, second));
}

#[test]
fn panics_in_then_or_else_and_finally() {
    let ok = Task::<u32>::from_result(1);
    let faulted = Task::<u32>::from_error("no paper".into());
    let panics = [
        ok.then(|_| -> Result<u32, BoxError> { panic!("then") }),
        faulted.or_else(|_| panic!("or_else")),
        ok.finally(|| panic!("finally")),
        faulted.finally(|| panic!("finally")),
    ];
    let texts = panics.each_ref().map(text_of);
    assert_eq!(texts.map(|text| text.replace("the task panicked: ", "")), ["then", "or_else", "finally", "finally"]);
    // A closure that is not called is dropped; the panic of that is the caller's, and the task has ended.
    let (promise, task) = TaskCompletionSource::<u32>::pair();
    let bomb = Bomb("not called");
    let next = task.or_else(move |_| {
        let _bomb = &bomb;
        Ok(1)
    });
    assert_eq!(panic_of(|| promise.set_result(3)), Some("not called"));
    assert_eq!(next.try_result().unwrap().unwrap(), &3);
}

#[test]
fn the_token_passes_through() {
    let token = CancellationToken::new(true);
    let task = Task::<u32>::from_cancelled(&token);
    for next in [task.then(|_| -> Result<u32, BoxError> { unreachable!() }), task.finally(|| ())] {
        assert_eq!(next.try_result().unwrap().unwrap_err().cancelled().unwrap().token(), &token);
    }
    assert_eq!(task.or_else(|error| Ok(u32::from(error.is_cancelled()))).try_result().unwrap().unwrap(), &1);
}

macro_rules! kinds {
    ($($name:ident),*) => {$(
        #[derive(Clone, Default)]
        struct $name;
    )*};
}
kinds!(Given, Refused, Queued, Passed, Mended, Finally, Logged, Called);

/// Faults a task of `T` after `add` has hung something into it, and says how often that was reported.
fn reported<T: 'static>(add: impl FnOnce(&Task<T, &'static str>)) -> usize {
    unobserved::watch();
    let (source, task) = TaskCompletionSource::<T, &'static str>::pair();
    add(&task);
    drop(task);
    source.set_error("unseen");
    drop(source);
    unobserved::of::<T>().len()
}

#[test]
fn who_has_seen_a_fault() {
    let jobs = Jobs::new();
    assert_eq!(reported::<Given>(|task| drop(task.continue_with(INLINE, |_| Ok::<_, BoxError>(())))), 0);
    let refuse = |task: &Task<Refused, _>| {
        drop(task.continue_with(INLINE.only_on_cancelled(), |_| Ok::<_, BoxError>(())));
    };
    assert_eq!(reported(refuse), 1);
    let queue = |task: &Task<Queued, _>| {
        drop(task.continue_with(ContinuationOptions::on(jobs.clone()), |_| Ok::<_, BoxError>(())));
    };
    assert_eq!(reported(queue), 0, "the continuation may still look");
    jobs.drop_all();
    assert_eq!(unobserved::of::<Queued>().len(), 1);
    // What is passed on is owed by the one who took it over, here a task of another type.
    assert_eq!(reported::<Passed>(|task| task.then(|_| Ok(1_u128)).ignore()), 0);
    assert_eq!(reported::<Mended>(|task| task.or_else(|_| Ok(Mended)).ignore()), 0);
    assert_eq!(reported::<Finally>(|task| drop(task.finally(|| ()))), 1, "reported once for both");
    assert_eq!(reported::<Logged>(|task| task.log_fault(|_| ())), 0);
    assert_eq!(reported::<Called>(|task| task.on_completed(|_| ()).detach()), 1);
}

#[test]
fn log_fault_says_what_went_wrong() {
    let log = Log::new();
    let listen = |task: &Task<u32>| {
        let log = log.clone();
        task.log_fault(move |error| log.push(error.to_string()));
    };
    listen(&Task::from_result(1));
    listen(&Task::from_cancelled(&CancellationToken::NONE));
    assert_eq!(log.len(), 0);
    listen(&Task::from_error("no paper".into()));
    listen(&Task::from_result(1).then(|_| -> Result<u32, BoxError> { panic!("out of ink") }));
    let (source, task) = TaskCompletionSource::pair();
    listen(&task);
    drop(source);
    let abandoned = "the task was abandoned: its last source went without a result";
    assert_eq!(log.take(), ["no paper", "the task panicked: out of ink", abandoned]);
}

#[test]
fn callbacks_are_taken_back() {
    let (source, task) = TaskCompletionSource::<u32>::pair();
    let log = Log::new();
    let note = |entry| {
        let log = log.clone();
        move |_: &Task<u32>| log.push(entry)
    };
    let mut first = task.on_completed(note("first"));
    let second = task.on_completed(note("second"));
    let mut third = task.on_completed(note("third"));
    task.on_completed(note("fourth")).detach();
    assert_eq!(task.listeners(), 4);
    assert!(first.unregister() && !first.unregister());
    drop(second);
    assert_eq!(task.listeners(), 2);
    source.set_result(1);
    assert!(!third.unregister());
    assert_eq!(log.take(), ["third", "fourth"]);
    let mut late = task.on_completed(note("late"));
    assert!(!late.unregister());
    assert_eq!(log.take(), ["late"]);
    assert_eq!(format!("{late:?}"), "CompletionRegistration { .. }");
}

#[test]
fn one_callback_that_panics_stops_no_other() {
    let (source, task) = TaskCompletionSource::<u32>::pair();
    let log = Log::new();
    let (first, last) = (log.clone(), log.clone());
    task.on_completed(move |_| {
        first.push(1);
        std::panic::panic_any("first");
    })
    .detach();
    let next = task.then(|n| Ok(n + 1));
    task.on_completed(move |_| {
        last.push(2);
        std::panic::panic_any("second");
    })
    .detach();
    assert_eq!(panic_of(|| source.set_result(1)), Some("first"));
    assert_eq!(log.take(), [1, 2]);
    assert_eq!(next.try_result().unwrap().unwrap(), &2);
}

#[test]
fn run_continuations_elsewhere() {
    let (jobs, log) = (Jobs::new(), Log::new());
    let mut source = TaskCompletionSource::<u32>::run_continuations_on(jobs.clone());
    for round in 0..3 {
        let task = source.task();
        let noted = |entry| {
            let log = log.clone();
            move |_: &Task<u32>| log.push(entry)
        };
        for n in 0..40 {
            task.on_completed(noted(n)).detach();
        }
        let mut removed = task.on_completed(noted(40));
        assert!(removed.unregister());
        let chained = task.then(|n| Ok(n + 1)).then(|n| Ok(n + 1));
        let bomb = task.on_completed(|_| std::panic::panic_any("elsewhere"));
        let (counter, mut wait) = (Counter::new(), (&task).into_future());
        assert!(counter.poll(&mut wait).is_pending());
        source.set_result(round);
        assert_eq!((counter.wakes(), log.len(), jobs.len()), (1, 0, 1));
        assert!(!chained.is_completed());
        let run = || match round {
            0 => drop(jobs.run()),
            _ => jobs.drop_all(),
        };
        assert_eq!(panic_of(run), Some("elsewhere"));
        assert_eq!(log.take(), (0..40).collect::<Vec<_>>());
        assert_eq!(chained.try_result().unwrap().unwrap(), &(round + 2));
        drop((wait, bomb));
        drop(task);
        assert!(source.try_reset(), "nothing is left of the parcel");
    }
    // Nothing to run: nothing is spawned.
    let task = source.task();
    source.set_result(1);
    assert_eq!((jobs.len(), task.is_completed()), (0, true));
}

#[test]
fn run_continuations_on_a_spawner_that_panics_or_drops() {
    let broken = |_: BoxFuture<'static, ()>| std::panic::panic_any("no thread");
    let source = TaskCompletionSource::<u32>::run_continuations_on(broken);
    let next = source.task().then(|n| Ok(n + 1));
    assert_eq!(panic_of(|| source.set_result(1)), Some("no thread"));
    assert_eq!(next.try_result().unwrap().unwrap(), &2, "none is lost");
    let source = TaskCompletionSource::<u32>::run_continuations_on(|future: BoxFuture<'static, ()>| drop(future));
    let next = source.task().finally(|| ());
    drop(source);
    assert_eq!(next.status(), TaskStatus::Faulted);
    let source = TaskCompletionSource::<u32>::run_continuations_on(Jobs::new());
    let (drops, dropped) = Dropped::new();
    source.task().on_completed(move |_| drop(drops)).detach();
    source.leave_pending();
    assert_eq!(dropped.load(SeqCst), 1);
}

#[test]
fn a_chain_through_a_source_that_runs_elsewhere() {
    let jobs = Jobs::new();
    let source = TaskCompletionSource::<u32>::run_continuations_on(jobs.clone());
    let cancel = CancellationTokenSource::new();
    let next: Task<u32> = source.task().continue_with(INLINE.with_token(cancel.token()), |_| Ok(2));
    let last = next.then(|n| Ok(n + 1));
    source.set_result(1);
    // It has been handed over, but not begun: the token still wins.
    cancel.cancel();
    assert!(next.is_cancelled() && last.is_cancelled());
    jobs.run();
    assert!(next.is_cancelled());
}

#[test]
fn a_panic_while_another_one_passes() {
    struct SetOnDrop(Option<TaskCompletionSource<u32>>);
    impl Drop for SetOnDrop {
        fn drop(&mut self) {
            self.0.take().unwrap().set_result(1);
        }
    }
    let (source, task) = TaskCompletionSource::<u32>::pair();
    let next = task.then(|_| -> Result<u32, BoxError> { panic!("inner") });
    task.on_completed(|_| std::panic::panic_any("reported")).detach();
    let result = catch_unwind(AssertUnwindSafe(|| {
        let _guard = SetOnDrop(Some(source));
        std::panic::panic_any("outer");
    }));
    assert_eq!(result.unwrap_err().downcast_ref::<&str>(), Some(&"outer"));
    assert_eq!(text_of(&next), "the task panicked: inner");
}
