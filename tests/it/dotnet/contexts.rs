//! `SynchronizationContext`, `ConfigureAwait`, `AsyncLocal`, `ExecutionContext`: what .NET's tests ask beyond the list.
use crate::support::{Counter, Dropped, Jobs, Log, panic_of};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;
use taskcell::{
    AsyncLocal, Callback, CancellationToken, Change, ConfigureAwait, ConfigureAwaitOptions, ContextScheduler,
    ContinuationOptions, ExecutionContext, MessageLoop, PostError, SendError, SynchronizationContext, Task,
    TaskCompletionSource, TaskError, TaskStatus, in_context, yield_now,
};

type Local = AsyncLocal<u32>;
/// What a local was, what it is, and whether its context was changed.
type Changes = Vec<(Option<u32>, Option<u32>, bool)>;

/// A context that keeps what is posted.
#[derive(Default)]
struct Named(&'static str, Mutex<Vec<Callback>>);

impl SynchronizationContext for Named {
    fn name(&self) -> &str {
        self.0
    }
    fn post(&self, callback: Callback) -> Result<(), PostError> {
        self.1.lock().unwrap().push(callback);
        Ok(())
    }
    fn is_current(&self) -> bool {
        current().as_deref() == Some(self.0)
    }
}

fn named(name: &'static str) -> Arc<Named> {
    Arc::new(Named(name, Mutex::default()))
}

fn current() -> Option<String> {
    <dyn SynchronizationContext>::current().map(|context| context.name().to_owned())
}

#[test]
fn contexts_nest_and_come_back_after_a_panic() {
    let (outer, inner) = (named("outer"), named("inner"));
    <dyn SynchronizationContext>::enter(Some(outer), || {
        <dyn SynchronizationContext>::enter(Some(inner.clone()), || assert_eq!(current().as_deref(), Some("inner")));
        assert_eq!(current().as_deref(), Some("outer"));
        let panics = || <dyn SynchronizationContext>::enter(Some(inner), || panic!("inside"));
        assert_eq!(panic_of(panics), Some("inside"));
        assert_eq!(current().as_deref(), Some("outer"));
        <dyn SynchronizationContext>::enter(None, || assert_eq!(current(), None));
        assert_eq!(thread::spawn(current).join().unwrap(), None, "a thread of its own has none");
    });
    assert_eq!(current(), None);
}

#[test]
fn a_future_finds_its_own_context_whichever_surrounds_its_poll() {
    let (own, other) = (named("own"), named("other"));
    let task: Task<Option<String>> = Task::run(&ContextScheduler::new(own.clone()), async { Ok(current()) });
    let posted = own.1.lock().unwrap().pop().unwrap();
    <dyn SynchronizationContext>::enter(Some(other), || {
        posted();
        assert_eq!(current().as_deref(), Some("other"));
    });
    assert_eq!(task.try_result().unwrap().unwrap().as_deref(), Some("own"));
}

#[test]
fn send_to_a_context_that_has_ended_gives_an_error_and_runs_nothing() {
    let (handle, log) = (MessageLoop::new("gone").handle(), Log::new());
    assert!(matches!(handle.send(Box::new(log.note("ran"))), Err(SendError::Dropped)));
    let refused = handle.post(Box::new(log.note("posted"))).unwrap_err();
    assert_eq!(log.len(), 0);
    refused.into_inner()();
    assert_eq!(log.take(), ["posted"]);
}

#[test]
fn a_panic_of_what_is_sent_comes_back_to_the_sender_alone() {
    let ui = MessageLoop::new("ui");
    let handle = ui.handle();
    let sender = thread::spawn(move || panic_of(|| handle.send(Box::new(|| panic!("sent")))));
    while !sender.is_finished() {
        ui.run_until(smol::future::yield_now());
    }
    assert_eq!(sender.join().unwrap(), Some("sent"));
    ui.run_until(async {});
}

#[test]
fn all_options_of_an_await() {
    let token = CancellationToken::new(true);
    let endings = [Task::<u32, &str>::from_result(7), Task::from_error("bad"), Task::from_cancelled(&token)];
    for task in endings {
        let counter = Counter::new();
        let mut throws = task.configure_await(ConfigureAwaitOptions::NONE);
        assert!(
            matches!(counter.poll(&mut throws), Poll::Ready(outcome) if outcome.is_ok() == task.is_completed_successfully())
        );
        let mut both = task.configure_await(ConfigureAwaitOptions::SUPPRESS_THROWING.and_force_yielding());
        assert!(counter.poll(&mut both).is_pending());
        assert_eq!((counter.poll(&mut both), counter.wakes()), (Poll::Ready(task.status()), 1));
    }
    let ((source, task), counter) = (TaskCompletionSource::<u32, &str>::pair(), Counter::new());
    let mut forced = task.configure_await(ConfigureAwaitOptions::FORCE_YIELDING);
    assert!(counter.poll(&mut forced).is_pending());
    let mut quiet = task.configure_await(ConfigureAwaitOptions::SUPPRESS_THROWING);
    assert!(counter.poll(&mut quiet).is_pending());
    source.set_error("late");
    assert_eq!(counter.poll(&mut quiet), Poll::Ready(TaskStatus::Faulted));
    assert!(matches!(counter.poll(&mut forced), Poll::Ready(Err(_))), "it has yielded, once");
    assert_eq!(task.listeners(), 0);
}

#[test]
fn a_handler_is_not_told_that_nothing_became_nothing() {
    static SEEN: Mutex<Vec<(Option<u32>, Option<u32>)>> = Mutex::new(Vec::new());
    fn note(change: &Change<'_, u32>) {
        SEEN.lock().unwrap().push((change.previous().copied(), change.current().copied()));
    }
    static LOCAL: Local = Local::new().on_change(note);
    LOCAL.clear();
    ExecutionContext::EMPTY.run(|| LOCAL.clear());
    assert_eq!(SEEN.lock().unwrap().len(), 0);
    // The same value again is a new one, as a boxed value is in .NET.
    LOCAL.set(1);
    LOCAL.set(1);
    LOCAL.clear();
    assert_eq!(*SEEN.lock().unwrap(), [(None, Some(1)), (Some(1), Some(1)), (Some(1), None)]);
}

#[test]
fn a_handler_sees_every_switch_between_two_contexts_that_differ() {
    static SEEN: Mutex<Changes> = Mutex::new(Vec::new());
    static LOCAL: Local = Local::new().on_change(|change| {
        let entry = (change.previous().copied(), change.current().copied(), change.is_context_switch());
        SEEN.lock().unwrap().push(entry);
    });
    let [one, two] = [1, 2].map(|n| LOCAL.scope(n, || ExecutionContext::capture().unwrap()));
    SEEN.lock().unwrap().clear();
    one.run(|| two.run(|| ()));
    let expected = [(None, Some(1), true), (Some(1), Some(2), true), (Some(2), Some(1), true), (Some(1), None, true)];
    assert_eq!(*SEEN.lock().unwrap(), expected);
    SEEN.lock().unwrap().clear();
    one.run(|| one.run(|| LOCAL.set(3)));
    let expected = [(None, Some(1), true), (Some(1), Some(3), false), (Some(3), Some(1), true), (Some(1), None, true)];
    assert_eq!(*SEEN.lock().unwrap(), expected);
}

#[test]
fn a_snapshot_is_run_on_many_threads_at_once() {
    static LOCAL: Local = Local::new();
    let context = LOCAL.scope(7, || ExecutionContext::capture().unwrap());
    let threads = [0, 1, 2, 3].map(|n| {
        let context = context.clone();
        thread::spawn(move || {
            context.run(|| {
                let before = LOCAL.get();
                LOCAL.set(n);
                (before, LOCAL.get())
            })
        })
    });
    for (n, thread) in (0..).zip(threads) {
        assert_eq!(thread.join().unwrap(), (Some(7), Some(n)));
    }
    assert_eq!(context.run(|| LOCAL.get()), Some(7));
}

#[test]
fn suppressed_within_suppressed_flows_again_only_at_the_end() {
    static LOCAL: Local = Local::new();
    LOCAL.set(1);
    ExecutionContext::suppress_flow(|| {
        ExecutionContext::suppress_flow(|| assert!(ExecutionContext::capture().is_none()));
        assert!(ExecutionContext::is_flow_suppressed(), "the inner one has not ended it");
        assert!(ExecutionContext::capture().is_none());
        assert_eq!(panic_of(|| ExecutionContext::suppress_flow(|| panic!("inner"))), Some("inner"));
        assert!(ExecutionContext::is_flow_suppressed());
    });
    assert!(!ExecutionContext::is_flow_suppressed());
    assert_eq!(ExecutionContext::capture().unwrap().run(|| LOCAL.get()), Some(1));
}

#[test]
fn the_suppression_is_of_its_own_thread_and_ends_with_a_panic() {
    assert_eq!(panic_of(|| ExecutionContext::suppress_flow(|| panic!("inside"))), Some("inside"));
    assert!(!ExecutionContext::is_flow_suppressed());
    ExecutionContext::suppress_flow(|| {
        let other = thread::spawn(|| (ExecutionContext::is_flow_suppressed(), ExecutionContext::capture().is_some()));
        assert_eq!(other.join().unwrap(), (false, true));
    });
}

#[test]
fn what_is_suppressed_reaches_neither_tasks_nor_continuations_nor_futures() {
    static LOCAL: Local = Local::new();
    LOCAL.set(1);
    let (jobs, (source, task)) = (Jobs::new(), TaskCompletionSource::<u32, &str>::pair());
    let (run, next, flows) = ExecutionContext::suppress_flow(|| {
        let run: Task<Option<u32>, &str> = Task::run_fn(&jobs, || Ok(LOCAL.get()));
        let next = task.continue_with(ContinuationOptions::EXECUTE_SYNCHRONOUSLY, |_| Ok::<_, &str>(LOCAL.get()));
        (run, next, in_context(async { LOCAL.get() }))
    });
    let later = task.continue_with(ContinuationOptions::EXECUTE_SYNCHRONOUSLY, |_| Ok::<_, &str>(LOCAL.get()));
    source.set_result(1);
    jobs.run();
    assert_eq!(run.try_result().unwrap().unwrap(), &None);
    assert_eq!(next.try_result().unwrap().unwrap(), &None);
    assert_eq!(later.try_result().unwrap().unwrap(), &Some(1));
    assert_eq!(smol::block_on(flows), None);
    assert_eq!(LOCAL.get(), Some(1));
}

#[test]
fn a_panic_in_a_context_gives_the_old_one_back() {
    static LOCAL: Local = Local::new();
    LOCAL.set(12);
    let context = ExecutionContext::capture().unwrap();
    LOCAL.set(42);
    let panics = || {
        context.run(|| {
            LOCAL.set(56);
            panic!("inside")
        })
    };
    assert_eq!(panic_of(panics), Some("inside"));
    assert_eq!((LOCAL.get(), context.run(|| LOCAL.get())), (Some(42), Some(12)));
}

#[test]
fn locals_of_many_types_do_not_meet() {
    static TEXT: AsyncLocal<String> = AsyncLocal::new();
    static NUMBER: AsyncLocal<u64> = AsyncLocal::new();
    static NOTHING: AsyncLocal<()> = AsyncLocal::new();
    static NESTED: AsyncLocal<Option<u32>> = AsyncLocal::new();
    TEXT.set("a".into());
    NUMBER.set(7);
    NOTHING.set(());
    NESTED.set(None);
    ExecutionContext::capture().unwrap().run(|| {
        assert_eq!((TEXT.get().as_deref(), NUMBER.get(), NOTHING.get()), (Some("a"), Some(7), Some(())));
        assert_eq!(NESTED.get(), Some(None), "a value that is `None` is a value");
        NUMBER.clear();
        assert_eq!((TEXT.get().as_deref(), NUMBER.get()), (Some("a"), None));
    });
    assert_eq!(NUMBER.get(), Some(7));
}

#[test]
fn values_go_with_the_last_context_that_has_them() {
    static LOCAL: AsyncLocal<Arc<Dropped>> = AsyncLocal::new();
    let (value, drops) = Dropped::new();
    LOCAL.set(Arc::new(value));
    let ((source, task), jobs) = (TaskCompletionSource::<u32, &str>::pair(), Jobs::new());
    let next = task.continue_with(ContinuationOptions::EXECUTE_SYNCHRONOUSLY, |_| Ok::<_, &str>(()));
    let run: Task<(), &str> = Task::run(&jobs, std::future::pending());
    LOCAL.clear();
    assert_eq!(drops.load(SeqCst), 0);
    source.set_result(1);
    assert_eq!(drops.load(SeqCst), 0, "the job has it");
    jobs.drop_all();
    assert_eq!(drops.load(SeqCst), 1, "although the tasks are there: {next:?}, {run:?}");
}

#[test]
fn a_yield_is_one_post() {
    let context = named("own");
    let task: Task<u32> = Task::run(&ContextScheduler::new(context.clone()), async {
        yield_now().await;
        assert_eq!(current().as_deref(), Some("own"));
        Ok(7)
    });
    for posts in [1, 1, 0] {
        let posted = std::mem::take(&mut *context.1.lock().unwrap());
        assert_eq!(posted.len(), posts);
        posted.into_iter().for_each(|callback| callback());
    }
    assert_eq!(task.try_result().unwrap().unwrap(), &7);
}

/// A context that takes the start, and nothing more.
struct Breaks(Named, bool);

impl SynchronizationContext for Breaks {
    fn post(&self, callback: Callback) -> Result<(), PostError> {
        if !self.1 && self.0.1.lock().unwrap().is_empty() {
            return self.0.post(callback);
        }
        assert!(!self.1, "post");
        Err(PostError::new(callback))
    }
    fn is_current(&self) -> bool {
        false
    }
}

/// .NET throws what `Post` throws on a thread of the pool, which ends the process, and the task never ends.
#[test]
fn a_context_that_breaks_while_a_task_waits_abandons_it_and_nobody_else() {
    let context = Arc::new(Breaks(Named("breaks", Mutex::default()), false));
    let (source, input) = TaskCompletionSource::<u32, &str>::pair();
    let own = input.clone();
    let task: Task<u32, TaskError<&str>> = Task::run(&ContextScheduler::new(context.clone()), async move { own.await });
    let starts = context.0.1.lock().unwrap().pop().unwrap();
    context.0.1.lock().unwrap().push(Box::new(|| ()));
    starts();
    let next = input.continue_with(ContinuationOptions::EXECUTE_SYNCHRONOUSLY, |_| Ok::<_, &str>(()));
    source.set_result(1);
    assert!(task.try_result().unwrap().unwrap_err().is_abandoned());
    assert!(input.is_completed_successfully() && next.is_completed_successfully());
    let panics = ContextScheduler::new(Arc::new(Breaks(Named("panics", Mutex::default()), true)));
    assert!(panic_of(|| Task::<u32>::run(&panics, async { Ok(1) })).is_some(), "who starts there is told");
}
