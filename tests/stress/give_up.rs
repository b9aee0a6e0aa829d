//! Waiting for a while only: by dropping the future, at a moment that chance decides, or by a token that another thread
//! cancels.

use crate::chance::Chance;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, Wake, Waker};
use taskcell::{CancellationToken, CancellationTokenSource};

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

/// One thread's way of waiting for a while.
pub(crate) struct Impatient {
    woken: Arc<Woken>,
    waker: Waker,
}

impl Impatient {
    pub(crate) fn new() -> Self {
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(woken.clone());
        Self { woken, waker }
    }

    /// Polls `future` as often as it is woken, for a while; then drops it. Some are dropped when they have just been
    /// woken: what they were woken for must not be lost with them.
    pub(crate) fn wait<F: IntoFuture>(&mut self, chance: &mut Chance, future: F) -> Option<F::Output> {
        let mut future = pin!(future.into_future());
        let mut cx = Context::from_waker(&self.waker);
        let most = 1 << chance.below(9);
        let patience = chance.below(most);
        let drops_when_woken = chance.once_in(2);
        loop {
            self.woken.0.store(false, Ordering::Relaxed);
            if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                return Some(output);
            }
            let mut turns = 0;
            while !self.woken.0.load(Ordering::Acquire) {
                if turns > patience {
                    return None;
                }
                turns += 1;
                // Two threads have a core each; where there are more, the others get on as well.
                if turns % 16 == 0 { std::thread::yield_now() } else { std::hint::spin_loop() }
            }
            if drops_when_woken {
                return None;
            }
        }
    }
}

/// Sends the tokens' sources to the thread that cancels them.
#[derive(Clone)]
pub(crate) struct Canceller(Sender<CancellationTokenSource>);

impl Canceller {
    /// A thread of `scope` that cancels what it is sent, sooner or later, and ends with the last sender.
    pub(crate) fn start<'scope>(scope: &'scope std::thread::Scope<'scope, '_>, mut chance: Chance) -> Self {
        let (sender, receiver) = channel::<CancellationTokenSource>();
        scope.spawn(move || {
            for source in receiver {
                for _ in 0..chance.below(100) {
                    std::hint::spin_loop();
                }
                source.cancel();
            }
        });
        Self(sender)
    }

    /// A token that is cancelled soon; now and then it is already.
    pub(crate) fn token(&self, chance: &mut Chance) -> CancellationToken {
        let source = CancellationTokenSource::new();
        let token = source.token();
        if chance.once_in(32) {
            source.cancel();
        } else {
            self.0.send(source).expect("the thread runs as long as this does");
        }
        token
    }
}
