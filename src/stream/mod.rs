//! Asynchronous streams: made by a function, page by page, from channels; ended by tokens.
//!
//! | function | gives |
//! |---|---|
//! | [`create`] | what an asynchronous function yields (`yield return`) |
//! | [`try_create`] | the same of one that may fail |
//! | [`paged`], [`pages`] | the items of pages that are fetched one after the other; the pages |
//! | [`with_cancellation`] | a stream's items until a token is cancelled |
//! | [`from_channel`] | what is read from a channel |
//! | [`into_channel`], [`try_into_channel`], [`into_channel_spawned`] | the other way: a stream's items, its end or its error to a channel |
//! | [`blocking_iter`] | a stream's items on a thread that waits for them |
//! | [`retry_stream`], [`retry_stream_on`] | a stream that is made again when it fails |
//! | [`AsyncEnumerableExt`] | operators, as methods of every stream |
//!
//! | types | of |
//! |---|---|
//! | [`Create`], [`TryCreate`], [`Yielder`], [`YieldItem`], [`YieldAll`], [`TryYieldAll`], [`Close`] | generators: the streams, what yields, and the futures of that |
//! | [`Paged`], [`Pages`] | pages |
//! | [`WithCancellation`] | a stream that a token ends |
//! | [`IntoChannelError`], [`BlockingIter`], [`RetryStream`] | the other functions |
//! | [`Distinct`], [`DistinctUntilChanged`], [`ByClone`], [`SetOperation`], [`Pairwise`], [`TakeLast`], [`SkipLast`], [`DefaultIfEmpty`], [`GroupAdjacent`], [`RaceWith`], [`CatchError`], [`Conflate`] | the streams of operators |
//! | [`Debounce`], [`Sample`], [`DelayEach`], [`TimeoutEach`] | those that have to do with time |
//! | [`Reduction`], [`SequenceEqual`], [`reductions`] | the futures of operators that make one value of a stream |
//! | [`Summand`], [`Averaged`], [`Overflow`], [`SingleError`], [`Lookup`] | what they take, and what they give |
//!
//! Neighbours are streams too: [`when_each`](crate::when_each) gives the outputs of many futures as they come,
//! [`Task::when_each`](crate::Task::when_each) those of tasks, [`throttled_map_stream`](crate::throttled_map_stream) maps
//! a stream with a few futures at a time, and [`batches`](crate::batches) gathers items into vectors. Whatever has
//! `futures_core`'s `Stream` goes through all of them, and through `StreamExt`.
//!
//! ```
//! use futures_util::StreamExt;
//! use taskcell::stream::create;
//! use taskcell::when_each;
//!
//! # #[cfg(not(loom))]
//! # smol::block_on(async {
//! // The answers of three servers, the first one first, each with what it said.
//! let answers = create(|yielder, _| async move {
//!     let mut each = when_each(["a", "b", "c"].map(|server| async move { server.len() }));
//!     while let Some((index, length)) = each.next().await {
//!         yielder.yield_item((index, length)).await;
//!     }
//! });
//! assert_eq!(answers.count().await, 3);
//! # })
//! ```
//!
//! # From C\#
//!
//! A method that returns `IAsyncEnumerable<T>` is a function that returns `impl Stream<Item = T>`; `yield return` is
//! [`yield_item`](Yielder::yield_item), `yield break` is `return`, and `await foreach` is `while let`, over a stream that
//! is pinned. A method that throws is one with [`try_create`], and its loop reads `try_next().await?`.
//!
//! ```
//! use core::pin::pin;
//! use futures_util::{Stream, StreamExt};
//! use taskcell::stream::create;
//!
//! fn countdown(from: u32) -> impl Stream<Item = u32> {
//!     create(move |yielder, _token| async move {
//!         for n in (1..=from).rev() {
//!             yielder.yield_item(n).await;
//!         }
//!     })
//! }
//!
//! # #[cfg(not(loom))]
//! # smol::block_on(async {
//! let mut seen = vec![];
//! let mut items = pin!(countdown(3));
//! while let Some(n) = items.next().await {
//!     seen.push(n);
//! }
//! assert_eq!(seen, [3, 2, 1]);
//! # })
//! ```
//!
//! # Backpressure by nature
//!
//! A stream runs only while its consumer polls it, and whoever yields waits until the item was taken: there is no buffer,
//! and nothing runs ahead. Where the two sides should overlap, [drive](into_channel_spawned) the stream into a
//! [channel](crate::channel) of so many items.
//!
//! # Cleanup
//!
//! A consumer that leaves, by `break`, by `?` or because its own future is dropped, drops the stream, and with it the
//! generator where it stands: its values are dropped, in the usual order, once. What has to be awaited at the end is
//! awaited by [`Create::close`], which runs the generator to its own end, or stands in a [`using`](crate::using) inside of
//! the generator, whose spawner gets the cleanup when the generator is dropped:
//!
//! ```
//! use futures_util::StreamExt;
//! use taskcell::stream::create;
//! use taskcell::{Using, dispose_with};
//!
//! # #[cfg(not(loom))]
//! # smol::block_on(async {
//! let (sender, closed) = smol::channel::bounded(1);
//! let mut rows = Box::pin(create(|yielder, _| async move {
//!     let connection = dispose_with(sender, |sender| async move { sender.send("closed").await });
//!     let spawner = |cleanup: taskcell::BoxFuture<'static, ()>| smol::spawn(cleanup).detach();
//!     let scope = Using::new(connection).on_drop(spawner).run(async |_connection| {
//!         for row in 1.. {
//!             yielder.yield_item(row).await;
//!         }
//!         Ok::<(), ()>(())
//!     });
//!     let _ = scope.await;
//! }));
//! assert_eq!(rows.next().await, Some(1));
//! drop(rows);
//! assert_eq!(closed.recv().await, Ok("closed"));
//! # })
//! ```
//!
//! # Files
//!
//! | folder or file | knows |
//! |---|---|
//! | `generate/` | generators |
//! | `ops/` | what `StreamExt` lacks of LINQ's operators |
//! | `paged.rs` | pages, and their items |
//! | `channels.rs` | from channels to streams, and back |
//! | `with_cancellation.rs` | a stream that a token ends |
//! | `blocking.rs` | a stream as an iterator |
//! | `linq.md` | the table below |
//!
#![cfg_attr(feature = "std", doc = include_str!("linq.md"))]
#![forbid(unsafe_code)]

#[cfg(feature = "std")]
mod blocking;
mod channels;
mod generate;
mod ops;
mod paged;
mod with_cancellation;

#[cfg(feature = "std")]
pub use blocking::{BlockingIter, blocking_iter};
pub use channels::{IntoChannelError, from_channel, into_channel, into_channel_spawned, try_into_channel};
pub use generate::*;
pub use ops::*;
pub use paged::{Paged, Pages, paged, pages};
pub use with_cancellation::{WithCancellation, with_cancellation};
