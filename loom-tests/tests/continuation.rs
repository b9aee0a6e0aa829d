//! Models of what continues a task, and of what takes it back.
#![cfg(loom)]

use loom::thread::spawn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};
use taskcell::{
    BoxFuture, CancellationTokenSource, CompletionRegistration, ContinuationOptions, Inline, Task, TaskStatus,
};
use taskcell_loom_tests::cells::{Source, Value, number, value};
use taskcell_loom_tests::{Bound, Drops, model, name};

const INLINE: ContinuationOptions<Inline> = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;

/// Counts calls; no part of the model.
#[derive(Clone, Default)]
struct Calls(Arc<AtomicUsize>);

impl Calls {
    fn count(&self) -> usize {
        self.0.load(SeqCst)
    }

    /// Something to be called with a task that has ended with 1, or was abandoned.
    fn expect(&self, drops: &Drops) -> impl FnOnce(&Task<Value, ()>) + Send + 'static + use<> {
        let (calls, tracked) = (self.0.clone(), drops.track());
        move |task| {
            let _tracked = &tracked;
            assert_ne!(number(task.try_result().expect("it has ended")), Some(2));
            calls.fetch_add(1, SeqCst);
        }
    }
}

/// A continuation that takes over a number.
fn copy(task: &Task<Value, ()>) -> Result<u32, ()> {
    number(task.try_result().expect("it has ended")).ok_or(())
}

/// A callback is called once: by whoever sets, or where it is added.
#[test]
fn callback_against_set() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, calls, (source, task)) = (Drops::new(), Calls::default(), Source::pair());
        let callback = calls.expect(&drops);
        let other = spawn(move || task.on_completed(callback).detach());
        source.set_result(value(&drops, 1));
        other.join().unwrap();
        assert_eq!(calls.count(), 1);
        drop(source);
        assert_eq!(drops.live(), 0);
    });
}

/// Taken back, it is never called; otherwise once.
#[test]
fn callback_taken_back_against_set() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, calls, (source, task)) = (Drops::new(), Calls::default(), Source::pair());
        let mut registration: CompletionRegistration<_, _> = task.on_completed(calls.expect(&drops));
        let other = spawn(move || registration.unregister());
        source.set_result(value(&drops, 1));
        let removed = other.join().unwrap();
        assert_eq!(calls.count(), usize::from(!removed));
        drop((source, task));
        assert_eq!(drops.live(), 0);
    });
}

/// The same where the source goes for good without ending the task: whoever comes first drops the callback.
#[test]
fn callback_taken_back_against_leaving_pending() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, calls, (source, task)) = (Drops::new(), Calls::default(), Source::pair());
        let registration = task.on_completed(calls.expect(&drops));
        let other = spawn(move || drop(registration));
        source.leave_pending();
        other.join().unwrap();
        assert_eq!((calls.count(), drops.live()), (0, 0));
        drop(task);
    });
}

/// A continuation that is added while the task ends takes the outcome over.
#[test]
fn continuation_against_set() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, (source, task)) = (Drops::new(), Source::pair());
        let other = spawn(move || task.continue_with(INLINE, copy));
        source.set_result(value(&drops, 1));
        let next = other.join().unwrap();
        assert_eq!(next.try_result().map(Result::ok), Some(Some(&1)));
        drop(source);
        assert_eq!(drops.live(), 0);
    });
}

/// And while the last source goes.
#[test]
fn continuation_against_the_last_source() {
    model(name!(), Bound::Exhaustive, || {
        let (source, task) = Source::pair();
        let other = spawn(move || task.continue_with(INLINE.only_on_faulted(), copy));
        drop(source);
        let next = other.join().unwrap();
        assert_eq!(next.status(), TaskStatus::Faulted);
    });
}

/// A chain goes from both ends: whoever looks goes while the source does.
#[test]
fn chain_against_its_last_handle() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, (source, task)) = (Drops::new(), Source::pair());
        let (first, second) = (drops.track(), drops.track());
        let next = task.finally(move || drop(first)).finally(move || drop(second));
        drop(task);
        let other = spawn(move || drop(next));
        drop(source);
        other.join().unwrap();
        assert_eq!(drops.live(), 0);
    });
}

/// A value is moved out by the only handle, or not at all: never while a continuation reads it.
#[test]
fn moved_out_against_a_continuation_that_reads() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, (source, task)) = (Drops::new(), Source::pair());
        let next = task.continue_with(INLINE, copy);
        let other = spawn(move || {
            source.set_result(value(&drops, 1));
            drop(source);
            drops
        });
        if let Ok(Ok(value)) = task.try_unwrap() {
            value.0.read();
            value.0.write();
        }
        let drops = other.join().unwrap();
        assert_eq!(next.try_result().map(Result::ok), Some(Some(&1)));
        assert_eq!(drops.live(), 0);
    });
}

/// What a token cancels or the task's end starts, but never both.
#[test]
fn token_against_the_end() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, (source, task)) = (Drops::new(), Source::pair());
        let (cancel, tracked) = (CancellationTokenSource::new(), drops.track());
        let next: Task<u32, ()> = task.continue_with(INLINE.with_token(cancel.token()), move |task| {
            drop(tracked);
            copy(task)
        });
        drop(task);
        let canceller = cancel.clone();
        let other = spawn(move || canceller.cancel());
        source.set_result(value(&drops, 1));
        assert!(other.join().unwrap());
        match next.try_result().expect("one of them ended it") {
            Ok(number) => assert_eq!(number, &1),
            Err(error) => assert!(error.is_cancelled()),
        }
        assert_eq!(cancel.token().listeners(), 0);
        drop(source);
        assert_eq!(drops.live(), 0);
    });
}

/// The token is cancelled while the continuation is made: its entry in the task's line goes in every order.
#[test]
fn token_against_the_making() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, (source, task)) = (Drops::new(), Source::pair());
        let (cancel, tracked) = (CancellationTokenSource::new(), drops.track());
        let token = cancel.token();
        let other = spawn(move || cancel.cancel());
        let next: Task<u32, ()> = task.continue_with(INLINE.with_token(token), move |_| {
            drop(tracked);
            unreachable!("the task has not ended")
        });
        assert!(other.join().unwrap());
        assert!(next.is_cancelled());
        assert_eq!((task.listeners(), drops.live()), (0, 0));
        drop(source);
    });
}

/// Parcels of callbacks, opened by hand.
#[derive(Clone, Default)]
struct Parcels(Arc<Mutex<Vec<BoxFuture<'static, ()>>>>);

impl Parcels {
    fn take(&self) -> Vec<BoxFuture<'static, ()>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Callbacks that run elsewhere see the outcome there, and keep it until then.
#[test]
fn callbacks_elsewhere_against_a_late_one() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, calls, parcels) = (Drops::new(), Calls::default(), Parcels::default());
        let sent = parcels.clone();
        let spawner = move |future| sent.0.lock().unwrap_or_else(PoisonError::into_inner).push(future);
        let source = Source::run_continuations_on(spawner);
        let task = source.task();
        task.on_completed(calls.expect(&drops)).detach();
        let late = calls.expect(&drops);
        let other = spawn(move || task.on_completed(late).detach());
        source.set_result(value(&drops, 1));
        drop(source);
        let parcels = parcels.take();
        assert_eq!(parcels.len(), 1);
        spawn(move || drop(parcels)).join().unwrap();
        other.join().unwrap();
        assert_eq!((calls.count(), drops.live()), (2, 0));
    });
}
