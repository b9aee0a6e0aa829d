//! Sources without a heap: on every tier, round after round, whatever the wakers and callbacks do.
//!
//! | file | knows |
//! |---|---|
//! | `rounds.rs` | cancel, see it, reset, again |
//! | `links.rs` | hierarchies: order, circles, depth, resets from the top |
//! | `hostile.rs` | wakers and callbacks that do anything |
//! | `panics.rs` | wakers and callbacks that panic |
//! | `timed.rs` | deadlines and reasons |
//! | `threads.rs` | rounds on real threads |

mod hostile;
mod links;
mod panics;
mod rounds;
mod threads;
mod timed;

use crate::support::leak;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use taskcell::{CancellationSlot, StaticCancellationTokenSource, StaticRegistration, StaticSlot, StaticToken};

type Source<const N: usize> = StaticCancellationTokenSource<N>;

/// What happened, in order.
type Log = Arc<Mutex<Vec<u32>>>;

/// A source as a static has it: it stays.
fn source<const N: usize>() -> &'static Source<N> {
    leak(Source::new())
}

/// Calls something at each wake.
struct Call<F>(F);

impl<F: Fn() + Send + Sync> Wake for Call<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

fn call(f: impl Fn() + Send + Sync + 'static) -> Waker {
    Arc::new(Call(f)).into()
}

/// A waker that writes a number down.
fn note(log: &Log, number: u32) -> Waker {
    let log = log.clone();
    call(move || log.lock().unwrap().push(number))
}

fn taken(log: &Log) -> Vec<u32> {
    std::mem::take(&mut *log.lock().unwrap())
}

fn poll(slot: &mut StaticSlot<'_>, waker: &Waker) -> Poll<()> {
    slot.poll_cancelled(&mut Context::from_waker(waker))
}

/// A callback that writes a number down; it fits into a word.
fn register<'a>(token: StaticToken<'a>, log: &Log, number: u32) -> StaticRegistration<'a> {
    let captured = leak((log.clone(), number));
    token.try_register(move || captured.0.lock().unwrap().push(captured.1)).map_err(drop).expect("a slot is free")
}
