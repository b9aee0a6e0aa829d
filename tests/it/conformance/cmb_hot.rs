//! CMB: the guides' combinators, where they are about hot tasks.
use crate::support::{Jobs, unobserved};
use core::time::Duration;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use taskcell::time::{ManualClock, delay_on};
use taskcell::{
    CancellationToken, CancellationTokenSource, ContinuationOptions, Task, TaskCompletionSource, TaskStatus,
};

type Source = TaskCompletionSource<u32, &'static str>;

/// Nothing that goes wrong inside is thrown at the caller, even if it does at once.
#[test]
fn cmb_001_a_failure_is_the_tasks() {
    let jobs = Jobs::new();
    let inline = |future: taskcell::BoxFuture<'static, ()>| smol::block_on(future);
    let failed = Task::<u32, &str>::run(&inline, async { Err("bad") });
    let panicked = Task::<u32, &str>::run(&inline, async { panic!("out of paper") });
    assert_eq!(failed.try_result().unwrap().unwrap_err().fault(), Some(&"bad"));
    assert!(panicked.try_result().unwrap().unwrap_err().is_panicked());
    assert_eq!(jobs.len(), 0);
}

#[test]
fn cmb_002_a_token_that_is_cancelled_already() {
    let jobs = Jobs::new();
    let task = Task::<u32, &str>::run_with(&jobs, &CancellationToken::new(true), async { unreachable!() });
    assert_eq!((task.status(), jobs.len()), (TaskStatus::Cancelled, 0));
}

#[test]
fn cmb_003_a_result_in_spite_of_a_request() {
    let (jobs, cancellation) = (Jobs::new(), CancellationTokenSource::new());
    let token = cancellation.token();
    let run = |outcome: Result<u32, &'static str>| {
        let token = token.clone();
        Task::run(&jobs, async move {
            // It does not care.
            let _ = token.is_cancelled();
            outcome
        })
    };
    let (value, fault) = (run(Ok(7)), run(Err("bad")));
    cancellation.cancel();
    jobs.run();
    assert_eq!((value.status(), fault.status()), (TaskStatus::RanToCompletion, TaskStatus::Faulted));
    fault.ignore();
}

#[test]
fn cmb_004_tasks_are_hot() {
    let (jobs, count) = (Jobs::new(), Arc::new(AtomicUsize::new(0)));
    let noted = count.clone();
    let task = Task::<_, &str>::run(&jobs, async move { Ok(noted.fetch_add(1, Ordering::SeqCst)) });
    // Nobody polls the task itself.
    jobs.run();
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert!(task.is_completed_successfully());
}

#[test]
fn cmb_012_interleaved() {
    let pairs = [(); 3].map(|()| Source::pair());
    let dealt = Task::interleaved(pairs.iter().map(|(_, task)| task.clone()));
    assert_eq!(dealt.len(), 3);
    assert!(pairs.iter().all(|(_, task)| task.listeners() == 1), "one continuation for each input");
    pairs[2].0.set_result(3);
    pairs[0].0.set_error("bad");
    pairs[1].0.set_cancelled(&CancellationToken::NONE);
    let status: Vec<_> = dealt.iter().map(Task::status).collect();
    assert_eq!(status, [TaskStatus::RanToCompletion, TaskStatus::Faulted, TaskStatus::Cancelled]);
    assert_eq!(dealt[0].try_result().unwrap().unwrap(), &3);
    dealt.into_iter().for_each(Task::ignore);
}

#[test]
fn cmb_018_a_timeout_by_when_any() {
    #[derive(Debug)]
    struct Late;
    unobserved::watch();
    let (clock, jobs) = (ManualClock::new(), Jobs::new());
    let (source, work) = TaskCompletionSource::<Option<Late>, &'static str>::pair();
    let delay = delay_on(clock.clone(), Duration::from_secs(1));
    let timer = Task::run(&jobs, async move {
        delay.await;
        Ok(None)
    });
    jobs.step();
    let any = Task::when_any([work.clone(), timer.clone()]);
    clock.advance(Duration::from_secs(1));
    jobs.run();
    let (_, winner) = any.try_unwrap().unwrap().unwrap();
    assert!(winner == timer && winner != work, "by identity");
    // The loser runs on, and its error is nobody's but who handles it.
    assert_eq!((work.status(), work.listeners()), (TaskStatus::Pending, 0));
    work.on_completed(|_| ()).detach();
    source.set_error("late");
    drop((source, work));
    assert_eq!(unobserved::of::<Option<Late>>().len(), 1);
}

/// The guide's loop: as many as may run are under way, and each that ends makes room for one.
#[test]
fn cmb_029_throttling_by_when_any() {
    const LIMIT: usize = 3;
    let (jobs, running, most) = (Jobs::new(), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let download = |n: usize| {
        let (running, most) = (running.clone(), most.clone());
        Task::<_, &str>::run(&jobs, async move {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let mut turns = n % 4;
            poll_fn(|_| {
                turns = turns.wrapping_sub(1);
                if turns < 4 { Poll::Pending } else { Poll::Ready(()) }
            })
            .await;
            running.fetch_sub(1, Ordering::SeqCst);
            Ok(n)
        })
    };
    let mut next = 0..20;
    let mut under_way: Vec<_> = next.by_ref().take(LIMIT).map(download).collect();
    let mut done = Vec::new();
    while !under_way.is_empty() {
        let any = Task::when_any(under_way.iter().cloned());
        while !any.is_completed() {
            assert!(jobs.step());
        }
        let (index, _) = any.try_unwrap().unwrap().unwrap();
        done.push(*under_way.swap_remove(index).try_result().unwrap().unwrap());
        under_way.extend(next.next().map(download));
    }
    done.sort_unstable();
    assert_eq!(done, (0..20).collect::<Vec<_>>());
    assert_eq!(most.load(Ordering::SeqCst), LIMIT);
}

/// `Task.Factory.ContinueWhenAny`, and `Task.WaitAny` beside it.
#[test]
fn continue_when_any_and_wait_any() {
    let (source, task) = Source::pair();
    let any = Task::when_any([Source::new().task(), task]);
    let then = any.continue_with(ContinuationOptions::EXECUTE_SYNCHRONOUSLY, |any| {
        let (index, _) = any.try_result().unwrap().unwrap();
        Ok::<_, &str>(*index)
    });
    source.set_result(1);
    assert!(then.is_completed_successfully());
    assert!(any.wait().is_ok());
}
