//! Models of the throttle's permits: a place comes back once when a body ends, goes, or is left alone, and not before.
#![cfg(loom)]

use futures_core::Stream;
use loom::thread::spawn;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::task::{Context, Poll};
use taskcell::throttled_map_spawned;
use taskcell_loom_tests::children::Parent;
use taskcell_loom_tests::jobs::{Jobs, work};
use taskcell_loom_tests::{Bound, Data, Drops, Tracked, Wakes, model, name};

const ONE: NonZeroUsize = NonZeroUsize::MIN;
const TWO: NonZeroUsize = ONE.saturating_add(1);

/// With one place the second body begins after all that the first has done, its drop included.
#[test]
fn place_of_a_body_against_the_next() {
    model(name!(), Bound::Preemptions(3), || {
        let (data, drops) = (Data::new(), Drops::new());
        let (jobs, bodies) = (Jobs::default(), drops.clone());
        let spawner = jobs.spawner();
        let mut map = throttled_map_spawned(&spawner, 0..2u32, ONE, move |n, _| {
            let inside = Inside(data.clone(), bodies.track());
            async move {
                inside.0.write();
                Ok::<u32, ()>(n)
            }
        });
        let (parent, waker) = Parent::new();
        assert!(Pin::new(&mut map).poll_next(&mut Context::from_waker(&waker)).is_pending());
        let first = jobs.take();
        let other = spawn(move || work(first));
        assert_eq!(parent.run(&mut Collect(&mut map, Vec::new(), jobs), &waker), [Some(0), Some(1)]);
        other.join().unwrap();
        assert_eq!((drops.count(), drops.live()), (2, 0));
    });
}

/// With two places two bodies end at the same time, and each comes once.
#[test]
fn places_of_two_bodies_that_end() {
    model(name!(), Bound::Preemptions(3), || {
        let jobs = Jobs::default();
        let spawner = jobs.spawner();
        let mut map = throttled_map_spawned(&spawner, 0..2u32, TWO, |n, _| async move { Ok::<u32, ()>(n) });
        let (parent, waker) = Parent::new();
        assert!(Pin::new(&mut map).poll_next(&mut Context::from_waker(&waker)).is_pending());
        let job = jobs.take();
        let other = spawn(move || work(job));
        work(jobs.take());
        let mut seen = parent.run(&mut Collect(&mut map, Vec::new(), jobs), &waker);
        seen.sort_unstable();
        assert_eq!(seen, [Some(0), Some(1)]);
        other.join().unwrap();
    });
}

/// A body that its executor drops gives its place back, too, when all of it has gone.
#[test]
fn place_of_a_dropped_body_against_the_next() {
    model(name!(), Bound::Preemptions(3), || {
        let (data, jobs) = (Data::new(), Jobs::default());
        let spawner = jobs.spawner();
        let mut map = throttled_map_spawned(&spawner, 0..2u32, ONE, move |n, _| {
            let inside = Written(data.clone());
            async move {
                drop(inside);
                Ok::<u32, ()>(n)
            }
        });
        let (parent, waker) = Parent::new();
        assert!(Pin::new(&mut map).poll_next(&mut Context::from_waker(&waker)).is_pending());
        let first = jobs.take();
        let other = spawn(move || drop(first));
        assert_eq!(parent.run(&mut Collect(&mut map, Vec::new(), jobs), &waker), [None, Some(1)]);
        other.join().unwrap();
    });
}

/// A stream that is dropped while a body ends leaves nothing behind, and wakes nobody afterwards.
#[test]
fn stream_dropped_against_the_end_of_a_body() {
    model(name!(), Bound::Preemptions(3), || {
        let (jobs, drops) = (Jobs::default(), Drops::new());
        let (spawner, bodies) = (jobs.spawner(), drops.clone());
        let mut map = throttled_map_spawned(&spawner, 0..9u32, ONE, move |_, token| {
            let tracked = bodies.track();
            async move {
                assert!(!token.is_cancelled() || token.reason().is_some());
                Ok::<Tracked, ()>(tracked)
            }
        });
        let wakes = Wakes::new();
        let waker = wakes.waker();
        assert!(Pin::new(&mut map).poll_next(&mut Context::from_waker(&waker)).is_pending());
        drop(waker);
        let job = jobs.take();
        let other = spawn(move || work(job));
        let token = map.token();
        drop(map);
        assert!(token.is_cancelled());
        other.join().unwrap();
        assert!(wakes.count() <= 1);
        assert_eq!((drops.count(), drops.live(), wakes.live()), (1, 0, 0));
    });
}

/// Drops what it holds before the data is written.
struct Inside(Data, #[expect(dead_code, reason = "its drop is counted")] Tracked);

/// Writes when it goes.
struct Written(Data);

impl Drop for Written {
    fn drop(&mut self) {
        self.0.write();
    }
}

/// All values of a stream, None for a body without one. Bodies that are spawned meanwhile run here.
struct Collect<'a, S>(&'a mut S, Vec<Option<u32>>, Jobs);

impl<S: Stream<Item = Result<u32, E>> + Unpin, E> Future for Collect<'_, S> {
    type Output = Vec<Option<u32>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        while let Poll::Ready(next) = Pin::new(&mut *this.0).poll_next(cx) {
            match next {
                Some(value) => this.1.push(value.ok()),
                None => return Poll::Ready(std::mem::take(&mut this.1)),
            }
        }
        while let Some(job) = this.2.pop() {
            work(job);
        }
        Poll::Pending
    }
}
