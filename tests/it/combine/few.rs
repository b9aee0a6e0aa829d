//! A few futures together, without a heap.

use std::cell::RefCell;
use std::future::{Future, pending, poll_fn, ready};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use taskcell::CancellationTokenSource;
use taskcell::few::{OneOf, when_all, when_any};

use crate::children::{child, places};
use crate::support::heap::allocations;
use crate::support::{Counter, panic_of};

/// Pending once, with its waker woken at once.
fn later<T: Unpin>(value: T) -> impl Future<Output = T> + Unpin {
    let (mut value, mut polled) = (Some(value), false);
    poll_fn(move |cx| {
        if polled {
            return Poll::Ready(value.take().unwrap());
        }
        polled = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}

#[test]
fn all_of_every_length() {
    smol::block_on(async {
        assert_eq!(when_all((later(1),)).await, (1,));
        assert_eq!(when_all((later(1), later("b"))).await, (1, "b"));
        assert_eq!(when_all((later(1), later("b"), ready('c'))).await, (1, "b", 'c'));
        assert_eq!(when_all((ready(1), later(2), ready(3), later(4))).await, (1, 2, 3, 4));
        assert_eq!(when_all((ready(1), later(2), ready(3), later(4), ready(5))).await, (1, 2, 3, 4, 5));
        let six = (ready(1), later(2), ready(3), later(4), ready(5), ready(6));
        assert_eq!(when_all(six).await, (1, 2, 3, 4, 5, 6));
        let seven = (ready(1), later(2), ready(3), later(4), ready(5), ready(6), later(7));
        assert_eq!(when_all(seven).await, (1, 2, 3, 4, 5, 6, 7));
        let eight = (ready(1), later(2), ready(3), later(4), ready(5), ready(6), later(7), ready(8));
        assert_eq!(when_all(eight).await, (1, 2, 3, 4, 5, 6, 7, 8));
        assert_eq!(when_all([0, 1, 2].map(later)).await, [0, 1, 2]);
        assert_eq!(when_all([0_u8; 0].map(ready)).await, [0_u8; 0]);
    });
}

#[test]
fn any_of_every_length() {
    smol::block_on(async {
        let never = || pending::<u8>();
        assert_eq!(when_any((later(1),)).await, OneOf::First(1));
        assert_eq!(when_any((never(), later("b"))).await, OneOf::Second("b"));
        assert_eq!(when_any((never(), never(), later('c'))).await, OneOf::Third('c'));
        assert_eq!(when_any((never(), never(), never(), later(4))).await, OneOf::Fourth(4));
        assert_eq!(when_any((never(), never(), never(), never(), later(5))).await, OneOf::Fifth(5));
        let six = (never(), never(), never(), never(), never(), later(6));
        assert_eq!(when_any(six).await, OneOf::Sixth(6));
        let seven = (never(), never(), never(), never(), never(), never(), later(7));
        assert_eq!(when_any(seven).await, OneOf::Seventh(7));
        let eight = (never(), never(), never(), never(), never(), never(), never(), later(8));
        assert_eq!(when_any(eight).await, OneOf::Eighth(8));
        assert_eq!(when_any([5, 6].map(later)).await, (0, 5));
    });
}

#[test]
fn the_first_in_order_wins() {
    let counter = Counter::new();
    assert_eq!(counter.poll(&mut when_any((ready(1), ready(2)))), Poll::Ready(OneOf::First(1)));
    assert_eq!(counter.poll(&mut when_any([ready(1), ready(2)])), Poll::Ready((0, 1)));
}

#[test]
fn nothing_is_allocated() {
    let counter = Counter::new();
    let waker = counter.waker();
    let before = allocations();
    for _ in 0..2 {
        let mut all = pin!(when_all((when_all([ready(1), ready(2)]), async { "b" })));
        assert!(all.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_ready());
        let mut any = pin!(when_any((pending::<()>(), when_all([ready(1), ready(2)]))));
        assert!(any.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_ready());
    }
    assert_eq!(allocations() - before, 0);
}

#[test]
fn futures_that_are_not_unpin_and_borrow() {
    let text = String::from("borrowed");
    let output = smol::block_on(async {
        let text = &text;
        let parts = [0, 3].map(|start| async move {
            later(()).await;

            (start, text.len())
        });
        when_all((when_all(parts), async { text.as_str() })).await
    });
    assert_eq!(output, ([(0, 8), (3, 8)], "borrowed"));
}

#[test]
fn those_that_ended_are_not_polled_again_and_each_wake_polls_the_others() {
    let places = places(3);
    let counter = Counter::new();
    let mut all = when_all([0, 1, 2].map(|index| Box::pin(child(&places, index))));
    assert!(counter.poll(&mut all).is_pending());
    places[1].finish();
    assert!(counter.poll(&mut all).is_pending());
    places[0].finish();
    assert!(counter.poll(&mut all).is_pending());
    places[2].finish();
    assert_eq!(counter.poll(&mut all), Poll::Ready([0, 1, 2]));
    let polls: Vec<usize> = places.iter().map(|place| *place.polls.borrow()).collect();
    assert_eq!((polls, counter.wakes(), counter.held()), (vec![3, 2, 4], 3, 0));
}

#[test]
fn losers_stay_with_who_gave_them_by_reference() {
    let places = places(2);
    let counter = Counter::new();
    let [mut first, mut second] = [0, 1].map(|index| Box::pin(child(&places, index)));
    {
        let mut any = when_any((&mut first, &mut second));
        assert!(counter.poll(&mut any).is_pending());
        places[1].finish();
        assert_eq!(counter.poll(&mut any), Poll::Ready(OneOf::Second(1)));
    }
    places[0].finish();
    assert_eq!(counter.poll(&mut first), Poll::Ready(0));
}

#[test]
fn every_exit_releases_the_waiters() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let counter = Counter::new();
    let mut all = when_all((token.cancelled(), token.cancelled()));
    let mut any = when_any([token.cancelled(), token.cancelled()]);
    assert!(counter.poll(&mut all).is_pending() && counter.poll(&mut any).is_pending());
    assert_eq!(token.listeners(), 4);
    drop(all);
    source.cancel();
    assert_eq!(counter.poll(&mut any), Poll::Ready((0, ())));
    drop(any);
    assert_eq!((token.listeners(), counter.held()), (0, 0));
}

#[test]
fn a_panic_keeps_the_siblings_until_the_drop() {
    struct Noted(Rc<RefCell<Vec<usize>>>, usize);
    impl Drop for Noted {
        fn drop(&mut self) {
            self.0.borrow_mut().push(self.1);
        }
    }
    let dropped = Rc::new(RefCell::new(Vec::new()));
    let work = |index: usize| {
        let noted = Noted(dropped.clone(), index);
        Box::pin(async move {
            match index {
                0 => noted.1,
                1 => panic!("a child"),
                _ => {
                    let _noted = noted;
                    pending().await
                }
            }
        })
    };
    let counter = Counter::new();
    let mut all = when_all((work(0), work(1), work(2)));
    assert_eq!(panic_of(|| counter.poll(&mut all)), Some("a child"));
    assert!(panic_of(|| counter.poll(&mut all)).is_some());
    assert_eq!(dropped.take(), [0, 1]);
    drop(all);
    assert_eq!(dropped.take(), [2]);

    let mut any = when_any([work(2), work(1)]);
    assert_eq!(panic_of(|| counter.poll(&mut any)), Some("a child"));
    assert!(panic_of(|| counter.poll(&mut any)).is_some());
}

#[test]
fn polling_after_the_end_panics() {
    let counter = Counter::new();
    let mut all = when_all([ready(1)]);
    assert!(counter.poll(&mut all).is_ready());
    assert_eq!(panic_of(|| counter.poll(&mut all)), Some("polled after it was ready, or after a child panicked"));
}

#[test]
fn debug_shows_no_payload() {
    assert_eq!(format!("{:?}", when_all((ready(1), ready(2)))), "WhenAll2 { .. }");
    assert_eq!(format!("{:?}", when_any([ready(1), ready(2)])), "WhenAnyArray { len: 2, .. }");
}
