//! Many items, few at a time; and batches.
//!
//! - `batches`: by size and by time
//! - `lazy`: `throttled_map` and its orders
//! - `spawned`: `throttled_map_spawned`
//! - `for_each`: the three loops
//! - `random`: all of them at random
//! - `hostile`: wakers, executors and drops that do their worst
mod batches;
mod for_each;
mod hostile;
mod lazy;
mod random;
mod spawned;

use core::num::NonZeroUsize;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};

pub(crate) fn limit(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

/// Counts how many are under way, and how many were at most.
#[derive(Clone, Default)]
pub(crate) struct Gauge(Arc<[AtomicUsize; 3]>);

pub(crate) struct Inside(Gauge);

impl Gauge {
    pub(crate) fn enter(&self) -> Inside {
        let now = self.0[0].fetch_add(1, SeqCst) + 1;
        self.0[1].fetch_max(now, SeqCst);
        self.0[2].fetch_add(1, SeqCst);
        Inside(self.clone())
    }
    pub(crate) fn now(&self) -> usize {
        self.0[0].load(SeqCst)
    }
    pub(crate) fn most(&self) -> usize {
        self.0[1].load(SeqCst)
    }
    pub(crate) fn entered(&self) -> usize {
        self.0[2].load(SeqCst)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.0[0].fetch_sub(1, SeqCst);
    }
}

/// Pending so many times, and wakes itself each time.
pub(crate) struct Yields(pub(crate) usize);

impl Future for Yields {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Numbers that look random, the same in each run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

fn all<T: Send + Sync + Unpin>(_: &T) {}

#[test]
fn what_is_send_sync_and_unpin() {
    let smol = |future: taskcell::BoxFuture<'static, ()>| smol::spawn(future).detach();
    let map = taskcell::throttled_map(0..3, limit(1), |n| async move { n });
    all(&map);
    let map = map.ordered();
    all(&map);
    let map = taskcell::throttled_map(0..3, limit(1), |n| async move { n }).with_index();
    all(&map);
    let each = taskcell::for_each_throttled(0..3, limit(1), |_| async {});
    all(&each);
    let each = taskcell::try_for_each_throttled(0..3, limit(1), |_, _| async { Ok::<(), u8>(()) });
    all(&each);
    let map = taskcell::throttled_map_spawned(&smol, 0..3, limit(1), |n, _| async move { Ok::<i32, u8>(n) });
    all(&map);
    let each = taskcell::for_each_throttled_spawned(&smol, 0..3, limit(1), |_, _| async { Ok::<(), u8>(()) });
    all(&each);
    assert!(!format!("{map:?} {each:?}").is_empty());
}
