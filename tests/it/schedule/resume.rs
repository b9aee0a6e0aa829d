//! `resume_on`, `configure_await`, `register_on`, and the adapters.
use crate::support::{Counter, Dropped, Jobs, Log, panic_of};
use futures_util::task::{FutureObj, LocalFutureObj, LocalSpawn, LocalSpawnExt, Spawn, SpawnError, SpawnExt};
use std::cell::RefCell;
use std::future::pending;
use std::rc::Rc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Poll;
use taskcell::{
    CancellationToken, CancellationTokenSource, ConcurrentExclusiveSchedulerPair as Pair, ConfigureAwait,
    ConfigureAwaitOptions, FromFutures, InlineScheduler, LocalBoxFuture, LocalSpawner, ResumeOn, SchedulerClosed, Task,
    TaskCompletionSource, TaskScheduler, TaskStatus, ToFutures, Unregistered,
};

#[test]
fn the_future_runs_there_and_its_value_comes_back() {
    let (jobs, waiter) = (Jobs::new(), Counter::new());
    // Neither `Sync` nor `Clone`.
    let mut resumed = async { std::cell::Cell::new(7) }.resume_on(&jobs);
    assert!(waiter.poll(&mut resumed).is_pending());
    assert_eq!(jobs.len(), 1);
    jobs.run();
    assert_eq!(waiter.wakes(), 1);
    let Poll::Ready(Ok(value)) = waiter.poll(&mut resumed) else { panic!("it has ended") };
    assert_eq!(value.get(), 7);
    assert!(panic_of(|| waiter.poll(&mut resumed).is_ready()).is_some(), "polled after it was ready");
}

#[test]
fn a_panic_goes_on_where_it_is_awaited_and_a_refusal_is_an_error() {
    let waiter = Counter::new();
    let mut resumed = async { panic!("there") }.resume_on(&InlineScheduler);
    assert_eq!(panic_of(|| -> Poll<Result<(), _>> { waiter.poll(&mut resumed) }), Some("there"));
    let jobs = Jobs::new();
    let mut resumed = async { 7 }.resume_on(&jobs);
    jobs.drop_all();
    let Poll::Ready(Err(refused)) = waiter.poll(&mut resumed) else { panic!("it was dropped") };
    assert_eq!(refused.to_string(), "the scheduler dropped the future");
}

#[test]
fn dropped_it_drops_the_future_there() {
    for begun in [false, true] {
        let (jobs, waiter) = (Jobs::new(), Counter::new());
        let (dropped, drops) = Dropped::new();
        let mut resumed = async move {
            let _dropped = dropped;
            pending::<()>().await;
        }
        .resume_on(&jobs);
        if begun {
            assert!(jobs.step());
            assert!(waiter.poll(&mut resumed).is_pending());
        }
        drop(resumed);
        assert_eq!((drops.load(SeqCst), waiter.held()), (0, 0), "not here");
        jobs.run();
        assert_eq!(drops.load(SeqCst), 1);
    }
}

#[test]
fn awaiting_with_options() {
    let (source, task) = TaskCompletionSource::<u32, &str>::pair();
    let waiter = Counter::new();
    let mut wait = task.configure_await(ConfigureAwaitOptions::FORCE_YIELDING);
    assert!(waiter.poll(&mut wait).is_pending());
    assert_eq!(waiter.wakes(), 1);
    assert!(waiter.poll(&mut wait).is_pending());
    source.set_result(7);
    assert_eq!(waiter.wakes(), 2);
    assert!(matches!(waiter.poll(&mut wait), Poll::Ready(Ok(7))));
    let suppressed = ConfigureAwaitOptions::SUPPRESS_THROWING.and_force_yielding();
    let bad = Task::<u32, &str>::from_error("bad");
    let mut wait = bad.configure_await(suppressed);
    assert!(waiter.poll(&mut wait).is_pending());
    assert_eq!(waiter.poll(&mut wait), Poll::Ready(TaskStatus::Faulted));
    let mut wait = bad.configure_await(ConfigureAwaitOptions::NONE);
    let Poll::Ready(Err(error)) = waiter.poll(&mut wait) else { panic!("at once") };
    assert_eq!(error.fault(), Some(&"bad"));
    assert_eq!(format!("{suppressed:?}"), "ConfigureAwaitOptions { force_yielding: true, .. }");
}

#[test]
fn callbacks_of_tokens_on_a_scheduler() {
    let (jobs, log, source) = (Jobs::new(), Log::new(), CancellationTokenSource::new());
    let token = source.token();
    token.register_on(jobs.clone(), log.note(1)).detach();
    let mut gone = token.register_on(jobs.clone(), log.note(2));
    assert_eq!(gone.unregister(), Unregistered::Removed);
    token.register_on(Pair::new(jobs_of(&jobs), std::num::NonZeroUsize::MIN).exclusive(), log.note(3)).detach();
    source.cancel();
    assert_eq!((log.len(), jobs.len()), (0, 2));
    jobs.run();
    assert_eq!(log.take(), [3, 1], "spawned last in, first out");
    drop(CancellationToken::new(true).register_on(jobs.clone(), log.note(4)));
    drop(CancellationToken::NONE.register_on(jobs.clone(), log.note(5)));
    jobs.run();
    assert_eq!((log.take(), token.listeners()), (vec![4], 0));
}

fn jobs_of(jobs: &Jobs) -> impl Fn(taskcell::BoxFuture<'static, ()>) + Send + Sync + 'static + use<> {
    let jobs = jobs.clone();
    move |future| taskcell::Spawner::spawn(&jobs, future)
}

/// An executor of `futures` that may have been shut down.
#[derive(Default)]
struct Theirs(Jobs, bool);

impl Spawn for Theirs {
    fn spawn_obj(&self, future: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.status()?;
        taskcell::Spawner::spawn(&self.0, Box::pin(future));
        Ok(())
    }
    fn status(&self) -> Result<(), SpawnError> {
        if self.1 { Err(SpawnError::shutdown()) } else { Ok(()) }
    }
}

#[test]
fn spawners_of_futures_both_ways() {
    let theirs = FromFutures(Theirs::default());
    let task: Task<u32> = Task::run(&theirs, async { Ok(7) });
    theirs.0.0.run();
    assert_eq!(task.try_result().unwrap().unwrap(), &7);
    let down = FromFutures(Theirs(Jobs::new(), true));
    assert!(Task::<u32>::run(&down, async { Ok(7) }).try_result().unwrap().unwrap_err().is_abandoned());
    let _: SchedulerClosed = down.try_spawn(Box::pin(async {})).unwrap_err();

    let jobs = Jobs::new();
    let pair = Pair::new(jobs_of(&jobs), std::num::NonZeroUsize::MIN);
    let (ours, log) = (ToFutures(pair.concurrent()), Log::new());
    let note = log.note(1);
    ours.spawn(async move { note() }).unwrap();
    jobs.run();
    assert_eq!(log.take(), [1]);
    pair.complete();
    assert!(ours.spawn(async {}).unwrap_err().is_shutdown());
}

/// Keeps local futures.
#[derive(Clone, Default)]
struct Kept(Rc<RefCell<Vec<LocalBoxFuture<'static, ()>>>>);

impl LocalSpawn for Kept {
    fn spawn_local_obj(&self, future: LocalFutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.0.borrow_mut().push(Box::pin(future));
        Ok(())
    }
}

#[test]
fn local_spawners_of_futures_both_ways() {
    let (kept, log) = (Kept::default(), Log::new());
    let (one, two) = (log.note(1), log.note(2));
    let ours = FromFutures(kept.clone());
    LocalSpawner::spawn(&ours, Box::pin(async move { one() }));
    let keep = kept.clone();
    let theirs = ToFutures(Rc::new(move |future: LocalBoxFuture<'static, ()>| keep.0.borrow_mut().push(future)));
    theirs.spawn_local(async move { two() }).unwrap();
    for mut future in kept.0.take() {
        assert!(Counter::new().poll(&mut future).is_ready());
    }
    assert_eq!(log.take(), [1, 2]);
}
