//! `need_only_one`, `first_successful`, `fallback` and `hedge` as their users see them.
//!
//! - `hedging`: when attempts start, and what is observed
//! - `factories`: the three that take factories
//! - `tokens`: the caller's token
//! - `losers`: the three policies, at every exit
//! - `hostile`: panics, wakers and executors that misbehave, many attempts, endless ones
//! - `latency`: percentiles

mod factories;
mod hedging;
mod hostile;
mod latency;
mod losers;
mod tokens;
