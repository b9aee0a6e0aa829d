//! Queues between tasks.
//!
//! A channel takes items from any number of [`Writer`]s to any number of [`Reader`]s, each item to one of them. It is an
//! executor's business who runs them, and a channel knows none. Made by
//!
//! | function | a full channel | .NET |
//! |---|---|---|
//! | [`bounded`] | keeps writers waiting | `Channel.CreateBounded` |
//! | [`unbounded`] | there is none | `Channel.CreateUnbounded` |
//! | [`rendezvous`] | has no buffer: a write waits for its reader | `Channel.CreateBounded(0)` |
//! | [`ChannelOptions`] | waits, or drops: the newest item, the oldest, the one written | `BoundedChannelOptions`, `CreateUnboundedPrioritized`, `DataflowBlockOptions` |
//! | [`StaticChannel`] | keeps writers waiting; it is in a `static`, without a heap | `Channel.CreateBounded` |
//!
//! and used by
//!
//! | to | at once | when it can | to wait for it |
//! |---|---|---|---|
//! | read | [`try_read`](Reader::try_read), [`try_read_all`](Reader::try_read_all), [`peek`](Reader::peek) | [`read`](Reader::read), [`read_all`](Reader::read_all) | [`wait_to_read`](Reader::wait_to_read) |
//! | write | [`try_write`](Writer::try_write) | [`write`](Writer::write) | [`wait_to_write`](Writer::wait_to_write) |
//! | keep a place | [`try_reserve`](Writer::try_reserve) | [`reserve`](Writer::reserve) | |
//! | end it | [`try_complete`](Writer::try_complete), [`try_complete_with`](Writer::try_complete_with) | | [`completion`](Reader::completion) |
//!
//! Every future takes a token: `reader.read().with_cancellation(&token)`. [`AsyncProducerConsumerCollection`] is both halves
//! in one handle.
//!
//! | types | of |
//! |---|---|
//! | [`Writer`], [`Reader`], [`Permit`] | the handles, and a place that is promised |
//! | [`ChannelOptions`], [`FullMode`], [`Storage`] | how a channel is made |
//! | [`ReadError`], [`TryReadError`], [`WaitError`] | why there was nothing to read |
//! | [`WriteError`], [`TryWriteError`], [`ReserveError`], [`TryReserveError`], [`AlreadyCompleted`] | why an item was not written, or a place not given |
//! | [`Read`], [`ReadAll`], [`WaitToRead`], [`Write`], [`WaitToWrite`], [`Reserve`] | the futures, and the stream |
//! | [`StaticReader`], [`StaticWriter`], [`StaticTryReadError`], [`StaticTryWriteError`], [`StaticWriteError`], [`Closed`] | the handles and errors of a [`StaticChannel`] |
//! | [`StaticRead`], [`StaticWrite`], [`StaticWaitToRead`], [`StaticWaitToWrite`] | its futures |
//!
//! # What is promised
//!
//! - Nothing is lost. An item leaves the channel only inside the poll that returns it; a write that is not done has its item;
//!   a reader that was woken and goes wakes the next. What the docs say is dropped, is dropped.
//! - Items are read in the order in which they were written, by each reader; a pending write is overtaken by none.
//! - Completing a channel wakes everyone. What is buffered is read first, then comes the end, or the error.
//! - Nothing foreign runs under the channel's lock, no waker, no callback and no item's drop, but the order of a
//!   [`Storage`] and the closure of [`peek`](Reader::peek). So executors that poll inside of `wake` work.
//! - What wakers and callbacks panic with comes out of the call that ran them; where that has an item to return, it goes to
//!   the [fault hook](crate::fault) instead. The channel goes on.
//!
//! # In loops and tasks
//!
//! The futures borrow their handle, and are `Unpin`. A read that is dropped takes nothing with it: so it may be one branch
//! of a choice, made anew each time, and be given a time. (A write that is dropped takes its own item with it; a
//! [`reserve`](Writer::reserve) has none.) To spawn one, move a clone of the handle into an async block.
//!
//! ```
//! use core::time::Duration;
//! use taskcell::channel::{bounded, ReadError};
//! use taskcell::time::ManualClock;
//! use taskcell::{CancellationTokenSource, timeout_on};
//!
//! let (clock, ctrl_c) = (ManualClock::new(), CancellationTokenSource::new());
//! clock.set_auto_advance(true);
//! let (writer, reader) = bounded::<u32>(8);
//! clock.block_on(async {
//!     let token = ctrl_c.token();
//!     writer.write(7).await.unwrap();
//!     let mut seen = Vec::new();
//!     loop {
//!         match timeout_on(&clock, Duration::from_secs(5), reader.read().with_cancellation(&token)).await {
//!             Ok(Ok(item)) => seen.push(item),
//!             Ok(Err(ReadError::Cancelled(_))) => break, // what is left stays there
//!             Ok(Err(end)) => panic!("{end}"),           // the end, or the error of who completed it
//!             Err(_elapsed) => {
//!                 ctrl_c.cancel(); // five seconds without an item
//!             }
//!         }
//!     }
//!     assert_eq!(seen, [7]);
//! });
//! ```
//!
//! # For users of tokio
//!
//! | `tokio::sync::mpsc` | here |
//! |---|---|
//! | `channel`, `unbounded_channel` | [`bounded`], [`unbounded`]; readers are cloned as writers are |
//! | `send`, `try_send` | [`write`](Writer::write), [`try_write`](Writer::try_write) |
//! | `send_timeout` | a [`timeout_on`](crate::timeout_on) around [`reserve`](Writer::reserve), which keeps the item outside |
//! | `reserve`, `reserve_owned` | [`reserve`](Writer::reserve): the permit borrows nothing |
//! | `recv`, which gives `None` at the end | [`read`](Reader::read), which says why: [`ReadError::Closed`], or the error |
//! | `recv_many` | [`wait_to_read`](Reader::wait_to_read), then [`try_read_all`](Reader::try_read_all) |
//! | `blocking_recv` | `stream::blocking_iter(reader.read_all())`, or any `block_on` |
//! | `Receiver::close` | what the writers know: [`try_complete`](Writer::try_complete), or the [channel's token](ChannelOptions::token) |
//! | `Sender::closed` | [`completion`](Writer::completion) |
//! | `ReceiverStream` | [`read_all`](Reader::read_all) |
//!
//! # When not to use it
//!
//! It holds a short lock for each operation: that is as fast as channels without one where tasks wait for each other, which
//! is what this one is for; between two threads that never wait, a lock-free queue is faster. For one value, take a
//! [`TaskCompletionSource`](crate::TaskCompletionSource); for the latest one of many, [`Progress`](crate::Progress).
//!
//! # Without a heap
//!
//! [`StaticChannel`] is made in a `static`, has room for `N` items, and no lock: an interrupt handler may use it, whatever it
//! preempted. It has no errors of its own, and no options: a full channel keeps writers waiting, and its end is the end.
//! Readers and writers have a place to wait in from the start, and who was told is not in line: the faster one has it.
//!
//! # Examples
//!
//! ```
//! use taskcell::channel::{bounded, Reader, Writer, WriteError};
//!
//! async fn produce(writer: Writer<u32>) -> Result<(), WriteError<u32>> {
//!     for n in 1..=100 {
//!         writer.write(n).await?;
//!     }
//!     Ok(()) // the last writer goes, and completes the channel
//! }
//!
//! async fn consume(reader: Reader<u32>) -> u32 {
//!     let mut sum = 0;
//!     while let Ok(n) = reader.read().await {
//!         sum += n;
//!     }
//!     sum
//! }
//!
//! let (writer, reader) = bounded(8);
//! # smol::block_on(async {
//! let producer = smol::spawn(produce(writer));
//! let consumers = [reader.clone(), reader].map(|reader| smol::spawn(consume(reader)));
//! producer.await.unwrap();
//! let mut sum = 0;
//! for consumer in consumers {
//!     sum += consumer.await;
//! }
//! assert_eq!(sum, 5050);
//! # });
//! ```
//!
//! # Files
//!
//! | file | knows |
//! |---|---|
//! | `fixed/` | the channel without a heap |
//! | `options.rs` | how a channel is made |
//! | `writer.rs`, `reader.rs`, `collection.rs` | its handles |
//! | `write.rs`, `reserve.rs`, `read.rs`, `waits.rs`, `read_all.rs` | the futures, and the stream |
//! | `permit.rs` | a place that is promised |
//! | `error.rs`, `write_error.rs` | what they fail with |
//! | `text.rs` | what that says, with a heap and without |
//! | `state.rs` | the state and its invariants |
//! | `reading.rs`, `writing.rs`, `ending.rs` | its transitions |
//! | `end.rs` | why nothing more is written |
//! | `items.rs`, `storage.rs`, `priority.rs` | what is buffered, and in which order it is read |
//! | `inner.rs` | what handles share: the state, under its lock |
//! | `offer.rs` | how a future comes to stand in line |
//! | `after.rs` | what is done when the lock is free again |
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
mod after;
#[cfg(feature = "alloc")]
mod collection;
#[cfg(feature = "alloc")]
mod end;
#[cfg(feature = "alloc")]
mod ending;
#[cfg(feature = "alloc")]
mod error;
mod fixed;
#[cfg(feature = "alloc")]
mod inner;
#[cfg(feature = "alloc")]
mod items;
#[cfg(feature = "alloc")]
mod offer;
#[cfg(feature = "alloc")]
mod options;
#[cfg(feature = "alloc")]
mod permit;
#[cfg(feature = "alloc")]
mod priority;
#[cfg(feature = "alloc")]
mod read;
#[cfg(feature = "alloc")]
mod read_all;
#[cfg(feature = "alloc")]
mod reader;
#[cfg(feature = "alloc")]
mod reading;
#[cfg(feature = "alloc")]
mod reserve;
#[cfg(feature = "alloc")]
mod state;
#[cfg(feature = "alloc")]
mod storage;
mod text;
#[cfg(feature = "alloc")]
mod waits;
#[cfg(feature = "alloc")]
mod write;
#[cfg(feature = "alloc")]
mod write_error;
#[cfg(feature = "alloc")]
mod writer;
#[cfg(feature = "alloc")]
mod writing;

#[cfg(feature = "alloc")]
pub use collection::AsyncProducerConsumerCollection;
#[cfg(feature = "alloc")]
pub use error::{AlreadyCompleted, ReadError, TryReadError, WaitError};
pub use fixed::{
    Closed, StaticChannel, StaticRead, StaticReader, StaticTryReadError, StaticTryWriteError, StaticWaitToRead,
    StaticWaitToWrite, StaticWrite, StaticWriteError, StaticWriter,
};
#[cfg(feature = "alloc")]
pub use options::{ChannelOptions, FullMode, bounded, rendezvous, unbounded};
#[cfg(feature = "alloc")]
pub use permit::Permit;
#[cfg(feature = "alloc")]
pub use read::Read;
#[cfg(feature = "alloc")]
pub use read_all::ReadAll;
#[cfg(feature = "alloc")]
pub use reader::Reader;
#[cfg(feature = "alloc")]
pub use reserve::Reserve;
#[cfg(feature = "alloc")]
pub use storage::Storage;
#[cfg(feature = "alloc")]
pub use waits::{WaitToRead, WaitToWrite};
#[cfg(feature = "alloc")]
pub use write::Write;
#[cfg(feature = "alloc")]
pub use write_error::{ReserveError, TryReserveError, TryWriteError, WriteError};
#[cfg(feature = "alloc")]
pub use writer::Writer;
