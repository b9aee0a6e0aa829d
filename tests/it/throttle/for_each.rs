//! The loops: all bodies, up to the first error, and on an executor.
use super::{Gauge, Yields, limit};
use crate::support::{Counter, panic_of};
use std::cell::Cell;
use std::future::pending;
use taskcell::for_each_throttled;

#[test]
fn all_bodies_run() {
    let (gauge, sum) = (Gauge::default(), Cell::new(0));
    smol::block_on(for_each_throttled(0..1000, limit(9), |n| {
        let (inside, sum) = (gauge.enter(), &sum);
        async move {
            Yields(n % 3).await;
            sum.set(sum.get() + n);
            drop(inside);
        }
    }));
    assert_eq!((sum.get(), gauge.now(), gauge.most()), (499_500, 0, 9));
    assert!(Counter::new().poll(&mut for_each_throttled([0u8; 0], limit(1), |_| pending())).is_ready());
}

#[test]
fn a_loop_that_never_ends_lets_others_run() {
    let (waiter, count) = (Counter::new(), Cell::new(0));
    let mut each = for_each_throttled(0.., limit(3), async |_: u64| count.set(count.get() + 1));
    for turn in 1..5 {
        assert!(waiter.poll(&mut each).is_pending());
        assert_eq!((waiter.wakes(), count.get()), (turn, turn * 128));
    }
}

#[test]
fn the_panic_of_a_body_drops_the_others() {
    let gauge = Gauge::default();
    let each = for_each_throttled(0..10, limit(4), |n| {
        let inside = gauge.enter();
        async move {
            assert!(n != 2, "no paper");
            pending::<()>().await;
            drop(inside);
        }
    });
    assert_eq!(panic_of(|| smol::block_on(each)), Some("no paper"));
    assert_eq!((gauge.now(), gauge.entered()), (0, 4));
}
