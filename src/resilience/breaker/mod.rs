//! What keeps calls from a service that fails.
//!
//! | file | knows |
//! |---|---|
//! | `breaker.rs` | the handle, and what it is good for |
//! | `builder.rs` | what a breaker is told before it is made |
//! | `rules.rs` | when a circuit opens, for how long, and what closes it |
//! | `circuit.rs` | the circuit itself, a plain state machine |
//! | `window.rs` | how many calls succeeded and failed of late |
//! | `shared.rs` | the lock, and who is told of changes |
//! | `permit.rs` | a call that may be made |
//! | `call.rs` | a future behind a breaker |
//! | `judge.rs` | what a result says about the service |
//! | `watch.rs` | the state as something to wait for |
//! | `change.rs` | what hooks are told |
//! | `state.rs` | the state, and the figures |

#[expect(clippy::module_inception, reason = "the file is named after its type, as all are")]
mod breaker;
mod builder;
mod call;
mod change;
mod circuit;
mod judge;
mod permit;
mod rules;
mod shared;
mod state;
mod watch;
mod window;

pub use breaker::CircuitBreaker;
pub use builder::CircuitBreakerBuilder;
pub use call::BreakerCall;
pub use change::CircuitChange;
pub use judge::{CallVerdict, ErrIsFailure, JudgeCall};
pub use permit::BreakerPermit;
pub use state::{CircuitState, CircuitStats};
pub use watch::{CircuitChanged, CircuitWatch};
