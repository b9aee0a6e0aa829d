//! Streams that are made again.
use super::script::{Hint, Script};
use crate::support::{Counter, panic_of};
use core::time::Duration;
use futures_util::{StreamExt, stream};
use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use taskcell::Backoff;
use taskcell::stream::{AsyncEnumerableExt, retry_stream, retry_stream_on};
use taskcell::time::ManualClock;
use taskcell::{CancellationTokenSource, TimeProvider, Timestamp};

const SECOND: Duration = Duration::from_secs(1);

type Item = Result<u8, &'static str>;

fn after(seconds: u64) -> Timestamp {
    Timestamp::ZERO.saturating_add(Duration::from_secs(seconds))
}

/// Makes the streams of `plans`, one after the other.
fn in_turn(plans: &[&[Item]]) -> impl FnMut() -> Script<Item> {
    let mut plans = plans.iter().map(|plan| plan.to_vec()).collect::<Vec<_>>().into_iter();
    move || Script::paced(plans.next().expect("no more streams"), 1, Hint::Exact)
}

#[test]
fn errors_are_followed_by_delays() {
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    let delays = Backoff::exponential(SECOND).delays(0).take(2);
    let plans: &[&[Item]] = &[&[Err("a"), Ok(9)], &[Err("b")], &[Ok(1), Err("c")], &[Err("d")], &[Ok(2)]];
    let items = retry_stream_on(&clock, delays, in_turn(plans)).map(|item| (item, clock.now()));
    // 1 and 2 seconds; then an item, and so 1 and 2 again.
    let items: Vec<_> = clock.block_on(items.collect());
    assert_eq!(items, [(Ok(1), after(3)), (Ok(2), after(6))]);
    assert_eq!(clock.armed(), 0);
}

#[test]
fn without_delays_left_the_error_is_the_last_item() {
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    let plans: &[&[Item]] = &[&[Ok(1), Err("a")], &[Err("b")], &[Err("c"), Ok(9)]];
    let items = retry_stream_on(&clock, [SECOND, SECOND], in_turn(plans));
    assert_eq!(clock.block_on(items.collect::<Vec<_>>()), [Ok(1), Err("c")]);
    let once = retry_stream_on(&clock, [], in_turn(&[&[Err("a"), Ok(9)]]));
    assert_eq!(super::script::all(once), [Err("a")]);
}

#[test]
fn an_end_is_an_end() {
    let clock = ManualClock::new();
    assert_eq!(super::script::all(retry_stream_on(&clock, [SECOND], in_turn(&[&[]]))), []);
    let items = retry_stream_on(&clock, [SECOND], in_turn(&[&[Ok(1), Ok(2)]]));
    assert_eq!(super::script::all(items), [Ok(1), Ok(2)]);
}

#[test]
fn nothing_is_made_before_it_is_asked_for() {
    let made = Cell::new(0);
    let items = retry_stream([SECOND], || {
        made.set(made.get() + 1);
        stream::empty::<Item>()
    });
    assert_eq!(made.get(), 0);
    assert_eq!(smol::block_on(items.collect::<Vec<_>>()), []);
    assert_eq!(made.get(), 1);
}

#[test]
fn the_stream_that_failed_is_dropped_before_the_delay() {
    let clock = ManualClock::new();
    let held = Rc::new(());
    let items = retry_stream_on(&clock, [SECOND], || {
        let keep = held.clone();
        stream::iter([Err::<u8, _>(())]).inspect(move |_| drop(keep.clone()))
    });
    let wakes = Counter::new();
    let mut items = Box::pin(items);
    assert!(wakes.poll(&mut items.next()).is_pending());
    assert_eq!((Rc::strong_count(&held), clock.armed()), (1, 1));
    drop(items);
    assert_eq!((clock.armed(), wakes.held()), (0, 0));
}

#[test]
fn without_delays_it_lets_others_have_their_turn() {
    let clock = ManualClock::new();
    let made = std::cell::Cell::new(0);
    let fails = retry_stream_on(&clock, core::iter::repeat(Duration::ZERO), || {
        made.set(made.get() + 1);
        stream::iter([Err::<u8, _>(())])
    });
    let mut fails = pin!(fails);
    let wakes = Counter::new();
    assert!(wakes.poll(&mut fails.next()).is_pending());
    assert_eq!((wakes.wakes(), clock.armed(), made.get()), (1, 0, 128));
}

#[test]
fn a_token_ends_the_delays() {
    let clock = ManualClock::new();
    let source = CancellationTokenSource::new();
    let fails = retry_stream_on(&clock, core::iter::repeat(SECOND), || stream::iter([Err::<u8, _>(())]));
    let mut fails = Box::pin(fails.or_cancelled(&source.token()));
    let wakes = Counter::new();
    assert!(wakes.poll(&mut fails.next()).is_pending());
    source.cancel();
    assert!(matches!(smol::block_on(fails.next()), Some(Err(_))));
    assert!(smol::block_on(fails.next()).is_none());
    drop(fails);
    assert_eq!(clock.armed(), 0);
}

#[test]
fn what_panics_ends_it() {
    let clock = ManualClock::new();
    let mut items = pin!(retry_stream_on(&clock, [SECOND], || -> stream::Empty<Item> { panic!("cannot open") }));
    assert_eq!(panic_of(|| smol::block_on(items.next())), Some("cannot open"));
    assert_eq!(smol::block_on(items.next()), None);
    assert_eq!(clock.armed(), 0);
}
