//! The acceptance scenarios, under their numbers. C5 and every other count of allocations is in `tests/memory.rs`;
//! where a scenario holds a time limit, these count polls or wakes instead.
//!
//! - `c01`: seal against arm, `c02`: reuse of a slot (both also as loom models)
//! - `c06`: a chain of a million
//! - `c08`: a storm of panics
//! - `c11`: timer epochs
//! - `c12`: reason and visibility
//! - `c14`: a full static registry
//! - `c15`: flags before foreign code
//! - `t01`: the first of several, beside a task that lives long
//! - `t04`: the poller of a shared load goes
//! - `t07`: the last source goes
//! - `t08`: a chain of a million continuations
//! - `t11`: a retry in the middle of a delay
//! - `t12`: a hedge, and its loser
//! - `t13`: a throttle under panics and drops
//! - `t15`: the leader of a single flight goes
//! - `t18`: items that are never lost
//! - `t19`: a breaker, and exactly its probes
//! - `t22`: faults that nobody saw
//! - `t23`: many futures, each seen as it ends
//! - `t23_hot`: O(N) over hot tasks
//! - `t24`: the ends of time

mod c01;
mod c02;
mod c06;
mod c08;
mod c11;
mod c12;
mod c14;
mod c15;
mod t01;
mod t04;
mod t07;
mod t08;
mod t11;
mod t12;
mod t13;
mod t15;
mod t18;
mod t19;
mod t22;
mod t23;
mod t23_hot;
mod t24;
