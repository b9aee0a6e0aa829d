//! What .NET's own tests look at beyond the cases of `conformance`: the same behaviour, in our words and with our types.
//! Where we differ on purpose, the test shows how and says so.
//!
//! | file | knows |
//! |---|---|
//! | `cancellation.rs` | sources, tokens, registrations |
//! | `linked.rs` | linked sources and their timers |

mod cancellation;
mod linked;
