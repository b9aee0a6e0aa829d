//! Reports of progress: from who works to who watches.
//!
//! Who works takes a [`Report`], such as `&dyn Report<u8>` or `impl Report<u8>`, and reports to it; it never blocks there
//! and never learns what becomes of the report. Who watches makes a
//!
//! | type | its handler sees | from |
//! |---|---|---|
//! | [`Progress`] | every report, in order | an executor, or who reports |
//! | [`LatestProgress`] | the latest report that it has not seen | the same |
//!
//! | also here | is |
//! |---|---|
//! | [`Flush`] | the future of [`Progress::flush`]: ready when what was reported has been handled |
//! | [`Unhandled`] | its error: the executor dropped what was to handle the reports |
//!
//! A handler is called by one thread at a time. Whoever reports while it runs leaves the report to the one that is
//! running it, and goes on. Who does not care passes `()`, or `None`.
//!
//! # Examples
//!
//! ```
//! use std::sync::{Arc, Mutex};
//! use taskcell::{Progress, Report};
//!
//! async fn download(pieces: &[&[u8]], progress: &impl Report<u8>) -> Vec<u8> {
//!     let mut file = Vec::new();
//!     for (n, piece) in pieces.iter().enumerate() {
//!         file.extend_from_slice(piece); // .await
//!         progress.report(((n + 1) * 100 / pieces.len()) as u8);
//!     }
//!     file
//! }
//!
//! let screen = Arc::new(Mutex::new(String::new()));
//! let ui = screen.clone();
//! let smol = |future: taskcell::BoxFuture<'static, ()>| smol::spawn(future).detach();
//! let progress = Progress::on(smol, move |percent: u8| *ui.lock().unwrap() += &format!("{percent} % "));
//! # smol::block_on(async {
//! download(&[b"paper", b" and", b" pen", b"cil"], &progress).await;
//! progress.flush().await.unwrap();
//! assert_eq!(*screen.lock().unwrap(), "25 % 50 % 75 % 100 % ");
//!
//! download(&[b"unwatched"], &()).await;
//! # });
//! ```
//!
//! # Files
//!
//! | file | knows |
//! |---|---|
//! | `report.rs` | what one reports to |
//! | `progress.rs` | every report, in order |
//! | `latest.rs` | the latest report |
//! | `mailbox.rs` | who handles what was reported, and where |
//! | `flush.rs` | waiting for what was reported |
#![forbid(unsafe_code)]

mod flush;
mod latest;
mod mailbox;
#[expect(clippy::module_inception, reason = "the file is named after its type, as all are")]
mod progress;
mod report;

pub use flush::{Flush, Unhandled};
pub use latest::LatestProgress;
pub use progress::Progress;
pub use report::Report;
