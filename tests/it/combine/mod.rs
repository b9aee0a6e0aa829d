//! Combinators of futures.
//!
//! | file | knows |
//! |---|---|
//! | `when_each.rs` | outputs as they come, and futures that are pushed |
//! | `when_each_hostile.rs` | the same with late wakes, panics and wakers that call back |

mod when_each;
mod when_each_hostile;
