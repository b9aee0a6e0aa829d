//! The library's tests: one binary, one module per area.
mod children;
mod spawn;
#[cfg(feature = "std")]
mod time;
#[cfg(feature = "std")]
mod time_clocks;
#[cfg(feature = "std")]
mod time_delay;
#[cfg(feature = "std")]
mod time_hostile;
mod timeout;
mod when_all;
