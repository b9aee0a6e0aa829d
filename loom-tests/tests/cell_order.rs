//! Models of the line of a cell: whoever comes later is told later, whoever goes meanwhile. Under loom a head has two
//! slots, and so has each word behind it.
#![cfg(loom)]

use loom::thread::spawn;
use taskcell::{Task, TaskCompletionSource, WaitForOutcome};
use taskcell_loom_tests::{Bound, Order, model, name, poll_once};

type Source = TaskCompletionSource<u32, ()>;
type Waiter = WaitForOutcome<u32, ()>;

/// Somebody who waits, and notes his number when he is woken.
fn waiting(task: &Task<u32, ()>, order: &Order, number: u32) -> Waiter {
    let mut future = task.clone().into_future();
    assert!(poll_once(&mut future, &order.waker(number)).is_pending());
    future
}

/// So many stand in the line from 1 on.
fn line(number: u32) -> (Source, Task<u32, ()>, Order, Vec<Waiter>) {
    let (order, (source, task)) = (Order::new(), Source::pair());
    let waiters = (1..=number).map(|n| waiting(&task, &order, n)).collect();
    (source, task, order, waiters)
}

/// Of so many in the line one goes, while so many others come, one after the other.
fn removal_against_claims(before: u32, goes: u32, come: u32) {
    let (source, task, order, mut waiters) = line(before);
    let gone = waiters.remove(goes as usize - 1);
    let (seen, theirs) = (order.clone(), task.clone());
    let other = spawn(move || (1..=come).map(|n| waiting(&theirs, &seen, before + n)).collect::<Vec<_>>());
    drop(gone);
    let came = other.join().unwrap();
    source.set_result(7);
    let told: Vec<_> = (1..=before + come).filter(|n| *n != goes).collect();
    assert_eq!(order.seen(), told);
    drop((waiters, came, task));
}

/// The first of two in the head goes: nobody gets in front of the second.
#[test]
fn removal_in_the_head_against_claim() {
    model(name!(), Bound::Preemptions(3), || removal_against_claims(2, 1, 1));
}

/// Two come.
#[test]
fn removal_in_the_head_against_two_claims() {
    model(name!(), Bound::Preemptions(3), || removal_against_claims(2, 1, 2));
}

/// The second of two in the head goes, while two come: the first of them goes on to the groups.
#[test]
fn removal_of_the_last_in_the_head_against_two_claims() {
    model(name!(), Bound::Preemptions(3), || removal_against_claims(2, 2, 2));
}

/// The only one goes: the note of disorder is never taken away from somebody who needs it.
#[test]
fn removal_of_the_only_one_against_two_claims() {
    model(name!(), Bound::Preemptions(3), || removal_against_claims(1, 1, 2));
}

/// One in the head goes, behind which others stand.
#[test]
fn removal_in_front_of_a_group_against_claim() {
    model(name!(), Bound::Preemptions(3), || removal_against_claims(3, 2, 1));
}

/// The first of two in a group goes: whoever gets his slot sees the note.
#[test]
fn removal_in_a_group_against_claim() {
    model(name!(), Bound::Preemptions(3), || removal_against_claims(4, 3, 1));
}

/// Two come.
#[test]
fn removal_in_a_group_against_two_claims() {
    model(name!(), Bound::Preemptions(3), || removal_against_claims(4, 3, 2));
}

/// One comes and goes while another comes, who may get his slot.
#[test]
fn slot_used_again_against_claim() {
    model(name!(), Bound::Exhaustive, || {
        let (source, task, order, _) = line(0);
        let (seen, theirs) = (order.clone(), task.clone());
        let other = spawn(move || {
            drop(waiting(&theirs, &seen, 1));
            drop(waiting(&theirs, &seen, 1));
        });
        let future = waiting(&task, &order, 2);
        other.join().unwrap();
        source.set_result(7);
        assert_eq!(order.seen(), [2]);
        drop((future, task));
    });
}
