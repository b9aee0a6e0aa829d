//! `when_all_settled` as its users see it.

use std::future::{Future, IntoFuture, Ready, poll_fn, ready};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::support::heap::allocations;
use taskcell::when_all_settled;

#[test]
fn nothing_is_ready_at_once() {
    let mut none = when_all_settled(Vec::<Ready<u8>>::new());
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(Pin::new(&mut none).poll(&mut cx), Poll::Ready(vec![]));
}

#[test]
#[should_panic(expected = "polled after it was ready")]
fn after_ready_it_panics() {
    let mut one = when_all_settled([ready(1)]);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut one).poll(&mut cx).is_ready());
    let _ = Pin::new(&mut one).poll(&mut cx);
}

#[test]
fn outputs_stand_in_input_order() {
    let output = smol::block_on(async {
        when_all_settled((0..50_u64).map(|n| async move {
            for _ in 0..50 - n {
                smol::future::yield_now().await;
            }
            n
        }))
        .await
    });
    assert_eq!(output, (0..50).collect::<Vec<_>>());
}

#[test]
fn into_future_is_enough() {
    struct Seven;
    impl IntoFuture for Seven {
        type Output = u8;
        type IntoFuture = Ready<u8>;
        fn into_future(self) -> Ready<u8> {
            ready(7)
        }
    }
    assert_eq!(smol::block_on(when_all_settled([Seven, Seven])), [7, 7]);
}

#[test]
fn futures_may_borrow() {
    let text = String::from("borrowed");
    let lengths = when_all_settled(text.split('r').map(|part| async move { part.len() }));
    assert_eq!(smol::block_on(lengths), [2, 0, 4]);
}

#[test]
fn a_wrong_size_hint_is_no_harm() {
    let odd = (0..1000).filter(|n| n % 2 == 1).map(ready);
    assert_eq!(smol::block_on(when_all_settled(odd)), (0..1000).filter(|n| n % 2 == 1).collect::<Vec<_>>());
}

#[test]
fn sets_may_nest() {
    let sums = when_all_settled((0..10).map(|n| async move { when_all_settled((0..n).map(ready)).await.len() }));
    assert_eq!(smol::block_on(sums), (0..10).collect::<Vec<_>>());
}

#[test]
fn alignment_and_zero_size() {
    #[repr(align(128))]
    struct Wide(u8);
    let wide = smol::block_on(when_all_settled((0..5).map(|n| async move { Wide(n) })));
    assert!(wide.iter().enumerate().all(|(index, wide)| wide.0 as usize == index));
    assert_eq!(smol::block_on(when_all_settled((0..5).map(|_| async {}))).len(), 5);
}

#[test]
fn a_million_children() {
    const N: usize = if cfg!(any(miri, sanitized)) { 1_000 } else { 1_000_000 };
    let wakers = std::cell::RefCell::new(Vec::with_capacity(N));
    let mut all = when_all_settled((0..N).map(|index| {
        let (mut first, wakers) = (true, &wakers);
        poll_fn(move |cx| {
            if core::mem::take(&mut first) {
                wakers.borrow_mut().push(cx.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(index)
        })
    }));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut all).poll(&mut cx).is_pending());
    for waker in wakers.take() {
        waker.wake();
    }
    let Poll::Ready(outputs) = Pin::new(&mut all).poll(&mut cx) else { panic!("all were woken") };
    assert!(outputs.into_iter().eq(0..N));
}

#[test]
fn debug_says_how_many() {
    let all = when_all_settled([ready(1), ready(2)]);
    assert_eq!(format!("{all:?}"), "WhenAllSettled { len: 2, pending: 2, .. }");
}

#[test]
fn two_allocations_in_all_and_none_for_nothing() {
    let mut cx = Context::from_waker(Waker::noop());
    let before = allocations();
    let mut all = when_all_settled((0..1000).map(ready));
    assert!(Pin::new(&mut all).poll(&mut cx).is_ready());
    assert_eq!(allocations() - before, 2);
    drop(all);
    let before = allocations();
    assert!(Pin::new(&mut when_all_settled(core::iter::empty::<Ready<u8>>())).poll(&mut cx).is_ready());
    assert_eq!(allocations() - before, 0);
}
