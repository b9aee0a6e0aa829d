//! Models of the line of a cell: whoever comes later is told later, whoever goes meanwhile. Under loom a head has two
//! slots, and so has each word behind it.
#![cfg(loom)]

use loom::thread::spawn;
use std::task::Poll;
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
    model(name!(), Bound::Preemptions(3), || {
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

/// Behind a full head somebody comes while the task ends or is left pending: he is told at once, or in time.
fn growth_against(go: fn(Source), told: bool) {
    let (source, task, order, waiters) = line(2);
    let (waker, mut future) = (order.waker(3), task.into_future());
    let other = spawn(move || match poll_once(&mut future, &waker) {
        Poll::Ready(outcome) => {
            assert_eq!(outcome.ok(), Some(7));
            None
        }
        Poll::Pending => Some(future),
    });
    go(source);
    let waits = other.join().unwrap();
    let all: &[u32] = if !told {
        assert!(waits.is_some());
        &[]
    } else if waits.is_some() {
        &[1, 2, 3]
    } else {
        &[1, 2]
    };
    assert_eq!(order.seen(), all);
    drop((waiters, waits));
}

/// It ends.
#[test]
fn growth_against_set() {
    model(name!(), Bound::Preemptions(3), || growth_against(|source| source.set_result(7), true));
}

/// Who comes behind a full head looks by reference, and goes again: if he is told, he sees the value.
#[test]
fn growth_by_reference_against_set() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, task, order, waiters) = line(2);
        let waker = order.waker(3);
        let other = spawn(move || {
            if let Poll::Ready(outcome) = poll_once(&mut (&task).into_future(), &waker) {
                assert_eq!(outcome.ok(), Some(&7));
            }
        });
        source.set_result(7);
        other.join().unwrap();
        assert_eq!(order.seen()[..2], [1, 2]);
        drop(waiters);
    });
}

/// It is left pending.
#[test]
fn growth_against_leave_pending() {
    model(name!(), Bound::Preemptions(3), || growth_against(Source::leave_pending, false));
}

/// Somebody who waits behind others goes while the task ends: he is woken or not, the others in order.
fn removal_against_set(before: u32, goes: u32) {
    let (source, _, order, mut waiters) = line(before);
    let gone = waiters.remove(goes as usize - 1);
    let other = spawn(move || drop(gone));
    source.set_result(7);
    other.join().unwrap();
    let told: Vec<_> = order.seen().into_iter().filter(|number| *number != goes).collect();
    assert_eq!(told, (1..=before).filter(|number| *number != goes).collect::<Vec<_>>());
    drop(waiters);
}

/// In the head, behind which others stand.
#[test]
fn removal_in_the_head_against_set() {
    model(name!(), Bound::Exhaustive, || removal_against_set(3, 1));
}

/// In a group.
#[test]
fn removal_in_a_group_against_set() {
    model(name!(), Bound::Preemptions(3), || removal_against_set(4, 3));
}

/// An entry with a number is removed, or gets another waker, while the task ends.
fn numbered(change: fn(Waiter, &Order) -> Option<Waiter>) -> Vec<u32> {
    let (source, task, order, mut waiters) = line(3);
    drop(waiters.remove(0));
    waiters.push(waiting(&task, &order, 4));
    let (theirs, last) = (order.clone(), waiting(&task, &order, 5));
    drop(task);
    let other = spawn(move || change(last, &theirs));
    source.set_result(7);
    drop((other.join().unwrap(), waiters));
    order.seen()
}

/// It is removed.
#[test]
fn removal_of_a_numbered_one_against_set() {
    model(name!(), Bound::Exhaustive, || {
        let seen = numbered(|future, _| {
            drop(future);
            None
        });
        assert!(seen == [2, 3, 4] || seen == [2, 3, 4, 5]);
    });
}

/// It gets another waker, and keeps its place.
#[test]
fn replacement_of_a_numbered_one_against_set() {
    model(name!(), Bound::Exhaustive, || {
        let seen = numbered(|mut future, order| poll_once(&mut future, &order.waker(6)).is_pending().then_some(future));
        assert!(matches!(seen[..], [2, 3, 4] | [2, 3, 4, 5 | 6]), "{seen:?}");
    });
}

/// Somebody goes and the task ends, while somebody comes who finds disorder when he has a slot already.
#[test]
fn removal_and_set_against_claim() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, task, order, mut waiters) = line(3);
        let gone = waiters.remove(0);
        let (waker, mut future) = (order.waker(4), task.into_future());
        let other = spawn(move || poll_once(&mut future, &waker).is_pending().then_some(future));
        drop(gone);
        source.set_result(7);
        let waits = other.join().unwrap();
        assert_eq!(order.seen(), if waits.is_some() { &[2, 3, 4][..] } else { &[2, 3] });
        drop((waiters, waits));
    });
}
