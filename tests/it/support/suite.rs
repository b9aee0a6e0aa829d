//! The behaviour that must not depend on the executor. `suite!(name, Executor)` makes a module of tests.
//!
//! No case counts polls or names a thread: an executor may poll late, early, twice or inside a wake.
use super::exec::Executor;
use super::{Latch, Log, leak};
use std::sync::mpsc;
use std::thread;
use taskcell::{
    CancellationSlot, CancellationToken, CancellationTokenSource, StaticCancellationTokenSource, Unregistered,
    when_all_settled,
};

/// A module `$name` with one test for each case, on the executor `$executor`.
macro_rules! suite {
    ($name:ident, $executor:ty) => {
        $crate::support::suite::suite!(@cases $name, $executor,
            waits_end_at_a_cancel, waits_end_at_a_cancel_from_another_thread, waits_on_a_cancelled_token_are_over,
            owned_waits_end_at_a_cancel, a_task_cancels_itself, tasks_cancel_each_other_in_a_chain,
            until_cancelled_gives_the_future_back, until_cancelled_passes_the_output_on,
            run_until_cancelled_drops_the_future, when_all_keeps_the_input_order, when_all_of_nothing_is_ready,
            when_all_over_waits, when_all_dropped_releases_every_wait, timeout_elapses, timeout_of_a_ready_future,
            a_timeout_that_is_beaten_leaves_no_timer, delays_end_in_due_order, a_deadline_cancels_the_waits,
            unregister_async_waits_for_the_callback, a_root_cancels_every_generation, a_linked_source_ends_its_waits,
            dropped_waits_leave_nothing, a_callback_cancels_a_second_source, a_static_source_ends_its_waits,
            many_waits_race_a_cancel, when_any_of_nothing_is_ready, when_any_gives_the_first_and_the_rest,
            when_any_is_drained_in_the_order_of_the_ends, when_any_is_drained_while_threads_open_the_gates,
            when_any_leaves_nothing_on_a_long_wait, when_any_rest_may_go_to_another_task,
            a_task_is_awaited_by_many, a_task_is_completed_by_another_thread,
            a_task_is_awaited_on_two_executors, an_abandoned_task_ends_its_waits,
            tasks_complete_each_other_in_a_chain, a_task_runs_a_future, a_task_runs_a_closure,
            a_continuation_runs_on_the_executor, a_task_of_a_task_is_flattened, hot_tasks_all_and_any,
            a_wait_ends_without_its_task);
    };
    (@cases $name:ident, $executor:ty, $($case:ident),* $(,)?) => {
        mod $name {
            use super::*;
            $(#[test]
            fn $case() {
                $crate::support::suite::$case(&<$executor as $crate::support::exec::Executor>::new());
            })*
        }
    };
}
pub(crate) use super::suite_any::{
    when_any_gives_the_first_and_the_rest, when_any_is_drained_in_the_order_of_the_ends,
    when_any_is_drained_while_threads_open_the_gates, when_any_leaves_nothing_on_a_long_wait,
    when_any_of_nothing_is_ready, when_any_rest_may_go_to_another_task,
};
pub(crate) use super::suite_task::{
    a_continuation_runs_on_the_executor, a_task_is_awaited_by_many, a_task_is_awaited_on_two_executors,
    a_task_is_completed_by_another_thread, a_task_of_a_task_is_flattened, a_task_runs_a_closure, a_task_runs_a_future,
    a_wait_ends_without_its_task, an_abandoned_task_ends_its_waits, hot_tasks_all_and_any,
    tasks_complete_each_other_in_a_chain,
};
pub(crate) use super::suite_timed::{
    a_deadline_cancels_the_waits, a_timeout_that_is_beaten_leaves_no_timer, delays_end_in_due_order, timeout_elapses,
    timeout_of_a_ready_future,
};
pub(crate) use suite;

/// Starts `n` tasks that wait on `token` and then arrive at the second latch; answers when all have been started.
pub(super) fn waiters(ex: &impl Executor, token: &CancellationToken, n: usize) -> (Latch, Latch) {
    let (begun, ended) = (Latch::new(), Latch::new());
    for _ in 0..n {
        let (token, begun, ended) = (token.clone(), begun.clone(), ended.clone());
        ex.spawn(async move {
            begun.arrive();
            token.cancelled().await;
            assert!(token.is_cancelled());
            ended.arrive();
        });
    }
    (begun, ended)
}

pub(crate) fn waits_end_at_a_cancel(ex: &impl Executor) {
    let source = CancellationTokenSource::new();
    let (begun, ended) = waiters(ex, &source.token(), 10);
    let token = source.token();
    ex.run(async move {
        begun.reached(10).await;
        assert!(source.cancel());
        ended.reached(10).await;
    });
    assert_eq!(token.listeners(), 0);
}

pub(crate) fn waits_end_at_a_cancel_from_another_thread(ex: &impl Executor) {
    let source = CancellationTokenSource::new();
    let (begun, ended) = waiters(ex, &source.token(), 10);
    let canceller = ex.run(async move {
        begun.reached(10).await;
        let canceller = thread::spawn(move || source.cancel());
        ended.reached(10).await;
        canceller
    });
    assert!(canceller.join().unwrap());
}

pub(crate) fn waits_on_a_cancelled_token_are_over(ex: &impl Executor) {
    let source = CancellationTokenSource::new();
    source.cancel();
    ex.run(async move {
        source.token().cancelled().await;
        source.token().cancelled_owned().await;
        CancellationToken::new(true).cancelled().await;
    });
}

pub(crate) fn owned_waits_end_at_a_cancel(ex: &impl Executor) {
    let source = CancellationTokenSource::new();
    let ended = Latch::new();
    for _ in 0..5 {
        let (wait, ended) = (source.token().cancelled_owned(), ended.clone());
        ex.spawn(async move {
            wait.await;
            ended.arrive();
        });
    }
    ex.run(async move {
        source.cancel();
        ended.reached(5).await;
    });
}

pub(crate) fn a_task_cancels_itself(ex: &impl Executor) {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let outcome = ex.run(async move {
        token
            .run_until_cancelled(async {
                source.cancel();
                std::future::pending::<()>().await;
            })
            .await
    });
    assert_eq!(outcome, None);
}

pub(crate) fn tasks_cancel_each_other_in_a_chain(ex: &impl Executor) {
    let sources: Vec<_> = (0..50).map(|_| CancellationTokenSource::new()).collect();
    let begun = Latch::new();
    for pair in sources.windows(2) {
        let (here, next, begun) = (pair[0].token(), pair[1].clone(), begun.clone());
        ex.spawn(async move {
            begun.arrive();
            here.cancelled().await;
            next.cancel();
        });
    }
    let (first, last) = (sources[0].clone(), sources[49].token());
    ex.run(async move {
        begun.reached(49).await;
        first.cancel();
        last.cancelled().await;
    });
    assert!(sources.iter().all(CancellationTokenSource::is_cancelled));
}

pub(crate) fn until_cancelled_gives_the_future_back(ex: &impl Executor) {
    let source = CancellationTokenSource::new();
    let (token, latch) = (source.token(), Latch::new());
    let gate = latch.clone();
    let work = Box::pin(async move {
        gate.reached(1).await;
        42
    });
    let (canceller, answer) = ex.run(async move {
        let canceller = thread::spawn(move || source.cancel());
        let Err(interrupted) = token.until_cancelled(work).await else { panic!("the latch is shut") };
        assert!(interrupted.cancelled.token().clone() == token);
        latch.arrive();
        (canceller, interrupted.future.await)
    });
    assert!(canceller.join().unwrap());
    assert_eq!(answer, 42);
}

pub(crate) fn until_cancelled_passes_the_output_on(ex: &impl Executor) {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let (latch, gate) = (Latch::new(), Latch::new());
    let (opener, begun) = (latch.clone(), gate.clone());
    ex.spawn(async move {
        begun.reached(1).await;
        opener.arrive();
    });
    let output = ex.run(async move {
        gate.arrive();
        let work = Box::pin(async move {
            latch.reached(1).await;
            7
        });
        token.until_cancelled(work).await.ok()
    });
    assert_eq!(output, Some(7));
    assert_eq!(source.token().listeners(), 0);
}

pub(crate) fn run_until_cancelled_drops_the_future(ex: &impl Executor) {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let (value, drops) = super::Dropped::new();
    let (canceller, outcome) = ex.run(async move {
        let canceller = thread::spawn(move || source.cancel());
        let work = async move {
            let _value = value;
            std::future::pending::<()>().await;
        };
        (canceller, token.run_until_cancelled(work).await)
    });
    assert!(canceller.join().unwrap());
    assert_eq!(outcome, None);
    assert_eq!(drops.load(std::sync::atomic::Ordering::SeqCst), 1);
}

pub(crate) fn when_all_keeps_the_input_order(ex: &impl Executor) {
    let gates: Vec<_> = (0..20).map(|_| Latch::new()).collect();
    let work: Vec<_> = gates
        .iter()
        .cloned()
        .enumerate()
        .map(|(i, gate)| async move {
            gate.reached(1).await;
            i
        })
        .collect();
    let begun = Latch::new();
    let told = begun.clone();
    ex.spawn(async move {
        told.reached(1).await;
        gates.iter().rev().for_each(Latch::arrive);
    });
    let outputs = ex.run(async move {
        begun.arrive();
        when_all_settled(work).await
    });
    assert_eq!(outputs, (0..20).collect::<Vec<_>>());
}

pub(crate) fn when_all_of_nothing_is_ready(ex: &impl Executor) {
    let outputs = ex.run(async { when_all_settled(Vec::<std::future::Ready<u8>>::new()).await });
    assert_eq!(outputs, Vec::<u8>::new());
}

pub(crate) fn when_all_over_waits(ex: &impl Executor) {
    let root = CancellationTokenSource::new();
    let children: Vec<_> = (0..8).map(|_| root.token().child()).collect();
    let waits: Vec<_> = children.iter().map(|child| child.token().cancelled_owned()).collect();
    let (canceller, ends) =
        ex.run(async move { (thread::spawn(move || root.cancel()), when_all_settled(waits).await) });
    assert!(canceller.join().unwrap());
    assert_eq!(ends.len(), 8);
    assert!(children.iter().all(CancellationTokenSource::is_cancelled));
}

pub(crate) fn when_all_dropped_releases_every_wait(ex: &impl Executor) {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let stopper = CancellationTokenSource::new();
    let stopped = stopper.token();
    let canceller = ex.run(async move {
        let waits: Vec<_> = (0..8).map(|_| token.clone().cancelled_owned()).collect();
        let canceller = thread::spawn(move || stopper.cancel());
        assert!(stopped.run_until_cancelled(when_all_settled(waits)).await.is_none());
        canceller
    });
    assert!(canceller.join().unwrap());
    assert_eq!(source.token().listeners(), 0);
}

pub(crate) fn unregister_async_waits_for_the_callback(ex: &impl Executor) {
    let source = CancellationTokenSource::new();
    let ((tell, told), (go, gone)) = (mpsc::channel(), mpsc::channel::<()>());
    let log = Log::new();
    let ran = log.clone();
    let mut registration = source.token().register(move || {
        tell.send(()).unwrap();
        gone.recv().unwrap();
        ran.push("ran");
    });
    let canceller = thread::spawn(move || source.cancel());
    told.recv().unwrap();
    let seen = log.clone();
    let begun = Latch::new();
    let told = begun.clone();
    let releaser = thread::spawn(move || {
        super::eventually("the task waits", || told.count() == 1);
        go.send(()).unwrap();
    });
    let answer = ex.run(async move {
        begun.arrive();
        let answer = registration.unregister_async().await;
        assert_eq!(seen.len(), 1, "the callback has ended");
        answer
    });
    assert_eq!(answer, Unregistered::Finished);
    assert!(canceller.join().unwrap());
    releaser.join().unwrap();
}

pub(crate) fn a_root_cancels_every_generation(ex: &impl Executor) {
    let root = CancellationTokenSource::new();
    let mut line = vec![root.clone()];
    let mut latches = vec![];
    for _ in 0..5 {
        let child = line.last().unwrap().token().child();
        latches.push(waiters(ex, &child.token(), 2));
        line.push(child);
    }
    ex.run(async move {
        for (begun, _) in &latches {
            begun.reached(2).await;
        }
        root.cancel();
        for (_, ended) in &latches {
            ended.reached(2).await;
        }
    });
    assert!(line[5].token().reason().unwrap().is_inherited());
}

pub(crate) fn a_linked_source_ends_its_waits(ex: &impl Executor) {
    let parents = [CancellationTokenSource::new(), CancellationTokenSource::new()];
    let tokens = [parents[0].token(), parents[1].token()];
    let linked = CancellationTokenSource::linked(&tokens);
    let (begun, ended) = waiters(ex, &linked.token(), 4);
    let second = parents[1].clone();
    ex.run(async move {
        begun.reached(4).await;
        second.cancel();
        ended.reached(4).await;
    });
    assert!(!parents[0].is_cancelled());
}

pub(crate) fn dropped_waits_leave_nothing(ex: &impl Executor) {
    let source = CancellationTokenSource::new();
    let token = source.token();
    ex.run(async move {
        for _ in 0..100 {
            let mut wait = token.cancelled();
            let pending =
                std::future::poll_fn(|cx| std::task::Poll::Ready(std::pin::Pin::new(&mut wait).poll(cx).is_pending()));
            assert!(pending.await);
        }
    });
    assert_eq!(source.token().listeners(), 0);
}

pub(crate) fn a_callback_cancels_a_second_source(ex: &impl Executor) {
    let (first, second) = (CancellationTokenSource::new(), CancellationTokenSource::new());
    let (begun, ended) = waiters(ex, &second.token(), 3);
    let relay = second.clone();
    let registration = first.token().register(move || {
        relay.cancel();
    });
    ex.run(async move {
        begun.reached(3).await;
        first.cancel();
        ended.reached(3).await;
    });
    drop(registration);
}

pub(crate) fn a_static_source_ends_its_waits(ex: &impl Executor) {
    let source: &'static StaticCancellationTokenSource<4> = leak(StaticCancellationTokenSource::new());
    let (begun, ended) = (Latch::new(), Latch::new());
    for _ in 0..4 {
        let (mut slot, begun, ended) = (source.slot().expect("four slots"), begun.clone(), ended.clone());
        ex.spawn(async move {
            begun.arrive();
            slot.cancelled().await;
            ended.arrive();
        });
    }
    assert!(source.slot().is_err());
    ex.run(async move {
        begun.reached(4).await;
        assert!(source.cancel());
        ended.reached(4).await;
    });
}

pub(crate) fn many_waits_race_a_cancel(ex: &impl Executor) {
    for _ in 0..super::rounds(200) {
        let source = CancellationTokenSource::new();
        let other = source.clone();
        let canceller = thread::spawn(move || other.cancel());
        let (_, ended) = waiters(ex, &source.token(), 5);
        ex.run(async move { ended.reached(5).await });
        assert!(canceller.join().unwrap());
    }
}
