//! Cancellation tokens and task-completion cells for any executor.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(not(loom))]
mod raw;
#[cfg(loom)]
pub mod raw;
mod shim;

pub mod cancel;
#[cfg(feature = "alloc")]
mod combine;
#[cfg(feature = "alloc")]
mod spawn;
pub mod time;

#[cfg(feature = "std")]
pub mod fault {
    //! Panics that nobody could catch.
    pub use crate::raw::fault::{Fault, set_hook};
}

pub use cancel::*;
#[cfg(feature = "alloc")]
pub use combine::{WhenAll, when_all};
#[cfg(feature = "alloc")]
pub use spawn::{BoxFuture, LocalBoxFuture, LocalSpawner, Spawner};
