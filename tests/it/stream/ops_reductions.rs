//! Operators from streams to one value.
use super::script::{Hint, Script, output};
use crate::support::{Counter, panic_of};
use core::time::Duration;
use futures_core::FusedFuture;
use futures_util::{StreamExt, stream};
use std::cell::Cell;
use std::pin::pin;
use taskcell::stream::{AsyncEnumerableExt, Averaged, Overflow, SingleError, Summand};

/// The same stream in three paces.
fn paces<T: Clone>(items: &[T]) -> impl Iterator<Item = Script<T>> {
    (0..3).map(|pauses| Script::paced(items.to_vec(), pauses, Hint::Exact))
}

const NONE: [i32; 0] = [];

#[test]
fn last_and_single() {
    paces(&NONE).for_each(|s| assert_eq!(output(s.last()), None));
    paces(&[1, 2]).for_each(|s| assert_eq!(output(s.last()), Some(2)));
    paces(&NONE).for_each(|s| assert_eq!(output(s.single()), Err(SingleError::Empty)));
    paces(&[1]).for_each(|s| assert_eq!(output(s.single()), Ok(1)));
    paces(&[1, 2, 3]).for_each(|s| assert_eq!(output(s.single()), Err(SingleError::MoreThanOne)));
    let mut numbers = stream::iter(1..);
    assert_eq!(output(numbers.by_ref().single()), Err(SingleError::MoreThanOne));
    assert_eq!(output(numbers.next()), Some(3));
    assert_eq!(SingleError::Empty.to_string(), "the stream has no item");
    assert_eq!(SingleError::MoreThanOne.to_string(), "the stream has more than one item");
}

#[test]
fn extremes_are_those_of_iterator() {
    for items in [&[][..], &[(1, 'a')], &[(1, 'a'), (2, 'b'), (1, 'c'), (2, 'd')]] {
        let iter = || items.iter().copied();
        paces(items).for_each(|s| assert_eq!(output(s.min()), iter().min()));
        paces(items).for_each(|s| assert_eq!(output(s.max()), iter().max()));
        paces(items).for_each(|s| assert_eq!(output(s.min_by_key(|n| n.0)), iter().min_by_key(|n| n.0)));
        paces(items).for_each(|s| assert_eq!(output(s.max_by_key(|n| n.0)), iter().max_by_key(|n| n.0)));
        let by = |a: &(i32, char), b: &(i32, char)| b.1.cmp(&a.1);
        paces(items).for_each(|s| assert_eq!(output(s.min_by(by)), iter().min_by(by)));
        paces(items).for_each(|s| assert_eq!(output(s.max_by(by)), iter().max_by(by)));
    }
    // The key of each is computed once.
    let keys = Cell::new(0);
    let key = |n: &i32| {
        keys.set(keys.get() + 1);
        *n
    };
    assert_eq!(output(stream::iter([1, 3, 2]).max_by_key(key)), Some(3));
    assert_eq!(keys.get(), 3);
}

#[test]
fn floats_are_ordered_as_the_caller_says() {
    let items = [1.0, f64::NAN, -2.0];
    let max = output(stream::iter(items).max_by(f64::total_cmp));
    assert!(max.is_some_and(f64::is_nan));
    assert_eq!(output(stream::iter(items).min_by(f64::total_cmp)), Some(-2.0));
    let numbers = stream::iter(items).filter(|n| core::future::ready(!n.is_nan()));
    assert_eq!(output(numbers.max_by(f64::total_cmp)), Some(1.0));
}

#[test]
fn sums_are_checked() {
    paces(&NONE).for_each(|s| assert_eq!(output(s.sum()), Ok(0)));
    paces(&[1, 2, 3]).for_each(|s| assert_eq!(output(s.sum()), Ok(6)));
    assert_eq!(output(stream::iter([i32::MAX, 1, -1]).sum()), Err(Overflow));
    assert_eq!(output(stream::iter([i32::MIN, -1]).sum()), Err(Overflow));
    assert_eq!(output(stream::iter([i128::MAX, 0]).sum()), Ok(i128::MAX));
    assert_eq!(output(stream::iter([Duration::MAX, Duration::from_nanos(1)]).sum()), Err(Overflow));
    // No other is asked for once it is known.
    let mut numbers = stream::iter([200_u8, 100, 7]);
    assert_eq!(output(numbers.by_ref().sum()), Err(Overflow));
    assert_eq!(output(numbers.next()), Some(7));
    assert_eq!(Overflow.to_string(), "the sum is too large");

    assert_eq!(output(stream::iter([f64::MAX, f64::MAX]).sum()), Ok(f64::INFINITY));
    assert!(output(stream::iter([1.0, f64::NAN]).sum()).is_ok_and(f64::is_nan));
}

#[test]
fn averages_do_not_overflow() {
    paces(&NONE).for_each(|s| assert_eq!(output(s.average()), None));
    paces(&[1, 2]).for_each(|s| assert_eq!(output(s.average()), Some(1.5)));
    assert_eq!(output(stream::iter([u64::MAX; 5]).average()), Some(u64::MAX as f64));
    assert_eq!(output(stream::iter([i64::MIN; 5]).average()), Some(i64::MIN as f64));
    assert_eq!(output(stream::iter([-128_i8, 127]).average()), Some(-0.5));
    assert_eq!(output(stream::iter([f32::MAX, f32::MAX]).average()), Some(f32::MAX));
    assert_eq!(output(stream::iter([f64::MAX, f64::MAX]).average()), Some(f64::INFINITY));
    assert!(output(stream::iter([1.0, f64::NAN]).average()).is_some_and(f64::is_nan));
    assert_eq!(output(stream::iter([Duration::MAX; 3]).average()), Some(Duration::MAX));
    let short = [1, 2].map(Duration::from_nanos);
    assert_eq!(output(stream::iter(short).average()), Some(Duration::from_nanos(1)));
}

/// Money of one's own can be added up, too.
#[test]
fn summands_of_ones_own() {
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Cents(u8);
    impl Summand for Cents {
        const ZERO: Self = Self(0);
        fn checked_sum(self, other: Self) -> Option<Self> {
            self.0.checked_add(other.0).map(Self)
        }
    }
    impl Averaged for Cents {
        type Total = Self;
        type Average = u8;
        fn widen(self) -> Self {
            self
        }
        fn divide(total: Self, count: u64) -> u8 {
            (u64::from(total.0) / count) as u8
        }
    }
    assert_eq!(output(stream::iter([Cents(1), Cents(2)]).sum()), Ok(Cents(3)));
    assert_eq!(output(stream::iter([Cents(10), Cents(20)]).average()), Some(15));
    assert_eq!(output(stream::iter([Cents(200), Cents(100)]).average()), None);
}

#[test]
fn values_by_key_come_in_the_order_of_their_keys() {
    paces(&NONE).for_each(|s| assert_eq!(output(s.count_by(|n| n % 2)), []));
    paces(&[3, 2, 5, 4, 7]).for_each(|s| assert_eq!(output(s.count_by(|n| n % 2)), [(1, 3), (0, 2)]));
    for s in paces(&[3, 2, 5, 4, 7]) {
        let sums = output(s.aggregate_by(|n| n % 2, |key| key * 100, |sum, n| *sum += n));
        assert_eq!(sums, [(1, 115), (0, 6)]);
    }
    // Enough of them that the table grows.
    let counts = output(stream::iter(0..3000).count_by(|n| n % 1000));
    assert_eq!(counts, (0..1000).map(|key| (key, 3)).collect::<Vec<_>>());
}

#[test]
fn a_lookup() {
    let empty = output(stream::iter(NONE).to_lookup(|n| n % 2));
    assert!(empty.is_empty() && empty.get(&1).is_empty());
    for s in paces(&["one", "three", "two", "five"]) {
        let by_length = output(s.to_lookup(|word| word.len()));
        assert_eq!(by_length.len(), 3);
        assert_eq!(by_length.get(&3), ["one", "two"]);
        assert!(by_length.contains(&4) && !by_length.contains(&9) && by_length.get(&9).is_empty());
        assert!(by_length.iter().map(|(key, _)| *key).eq([3, 5, 4]));
        assert_eq!(format!("{by_length:?}"), "Lookup { len: 3, .. }");
        let groups: Vec<_> = by_length.into_iter().collect();
        assert_eq!(groups, [(3, vec!["one", "two"]), (5, vec!["three"]), (4, vec!["five"])]);
    }
}

/// A panic of a closure loses an item, and nothing that came before.
#[test]
fn a_closure_that_panics_changes_nothing() {
    let key = |n: &i32| if *n == 2 { panic!("not two") } else { n % 2 };
    let mut counts = stream::iter([1, 2, 3]).count_by(key);
    assert_eq!(panic_of(|| output(&mut counts)), Some("not two"));
    assert_eq!(output(&mut counts), [(1, 2)]);
    let add = |sum: &mut i32, n| if n == 2 { panic!("not two") } else { *sum += n };
    let mut sums = stream::iter([1, 2, 3]).aggregate_by(|_| (), |()| 0, add);
    assert_eq!(panic_of(|| output(&mut sums)), Some("not two"));
    assert_eq!(output(&mut sums), [((), 4)]);
}

#[test]
fn two_streams_are_compared() {
    let equal = |a: &[i32], b: &[i32]| {
        let pairs = paces(a).flat_map(|a| paces(b).map(move |b| (a.clone(), b)));
        pairs.map(|(a, b)| output(a.sequence_equal(b))).collect::<Vec<_>>()
    };
    assert_eq!(equal(&[], &[]), [true; 9]);
    assert_eq!(equal(&[1, 2], &[1, 2]), [true; 9]);
    for (a, b) in [(&[][..], &[1][..]), (&[1, 2], &[1]), (&[1, 2], &[2, 1]), (&[1], &[2])] {
        assert_eq!(equal(a, b), [false; 9]);
        assert_eq!(equal(b, a), [false; 9]);
    }
    // What one has said is kept while the other is pending, and only that is taken.
    let mut numbers = stream::iter(1..);
    let waits = Script::new([None, None, Some(1), Some(9)], Hint::Exact);
    assert!(!output(numbers.by_ref().sequence_equal(waits)));
    assert_eq!(output(numbers.next()), Some(3));
}

#[test]
fn a_reduction_rests_and_ends() {
    let wakes = Counter::new();
    let mut endless = pin!(stream::repeat(1).last());
    assert!(wakes.poll(&mut endless).is_pending());
    assert_eq!(wakes.wakes(), 1);
    assert!(!endless.is_terminated());
    let mut same = pin!(stream::repeat(1).sequence_equal(stream::repeat(1)));
    assert!(wakes.poll(&mut same).is_pending());
    assert_eq!(wakes.wakes(), 2);

    let mut ended = stream::iter([1]).last();
    assert_eq!(output(&mut ended), Some(1));
    assert!(ended.is_terminated());
    assert_eq!(panic_of(|| output(&mut ended)), Some("another payload"));
}
