//! Clocks and the timers under them.
//!
//! A [`TimeProvider`] tells the time and wakes wakers at deadlines. Everything
//! in this crate that waits for time takes one; what stands on std's clock has a
//! short form without it.
//!
//! | clock | who fires its timers | needs |
//! |---|---|---|
//! | [`SystemClock`] | one thread of this crate, started with the first timer | `std` |
//! | [`ManualClock`] | the test that advances it | `alloc` |
//! | [`SleepClock`] | a future of this crate on your executor, by your sleep function | `alloc` |
//! | [`TimerQueue`] | your main loop | `alloc` |
//! | [`StaticClock`] | your timer's interrupt, or your main loop | nothing |
//! | [`StaticTimerQueue`] | the same, but it does not know the time | nothing |
//!
//! How to test with a [`ManualClock`] is told in the [guide].
//!
//! | what | is |
//! |---|---|
//! | [`TimeProvider`], [`Timestamp`] | what a clock is, and a point in its time |
//! | [`delay`], [`delay_on`], [`Delay`] | waiting for so much time to pass |
//! | [`Alarm`] | a timer that was armed; dropping it disarms it |
//! | [`Elapsed`] | the error of those who waited too long |
//! | [`QueueFull`] | the error of a queue without a heap |
//! | [`SleepDriver`] | the future that fires a [`SleepClock`]'s timers |
//!
//! # Files
//!
//! | file | knows |
//! |---|---|
//! | `timestamp.rs` | what a point in time is |
//! | `provider.rs` | what a clock must do |
//! | `queue.rs` | the queue that a main loop turns |
//! | `fixed.rs` | the same without a heap |
//! | `fixed_clock.rs` | a clock of it and the hardware's timer |
//! | `manual.rs` | the clock that tests advance |
//! | `manual_block_on.rs` | running a future in a manual clock's time |
//! | `sleep.rs` | a clock from any sleep function |
//! | `system.rs` | std's clock and its thread |
//! | `delay.rs` | waiting for a point in time |
//! | `timer.rs` | one timer at a time, on somebody else's clock |
//! | `elapsed.rs` | the error of those who waited too long |
//! | `firing.rs` | firing what is due, whatever the wakers do |
//!
//! [guide]: crate::guide::testing_with_manual_clock
#![forbid(unsafe_code)]

mod delay;
mod elapsed;
mod firing;
mod fixed;
mod fixed_clock;
#[cfg(feature = "alloc")]
mod manual;
#[cfg(feature = "std")]
mod manual_block_on;
mod provider;
#[cfg(feature = "alloc")]
mod queue;
#[cfg(feature = "alloc")]
mod sleep;
#[cfg(feature = "std")]
mod system;
mod timer;
mod timestamp;

pub use crate::raw::alarm::Alarm;
#[cfg(feature = "std")]
pub use delay::delay;
pub use delay::{Delay, delay_on};
pub use elapsed::Elapsed;
pub use fixed::{QueueFull, StaticTimerQueue};
pub use fixed_clock::StaticClock;
#[cfg(feature = "alloc")]
pub use manual::ManualClock;
pub use provider::TimeProvider;
#[cfg(feature = "alloc")]
pub use queue::TimerQueue;
#[cfg(feature = "alloc")]
pub use sleep::{SleepClock, SleepDriver};
#[cfg(feature = "std")]
pub use system::SystemClock;
pub(crate) use timer::Timer;
pub use timestamp::Timestamp;
