//! The library's tests: one binary, one module per area.
#[cfg(feature = "std")]
mod time;
#[cfg(feature = "std")]
mod time_clocks;
#[cfg(feature = "std")]
mod time_delay;
#[cfg(feature = "std")]
mod time_hostile;
mod children;
mod spawn;
mod timeout;
mod when_all;
