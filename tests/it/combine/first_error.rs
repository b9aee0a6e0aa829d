//! `when_all_or_first_error`: the root first, what it caused apart, nothing left behind.

use std::cell::RefCell;
use std::future::{Future, pending, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use taskcell::{CancellationToken, CancellationTokenSource, when_all_or_first_error};

use crate::children::{child, places};
use crate::support::{Counter, panic_of};

type Work<'a> = Pin<Box<dyn Future<Output = Result<usize, String>> + 'a>>;

/// Pending until its token is cancelled, an error then.
fn told<'a>(token: CancellationToken, index: usize) -> Work<'a> {
    Box::pin(async move {
        token.cancelled().await;
        Err(format!("{index} was told"))
    })
}

fn fails<'a>(index: usize) -> Work<'a> {
    Box::pin(async move { Err(format!("{index} failed")) })
}

#[test]
fn without_an_error_it_is_when_all() {
    let source = CancellationTokenSource::new();
    let mut all = when_all_or_first_error((0..5).map(|n| ready(Ok::<_, ()>(n))), &source);
    assert_eq!(Counter::new().poll(&mut all), Poll::Ready(Ok(vec![0, 1, 2, 3, 4])));
    assert_eq!(
        Counter::new().poll(&mut when_all_or_first_error([0_u8; 0].map(|n| ready(Err::<(), _>(n))), &source)),
        { Poll::Ready(Ok(vec![])) }
    );
    assert!(!source.is_cancelled());
}

#[test]
fn the_root_is_listed_and_what_it_caused_is_apart() {
    let source = CancellationTokenSource::new();
    let counter = Counter::new();
    let places = places(2);
    let late = child(&places, 0);
    let work: [Work<'_>; 4] =
        [told(source.token(), 0), Box::pin(async { Ok(late.await) }), fails(2), told(source.token(), 3)];
    let mut all = when_all_or_first_error(work, &source);
    assert!(counter.poll(&mut all).is_pending(), "one that was not told is waited for");
    assert!(source.is_cancelled());
    assert!(counter.poll(&mut all).is_pending());
    places[0].finish();
    let Poll::Ready(Err(mut error)) = counter.poll(&mut all) else { panic!("all have ended") };
    assert!(error.iter().eq([(2, &"2 failed".to_owned())]));
    assert_eq!(error.to_string(), "1 error: [2] 2 failed; 2 secondary");
    let secondary: Vec<_> = error.secondary().map(|(index, error)| (index, error.as_str())).collect();
    assert_eq!(secondary, [(0, "0 was told"), (3, "3 was told")]);
    assert_eq!(error.take_secondary().len(), 2);
    assert_eq!((error.secondary().len(), error.len()), (0, 1));
    drop(all);
    assert_eq!((source.token().listeners(), counter.held()), (0, 0));
}

#[test]
fn the_first_in_time_is_the_root() {
    let source = CancellationTokenSource::new();
    let counter = Counter::new();
    let places = places(3);
    let mut all = when_all_or_first_error(
        (0..3).map(|index| {
            let child = child(&places, index);
            Box::pin(async move { Err::<(), usize>(child.await) })
        }),
        &source,
    );
    assert!(counter.poll(&mut all).is_pending());
    [2, 0, 1].into_iter().for_each(|index| places[index].finish());
    let Poll::Ready(Err(error)) = counter.poll(&mut all) else { panic!("all have ended") };
    assert_eq!((error.iter().next(), *error.first()), (Some((2, &2)), 2));
    assert!(error.secondary().eq([(0, &0), (1, &1)]));
}

#[test]
fn siblings_that_give_a_value_after_the_cancelling_are_no_errors() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let work: [Work<'_>; 2] = [
        Box::pin(async move {
            token.cancelled().await;
            Ok(1)
        }),
        fails(1),
    ];
    let error = smol::block_on(when_all_or_first_error(work, &source)).unwrap_err();
    assert_eq!((error.len(), error.secondary().len()), (1, 0));
}

#[test]
fn without_waiting_it_ends_at_once_with_that_error_and_drops_the_others_after_the_cancelling() {
    struct Noted(Rc<RefCell<Vec<usize>>>, usize, CancellationToken);
    impl Drop for Noted {
        fn drop(&mut self) {
            assert!(self.2.is_cancelled());
            self.0.borrow_mut().push(self.1);
        }
    }
    let source = CancellationTokenSource::new();
    let dropped = Rc::new(RefCell::new(Vec::new()));
    let work: Vec<Work<'_>> = (0..4)
        .map(|index| -> Work<'_> {
            if index == 2 {
                return fails(2);
            }
            let noted = Noted(dropped.clone(), index, source.token());
            Box::pin(async move {
                let _noted = noted;
                pending().await
            })
        })
        .collect();
    let mut all = when_all_or_first_error(work, &source).without_waiting();
    let Poll::Ready(Err(error)) = Counter::new().poll(&mut all) else { panic!("one has failed") };
    assert_eq!((error.to_string().as_str(), error.secondary().len()), ("1 error: [2] 2 failed", 0));
    assert_eq!(dropped.take(), [0, 1, 3]);
}

#[test]
fn a_callback_that_panics_is_told_and_polling_goes_on() {
    let source = CancellationTokenSource::new();
    let _registration = source.token().register(|| panic!("a callback"));
    let counter = Counter::new();
    let mut all = when_all_or_first_error([fails(0), told(source.token(), 1)], &source);
    assert_eq!(panic_of(|| counter.poll(&mut all)), Some("a callback"));
    let Poll::Ready(Err(error)) = counter.poll(&mut all) else { panic!("both have ended") };
    assert_eq!((error.first().as_str(), error.secondary().len()), ("0 failed", 1));
}

#[test]
fn a_child_that_ends_others_and_fails_in_one_poll() {
    let source = CancellationTokenSource::new();
    let places = places(3);
    let inside = places.clone();
    let counter = Counter::new();
    let mut all = when_all_or_first_error(
        (0..3).map(|index| {
            let child = child(&places, index);
            let inside = inside.clone();
            Box::pin(async move {
                if index == 1 {
                    child.await;
                    inside[0].finish();
                    inside[2].finish();
                    return Err(index);
                }
                Ok(child.await)
            })
        }),
        &source,
    );
    assert!(counter.poll(&mut all).is_pending());
    places[1].finish();
    let mut polls = 0;
    let error = loop {
        polls += 1;
        if let Poll::Ready(outcome) = counter.poll(&mut all) {
            break outcome.unwrap_err();
        }
        assert!(polls < 5 && counter.wakes() > 1, "woken again for what was finished inside");
    };
    assert!(error.iter().eq([(1, &1)]));
}

#[test]
fn a_drop_cancels_nothing_and_leaves_nothing() {
    let source = CancellationTokenSource::new();
    let counter = Counter::new();
    let mut all = when_all_or_first_error((0..3).map(|index| told(source.token(), index)), &source);
    assert!(counter.poll(&mut all).is_pending());
    assert_eq!(source.token().listeners(), 3);
    drop(all);
    assert_eq!((source.token().listeners(), counter.held(), source.is_cancelled()), (0, 0, false));
}

#[test]
fn a_source_that_is_cancelled_from_outside() {
    let source = CancellationTokenSource::new();
    source.cancel();
    let error = smol::block_on(when_all_or_first_error((0..3).map(|n| told(source.token(), n)), &source)).unwrap_err();
    assert_eq!((error.first().as_str(), error.secondary().len()), ("0 was told", 2));
}

#[test]
fn a_child_that_panics_cancels_nothing() {
    let source = CancellationTokenSource::new();
    let counter = Counter::new();
    let work: [Work<'_>; 2] = [Box::pin(async { panic!("a child") }), told(source.token(), 1)];
    let mut all = when_all_or_first_error(work, &source);
    assert_eq!(panic_of(|| counter.poll(&mut all)), Some("a child"));
    assert_eq!(panic_of(|| counter.poll(&mut all)), Some("polled after a child panicked"));
    assert!(!source.is_cancelled());
}

#[test]
fn debug_says_how_many() {
    let source = CancellationTokenSource::new();
    let all = when_all_or_first_error([ready(Ok::<u8, u8>(1))], &source);
    assert_eq!(format!("{all:?}"), "WhenAllOrFirstError { pending: 1, root: None, .. }");
}
