//! The error of those who waited too long.

use core::fmt;

/// The time was up before what was waited for had ended.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::{Elapsed, ManualClock, timeout_on};
///
/// let clock = ManualClock::new();
/// clock.set_auto_advance(true);
/// let late: Result<(), Elapsed> =
///     clock.block_on(async { timeout_on(&clock, Duration::from_secs(3), core::future::pending()).await });
/// println!("{}", late.unwrap_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "TimeoutException")]
pub struct Elapsed(pub(crate) ());

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time is up")
    }
}

impl core::error::Error for Elapsed {}
