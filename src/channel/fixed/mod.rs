//! A bounded channel without a heap.
//!
//! | file | knows |
//! |---|---|
//! | `channel.rs` | the channel, and what can be done at once |
//! | `reader.rs`, `writer.rs` | who has a place to wait in |
//! | `read.rs`, `write.rs`, `waits.rs` | their futures |
//! | `waiting.rs` | what those have that hold nothing |
//! | `error.rs` | what they fail with |

mod channel;
mod error;
mod read;
mod reader;
mod waiting;
mod waits;
mod write;
mod writer;

pub use channel::StaticChannel;
pub use error::{Closed, StaticTryReadError, StaticTryWriteError, StaticWriteError};
pub use read::StaticRead;
pub use reader::StaticReader;
pub use waits::{StaticWaitToRead, StaticWaitToWrite};
pub use write::StaticWrite;
pub use writer::StaticWriter;
