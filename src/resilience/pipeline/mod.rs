//! Strategies around one call.
//!
//! | file | knows |
//! |---|---|
//! | `builder.rs` | how strategies are put in a row |
//! | `boxed.rs` | a pipeline whose type does not say what it is made of |
//! | `call.rs` | what becomes of one call |
//! | `strategy.rs` | what a strategy is, and how they stand around each other |
//! | `error.rs` | how a call fails |
//! | `timeout.rs` | the strategy of so much time |
//! | `retry.rs` | the strategy of doing it again |
//! | `plan.rs` | where the delays of each call come from |
//! | `hedge.rs` | the strategy of another attempt beside one that is slow |
//! | `fallback.rs` | the strategy of something else instead |
//! | `breaker.rs` | the strategy of keeping calls from a service that fails |
//! | `bulkhead.rs` | the strategy of so many calls at a time |
//! | `rules.rs` | the closures that strategies ask, and what stands for those they were not given |

mod boxed;
mod breaker;
mod builder;
mod bulkhead;
mod call;
mod error;
mod fallback;
mod hedge;
mod plan;
mod retry;
mod rules;
mod strategy;
mod timeout;

pub use boxed::BoxPipeline;
pub use breaker::BreakerStrategy;
pub use builder::Pipeline;
pub use bulkhead::BulkheadStrategy;
pub use error::{OtherCause, PipelineCause, PipelineError, TimedOut};
pub use fallback::FallbackStrategy;
pub use hedge::HedgeStrategy;
pub use retry::RetryStrategy;
pub use strategy::{PipelineNext, Strategy};
pub use timeout::TimeoutStrategy;

pub mod pipeline_parts {
    //! The parts of the type of a [`Pipeline`](super::Pipeline), for those who name them.
    //!
    //! Nobody calls what is here: closures are these things by themselves, and the methods of pipelines and strategies put
    //! them in their places. Who writes a strategy that is to be [boxed](super::Pipeline::boxed) implements [`SendStrategy`].
    //!
    //! | what | is |
    //! |---|---|
    //! | [`Bare`], [`Around`] | no strategy, one around another: the `S` of a pipeline |
    //! | [`DefaultClock`], [`OnClock`] | the clock of a pipeline, and a strategy with one |
    //! | [`SendStrategy`], [`SendNext`] | what [`BoxPipeline`](super::BoxPipeline) holds |
    //! | [`ShouldHandle`]: [`Failures`], [`AllButCancellation`] | which errors a strategy deals with (`when`) |
    //! | [`FailedValue`]: [`NoValue`] | which values are failures (`when_value`) |
    //! | [`DelayPlan`]: [`Random`], [`Seeded`], [`Each`] | the delays of a retry |
    //! | [`DelayAdvice`]: [`NoAdvice`] | what an error says about them (`delay_from`) |
    //! | [`FallbackAction`]: [`Value`], [`FromError`], [`To`] | what stands in |
    //! | [`OnRetry`], [`OnFallback`]: [`Nobody`] | who hears of it |
    //!
    //! ```
    //! use core::time::Duration;
    //! use taskcell::pipeline_parts::{Around, Bare, OnClock};
    //! use taskcell::{Pipeline, SystemClock, TimeoutStrategy};
    //!
    //! struct Client {
    //!     pipeline: Pipeline<Around<Bare, OnClock<TimeoutStrategy, SystemClock>>>,
    //! }
    //! let client = Client { pipeline: Pipeline::new().timeout(Duration::from_secs(3)) };
    //! # smol::block_on(async {
    //! assert_eq!(client.pipeline.call(async |_| Ok::<_, ()>(7)).await, Ok(7));
    //! # });
    //! ```
    pub use super::boxed::{SendNext, SendStrategy};
    pub use super::builder::DefaultClock;
    pub use super::fallback::{FallbackAction, FromError, To, Value};
    #[cfg(feature = "std")]
    pub use super::plan::Random;
    pub use super::plan::{DelayPlan, Each, Seeded};
    pub use super::rules::{AllButCancellation, DelayAdvice, FailedValue, Failures, NoAdvice, NoValue, Nobody};
    pub use super::rules::{OnFallback, OnRetry, ShouldHandle};
    pub use super::strategy::{Around, Bare};
    pub use super::timeout::OnClock;
}
