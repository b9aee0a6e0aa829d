//! Futures that wait, and their wakers.
use super::Waiting;
use super::tokio_util::sync::CancellationToken;
use crate::support::Counter;
use std::pin::Pin;

type Wait<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Runs a case with the future that borrows, and with the one that owns.
fn both(case: impl Fn(&CancellationToken, &dyn Fn(&CancellationToken) -> Waiting<Wait<'static>>)) {
    case(&CancellationToken::new(), &|token| {
        let token = token.clone();
        Waiting::new(Box::pin(async move { token.cancelled().await }))
    });
    case(&CancellationToken::new(), &|token| Waiting::new(Box::pin(token.clone().cancelled_owned())));
}

#[test]
fn a_wait_ends_with_a_cancel() {
    both(|token, wait| {
        let (mut begun, mut late, mut later) = (wait(token), wait(token), wait(token));
        assert!(begun.poll().is_pending());
        token.cancel();
        assert_eq!((begun.wakes(), late.wakes()), (1, 0));
        begun.output();
        late.output();
        token.cancel();
        later.output();
        wait(token).output();
        assert_eq!((begun.wakes(), begun.waker.held()), (1, 0));
        assert_eq!((late.wakes(), late.waker.held()), (0, 0));
    });
}

#[test]
fn many_waits_are_each_woken_once() {
    both(|token, wait| {
        let mut waits: Vec<_> = (0..200).map(|_| wait(token)).collect();
        assert!(waits.iter_mut().all(|wait| wait.poll().is_pending()));
        assert!(waits.iter_mut().step_by(3).all(|wait| wait.poll().is_pending()));
        token.cancel();
        token.cancel();
        for wait in &mut waits {
            assert_eq!((wait.wakes(), wait.waker.held()), (1, 0));
            wait.output();
        }
    });
}

#[test]
fn the_last_waker_is_the_one() {
    both(|token, wait| {
        let (first, mut wait) = (Counter::new(), wait(token));
        assert!(first.poll(&mut wait.future).is_pending());
        assert_eq!(first.held(), 1);
        assert!(wait.poll().is_pending());
        assert_eq!((first.held(), wait.waker.held()), (0, 1));
        token.cancel();
        assert_eq!((first.wakes(), wait.wakes()), (0, 1));
    });
}

#[test]
fn the_same_waker_is_kept() {
    both(|token, wait| {
        let mut wait = wait(token);
        for _ in 0..10 {
            assert!(wait.poll().is_pending());
            assert_eq!(wait.waker.held(), 1);
        }
        token.cancel();
        assert_eq!(wait.wakes(), 1);
    });
}

#[test]
fn what_is_dropped_is_not_woken_and_leaves_nothing() {
    both(|token, wait| {
        let mut waits: Vec<_> = (0..50).map(|_| wait(token)).collect();
        assert!(waits.iter_mut().all(|wait| wait.poll().is_pending()));
        let gone: Vec<_> = (0..25).map(|at| waits.remove(at)).map(|wait| wait.waker).collect();
        assert!(gone.iter().all(|waker| waker.held() == 0));
        token.cancel();
        assert!(gone.iter().all(|waker| waker.wakes() == 0));
        assert!(waits.iter().all(|wait| wait.wakes() == 1));
    });
}

#[test]
fn unpolled_waits_have_no_waker() {
    both(|token, wait| {
        let unpolled = wait(token);
        token.cancel();
        assert_eq!((unpolled.wakes(), unpolled.waker.held()), (0, 0));
    });
}

#[test]
fn polled_again_it_is_ready_again() {
    let token = CancellationToken::new();
    let (mut wait, mut owned) = (Waiting::begun(token.cancelled()), Waiting::begun(token.clone().cancelled_owned()));
    token.cancel();
    for _ in 0..3 {
        wait.output();
        owned.output();
    }
    assert_eq!((wait.wakes(), owned.wakes()), (1, 1));
}

#[test]
fn nobody_wakes_who_waits_for_a_token_that_is_gone() {
    both(|token, wait| {
        let (child, orphan) = (token.child_token(), CancellationToken::new().child_token());
        let mut waits = [wait(&child), wait(&orphan), wait(&CancellationToken::new())];
        drop((child, orphan));
        for _ in 0..3 {
            assert!(waits.iter_mut().all(|wait| wait.poll().is_pending()));
        }
        // The first still has a parent.
        token.cancel();
        assert_eq!(waits.each_ref().map(Waiting::wakes), [1, 0, 0]);
        waits[0].output();
        assert!(waits[1].poll().is_pending() && waits[2].poll().is_pending());
        let wakers = waits.map(|wait| wait.waker);
        assert!(wakers.iter().all(|waker| waker.held() == 0));
    });
}

#[test]
fn an_owning_wait_is_dropped_at_any_point() {
    for cancel in [false, true] {
        for polls in 0..3 {
            let token = CancellationToken::new();
            let mut wait = Waiting::new(token.clone().cancelled_owned());
            for _ in 0..polls {
                assert!(wait.poll().is_pending());
            }
            if cancel {
                token.cancel();
            }
            let waker = wait.waker.clone();
            drop(wait);
            assert_eq!((waker.held(), waker.wakes()), (0, usize::from(cancel && polls > 0)));
            assert_eq!(token.is_cancelled(), cancel);
        }
    }
}

#[test]
fn one_waker_for_many_waits() {
    let (waker, token) = (Counter::new(), CancellationToken::new());
    let mut waits: Vec<_> = (0..70).map(|_| Box::pin(token.cancelled())).collect();
    assert!(waits.iter_mut().all(|wait| waker.poll(wait).is_pending()));
    assert_eq!(waker.held(), 70);
    token.cancel();
    assert_eq!((waker.wakes(), waker.held()), (70, 0));
    assert!(waits.iter_mut().all(|wait| waker.poll(wait).is_ready()));
}
