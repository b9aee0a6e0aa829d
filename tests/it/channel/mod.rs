//! Queues between tasks.
//!
//! - `dotnet`: what .NET's tests say beyond the conformance entries
//! - `fixed`: channels without a heap, where there is one
//! - `hostile`: wakers, items and callbacks that use the channel, or panic
//! - `storages`: storages that misbehave
//! - `told`: futures that go at any time, and what they leave behind

mod dotnet;
mod fixed;
mod hostile;
mod storages;
mod told;
