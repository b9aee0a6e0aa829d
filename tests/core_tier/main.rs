//! What is there without a heap, on every tier, in the company of what else is there without a heap: and that none of it
//! allocates, by an allocator that counts.
//!
//! | file | knows |
//! |---|---|
//! | `board.rs` | a board without hardware: its time, its alarm, a loop that sleeps between polls |
//! | `heap.rs` | the allocator that counts |
//! | `cells.rs` | hierarchies and cells |
//! | `clocks.rs` | the clock of a static queue |
//! | `waits.rs` | waits of all kinds, one inside the other |

mod board;
mod cells;
mod clocks;
mod heap;
mod waits;
