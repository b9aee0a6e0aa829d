//! `Task::when_any`: who is first; the others keep nothing; who sees which fault.

use crate::support::*;
use std::cell::Cell;
use std::rc::Rc;
use taskcell::fault::FaultKind;
use taskcell::{CancellationToken, Empty, Task, TaskCompletionSource, TaskStatus};

type Source<T = u32> = TaskCompletionSource<T, &'static str>;

fn sources<T: 'static>(n: usize) -> (Vec<Source<T>>, Vec<Task<T, &'static str>>) {
    (0..n).map(|_| Source::pair()).unzip()
}

#[test]
fn the_first_to_end_and_its_index() {
    for n in [1, 2, 3, 4, 5, 10, 100] {
        for first in [0, n / 2, n - 1] {
            let (sources, tasks) = sources(n);
            let any = Task::when_any(tasks.clone());
            assert_eq!(any.status(), TaskStatus::Pending);
            assert!(tasks.iter().all(|task| task.listeners() == 1));
            sources[first].set_result(7);
            assert!(tasks.iter().all(|task| task.listeners() == 0), "no entry is left with the others");
            sources.iter().enumerate().filter(|(i, _)| *i != first).for_each(|(_, source)| source.set_result(8));
            let (index, winner) = any.try_result().unwrap().unwrap();
            assert_eq!((*index, winner), (first, &tasks[first]));
        }
    }
}

#[test]
fn the_first_in_the_list_of_those_that_have_ended() {
    let (source, pending) = Source::pair();
    let (a, b) = (Task::from_error("a"), Task::from_result(2));
    let any = Task::when_any([pending.clone(), a.clone(), b]);
    let (index, winner) = any.try_unwrap().unwrap().unwrap();
    assert_eq!((index, &winner), (1, &a));
    assert_eq!(pending.listeners(), 0);
    winner.ignore();
    drop(source);
}

/// However many they are, and wherever two stand that have ended.
#[test]
fn the_first_in_a_list_of_any_length() {
    for (n, first) in (1..10).flat_map(|n| (0..n).map(move |first| (n, first))) {
        let (sources, tasks) = sources(n);
        sources[n - 1].set_result(1);
        sources[first].try_set_result(2).ok();
        let any = Task::when_any(tasks.clone().into_iter().filter(|_| true));
        let (index, winner) = any.try_unwrap().unwrap().unwrap();
        assert_eq!((index, &winner), (first, &tasks[first]));
        assert!(tasks.iter().all(|task| task.listeners() == 0), "no other is touched");
    }
}

#[test]
fn none_at_all() {
    let any = Task::<u32>::when_any([]);
    let error = any.try_result().unwrap().unwrap_err();
    assert_eq!(error.fault(), Some(&Empty));
    assert_eq!(error.to_string(), "there is nothing to wait for");
}

#[test]
fn it_has_a_value_whatever_the_first_has() {
    let (sources, tasks) = sources::<u32>(2);
    let any = Task::when_any(tasks.clone());
    sources[1].set_cancelled(&CancellationToken::NONE);
    assert!(any.try_result().unwrap().unwrap().1.is_cancelled());
    let any = Task::when_any(tasks[..1].to_vec());
    drop(sources);
    assert!(any.try_result().unwrap().unwrap().1.try_result().unwrap().unwrap_err().is_abandoned());
}

#[test]
fn one_task_in_several_places() {
    for first in 0..3 {
        let (sources, tasks) = sources::<u32>(2);
        let list = [tasks[0].clone(), tasks[1].clone(), tasks[0].clone()];
        let any = Task::when_any(list.clone());
        assert_eq!(tasks[0].listeners(), 2);
        sources[first % 2].set_result(7);
        let (index, winner) = any.try_result().unwrap().unwrap();
        assert_eq!((*index, winner), (first % 2, &list[first]));
        assert_eq!((tasks[0].listeners(), tasks[1].listeners()), (0, 0));
    }
    let (source, task) = Source::<u32>::pair();
    drop(Task::when_any(vec![task.clone(); 100]));
    assert_eq!(task.listeners(), 0);
    source.set_result(1);
}

#[test]
fn pending_for_good_only_if_all_are() {
    for before in [true, false] {
        let (mut sources, tasks) = sources::<u32>(3);
        let last = sources.pop().unwrap();
        let leave = |sources: Vec<Source>| sources.into_iter().for_each(Source::leave_pending);
        let (any, none);
        if before {
            leave(sources);
            (any, none) = (Task::when_any(tasks.clone()), Task::when_any(tasks[..2].to_vec()));
        } else {
            (any, none) = (Task::when_any(tasks.clone()), Task::when_any(tasks[..2].to_vec()));
            leave(sources);
        }
        assert_eq!(any.status(), TaskStatus::Pending);
        last.set_result(7);
        assert_eq!(any.try_result().unwrap().unwrap().0, 2);
        assert_eq!(none.status(), TaskStatus::Pending);
        // What waits for it is left, too.
        let (outer, nested) = TaskCompletionSource::<_, Empty>::pair();
        outer.set_result(none);
        assert_eq!(nested.flatten().status(), TaskStatus::Pending);
    }
}

#[test]
fn dropped_it_is_taken_out_of_all() {
    let (sources, tasks) = sources::<u32>(100);
    let (any, second) = (Task::when_any(tasks.clone()), Task::when_any(tasks.clone()));
    drop(any.clone());
    assert!(tasks.iter().all(|task| task.listeners() == 2));
    drop(any);
    assert!(tasks.iter().all(|task| task.listeners() == 1));
    drop(second.into_future());
    assert!(tasks.iter().all(|task| task.listeners() == 0));
    drop(tasks);
    assert!(sources.iter().all(Source::is_closed));
}

#[test]
fn the_value_need_not_be_clone_or_shared_with_threads() {
    let (source, task) = TaskCompletionSource::<Rc<Cell<u32>>>::pair();
    let any = Task::when_any([task]);
    source.set_result(Rc::new(Cell::new(7)));
    drop(source);
    let (_, winner) = any.try_unwrap().unwrap().unwrap();
    assert_eq!(winner.try_unwrap().unwrap().unwrap().get(), 7);
}

#[test]
fn a_completed_task_may_be_left_out_and_the_rest_waited_for() {
    let (sources, tasks) = sources(5);
    let (mut left, mut order) = (tasks, Vec::new());
    let mut picks = [3, 0, 4, 1, 2].into_iter();
    while !left.is_empty() {
        let any = Task::when_any(left.iter().cloned());
        sources[picks.next().unwrap()].set_result(order.len());
        let (index, winner) = smol::block_on(any.into_future()).unwrap();
        order.push(*winner.try_result().unwrap().unwrap());
        assert_eq!(left.remove(index), winner);
    }
    assert_eq!(order, [0, 1, 2, 3, 4]);
}

struct Loser;
struct Winner;
struct Seen;

#[test]
fn it_sees_no_fault() {
    unobserved::watch();
    let (winner, task) = Source::<Loser>::pair();
    let (loser, other) = Source::<Loser>::pair();
    let any = Task::when_any([task, other]);
    winner.set_result(Loser);
    drop(any);
    loser.set_error("late");
    drop((winner, loser));
    assert_eq!(unobserved::of::<Loser>(), [(FaultKind::Faulted, Some("late".into()))]);

    drop(Task::when_any([Task::<Winner, _>::from_error("first")]));
    assert_eq!(unobserved::of::<Winner>(), [(FaultKind::Faulted, Some("first".into()))]);

    let any = Task::when_any([Task::<Seen, _>::from_error("seen")]);
    assert!(any.try_result().unwrap().unwrap().1.try_result().is_some());
    drop(any);
    assert_eq!(unobserved::of::<Seen>(), []);
}
