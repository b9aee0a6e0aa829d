//! C4: an operation that fails at once and is tried again at once, attempt after attempt.

use super::signal::{context, ready};
use crate::meter::Meter;
use std::future::IntoFuture;
use std::hint::black_box;
use std::num::NonZeroU32;
use std::pin::pin;

/// An attempt.
pub(super) fn c4_ours(meter: &mut Meter, n: usize) {
    // One at least: a run of none tells what the rest costs.
    let attempts = NonZeroU32::new(n.try_into().expect("a few attempts")).unwrap_or(NonZeroU32::MIN);
    let mut context = context();
    meter.start();
    let retry = taskcell::retry(|attempt| std::future::ready(Err::<(), u32>(black_box(attempt.number))));
    let mut retry = pin!(retry.max_attempts(attempts).into_future());
    let error = loop {
        // It lets others go first now and then.
        if let std::task::Poll::Ready(outcome) = retry.as_mut().poll(&mut context) {
            break outcome.expect_err("each attempt fails");
        }
    };
    meter.stop(n);
    assert_eq!(error.attempts() as usize, n.max(1));
    assert_eq!(error.into_inner(), Some(attempts.get() - 1));
}

/// The same with backon, which awaits a sleep of zero each time: one that is over at once.
pub(super) fn c4_backon(meter: &mut Meter, n: usize) {
    use backon::{ConstantBuilder, Retryable};
    let mut context = context();
    meter.start();
    let backoff = ConstantBuilder::new().with_delay(std::time::Duration::ZERO).with_max_times(n.saturating_sub(1));
    let mut number = 0;
    let attempt = || {
        number += 1;
        std::future::ready(Err::<(), u32>(black_box(number)))
    };
    let retry = attempt.retry(backoff).sleep(|_| std::future::ready(()));
    let error = ready(pin!(retry.into_future()), &mut context).expect_err("each attempt fails");
    meter.stop(n);
    assert_eq!(error as usize, n.max(1));
}
