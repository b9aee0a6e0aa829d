//! Task-completion cells on the heap: a line of those who wait ([`super::line`]),
//! and an outcome.
//!
//! | file | knows |
//! |---|---|
//! | `core.rs` | a cell in memory, its counts, its end |
//! | `complete.rs` | from pending to complete, and to never |
//! | `driver.rs` | delivering, however long the chain |
//! | `call.rs` | calling what stands in a line |
//! | `nested.rs` | deliveries that stand in each other |
//! | `list.rs` | cells that a driver has still to do |
//! | `handle.rs` | safe handles: [`Shared`], [`Completer`] |
//! | `waiter.rs` | a future's place |
//! | `entry.rs` | callbacks in the line |
//! | `link.rs` | a cell that continues another one |
//! | `divert.rs` | a cell whose callbacks run elsewhere |
//! | `row.rs` | a cell that waits for several others |
//! | `rowed.rs` | how such a cell lies in memory |
//! | `decide.rs` | what becomes of such a cell |
//! | `told.rs` | the entries of a row in their lines |
//! | `closing.rs` | rows that nobody looks at any more |
//! | `gather.rs` | all of several, or any |
//! | `flatten.rs` | a cell of a cell |
//! | `inbox.rs` | a list that many fill and one empties, and that one's waker |
//! | `each.rs` | cells in the order in which they end |
//! | `deal.rs` | cells that take over the outcomes of others, in that order |

mod call;
mod closing;
mod complete;
mod core;
mod deal;
mod decide;
mod divert;
mod driver;
mod each;
mod entry;
mod flatten;
mod gather;
mod handle;
mod inbox;
mod link;
mod list;
mod nested;
mod row;
mod rowed;
mod told;
mod waiter;

pub(crate) use core::Outcome;
pub(crate) use deal::{Deal, deal_out};
pub(crate) use divert::{Callbacks, Divert};
pub(crate) use driver::Driver;
pub(crate) use each::Each;
pub(crate) use entry::{Driven, Watch};
pub(crate) use flatten::{Flatten, flatten};
pub(crate) use gather::{Children, GatherAll, GatherAny, gather_all, gather_any};
pub(crate) use handle::{Completer, Shared, View};
pub(crate) use link::{Link, link};
#[cfg(feature = "std")]
pub(crate) use nested::run_put_off;
pub(crate) use waiter::CellWaiter;
