//! Sizes, and which public type is `Send`, `Sync`, `Unpin` and unwind-safe: a table that the compiler checks.
use crate::support::is;
use core::future::{Pending, Ready};
use core::marker::PhantomPinned;
use core::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use taskcell::fault::{FaultKind, UnobservedFault};
use taskcell::stream::{Create, IntoChannelError, Pages, WithCancellation, YieldAll, YieldItem, Yielder};
use taskcell::time::{Alarm, Delay, ManualClock, SystemClock, Timestamp};
use taskcell::{
    AggregateError, Attempt, BoxError, CancelOnDrop, Cancellation, CancellationReason, CancellationSlot,
    CancellationToken, CancellationTokenSource, Cancelled, CompletionRegistration, ContinuationOptions,
    DeferredCallbacks, Detach, DropGuard, DropGuardRef, Elapsed, Empty, Fallback, Fault, FirstSuccessful, Full, Hedge,
    Inline, Interrupted, Losers, NeedOnlyOne, ObservedLatency, Panic, RedundancyError, Registration, RegistrationId,
    Rest, RestFutures, RunUntilCancelled, Settled, StaticCancellationTokenSource, StaticCancelled, StaticReason,
    StaticRegistration, StaticSlot, StaticTaskCell, StaticTaskSlot, StaticTimer, StaticToken, Task,
    TaskCompletionSource, TaskError, TaskStatus, Timeout, TryRegisterError, UnregisterAsync, Unregistered,
    UntilCancelled, ValueTask, WaitAsync, WaitAsyncFor, WaitError, WaitForCancelled, WaitForCancelledOwned,
    WaitForOutcome, WaitForTask, WaitForValue, WaitOrCancel, WhenAllSettled, WhenAny, Winner,
};

/// A generator of items `T` that is the future `F`.
type Generator<T, F> = Create<T, fn(Yielder<T>, CancellationToken) -> F, F>;

is!(CancellationTokenSource: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone, Default, core::fmt::Debug);
is!(CancellationToken: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone, Default, Eq, core::hash::Hash);
is!(CancellationToken: core::fmt::Debug, Cancellation; not Copy);
is!(Registration: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Default, core::fmt::Debug; not Clone);
is!(RegistrationId: Send, Sync, Unpin, Copy, Eq, core::hash::Hash, core::fmt::Debug);
is!(Unregistered: Send, Sync, Unpin, Copy, Eq, core::fmt::Debug);
is!(DropGuard: Send, Sync, Unpin, core::fmt::Debug; not Clone);
is!(DropGuardRef<'static>: Send, Sync, Unpin, core::fmt::Debug; not Clone);
is!(DeferredCallbacks: Send, Unpin, core::fmt::Debug; not Clone);
is!(Cancelled: Send, Sync, Unpin, Clone, core::error::Error);
is!(CancellationReason: Send, Sync, Unpin, Clone, core::fmt::Debug, core::fmt::Display);
is!(TryRegisterError<fn()>: Send, Sync, Unpin, core::fmt::Debug);
is!(Full: Send, Sync, Unpin, core::error::Error);
is!(taskcell::PipelineError<u8>: Send, Sync, Unpin, Clone, Eq, core::fmt::Debug, core::fmt::Display);
is!(taskcell::PipelineError<std::io::Error>: Send, Sync, core::error::Error; not Clone);
is!(taskcell::PipelineError<Rc<u8>>: Clone; not Send, Sync);
is!(taskcell::Pipeline: Send, Sync, Unpin, Clone, Default, core::fmt::Debug);
is!(taskcell::BoxPipeline<u8, u8>: Send, Sync, Unpin, Clone, core::fmt::Debug);
is!(taskcell::BoxPipeline<Rc<u8>, u8>: Send, Sync, Clone);
is!(taskcell::TimedOut: Send, Sync, Unpin, Copy, Eq, core::error::Error);
is!(taskcell::HedgeStrategy: Send, Sync, Unpin, Copy, core::fmt::Debug);
is!(taskcell::BreakerStrategy: Send, Sync, Unpin, Clone, core::fmt::Debug);
is!(taskcell::BulkheadStrategy: Send, Sync, Unpin, Clone, core::fmt::Debug);
is!(Elapsed: Send, Sync, Unpin, core::error::Error);
is!(taskcell::StaticTimerQueue<2>: Send, Sync, Unpin, Default, core::fmt::Debug; not Clone);
is!(taskcell::StaticClock<2>: Send, Sync, Unpin, taskcell::TimeProvider, core::fmt::Debug; not Clone);

is!(Task<u8>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone, Eq, core::hash::Hash, core::fmt::Debug, IntoFuture);
is!(Task<Rc<u8>>: Unpin, Clone, core::fmt::Debug, IntoFuture; not Send, Sync);
is!(Task<core::cell::Cell<u8>>: Clone; not Send, Sync);
is!(Task<u8, Rc<u8>>: Clone; not Send, Sync);
is!(Task<Pinned>: Unpin, Clone; not IntoFuture);
is!(&'static Task<Pinned>: IntoFuture);
is!(TaskCompletionSource<u8>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone, Default, core::fmt::Debug);
is!(TaskCompletionSource<Rc<u8>>: Unpin, Clone; not Send, Sync);
is!(TaskCompletionSource<core::cell::Cell<u8>>: Clone; not Send, Sync);
is!(WaitForTask<'static, u8, BoxError>: Send, Sync, Unpin, core::future::Future, core::fmt::Debug; not Clone);
is!(WaitForTask<'static, Rc<u8>, BoxError>: Unpin; not Send, Sync);
is!(Settled<'static, u8, BoxError>: Send, Sync, Unpin, core::future::Future, core::fmt::Debug; not Clone);
is!(WaitForOutcome<u8, BoxError>: Send, Sync, Unpin, core::future::Future, core::fmt::Debug; not Clone);
is!(WaitForOutcome<Rc<u8>, BoxError>: Unpin, core::future::Future; not Send, Sync);
is!(ContinuationOptions: Send, Sync, Unpin, Clone, core::fmt::Debug);
is!(ContinuationOptions<Rc<u8>>: Unpin; not Send, Sync);
is!(Inline: Send, Sync, Copy, Eq, core::fmt::Debug);
is!(CompletionRegistration<u8>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, core::fmt::Debug; not Clone);
is!(CompletionRegistration<Rc<u8>>: Unpin; not Send, Sync);
is!(WaitAsync<'static, u8, BoxError>: Send, Sync, Unpin, core::future::Future, core::fmt::Debug; not Clone);
is!(WaitAsync<'static, Rc<u8>, BoxError>: Unpin, core::future::Future; not Send, Sync);
is!(WaitAsyncFor<'static, u8, BoxError, ManualClock>: Send, Sync, Unpin, core::future::Future, core::fmt::Debug);
is!(WaitError: Send, Sync, Unpin, Clone, core::error::Error);
is!(taskcell::WhenEachTask<u8>: Send, Sync, Unpin, futures_util::Stream, core::fmt::Debug; not Clone);
is!(taskcell::WhenEachTask<Rc<u8>>: Unpin, futures_util::Stream; not Send, Sync);
is!(taskcell::NextTaskOrCancelled<'static, u8>: Send, Sync, Unpin, core::future::Future, core::fmt::Debug; not Clone);
is!(ValueTask<u8>: Send, Sync, Unpin, core::fmt::Debug, IntoFuture, From<u8>, From<Task<u8>>; not Clone);
is!(ValueTask<Rc<u8>>: IntoFuture; not Send, Sync);
is!(ValueTask<Pinned>: core::fmt::Debug; not Unpin, IntoFuture);
is!(WaitForValue<u8, BoxError>: Send, Sync, Unpin, core::future::Future, core::fmt::Debug; not Clone);
is!(WaitForValue<Pinned, BoxError>: Unpin);
is!(CancelOnDrop<u8>: Send, Sync, Unpin, core::fmt::Debug, core::ops::Deref<Target = Task<u8>>, IntoFuture; not Clone);
is!(CancelOnDrop<Pinned>: Unpin; not IntoFuture);
is!(WaitOrCancel<u8, BoxError>: Send, Sync, Unpin, core::future::Future, core::fmt::Debug; not Clone);

is!(TaskError: Send, Sync, Unpin, Clone, core::error::Error);
is!(TaskError<Rc<u8>>: Clone, core::error::Error; not Send, Sync);
is!(TaskError<core::cell::Cell<u8>>: Clone; not Send, Sync);
is!(Fault<Pinned>: Unpin, Clone, core::ops::Deref<Target = Pinned>; not Copy);
is!(Panic: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone, core::error::Error);
is!(AggregateError<TaskError>: Send, Sync, Unpin, Clone, core::error::Error);
is!(AggregateError<BoxError>: Send, Sync, core::error::Error; not Clone);
is!(TaskStatus: Send, Sync, Copy, Eq, core::hash::Hash, core::fmt::Debug);
is!(UnobservedFault<'static>: Unpin, core::fmt::Debug; not Send, Sync);
is!(FaultKind: Send, Sync, Copy, Eq, core::hash::Hash, core::fmt::Debug);

is!(WaitForCancelled<'static>: Send, Sync, Unpin, core::fmt::Debug, CancellationSlot);
is!(WaitForCancelledOwned: Send, Sync, Unpin, core::fmt::Debug);
is!(UnregisterAsync<'static>: Send, Sync, core::fmt::Debug);
is!(UntilCancelled<'static, Ready<()>>: Send, Sync, Unpin);
is!(UntilCancelled<'static, Ready<Rc<()>>>: Unpin; not Send, Sync);
is!(RunUntilCancelled<'static, Ready<()>>: Send, Sync);
is!(RunUntilCancelled<'static, Ready<Rc<()>>>: ; not Send, Sync);
is!(Interrupted<Pending<()>>: Send, Sync, Unpin);

is!(StaticCancellationTokenSource<2>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Default, core::fmt::Debug);
is!(StaticToken<'static>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Copy, core::fmt::Debug, Cancellation);
is!(StaticSlot<'static>: Send, Sync, Unpin, core::fmt::Debug, CancellationSlot; not Clone);
is!(taskcell::RunInSlot<'static, Ready<u8>, StaticSlot<'static>>: Send, Unpin, core::future::Future, core::fmt::Debug; not Clone);
is!(StaticRegistration<'static>: Send, Sync, Unpin, core::fmt::Debug; not Clone);
is!(StaticTimer: Send, Sync, Unpin, core::fmt::Debug; not Clone);
is!(StaticReason: Send, Sync, Unpin, Copy, Eq, core::hash::Hash, core::fmt::Debug, core::fmt::Display);
is!(StaticCancelled: Send, Sync, Unpin, Copy, Eq, core::hash::Hash, core::error::Error);
is!(StaticTaskCell<u8, 2>: Send, Sync, Unpin, Default, core::fmt::Debug; not Clone);
is!(StaticTaskCell<core::cell::Cell<u8>, 2>: Send; not Sync);
is!(StaticTaskCell<Rc<u8>, 2>: Unpin; not Send, Sync);
is!(StaticTaskSlot<'static, u8>: Send, Sync, Unpin, core::future::Future, core::fmt::Debug; not Clone);
is!(StaticTaskSlot<'static, core::cell::Cell<u8>>: Unpin; not Send, Sync);
is!(StaticTaskSlot<'static, Rc<u8>>: Unpin; not Send, Sync);
is!(taskcell::StaticChannel<u8, 2, 2>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Default, core::fmt::Debug; not Clone);
is!(taskcell::StaticChannel<core::cell::Cell<u8>, 2, 2>: Send, Sync);
is!(taskcell::StaticChannel<Rc<u8>, 2, 2>: Unpin; not Send, Sync);
is!(taskcell::StaticReader<'static, core::cell::Cell<u8>, 2, 2>: Send, Sync, Unpin, futures_util::Stream; not Clone);
is!(taskcell::StaticReader<'static, Rc<u8>, 2, 2>: Unpin; not Send, Sync);
is!(taskcell::StaticWriter<'static, core::cell::Cell<u8>, 2, 2>: Send, Sync, Unpin, core::fmt::Debug; not Clone);
is!(taskcell::StaticWriter<'static, Rc<u8>, 2, 2>: Unpin; not Send, Sync);
is!(taskcell::StaticRead<'static, u8, 2, 2>: Send, Sync, Unpin, core::future::Future, core::fmt::Debug; not Clone);
is!(taskcell::StaticRead<'static, Rc<u8>, 2, 2>: Unpin; not Send, Sync);
is!(taskcell::StaticWrite<'static, Pinned, 2, 2>: Unpin, core::future::Future, core::fmt::Debug);
is!(taskcell::StaticWrite<'static, core::cell::Cell<u8>, 2, 2>: Send; not Sync);
is!(taskcell::StaticWrite<'static, Rc<u8>, 2, 2>: Unpin; not Send, Sync);
is!(taskcell::StaticWaitToRead<'static, u8, 2, 2>: Send, Sync, Unpin, core::future::Future, core::fmt::Debug; not Clone);
is!(taskcell::StaticWaitToWrite<'static, u8, 2, 2>: Send, Sync, Unpin, core::future::Future, core::fmt::Debug);
is!(taskcell::StaticTryReadError: Send, Sync, Copy, Eq, core::error::Error);
is!(taskcell::StaticTryWriteError<Rc<u8>>: core::error::Error; not Send, Sync);
is!(taskcell::StaticWriteError<u8>: Send, Sync, Copy, Eq, core::error::Error);
is!(taskcell::Closed: Send, Sync, Copy, Eq, core::error::Error);

is!(Timestamp: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Copy, Ord, core::hash::Hash, core::fmt::Debug);
is!(ManualClock: Send, Sync, Unpin, Clone, core::fmt::Debug);
is!(SystemClock: Send, Sync, Unpin, Copy, core::fmt::Debug);
is!(Alarm: Send, Sync, Unpin, core::fmt::Debug; not Clone);
is!(Delay<SystemClock>: Send, Sync, Unpin, core::fmt::Debug);
is!(Timeout<Ready<()>, SystemClock>: Send, Sync);
is!(Timeout<Ready<Rc<()>>, SystemClock>: ; not Send, Sync);
is!(WhenAllSettled<Ready<()>>: Send);
is!(WhenAllSettled<Ready<Rc<()>>>: ; not Send);
is!(WhenAny<Ready<()>>: Send, Sync, Unpin, core::fmt::Debug; not Clone);
is!(WhenAny<Ready<Rc<()>>>: Unpin; not Send, Sync);
is!(WhenAny<Pinned>: Unpin);
type Hedging<F> = Hedge<fn(Attempt) -> F, F, SystemClock>;
is!(Hedging<Ready<Result<(), ()>>>: Send, Sync, Unpin, Future, core::fmt::Debug; not Clone);
is!(Hedging<Ready<Result<Rc<()>, ()>>>: Unpin, Future; not Send, Sync);
is!(NeedOnlyOne<Vec<u8>, Pinned>: Unpin);
is!(NeedOnlyOne<Vec<u8>, Ready<()>>: Send, Sync, Unpin, core::fmt::Debug; not Clone);
is!(FirstSuccessful<Rc<u8>, Ready<Result<(), ()>>>: Unpin; not Send, Sync);
is!(Fallback<Vec<u8>, Ready<Result<(), ()>>>: Send, Sync, Unpin, core::fmt::Debug);
is!(Attempt: Send, Sync, Unpin, Clone, core::fmt::Debug);
is!(Losers<Rc<u8>>: Unpin, core::fmt::Debug, Default);
is!(Detach<u8>: Send, Sync, Unpin, core::fmt::Debug; not Clone);
is!(ObservedLatency: Send, Sync, Unpin, core::fmt::Debug; not Clone);
is!(RedundancyError<u8>: Send, Sync, Unpin, Clone, Eq, core::error::Error);
is!(Rest<Ready<()>>: Send, Sync, Unpin, core::fmt::Debug; not Clone);
is!(Rest<Ready<Rc<()>>>: ; not Send, Sync);
is!(Rest<Pinned>: Unpin, IntoFuture; not IntoIterator);
is!(RestFutures<Ready<()>>: Send, Sync, ExactSizeIterator, core::iter::FusedIterator, core::fmt::Debug);
is!(Winner<Ready<()>>: Send, Sync, Unpin, core::fmt::Debug);
is!(Winner<Ready<Rc<()>>>: ; not Send, Sync);
is!(taskcell::Backoff: Send, Sync, Unpin, Copy, Eq, core::hash::Hash, core::fmt::Debug);
is!(taskcell::Delays: Send, Sync, Unpin, Clone, Iterator, core::fmt::Debug; not Copy);
is!(taskcell::RetryError<&'static str>: Send, Sync, Unpin, Clone, core::error::Error);
is!(taskcell::RetryError<Rc<u8>>: ; not Send, Sync);
is!(taskcell::YieldNow: Send, Sync, Unpin, core::fmt::Debug; not Clone);
is!(taskcell::UntilCancelledBy<'static, Ready<()>, CancellationToken>: Send, Sync, Unpin, core::fmt::Debug);
is!(taskcell::UntilCancelledBy<'static, Ready<Rc<()>>, CancellationToken>: Unpin; not Send, Sync);
is!(taskcell::Unfinished<Ready<()>>: Send, Sync, Unpin, core::error::Error; not Clone);
is!(taskcell::TimeoutCooperative<fn(), Ready<()>, SystemClock>: Send, Sync, Unpin, core::fmt::Debug);
is!(taskcell::TimeoutCooperative<fn(), Pinned, SystemClock>: ; not Unpin);
is!(taskcell::TimeoutOutcome<u8>: Send, Sync, Unpin, Copy, Eq, core::hash::Hash, core::fmt::Debug);
is!(Empty: Send, Sync, Unpin, Copy, Eq, core::hash::Hash, core::error::Error);

is!(taskcell::CircuitBreaker: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone, core::fmt::Debug; not Copy);
is!(taskcell::CircuitBreakerBuilder: Send, Sync, Unpin, core::fmt::Debug; not Clone);
is!(taskcell::BreakerPermit: Send, Sync, Unpin, UnwindSafe, core::fmt::Debug; not Clone);
is!(taskcell::BreakerCall<Ready<Result<u8, u8>>>: Send, Sync, Unpin, core::future::Future, core::fmt::Debug; not Clone);
is!(taskcell::BreakerCall<Ready<Result<Rc<u8>, u8>>>: Unpin, core::future::Future; not Send, Sync);
is!(taskcell::CircuitWatch: Send, Sync, Unpin, futures_util::Stream, core::fmt::Debug; not Clone);
is!(taskcell::CircuitChanged<'static>: Send, Sync, Unpin, core::future::Future, core::fmt::Debug; not Clone);
is!(taskcell::CircuitChange<'static>: Send, Sync, Unpin, Copy, core::fmt::Debug);
is!(taskcell::CircuitState: Send, Sync, Unpin, Copy, Eq, core::hash::Hash, core::fmt::Debug, core::fmt::Display);
is!(taskcell::CircuitStats: Send, Sync, Unpin, Copy, Eq, core::fmt::Debug);
is!(taskcell::CallVerdict: Send, Sync, Unpin, Copy, Eq, core::hash::Hash, core::fmt::Debug, From<bool>);
is!(taskcell::Bulkhead: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone, core::fmt::Debug; not Copy);
is!(taskcell::BulkheadPermit: Send, Sync, Unpin, UnwindSafe, core::fmt::Debug; not Clone);
is!(taskcell::BulkheadAcquire: Send, Sync, Unpin, core::future::Future, core::fmt::Debug; not Clone);
is!(taskcell::BulkheadAcquireOrCancelled<'static>: Send, Sync, Unpin, core::future::Future, core::fmt::Debug);
is!(taskcell::BulkheadCall<Ready<u8>>: Send, Sync, Unpin, core::future::Future, core::fmt::Debug; not Clone);
is!(taskcell::BulkheadCall<Ready<Rc<u8>>>: Unpin, core::future::Future; not Send, Sync);
is!(taskcell::BulkheadStats: Send, Sync, Unpin, Copy, Eq, core::fmt::Debug);
is!(taskcell::AcquireError: Send, Sync, Unpin, Clone, core::error::Error, From<taskcell::Rejected>);
is!(taskcell::Rejected: Send, Sync, Unpin, Copy, Eq, core::hash::Hash, core::error::Error);

/// The operators over streams: as what they hold, and by `Rc` nothing.
mod operators {
    use super::{ManualClock, Pinned, Rc};
    use crate::support::is;
    use core::fmt::Debug;
    use taskcell::stream::reductions::*;
    use taskcell::stream::*;

    type Items<T> = futures_util::stream::Iter<std::vec::IntoIter<T>>;
    type Clock = &'static ManualClock;

    is!(Reduction<Items<u8>, Sum<u8>>: Send, Sync, Unpin, Debug, Future; not Clone);
    is!(Reduction<Items<Rc<u8>>, Last<Rc<u8>>>: Unpin, Debug, Future; not Send, Sync);
    is!(Reduction<Pinned, Last<u8>>: ; not Unpin);
    is!(SequenceEqual<Items<u8>, Items<u8>>: Send, Sync, Unpin, Debug, Future);
    is!(Distinct<Items<u8>, u8, ByClone<u8>>: Send, Sync, Unpin, Debug, futures_core::stream::FusedStream);
    is!(Distinct<Items<Rc<u8>>, Rc<u8>, ByClone<Rc<u8>>>: Unpin, Debug; not Send, Sync);
    is!(DistinctUntilChanged<Items<u8>, u8, ByClone<u8>>: Send, Sync, Unpin, Debug);
    is!(SetOperation<Items<u8>, Items<u8>, ByClone<u8>>: Send, Sync, Unpin, Debug);
    is!(Pairwise<Items<u8>>: Send, Sync, Unpin, Debug);
    is!(TakeLast<Items<u8>>: Send, Sync, Unpin, Debug);
    is!(SkipLast<Items<u8>>: Send, Sync, Unpin, Debug);
    is!(DefaultIfEmpty<Items<u8>>: Send, Sync, Unpin, Debug);
    is!(GroupAdjacent<Items<u8>, u8, ByClone<u8>>: Send, Sync, Unpin, Debug);
    is!(RaceWith<Items<u8>, Items<u8>>: Send, Sync, Unpin, Debug);
    is!(RaceWith<Items<u8>, Pinned>: ; not Unpin);
    is!(CatchError<Items<u8>, Items<u8>, fn()>: Send, Sync, Unpin, Debug);
    is!(Conflate<Items<u8>>: Send, Sync, Unpin, Debug);
    is!(Debounce<Items<u8>, Clock>: Send, Sync, Unpin, Debug);
    is!(Sample<Items<u8>, Clock>: Send, Sync, Unpin, Debug);
    is!(DelayEach<Items<u8>, Clock>: Send, Sync, Unpin, Debug);
    is!(TimeoutEach<Items<u8>, Clock>: Send, Sync, Unpin, Debug);
    is!(TimeoutEach<Pinned, Clock>: ; not Unpin);
    is!(RetryStream<Items<u8>, fn(), [core::time::Duration; 1], Clock>: Send, Sync, Unpin, Debug);
    is!(Lookup<u8, u8>: Send, Sync, Unpin, Debug, IntoIterator);
    is!(Lookup<u8, Rc<u8>>: Unpin, Debug; not Send, Sync);
    is!(SingleError: Send, Sync, Unpin, Copy, Eq, core::hash::Hash, core::error::Error);
    is!(Overflow: Send, Sync, Unpin, Copy, Eq, core::hash::Hash, core::error::Error);
}

/// A future that must not move.
struct Pinned(PhantomPinned);
impl core::future::Future for Pinned {
    type Output = ();
    fn poll(self: core::pin::Pin<&mut Self>, _: &mut core::task::Context<'_>) -> core::task::Poll<()> {
        core::task::Poll::Ready(())
    }
}

#[test]
fn a_future_that_must_not_move_is_pinned_in_place() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let outcome = smol::block_on(token.run_until_cancelled(Pinned(PhantomPinned)));
    assert_eq!(outcome, Some(()));
}

#[test]
fn sizes() {
    const WORD: usize = size_of::<usize>();
    assert_eq!(size_of::<CancellationToken>(), WORD);
    assert_eq!(size_of::<Option<CancellationToken>>(), WORD);
    assert_eq!(size_of::<CancellationTokenSource>(), WORD);
    assert_eq!(size_of::<Cancelled>(), WORD);
    assert_eq!(size_of::<taskcell::StaticChannel<usize, 8, 2>>(), (2 + 2 * 8 + 1 + 3 * 2) * WORD);
    assert_eq!(size_of::<taskcell::StaticReader<'_, usize, 8, 2>>(), 3 * WORD);
    assert_eq!(size_of::<Result<(), Cancelled>>(), WORD);
    assert_eq!(size_of::<Task<u64>>(), WORD);
    assert_eq!(size_of::<Option<Task<u64>>>(), WORD);
    assert_eq!(size_of::<TaskCompletionSource<u64>>(), WORD);
    assert_eq!(size_of::<WaitForTask<'_, u64, BoxError>>(), 3 * WORD);
    assert_eq!(size_of::<WaitForOutcome<u64, BoxError>>(), 3 * WORD);
    assert_eq!(size_of::<CancelOnDrop<u64>>(), 2 * WORD);
    assert!(size_of::<ValueTask<u64>>() <= 3 * WORD);
    assert!(size_of::<WaitAsync<'_, u64, BoxError>>() <= 6 * WORD);
    assert_eq!(size_of::<Alarm>(), WORD);
    assert_eq!(size_of::<Timestamp>(), 8);
    assert!(size_of::<WaitForCancelled<'_>>() <= 4 * WORD);
    assert!(size_of::<WaitForCancelledOwned>() <= 4 * WORD);
}

is!(Yielder<u8>: Send, Sync, Unpin, Clone, core::fmt::Debug);
is!(Yielder<core::cell::Cell<u8>>: Send, Sync);
is!(Yielder<Rc<u8>>: Unpin, Clone; not Send, Sync);
is!(YieldItem<'static, PhantomPinned>: Send, Unpin, Future, core::fmt::Debug);
is!(YieldItem<'static, Rc<u8>>: Unpin, Future; not Send);
is!(YieldAll<'static, u8, Pages<u8, fn(Option<u8>) -> Ready<u8>, Ready<u8>>>: Send, Unpin, core::fmt::Debug);
is!(Generator<u8, Ready<()>>: Send, Unpin, futures_core::Stream, futures_core::FusedStream, core::fmt::Debug);
is!(Generator<Rc<u8>, Ready<()>>: Unpin, futures_core::Stream; not Send);
is!(Generator<u8, Ready<Rc<u8>>>: Unpin; not Send);
is!(Generator<u8, PhantomPinned>: Send; not Unpin);
is!(WithCancellation<Pages<u8, fn(Option<u8>) -> Ready<u8>, Ready<u8>>>: Send, Unpin, core::fmt::Debug);
is!(WithCancellation<PhantomPinned>: Send, Sync; not Unpin);
is!(IntoChannelError<u8, BoxError>: Send, core::error::Error);

/// Channels: shared by threads if their items can be sent, and their errors shared.
mod channels {
    use super::{Rc, RefUnwindSafe, UnwindSafe};
    use crate::support::is;
    use core::cell::Cell;
    use core::error::Error;
    use core::fmt::Debug;
    use core::marker::PhantomPinned as Pinned;
    use futures_core::stream::FusedStream;
    use taskcell::channel::*;

    is!(Writer<u8>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone, Debug);
    is!(Writer<Cell<u8>>: Send, Sync);
    is!(Writer<Rc<u8>>: Unpin, UnwindSafe, Clone, Debug; not Send, Sync);
    is!(Writer<u8, Cell<u8>>: Clone; not Send, Sync);
    is!(Reader<u8>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone, Debug);
    is!(Reader<Cell<u8>>: Send, Sync);
    is!(Reader<Rc<u8>>: Unpin, UnwindSafe, Clone, Debug; not Send, Sync);
    is!(Reader<u8, Cell<u8>>: Clone; not Send, Sync);
    is!(Permit<u8>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Debug; not Clone);
    is!(Permit<Rc<u8>>: Unpin; not Send, Sync);
    is!(AsyncProducerConsumerCollection<u8>: Send, Sync, Unpin, Clone, Default, Debug);
    is!(AsyncProducerConsumerCollection<Rc<u8>>: Clone; not Send, Sync);
    is!(ChannelOptions<u8>: Send, Unpin, Debug; not Sync, Clone);
    is!(ChannelOptions<Rc<u8>>: Unpin; not Send, Sync);
    is!(FullMode: Send, Sync, Unpin, Copy, Eq, Debug);

    is!(Write<'static, u8>: Send, Sync, Unpin, Future, Debug; not Clone);
    is!(Write<'static, Cell<u8>>: Send, Future; not Sync);
    is!(Write<'static, Rc<u8>>: Unpin, Future; not Send, Sync);
    is!(Write<'static, Pinned>: Unpin, Future);
    is!(Read<'static, u8>: Send, Sync, Unpin, Future, Debug; not Clone);
    is!(Read<'static, Cell<u8>>: Send, Sync, Future);
    is!(Read<'static, Rc<u8>>: Unpin, Future; not Send, Sync);
    is!(Reserve<'static, u8>: Send, Sync, Unpin, Future, Debug; not Clone);
    is!(Reserve<'static, Rc<u8>>: Unpin, Future; not Send, Sync);
    is!(WaitToRead<'static, u8>: Send, Sync, Unpin, Future, Debug; not Clone);
    is!(WaitToRead<'static, Rc<u8>>: Unpin, Future; not Send, Sync);
    is!(WaitToWrite<'static, u8>: Send, Sync, Unpin, Future, Debug; not Clone);
    is!(WaitToWrite<'static, Rc<u8>>: Unpin, Future; not Send, Sync);
    is!(ReadAll<u8>: Send, Sync, Unpin, FusedStream, Debug; not Clone);
    is!(ReadAll<Rc<u8>>: Unpin, FusedStream; not Send, Sync);

    is!(ReadError: Send, Sync, Unpin, Clone, Error);
    is!(ReadError<Rc<u8>>: Clone, Error; not Send, Sync);
    is!(TryReadError: Send, Sync, Unpin, Clone, Error);
    is!(WaitError: Send, Sync, Unpin, Clone, Error);
    is!(WriteError<u8>: Send, Sync, Unpin, Error; not Clone);
    is!(WriteError<Rc<u8>>: Error; not Send, Sync);
    is!(TryWriteError<u8>: Send, Sync, Unpin, Error; not Clone);
    is!(ReserveError: Send, Sync, Unpin, Clone, Error);
    is!(TryReserveError: Send, Sync, Unpin, Clone, Error);
    is!(AlreadyCompleted: Send, Sync, Unpin, Copy, Eq, Error);
}

#[test]
fn constants() {
    const NONE: CancellationToken = CancellationToken::NONE;
    const CANCELLED: CancellationToken = CancellationToken::new(true);
    static STATIC: StaticCancellationTokenSource<3> = StaticCancellationTokenSource::new();
    static TOKEN: CancellationToken = CancellationToken::new(false);
    assert!(!NONE.is_cancelled() && CANCELLED.is_cancelled() && !TOKEN.is_cancelled());
    assert!(!STATIC.is_cancelled());
}

#[test]
fn debug_shows_the_state_and_no_payload() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let live = (format!("{source:?}"), format!("{token:?}"));
    source.cancel_with("the secret");
    let dead = (format!("{source:?}"), format!("{token:?}"));
    assert_ne!(live.0, dead.0);
    assert_ne!(live.1, dead.1);
    assert!(!dead.0.contains("secret") && !dead.1.contains("secret"));
    let none = format!("{:?}", CancellationToken::NONE);
    assert_ne!(none, format!("{:?}", CancellationToken::new(true)));
}

#[test]
fn messages() {
    let token = CancellationToken::new(true);
    assert_eq!(token.check().unwrap_err().to_string(), "the operation was cancelled");
    assert!(!token.reason().unwrap().to_string().is_empty());
}

mod caches {
    use super::*;
    use crate::support::is;
    use taskcell::{
        AsyncCache, AsyncLazy, CacheError, CacheOptions, CacheStatistics, ErrorPolicy, Get, Handover, OwnLoader,
    };

    is!(AsyncCache<u8, u8>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone, core::fmt::Debug);
    is!(AsyncCache<u8, Rc<u8>>: Unpin, Clone; not Send, Sync);
    is!(AsyncLazy<u8>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone, core::fmt::Debug);
    is!(Get<'static, String, u8, u8, str, OwnLoader>: Send, Unpin, core::future::Future, core::fmt::Debug; not Clone);
    is!(CacheOptions: Unpin, Default, core::fmt::Debug);
    is!(CacheError<String>: Send, Sync, Unpin, Clone, core::error::Error);
    is!(CacheStatistics: Send, Sync, Copy, Default, Eq, core::hash::Hash, core::fmt::Debug);
    is!(Handover: Send, Sync, Copy, Default, Eq, core::hash::Hash, core::fmt::Debug);
    is!(ErrorPolicy: Send, Sync, Copy, Default, Eq, core::hash::Hash, core::fmt::Debug);
}
