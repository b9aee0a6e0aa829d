//! Which of these types go to other threads.
use taskcell::{
    ConcurrentExclusiveSchedulerPair, ConfigureAwaitOptions, ContextScheduler, FromFutures, InlineScheduler,
    MessageLoopHandle, PairScheduler, Refused, ResumedOn, SpawnerScheduler, SynchronizationContext, TaskScheduler,
    WouldDeadlock,
};

fn shared<T: Send + Sync + Unpin + core::fmt::Debug>() {}
fn sent<T: Send>() {}

#[test]
fn what_is_shared_between_threads() {
    shared::<ConcurrentExclusiveSchedulerPair>();
    shared::<PairScheduler>();
    shared::<InlineScheduler>();
    shared::<SpawnerScheduler<InlineScheduler>>();
    shared::<FromFutures<InlineScheduler>>();
    shared::<ContextScheduler>();
    shared::<MessageLoopHandle>();
    shared::<ConfigureAwaitOptions>();
    shared::<WouldDeadlock>();
    shared::<Refused>();
    // Its output need not be `Sync`.
    shared::<ResumedOn<core::cell::Cell<u8>>>();
    sent::<std::sync::Arc<dyn SynchronizationContext>>();
    sent::<std::sync::Arc<dyn TaskScheduler + Send + Sync>>();
}
