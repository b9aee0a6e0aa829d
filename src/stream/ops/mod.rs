//! What `StreamExt` lacks of LINQ's operators.
//!
//! | file | knows |
//! |---|---|
//! | `ext.rs` | all of them, as methods of a stream |
//! | `source.rs` | the stream below an operator |
//! | `distinct.rs`, `changes.rs` | no item twice; none twice in a row |
//! | `sets.rs` | items that another stream has, or has not |
//! | `pairwise.rs`, `take_last.rs`, `skip_last.rs`, `default_if_empty.rs` | items by their place |
//! | `group_adjacent.rs` | neighbours with one key |
//! | `race_with.rs`, `catch_error.rs`, `retry_stream.rs` | one stream in place of another |
//! | `conflate.rs`, `debounce.rs`, `sample.rs` | fewer items for those who cannot follow |
//! | `delay_each.rs`, `timeout_each.rs` | items that come later, or too late |
//! | `timing.rs` | what the operators by time have in common |
//! | `reduction.rs` | a stream that becomes one value |
//! | `ends.rs`, `extreme.rs`, `sum.rs`, `by_key.rs`, `lookup.rs` | which one |
//! | `number.rs` | what can be added up |
//! | `keyed.rs` | values by key, in the order in which their keys came |
//! | `sequence_equal.rs` | whether two streams are equal |

mod by_key;
mod catch_error;
mod changes;
mod conflate;
mod debounce;
mod default_if_empty;
mod delay_each;
mod distinct;
mod ends;
mod ext;
mod extreme;
mod group_adjacent;
mod keyed;
mod lookup;
mod number;
mod pairwise;
mod race_with;
mod reduction;
mod retry_stream;
mod sample;
mod sequence_equal;
mod sets;
mod skip_last;
mod source;
mod sum;
mod take_last;
mod timeout_each;
mod timing;

pub use catch_error::CatchError;
pub use changes::DistinctUntilChanged;
pub use conflate::Conflate;
pub use debounce::Debounce;
pub use default_if_empty::DefaultIfEmpty;
pub use delay_each::DelayEach;
pub use distinct::{ByClone, Distinct};
pub use ends::SingleError;
pub use ext::AsyncEnumerableExt;
pub use group_adjacent::GroupAdjacent;
pub use lookup::Lookup;
pub use number::{Averaged, Summand};
pub use pairwise::Pairwise;
pub use race_with::RaceWith;
pub use reduction::Reduction;
#[cfg(feature = "std")]
pub use retry_stream::retry_stream;
pub use retry_stream::{RetryStream, retry_stream_on};
pub use sample::Sample;
pub use sequence_equal::SequenceEqual;
pub use sets::SetOperation;
pub use skip_last::SkipLast;
pub use sum::Overflow;
pub use take_last::TakeLast;
pub use timeout_each::TimeoutEach;

pub mod reductions {
    //! What the futures of the operators do with each item: the `R` of [`Reduction`](super::Reduction).
    //!
    //! | rule | of |
    //! |---|---|
    //! | [`Sum`], [`Average`] | `sum`, `average` |
    //! | [`Extreme`], [`ByOrd`], [`ExtremeByKey`] | `min`, `max`, `min_by`, `max_by`; by the type's own order; by a key |
    //! | [`Last`], [`Single`] | `last`, `single` |
    //! | [`CountBy`], [`AggregateBy`], [`ToLookup`] | `count_by`, `aggregate_by`, `to_lookup` |
    //! | [`Rule`] | what all of them are |
    //!
    //! ```
    //! use futures_util::stream;
    //! use taskcell::stream::{AsyncEnumerableExt, Reduction, reductions::Average};
    //!
    //! let mean: Reduction<_, Average<u32>> = stream::iter([1, 2]).average();
    //! # smol::block_on(async {
    //! assert_eq!(mean.await, Some(1.5));
    //! # });
    //! ```
    pub use super::by_key::{AggregateBy, CountBy};
    pub use super::ends::{Last, Single};
    pub use super::extreme::{ByOrd, Extreme, ExtremeByKey};
    pub use super::lookup::ToLookup;
    pub use super::reduction::Rule;
    pub use super::sum::{Average, Sum};
}
