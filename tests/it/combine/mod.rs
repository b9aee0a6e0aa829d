//! Combinators of futures.
//!
//! | file | knows |
//! |---|---|
//! | `when_all.rs` | all values or all errors; secondary errors |
//! | `when_all_settled.rs` | all outputs, whatever they say |
//! | `first_error.rs` | all, cancelled at the first error |
//! | `few.rs` | arrays and tuples, without a heap |
//! | `interleaved.rs` | tasks in the order of the ends |
//! | `next_or_cancelled.rs` | the next output, unless a token is cancelled first |
//! | `when_each.rs` | outputs as they come, and futures that are pushed |
//! | `when_each_hostile.rs` | the same with late wakes, panics and wakers that call back |
//! | `when_each_random.rs` | the same in endless use |

mod few;
mod first_error;
mod interleaved;
mod next_or_cancelled;
mod when_all;
mod when_all_settled;
mod when_each;
mod when_each_hostile;
mod when_each_random;
