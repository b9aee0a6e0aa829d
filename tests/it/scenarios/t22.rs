//! T22: a fault that nobody saw is reported once; one that somebody saw, never.
use crate::support::unobserved;
use std::thread;
use taskcell::fault::FaultKind;
use taskcell::{CancellationToken, Task, TaskCompletionSource};

type Source<T> = TaskCompletionSource<T, &'static str>;

/// Faults a task of `T`, hands it to `look`, and says what was reported when all handles had gone.
fn reported<T: Default + 'static>(look: impl FnOnce(Task<T, &'static str>)) -> Vec<(FaultKind, Option<String>)> {
    unobserved::watch();
    let (source, task) = Source::<T>::pair();
    let clone = task.clone();
    source.set_error("t22");
    drop(source);
    look(task);
    drop(clone);
    unobserved::of::<T>()
}

macro_rules! kinds {
    ($($name:ident),*) => {$(
        #[derive(Clone, Debug, Default)]
        struct $name;
    )*};
}
kinds!(
    Late, Twice, Unmoved, Again, Dropped, Status, Ignored, Read, Awaited, ByValue, Settled, Polled, Elsewhere, Shared,
    Reset, Abandoned
);

#[test]
fn unseen() {
    assert_eq!(reported::<Dropped>(drop), [(FaultKind::Faulted, Some("t22".into()))]);
    assert_eq!(reported::<Status>(|task| assert!(task.is_faulted())).len(), 1);
}

#[test]
fn a_waiter_that_goes_has_seen_nothing() {
    unobserved::watch();
    let (source, task) = Source::<Polled>::pair();
    let mut wait = (&task).into_future();
    assert!(crate::support::Counter::new().poll(&mut wait).is_pending());
    source.set_error("t22");
    drop(wait);
    drop((source, task));
    assert_eq!(unobserved::of::<Polled>().len(), 1);
}

#[test]
fn seen() {
    assert!(reported::<Ignored>(Task::ignore).is_empty());
    assert!(reported::<Read>(|task| assert!(task.try_result().is_some())).is_empty());
    assert!(reported::<Awaited>(|task| assert!(smol::block_on((&task).into_future()).is_err())).is_empty());
    assert!(reported::<ByValue>(|task| assert!(smol::block_on(async { task.await.is_err() }))).is_empty());
    assert!(
        reported::<Settled>(|task| {
            smol::block_on(task.settled());
        })
        .is_empty()
    );
    assert!(reported::<Elsewhere>(|task| thread::spawn(move || task.ignore()).join().unwrap()).is_empty());
}

#[test]
fn who_shares_a_fault_owes_it() {
    unobserved::watch();
    let (source, copy) = Source::<Shared>::pair();
    let fault = Task::from_error("t22");
    assert!(source.try_set_from_task(&fault));
    drop((source, fault));
    assert!(unobserved::of::<Shared>().is_empty());
    drop(copy);
    assert_eq!(unobserved::of::<Shared>(), [(FaultKind::Faulted, Some("t22".into()))]);
}

#[test]
fn a_fault_that_could_not_be_shared_is_still_owed() {
    unobserved::watch();
    let (source, task) = Source::<Late>::pair();
    source.set_result(Late);
    let fault = Task::from_error("t22");
    assert!(!source.try_set_from_task(&fault));
    drop((fault, source, task));
    assert_eq!(unobserved::of::<Late>().len(), 1);
}

#[test]
fn a_fault_that_is_shared_twice_is_owed_once() {
    unobserved::watch();
    let (first, one) = Source::<Twice>::pair();
    let (second, two) = Source::<Twice>::pair();
    let fault = Task::from_error("t22");
    assert!(first.try_set_from_task(&fault));
    assert!(second.try_set_from_task(&one));
    drop((first, second, fault, one, two));
    assert_eq!(unobserved::of::<Twice>().len(), 1);
}

#[test]
fn a_shared_fault_that_cannot_be_moved_out_is_still_owed() {
    unobserved::watch();
    let (source, task) = Source::<Unmoved>::pair();
    let fault = Task::from_error("t22");
    assert!(source.try_set_from_task(&fault));
    drop(source);
    let back = task.clone();
    let task = task.try_unwrap().unwrap_err();
    assert_eq!(task, back);
    drop(back);
    let task = task.try_unwrap().unwrap_err();
    assert_ne!(task, fault);
    drop((fault, task));
    assert_eq!(unobserved::of::<Unmoved>().len(), 1);
    let (source, task) = Source::<Unmoved>::pair();
    assert!(source.try_set_from_task(&Task::from_result(Unmoved)));
    drop(source);
    assert!(task.try_unwrap().unwrap().is_ok());
}

#[test]
fn a_cell_that_is_used_again_forgets_what_was_seen() {
    unobserved::watch();
    let mut source = Source::<Again>::new();
    let task = source.task();
    let mut waits: Vec<_> = (0..3).map(|_| (&task).into_future()).collect();
    for wait in &mut waits {
        assert!(crate::support::Counter::new().poll(wait).is_pending());
    }
    drop(waits);
    task.ignore();
    assert!(source.try_reset());
    let task = source.task();
    source.set_error("t22");
    drop((source, task));
    assert_eq!(unobserved::of::<Again>().len(), 1);
}

#[test]
fn a_cell_that_is_used_again_reports_first() {
    unobserved::watch();
    let mut source = Source::<Reset>::new();
    source.set_error("t22");
    assert!(source.try_reset());
    assert_eq!(unobserved::of::<Reset>().len(), 1);
    source.set_result(Reset);
}

#[test]
fn an_abandoned_task_is_a_fault_and_a_cancelled_one_is_none() {
    unobserved::watch();
    // Nobody has the task: there is nothing to abandon.
    let (source, task) = Source::<Abandoned>::pair();
    drop(task);
    drop(source);
    assert!(unobserved::of::<Abandoned>().is_empty());
    let (source, task) = Source::<Abandoned>::pair();
    drop(source);
    drop(task);
    let (source, task) = Source::<Abandoned>::pair();
    source.set_cancelled(&CancellationToken::NONE);
    drop(task);
    assert_eq!(unobserved::of::<Abandoned>(), [(FaultKind::Abandoned, None)]);
}
