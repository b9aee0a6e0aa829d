//! One load for all who ask: lazy values and caches.
//!
//! | type | what it is |
//! |---|---|
//! | [`AsyncLazy`] | one value, loaded when it is asked for |
//! | [`AsyncCache`] | values by key, each loaded when it is asked for |
//! | [`Get`] | a caller: the future of both |
//! | [`CacheOptions`] | handover, errors, time, number, executor |
//! | [`Handover`], [`ErrorPolicy`] | what becomes of a load whose caller is dropped, and of an error |
//! | [`CacheError`], [`CacheStatistics`] | why a caller has no value, and what a cache has counted |
//! | [`GetLazy`], [`OwnLoader`] | for those who name the type of a caller |
//!
//! Whoever asks for what is not there *leads*: it begins the load and polls it in its own future, so there is no executor
//! in the game, and the load makes progress as long as its leader is polled. All others *wait*, whatever loaders they brought.
//! With [`CacheOptions::spawned`] or [`Get::spawned`] the load is *hot*: an executor polls it, and all callers wait.
//!
//! | what happens | the leader | those who wait | the key |
//! |---|---|---|---|
//! | the load has a value | it | a clone each | kept, for the time to live |
//! | it has an error, [`ShareOnce`](ErrorPolicy::ShareOnce) | the error | the same error | free |
//! | it has an error, [`RetryNext`](ErrorPolicy::RetryNext) | the error | one leads, the rest wait on | that one's load |
//! | it has an error, [`CacheFor`](ErrorPolicy::CacheFor) | the error | the same error | kept for that time |
//! | it panics | the panic, in its poll | one leads, the rest wait on | that one's load |
//! | a hot one panics, or its executor drops it | the one who spawned it is told | one leads, the rest wait on | that one's load |
//! | the leader is dropped, gives up, is cancelled | - | one leads, the rest wait on | [`Handover`] |
//! | one of those who wait is | - | nothing | nothing |
//! | all are gone, the load is hot | - | - | it runs on, unless [`cancel_when_abandoned`](CacheOptions::cancel_when_abandoned) |
//! | [`set`](AsyncCache::set) | its own load | the same | what was set |
//! | [`remove`](AsyncCache::remove), [`invalidate_all`](AsyncCache::invalidate_all) | its own load | the same | free |
//!
//! *One leads* means: the one who has waited longest is woken, and it alone; there is no herd. It begins its own loader
//! anew or goes on with the same future, as [`Handover`] says. A caller whose token is cancelled never leads.
//!
//! A caller is to be polled when it is woken, or dropped. One that leads and is kept without being polled (`mem::forget`, a
//! loop that has turned to something else) keeps all others of its key waiting. One that was told to lead and is not polled
//! keeps those who wait already, until a new caller of the key comes, who leads. A hot load needs no caller.
//!
//! A caller may be dropped at any time; its loader gets a [`CancellationToken`](crate::CancellationToken), which is
//! cancelled only where [`CacheOptions`] asks for that, and otherwise never can be.
//!
//! Executors that poll a task inside `wake` work here as well: nobody is woken under the cache's lock.
//!
//! # When to use another one
//!
//! A cache has one lock. A hit holds it for a look-up, so some million hits a second are fine, and many threads that do
//! nothing else are not: `moka` and `quick_cache` shard, admit by frequency (TinyLFU, S3-FIFO), weigh entries and expire
//! them in the background. They need std, and how a cancelled, failed or panicking load is handed over is theirs to say.
//! For one value per process without options there is `async_lock::OnceCell`.
//!
//! # Examples
//!
//! A page that is fetched once for all who ask, kept for a minute, and a failure remembered for five seconds:
//!
//! ```
//! use core::time::Duration;
//! use taskcell::time::ManualClock;
//! use taskcell::{AsyncCache, CacheOptions, ErrorPolicy, few};
//!
//! let clock = ManualClock::new();
//! let options = CacheOptions::new()
//!     .clock(clock.clone())
//!     .time_to_live(Duration::from_secs(60))
//!     .error_policy(ErrorPolicy::CacheFor(Duration::from_secs(5)));
//! let pages: AsyncCache<String, String, &str> = AsyncCache::with_options(options, |name: String, _| async move {
//!     if name == "gone" { Err("404") } else { Ok(format!("<h1>{name}</h1>")) }
//! });
//! # smol::block_on(async {
//! let (one, two) = few::when_all((pages.get("home"), pages.get("home"))).await;
//! assert_eq!(one.unwrap(), two.unwrap());
//! assert_eq!(pages.get("gone").await.unwrap_err().to_string(), "404");
//! assert!(pages.get("gone").await.is_err());
//! assert_eq!(pages.statistics().loads, 2);
//!
//! clock.advance(Duration::from_secs(60));
//! assert_eq!(pages.peek("home"), None);
//! # });
//! ```
//!
//! # Files
//!
//! | file | knows |
//! |---|---|
//! | `flight.rs` | one load: who leads, who waits, and who may change that |
//! | `flights.rs` | all loads, by number and by key |
//! | `leader.rs` | who has a load's future: a caller, or a job on an executor |
//! | `member.rs` | who waits for a load |
//! | `get.rs` | a caller's future |
//! | `state.rs` | what the lock guards: what is kept, and the loads |
//! | `entry.rs` | a key with its hash, an answer with its time |
//! | `after.rs` | what is done once the lock is free again |
//! | `shared.rs` | the lock, and all that never changes |
//! | `cache.rs`, `lazy.rs` | the handles |
//! | `options.rs`, `policy.rs`, `error.rs`, `statistics.rs` | what they are told, and what they tell |
#![forbid(unsafe_code)]

mod after;
#[expect(clippy::module_inception, reason = "the file is named after its type, as all are")]
mod cache;
mod entry;
mod error;
mod flight;
mod flights;
mod get;
mod lazy;
mod leader;
mod member;
mod options;
mod policy;
mod shared;
mod state;
mod statistics;

pub use cache::AsyncCache;
pub use error::CacheError;
pub use get::{Get, OwnLoader};
pub use lazy::{AsyncLazy, GetLazy};
pub use options::CacheOptions;
pub use policy::{ErrorPolicy, Handover};
pub use statistics::CacheStatistics;
