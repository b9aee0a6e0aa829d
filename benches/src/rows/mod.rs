//! The rows: which body stands behind an id of `bars.toml`, for us and for each peer.
//!
//! - `table/`: ids to bodies, how many operations a run holds
//! - `signal`: what section A asks of a crate, and each crate's answer
//! - `a_token`: A1 to A4, a handle and a child
//! - `a_wait`: A5, register and drop
//! - `a_fire`: A7, cancel
//! - `a_tree`: A8, A9, A13, trees and chains
//! - `a_bytes`: A3m, A10, A11, memory
//! - `b_one`: B1, B2, B5, a cell with one consumer
//! - `b_many`: B4, a cell with many
//! - `b_then`: B6, B7, continuations
//! - `c_all`: C1 and C1b, `when_all`
//! - `c_each`: C2, `when_each`
//! - `c_any`: C5, `when_any`
//! - `c_throttle`: C3, throttled maps
//! - `c_retry`: C4, `retry`
//! - `c_hot`: C1h, C2h and C5h, tasks joined, taken as they end, and raced
//! - `d_cache`: D2, caches
//! - `d_channel`: D1 and D1w, a message through a channel
//! - `e_timer`: E, timers
//! - `curve`: what is drawn, cost against a number
//! - `contend`: two threads on one object
//! - `physics`: what the machine's own steps cost, to check the measuring itself

mod a_bytes;
mod a_fire;
mod a_token;
mod a_tree;
mod a_wait;
mod b_many;
mod b_one;
mod b_then;
mod c_all;
mod c_any;
mod c_each;
mod c_hot;
mod c_retry;
mod c_throttle;
pub mod contend;
pub mod curve;
mod d_cache;
mod d_channel;
mod e_timer;
mod physics;
mod signal;
mod table;

pub use table::{ALIASES, Body, Row, body, rows};
