//! Sets of children on one thread: which of them are polled, when, and whom a wake reaches. Races have models of their own.
#![cfg(loom)]

use loom::thread;
use std::future::{Future, pending, poll_fn, ready};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Wake, Waker};
use taskcell::{Rest, WhenAny, task_group_of, when_all_settled, when_any};
use taskcell_loom_tests::{Bound, Drops, Tracked, Wakes, model, name, poll_once};

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

/// What a child waits for, and its waker. It is no part of the model.
#[derive(Clone, Default)]
struct Gate(Arc<Mutex<(bool, Option<Waker>)>>);

impl Gate {
    fn child(&self) -> Boxed<()> {
        let gate = self.clone();
        Box::pin(poll_fn(move |cx| {
            let mut state = gate.0.lock().unwrap();
            state.1 = Some(cx.waker().clone());
            if state.0 { Poll::Ready(()) } else { Poll::Pending }
        }))
    }

    /// The waker of the last poll.
    fn waker(&self) -> Waker {
        self.0.lock().unwrap().1.clone().expect("it was polled")
    }

    /// The child is woken, in vain if it is not open.
    fn wake(&self) {
        self.waker().wake();
    }

    fn open(&self) {
        self.0.lock().unwrap().0 = true;
    }
}

fn gates<const N: usize>() -> [Gate; N] {
    std::array::from_fn(|_| Gate::default())
}

/// The place of the first that is ready, and the rest.
fn winner<F: Future>(any: &mut WhenAny<F>) -> (usize, Rest<F>) {
    let Poll::Ready(Ok(winner)) = poll_once(any, Waker::noop()) else { panic!("one is ready") };
    (winner.index, winner.rest)
}

/// Children that are left in the batch are woken again, and others come behind them: each is polled in its turn.
#[test]
fn woken_again_in_a_batch_that_is_left() {
    model(name!(), Bound::Exhaustive, || {
        let gates @ [a, b, c, d] = &gates();
        let mut any = when_any(gates.each_ref().map(Gate::child));
        assert!(poll_once(&mut any, Waker::noop()).is_pending());
        a.open();
        b.open();
        [a, b, c].into_iter().for_each(Gate::wake);
        let (first, rest) = winner(&mut any);
        b.wake();
        let mut any = rest.into_future();
        let (second, rest) = winner(&mut any);
        d.open();
        d.wake();
        let mut any = rest.into_future();
        let (third, rest) = winner(&mut any);
        assert_eq!([first, second, third], [0, 1, 3]);
        let mut any = rest.into_future();
        assert!(poll_once(&mut any, Waker::noop()).is_pending());
        c.open();
        c.wake();
        assert_eq!(winner(&mut any).0, 2);
    });
}

/// More children than a word has bits: those of both words are woken, and again, alone and together.
#[test]
fn children_of_two_words() {
    const LAST: usize = 63;
    model(name!(), Bound::Exhaustive, || {
        let (wakes, [first, last]) = (Wakes::new(), gates());
        let mut all = when_any((0..=LAST).map(|index| match index {
            0 => first.child(),
            LAST => last.child(),
            _ => Box::pin(pending()),
        }));
        assert!(poll_once(&mut all, &wakes.waker()).is_pending());
        for (round, woken) in [vec![&first, &last], vec![&last], vec![&last, &first], vec![&first]].iter().enumerate() {
            woken.iter().for_each(|gate| gate.wake());
            assert_eq!(wakes.count(), round + 1);
            assert!(poll_once(&mut all, &wakes.waker()).is_pending());
        }
        last.open();
        last.wake();
        let (index, rest) = winner(&mut all);
        first.open();
        first.wake();
        assert_eq!((index, winner(&mut rest.into_future()).0), (LAST, 0));
    });
}

/// The next one is taken out of the rest: it is not dropped with the others, which are.
#[test]
fn one_of_the_rest_is_taken_out() {
    struct Holds(#[expect(dead_code, reason = "it is there to be dropped")] Tracked, bool);
    impl Future for Holds {
        type Output = ();
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            if self.1 { Poll::Ready(()) } else { Poll::Pending }
        }
    }
    model(name!(), Bound::Exhaustive, || {
        let drops = [(); 3].map(|()| Drops::new());
        let mut any = when_any(drops.each_ref().map(|drops| Holds(drops.track(), true)));
        let mut rest = winner(&mut any).1.into_iter();
        let (index, taken) = rest.next().unwrap();
        drop(rest);
        assert_eq!((index, drops.each_ref().map(Drops::count)), (1, [1, 0, 1]));
        drop(taken);
        assert_eq!(drops.each_ref().map(Drops::count), [1, 1, 1]);
    });
}

/// The waker of a child that has ended wakes nobody.
#[test]
fn wake_of_a_child_that_has_ended() {
    model(name!(), Bound::Exhaustive, || {
        let (wakes, gates) = (Wakes::new(), gates::<2>());
        let mut all = when_all_settled(gates.each_ref().map(Gate::child));
        assert!(poll_once(&mut all, &wakes.waker()).is_pending());
        gates[0].open();
        gates[0].wake();
        assert!(poll_once(&mut all, &wakes.waker()).is_pending());
        gates[0].wake();
        assert_eq!(wakes.count(), 1);
        gates[1].open();
        gates[1].wake();
        assert!(poll_once(&mut all, &wakes.waker()).is_ready());
    });
}

/// The place of a waker that was taken, by a child or by another one, is there for the next: a poll does not have to wake
/// itself.
#[test]
fn place_of_a_waker_used_again() {
    model(name!(), Bound::Exhaustive, || {
        let (one, two, [gate]) = (Wakes::new(), Wakes::new(), gates());
        let mut all = when_all_settled([gate.child()]);
        for round in 0..3 {
            assert!(poll_once(&mut all, &one.waker()).is_pending());
            assert_eq!(one.count(), round);
            gate.wake();
            assert_eq!((one.count(), one.live()), (round + 1, 0));
        }
        for wakes in [&one, &two, &one, &two] {
            assert!(poll_once(&mut all, &wakes.waker()).is_pending());
            assert_eq!((wakes.live(), one.live() + two.live(), one.count() + two.count()), (1, 1, 3));
        }
        gate.open();
        gate.wake();
        assert_eq!((one.count(), two.count()), (3, 1));
        assert!(poll_once(&mut all, Waker::noop()).is_ready());
    });
}

/// A child that wakes itself in its poll: the set is polled again anyway, and leaves no waker for others.
#[test]
fn no_waker_is_left_where_one_was_woken() {
    model(name!(), Bound::Exhaustive, || {
        let wakes = Wakes::new();
        let mut polls = 0;
        let mut any = when_any([Box::pin(poll_fn(|cx| {
            cx.waker().wake_by_ref();
            polls += 1;
            if polls > 2 { Poll::Ready(()) } else { Poll::Pending }
        }))]);
        for round in 1..=2 {
            assert!(poll_once(&mut any, &wakes.waker()).is_pending());
            assert_eq!((wakes.count(), wakes.live()), (round, 0));
        }
        assert!(poll_once(&mut any, &wakes.waker()).is_ready());
    });
}

/// Counts the wakes that come from one thread.
struct Own(thread::ThreadId, AtomicUsize);

impl Wake for Own {
    fn wake(self: Arc<Self>) {
        self.1.fetch_add(usize::from(thread::current().id() == self.0), SeqCst);
    }
}

/// Two children are woken by two threads while their set is polled: it wakes itself once at most.
#[test]
fn wakes_of_a_poll_against_two_threads() {
    model(name!(), Bound::Preemptions(3), || {
        let (own, gates) = (Arc::new(Own(thread::current().id(), AtomicUsize::new(0))), gates::<2>());
        let mut any = when_any(gates.each_ref().map(Gate::child));
        let waker = own.clone().into();
        assert!(poll_once(&mut any, &waker).is_pending());
        let threads = gates.each_ref().map(Gate::waker).map(|child| thread::spawn(move || child.wake()));
        assert!(poll_once(&mut any, &waker).is_pending());
        assert!(own.1.load(SeqCst) <= 1);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// A body that has ended is not polled again, nor left a waker.
#[test]
fn no_waker_is_left_for_a_body_that_has_ended() {
    model(name!(), Bound::Exhaustive, || {
        let (wakes, [gate]) = (Wakes::new(), gates());
        let mut group = task_group_of(|group| {
            let child = gate.child();
            group.push(async {
                child.await;
                Ok::<_, ()>(())
            });
            ready(Ok(1))
        });
        let live = [(); 3].map(|()| {
            assert!(poll_once(&mut group, &wakes.waker()).is_pending());
            wakes.live()
        });
        assert!(live.iter().all(|now| *now == live[0]), "{live:?}");
        gate.open();
        gate.wake();
        assert!(matches!(poll_once(&mut group, &wakes.waker()), Poll::Ready(Ok(1))));
    });
}

/// A waker that counts its clones, and does something at the next one.
#[derive(Default)]
struct Counting {
    clones: AtomicUsize,
    wakes: AtomicUsize,
    next: Mutex<Option<Gate>>,
}

/// A static: wakers are told apart by its address, too.
static COUNTING: RawWakerVTable =
    RawWakerVTable::new(Counting::clone, Counting::wake, Counting::wake_by_ref, Counting::drop);

impl Counting {
    fn waker(self: &Arc<Self>) -> Waker {
        // SAFETY: the table keeps the contract: `data` is such an `Arc`, here and below.
        unsafe { Waker::new(Arc::into_raw(self.clone()).cast(), &COUNTING) }
    }

    /// How many of its wakers there are.
    fn live(self: &Arc<Self>) -> usize {
        Arc::strong_count(self) - 1
    }

    unsafe fn clone(data: *const ()) -> RawWaker {
        // SAFETY: see `waker`.
        let this = unsafe {
            Arc::increment_strong_count(data.cast::<Self>());
            &*data.cast::<Self>()
        };
        this.clones.fetch_add(1, SeqCst);
        let next = this.next.lock().unwrap().take();
        if let Some(gate) = next {
            gate.wake();
        }
        RawWaker::new(data, &COUNTING)
    }

    unsafe fn wake(data: *const ()) {
        // SAFETY: see `waker`.
        unsafe {
            Self::wake_by_ref(data);
            Self::drop(data);
        }
    }

    unsafe fn wake_by_ref(data: *const ()) {
        // SAFETY: see `waker`.
        unsafe { &*data.cast::<Self>() }.wakes.fetch_add(1, SeqCst);
    }

    unsafe fn drop(data: *const ()) {
        // SAFETY: see `waker`.
        unsafe { Arc::decrement_strong_count(data.cast::<Self>()) };
    }
}

/// A set that is polled again with the same waker does not clone it again.
#[test]
fn waker_of_a_set_is_cloned_once() {
    model(name!(), Bound::Exhaustive, || {
        let (one, two) = (Arc::new(Counting::default()), Arc::new(Counting::default()));
        let mut all = when_all_settled([pending::<()>()]);
        let mut any = when_any([pending::<()>()]);
        for _ in 0..3 {
            assert!(poll_once(&mut all, &one.waker()).is_pending());
            assert!(poll_once(&mut any, &two.waker()).is_pending());
        }
        let clones = [&one, &two].map(|waker| (waker.clones.load(SeqCst), waker.live()));
        assert_eq!(clones, [(1, 1); 2]);
    });
}

/// A child is woken where the set is about to leave its waker: that is told of it, and taken back before the next polls, so
/// that the rest has none.
#[test]
fn rest_has_no_waker() {
    model(name!(), Bound::Exhaustive, || {
        let (waker, gates) = (Arc::new(Counting::default()), gates::<2>());
        let mut any = when_any(gates.each_ref().map(Gate::child));
        assert!(poll_once(&mut any, Waker::noop()).is_pending());
        *waker.next.lock().unwrap() = Some(gates[1].clone());
        assert!(poll_once(&mut any, &waker.waker()).is_pending());
        assert_eq!((waker.wakes.load(SeqCst), waker.live()), (1, 1));
        gates[1].open();
        let (index, rest) = winner(&mut any);
        assert_eq!((index, waker.live()), (1, 0));
        drop(rest);
    });
}
