//! T4: one poller of a shared load is dropped right after it is pending, while another has registered.
//!
//! The load wakes itself while it is polled. Ten million rounds on two threads are a job (`cargo xtask stress`); here are
//! fewer.
use crate::support::{Counter, rounds};
use std::future::poll_fn;
use std::sync::Barrier;
use std::task::Poll;
use taskcell::{AsyncLazy, CacheOptions, Handover};

fn lazy(handover: Handover) -> AsyncLazy<u32, ()> {
    AsyncLazy::with_options(CacheOptions::new().handover(handover), |_| {
        let mut turns = 0;
        poll_fn(move |cx| {
            turns += 1;
            if turns > 2 {
                return Poll::Ready(Ok(7));
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
    })
}

#[test]
fn t04_the_poller_goes() {
    for handover in [Handover::Restart, Handover::Baton] {
        let lazies: Vec<_> = (0..rounds(20_000)).map(|_| lazy(handover)).collect();
        let start = Barrier::new(2);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for (round, lazy) in lazies.iter().enumerate() {
                    if round % 8 == 0 {
                        start.wait();
                    }
                    let _ = Counter::new().poll(&mut lazy.get());
                }
            });
            for (round, lazy) in lazies.iter().enumerate() {
                if round % 8 == 0 {
                    start.wait();
                }
                assert_eq!(smol::block_on(lazy.get()).unwrap(), 7);
            }
        });
        assert!(lazies.iter().all(|lazy| !lazy.is_loading()));
    }
}
