//! SYN: `SynchronizationContext`, `await`, `ConfigureAwait`, `Yield`.
//!
//! | entry | why there is no test |
//! |---|---|
//! | SYN-012 | "optional": nobody counts what was started and forgotten; a task, or the pair's completion, tells its end |
use crate::support::Counter;
use core::time::Duration;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;
use taskcell::{
    BoxFuture, Callback, CancellationTokenSource, ConfigureAwait, ConfigureAwaitOptions, ContextScheduler,
    ContinuationOptions, InlineScheduler, MessageLoop, PostError, ResumeOn, SynchronizationContext, Task,
    TaskCompletionSource, TaskStatus, delay,
};

/// A context that keeps what is posted, and counts.
#[derive(Clone, Default)]
struct Context(Arc<(Mutex<Vec<Callback>>, AtomicUsize)>);

impl Context {
    fn posts(&self) -> usize {
        self.0.1.load(SeqCst)
    }
    fn run(&self) {
        loop {
            let posted = std::mem::take(&mut *self.0.0.lock().unwrap());
            if posted.is_empty() {
                return;
            }
            posted.into_iter().for_each(|callback| callback());
        }
    }
    fn scheduler(&self) -> ContextScheduler {
        ContextScheduler::new(Arc::new(self.clone()))
    }
}

impl SynchronizationContext for Context {
    fn name(&self) -> &str {
        "C"
    }
    fn post(&self, callback: Callback) -> Result<(), PostError> {
        self.0.1.fetch_add(1, SeqCst);
        self.0.0.lock().unwrap().push(callback);
        Ok(())
    }
    fn is_current(&self) -> bool {
        name().as_deref() == Some("C")
    }
}

fn name() -> Option<String> {
    <dyn SynchronizationContext>::current().map(|context| context.name().to_owned())
}

/// Nothing is captured: a future goes on where it is polled. On a context's scheduler that is one post; elsewhere none.
#[test]
fn syn_001_going_on_on_a_context_is_one_post() {
    let context = Context::default();
    let (source, input) = TaskCompletionSource::<u32>::pair();
    let other = input.clone();
    let task: Task<Option<String>> = Task::run(&context.scheduler(), async move {
        input.await?;
        Ok(name())
    });
    context.run();
    assert_eq!(context.posts(), 1, "its start");
    let free: Task<Option<String>> = <dyn SynchronizationContext>::enter(Some(Arc::new(context.clone())), || {
        <dyn SynchronizationContext>::enter(None, || {
            Task::run(&InlineScheduler, async move {
                other.await?;
                Ok(name())
            })
        })
    });
    source.set_result(1);
    assert_eq!(context.posts(), 2, "one for going on");
    assert_eq!(free.try_result().unwrap().unwrap(), &None, "not on the context, and not posted");
    context.run();
    assert_eq!(task.try_result().unwrap().unwrap().as_deref(), Some("C"));
}

#[test]
fn syn_002_a_completed_task_posts_nothing() {
    let context = Context::default();
    let task: Task<u32> = Task::run(&context.scheduler(), async { Ok(Task::<u32>::from_result(7).await?) });
    context.run();
    assert_eq!((context.posts(), task.is_completed()), (1, true), "its start alone");
}

/// There is no base class: the default is no context.
#[test]
fn syn_003_without_a_context_there_is_none() {
    assert_eq!(name(), None);
    let ran = <dyn SynchronizationContext>::enter(None, || {
        let task: Task<Option<String>> = Task::run(&InlineScheduler, async { Ok(name()) });
        task.try_result().unwrap().unwrap().clone()
    });
    assert_eq!(ran, None);
}

/// A future goes on on its scheduler; what `resume_on` was given runs on the other one.
#[test]
fn syn_007_on_the_scheduler_or_on_another_one() {
    let (here, there) = (Context::default(), Context::default());
    let other = there.scheduler();
    let task: Task<u32> = Task::run(&here.scheduler(), async move {
        let moved = async { name() }.resume_on(&other).await.unwrap();
        assert_eq!((moved.as_deref(), name().as_deref()), (Some("C"), Some("C")));
        Ok(7)
    });
    here.run();
    assert_eq!((here.posts(), there.posts()), (1, 1));
    there.run();
    assert_eq!((here.posts(), task.is_completed()), (2, false), "it is back");
    here.run();
    assert!(task.is_completed_successfully());
}

#[test]
fn syn_009_what_is_spawned_starts_without_a_context() {
    let ui = MessageLoop::new("ui");
    let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
    let seen = ui.run_until(async {
        assert_eq!(name().as_deref(), Some("ui"));
        Task::<Option<String>>::run(&smol, async { Ok(name()) }).await
    });
    assert_eq!(seen.unwrap(), None);
}

#[test]
fn syn_010_a_continuation_ignores_the_context() {
    let context = Context::default();
    let (source, input) = TaskCompletionSource::<u32>::pair();
    let next: Task<u32> = <dyn SynchronizationContext>::enter(Some(Arc::new(context.clone())), || {
        input.continue_with(ContinuationOptions::EXECUTE_SYNCHRONOUSLY, |_| Ok(1))
    });
    thread::spawn(move || source.set_result(1)).join().unwrap();
    assert!(next.is_completed());
    assert_eq!(context.posts(), 0);
}

/// There is no base context; `send` is inline on the context itself, and waits elsewhere.
#[test]
fn syn_011_send_is_inline_on_the_context_and_post_never_is() {
    let context = Context::default();
    let ran = Arc::new(AtomicUsize::new(0));
    let count = |ran: &Arc<AtomicUsize>| {
        let ran = ran.clone();
        Box::new(move || {
            ran.fetch_add(1, SeqCst);
        })
    };
    <dyn SynchronizationContext>::enter(Some(Arc::new(context.clone())), || {
        context.send(count(&ran)).unwrap();
        assert_eq!((ran.load(SeqCst), context.posts()), (1, 0));
        context.post(count(&ran)).unwrap();
        assert_eq!(ran.load(SeqCst), 1);
    });
    context.run();
    assert_eq!(ran.load(SeqCst), 2);
}

#[test]
fn syn_014_all_segments_run_on_the_pumps_thread_in_order() {
    let ui = MessageLoop::new("ui");
    let here = thread::current().id();
    let (local, handle) = (ui.local(), ui.handle());
    let seen = ui.run_until(async move {
        let mut seen = Vec::new();
        for step in 0..5 {
            delay(Duration::from_millis(1)).await;
            assert_eq!(thread::current().id(), here);
            seen.push(step);
        }
        let one: Task<bool> = local.run(async move {
            delay(Duration::from_millis(1)).await;
            Ok(thread::current().id() == here)
        });
        let two: Task<bool> = Task::run(&handle, async move {
            delay(Duration::from_millis(1)).await;
            Ok(thread::current().id() == here)
        });
        assert!(one.await.unwrap() && two.await.unwrap());
        seen
    });
    assert_eq!(seen, [0, 1, 2, 3, 4]);
}

/// .NET allows it only without a value; here the status comes instead of the outcome, whatever the type.
#[test]
fn syn_017_suppressed_errors_leave_the_status() {
    let waiter = Counter::new();
    let faulted = Task::<u32, &str>::from_error("bad");
    let source = CancellationTokenSource::new();
    source.cancel();
    let cancelled = Task::<u32, &str>::from_cancelled(&source.token());
    for (task, status) in [(faulted, TaskStatus::Faulted), (cancelled, TaskStatus::Cancelled)] {
        let mut wait = task.configure_await(ConfigureAwaitOptions::SUPPRESS_THROWING);
        assert_eq!(waiter.poll(&mut wait), Poll::Ready(status));
        assert_eq!(task.status(), status);
    }
}

#[test]
fn syn_018_forced_to_yield_it_is_pending_once() {
    let waiter = Counter::new();
    let task = Task::<u32, &str>::from_result(7);
    let mut wait = task.configure_await(ConfigureAwaitOptions::FORCE_YIELDING);
    assert!(waiter.poll(&mut wait).is_pending());
    assert_eq!(waiter.wakes(), 1);
    assert!(matches!(waiter.poll(&mut wait), Poll::Ready(Ok(7))));
}

#[test]
fn syn_020_the_same_token_cancels_all_the_way() {
    let source = CancellationTokenSource::new();
    source.cancel();
    let token = source.token();
    let ui = MessageLoop::new("ui");
    let inside = token.clone();
    let run: Task<u32> = Task::run(&ui.handle(), async move {
        inside.check()?;
        Ok(1)
    });
    let next = run.clone();
    let outer: Task<Task<u32>> = Task::from_result(next);
    let all = Task::when_all([run.clone()]);
    let flat = outer.flatten();
    ui.run_until(async {
        for error in [run.await.unwrap_err(), flat.await.unwrap_err()] {
            assert_eq!(error.cancelled().unwrap().token(), &token);
        }
        let error = all.await.unwrap_err();
        assert_eq!(error.cancelled().unwrap().token(), &token);
    });
}
