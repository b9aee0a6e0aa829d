//! D1 and D1w: a message through a bounded channel, on one thread.
//!
//! The consumer's waker does nothing. A peer that hands items through its own future is polled as ours is.

use super::signal::{context, pending};
use crate::meter::Meter;
use futures_intrusive::channel::shared;
use std::future::Future;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

/// How many messages have room.
const CAPACITY: usize = 1_024;

/// A bounded channel of one's own.
pub(super) trait Channel {
    type Sender;
    type Receiver;
    fn pair() -> (Self::Sender, Self::Receiver);
    fn send(sender: &Self::Sender, value: u64) -> impl Future<Output = ()>;
    fn receive(receiver: &mut Self::Receiver) -> impl Future<Output = u64>;
}

/// taskcell.
pub(super) struct OurChannel;

impl Channel for OurChannel {
    type Sender = taskcell::channel::Writer<u64>;
    type Receiver = taskcell::channel::Reader<u64>;

    fn pair() -> (Self::Sender, Self::Receiver) {
        taskcell::channel::bounded(CAPACITY)
    }

    #[inline(always)]
    fn send(sender: &Self::Sender, value: u64) -> impl Future<Output = ()> {
        Done(sender.write(value), drop_ok)
    }

    #[inline(always)]
    fn receive(receiver: &mut Self::Receiver) -> impl Future<Output = u64> {
        Done(receiver.read(), value)
    }
}

/// async-channel.
pub(super) struct AsyncChannel;

impl Channel for AsyncChannel {
    type Sender = async_channel::Sender<u64>;
    type Receiver = async_channel::Receiver<u64>;

    fn pair() -> (Self::Sender, Self::Receiver) {
        async_channel::bounded(CAPACITY)
    }

    #[inline(always)]
    fn send(sender: &Self::Sender, value: u64) -> impl Future<Output = ()> {
        let send = sender.send(value);
        async move { assert!(send.await.is_ok()) }
    }

    #[inline(always)]
    fn receive(receiver: &mut Self::Receiver) -> impl Future<Output = u64> {
        let receive = receiver.recv();
        async move { receive.await.unwrap_or_default() }
    }
}

/// tokio, whose channel has one receiver.
pub(super) struct TokioMpsc;

impl Channel for TokioMpsc {
    type Sender = tokio::sync::mpsc::Sender<u64>;
    type Receiver = tokio::sync::mpsc::Receiver<u64>;

    fn pair() -> (Self::Sender, Self::Receiver) {
        tokio::sync::mpsc::channel(CAPACITY)
    }

    #[inline(always)]
    fn send(sender: &Self::Sender, value: u64) -> impl Future<Output = ()> {
        let send = sender.send(value);
        async move { assert!(send.await.is_ok()) }
    }

    #[inline(always)]
    fn receive(receiver: &mut Self::Receiver) -> impl Future<Output = u64> {
        let receive = receiver.recv();
        async move { receive.await.unwrap_or_default() }
    }
}

/// kanal.
pub(super) struct Kanal;

impl Channel for Kanal {
    type Sender = kanal::AsyncSender<u64>;
    type Receiver = kanal::AsyncReceiver<u64>;

    fn pair() -> (Self::Sender, Self::Receiver) {
        kanal::bounded_async(CAPACITY)
    }

    #[inline(always)]
    fn send(sender: &Self::Sender, value: u64) -> impl Future<Output = ()> {
        let send = sender.send(value);
        async move { assert!(send.await.is_ok()) }
    }

    #[inline(always)]
    fn receive(receiver: &mut Self::Receiver) -> impl Future<Output = u64> {
        let receive = receiver.recv();
        async move { receive.await.unwrap_or_default() }
    }
}

/// flume.
pub(super) struct Flume;

impl Channel for Flume {
    type Sender = flume::Sender<u64>;
    type Receiver = flume::Receiver<u64>;

    fn pair() -> (Self::Sender, Self::Receiver) {
        flume::bounded(CAPACITY)
    }

    #[inline(always)]
    fn send(sender: &Self::Sender, value: u64) -> impl Future<Output = ()> {
        Done(sender.send_async(value), drop_ok)
    }

    #[inline(always)]
    fn receive(receiver: &mut Self::Receiver) -> impl Future<Output = u64> {
        Done(receiver.recv_async(), value)
    }
}

/// futures-intrusive.
pub(super) struct IntrusiveChannel;

impl Channel for IntrusiveChannel {
    type Sender = shared::Sender<u64>;
    type Receiver = shared::Receiver<u64>;

    fn pair() -> (Self::Sender, Self::Receiver) {
        shared::channel(CAPACITY)
    }

    #[inline(always)]
    fn send(sender: &Self::Sender, value: u64) -> impl Future<Output = ()> {
        let send = sender.send(value);
        async move { assert!(send.await.is_ok()) }
    }

    #[inline(always)]
    fn receive(receiver: &mut Self::Receiver) -> impl Future<Output = u64> {
        let receive = receiver.receive();
        async move { receive.await.unwrap_or_default() }
    }
}

/// A future whose result is looked at.
struct Done<F: Future, R>(F, fn(F::Output) -> R);

impl<F: Future + Unpin, R> Future for Done<F, R> {
    type Output = R;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<R> {
        let look = self.1;
        Pin::new(&mut self.0).poll(context).map(look)
    }
}

fn drop_ok<E>(result: Result<(), E>) {
    assert!(result.is_ok());
}

fn value<E>(result: Result<u64, E>) -> u64 {
    result.unwrap_or_default()
}

#[inline(always)]
fn now<F: Future>(future: F, context: &mut Context<'_>) -> F::Output {
    match pin!(future).poll(context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("there was room, or a message"),
    }
}

/// A message that is written and read, neither waiting.
pub(super) fn d1<C: Channel>(meter: &mut Meter, n: usize) {
    let (sender, mut receiver) = C::pair();
    let mut context = context();
    // A warm channel, with something in it.
    for value in 0..16 {
        now(C::send(&sender, value), &mut context);
    }
    meter.start();
    for value in 0..n as u64 {
        now(C::send(&sender, black_box(value)), &mut context);
        black_box(now(C::receive(&mut receiver), &mut context));
    }
    meter.stop(n);
}

/// A read that waits, and the write that it waits for.
pub(super) fn d1w<C: Channel>(meter: &mut Meter, n: usize) {
    let (sender, mut receiver) = C::pair();
    let mut context = context();
    meter.start();
    for value in 0..n as u64 {
        let mut receive = pin!(C::receive(&mut receiver));
        pending(receive.as_mut(), &mut context);
        now(C::send(&sender, black_box(value)), &mut context);
        black_box(now(receive, &mut context));
    }
    meter.stop(n);
}
