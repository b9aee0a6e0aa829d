//! Channels, streams, caches and resilience where there may be no std: on a clock that is given, and on no executor but
//! the caller.

use futures_util::StreamExt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;
use taskcell::stream::AsyncEnumerableExt as _;
use taskcell::time::ManualClock;
use taskcell::*;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_channel_between_two_futures() {
    let (writer, reader) = channel::bounded(2);
    let writing = async move {
        for number in 0..10 {
            writer.write(number).await.unwrap();
        }
    };
    let reading = async move { reader.read_all().map(Result::unwrap).collect::<Vec<u32>>().await };
    let (_, read) = smol::block_on(few::when_all((writing, reading)));
    assert_eq!(read, Vec::from_iter(0..10));
}

#[test]
fn what_is_full_drops_and_what_is_over_wakes() {
    let (writer, reader) = channel::ChannelOptions::bounded(2).full_mode(channel::FullMode::DropOldest).create();
    (0..5).for_each(|number| writer.try_write(number).unwrap());
    assert_eq!(reader.try_read_all(), [3, 4]);
    let read = async { reader.read().await.is_err() };
    let over = async { writer.try_complete() };
    assert_eq!(smol::block_on(few::when_all((read, over))), (true, true));
    assert!(reader.completion().is_completed());
}

#[test]
fn a_generator_and_its_token() {
    let source = CancellationTokenSource::new();
    let numbers = stream::create(|yielder, token: CancellationToken| async move {
        for number in 0_u64.. {
            if token.is_cancelled() {
                break;
            }
            yielder.yield_item(number).await;
        }
    });
    let mut numbers = std::pin::pin!(numbers.with_cancellation(&source.token()));
    smol::block_on(async {
        assert_eq!(numbers.next().await, Some(0));
        source.cancel();
        assert_eq!(numbers.next().await, None);
    });
    let distinct = futures_util::stream::iter([1, 1, 2, 1, 3]).distinct().collect::<Vec<_>>();
    assert_eq!(smol::block_on(distinct), [1, 2, 3]);
}

#[test]
fn a_cache_loads_once_and_again_when_it_is_old() {
    let clock = std::sync::Arc::new(ManualClock::new());
    let options = CacheOptions::new().time_to_live(SECOND).clock(clock.clone());
    let cache: AsyncCache<u32, u32> = AsyncCache::with_options(options, |key, _| async move { Ok(key + 1) });
    smol::block_on(async {
        let (one, other) = few::when_all((cache.get(&1), cache.get(&1))).await;
        assert_eq!((one.unwrap(), other.unwrap()), (2, 2));
        assert_eq!(cache.statistics().loads, 1);
        clock.advance(SECOND);
        assert_eq!(cache.get(&1).await.unwrap(), 2);
        assert_eq!(cache.statistics().loads, 2);
    });
}

#[test]
fn a_pipeline_past_a_breaker() {
    let clock = std::sync::Arc::new(ManualClock::new());
    let two = NonZeroU32::new(2).unwrap();
    let breaker = CircuitBreaker::builder_on(clock.clone()).consecutive_failures(two).break_for(SECOND).build();
    let bulkhead = Bulkhead::new(NonZeroUsize::MIN, 0);
    let pipeline =
        Pipeline::new_on(&clock).fallback("in its stead").timeout(SECOND).circuit_breaker(&breaker).bulkhead(&bulkhead);
    smol::block_on(async {
        for _ in 0..2 {
            assert_eq!(pipeline.call(async |_| Err("broken")).await, Ok("in its stead"));
        }
        assert_eq!(breaker.state(), CircuitState::Open);
        clock.advance(SECOND);
        assert_eq!(pipeline.call(async |_| Ok::<_, &str>("back")).await, Ok("back"));
        assert_eq!((breaker.state(), clock.armed()), (CircuitState::Closed, 0));
    });
}
