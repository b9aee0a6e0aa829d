//! The error of those who wait for the first of several, if there are none.
#![forbid(unsafe_code)]

use core::fmt;

/// There is nothing to wait for: the set is empty, and so none of it can be the first.
///
/// # Examples
///
/// ```
/// use taskcell::{Empty, when_any};
///
/// let nobody: Vec<core::future::Ready<u32>> = Vec::new();
/// # smol::block_on(async {
/// assert_eq!(when_any(nobody).await.err(), Some(Empty));
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[doc(alias = "ArgumentException")]
pub struct Empty;

impl fmt::Display for Empty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is nothing to wait for")
    }
}

impl core::error::Error for Empty {}
