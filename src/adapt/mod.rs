//! Floor 6: one future in, one future out.
//!
//! | function | adds |
//! |---|---|
//! | [`timeout`], [`timeout_on`] | an end after a time |

mod timeout;

#[cfg(feature = "std")]
pub use timeout::timeout;
pub use timeout::{Timeout, timeout_on};
