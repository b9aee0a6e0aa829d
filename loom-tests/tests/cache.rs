//! The cache: who leads a load, and what is kept of it.
#![cfg(loom)]

use loom::thread;
use std::future::{Future, poll_fn, ready};
use std::task::Poll;
use taskcell::{AsyncCache, CacheOptions, CancellationToken, Handover};
use taskcell_loom_tests::{Bound, Drops, Tracked, Wakes, block_on, model, name, poll_once};

type Cache = AsyncCache<u8, u8, ()>;

fn cache(handover: Handover) -> Cache {
    Cache::without_loader(CacheOptions::new().handover(handover))
}

/// A load that is ready when it is polled for the `turn`th time.
fn load(turn: usize, value: u8, guard: Tracked) -> impl FnOnce(CancellationToken) -> Load {
    move |_| Load { turn, value, _guard: guard }
}

struct Load {
    turn: usize,
    value: u8,
    _guard: Tracked,
}

impl Future for Load {
    type Output = Result<u8, ()>;

    fn poll(mut self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        self.turn -= 1;
        if self.turn == 0 { Poll::Ready(Ok(self.value)) } else { Poll::Pending }
    }
}

/// A caller that comes while the leader goes has a value: it leads, or waits and is told.
#[test]
fn leader_dropped_against_arrival() {
    model(name!(), Bound::Exhaustive, || {
        let (cache, drops) = (cache(Handover::Restart), Drops::new());
        let (other, guard) = (cache.clone(), drops.track());
        let thread = thread::spawn(move || {
            let mut leader = other.get_with(&7, load(9, 1, guard));
            let _ = poll_once(&mut leader, &Wakes::new().waker());
        });
        assert_eq!(block_on(cache.get_with(&7, |_| ready(Ok(2)))).unwrap(), 2);
        thread.join().unwrap();
        assert_eq!((cache.loading(), drops.live(), cache.peek(&7)), (0, 0, Some(2)));
    });
}

/// The same; the load that goes on is the first one's.
#[test]
fn baton_passed_against_arrival() {
    model(name!(), Bound::Exhaustive, || {
        let (cache, drops) = (cache(Handover::Baton), Drops::new());
        let (other, guard) = (cache.clone(), drops.track());
        let thread = thread::spawn(move || {
            let mut leader = other.get_with(&7, load(2, 1, guard));
            let _ = poll_once(&mut leader, &Wakes::new().waker());
        });
        let value = block_on(cache.get_with(&7, |_| ready(Ok(2)))).unwrap();
        thread.join().unwrap();
        assert_eq!((cache.loading(), drops.live(), cache.peek(&7)), (0, 0, Some(value)));
    });
}

/// The leader goes while the one who is told, or would be, goes too: the next one is told, once.
#[test]
fn leader_dropped_against_waiters_drop() {
    model(name!(), Bound::Exhaustive, || {
        let cache: &'static Cache = Box::leak(Box::new(cache(Handover::Restart)));
        let (drops, first, second) = (Drops::new(), Wakes::new(), Wakes::new());
        let mut leader = cache.get_with(&7, load(9, 1, drops.track()));
        let mut one = cache.get_with(&7, |_| ready(Ok(2)));
        let mut two = cache.get_with(&7, |_| ready(Ok(3)));
        assert!(poll_once(&mut leader, &Wakes::new().waker()).is_pending());
        assert!(poll_once(&mut one, &first.waker()).is_pending());
        assert!(poll_once(&mut two, &second.waker()).is_pending());
        let thread = thread::spawn(move || drop(leader));
        drop(one);
        thread.join().unwrap();
        assert_eq!((second.count(), first.live()), (1, 0));
        assert!(matches!(poll_once(&mut two, &second.waker()), Poll::Ready(Ok(3))));
        assert_eq!((cache.loading(), drops.live(), second.live()), (0, 0, 0));
        cache.invalidate_all();
    });
}

/// The load ends while a waiter goes: the other has the value, and the number of the flight is free.
#[test]
fn end_against_waiters_drop() {
    model(name!(), Bound::Exhaustive, || {
        let cache: &'static Cache = Box::leak(Box::new(cache(Handover::Restart)));
        let (drops, first, second) = (Drops::new(), Wakes::new(), Wakes::new());
        let mut leader = cache.get_with(&7, load(2, 1, drops.track()));
        let mut one = cache.get_with(&7, |_| ready(Ok(2)));
        let mut two = cache.get_with(&7, |_| ready(Ok(3)));
        assert!(poll_once(&mut leader, &Wakes::new().waker()).is_pending());
        assert!(poll_once(&mut one, &first.waker()).is_pending());
        assert!(poll_once(&mut two, &second.waker()).is_pending());
        let thread = thread::spawn(move || {
            assert!(matches!(poll_once(&mut leader, &Wakes::new().waker()), Poll::Ready(Ok(1))));
        });
        drop(one);
        thread.join().unwrap();
        assert_eq!((second.count(), first.live()), (1, 0));
        assert!(matches!(poll_once(&mut two, &second.waker()), Poll::Ready(Ok(1))));
        assert_eq!((cache.loading(), drops.live(), cache.peek(&7)), (0, 0, Some(1)));
        cache.invalidate_all();
    });
}

/// A caller comes while the load ends: it has the value, from the load or from the cache.
#[test]
fn arrival_against_end() {
    model(name!(), Bound::Exhaustive, || {
        let (cache, drops) = (cache(Handover::Restart), Drops::new());
        let (other, guard) = (cache.clone(), drops.track());
        let thread = thread::spawn(move || {
            let mut leader = other.get_with(&7, load(2, 1, guard));
            if poll_once(&mut leader, &Wakes::new().waker()).is_pending() {
                let _ = poll_once(&mut leader, &Wakes::new().waker());
            }
        });
        let value = block_on(cache.get_with(&7, |_| ready(Ok(2)))).unwrap();
        thread.join().unwrap();
        assert_eq!((cache.loading(), drops.live(), cache.peek(&7)), (0, 0, Some(value)));
    });
}

/// A new caller is faster than the waiter that was told, and goes again: the waiter leads after all.
#[test]
fn arrival_against_the_one_who_was_told() {
    model(name!(), Bound::Exhaustive, || {
        let (cache, drops) = (cache(Handover::Restart), Drops::new());
        let (other, guard) = (cache.clone(), drops.track());
        let mut leader = cache.get_with(&7, load(9, 1, drops.track()));
        let mut told = cache.get_with(&7, |_| ready(Ok(2)));
        assert!(poll_once(&mut leader, &Wakes::new().waker()).is_pending());
        assert!(poll_once(&mut told, &Wakes::new().waker()).is_pending());
        drop(leader);
        let thread = thread::spawn(move || {
            let mut new = other.get_with(&7, load(9, 3, guard));
            let _ = poll_once(&mut new, &Wakes::new().waker());
        });
        assert_eq!(block_on(poll_fn(|cx| std::pin::Pin::new(&mut told).poll(cx))).unwrap(), 2);
        thread.join().unwrap();
        assert_eq!((cache.loading(), drops.live(), cache.peek(&7)), (0, 0, Some(2)));
    });
}

/// A key is removed while its load ends: the value is not kept, whichever comes first.
#[test]
fn remove_against_end() {
    model(name!(), Bound::Exhaustive, || {
        let cache: &'static Cache = Box::leak(Box::new(cache(Handover::Restart)));
        let drops = Drops::new();
        let mut leader = cache.get_with(&7, load(2, 1, drops.track()));
        assert!(poll_once(&mut leader, &Wakes::new().waker()).is_pending());
        let thread = thread::spawn(move || {
            assert!(matches!(poll_once(&mut leader, &Wakes::new().waker()), Poll::Ready(Ok(1))));
        });
        let removed = cache.remove(&7);
        thread.join().unwrap();
        assert!(matches!(removed, None | Some(1)));
        assert_eq!((cache.loading(), drops.live(), cache.len()), (0, 0, 0));
    });
}

/// A value is set while a load ends: what was set stays, whichever comes first.
#[test]
fn set_against_end() {
    model(name!(), Bound::Exhaustive, || {
        let cache: &'static Cache = Box::leak(Box::new(cache(Handover::Restart)));
        let drops = Drops::new();
        let mut leader = cache.get_with(&7, load(2, 1, drops.track()));
        assert!(poll_once(&mut leader, &Wakes::new().waker()).is_pending());
        let thread = thread::spawn(move || {
            assert!(matches!(poll_once(&mut leader, &Wakes::new().waker()), Poll::Ready(Ok(1))));
        });
        cache.set(7, 5);
        thread.join().unwrap();
        assert_eq!((cache.loading(), drops.live(), cache.peek(&7)), (0, 0, Some(5)));
        cache.invalidate_all();
    });
}
