//! Operators from streams to streams.
use super::script::{Hint, Script, all, gives};
use crate::support::{Counter, panic_of};
use futures_core::Stream;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::cell::Cell;
use std::rc::Rc;
use std::task::{Context, Poll};
use taskcell::stream::AsyncEnumerableExt;
use taskcell::{CancellationToken, CancellationTokenSource, Cancelled};

const NONE: [i32; 0] = [];

#[test]
fn distinct() {
    gives(&NONE, |s| s.distinct(), &[]);
    gives(&[1], |s| s.distinct(), &[1]);
    gives(&[3, 1, 3, 3, 2, 1], |s| s.distinct(), &[3, 1, 2]);
    gives(&[1, 2, 3, 4, 5], |s| s.distinct_by(|n| n % 3), &[1, 2, 3]);
    gives(&[Ok(1), Err("a"), Ok(1), Err("a")], |s| s.distinct(), &[Ok(1), Err("a")]);
}

#[test]
fn distinct_until_changed() {
    gives(&NONE, |s| s.distinct_until_changed(), &[]);
    gives(&[1], |s| s.distinct_until_changed(), &[1]);
    gives(&[1, 1, 2, 1, 1], |s| s.distinct_until_changed(), &[1, 2, 1]);
    gives(&[1, 3, 2, 4, 5], |s| s.distinct_until_changed_by(|n| n % 2), &[1, 2, 5]);
    let nans = all(Script::paced([f64::NAN, f64::NAN, 1.0, 1.0], 0, Hint::Exact).distinct_until_changed());
    assert_eq!(nans.len(), 3);
}

#[test]
fn except_and_intersect() {
    let other = |items: &[i32], pauses| Script::paced(items.to_vec(), pauses, Hint::Exact);
    for pauses in 0..3 {
        gives(&NONE, |s| s.except(other(&[1], pauses)), &[]);
        gives(&[1, 2, 1, 3, 2], |s| s.except(other(&[], pauses)), &[1, 2, 3]);
        gives(&[1, 2, 1, 3, 2], |s| s.except(other(&[2, 2, 9], pauses)), &[1, 3]);
        gives(&[1, 2, 1, 3, 2], |s| s.intersect(other(&[], pauses)), &[]);
        gives(&[1, 2, 1, 3, 2], |s| s.intersect(other(&[2, 9, 1, 1], pauses)), &[1, 2]);
        gives(&[11, 12, 21, 22], |s| s.except_by(other(&[1], pauses), |n| n % 10), &[12]);
        gives(&[11, 12, 21, 22], |s| s.intersect_by(other(&[1], pauses), |n| n % 10), &[11]);
    }
}

#[test]
fn pairwise() {
    gives(&NONE, |s| s.pairwise(), &[]);
    gives(&[1], |s| s.pairwise(), &[]);
    gives(&[1, 2, 3], |s| s.pairwise(), &[(1, 2), (2, 3)]);
}

#[test]
fn take_last_and_skip_last() {
    for count in [0, 1, 2, 3, 4, usize::MAX] {
        for items in [&[][..], &[1], &[1, 2, 3]] {
            let split = items.len().saturating_sub(count);
            gives(items, |s| s.take_last(count), &items[split..]);
            gives(items, |s| s.skip_last(count), &items[..split]);
        }
    }
    // Zero of them are known at once, however long the stream is.
    assert_eq!(all(stream::pending::<u8>().take_last(0)), []);
}

#[test]
fn default_if_empty() {
    gives(&NONE, |s| s.default_if_empty(9), &[9]);
    gives(&[1], |s| s.default_if_empty(9), &[1]);
    gives(&[1, 2], |s| s.default_if_empty(9), &[1, 2]);
}

#[test]
fn group_adjacent() {
    gives(&NONE, |s| s.group_adjacent(|n| n % 2), &[]);
    gives(&[1], |s| s.group_adjacent(|n| n % 2), &[(1, vec![1])]);
    let groups = [(1, vec![1, 3]), (0, vec![2]), (1, vec![5, 7])];
    gives(&[1, 3, 2, 5, 7], |s| s.group_adjacent(|n| n % 2), &groups);
}

#[test]
fn conflate_gives_the_latest_of_what_is_there() {
    assert_eq!(all(Script::<i32>::new([], Hint::Exact).conflate()), []);
    let steps = [Some(1), Some(2), None, None, Some(3), None, Some(4), Some(5)];
    for hint in [Hint::Exact, Hint::Nothing] {
        assert_eq!(all(Script::new(steps, hint).conflate()), [2, 3, 5]);
    }
    // A stream that is never pending: not for ever.
    let mut endless = stream::iter(1..).conflate();
    assert_eq!(smol::block_on(endless.next()), Some(128));
}

#[test]
fn a_race() {
    let script = |steps: &[Option<i32>]| Script::new(steps.to_vec(), Hint::Exact);
    // Who is there first, item or end; the first of two that are there.
    assert_eq!(all(script(&[Some(1), None, Some(2)]).race_with(script(&[Some(8)]))), [1, 2]);
    assert_eq!(all(script(&[None, Some(1)]).race_with(script(&[Some(8), None, Some(9)]))), [8, 9]);
    assert_eq!(all(script(&[None, Some(1)]).race_with(script(&[]))), []);
    assert_eq!(all(script(&[]).race_with(script(&[Some(8)]))), []);
    assert_eq!(all(script(&[None, None, Some(1)]).race_with(script(&[None, None, None, Some(8)]))), [1]);
    let three = script(&[None, None, Some(1)]).race_with(script(&[None, Some(2)])).race_with(script(&[None, None]));
    assert_eq!(all(three), [2]);
}

#[test]
fn the_loser_of_a_race_is_dropped_at_once() {
    let held = Rc::new(());
    let keep = held.clone();
    let loser = stream::pending::<u8>().inspect(move |_| drop(keep.clone()));
    let mut race = loser.race_with(stream::iter([1, 2]));
    assert_eq!(Rc::strong_count(&held), 2);
    assert_eq!(smol::block_on(race.next()), Some(1));
    assert_eq!(Rc::strong_count(&held), 1);
    assert_eq!(race.size_hint(), (1, Some(1)));
}

#[test]
fn an_error_is_caught_once() {
    type Item = Result<u8, &'static str>;
    let next = |items: &[Item]| Script::paced(items.to_vec(), 1, Hint::Exact);
    gives(&[] as &[Item], |s| s.catch_error(|_| next(&[Ok(9)])), &[]);
    gives(&[Ok(1), Ok(2)], |s| s.catch_error(|_: &str| next(&[Ok(9)])), &[Ok(1), Ok(2)]);
    gives(&[Ok(1), Err("a"), Ok(2)], |s| s.catch_error(|_| next(&[Ok(9), Ok(8)])), &[Ok(1), Ok(9), Ok(8)]);
    gives(&[Err("a")], |s| s.catch_error(|_| next(&[Err("b"), Ok(8)])), &[Err("b"), Ok(8)]);
    gives(&[Err("a")], |s| s.catch_error(|_| next(&[])), &[]);
    let told = Cell::new("");
    let of_error = |error| {
        told.set(error);
        stream::empty::<Item>()
    };
    assert_eq!(all(next(&[Err("why")]).catch_error(of_error)), []);
    assert_eq!(told.get(), "why");
}

#[test]
fn the_first_stream_is_dropped_before_the_second_is_made() {
    let held = Rc::new(());
    let keep = held.clone();
    let first = stream::iter([Err::<u8, _>(())]).inspect(move |_| drop(keep.clone()));
    let caught = first.catch_error(|()| {
        assert_eq!(Rc::strong_count(&held), 1);
        stream::iter([Ok::<_, ()>(7)])
    });
    assert_eq!(smol::block_on(caught.try_collect::<Vec<_>>()), Ok(vec![7]));
}

#[test]
fn a_closure_that_panics_ends_the_stream() {
    let caught = stream::iter([Err::<u8, _>(()), Ok(1)]).catch_error(|()| -> stream::Empty<Result<u8, ()>> {
        panic!("no other");
    });
    let mut caught = std::pin::pin!(caught);
    assert_eq!(panic_of(|| smol::block_on(caught.next())), Some("no other"));
    assert_eq!(smol::block_on(caught.next()), None);
}

/// A closure's panic takes the item that it was called with, and no other.
#[test]
fn a_key_that_panics_loses_one_item() {
    let script = || Script::paced([1, 2, 3, 2], 0, Hint::Exact);
    let key = |n: &i32| if *n == 2 { panic!("not two") } else { *n };
    let mut streams: [futures_util::stream::LocalBoxStream<'_, i32>; 4] = [
        script().distinct_by(key).boxed_local(),
        script().distinct_until_changed_by(key).boxed_local(),
        script().except_by(stream::empty(), key).boxed_local(),
        script().group_adjacent(key).map(|group| group.0).boxed_local(),
    ];
    for stream in &mut streams {
        let mut seen = Vec::new();
        let mut panics = 0;
        loop {
            match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| smol::block_on(stream.next()))) {
                Ok(Some(item)) => seen.push(item),
                Ok(None) => break,
                Err(_) => panics += 1,
            }
        }
        assert_eq!((seen, panics), (vec![1, 3], 2));
    }
}

#[test]
fn a_token_ends_a_stream() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    gives(&NONE, |s| s.or_cancelled(&token), &[]);
    gives(&[1, 2], |s| s.or_cancelled(&token).map(Result::unwrap), &[1, 2]);
    assert_eq!(token.listeners(), 0);

    // While it is ready, and while it is pending.
    let cancels = |at: i32| {
        let source = CancellationTokenSource::new();
        let token = source.token();
        let ended = Script::paced(1..=3, 1, Hint::Exact).or_cancelled(&token).inspect(move |item| {
            if *item.as_ref().unwrap_or(&0) == at {
                source.cancel();
            }
        });
        let items = all(ended);
        assert_eq!(token.listeners(), 0);
        items
    };
    for at in 1..=3 {
        let items = cancels(at);
        assert_eq!(items.len() as i32, at + 1);
        assert!(items.iter().zip(1..).all(|(item, n)| if n <= at { *item == Ok(n) } else { item.is_err() }));
    }
    let before = Script::paced([1], 0, Hint::Exact).or_cancelled(&CancellationToken::new(true));
    let before: Vec<Result<i32, Cancelled>> = all(before);
    assert!(matches!(before[..], [Err(_)]));
}

#[test]
fn a_token_wakes_a_stream_that_waits() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let mut items = stream::pending::<u8>().or_cancelled(&token);
    let wakes = Counter::new();
    assert!(wakes.poll(&mut items.next()).is_pending());
    assert_eq!(token.listeners(), 1);
    source.cancel();
    assert_eq!(wakes.wakes(), 1);
    assert!(matches!(wakes.poll(&mut items.next()), Poll::Ready(Some(Err(_)))));
    assert_eq!(wakes.poll(&mut items.next()), Poll::Ready(None));
    assert_eq!(token.listeners(), 0);

    let source = CancellationTokenSource::new();
    let token = source.token();
    let mut dropped = stream::pending::<u8>().or_cancelled(&token);
    assert!(wakes.poll(&mut dropped.next()).is_pending());
    drop(dropped);
    assert_eq!(token.listeners(), 0);
}

/// Operators that may take much and give nothing let others have their turn.
#[test]
fn nothing_is_given_for_long_without_a_rest() {
    fn rests(stream: impl Stream) {
        let mut stream = std::pin::pin!(stream);
        let wakes = Counter::new();
        let waker = wakes.waker();
        for n in 1..4 {
            while stream.as_mut().poll_next(&mut Context::from_waker(&waker)).is_ready() {}
            assert_eq!(wakes.wakes(), n);
        }
    }
    let same = || stream::repeat(1);
    rests(same().distinct());
    rests(same().distinct_until_changed());
    rests(same().except(same()));
    rests(same().except(stream::iter([1])));
    rests(same().intersect(stream::empty()));
    rests(same().take_last(1));
    rests(same().skip_last(usize::MAX));
    rests(same().group_adjacent(|_| ()));
}

#[test]
fn what_is_kept_goes_with_the_stream() {
    let held = Rc::new(());
    let items = || Script::new((0..9).map(|_| Some(held.clone())).chain([None]), Hint::Nothing);
    fn begun(stream: impl Stream) {
        let mut stream = Box::pin(stream);
        let wakes = Counter::new();
        let _ = stream.as_mut().poll_next(&mut Context::from_waker(&wakes.waker()));
    }
    begun(items().take_last(3));
    begun(items().skip_last(3));
    begun(items().pairwise());
    begun(items().distinct());
    begun(items().group_adjacent(|_| ()));
    begun(items().conflate());
    begun(items().default_if_empty(held.clone()));
    assert_eq!(Rc::strong_count(&held), 1);
}

#[test]
fn debug_shows_no_item() {
    let secrets = || stream::iter(["secret"]);
    let shown = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        secrets().distinct(),
        secrets().except(secrets()),
        secrets().pairwise(),
        secrets().take_last(2),
        secrets().race_with(secrets()),
        secrets().group_adjacent(|_| ()),
        secrets().or_cancelled(&CancellationToken::NONE),
        secrets().to_lookup(|_| ()),
    );
    assert!(!shown.contains("secret") && shown.contains("TakeLast { ended: false, count: 2, .. }"), "{shown}");
}
