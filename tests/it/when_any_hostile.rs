//! `when_any` under hostile wakers, panics and drops.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use taskcell::{Empty, when_any};

use crate::children::{Place, child, places};
use crate::support::hooked::Hooks;
use crate::support::{Counter, panic_of, poll_with};
use crate::when_any::{poll, won};

/// Which futures were dropped, in order; one of them may panic as it is.
#[derive(Clone, Default)]
struct Drops(Rc<RefCell<Vec<usize>>>);

struct Guard(Drops, usize, bool);

impl Drops {
    fn guard(&self, index: usize, panics: bool) -> Guard {
        Guard(self.clone(), index, panics)
    }
    fn seen(&self) -> Vec<usize> {
        self.0.borrow().clone()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.borrow_mut().push(self.1);
        if self.2 {
            panic!("a drop");
        }
    }
}

/// A future that ends when its place is finished and holds a guard until it is dropped.
fn guarded(places: &Rc<Vec<Place>>, guard: Guard) -> impl Future<Output = usize> + Unpin + use<> {
    let mut child = Box::pin(child(places, guard.1));
    poll_fn(move |cx| {
        let _keep = &guard;
        child.as_mut().poll(cx)
    })
}

#[test]
fn losers_are_dropped_in_order_with_the_rest() {
    let (places, drops) = (places(5), Drops::default());
    let mut any = when_any((0..5).map(|index| guarded(&places, drops.guard(index, false))));
    assert!(poll(&mut any).is_pending());
    places[3].finish();
    let winner = won(&mut any);
    assert_eq!(drops.seen(), [3]);
    drop(any);
    assert_eq!(drops.seen(), [3]);
    drop(winner.rest);
    assert_eq!(drops.seen(), [3, 0, 1, 2, 4]);
}

#[test]
fn a_set_that_is_dropped_drops_its_children_in_order() {
    for polled in [false, true] {
        let (places, drops, counter) = (places(4), Drops::default(), Counter::new());
        let mut any = when_any((0..4).map(|index| guarded(&places, drops.guard(index, false))));
        if polled {
            assert!(counter.poll(&mut any).is_pending());
            assert_eq!(counter.held(), 1);
        }
        drop(any);
        assert_eq!((drops.seen(), counter.held()), (vec![0, 1, 2, 3], 0));
    }
}

#[test]
fn outputs_are_dropped_once_and_by_who_has_them() {
    let drops = Drops::default();
    let mut any = when_any((0..3).map(|index| std::future::ready(drops.guard(index, false))));
    let winner = won(&mut any);
    assert_eq!(drops.seen(), []);
    drop(winner.output);
    assert_eq!(drops.seen(), [0]);
    drop(winner.rest);
    assert_eq!(drops.seen(), [0, 1, 2]);
}

#[test]
fn a_loser_that_panics_in_drop_does_not_keep_the_others() {
    let (places, drops) = (places(6), Drops::default());
    let mut any = when_any((0..6).map(|index| guarded(&places, drops.guard(index, index == 2))));
    places[0].finish();
    let winner = won(&mut any);
    assert_eq!(panic_of(|| drop(winner.rest)), Some("a drop"));
    assert_eq!(drops.seen(), [0, 1, 2, 3, 4, 5]);

    let drops = Drops::default();
    let mut any = when_any((0..6).map(|index| guarded(&places, drops.guard(index, index == 2))));
    let mut rest = won(&mut any).rest.into_iter();
    let taken = rest.next();
    assert_eq!(panic_of(|| drop(rest)), Some("a drop"));
    assert_eq!(drops.seen(), [0, 2, 3, 4, 5]);
    drop(taken);
    assert_eq!(drops.seen(), [0, 2, 3, 4, 5, 1]);
}

#[test]
fn a_winner_that_panics_in_drop_goes_to_the_caller_and_the_others_stay() {
    let (places, drops) = (places(4), Drops::default());
    let mut any = when_any((0..4).map(|index| guarded(&places, drops.guard(index, index == 1))));
    assert!(poll(&mut any).is_pending());
    places[1].finish();
    assert_eq!(panic_of(|| poll(&mut any).is_ready()), Some("a drop"));
    assert_eq!(drops.seen(), [1]);
    assert_eq!(panic_of(|| poll(&mut any).is_ready()), Some("`when_any` polled after a child panicked"));
    drop(any);
    assert_eq!(drops.seen(), [1, 0, 2, 3]);
}

#[test]
fn a_panic_of_a_child_goes_to_the_caller() {
    let drops = Drops::default();
    let counter = Counter::new();
    let mut any = when_any((0..4).map(|index| {
        let guard = drops.guard(index, false);
        Box::pin(async move {
            let _guard = guard;
            if index == 2 {
                panic!("a child");
            }
            std::future::pending::<()>().await;
        })
    }));
    assert_eq!(panic_of(|| counter.poll(&mut any).is_ready()), Some("a child"));
    assert_eq!((drops.seen(), counter.held()), (vec![2], 0), "an async block drops what it holds as it unwinds");
    assert_eq!(panic_of(|| counter.poll(&mut any).is_ready()), Some("`when_any` polled after a child panicked"));
    drop(any);
    assert_eq!(drops.seen(), [2, 0, 1, 3]);
}

#[test]
fn a_child_that_panics_later_leaves_the_waker_with_the_set() {
    let places = places(2);
    let counter = Counter::new();
    let mut any = when_any((0..2).map(|index| {
        let mut child = Box::pin(child(&places, index));
        poll_fn(move |cx| {
            let polled = child.as_mut().poll(cx);
            assert!(polled.is_pending(), "a child");
            polled
        })
    }));
    assert!(counter.poll(&mut any).is_pending());
    places[1].finish();
    assert_eq!(panic_of(|| counter.poll(&mut any).is_ready()), Some("a child"));
    drop(any);
    assert_eq!((counter.wakes(), counter.held()), (1, 0));
}

#[test]
fn a_drop_that_wakes_its_siblings() {
    struct WakesAll(Rc<Vec<Place>>);
    impl Drop for WakesAll {
        fn drop(&mut self) {
            self.0.iter().for_each(Place::finish);
        }
    }
    let places = places(4);
    let counter = Counter::new();
    let make = |index| {
        let (wakes, mut child) = (WakesAll(places.clone()), Box::pin(child(&places, index)));
        poll_fn(move |cx| {
            let _keep = &wakes;
            child.as_mut().poll(cx)
        })
    };
    let mut any = when_any((0..4).map(make));
    assert!(counter.poll(&mut any).is_pending());
    places[2].finish();
    let Poll::Ready(Ok(winner)) = counter.poll(&mut any) else { panic!("one has ended") };
    assert_eq!((winner.index, counter.wakes()), (2, 1), "the winner's drop tells nobody");
    let mut any = winner.rest.into_future();
    let Poll::Ready(Ok(winner)) = counter.poll(&mut any) else { panic!("its drop has ended the others") };
    assert_eq!(winner.index, 0);
    drop(winner);
    assert_eq!((counter.wakes(), counter.held()), (1, 0));
}

#[test]
fn an_iterator_that_panics_leaks_nothing() {
    for hint in [0, 6, 9] {
        let drops = Drops::default();
        let mut left = 0..9;
        let futures = std::iter::from_fn(|| {
            let index = left.next()?;
            assert!(index < 6, "no more");
            Some(std::future::ready(drops.guard(index, false)))
        });
        struct Hint<I>(I, usize);
        impl<I: Iterator> Iterator for Hint<I> {
            type Item = I::Item;
            fn next(&mut self) -> Option<I::Item> {
                self.0.next()
            }
            fn size_hint(&self) -> (usize, Option<usize>) {
                (self.1, None)
            }
        }
        assert_eq!(panic_of(|| drop(when_any(Hint(futures, hint)))), Some("no more"));
        assert_eq!(drops.seen(), [0, 1, 2, 3, 4, 5], "with a hint of {hint}");
    }
}

#[test]
fn an_iterator_that_promises_too_much_is_no_harm() {
    struct Liar(std::ops::Range<usize>);
    impl Iterator for Liar {
        type Item = std::future::Ready<usize>;
        fn next(&mut self) -> Option<Self::Item> {
            self.0.next().map(std::future::ready)
        }
        fn size_hint(&self) -> (usize, Option<usize>) {
            (100, None)
        }
    }
    assert!(matches!(poll(&mut when_any(Liar(0..0))), Poll::Ready(Err(Empty))));
    let winner = won(&mut when_any(Liar(0..3)));
    assert_eq!((winner.index, winner.rest.len()), (0, 2));
}

/// Flags and wakers that a hook, which is `Send`, may use.
type Flags = Arc<Vec<(AtomicUsize, Mutex<Option<Waker>>)>>;

fn flags(count: usize) -> Flags {
    Arc::new((0..count).map(|_| Default::default()).collect())
}

fn finish(flags: &Flags, index: usize) {
    flags[index].0.store(1, Ordering::SeqCst);
    let waker = flags[index].1.lock().unwrap().take();
    waker.into_iter().for_each(Waker::wake);
}

fn flagged(flags: &Flags, index: usize) -> impl Future<Output = usize> + Unpin + use<> {
    let flags = flags.clone();
    poll_fn(move |cx| {
        if flags[index].0.load(Ordering::SeqCst) == 1 {
            return Poll::Ready(index);
        }
        let old = flags[index].1.lock().unwrap().replace(cx.waker().clone());
        drop(old);
        Poll::Pending
    })
}

#[test]
fn wakers_that_finish_children_from_clone_wake_and_drop() {
    for (on_clone, on_wake, on_drop) in [(true, false, false), (false, true, false), (false, false, true)] {
        let flags = flags(8);
        let (clone, wake, gone) = (flags.clone(), flags.clone(), flags.clone());
        let (waker, hooks) = Hooks::new()
            .on_clone(move || {
                if on_clone {
                    finish(&clone, 5)
                }
            })
            .on_wake(move || {
                if on_wake {
                    finish(&wake, 6)
                }
            })
            .on_drop(move || {
                if on_drop {
                    finish(&gone, 7)
                }
            })
            .waker();
        let mut any = when_any((0..8).map(|index| flagged(&flags, index)));
        assert!(poll_with(&waker, &mut any).is_pending());
        let mut seen = Vec::new();
        if on_drop {
            // Another waker: the old one is dropped.
            assert!(poll(&mut any).is_pending());
        }
        finish(&flags, 3);
        while seen.len() < 2 {
            if let Poll::Ready(Ok(winner)) = poll_with(Waker::noop(), &mut any) {
                seen.push(winner.index);
                any = winner.rest.into_future();
            } else {
                break;
            }
        }
        let also = if on_clone {
            5
        } else if on_wake {
            6
        } else {
            7
        };
        assert!(seen.contains(&3), "{seen:?}");
        assert!(seen.contains(&also), "{seen:?}");
        drop((any, waker));
        assert_eq!(Arc::strong_count(&hooks), 1, "no clone is left");
    }
}

#[test]
fn wakers_that_panic_leave_the_set_usable() {
    for on in ["clone", "wake", "drop"] {
        let places = places(3);
        let boom = |what: &'static str| {
            move || {
                if what == on && !std::thread::panicking() {
                    panic!("a waker");
                }
            }
        };
        let (waker, _) = Hooks::new().on_clone(boom("clone")).on_wake(boom("wake")).on_drop(boom("drop")).waker();
        let ignored = |work: &mut dyn FnMut()| {
            let _ = catch_unwind(AssertUnwindSafe(work));
        };
        let mut any = when_any((0..3).map(|index| child(&places, index)));
        ignored(&mut || drop(poll_with(&waker, &mut any)));
        ignored(&mut || places[1].wake());
        ignored(&mut || drop(poll_with(Waker::noop(), &mut any)));
        assert!(poll(&mut any).is_pending(), "{on}");
        for index in [2, 0, 1] {
            places[index].finish();
            let winner = won(&mut any);
            assert_eq!((winner.index, winner.rest.len()), (index, [1, 0, 2][index]), "{on}");
            any = winner.rest.into_future();
        }
        assert!(matches!(poll(&mut any), Poll::Ready(Err(Empty))), "{on}");
        let mut waker = Some(waker);
        ignored(&mut || drop(waker.take()));
    }
}

#[test]
fn a_child_polled_by_a_panicking_self_wake_is_not_lost() {
    let (waker, hooks) = Hooks::new()
        .on_wake(|| {
            if !std::thread::panicking() {
                panic!("a waker")
            }
        })
        .waker();
    let mut polls = 0;
    let mut any = when_any([poll_fn(|cx| {
        polls += 1;
        cx.waker().wake_by_ref();
        if polls == 2 { Poll::Ready(()) } else { Poll::Pending }
    })]);
    assert_eq!(panic_of(|| poll_with(&waker, &mut any).is_ready()), Some("a waker"));
    assert_eq!(won(&mut any).index, 0);
    drop((any, waker));
    assert_eq!(Arc::strong_count(&hooks), 1, "no clone is left");
}
