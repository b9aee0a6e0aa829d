//! A thread's own loop: order, who may wait, panics, reentrancy, its end.
use crate::support::{Dropped, Log, eventually, panic_of};
use core::time::Duration;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc;
use std::thread;
use taskcell::time::ManualClock;
use taskcell::{
    ContextScheduler, LocalSpawner, MessageLoop, SendError, Spawner, StartOn, SynchronizationContext, Task,
    TaskCompletionSource, TaskScheduler, delay, delay_on, may_block,
};

fn current() -> Option<String> {
    <dyn SynchronizationContext>::current().map(|context| context.name().to_owned())
}

/// Runs what is queued, and no more.
fn turn(ui: &MessageLoop) {
    ui.run_until(smol::future::yield_now());
}

#[test]
fn what_is_posted_runs_in_order_on_the_loops_thread() {
    let (ui, log) = (MessageLoop::new("ui"), Log::new());
    let here = thread::current().id();
    for number in 0..3 {
        ui.handle().post(Box::new(log.note(number))).unwrap();
    }
    let (handle, inside) = (ui.handle(), log.clone());
    let (source, done) = TaskCompletionSource::<()>::pair();
    let poster = thread::spawn(move || {
        for number in 3..10 {
            let log = inside.clone();
            let callback = move || {
                assert_eq!(thread::current().id(), here);
                log.push(number);
            };
            handle.post(Box::new(callback)).unwrap();
        }
        source.set_result(());
    });
    ui.run_until(done).unwrap();
    poster.join().unwrap();
    turn(&ui);
    assert_eq!(log.take(), (0..10).collect::<Vec<_>>());
}

#[test]
fn futures_of_all_kinds_share_one_queue() {
    let (ui, log) = (MessageLoop::new("ui"), Log::new());
    let (handle, local) = (ui.handle(), ui.local());
    ui.run_until(async {
        let (first, second) = (log.clone(), log.clone());
        let text = Rc::new(1);
        local.spawn(Box::pin(async move {
            first.push(*text);
            smol::future::yield_now().await;
            first.push(*text + 10);
        }));
        let task: Task<u32> = Task::run(&handle, async move {
            second.push(2);
            smol::future::yield_now().await;
            second.push(12);
            Ok(7)
        });
        handle.post(Box::new(log.note(3))).unwrap();
        assert_eq!(log.len(), 0, "nothing runs inside the calls");
        assert_eq!(task.await.unwrap(), 7);
    });
    assert_eq!(log.take(), [1, 2, 3, 11, 12]);
}

#[test]
fn timers_of_any_clock_wake_it() {
    let (ui, clock) = (MessageLoop::new("ui"), ManualClock::new());
    let (local, other) = (ui.local(), clock.clone());
    let here = thread::current().id();
    let hours = ui.run_until(async {
        let waiting: Task<u32> = local.run(async move {
            delay_on(&other, Duration::from_secs(3600)).await;
            assert_eq!(thread::current().id(), here);
            Ok(1)
        });
        delay(Duration::from_millis(2)).await;
        while !waiting.is_completed() {
            clock.advance(Duration::from_secs(600));
            smol::future::yield_now().await;
        }
        waiting.await.unwrap()
    });
    assert_eq!((hours, clock.armed()), (1, 0));
}

#[test]
fn a_blocking_wait_on_the_loops_own_thread_names_it() {
    let ui = MessageLoop::new("ui");
    let handle = ui.handle();
    // The classic deadlock: the task needs the loop, and the loop would wait for the task.
    let refused = ui.run_until(async {
        let needs_the_loop: Task<u32> = async { Ok(7) }.start_on(&handle);
        let refused = needs_the_loop.wait().unwrap_err();
        assert_eq!(needs_the_loop.await.unwrap(), 7, "the first cure: await");
        refused
    });
    assert_eq!(refused.name(), "ui");
    assert!(refused.to_string().contains("deadlock"), "{refused}");
    assert!(may_block().is_ok(), "outside of the run the thread is its own");

    // The second cure: what is waited for needs no loop, and who waits is another thread.
    let answer = ui.run_until(async {
        let (source, task) = TaskCompletionSource::<u32>::pair();
        thread::spawn(move || {
            let pool = |future: taskcell::BoxFuture<'static, ()>| smol::spawn(future).detach();
            let elsewhere: Task<u32> = async { Ok(7) }.start_on(&pool);
            source.set_result(*elsewhere.wait().unwrap().unwrap());
        });
        task.await.unwrap()
    });
    assert_eq!(answer, 7);
}

#[test]
fn a_loop_in_a_loop_is_refused() {
    let (ui, other) = (Rc::new(MessageLoop::new("ui")), MessageLoop::new("other"));
    let again = ui.clone();
    ui.run_until(async move {
        assert_eq!(again.try_run_until(async { 1 }).unwrap_err().name(), "ui");
        assert_eq!(other.try_run_until(async { 1 }).unwrap_err().name(), "ui");
        assert_eq!(panic_of(|| again.run_until(async {})), Some("another payload"), "a message that says so");
        assert_eq!(current().as_deref(), Some("ui"));
    });
    assert_eq!(ui.run_until(async { 2 }), 2, "one run after the other");
}

#[test]
fn a_panic_comes_out_and_the_rest_stays() {
    let (ui, log) = (MessageLoop::new("ui"), Log::new());
    ui.handle().post(Box::new(|| panic!("posted"))).unwrap();
    ui.handle().post(Box::new(log.note(1))).unwrap();
    ui.local().spawn(Box::pin(async { panic!("local") }));
    ui.handle().spawn(Box::pin(async { panic!("sent") }));
    ui.handle().post(Box::new(log.note(2))).unwrap();
    for expected in ["posted", "local", "sent"] {
        assert_eq!(panic_of(|| ui.run_until(smol::future::pending::<()>())), Some(expected));
        assert!(may_block().is_ok() && current().is_none(), "all is as before");
    }
    turn(&ui);
    assert_eq!(log.take(), [1, 2]);
    assert_eq!(panic_of(|| ui.run_until(async { panic!("main") })), Some("main"));
    let task: Task<()> = ui.local().run(async { panic!("its own") });
    turn(&ui);
    assert!(task.try_result().unwrap().unwrap_err().is_panicked());
}

#[test]
fn with_a_hook_the_loop_goes_on() {
    let seen = Rc::new(Cell::new(0));
    let count = seen.clone();
    let ui = MessageLoop::new("ui").on_panic(move |payload| {
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"bad"));
        count.set(count.get() + 1);
    });
    ui.handle().post(Box::new(|| panic!("bad"))).unwrap();
    ui.local().spawn(Box::pin(async { panic!("bad") }));
    ui.handle().spawn(Box::pin(async { panic!("bad") }));
    turn(&ui);
    turn(&ui);
    assert_eq!(seen.get(), 3);
    assert_eq!(panic_of(|| ui.run_until(async { panic!("main") })), Some("main"));
}

#[test]
fn the_end_drops_what_is_left_and_refuses_the_rest() {
    let ui = MessageLoop::new("ui");
    let (handle, local) = (ui.handle(), ui.local());
    let (dropped, drops) = Dropped::new();
    let posted = dropped;
    handle.post(Box::new(move || drop(posted))).unwrap();
    let (_source, never) = TaskCompletionSource::<u32>::pair();
    let (one, two) = (never.clone(), never.clone());
    let (sent, kept): (Task<u32>, Task<u32>) =
        (async move { Ok(one.await?) }.start_on(&handle), local.run(async move { Ok(two.await?) }));
    let unpolled: Task<u32> = async { Ok(1) }.start_on(&handle);
    assert_eq!(drops.load(SeqCst), 0);
    drop(ui);
    assert_eq!(drops.load(SeqCst), 1);
    for task in [&kept, &unpolled, &sent] {
        assert!(task.try_result().unwrap().unwrap_err().is_abandoned());
    }
    let error = handle.post(Box::new(|| ())).unwrap_err();
    assert_eq!(error.to_string(), "the context takes nothing any more");
    error.into_inner()();
    assert!(matches!(handle.send(Box::new(|| ())), Err(SendError::Dropped)));
    let late: Task<u32> = async { Ok(1) }.start_on(&handle);
    assert!(late.try_result().unwrap().unwrap_err().is_abandoned());
    assert!(local.run::<u32, (), _>(async { Ok(1) }).try_result().unwrap().unwrap_err().is_abandoned());
    assert!(handle.try_spawn(Box::pin(async {})).is_err());
}

#[test]
fn a_pending_future_ends_with_the_loop_when_it_is_woken() {
    let ui = MessageLoop::new("ui");
    let (source, input) = TaskCompletionSource::<u32>::pair();
    let sent: Task<u32> = async move { Ok(input.await?) }.start_on(&ui.handle());
    turn(&ui);
    drop(ui);
    assert!(!sent.is_completed(), "it waits for its input, nowhere in the loop");
    source.set_result(1);
    assert!(sent.try_result().unwrap().unwrap_err().is_abandoned());
}

#[test]
fn send_waits_runs_at_once_on_the_loop_and_never_deadlocks() {
    let ui = MessageLoop::new("ui");
    let (handle, log) = (ui.handle(), Log::new());
    let (source, done) = TaskCompletionSource::<()>::pair();
    let (sender, inside) = (handle.clone(), log.clone());
    let worker = thread::spawn(move || {
        sender.send(Box::new(inside.note(1))).unwrap();
        assert_eq!(inside.len(), 1, "it has been called");
        assert_eq!(panic_of(|| sender.send(Box::new(|| panic!("sent")))), Some("sent"), "in the sender");
        source.set_result(());
    });
    ui.run_until(done).unwrap();
    worker.join().unwrap();
    let other = MessageLoop::new("other").handle();
    ui.run_until(async {
        handle.send(Box::new(log.note(2))).unwrap();
        assert_eq!(log.len(), 2, "inline");
        let Err(SendError::WouldDeadlock(refused, back)) = other.send(Box::new(log.note(3))) else {
            panic!("this thread must not block")
        };
        assert_eq!(refused.name(), "ui");
        back.into_inner()();
    });
    assert_eq!(log.take(), [1, 2, 3]);
}

#[test]
fn send_on_its_own_thread_is_refused_while_it_does_not_run() {
    let (ui, log) = (MessageLoop::new("ui"), Log::new());
    let handle = ui.handle();
    let Err(SendError::WouldDeadlock(refused, back)) = handle.send(Box::new(log.note(1))) else {
        panic!("nobody would ever run it")
    };
    assert_eq!(refused.name(), "ui");
    assert!(may_block().is_ok(), "for that call alone");
    ui.run_until(async { handle.send(back.into_inner()).unwrap() });
    assert_eq!(log.take(), [1]);
    drop(ui);
    assert!(matches!(handle.send(Box::new(log.note(2))), Err(SendError::Dropped)));
    assert_eq!(log.take(), []);
}

#[test]
fn many_futures_of_one_loop() {
    let ui = MessageLoop::new("ui");
    let (local, sum) = (ui.local(), Rc::new(Cell::new(0)));
    // To look for a place among them all would take very long.
    for round in 0..3 {
        let tasks: Vec<Task<()>> = (0..20_000)
            .map(|_| {
                let sum = sum.clone();
                local.run(async move {
                    smol::future::yield_now().await;
                    sum.set(sum.get() + 1);
                    Ok(())
                })
            })
            .collect();
        ui.run_until(Task::when_all(tasks)).unwrap();
        assert_eq!(sum.get(), 20_000 * (round + 1));
    }
}

#[test]
fn the_context_is_scoped_and_restored() {
    let ui = MessageLoop::new("ui");
    assert_eq!(current(), None);
    let task: Task<Option<String>> = ui.run_until(async {
        assert_eq!(current().as_deref(), Some("ui"));
        let none = <dyn SynchronizationContext>::enter(None, current);
        assert_eq!(none, None);
        let panic = panic_of(|| <dyn SynchronizationContext>::enter(None, || panic!("inside")));
        assert_eq!((panic, current().as_deref()), (Some("inside"), Some("ui")));
        let scheduler = ContextScheduler::current().unwrap();
        assert_eq!(format!("{scheduler:?}"), "ContextScheduler { name: \"ui\", .. }");
        let task = Task::run(&scheduler, async { Ok(current()) });
        smol::future::yield_now().await;
        task
    });
    assert_eq!(current(), None);
    assert_eq!(task.try_result().unwrap().unwrap().as_deref(), Some("ui"));
    assert!(!ui.handle().is_current());
}

#[test]
fn wakes_from_many_threads_are_not_lost() {
    let ui = MessageLoop::new("ui");
    let (sender, receiver) = smol::channel::bounded::<u32>(1);
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let sender = sender.clone();
            thread::spawn(move || (0..500).for_each(|_| sender.send_blocking(1).unwrap()))
        })
        .collect();
    drop(sender);
    let total: u32 = ui.run_until(async {
        let mut total = 0;
        while let Ok(number) = receiver.recv().await {
            total += number;
        }
        total
    });
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(total, 1_500);
}

#[test]
fn a_handle_outlives_the_loops_thread() {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let ui = MessageLoop::new("ui");
        sender.send(ui.handle()).unwrap();
        turn(&ui);
    })
    .join()
    .unwrap();
    let handle = receiver.recv().unwrap();
    eventually("it is gone", || handle.post(Box::new(|| ())).is_err());
}
