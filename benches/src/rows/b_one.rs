//! B1, B2, B2d and B5: a cell with one consumer, who awaits it by value. The value is a `u64`.

use super::signal::{context, pending, ready};
use crate::meter::Meter;
use std::future::Future;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::sync::Arc;
use tokio::sync::SetOnce;

/// A cell with who completes it and who consumes it.
pub(super) trait One {
    type Sender;
    type Receiver;
    fn pair() -> (Self::Sender, Self::Receiver);
    /// Completes the cell and gives the sender up.
    fn set(sender: Self::Sender, value: u64);
    fn wait(receiver: Self::Receiver) -> impl Future<Output = u64>;
}

/// taskcell.
pub(super) struct OurCell;

impl One for OurCell {
    type Sender = taskcell::TaskCompletionSource<u64>;
    type Receiver = taskcell::Task<u64>;

    #[inline(always)]
    fn pair() -> (Self::Sender, Self::Receiver) {
        taskcell::TaskCompletionSource::pair()
    }

    #[inline(always)]
    fn set(sender: Self::Sender, value: u64) {
        sender.set_result(value);
    }

    #[inline(always)]
    fn wait(receiver: Self::Receiver) -> impl Future<Output = u64> {
        Completed(receiver.into_future())
    }
}

/// A future that is never abandoned.
pub(super) struct Completed<F>(pub(super) F);

impl<T, E, F: Future<Output = Result<T, E>> + Unpin> Future for Completed<F> {
    type Output = T;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<T> {
        Pin::new(&mut self.0).poll(context).map(|result| match result {
            Ok(value) => value,
            Err(_) => panic!("a sender went without a value"),
        })
    }
}

macro_rules! channel {
    ($(#[$doc:meta])* $name:ident, $sender:ty, $receiver:ty, $pair:expr) => {
        $(#[$doc])*
        pub(super) struct $name;

        impl One for $name {
            type Sender = $sender;
            type Receiver = $receiver;

            #[inline(always)]
            fn pair() -> (Self::Sender, Self::Receiver) {
                $pair
            }

            #[inline(always)]
            fn set(sender: Self::Sender, value: u64) {
                assert!(sender.send(value).is_ok(), "nobody receives");
            }

            #[inline(always)]
            fn wait(receiver: Self::Receiver) -> impl Future<Output = u64> {
                Completed(receiver)
            }
        }
    };
}

channel! {
    /// The crate oneshot.
    Oneshot, oneshot::Sender<u64>, oneshot::AsyncReceiver<u64>, oneshot::async_channel()
}

channel! {
    /// tokio.
    TokioOneshot, tokio::sync::oneshot::Sender<u64>, tokio::sync::oneshot::Receiver<u64>, tokio::sync::oneshot::channel()
}

channel! {
    /// futures.
    FuturesOneshot, futures::channel::oneshot::Sender<u64>, futures::channel::oneshot::Receiver<u64>,
    futures::channel::oneshot::channel()
}

/// async-oneshot, whose sender is borrowed to send.
pub(super) struct AsyncOneshot;

impl One for AsyncOneshot {
    type Sender = async_oneshot::Sender<u64>;
    type Receiver = async_oneshot::Receiver<u64>;

    #[inline(always)]
    fn pair() -> (Self::Sender, Self::Receiver) {
        async_oneshot::oneshot()
    }

    #[inline(always)]
    fn set(mut sender: Self::Sender, value: u64) {
        assert!(sender.send(value).is_ok(), "nobody receives");
    }

    #[inline(always)]
    fn wait(receiver: Self::Receiver) -> impl Future<Output = u64> {
        Completed(receiver)
    }
}

/// tokio's `SetOnce`, shared.
pub(super) struct ArcSetOnce;

impl One for ArcSetOnce {
    type Sender = Arc<SetOnce<u64>>;
    type Receiver = Arc<SetOnce<u64>>;

    #[inline(always)]
    fn pair() -> (Self::Sender, Self::Receiver) {
        let cell = Arc::new(SetOnce::new());
        (Arc::clone(&cell), cell)
    }

    #[inline(always)]
    fn set(sender: Self::Sender, value: u64) {
        assert!(sender.set(value).is_ok(), "it was set already");
    }

    #[inline(always)]
    async fn wait(receiver: Self::Receiver) -> u64 {
        *receiver.wait().await
    }
}

/// Create, set, read when ready, drop.
pub(super) fn b1<C: One>(meter: &mut Meter, n: usize) {
    let mut context = context();
    meter.start();
    for value in 0..n as u64 {
        let (sender, receiver) = C::pair();
        C::set(sender, black_box(value));
        black_box(ready(pin!(C::wait(receiver)), &mut context));
    }
    meter.stop(n);
}

/// Create, poll pending, set, poll ready, drop.
pub(super) fn b2<C: One>(meter: &mut Meter, n: usize) {
    let mut context = context();
    meter.start();
    for value in 0..n as u64 {
        let (sender, receiver) = C::pair();
        let mut wait = pin!(C::wait(receiver));
        pending(wait.as_mut(), &mut context);
        C::set(sender, black_box(value));
        black_box(ready(wait, &mut context));
    }
    meter.stop(n);
}

/// Create, poll pending, drop both: the consumer goes first.
pub(super) fn b2d<C: One>(meter: &mut Meter, n: usize) {
    let mut context = context();
    meter.start();
    for _ in 0..n {
        let (_sender, receiver) = black_box(C::pair());
        pending(pin!(C::wait(receiver)), &mut context);
    }
    meter.stop(n);
}

/// Heap bytes of a cell with both its handles.
pub(super) fn b5<C: One>(meter: &mut Meter, n: usize) {
    let mut cells = Vec::with_capacity(n);
    meter.start();
    cells.extend((0..n).map(|_| C::pair()));
    meter.stop(n);
}
