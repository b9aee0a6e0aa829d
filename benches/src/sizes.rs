//! How large what is held is: every public future of the library over `Ready<u64>` or with `u64`s, and every handle.
//!
//! `tests/sizes.rs` compares the names with the sources: a future without a row fails there.

use core::any::type_name;
use core::future::{Ready, ready};
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::time::Duration;
use taskcell::channel as chan;
use taskcell::stream as flow;
use taskcell::{few, *};

/// One type.
#[derive(Clone, Debug)]
pub struct Size {
    /// Its name, as the library says it.
    pub name: String,
    /// What stands in it, if that matters: a loader, the number of children.
    pub with: &'static str,
    /// Bytes of the value; what it has on the heap is not in it.
    pub bytes: usize,
}

/// `a::b::Name<c::D>` is `Name`.
fn name<T: ?Sized>() -> String {
    let whole = type_name::<T>();
    let path = whole.split('<').next().unwrap_or_default();
    path.rsplit("::").next().unwrap_or_default().to_owned()
}

fn of<T: ?Sized>(with: &'static str, bytes: usize) -> Size {
    Size { name: name::<T>(), with, bytes }
}

/// A type that can be written down.
fn size<T>() -> Size {
    of::<T>("", size_of::<T>())
}

/// A value whose type cannot, or not shortly.
fn like<T>(with: &'static str, value: &T) -> Size {
    of::<T>(with, size_of_val(value))
}

type R = Ready<u64>;
type F = Ready<Result<u64, BoxError>>;
type C = SystemClock;
const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

/// Tokens, sources, tasks and what else one keeps.
#[must_use]
pub fn handles() -> Vec<Size> {
    vec![
        size::<CancellationTokenSource>(),
        size::<CancellationToken>(),
        size::<Registration>(),
        size::<DropGuard>(),
        size::<DropGuardRef<'_>>(),
        of::<StaticCancellationTokenSource<4>>("4 slots", size_of::<StaticCancellationTokenSource<4>>()),
        size::<Cancelled>(),
        size::<TaskCompletionSource<u64>>(),
        size::<Task<u64>>(),
        size::<ValueTask<u64>>(),
        size::<CancelOnDrop<u64>>(),
        size::<CompletionRegistration<u64>>(),
        of::<StaticTaskCell<u64, 1>>("1 slot", size_of::<StaticTaskCell<u64, 1>>()),
        size::<TaskError>(),
        size::<Timestamp>(),
        size::<chan::Writer<u64>>(),
        size::<chan::Reader<u64>>(),
        size::<chan::Permit<u64>>(),
        size::<AsyncLazy<u64>>(),
        size::<AsyncCache<u64, u64>>(),
        size::<CircuitBreaker>(),
        size::<BreakerPermit>(),
        size::<Bulkhead>(),
        size::<BulkheadPermit>(),
        size::<ManualClock>(),
    ]
}

/// Every public future.
#[must_use]
pub fn futures() -> Vec<Size> {
    let mut all = cancel();
    all.extend(task());
    all.extend(combine());
    all.extend(adapt());
    all.extend(channel());
    all.extend(stream());
    all.extend(rest());
    all.extend(compatible());
    all
}

fn cancel() -> Vec<Size> {
    vec![
        size::<WaitForCancelled<'_>>(),
        size::<WaitForCancelledOwned>(),
        size::<UnregisterAsync<'_>>(),
        of::<UntilCancelled<'_, R>>("Ready<u64>", size_of::<UntilCancelled<'_, R>>()),
        of::<RunUntilCancelled<'_, R>>("Ready<u64>", size_of::<RunUntilCancelled<'_, R>>()),
        size::<SlotCancelled<'_, WaitForCancelledOwned>>(),
        of::<RunInSlot<'_, R, WaitForCancelledOwned>>(
            "Ready<u64>",
            size_of::<RunInSlot<'_, R, WaitForCancelledOwned>>(),
        ),
    ]
}

fn task() -> Vec<Size> {
    vec![
        size::<WaitForTask<'_, u64, BoxError>>(),
        size::<Settled<'_, u64, BoxError>>(),
        size::<WaitForOutcome<u64, BoxError>>(),
        size::<WaitForValue<u64, BoxError>>(),
        size::<WaitOrCancel<u64, BoxError>>(),
        size::<WaitAsync<'_, u64, BoxError>>(),
        size::<WaitAsyncFor<'_, u64, BoxError, C>>(),
        size::<NextTaskOrCancelled<'_, u64>>(),
        size::<StaticTaskSlot<'_, u64>>(),
        size::<schedule::ConfiguredAwait<'_, schedule::Throwing, u64, BoxError>>(),
        size::<ResumedOn<u64>>(),
    ]
}

fn combine() -> Vec<Size> {
    vec![
        size::<WhenAll<F>>(),
        size::<WhenAllSettled<R>>(),
        size::<WhenAllOrFirstError<'_, F>>(),
        size::<WhenAny<R>>(),
        size::<NextOrCancelled<'_, R>>(),
        like("", &task_group(async |_: TaskGroup<u64>| Ok::<_, BoxError>(7))),
        size::<combine::NextOfGroup<'_, u64, BoxError, R>>(),
        size::<combine::WaitForGroup<'_, u64, BoxError, R>>(),
        of::<few::WhenAllArray<R, 2>>("2 of Ready<u64>", size_of::<few::WhenAllArray<R, 2>>()),
        of::<few::WhenAnyArray<R, 2>>("2 of Ready<u64>", size_of::<few::WhenAnyArray<R, 2>>()),
        size::<few::WhenAll1<R>>(),
        size::<few::WhenAll2<R, R>>(),
        size::<few::WhenAll3<R, R, R>>(),
        size::<few::WhenAll4<R, R, R, R>>(),
        size::<few::WhenAll5<R, R, R, R, R>>(),
        size::<few::WhenAll6<R, R, R, R, R, R>>(),
        size::<few::WhenAll7<R, R, R, R, R, R, R>>(),
        size::<few::WhenAll8<R, R, R, R, R, R, R, R>>(),
        size::<few::WhenAny1<R>>(),
        size::<few::WhenAny2<R, R>>(),
        size::<few::WhenAny3<R, R, R>>(),
        size::<few::WhenAny4<R, R, R, R>>(),
        size::<few::WhenAny5<R, R, R, R, R>>(),
        size::<few::WhenAny6<R, R, R, R, R, R>>(),
        size::<few::WhenAny7<R, R, R, R, R, R, R>>(),
        size::<few::WhenAny8<R, R, R, R, R, R, R, R>>(),
    ]
}

/// What a cancelled body fails with.
struct Stopped;

impl From<Cancelled> for Stopped {
    fn from(_: Cancelled) -> Self {
        Self
    }
}

fn adapt() -> Vec<Size> {
    let spawner = |future: BoxFuture<'static, ()>| drop(future);
    let two = || [|_: CancellationToken| ready(Ok::<_, BoxError>(7_u64)); 2];
    let lend = || dispose_with(7_u64, |_| ready(Ok::<_, BoxError>(())));
    let handed = || Using::new(lend()).on_drop(|future: BoxFuture<'static, ()>| drop(future));
    let token = CancellationToken::new(false);
    vec![
        like("Ready<u64>", &timeout(Duration::MAX, ready(7_u64))),
        like("Ready<u64>", &timeout_cooperative(Duration::MAX, Duration::MAX, |_| ready(7_u64))),
        like("Ready<u64>", &until_cancelled(ready(7_u64), &token)),
        like("", &yield_now()),
        like("no delay, no token", &IntoFuture::into_future(retry(|_| ready(Ok::<_, BoxError>(7_u64))))),
        like("two factories", &need_only_one(two())),
        like("two factories", &first_successful(two())),
        like("two factories", &fallback(two())),
        like("", &hedge(|_| ready(Ok::<_, BoxError>(7_u64)))),
        like("", &for_each_throttled(0..9, TWO, |n: u64| ready(_ = black_box(n)))),
        like("", &try_for_each_throttled(0..9, TWO, |n: u64, _| ready(Err::<(), u64>(n)))),
        like("", &for_each_throttled_spawned(&spawner, 0..9, TWO, |_: u64, _| ready(Ok::<(), BoxError>(())))),
        named("using", "an async block", &using(lend(), async |_| Ok::<_, BoxError>(7_u64))),
        named("using_with", "an async block", &using_with(&token, lend(), async |_| Ok::<_, Stopped>(7_u64))),
        named("Using::run", "with a spawner", &handed().run(async |_| Ok::<_, BoxError>(7_u64))),
        named("Using::run_with", "with a spawner", &handed().run_with(&token, async |_| Ok::<_, Stopped>(7_u64))),
    ]
}

/// A future whose type says nothing.
fn named<T>(name: &str, with: &'static str, value: &T) -> Size {
    Size { name: name.to_owned(), with, bytes: size_of_val(value) }
}

fn channel() -> Vec<Size> {
    vec![
        size::<chan::Read<'_, u64>>(),
        size::<chan::Write<'_, u64>>(),
        size::<chan::Reserve<'_, u64>>(),
        size::<chan::WaitToRead<'_, u64>>(),
        size::<chan::WaitToWrite<'_, u64>>(),
        size::<StaticRead<'_, u64, 8, 2>>(),
        size::<StaticWrite<'_, u64, 8, 2>>(),
        size::<StaticWaitToRead<'_, u64, 8, 2>>(),
        size::<StaticWaitToWrite<'_, u64, 8, 2>>(),
    ]
}

fn stream() -> Vec<Size> {
    type Empty = futures::stream::Empty<u64>;
    type Fine = futures::stream::Empty<Result<u64, BoxError>>;
    let fine = futures::stream::empty::<Result<u64, BoxError>>();
    let mut made = pin!(flow::create(|_: flow::Yielder<u64>, _| ready(())));
    vec![
        size::<flow::YieldItem<'_, u64>>(),
        size::<flow::YieldAll<'_, u64, Empty>>(),
        size::<flow::TryYieldAll<'_, u64, Fine>>(),
        like("", &made.as_mut().close()),
        like("sum", &flow::AsyncEnumerableExt::sum(futures::stream::empty::<u64>())),
        size::<flow::SequenceEqual<Empty, Empty>>(),
        named("into_channel", "", &flow::into_channel(futures::stream::empty::<u64>(), chan::bounded(1).0)),
        named("try_into_channel", "", &flow::try_into_channel(fine, chan::bounded(1).0)),
    ]
}

fn rest() -> Vec<Size> {
    let cache: AsyncCache<u64, u64> = AsyncCache::new(|key, _| ready(Ok(key)));
    let breaker = CircuitBreaker::builder().build();
    let bulkhead = Bulkhead::new(TWO, 0);
    let token = CancellationToken::new(false);
    let pipeline = Pipeline::new();
    let boxed: BoxPipeline<u64, BoxError> = Pipeline::new().boxed();
    let clock = time::SleepClock::new(|| Duration::ZERO, |_| ready(()));
    let operation = async |_: CancellationToken| Ok::<u64, BoxError>(7);
    vec![
        like("", &cache.get(&7)),
        like("a loader", &cache.get_with(&7, |_| ready(Ok(7)))),
        size::<CircuitChanged<'_>>(),
        like("Ready<u64>", &breaker.call(ready(Ok::<u64, BoxError>(7)))),
        size::<BulkheadAcquire>(),
        size::<BulkheadAcquireOrCancelled<'_>>(),
        like("Ready<u64>", &bulkhead.call(ready(7_u64))),
        named("Pipeline::call", "no strategy", &pipeline.call(operation)),
        named("Pipeline::call_with", "no strategy", &pipeline.call_with(&token, operation)),
        named("BoxPipeline::call", "no strategy", &boxed.call(operation)),
        named("BoxPipeline::call_with", "no strategy", &boxed.call_with(&token, operation)),
        size::<Flush>(),
        like("Ready<u64>", &in_context(ready(7_u64))),
        size::<Delay<C>>(),
        like("", &clock.run()),
    ]
}

fn compatible() -> Vec<Size> {
    use taskcell::compat::tokio_util::{future::*, sync::*};
    vec![
        size::<WaitForCancellationFuture<'_>>(),
        size::<WaitForCancellationFutureOwned>(),
        size::<RunUntilCancelledFuture<'_, R>>(),
        size::<RunUntilCancelledFutureOwned<R>>(),
        size::<WithCancellationTokenFuture<'_, R>>(),
        size::<WithCancellationTokenFutureOwned<R>>(),
    ]
}
