//! Combinators: many futures, one result.
//!
//! | function | ends | output |
//! |---|---|---|
//! | [`when_all`] | with the last one | all values in input order, or all errors |
//! | [`when_all_settled`] | with the last one | all outputs, in input order |
//! | [`when_all_or_first_error`] | with the last one; at an error it cancels the others | all values, or that error, and the others apart |
//! | [`when_any`] | with the first one | its output, its place, and the other futures |
//! | [`when_each`] | with the last one | a stream of outputs, each with its index, in the order of their ends |
//! | [`interleaved`] | at once | a task for each, which end in the order in which the futures do |
//! | [`task_group`], [`task_group_of`] | with its body and all children | the body's; a group that grows while it runs |
//!
//! | types | of |
//! |---|---|
//! | [`WhenAll`], [`WhenAllSettled`], [`WhenAllOrFirstError`] | the futures of the first three |
//! | [`WhenAny`], [`Winner`], [`Rest`], [`RestFutures`] | [`when_any`]: its future, what it gives, the futures that did not win |
//! | [`WhenEach`], [`NextOrCancelled`] | [`when_each`]: its stream, and the next item unless a token is cancelled |
//! | [`TaskGroup`], [`TaskGroupHandle`], [`TaskGroupScope`], [`GroupEnded`], [`NextOfGroup`], [`WaitForGroup`] | groups: what their body has, what others have, their future |
//!
//! The children of all of them live in one block of `raw/children.rs`: a poll
//! polls only those that were woken. [`few`] has `when_all` and `when_any` over
//! arrays and tuples, without a heap.
#![forbid(unsafe_code)]

pub mod few;
#[cfg(feature = "alloc")]
mod first_error;
#[cfg(feature = "alloc")]
mod group;
#[cfg(feature = "alloc")]
mod interleaved;
#[cfg(feature = "alloc")]
mod next_or_cancelled;
#[cfg(feature = "alloc")]
mod rest;
#[cfg(feature = "alloc")]
mod when_all;
#[cfg(feature = "alloc")]
mod when_all_settled;
#[cfg(feature = "alloc")]
mod when_any;
#[cfg(feature = "alloc")]
mod when_each;

#[cfg(feature = "alloc")]
pub use first_error::{WhenAllOrFirstError, when_all_or_first_error};
#[cfg(feature = "alloc")]
pub use group::*;
#[cfg(feature = "alloc")]
pub use interleaved::interleaved;
#[cfg(feature = "alloc")]
pub use next_or_cancelled::NextOrCancelled;
#[cfg(feature = "alloc")]
pub use rest::{Rest, RestFutures};
#[cfg(feature = "alloc")]
pub use when_all::{WhenAll, when_all};
#[cfg(feature = "alloc")]
pub use when_all_settled::{WhenAllSettled, when_all_settled};
#[cfg(feature = "alloc")]
pub use when_any::{WhenAny, Winner, when_any};
#[cfg(feature = "alloc")]
pub use when_each::{WhenEach, when_each};
