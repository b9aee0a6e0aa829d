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
        #[derive(Clone, Default)]
        struct $name;
    )*};
}
kinds!(Dropped, Status, Ignored, Read, Awaited, ByValue, Settled, Polled, Elsewhere, Shared, Reset, Abandoned);

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
