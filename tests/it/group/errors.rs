//! The first error cancels and comes first; later ones are kept apart.
use super::{Once, drive, settle};
use crate::support::{Counter, Jobs, Latch, panic_of};
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use taskcell::{BoxError, Cancelled, TaskError, TaskGroup, task_group};

#[test]
fn the_first_error_cancels_and_the_group_waits() {
    let (counter, latch) = (Counter::new(), Latch::new());
    let mut group = task_group(|mut group| {
        let latch = &latch;
        async move {
            let token = group.token();
            group.run(async move {
                token.cancelled().await;
                latch.reached(1).await;
                Ok::<_, BoxError>(())
            });
            let token = group.token();
            group.run(async move {
                token.cancelled().await;
                Err(Cancelled::new(token).into())
            });
            let token = group.token();
            group.run(async move {
                token.cancelled().await;
                Err("second".into())
            });
            group.run(async { Err("first".into()) });
            group.wait_all().await;
            assert!(group.token().is_cancelled());
            Err::<(), _>("body".into())
        }
    });
    settle(&counter, &mut group);
    latch.arrive();
    let error = drive(&mut group).unwrap_err();
    assert_eq!(error.iter().map(|(number, e)| (number, e.to_string())).collect::<Vec<_>>(), [(4, "first".to_owned())]);
    let secondary: Vec<_> = error.secondary().map(|(number, e)| (number, e.to_string())).collect();
    assert_eq!(secondary, [(0, "body".to_owned()), (3, "second".to_owned())]);
}

#[test]
fn the_bodys_error_cancels_and_is_number_zero() {
    let mut group = task_group(|group| {
        let token = group.token();
        group.run(async move {
            token.cancelled().await;
            Err::<(), _>("child")
        });
        async {
            Once(false).await;
            Err::<(), _>("body")
        }
    });
    let error = drive(&mut group).unwrap_err();
    assert_eq!((error.len(), error.first().fault()), (1, Some(&"body")));
    assert_eq!(error.iter().next().unwrap().0, 0);
    assert_eq!(error.secondary().next().unwrap().1.fault(), Some(&"child"));
}

/// Nothing takes the value then, but an error is never lost.
#[test]
fn an_error_after_the_bodys_end_fails_the_group() {
    let mut group = task_group(|group| {
        group.run(async {
            Once(false).await;
            Err::<(), _>("late")
        });
        async { Ok(1) }
    });
    assert_eq!(drive(&mut group).unwrap_err().first().fault(), Some(&"late"));
}

#[test]
fn children_that_have_not_begun_at_the_first_error_never_do() {
    let mut group = task_group(|mut group| async move {
        group.run(async { Err::<(), _>("first") });
        group.run(async { unreachable!("there was no room") });
        group.wait_all().await;
        group.run(async { unreachable!("it is cancelled") });
        Ok(())
    })
    .limit(1.try_into().unwrap());
    let error = drive(&mut group).unwrap_err();
    assert_eq!((error.len(), error.secondary().len()), (1, 0));
}

#[test]
fn children_that_have_not_begun_at_the_end_of_the_body_never_do() {
    for fails in [false, true] {
        let begun = AtomicUsize::new(0);
        let mut group = task_group(|group| {
            let handle = group.handle();
            for number in 0..5 {
                let (handle, begun) = (handle.clone(), &begun);
                group.run(async move {
                    assert_eq!((number, begun.fetch_add(1, SeqCst)), (0, 0), "for the others there was no room");
                    handle.run(async { unreachable!("the body has ended") }).unwrap();
                    if fails { Err("late") } else { Ok(()) }
                });
            }
            async { Ok(1) }
        })
        .limit(1.try_into().unwrap());
        let outcome = drive(&mut group);
        assert_eq!((outcome.is_err(), begun.load(SeqCst)), (fails, 1));
    }
}

/// What did not have to wait begins, whenever its executor comes to it.
#[test]
fn a_hot_child_that_had_room_begins_after_the_end_of_the_body() {
    for limit in [1, 2] {
        let (counter, jobs) = (Counter::new(), Jobs::new());
        let mut tasks = Vec::new();
        let mut group = task_group(|group: TaskGroup<(), ()>| {
            tasks.extend([(); 2].map(|()| group.spawn(&jobs, async { Ok(()) })));
            async { Ok(1) }
        })
        .limit(limit.try_into().unwrap());
        settle(&counter, &mut group);
        jobs.run();
        assert_eq!(drive(&mut group).unwrap(), 1);
        assert!(tasks[0].is_completed_successfully());
        assert_eq!(tasks[1].is_cancelled(), limit == 1);
    }
}

/// The body is never dropped while it is waited for: it sees the token.
#[test]
fn a_body_is_waited_for() {
    let (counter, latch) = (Counter::new(), Latch::new());
    let mut group = task_group(|group| {
        group.run(async { Err::<(), _>("child") });
        let latch = &latch;
        async move {
            group.token().cancelled().await;
            latch.reached(1).await;
            Ok(())
        }
    });
    settle(&counter, &mut group);
    latch.arrive();
    assert_eq!(drive(&mut group).unwrap_err().first().fault(), Some(&"child"));
}

#[test]
fn a_childs_panic_goes_to_the_caller_and_siblings_stay_until_the_drop() {
    let (counter, latch) = (Counter::new(), Latch::new());
    let held = latch.clone();
    let mut group = task_group(|group| {
        let token = group.token();
        group.run(async move {
            struct Tells(Latch, taskcell::CancellationToken);
            impl Drop for Tells {
                fn drop(&mut self) {
                    assert!(!self.1.is_cancelled(), "lazy children go before the token is cancelled");
                    self.0.arrive();
                }
            }
            let _tells = Tells(held, token);
            pending::<Result<(), ()>>().await
        });
        group.run(async { panic!("child") });
        pending::<Result<(), ()>>()
    });
    assert_eq!(panic_of(|| counter.poll(&mut group)), Some("child"));
    assert_eq!(latch.count(), 0);
    assert!(panic_of(|| counter.poll(&mut group)).is_some());
    drop(group);
    assert_eq!(latch.count(), 1);
}

#[test]
fn a_bodys_panic_goes_to_the_caller() {
    let counter = Counter::new();
    let mut group = task_group(|group: TaskGroup<(), ()>| async move {
        group.run(pending());
        Once(false).await;
        if group.in_progress() > 0 {
            panic!("body");
        }
        Ok(())
    });
    assert!(counter.poll(&mut group).is_pending());
    assert_eq!((panic_of(|| counter.poll(&mut group)), counter.wakes()), (Some("body"), 1));
    assert!(panic_of(|| counter.poll(&mut group)).is_some());
}

#[test]
fn a_body_that_panics_before_it_has_a_future_leaves_nothing() {
    let latch = Latch::new();
    let held = latch.clone();
    let mut token = None;
    let group = task_group(|group: TaskGroup<(), ()>| -> std::future::Pending<Result<(), ()>> {
        token = Some(group.token());
        let (handle, tells) = (group.handle(), crate::support::Dropped::new());
        group.run(async move {
            let _in_a_circle = (handle, tells);
            Ok(())
        });
        let _held = held;
        panic!("body")
    });
    let mut group = group;
    assert_eq!(panic_of(|| Counter::new().poll(&mut group)), Some("body"));
    drop(group);
    assert!(token.unwrap().is_cancelled());
}

#[test]
fn of_a_parents_cancellation_the_first_is_listed() {
    let source = taskcell::CancellationTokenSource::new();
    let mut group = task_group(|mut group: TaskGroup<(), BoxError>| {
        let source = &source;
        async move {
            for _ in 0..3 {
                let token = group.token();
                group.run(async move {
                    token.cancelled().await;
                    Ok(token.check()?)
                });
            }
            Once(false).await;
            source.cancel();
            group.wait_all().await;
            Ok(())
        }
    })
    .token(&source.token());
    let error = drive(&mut group).unwrap_err();
    assert!(matches!(error.first(), TaskError::Cancelled(_)));
    assert_eq!((error.len(), error.secondary().len()), (1, 0));
}
