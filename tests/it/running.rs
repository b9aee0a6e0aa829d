//! Tasks that an executor runs.
use crate::support::{Dropped, Jobs, panic_of};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Context, Poll};
use std::thread;
use taskcell::{
    BoxError, BoxFuture, CancellationToken, CancellationTokenSource, Cancelled, StartOn, Task, TaskError, TaskStatus,
};

#[test]
fn nothing_is_polled_before_the_executor_does() {
    let jobs = Jobs::new();
    let task: Task<u32> = Task::run(&jobs, async { Ok(1) });
    let called: Task<u32> = Task::run_fn(&jobs, || Ok(2));
    let started: Task<u32> = std::future::ready(Ok(3)).start_on(&jobs);
    assert_eq!(jobs.len(), 3);
    for pending in [&task, &called, &started] {
        assert_eq!(pending.status(), TaskStatus::Pending);
    }
    jobs.run();
    for (task, value) in [(task, 1), (called, 2), (started, 3)] {
        assert_eq!(task.try_unwrap().unwrap().unwrap(), value);
    }
}

#[test]
fn the_spawner_may_be_dynamic() {
    let jobs = Jobs::new();
    let spawner: &(dyn taskcell::Spawner + Send + Sync) = &jobs;
    let task: Task<u32> = Task::run(spawner, async { Ok(1) });
    let other: Task<u32> = async { Ok(1) }.start_on(spawner);
    jobs.run();
    assert!(task.is_completed() && other.is_completed());
}

#[test]
fn errors_panics_and_drops() {
    let jobs = Jobs::new();
    let run = |f: fn() -> Result<u32, BoxError>| {
        let tasks = [Task::run(&jobs, async move { f() }), Task::run_fn(&jobs, f)];
        jobs.run();
        tasks.map(|task| task.try_result().unwrap().unwrap_err().clone())
    };
    assert!(run(|| Err("no paper".into())).iter().all(|error| error.to_string() == "no paper"));
    assert!(run(|| Err(Cancelled::new(CancellationToken::NONE).into())).iter().all(TaskError::is_cancelled));
    assert!(run(|| Err(TaskError::<BoxError>::Abandoned.into())).iter().all(TaskError::is_abandoned));
    assert!(run(|| panic!("out of paper")).iter().all(|error| error.to_string() == "the task panicked: out of paper"));
    let (drops, dropped) = Dropped::new();
    let (more_drops, more_dropped) = Dropped::new();
    let tasks: [Task<u32>; 2] = [
        Task::run(&jobs, async move {
            drop(drops);
            unreachable!()
        }),
        Task::run_fn(&jobs, move || {
            drop(more_drops);
            unreachable!()
        }),
    ];
    jobs.drop_all();
    assert_eq!((dropped.load(SeqCst), more_dropped.load(SeqCst)), (1, 1));
    assert!(tasks.iter().all(|task| task.try_result().unwrap().unwrap_err().is_abandoned()));
}

/// Ready at the second poll. Panics when it is dropped, if told to.
struct Second {
    polled: bool,
    panics: Option<&'static str>,
    _drops: Dropped,
}

impl Future for Second {
    type Output = Result<u32, BoxError>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        if std::mem::replace(&mut self.polled, true) { Poll::Ready(Ok(1)) } else { Poll::Pending }
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        if let Some(text) = self.panics {
            std::panic::panic_any(text);
        }
    }
}

#[test]
fn the_future_goes_before_its_task_ends() {
    let jobs = Jobs::new();
    for panics in [None, Some("drop")] {
        let (drops, dropped) = Dropped::new();
        let task = Task::run(&jobs, Second { polled: false, panics, _drops: drops });
        task.on_completed(move |_| assert_eq!(dropped.load(SeqCst), 1)).detach();
        assert_eq!(jobs.run(), 2);
        match panics {
            None => assert_eq!(task.try_result().unwrap().unwrap(), &1),
            Some(_) => assert_eq!(task.try_result().unwrap().unwrap_err().to_string(), "the task panicked: drop"),
        }
    }
    let (drops, dropped) = Dropped::new();
    let task = Task::run(&jobs, Second { polled: false, panics: Some("dropped by the executor"), _drops: drops });
    assert_eq!(panic_of(|| jobs.drop_all()), Some("dropped by the executor"));
    assert_eq!(dropped.load(SeqCst), 1);
    assert!(task.try_result().unwrap().unwrap_err().is_abandoned());
}

#[test]
fn a_token_that_is_cancelled_before_it_begins() {
    let (jobs, token) = (Jobs::new(), CancellationToken::new(true));
    let tasks: [Task<u32>; 2] =
        [Task::run_with(&jobs, &token, async { unreachable!() }), Task::run_fn_with(&jobs, &token, || unreachable!())];
    assert_eq!(jobs.len(), 0);
    let source = CancellationTokenSource::new();
    let queued: [Task<u32>; 2] = [
        Task::run_with(&jobs, &source.token(), async { unreachable!() }),
        Task::run_fn_with(&jobs, &source.token(), || unreachable!()),
    ];
    source.cancel();
    jobs.run();
    for (task, token) in tasks.iter().zip([&token; 2]).chain(queued.iter().zip([&source.token(); 2])) {
        assert_eq!(task.try_result().unwrap().unwrap_err().cancelled().unwrap().token(), token);
    }
}

#[test]
fn once_it_has_begun_it_looks_itself() {
    let (jobs, source) = (Jobs::new(), CancellationTokenSource::new());
    let mut polls = 0;
    let future = poll_fn(move |_| {
        polls += 1;
        if polls == 3 { Poll::Ready(Ok(polls)) } else { Poll::Pending }
    });
    let task: Task<i32> = Task::run_with(&jobs, &source.token(), future);
    assert!(jobs.step());
    source.cancel();
    jobs.run();
    assert_eq!(task.try_result().unwrap().unwrap(), &3);
}

/// .NET's rule for a delegate: only its own token, cancelled, ends it as cancelled.
#[test]
fn tsk_013_which_cancellations_count() {
    let jobs = Jobs::new();
    let (own, other) = (CancellationTokenSource::new(), CancellationToken::new(true));
    let run = |token: CancellationToken| {
        let cancelled = Cancelled::new(token);
        let (first, second) = (cancelled.clone(), cancelled);
        let boxed: Task<u32> = Task::run_fn_with(&jobs, &own.token(), move || Err(first.into()));
        let plain: Task<u32, Cancelled> = Task::run_fn_with(&jobs, &own.token(), move || Err(second));
        (boxed, plain)
    };
    for token in [own.token(), other.clone()] {
        let (boxed, plain) = run(token);
        jobs.run();
        assert!(boxed.is_faulted() && plain.is_faulted(), "not requested, or of another token");
    }
    let without: Task<u32> = Task::run_fn(&jobs, || Err(Cancelled::new(CancellationToken::NONE).into()));
    jobs.run();
    assert!(without.is_cancelled(), "a difference to .NET: without a token any cancellation counts");
    let cancel = own.clone();
    let ends: Task<u32> = Task::run_fn_with(&jobs, &own.token(), move || {
        cancel.cancel();
        Err(Cancelled::new(cancel.token()).into())
    });
    let foreign = run(other);
    jobs.step();
    jobs.step();
    jobs.step();
    assert_eq!(ends.try_result().unwrap().unwrap_err().cancelled().unwrap().token(), &own.token());
    // These began too late for their own token.
    assert!(foreign.0.is_cancelled() && foreign.1.is_cancelled());
}

#[test]
fn on_threads() {
    let threads = |future: BoxFuture<'static, ()>| drop(thread::spawn(|| smol::block_on(future)));
    let tasks: Vec<Task<u64>> = (1..=8).map(|n| Task::run_fn(&threads, move || Ok((1..=n).product()))).collect();
    let sum = smol::block_on(async {
        let mut sum = 0;
        for task in &tasks {
            sum += task.await.unwrap();
        }
        sum
    });
    assert_eq!(sum, 46233);
}
