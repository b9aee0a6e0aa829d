//! The strategy of so many calls at a time.

use core::fmt;

use super::{PipelineError, PipelineNext, Strategy};
use crate::cancel::CancellationToken;
use crate::resilience::{AcquireError, Bulkhead};

/// A bulkhead around what is inside; see [`Pipeline::bulkhead`](super::Pipeline::bulkhead).
///
/// A place is taken until what is inside has been dropped. Outside of a retry it is that of a call, delays between attempts
/// included; inside of one each attempt queues for its own.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroUsize;
/// use taskcell::{Bulkhead, BulkheadStrategy, Pipeline};
///
/// let bulkhead = Bulkhead::new(NonZeroUsize::MIN, 0);
/// let pipeline = Pipeline::new().with(BulkheadStrategy::new(&bulkhead)); // what `bulkhead` does
/// let _place = bulkhead.try_acquire().unwrap();
/// # smol::block_on(async {
/// assert!(pipeline.call(async |_| Ok::<_, ()>(7)).await.unwrap_err().is_rejected());
/// # });
/// ```
#[derive(Clone)]
#[doc(alias = "RateLimiterResilienceStrategy")]
pub struct BulkheadStrategy {
    bulkhead: Bulkhead,
}

impl BulkheadStrategy {
    /// Behind this bulkhead, of which it keeps a clone.
    #[must_use]
    pub fn new(bulkhead: &Bulkhead) -> Self {
        Self { bulkhead: bulkhead.clone() }
    }
}

impl fmt::Debug for BulkheadStrategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bulkhead")
    }
}

impl<T, E> Strategy<T, E> for BulkheadStrategy {
    async fn execute<N: PipelineNext<T, E>>(&self, next: N, token: CancellationToken) -> Result<T, PipelineError<E>> {
        let _place = match self.bulkhead.acquire().with_cancellation(&token).await {
            Ok(place) => place,
            Err(AcquireError::Rejected(rejected)) => return Err(rejected.into()),
            Err(AcquireError::Cancelled(cancelled)) => return Err(cancelled.into()),
        };
        next.call(token.clone()).await
    }
}
