//! `when_each` in endless use: memory that comes and goes, and futures that wake whomever they like.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::future::{Future, pending, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_util::future::Either;
use taskcell::WhenEach;

use super::when_each::{next, poll};
use crate::support::Counter;
use crate::support::heap::{allocations, live_bytes};
use crate::throttle::Dice;

#[test]
fn a_large_block_is_not_given_up_and_made_again_over_and_over() {
    // All that live long fill the blocks behind the first, whose eight come and go, with one more.
    let mut each = WhenEach::new();
    each.extend((0..8).map(|n| Either::Left(ready(n))));
    each.extend((8..4096).map(|_| Either::Right(pending())));
    for _ in 0..8 {
        assert!(matches!(next(&mut each), Poll::Ready(Some(_))));
    }
    assert!(next(&mut each).is_pending());
    let before = allocations();
    for _ in 0..100 {
        each.extend((0..9).map(|n| Either::Left(ready(n))));
        for _ in 0..9 {
            assert!(matches!(next(&mut each), Poll::Ready(Some(_))));
        }
        assert!(next(&mut each).is_pending());
    }
    assert!(allocations() - before < 5, "{} blocks for 900 futures", allocations() - before);
}

/// Pending until a cell says otherwise.
struct Gate<'a>(&'a Cell<bool>, &'a RefCell<Option<Waker>>);

impl Future for Gate<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0.get() {
            return Poll::Ready(());
        }
        *self.1.borrow_mut() = Some(cx.waker().clone());
        Poll::Pending
    }
}

#[test]
fn a_large_block_goes_when_few_are_left() {
    let gates: Vec<_> = (0..1024).map(|_| (Cell::new(false), RefCell::default())).collect();
    let mut each = WhenEach::new();
    let start = live_bytes();
    each.extend(gates.iter().map(|(open, waker)| Gate(open, waker)));
    assert!(next(&mut each).is_pending());
    let all = live_bytes() - start;
    // From the last on: the large blocks run empty first.
    for (left, (open, waker)) in gates.iter().enumerate().skip(1).rev() {
        open.set(true);
        waker.take().unwrap().wake();
        assert!(matches!(next(&mut each), Poll::Ready(Some(_))));
        assert!(next(&mut each).is_pending());
        let bytes = live_bytes() - start;
        assert!(bytes <= 2048 + all * 6 * left as isize / 1024, "{bytes} bytes of {all} for {left} futures");
    }
}

/// What the futures of a random run share.
struct World {
    dice: RefCell<Dice>,
    /// By key: the waker that it was polled with last.
    wakers: RefCell<HashMap<usize, Waker>>,
    /// Wakers of anybody, also of those that have gone.
    old: RefCell<Vec<Waker>>,
    /// Those that have to be polled in the next poll.
    due: RefCell<HashSet<usize>>,
    /// Those that were polled in this poll.
    polled: RefCell<HashSet<usize>>,
    ends: RefCell<HashSet<usize>>,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            dice: RefCell::new(Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))),
            wakers: RefCell::default(),
            old: RefCell::default(),
            due: RefCell::default(),
            polled: RefCell::default(),
            ends: RefCell::default(),
        }
    }

    fn random(&self, below: usize) -> usize {
        self.dice.borrow_mut().below(below as u64) as usize
    }

    /// Wakes a few, old ones and others.
    fn disturb(&self) {
        for _ in 0..self.random(3) {
            let old = self.old.borrow();
            if !old.is_empty() {
                let waker = old[self.random(old.len())].clone();
                drop(old);
                if self.random(2) == 0 { waker.wake() } else { waker.wake_by_ref() }
            }
        }
        if self.random(8) == 0 {
            let old = self.old.take();
            drop(old);
        }
    }

    /// Has one of them end when it is polled, and wakes it. False: there is none that waits.
    fn end_one(&self) -> bool {
        let wakers = self.wakers.borrow();
        let Some(key) = wakers.keys().min().map(|least| least + self.random(5)).filter(|key| wakers.contains_key(key))
        else {
            return false;
        };
        self.ends.borrow_mut().insert(key);
        self.due.borrow_mut().insert(key);
        wakers[&key].wake_by_ref();
        true
    }
}

struct Child(Rc<World>, usize);

impl Future for Child {
    type Output = usize;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<usize> {
        let Self(world, key) = &*self;
        assert!(world.polled.borrow_mut().insert(*key), "{key} is polled twice");
        world.due.borrow_mut().remove(key);
        if world.random(2) == 0 {
            world.old.borrow_mut().push(cx.waker().clone());
        }
        world.disturb();
        if world.ends.borrow().contains(key) || world.random(10) == 0 {
            return Poll::Ready(*key);
        }
        world.wakers.borrow_mut().insert(*key, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.0.wakers.borrow_mut().remove(&self.1);
        self.0.due.borrow_mut().remove(&self.1);
        self.0.disturb();
    }
}

#[test]
fn futures_that_wake_themselves_and_others_and_who_lived_there_before() {
    for seed in 1..if cfg!(miri) { 3_u64 } else { 200 } {
        let world = Rc::new(World::new(seed));
        let (counter, mut each, mut alive, mut pushed) = (Counter::new(), WhenEach::new(), HashSet::new(), 0);
        for _ in 0..300 {
            for _ in 0..world.random(if world.random(20) == 0 { 60 } else { 3 }) {
                assert_eq!(each.push(Child(world.clone(), pushed)), pushed);
                assert!(alive.insert(pushed));
                pushed += 1;
            }
            let (wakes, due) = (counter.wakes(), world.due.borrow().clone());
            world.polled.borrow_mut().clear();
            match poll(&mut each, &counter) {
                Poll::Ready(item) => {
                    assert!(item.is_none_or(|(key, output)| key == output && alive.remove(&key)));
                }
                Poll::Pending => {
                    assert!(due.is_disjoint(&world.due.borrow()), "woken, and not polled");
                    world.disturb();
                    if world.end_one() {
                        assert!(counter.wakes() > wakes, "nobody was woken");
                    }
                }
            }
            assert_eq!(each.len(), alive.len());
        }
        if seed % 2 == 0 {
            world.ends.borrow_mut().extend(0..pushed);
            let wakers: Vec<Waker> = world.wakers.borrow().values().cloned().collect();
            wakers.into_iter().for_each(Waker::wake);
            while let Poll::Ready(Some((key, _))) = {
                world.polled.borrow_mut().clear();
                poll(&mut each, &counter)
            } {
                assert!(alive.remove(&key));
            }
            assert!(alive.is_empty());
        }
        drop(each);
        assert_eq!(Rc::strong_count(&world), 1);
        world.disturb();
    }
}
