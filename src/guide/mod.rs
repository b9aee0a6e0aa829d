//! Longer pages: what it is like to use this crate from one place or another.
//!
//! | page | for |
//! |---|---|
#![cfg_attr(
    feature = "std",
    doc = "| [`from_csharp`] | people who come from C#: the stories behind the names, and ten listings |"
)]
#![cfg_attr(
    feature = "std",
    doc = "| [`from_tokio_util`] | code written for tokio-util's token: the import, and what to gain by more |"
)]
#![cfg_attr(
    feature = "std",
    doc = "| [`cancellation_that_loses_nothing`] | whose work may end early: what is lost when, and what to do about it |"
)]
#![cfg_attr(feature = "std", doc = "| [`configure_await`] | who asks where code goes on after an `.await` |")]
#![cfg_attr(
    feature = "std",
    doc = "| [`testing_with_manual_clock`] | tests of time limits, retries and periodic work |"
)]
#![cfg_attr(
    feature = "std",
    doc = "| [`for_runtime_authors`] | executors and event loops: what there is to build with, what it promises, what it asks |"
)]
//! | [`without_a_heap`] | firmware: what there is without `alloc`, what it costs, and what may be called from an interrupt |
//!
//! # Files
//!
//! | file | knows |
//! |---|---|
//! | `cancellation_that_loses_nothing.md` | dropping and telling, cleanup, select, shutdown |
//! | `configure_await.md` | where code goes on after an `.await` |
//! | `for_runtime_authors.md` | building blocks and promises; an executor made of them |
//! | `from_csharp.md` | where this crate differs from .NET |
//! | `from_csharp_listings.md` | the rest of that page: the same in C# and here |
//! | `from_tokio_util.md` | tokio-util's names and ours, and the way from the one to the other |
//! | `testing_with_manual_clock.md` | how to test what waits for time |
//! | `without_a_heap.md` | a first program, which `embedded/` compiles and runs; sizes, interrupts, targets |
//! | `without_a_heap_recipes.md` | the rest of that page: how to do this and that, in listings for any computer |
#![forbid(unsafe_code)]

#[cfg(feature = "std")]
#[doc = include_str!("cancellation_that_loses_nothing.md")]
pub mod cancellation_that_loses_nothing {}

#[cfg(feature = "std")]
#[doc = include_str!("configure_await.md")]
pub mod configure_await {}

#[cfg(feature = "std")]
#[doc = include_str!("for_runtime_authors.md")]
pub mod for_runtime_authors {}

#[cfg(feature = "std")]
#[doc = include_str!("from_csharp.md")]
#[doc = include_str!("from_csharp_listings.md")]
pub mod from_csharp {}

#[cfg(feature = "std")]
#[doc = include_str!("from_tokio_util.md")]
pub mod from_tokio_util {}

#[cfg(feature = "std")]
#[doc = include_str!("testing_with_manual_clock.md")]
pub mod testing_with_manual_clock {}

// The program in the first file is for a microcontroller, and no doctest.
#[cfg_attr(not(doctest), doc = include_str!("without_a_heap.md"))]
#[doc = include_str!("without_a_heap_recipes.md")]
pub mod without_a_heap {}
