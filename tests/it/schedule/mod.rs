//! Schedulers, contexts, message loops.
//!
//! - `blocking`: threads that must not block
//! - `pair`: the concurrent and the exclusive scheduler; `pair_stress`: on threads; `pair_hostile`: whatever runs in them
//!   or under them
//! - `message_loop`: a thread's own loop
//! - `traits`: what goes to other threads
//! - `resume`: `resume_on`, `configure_await`, `register_on`, the adapters

mod blocking;
mod message_loop;
mod pair;
mod pair_hostile;
mod pair_stress;
mod resume;
mod traits;
