//! Calls to what may fail, be slow, or be too much: pipelines of strategies, breaker, bulkhead.
//!
//! Retry, timeout and fallback as one expression:
//!
//! ```
//! use core::time::Duration;
//! use taskcell::{Backoff, Jitter, Pipeline};
//!
//! # async fn download(url: &str, token: &taskcell::CancellationToken) -> std::io::Result<String> { Ok(url.into()) }
//! # smol::block_on(async {
//! let page = Pipeline::new()
//!     .fallback(String::from("an old page")) // when nothing helps
//!     .timeout(Duration::from_secs(10)) // for all attempts together
//!     .retry(Backoff::exponential(Duration::from_millis(200)).jitter(Jitter::Full)) // three attempts
//!     .timeout(Duration::from_secs(3)) // for each of them
//!     .call(async |token| download("https://example.org", &token).await)
//!     .await;
//! # assert_eq!(page.unwrap(), "https://example.org");
//! # })
//! ```
//!
//! | type | is |
//! |---|---|
//! | [`Pipeline`] | strategies around one call, the first that was added outermost |
//! | [`BoxPipeline`] | the same, of a type that is easily named |
//! | [`CircuitBreaker`] | what keeps calls from a service that fails, until it has recovered |
//! | [`Bulkhead`] | what keeps a slow service from taking all that there is |
//! | [`Strategy`] | what others implement, for strategies of their own |
//!
//! | [`Pipeline`]'s method | adds | to say more | fails with |
//! |---|---|---|---|
//! | [`timeout`](Pipeline::timeout) | so much time | [`TimeoutStrategy`]: `grace`, `on_timeout` | [`TimedOut`](PipelineCause::TimedOut) |
//! | [`retry`](Pipeline::retry) | another attempt after a failure | [`RetryStrategy`]: `max_attempts`, `when`, `on_retry`, .. | what the last attempt gave |
//! | [`hedge`](Pipeline::hedge) | another attempt beside a slow one | [`HedgeStrategy`]: `max_attempts`, `when`, `on_hedge`, .. | what the last attempt gave |
//! | [`fallback`](Pipeline::fallback), `fallback_with`, `fallback_to` | a value, one made of the error, another source | [`FallbackStrategy`]: `when`, `on_fallback` | what the other source gave |
//! | [`circuit_breaker`](Pipeline::circuit_breaker) | a breaker | [`BreakerStrategy`]: `when` | [`Rejected`] |
//! | [`bulkhead`](Pipeline::bulkhead) | a bulkhead | | [`Rejected`] |
//! | [`with`](Pipeline::with) | any [`Strategy`], or another pipeline | | |
//!
//! | also here | is |
//! |---|---|
//! | [`CircuitBreakerBuilder`], [`CircuitState`], [`CircuitStats`] | how a breaker is made; its state, and what it has seen |
//! | [`BreakerCall`], [`BreakerPermit`], [`CallVerdict`], [`JudgeCall`], [`ErrIsFailure`] | a call through a breaker, and what its result says about the service |
//! | [`CircuitWatch`], [`CircuitChange`], [`CircuitChanged`] | who is told when a breaker changes |
//! | [`BulkheadPermit`], [`BulkheadStats`], [`AcquireError`], [`BulkheadAcquire`], [`BulkheadAcquireOrCancelled`], [`BulkheadCall`] | a place in a bulkhead, how full it is, waiting for one |
//! | [`BulkheadStrategy`] | a bulkhead as a strategy |
//! | [`PipelineError`], [`PipelineCause`], [`TimedOut`], [`OtherCause`], [`Rejected`] | why a call failed, or was not made |
//! | [`PipelineNext`], [`pipeline_parts`] | what is inside of a strategy, and the names of the parts of a pipeline's type |
//!
//! Each is also there without a pipeline: [`timeout_on`](crate::timeout_on), [`retry_on`](crate::retry_on),
//! [`hedge_on`](crate::hedge_on), [`fallback`](crate::fallback), [`CircuitBreaker::call`], [`Bulkhead::call`]. What makes a
//! pipeline is one error, [`PipelineError`], that all of them understand, and the token of each attempt.
//!
//! # Order
//!
//! Each strategy sees what the ones inside of it give, and nothing else:
//!
//! | outer, inner | is |
//! |---|---|
//! | timeout, retry | time for all attempts and the delays between them |
//! | retry, timeout | time for each attempt; one that was too slow is worth another |
//! | retry, breaker | each attempt counts; once the circuit is open the rest are not made, unless the retry [waits for it](RetryStrategy::wait_for_circuit) |
//! | breaker, retry | a call counts once, whatever it took |
//! | breaker, timeout | a call that was too slow counts as a failure |
//! | timeout, breaker | it counts as nothing: it was dropped |
//! | bulkhead, retry | a call keeps its place during the delays |
//! | retry, bulkhead | each attempt queues for its own; a full bulkhead is not worth another, unless [`when`](RetryStrategy::when) says so |
//! | timeout, bulkhead | time in the queue counts |
//! | hedge, bulkhead | each attempt takes a place |
//! | fallback, anything | stands in for whatever comes out, but for a cancellation; for nothing once the token is cancelled |
//!
//! The usual order is that of the first example: fallback, timeout, retry, breaker, bulkhead, timeout.
//!
//! # Hooks, `tracing`, `log`
//!
//! There is no telemetry inside; hooks are closures, called by who makes the call, and never while anything is locked.
//! With the crates `tracing` or `log`:
//!
//! ```
//! # use core::time::Duration;
//! # use std::io;
//! # use taskcell::*;
//! # mod tracing { macro_rules! any { ($($any:tt)*) => { () } } pub(crate) use {any as error, any as warn}; }
//! # mod log { macro_rules! any { ($($any:tt)*) => { () } } pub(crate) use {any as debug, any as warn}; }
//! # let backoff = Backoff::NONE;
//! let pipeline = Pipeline::new()
//!     .with(FallbackStrategy::value(Vec::new()).on_fallback(|error: &PipelineError<io::Error>| {
//!         tracing::error!(%error, "no rates, going on without");
//!     }))
//!     .retry(RetryStrategy::new(backoff).on_retry(|event: RetryEvent<'_, PipelineError<io::Error>>| {
//!         tracing::warn!(attempt = event.attempt.number, error = ?event.error, delay = ?event.delay, "again");
//!     }))
//!     .hedge(HedgeStrategy::new(Duration::from_millis(50)).on_hedge(|number| log::debug!("attempt {number}")))
//!     .timeout(TimeoutStrategy::new(Duration::from_secs(1)).on_timeout(|timed_out| log::warn!("{timed_out}")));
//! # let answer = smol::block_on(pipeline.call(async |_| Ok::<Vec<u32>, io::Error>(Vec::new())));
//! # assert!(answer.is_ok());
//! ```
//!
//! # To keep a pipeline
//!
//! Its type names its strategies, and closures have no names. A function that makes one and uses it need not name it. To
//! keep one in a `struct`, or hand it on, there is [`boxed`](Pipeline::boxed): the type of a [`BoxPipeline`] says what its
//! calls give, and nothing else. Its calls are `Send`, and any number of them may be made from any thread:
//!
//! ```
//! use core::time::Duration;
//! use taskcell::{Backoff, BoxPipeline, Pipeline, PipelineError};
//!
//! # async fn download(url: &str, _: &taskcell::CancellationToken) -> std::io::Result<String> { Ok(url.into()) }
//! #[derive(Clone)]
//! struct Client {
//!     pipeline: BoxPipeline<String, std::io::Error>,
//! }
//!
//! impl Client {
//!     fn new() -> Self {
//!         Self { pipeline: Pipeline::new().retry(Backoff::NONE).timeout(Duration::from_secs(3)).boxed() }
//!     }
//!
//!     async fn get(&self, url: &str) -> Result<String, PipelineError<std::io::Error>> {
//!         self.pipeline.call(async |token| download(url, &token).await).await
//!     }
//! }
//! # assert_eq!(smol::block_on(Client::new().get("here")).unwrap(), "here");
//! ```
//!
//! What is generic over the strategies, `struct Client<S> { pipeline: Pipeline<S> }`, allocates less, but cannot say that
//! its calls are `Send`. One pipeline for calls that give different things is shared by what it shares, its breaker and its
//! bulkhead: those are handles, and go into as many pipelines as there are.
//!
//! Strategies are types within types: of more than twelve around each other, not boxed and deep inside other futures, the
//! compiler may ask for a higher `recursion_limit`.
//!
//! # For users of Polly
//!
//! | Polly 8 | here |
//! |---|---|
//! | `new ResiliencePipelineBuilder()`, `Build()` | `Pipeline::new`, [`Pipeline::new_on`]; there is nothing to build |
//! | `ResiliencePipeline<T>` as a field | [`BoxPipeline`] |
//! | `ExecuteAsync(token => .., token)` | [`call_with`](Pipeline::call_with) |
//! | `ShouldHandle` | `when`, `when_value`: by itself the operation's errors and timeouts, and for hedge and fallback rejections, too. Polly's own deals with all exceptions but `OperationCanceledException`, so that its retry goes on against an open circuit |
//! | `HandleResult` | [`when_value`](RetryStrategy::when_value) of a retry; elsewhere the operation gives an `Err` for what is one |
//! | `MaxRetryAttempts = 3`, two seconds apart | three attempts in all; the backoff has to be said |
//! | `MaxHedgedAttempts = 1`, after two seconds | two attempts in all; the delay has to be said |
//! | `TimeoutRejectedException` | [`TimedOut`](PipelineCause::TimedOut), and what is inside is dropped; Polly waits until it has seen its token, as [`grace`](TimeoutStrategy::grace) does |
//! | `BrokenCircuitException.RetryAfter` | [`Rejected::CircuitOpen`] |
//! | hedging waits for the losers | drops them; [`await_losers`](HedgeStrategy::await_losers) |
//! | a retry passes on the last outcome | the same, with the number of [`attempts`](PipelineError::attempts) |
//! | `OnRetry`, `OnTimeout`, `OnFallback`, `OnHedging` | `on_retry`, `on_timeout`, `on_fallback`, `on_hedge` |
//! | `TimeProvider` of the builder | [`Pipeline::new_on`] |
//! | `AddPipeline` | [`with`](Pipeline::with) |
//! | `ResilienceContext`, registries, telemetry, `AddChaosFault` | what the operation captures; none; hooks; a [`Strategy`] |
//!
//! # Files
//!
//! | file | knows |
//! |---|---|
//! | `breaker/` | what keeps calls from a service that fails |
//! | `bulkhead/` | how many calls are under way at once |
//! | `rejected.rs` | why a call was not even made |
//! | `pipeline/` | strategies around one call |
#![forbid(unsafe_code)]

mod breaker;
mod bulkhead;
mod pipeline;
mod rejected;

pub use breaker::*;
pub use bulkhead::*;
pub use pipeline::*;
pub use rejected::Rejected;
