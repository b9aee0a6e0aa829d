//! Generators.
//!
//! | file | knows |
//! |---|---|
//! | `create.rs` | a stream that an asynchronous function makes |
//! | `try_create.rs` | one that may fail |
//! | `yielder.rs` | what a generator gives its items to |
//! | `yield_all.rs` | all items of another stream |
//! | `generator.rs` | a generator and its slot |
//! | `slot.rs` | who offers an item, and who takes it |
//! | `close.rs` | the end by the consumer, awaited |

mod close;
mod create;
mod generator;
mod slot;
mod try_create;
mod yield_all;
mod yielder;

pub use close::Close;
pub use create::{Create, create};
pub use try_create::{TryCreate, try_create};
pub use yield_all::{TryYieldAll, YieldAll};
pub use yielder::{YieldItem, Yielder};
