//! Longer pages: what it is like to use this crate from one place or another.
//!
//! | page | for |
//! |---|---|
//! | [`without_a_heap`] | firmware: what there is without `alloc`, what it costs, and what may be called from an interrupt |
//!
//! | file | knows |
//! |---|---|
//! | `without_a_heap.md` | a first program, which `embedded/` compiles and runs; sizes, interrupts, targets |
//! | `without_a_heap_recipes.md` | the rest of that page: how to do this and that, in listings for any computer |

// The program in the first file is for a microcontroller, and no doctest.
#[cfg_attr(not(doctest), doc = include_str!("without_a_heap.md"))]
#[doc = include_str!("without_a_heap_recipes.md")]
pub mod without_a_heap {}
