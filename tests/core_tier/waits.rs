//! Waits of all kinds, one inside the other.

use crate::board::{MS, alarm, millis, run};
use crate::clock;
use std::cell::Cell;
use std::future::pending;
use std::num::NonZeroU32;
use std::pin::pin;
use std::time::Duration;
use taskcell::few::{OneOf, when_all, when_any};
use taskcell::{
    Backoff, CancellationSlot, Jitter, RetryErrorKind, StaticCancellationTokenSource, StaticChannel, StaticTaskCell,
    StaticTryWriteError, UnfinishedCause, delay_on, retry_on, timeout_on, until_cancelled, yield_now,
};

#[test]
fn an_array_of_tasks_is_raced_with_a_token() {
    clock!(CLOCK, 4);
    static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    let seen = run(&CLOCK, async {
        let seen = Cell::new(0);
        let tasks = [3_u32, 5, 7].map(async |period| {
            loop {
                delay_on(&CLOCK, period * MS).await;
                seen.set(seen.get() + 1);
            }
        });
        let stopper = async {
            delay_on(&CLOCK, 21 * MS).await;
            STOP.cancel();
        };
        let (token, all) = (STOP.token(), pin!(when_all(tasks)));
        let (stopped, ()) = when_all((until_cancelled(all, &token), stopper)).await;
        let ended: Result<[(); 3], _> = stopped;
        assert_eq!(ended.unwrap_err().cause(), UnfinishedCause::Cancelled);
        seen.get()
    });
    // At 21 ms the tasks are polled before the one that cancels.
    assert_eq!((seen, millis(), CLOCK.armed()), (7 + 4 + 3, 21, 0));
    assert!(STOP.slot().is_ok());
}

#[test]
fn the_first_of_several_ends_the_others() {
    clock!(CLOCK, 2);
    static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    static SAMPLE: StaticTaskCell<u16, 2> = StaticTaskCell::new();
    run(&CLOCK, async {
        let (mut stop, sample) = (STOP.slot().unwrap(), SAMPLE.slot().unwrap());
        let first = when_any((stop.cancelled(), delay_on(&CLOCK, 4 * MS), sample)).await;
        assert_eq!(first, OneOf::Second(()));

        let set = async {
            yield_now().await;
            SAMPLE.try_set(512).unwrap();
        };
        let (first, ()) = when_all((when_any([SAMPLE.slot().unwrap(), SAMPLE.slot().unwrap()]), set)).await;
        assert_eq!(first, (0, &512));
    });
    assert_eq!((millis(), alarm()), (4, None));
}

#[test]
fn an_operation_is_tried_again_until_it_succeeds() {
    clock!(CLOCK, 2);
    static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    run(&CLOCK, async {
        let token = STOP.token();
        let slow_at_first = async |number: u32| {
            delay_on(&CLOCK, if number == 0 { 100 * MS } else { MS }).await;
            if number < 3 { Err("busy") } else { Ok(number) }
        };
        let told = Cell::new(0);
        let answer = retry_on(&CLOCK, |attempt| slow_at_first(attempt.number))
            .max_attempts(NonZeroU32::new(5).unwrap())
            .backoff_seeded(Backoff::exponential(8 * MS).max_delay(10 * MS).jitter(Jitter::None), 7)
            .attempt_timeout(20 * MS)
            .on_retry(|event| told.set(told.get() + event.attempt.number + 1))
            .token(&token)
            .await;
        // 20 ms too slow; a delay of 8; 1 and 10; 1 and 10; 1.
        assert_eq!((answer.unwrap(), told.get(), millis()), (3, 6, 51));
    });
    assert_eq!(CLOCK.armed(), 0);
}

#[test]
fn a_retry_ends_with_its_token_in_the_middle_of_a_delay() {
    clock!(CLOCK, 2);
    static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    run(&CLOCK, async {
        let token = STOP.token();
        let retrying = async {
            let busy = retry_on(&CLOCK, async |_| Err::<(), _>("busy")).for_ever().delays([Duration::MAX]);
            busy.token(&token).await.unwrap_err()
        };
        let stopping = async {
            delay_on(&CLOCK, 6 * MS).await;
            assert_eq!(STOP.slot().err(), Some(taskcell::Full), "the retry has it");
            STOP.cancel();
        };
        let (failed, ()) = when_all((retrying, stopping)).await;
        assert_eq!((failed.kind(), failed.attempts()), (RetryErrorKind::Cancelled, 1));
        assert_eq!(failed.into_inner(), Some("busy"));
    });
    assert!(STOP.slot().is_ok());
}

#[test]
fn a_time_limit_holds_for_whatever_is_inside() {
    clock!(CLOCK, 3);
    static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    run(&CLOCK, async {
        let token = STOP.token();
        let late = timeout_on(&CLOCK, 5 * MS, until_cancelled(pending::<()>(), &token)).await;
        assert!(late.is_err());
        let in_time = timeout_on(&CLOCK, 5 * MS, timeout_on(&CLOCK, 2 * MS, pending::<()>())).await;
        assert!(matches!(in_time, Ok(Err(_))));
        assert_eq!((millis(), CLOCK.armed()), (7, 0));
        let held = STOP.slot();
        let full = until_cancelled(delay_on(&CLOCK, MS), &token).await.unwrap_err();
        assert_eq!(full.cause(), UnfinishedCause::Full);
        full.into_inner().await;
        drop(held);
        assert_eq!(millis(), 8);
    });
}

#[test]
fn a_timed_source_in_a_hierarchy_serves_one_request_after_the_other() {
    clock!(CLOCK, 2);
    static DEVICE: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
    static REQUEST: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
    assert_eq!(REQUEST.link(&DEVICE), Ok(true));
    run(&CLOCK, async {
        let token = REQUEST.token();
        for (takes, is_late) in [(3, false), (9, true), (5, false), (7, true)] {
            let timer = REQUEST.cancel_after_on(&CLOCK, 6 * MS);
            let done = until_cancelled(delay_on(&CLOCK, takes * MS), &token).await;
            assert_eq!((done.is_err(), token.check().is_err()), (is_late, is_late));
            assert!(token.reason().is_none_or(|reason| reason.is_deadline() && !reason.is_inherited()));
            assert_eq!((timer.disarm(), REQUEST.try_reset()), (!is_late, true));
        }
        assert_eq!((millis(), CLOCK.armed()), (3 + 6 + 5 + 6, 0));

        let _timer = REQUEST.cancel_after_on(&CLOCK, 6 * MS);
        DEVICE.cancel();
        assert!(token.check().unwrap_err().reason().is_inherited());
        assert!(!REQUEST.try_reset(), "its parent comes first");
        assert!(DEVICE.try_reset() && REQUEST.try_reset());
    });
}

/// Everything at once: a producer that is retried and timed, a channel, a consumer that ends with a token.
#[test]
fn a_pipeline_of_all_of_it() {
    clock!(CLOCK, 6);
    static STOP: StaticCancellationTokenSource<3> = StaticCancellationTokenSource::new();
    static ITEMS: StaticChannel<u32, 2, 2> = StaticChannel::new();
    static LAST: StaticTaskCell<u32, 1> = StaticTaskCell::new();
    let sum = run(&CLOCK, async {
        let token = STOP.token();
        let produce = async {
            let mut writer = ITEMS.writer().unwrap();
            for item in 1..=5 {
                let busy_first = async |number| {
                    delay_on(&CLOCK, MS).await;
                    if number == 0 { Err("busy") } else { Ok(item) }
                };
                let measured = retry_on(&CLOCK, |attempt| busy_first(attempt.number)).token(&token);
                let measured = timeout_on(&CLOCK, 10 * MS, measured).await.unwrap().unwrap();
                writer.write(measured).await.unwrap();
            }
            LAST.try_set(5).unwrap();
        };
        let consume = async {
            let mut reader = ITEMS.reader().unwrap();
            let mut sum = 0;
            while let Ok(item) = until_cancelled(reader.read(), &token).await {
                sum += item.unwrap();
                delay_on(&CLOCK, 7 * MS).await; // slower than who writes
            }
            sum
        };
        let stop = async {
            assert_eq!(LAST.slot().unwrap().await, &5);
            delay_on(&CLOCK, 40 * MS).await;
            STOP.cancel();
        };
        when_all((produce, consume, stop)).await.1
    });
    assert_eq!((sum, CLOCK.armed(), STOP.token().listeners()), (15, 0, 0));
    assert!(ITEMS.is_empty() && ITEMS.try_complete());
    assert_eq!(ITEMS.try_write(1), Err(StaticTryWriteError::Closed(1)));
}

#[test]
fn what_runs_in_a_slot_ends_with_its_source() {
    clock!(CLOCK, 2);
    static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    run(&CLOCK, async {
        let mut slot = STOP.slot().unwrap();
        let _timer = STOP.cancel_after_on(&CLOCK, 10 * MS);
        let mut rounds = 0;
        while slot.run_until_cancelled(delay_on(&CLOCK, 4 * MS)).await.is_some() {
            rounds += 1;
        }
        assert_eq!((rounds, millis(), CLOCK.armed()), (2, 10, 0));
        // Nothing is polled once it is cancelled; in the next round it is.
        let polled = async { panic!("it was polled") };
        assert_eq!(slot.run_until_cancelled(polled).await, None::<()>);
        assert!(STOP.try_reset());
        assert_eq!(slot.run_until_cancelled(async { 1 }).await, Some(1));
    });
}
