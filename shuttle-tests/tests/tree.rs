//! Trees of tokens, with more nodes and threads than loom's models have.
#![cfg(shuttle)]

use shuttle::future::block_on;
use shuttle::thread;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Wake, Waker};
use std::time::Duration;
use taskcell::time::ManualClock;
use taskcell::{CancellationToken, CancellationTokenSource as Source, Registration, Unregistered};
use taskcell_shuttle_tests::{give_up_after, model, name};

/// Counts what becomes of it; wants all of `below` to be cancelled by then. No part of the model.
struct Looks {
    below: Vec<CancellationToken>,
    count: AtomicUsize,
}

impl Looks {
    fn at(below: &[&Source]) -> Arc<Self> {
        Arc::new(Self { below: below.iter().map(|source| source.token()).collect(), count: AtomicUsize::new(0) })
    }

    fn look(&self) {
        assert!(self.below.iter().all(CancellationToken::is_cancelled), "a flag below is not up yet");
        self.count.fetch_add(1, SeqCst);
    }

    /// It runs as a callback of `token`.
    fn register(self: &Arc<Self>, token: &CancellationToken) -> Registration {
        let this = self.clone();
        token.register(move || this.look())
    }

    fn count(&self) -> usize {
        self.count.load(SeqCst)
    }

    /// Nobody else keeps it.
    fn is_alone(self: &Arc<Self>) -> bool {
        Arc::strong_count(self) == 1
    }
}

impl Wake for Looks {
    fn wake(self: Arc<Self>) {
        self.look();
    }
}

fn is_ready(future: &mut (impl Future + Unpin), waker: &Waker) -> bool {
    Pin::new(future).poll(&mut Context::from_waker(waker)).is_ready()
}

/// Four levels, the last with two parents; each level is cancelled by a thread of its own. Each node is delivered once,
/// its children are cancelled by then, and its reason says whether it was cancelled itself or from above.
#[test]
fn four_levels_cancelled_by_four_threads() {
    model(name!(), || {
        let root = Source::new();
        let middle = root.token().child();
        let lower = middle.token().child();
        let leaf = Source::linked([&middle.token(), &lower.token()]);
        let nodes = [root.clone(), middle.clone(), lower.clone(), leaf.clone()];
        let looks = [Looks::at(&[&middle]), Looks::at(&[&lower, &leaf]), Looks::at(&[&leaf]), Looks::at(&[])];
        let registrations: Vec<_> =
            nodes.iter().zip(&looks).map(|(node, looks)| looks.register(&node.token())).collect();
        let mut waiters: Vec<_> = nodes.iter().map(|node| node.token().cancelled_owned()).collect();
        for (waiter, looks) in waiters.iter_mut().zip(&looks) {
            assert!(!is_ready(waiter, &looks.clone().into()));
        }
        let threads = nodes.clone().map(|node| thread::spawn(move || node.cancel()));
        let first = threads.map(|thread| thread.join().unwrap());
        assert!(first[0], "nobody is above the root");
        for (node, first) in nodes.iter().zip(first) {
            assert_eq!(node.token().reason().expect("it is cancelled").is_inherited(), !first);
            assert_eq!(node.token().listeners(), 0);
        }
        assert!(looks.iter().all(|looks| looks.count() == 2), "a callback and a waker, each once");
        drop((registrations, waiters));
        assert!(looks.iter().all(Looks::is_alone));
    });
}

/// Two cancel the root, one a leaf, while two wait at other leaves: before the first waker of the root runs, all below
/// is cancelled (G11), and a waiter is woken once, or has seen the flag.
#[test]
fn flags_below_are_up_before_the_first_waker() {
    model(name!(), || {
        let root = Source::new();
        let middles = [root.token().child(), root.token().child()];
        let leaves = [middles[0].token().child(), middles[0].token().child(), middles[1].token().child()];
        let all: Vec<&Source> = middles.iter().chain(&leaves).collect();
        let looks = Looks::at(&all);
        let registration = looks.register(&root.token());
        let mut waiter = root.token().cancelled_owned();
        assert!(!is_ready(&mut waiter, &looks.clone().into()));
        let [leaf, other, third] = leaves.clone();
        let mut threads = Vec::new();
        for root in [root.clone(), root] {
            threads.push(thread::spawn(move || usize::from(root.cancel())));
        }
        threads.push(thread::spawn(move || {
            leaf.cancel();
            0
        }));
        for leaf in [other, third] {
            threads.push(thread::spawn(move || {
                let looks = Looks::at(&[&leaf]);
                let mut waiter = leaf.token().cancelled_owned();
                let early = is_ready(&mut waiter, &looks.clone().into());
                block_on(leaf.token().cancelled());
                drop(waiter);
                assert!(looks.count() <= usize::from(!early), "who has seen the flag is not woken");
                0
            }));
        }
        assert_eq!(threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>(), 1, "one was the first");
        assert_eq!(looks.count(), 2);
        drop((registration, waiter, leaves, middles));
        assert!(looks.is_alone());
    });
}

/// Children are made, linked and let go of while the root is cancelled: whoever hangs below it is cancelled, also where
/// the middle has gone.
#[test]
fn children_made_and_middles_dropped_against_a_cancel() {
    model(name!(), || {
        let (root, other) = (Source::new(), Source::new());
        let middle = root.token().child();
        let old = middle.token().child();
        let (made, linked) = (root.token(), (root.token(), other.token()));
        let threads = [
            thread::spawn(move || {
                let middle = made.child();
                middle.token().child()
            }),
            thread::spawn(move || Source::linked([&linked.1, &linked.0])),
            thread::spawn(move || {
                let young = middle.token().child();
                drop(middle);
                young
            }),
        ];
        let canceller = thread::spawn(move || assert!(root.cancel()));
        let looks = Looks::at(&[]);
        let registration = looks.register(&old.token());
        block_on(old.token().cancelled());
        let children = threads.map(|thread| thread.join().unwrap());
        canceller.join().unwrap();
        for child in children.iter().chain([&old]) {
            assert!(child.token().reason().expect("it is cancelled").is_inherited());
        }
        assert_eq!(looks.count(), 1);
        assert!(
            other.token().listeners() <= 1,
            "one child is linked to the other one too, unless it was born cancelled"
        );
        drop((children, registration));
        assert_eq!(other.token().listeners(), 0);
        assert!(looks.is_alone());
    });
}

/// Three go who could cancel a node with two parents, while callbacks and waiters come: nothing can cancel it then, no
/// callback has run, none is kept.
#[test]
fn all_sources_go_while_listeners_come() {
    model(name!(), || {
        let (left, right) = (Source::new(), Source::new());
        let own = Source::linked([&left.token(), &right.token()]);
        let (token, looks) = (own.token(), Looks::at(&[]));
        let early = looks.register(&token);
        let (late, waits) = ((token.clone(), looks.clone()), (token.clone(), looks.clone()));
        let threads = [left, right, own].map(|source| thread::spawn(move || drop(source)));
        let late = thread::spawn(move || late.1.register(&late.0));
        let waiter = thread::spawn(move || {
            let mut future = waits.0.cancelled_owned();
            assert!(!is_ready(&mut future, &waits.1.into()));
            future
        });
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let kept = (late.join().unwrap(), waiter.join().unwrap(), early);
        assert!(!token.can_be_cancelled() && !token.is_cancelled());
        assert_eq!((looks.count(), token.listeners()), (0, 0));
        assert!(looks.is_alone(), "what can never be called is dropped");
        drop(kept);
    });
}

/// One parent is cancelled, the other goes, and so does the source itself.
#[test]
fn one_parent_goes_while_the_other_is_cancelled() {
    model(name!(), || {
        let (left, right) = (Source::new(), Source::new());
        let own = Source::linked([&left.token(), &right.token()]);
        let below = own.token().child();
        let (token, looks) = (own.token(), Looks::at(&[&below]));
        let registration = looks.register(&token);
        let threads = [right, own].map(|source| thread::spawn(move || drop(source)));
        let canceller = thread::spawn(move || assert!(left.cancel()));
        block_on(below.token().cancelled());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        canceller.join().unwrap();
        assert!(token.reason().expect("it is cancelled").is_inherited());
        assert_eq!(looks.count(), 1);
        drop(registration);
        assert!(looks.is_alone());
    });
}

/// Four callbacks at two levels are taken back in all ways while two cancel: each runs once or never, and whoever has
/// waited for its end finds it over.
#[test]
fn callbacks_taken_back_against_two_cancels() {
    model(name!(), || {
        let root = Source::new();
        let child = root.token().child();
        let threads: Vec<_> = (0..4)
            .map(|n| {
                let (begun, ended) = (Looks::at(&[]), Looks::at(&[]));
                let told = (begun.clone(), ended.clone());
                let token = if n == 0 { root.token() } else { child.token() };
                let mut registration = token.register(move || {
                    told.0.look();
                    thread::yield_now();
                    told.1.look();
                });
                thread::spawn(move || {
                    let fate = match n {
                        0 | 1 => registration.unregister_and_wait().expect("it is in no callback"),
                        2 => block_on(registration.unregister_async()),
                        _ => registration.unregister(),
                    };
                    let runs = usize::from(!fate.is_removed());
                    if n < 3 {
                        assert_ne!(fate, Unregistered::Running);
                        assert_eq!((begun.count(), ended.count()), (runs, runs), "it is over, or never begins");
                    }
                    (runs, begun, ended)
                })
            })
            .collect();
        let other = child.clone();
        let canceller = thread::spawn(move || other.cancel());
        assert!(root.cancel());
        canceller.join().unwrap();
        for thread in threads {
            let (runs, begun, ended) = thread.join().unwrap();
            assert_eq!((begun.count(), ended.count()), (runs, runs));
            assert!(begun.is_alone() && ended.is_alone());
        }
        assert_eq!((root.token().listeners(), child.token().listeners()), (0, 0));
    });
}

/// A source is made as new while its parent is cancelled, and others wait and hang below: nobody is forgotten.
#[test]
fn reset_against_a_cancel_above() {
    model(name!(), || {
        let root = Source::new();
        let mut source = root.token().child();
        let (waits, above, looks) = (source.token(), source.token(), Looks::at(&[]));
        let registration = looks.register(&source.token());
        let threads = [
            thread::spawn(move || block_on(waits.cancelled())),
            thread::spawn(move || block_on(above.child().token().cancelled())),
            thread::spawn(move || assert!(root.cancel())),
        ];
        for _ in 0..2 {
            if !source.try_reset() {
                thread::yield_now();
            }
        }
        block_on(source.token().cancelled());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(source.token().reason().expect("it is cancelled").is_inherited());
        assert_eq!(looks.count(), 1, "its token hangs below the root as before");
        drop(registration);
        assert!(looks.is_alone());
    });
}

/// A deadline at the root, one at the child, a cancel between them, and a disarming: one of them is the reason.
#[test]
fn deadlines_against_a_cancel() {
    model(name!(), || {
        let clock = ManualClock::new();
        let root = Source::with_timeout_on(&clock, Duration::from_secs(2));
        let child = root.token().child();
        child.cancel_after_on(&clock, Duration::from_secs(1));
        let looks = [Looks::at(&[&child]), Looks::at(&[])];
        let registrations = [looks[0].register(&root.token()), looks[1].register(&child.token())];
        let (own, waits) = ((child.clone(), child.clone()), child.token());
        let threads = [
            thread::spawn(move || own.0.cancel()),
            thread::spawn(move || own.1.disarm()),
            thread::spawn(move || {
                block_on(waits.cancelled());
                true
            }),
        ];
        clock.advance(Duration::from_secs(1));
        clock.advance(Duration::from_secs(1));
        let [cancelled, disarmed, _] = threads.map(|thread| thread.join().unwrap());
        let reason = child.token().reason().expect("it is cancelled");
        assert_eq!(cancelled, reason.is_requested() && !reason.is_inherited());
        assert!(!(disarmed && reason.is_deadline() && !reason.is_inherited()), "it was disarmed");
        assert!(root.token().reason().expect("its time is over").is_deadline());
        assert_eq!((looks[0].count(), looks[1].count(), clock.armed()), (1, 1, 0));
        drop(registrations);
        assert!(looks.iter().all(Looks::is_alone));
    });
}

/// Sources, callbacks and waiters of a tree go in five threads at once, one of which cancels: nothing is left behind.
#[test]
fn everything_goes_while_a_middle_is_cancelled() {
    model(name!(), || {
        let root = Source::new();
        let middles = [root.token().child(), root.token().child()];
        let leaf = Source::linked([&middles[0].token(), &middles[1].token()]);
        let (looks, waked) = (Looks::at(&[]), Looks::at(&[]));
        let registrations = [&root, &middles[1], &leaf].map(|node| looks.register(&node.token()));
        let waits = [&middles[0], &middles[1], &leaf].map(|node| (node.token().cancelled_owned(), waked.clone()));
        let [cancelled, dropped] = middles;
        let threads = [
            thread::spawn(move || _ = cancelled.cancel()),
            thread::spawn(move || drop((root, dropped))),
            thread::spawn(move || drop(leaf)),
            thread::spawn(move || drop(registrations)),
            thread::spawn(move || {
                for (future, waked) in waits {
                    let mut future = future;
                    let _ = is_ready(&mut future, &waked.into());
                    let _ = give_up_after(1, future);
                }
            }),
        ];
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(looks.count() <= 1 && waked.count() <= 2, "only the leaf hangs below the one that was cancelled");
        assert!(looks.is_alone() && waked.is_alone());
    });
}
