//! `need_only_one`, `first_successful`, `fallback` and `hedge` as their users see them.
//!
//! - `hedging`: when attempts start, and what is observed
//! - `factories`: the three that take factories
//! - `tokens`: the caller's token
//! - `losers`: the three policies, at every exit
//! - `hostile`: panics, wakers and executors that misbehave, many attempts, endless ones
//! - `latency`: percentiles
//! - `model`: hedges against a model, plan by plan; `plans`: the plans, drawn by chance

mod factories;
mod hedging;
mod hostile;
mod latency;
mod losers;
mod model;
mod plans;
mod tokens;
