//! `when_any` as its users see it.

use std::cell::Cell;
use std::future::{Future, IntoFuture, Ready, poll_fn, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use taskcell::{BoxFuture, CancellationTokenSource, Empty, WhenAny, Winner, when_any};

use crate::children::{Count, Place, child, places};
use crate::support::Counter;

pub(crate) fn poll<F: Future>(any: &mut WhenAny<F>) -> Poll<Result<Winner<F>, Empty>> {
    Pin::new(any).poll(&mut Context::from_waker(Waker::noop()))
}

/// The winner of a set that must have one.
pub(crate) fn won<F: Future>(any: &mut WhenAny<F>) -> Winner<F> {
    match poll(any) {
        Poll::Ready(Ok(winner)) => winner,
        other => panic!("no winner: {other:?}"),
    }
}

pub(crate) fn polls(places: &[Place]) -> Vec<usize> {
    places.iter().map(|place| *place.polls.borrow()).collect()
}

/// Indices of a set that is drained by polling only.
pub(crate) fn drained<F: Future>(mut any: WhenAny<F>) -> Vec<usize> {
    let mut indices = Vec::new();
    while let Poll::Ready(Ok(winner)) = poll(&mut any) {
        indices.push(winner.index);
        any = winner.rest.into_future();
    }
    indices
}

#[test]
fn of_nothing_there_is_no_first() {
    let mut none = when_any(Vec::<Ready<u8>>::new());
    assert!(matches!(poll(&mut none), Poll::Ready(Err(Empty))));
    assert_eq!(Empty.to_string(), "there is nothing to wait for");
}

#[test]
#[should_panic(expected = "polled after it was ready")]
fn after_a_winner_it_panics() {
    let mut one = when_any([ready(1)]);
    let winner = won(&mut one);
    assert!(winner.rest.is_empty());
    let _ = poll(&mut one);
}

#[test]
#[should_panic(expected = "polled after it was ready")]
fn after_empty_it_panics() {
    let mut none = when_any(Vec::<Ready<u8>>::new());
    assert!(poll(&mut none).is_ready());
    let _ = poll(&mut none);
}

#[test]
fn of_those_that_have_ended_the_first_in_the_list_wins() {
    let places = places(4);
    for index in [1, 2] {
        places[index].finish();
    }
    let mut any = when_any((0..4).map(|index| child(&places, index)));
    let winner = won(&mut any);
    assert_eq!((winner.index, winner.output, winner.rest.len()), (1, 1, 3));
    assert_eq!(polls(&places), [1, 1, 0, 0]);
    let mut rest = winner.rest.into_future();
    let winner = won(&mut rest);
    assert_eq!((winner.index, winner.output, winner.rest.len()), (2, 2, 2));
    assert_eq!(polls(&places), [1, 1, 1, 0]);
    let mut rest = winner.rest.into_future();
    assert!(poll(&mut rest).is_pending());
    assert_eq!(polls(&places), [1, 1, 1, 1]);
}

#[test]
fn an_error_may_win() {
    let results = [ready(Err("too bad")), ready(Ok(1))];
    assert_eq!(smol::block_on(when_any(results)).unwrap().output, Err("too bad"));
}

#[test]
fn only_woken_children_are_polled() {
    let places = places(200);
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let mut cx = Context::from_waker(&waker);
    let mut any = when_any((0..200).map(|index| child(&places, index)));
    assert!(Pin::new(&mut any).poll(&mut cx).is_pending());
    assert!(Pin::new(&mut any).poll(&mut cx).is_pending());
    assert_eq!(polls(&places), [1; 200]);
    places[130].wake();
    places[7].wake();
    assert_eq!(count.wakes(), 1);
    assert!(Pin::new(&mut any).poll(&mut cx).is_pending());
    assert_eq!((*places[130].polls.borrow(), *places[7].polls.borrow()), (2, 2));
    assert_eq!(polls(&places).iter().sum::<usize>(), 202);
    places[140].finish();
    assert_eq!(count.wakes(), 2);
    let Poll::Ready(Ok(winner)) = Pin::new(&mut any).poll(&mut cx) else { panic!("one has ended") };
    assert_eq!((winner.index, winner.output), (140, 140));
    assert_eq!(polls(&places).iter().sum::<usize>(), 203);
}

#[test]
fn of_those_that_end_together_the_first_woken_wins() {
    let places = places(100);
    let mut any = when_any((0..100).map(|index| child(&places, index)));
    assert!(poll(&mut any).is_pending());
    let shuffled: Vec<usize> = (0..100).map(|n| n * 37 % 100).collect();
    shuffled.iter().for_each(|&index| places[index].finish());
    assert_eq!(drained(any), shuffled);
    assert_eq!(polls(&places), [2; 100]);
}

#[test]
fn a_replaced_waker_is_not_woken() {
    let places = places(2);
    let (first, second) = (Counter::new(), Counter::new());
    let mut any = when_any((0..2).map(|index| child(&places, index)));
    assert!(first.poll(&mut any).is_pending());
    assert!(second.poll(&mut any).is_pending());
    assert_eq!((first.held(), second.held()), (0, 1));
    places[0].wake();
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
}

#[test]
fn a_child_that_wakes_itself_is_polled_once_a_poll() {
    let counter = Counter::new();
    let rounds = Cell::new(0);
    let mut any = when_any([poll_fn(|cx| {
        rounds.set(rounds.get() + 1);
        cx.waker().wake_by_ref();
        if rounds.get() == 11 { Poll::Ready(()) } else { Poll::Pending }
    })]);
    for round in 1..=10 {
        assert!(counter.poll(&mut any).is_pending());
        assert_eq!((rounds.get(), counter.wakes()), (round, round));
    }
    assert!(counter.poll(&mut any).is_ready());
    assert_eq!((counter.wakes(), counter.held()), (10, 0), "a winner takes the waker of the poll before away");
}

#[test]
fn wakers_outlive_everything_and_do_nothing() {
    let places = places(3);
    let counter = Counter::new();
    let mut any = when_any((0..3).map(|index| child(&places, index)));
    assert!(counter.poll(&mut any).is_pending());
    let kept: Vec<Waker> = places.iter().map(|place| place.waker.borrow().clone().unwrap()).collect();
    places[1].finish();
    let Poll::Ready(Ok(winner)) = counter.poll(&mut any) else { panic!("one has ended") };
    drop(any);
    kept[0].wake_by_ref();
    kept[1].wake_by_ref();
    drop(winner);
    kept.iter().for_each(Waker::wake_by_ref);
    drop(kept);
    places[2].finish();
    assert_eq!((counter.wakes(), counter.held()), (1, 0));
}

#[test]
fn into_future_is_enough_and_futures_may_borrow() {
    struct Seven;
    impl IntoFuture for Seven {
        type Output = u8;
        type IntoFuture = Ready<u8>;
        fn into_future(self) -> Ready<u8> {
            ready(7)
        }
    }
    assert_eq!(smol::block_on(when_any([Seven, Seven])).unwrap().output, 7);
    let text = String::from("borrowed");
    let lengths = when_any(text.split('r').map(|part| async move { part.len() }));
    assert_eq!(smol::block_on(lengths).unwrap().output, 2);
}

#[test]
fn a_wrong_size_hint_is_no_harm() {
    let odd = (0..1000).filter(|n| n % 2 == 1).map(ready);
    assert_eq!(drained(when_any(odd)), (0..500).collect::<Vec<_>>());
    let hint_of_one = (0..1).chain((1..10).filter(|_| true)).map(ready);
    assert_eq!(drained(when_any(hint_of_one)), (0..10).collect::<Vec<_>>());
}

#[test]
fn alignment_and_zero_size() {
    #[repr(align(128))]
    struct Wide(u8);
    let mut any = when_any((0..5).map(|n| async move { Wide(n) }));
    for n in 0..5 {
        let winner = won(&mut any);
        assert_eq!(winner.output.0, n);
        any = winner.rest.into_future();
    }
    assert_eq!(drained(when_any((0..5).map(|_| async {}))), [0, 1, 2, 3, 4]);
}

#[test]
fn a_million_of_which_the_last_is_ready() {
    const N: usize = if cfg!(any(miri, sanitized)) { 1_000 } else { 1_000_000 };
    let count = Cell::new(0);
    let (count, last) = (&count, N - 1);
    let mut any = when_any((0..N).map(|index| {
        poll_fn(move |_| {
            count.set(count.get() + 1);
            if index == last { Poll::Ready(()) } else { Poll::Pending }
        })
    }));
    let winner = won(&mut any);
    assert_eq!((winner.index, winner.rest.len(), count.get()), (last, last, N));
    assert!(poll(&mut winner.rest.into_future()).is_pending());
    assert_eq!(count.get(), N);
}

#[test]
fn a_long_wait_keeps_nothing_of_the_races_it_lost() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    for round in 0..if cfg!(miri) { 100 } else { 10_000 } {
        let futures: [BoxFuture<'_, usize>; 2] = [
            Box::pin(async {
                token.cancelled().await;
                usize::MAX
            }),
            Box::pin(ready(round)),
        ];
        let winner = won(&mut when_any(futures));
        assert_eq!((winner.index, winner.output, token.listeners()), (1, round, 1));
        drop(winner);
        assert_eq!(token.listeners(), 0);
    }
}

#[test]
fn debug_says_how_many_and_no_output() {
    let mut any = when_any([ready("the secret"), ready("another")]);
    assert_eq!(format!("{any:?}"), "WhenAny { pending: 2, .. }");
    let winner = won(&mut any);
    assert_eq!(format!("{winner:?}"), "Winner { index: 0, rest: Rest { len: 1, .. }, .. }");
    assert_eq!(format!("{any:?}"), "WhenAny { pending: 0, .. }");
    assert_eq!(format!("{:?}", winner.rest.into_iter()), "RestFutures { len: 1, .. }");
}

#[test]
fn it_may_be_polled_by_reference_and_given_up_for_a_while() {
    let places = places(2);
    let mut any = when_any((0..2).map(|index| child(&places, index)));
    smol::block_on(async {
        let late = smol::future::or(async { Some((&mut any).await.unwrap().index) }, async { None });
        assert_eq!(late.await, None);
    });
    places[1].finish();
    assert_eq!(smol::block_on(any).unwrap().index, 1);
}
