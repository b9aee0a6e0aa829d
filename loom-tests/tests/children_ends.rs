//! What becomes of children and their outputs in the end: they are kept, taken, dropped with the set, or panic.
#![cfg(loom)]

use std::future::{Future, pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use taskcell::{
    Attempt, CancellationToken, CancellationTokenSource, hedge_on, need_only_one, when_all, when_all_or_first_error,
    when_all_settled, when_any,
};
use taskcell_loom_tests::{Bound, Clock, Drops, Tracked, Wakes, model, name, pending_once, poll_once};

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;
type Output = Result<Tracked, Tracked>;

/// A child that waits for its switch, which wakes it, and what then becomes of it.
fn switched<T: 'static>(end: impl FnOnce() -> T + 'static) -> (Switch, Boxed<T>) {
    let switch = Switch::default();
    let (own, mut end) = (switch.clone(), Some(end));
    let child = poll_fn(move |cx| {
        *own.0.lock().unwrap() = Some(cx.waker().clone());
        if own.1.load(SeqCst) { Poll::Ready(end.take().expect("polled after its end")()) } else { Poll::Pending }
    });
    (switch, Box::pin(child))
}

#[derive(Clone, Default)]
struct Switch(Arc<Mutex<Option<Waker>>>, Arc<AtomicBool>);

impl Switch {
    fn turn(&self) {
        self.1.store(true, SeqCst);
        let waker = self.0.lock().unwrap().take();
        waker.unwrap().wake();
    }
}

/// True if it panics.
fn panics(f: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(f)).is_err()
}

/// The first error ends the poll at once: what has not been polled is cancelled before. Without waiting it is taken out,
/// and all other outputs go with the set.
#[test]
fn first_error_at_the_first_poll() {
    model(name!(), Bound::Exhaustive, || {
        for waits in [false, true] {
            let (drops, source, wakes) = (Drops::new(), CancellationTokenSource::new(), Wakes::new());
            let (value, error, second, token) = (drops.track(), drops.track(), drops.track(), source.token());
            let mut second = Some(second);
            let work: [Boxed<Output>; 3] = [
                Box::pin(ready(Ok(value))),
                Box::pin(ready(Err(error))),
                Box::pin(poll_fn(move |_| {
                    assert!(token.is_cancelled(), "the error came first");
                    Poll::Ready(Err(second.take().unwrap()))
                })),
            ];
            let mut all = when_all_or_first_error(work, &source);
            if !waits {
                all = all.without_waiting();
            }
            let Poll::Ready(Err(error)) = poll_once(&mut all, &wakes.waker()) else { panic!("it has failed") };
            assert_eq!((error.len(), drops.live()), (1, if waits { 2 } else { 1 }));
            drop((error, all));
            assert_eq!((drops.live(), drops.count()), (0, 3));
        }
    });
}

/// The same where children are woken: those behind the error are not polled, and its place is known.
#[test]
fn first_error_of_children_that_are_woken() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, source, wakes) = (Drops::new(), CancellationTokenSource::new(), Wakes::new());
        let (value, error) = (drops.track(), drops.track());
        let (last, one) = switched(|| unreachable!("the error came first"));
        let (first, two) = switched(move || Ok(value));
        let (second, three) = switched(move || Err(error));
        let mut all = when_all_or_first_error([one, two, three], &source).without_waiting();
        assert!(poll_once(&mut all, &wakes.waker()).is_pending());
        first.turn();
        second.turn();
        last.turn();
        let Poll::Ready(Err(error)) = poll_once(&mut all, &wakes.waker()) else { panic!("it has failed") };
        assert_eq!((error.len(), drops.live(), source.is_cancelled()), (1, 1, true));
        drop((error, all));
        assert_eq!((drops.live(), drops.count()), (0, 2));
    });
}

/// All outputs of a set that has ended are given, in order; of errors, each with its place.
#[test]
fn outputs_in_order() {
    model(name!(), Bound::Exhaustive, || {
        let drops = Drops::new();
        let mut all = when_all([1, 2, 3].map(|n| ready(Ok::<_, ()>((n, drops.track())))));
        let Poll::Ready(Ok(values)) = poll_once(&mut all, Waker::noop()) else { panic!("all have ended") };
        assert!(values.iter().map(|(n, _)| *n).eq([1, 2, 3]));
        drop((values, all));
        let outputs = [Ok(drops.track()), Err(drops.track()), Ok(drops.track()), Err(drops.track())];
        let mut all = when_all(outputs.map(ready));
        let Poll::Ready(Err(errors)) = poll_once(&mut all, Waker::noop()) else { panic!("two have failed") };
        assert_eq!((errors.len(), drops.live()), (2, 2));
        drop((errors, all));
        assert_eq!((drops.live(), drops.count()), (0, 7));
    });
}

/// The outputs that were kept are dropped with the set, and so are the futures.
#[test]
fn outputs_of_a_set_that_is_dropped() {
    model(name!(), Bound::Exhaustive, || {
        let drops = Drops::new();
        let (held, one, two) = (drops.track(), drops.track(), drops.track());
        let waits = async {
            let _held = held;
            pending().await
        };
        let work: [Boxed<Tracked>; 3] = [Box::pin(ready(one)), Box::pin(waits), Box::pin(ready(two))];
        let mut all = when_all_settled(work);
        assert!(poll_once(&mut all, Waker::noop()).is_pending());
        assert_eq!(drops.count(), 0);
        drop(all);
        assert_eq!((drops.live(), drops.count()), (0, 3));
    });
}

/// Panics when it is dropped.
struct Bomb(#[expect(dead_code, reason = "it is there to be dropped")] Tracked);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a bomb");
    }
}

/// A child panics when its set is dropped: the others are dropped all the same, once.
#[test]
fn child_that_panics_when_its_set_is_dropped() {
    model(name!(), Bound::Exhaustive, || {
        let drops = Drops::new();
        let (one, two) = (Bomb(drops.track()), drops.track());
        let work: [Boxed<()>; 2] = [
            Box::pin(async {
                let _one = one;
                pending().await
            }),
            Box::pin(async {
                let _two = two;
                pending().await
            }),
        ];
        let mut all = when_all_settled(work);
        assert!(poll_once(&mut all, Waker::noop()).is_pending());
        assert!(panics(|| drop(all)));
        assert_eq!((drops.live(), drops.count()), (0, 2));
    });
}

/// A child panics when it is polled: the set is not polled again, and drops it.
#[test]
fn child_that_panics() {
    model(name!(), Bound::Exhaustive, || {
        let drops = Drops::new();
        let tracked = drops.track();
        let mut all = when_all_settled([Box::pin(async move {
            let _tracked = &tracked;
            pending_once().await;
            panic!("a child")
        })]);
        assert!(poll_once(&mut all, Waker::noop()).is_pending());
        assert!(panics(|| drop(poll_once(&mut all, Waker::noop()))));
        assert!(panics(|| drop(poll_once(&mut all, Waker::noop()))));
        drop(all);
        assert_eq!((drops.live(), drops.count()), (0, 1));
    });
}

/// A future that is ready at once, and holds something.
struct Holds<T>(T);

impl<T> Future for Holds<T> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

/// A child panics when it is dropped after its end: it is not dropped again, and its set not polled again.
#[test]
fn child_that_panics_after_its_end() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, wakes) = (Drops::new(), Wakes::new());
        let held = drops.track();
        let waits = async {
            let _held = held;
            pending().await
        };
        let work: [Boxed<()>; 2] = [Box::pin(Holds(Bomb(drops.track()))), Box::pin(waits)];
        let mut all = when_all_settled(work);
        assert!(panics(|| drop(poll_once(&mut all, &wakes.waker()))));
        assert!(panics(|| drop(poll_once(&mut all, &wakes.waker()))));
        assert_eq!(drops.count(), 1);
        drop(all);
        assert_eq!((drops.live(), drops.count()), (0, 2));
    });
}

/// More children than have marks are refused before there is memory for them.
#[test]
fn too_many_children() {
    model(name!(), Bound::Exhaustive, || {
        let too_many = (0..u32::MAX as usize).map(ready);
        assert!(panics(|| drop(when_all_settled(too_many))));
    });
}

/// The futures of the rest are given one by one, and then none.
#[test]
fn rest_taken_to_its_end() {
    model(name!(), Bound::Exhaustive, || {
        let drops = Drops::new();
        let mut any = when_any([1, 2, 3].map(|n| ready((n, drops.track()))));
        let Poll::Ready(Ok(winner)) = poll_once(&mut any, Waker::noop()) else { panic!("all are ready") };
        let mut rest = winner.rest.into_iter();
        let taken = [rest.next(), rest.next()].map(|next| next.unwrap().0);
        assert_eq!((taken, rest.next().is_none(), rest.next().is_none()), ([1, 2], true, true));
        drop((rest, winner.output, any));
        assert_eq!((drops.live(), drops.count()), (0, 3));
    });
}

/// Attempts are cancelled when nobody waits for them any more, those that have not ended; nobody is woken for it.
#[test]
fn attempts_cancelled_by_a_drop() {
    model(name!(), Bound::Exhaustive, || {
        let (wakes, tokens) = (Wakes::new(), Arc::new(Mutex::new(Vec::new())));
        let seen = tokens.clone();
        let mut one = hedge_on(Clock::new(), move |attempt: Attempt| {
            seen.lock().unwrap().push(attempt.token.clone());
            async move {
                if attempt.number == 1 {
                    return Err(());
                }
                attempt.token.cancelled().await;
                pending::<Result<(), ()>>().await
            }
        })
        .max_attempts(3)
        .delay(std::time::Duration::ZERO);
        assert!(poll_once(&mut one, &wakes.waker()).is_pending());
        let before = wakes.count();
        drop(one);
        assert_eq!((wakes.count(), wakes.live()), (before, 0));
        let cancelled: Vec<bool> = tokens.lock().unwrap().iter().map(CancellationToken::is_cancelled).collect();
        assert_eq!(cancelled, [true, false, true]);
    });
}

/// An attempt panics: it is cancelled too when nobody waits any more.
#[test]
fn attempt_that_panics_is_cancelled() {
    model(name!(), Bound::Exhaustive, || {
        let tokens = Arc::new(Mutex::new(Vec::new()));
        let mut one = need_only_one([true, false].map(|bad| {
            let tokens = tokens.clone();
            move |token: CancellationToken| {
                tokens.lock().unwrap().push(token);
                poll_fn(move |_| if bad { panic!("an attempt") } else { Poll::<()>::Pending })
            }
        }));
        assert!(panics(|| drop(poll_once(&mut one, Waker::noop()))));
        drop(one);
        assert!(tokens.lock().unwrap().iter().all(CancellationToken::is_cancelled));
    });
}
