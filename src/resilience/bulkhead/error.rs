//! `AcquireError`: why there was no place, where a token may say so, too.

use crate::cancel::Cancelled;
use crate::resilience::Rejected;
use core::error::Error;
use core::fmt;

/// There was no place in a bulkhead, or the token was cancelled.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroUsize;
/// use taskcell::{AcquireError, Bulkhead, CancellationToken, Rejected};
///
/// let bulkhead = Bulkhead::new(NonZeroUsize::MIN, 0);
/// let _place = bulkhead.try_acquire().unwrap();
/// # smol::block_on(async {
/// match bulkhead.acquire().with_cancellation(&CancellationToken::NONE).await {
///     Err(AcquireError::Rejected(Rejected::BulkheadFull)) => println!("busy"),
///     other => panic!("{other:?}"),
/// }
/// # });
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AcquireError {
    /// There was none.
    Rejected(Rejected),
    /// It was not waited for to the end.
    #[doc(alias = "Canceled")]
    Cancelled(Cancelled),
}

impl fmt::Display for AcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(rejected) => rejected.fmt(f),
            Self::Cancelled(cancelled) => cancelled.fmt(f),
        }
    }
}

impl Error for AcquireError {}

impl From<Rejected> for AcquireError {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected)
    }
}

impl From<Cancelled> for AcquireError {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}
