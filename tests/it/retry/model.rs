//! Ten thousand plans drawn by chance, each against a model of a retry that does one thing after the other.
use super::plans::{NEVER, Pauses, Plan, Script, draw, ms, nanos};
use super::{started, times};
use crate::support::chance::Chance;
use crate::support::{Counter, rounds};
use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, pending};
use std::pin::Pin;
use std::task::Poll;
use taskcell::time::{ManualClock, TimeProvider, delay_on};
use taskcell::{
    Backoff, CancellationToken, CancellationTokenSource, RetryAttempt, RetryCause, RetryError, RetryErrorKind, retry_on,
};

#[derive(Debug, PartialEq)]
enum Seen {
    Made(u32, u64),
    Gap(u32, u64),
    Event(u32, RetryCause, Option<u64>, Duration, u64),
}

/// The outcome, when, and how long it says that it took; of an error the attempts, the last value and the errors, too.
#[derive(Debug, PartialEq)]
enum Outcome {
    Never,
    Value(u64, u64),
    Failed(RetryErrorKind, u64, u32, Duration, Option<u64>, Vec<u64>),
}

/// What must be seen, in nanoseconds from here on.
fn model(plan: &Plan) -> (Vec<Seen>, Outcome) {
    use RetryErrorKind::{AttemptTimedOut, Cancelled, Deadline, Exhausted, Refused};
    let (mut seen, mut errors, mut last, mut made, mut events) = (Vec::new(), Vec::new(), None, 0_u32, 0);
    let start = nanos(plan.start);
    let mut now = start;
    let mut cancelled = if plan.token { nanos(plan.cancelled) } else { u64::MAX };
    let end = start.saturating_add(nanos(plan.whole));
    let mut list = match &plan.pauses {
        Pauses::List(list) => list.iter().map(|n| ms(*n)).collect::<VecDeque<_>>(),
        _ => VecDeque::new(),
    };
    let mut seeded = match &plan.pauses {
        Pauses::Seeded(backoff, seed) => backoff.delays(*seed),
        _ => Backoff::NONE.delays(0),
    };
    let kind = 'end: loop {
        if cancelled <= now {
            break Cancelled;
        }
        if made > 0 && now >= end {
            break Deadline;
        }
        made += 1;
        let (number, script) = (made - 1, plan.attempts[made as usize - 1]);
        seen.push(Seen::Made(number, now));
        let done = now.saturating_add(nanos(script.takes));
        let limit = now.saturating_add(nanos(plan.limit)).min(end);
        let dropped = if plan.drops { cancelled.max(now) } else { u64::MAX };
        // At the same time: what the attempt gives, then the token, then time.
        let next = done.min(limit).min(dropped);
        now = next;
        if now == u64::MAX {
            return (seen, Outcome::Never);
        }
        let mut error = None;
        let cause = if next == done {
            match script.gives {
                Ok(value) if !(plan.odd_fails && value % 2 == 1) => return (seen, Outcome::Value(value, now)),
                Ok(value) => {
                    errors.extend(last.take().and_then(Result::err));
                    last = Some(Ok(value));
                    RetryCause::Value
                }
                Err(code) => {
                    errors.extend(last.take().and_then(Result::err));
                    (last, error) = (Some(Err(code)), Some(code));
                    if code >= plan.hopeless {
                        break Refused;
                    }
                    RetryCause::Error
                }
            }
        } else if next == dropped {
            break Cancelled;
        } else if now >= end {
            break Deadline;
        } else {
            RetryCause::TimedOut
        };
        if made == plan.most {
            break if cause == RetryCause::TimedOut { AttemptTimedOut } else { Exhausted };
        }
        if cancelled <= now {
            break Cancelled;
        }
        let hint = error.and_then(|code| plan.hints.filter(|n| code % n == 0).map(|_| ms(code)));
        let pause = hint.or_else(|| match &plan.pauses {
            Pauses::None => Some(Duration::ZERO),
            Pauses::List(_) => list.pop_front(),
            Pauses::Seeded(..) => seeded.next(),
        });
        let Some(pause) = pause else { break Exhausted };
        if end < u64::MAX && now + pause.as_nanos() as u64 >= end {
            break Deadline;
        }
        seen.push(Seen::Event(number, cause, error, pause, now));
        if events == plan.cancelled_in && plan.token {
            cancelled = cancelled.min(now);
        }
        events += 1;
        if !pause.is_zero() {
            let until = now + pause.as_nanos() as u64;
            if cancelled <= until {
                now = cancelled.max(now);
                break Cancelled;
            }
            now = until;
        }
        if let Some(gaps) = &plan.gaps {
            seen.push(Seen::Gap(number, now));
            let (takes, goes_on) = gaps[number as usize % gaps.len()];
            let over = now.saturating_add(nanos(takes));
            now = over.min(cancelled.max(now)).min(end.max(now));
            if now == u64::MAX {
                return (seen, Outcome::Never);
            }
            // At the same time: the token, the gap, time.
            if cancelled <= now {
                break Cancelled;
            }
            if now != over {
                break 'end Deadline;
            }
            if !goes_on {
                break Refused;
            }
        }
    };
    if !plan.keeps {
        errors.clear();
    }
    let value = match last {
        Some(Ok(value)) => Some(value),
        Some(Err(code)) => {
            errors.push(code);
            None
        }
        None => None,
    };
    let elapsed = if made == 0 { Duration::ZERO } else { Duration::from_nanos(now - start) };
    (seen, Outcome::Failed(kind, now, made, elapsed, value, errors))
}

/// What is seen.
struct World {
    plan: Plan,
    clock: ManualClock,
    source: CancellationTokenSource,
    token: CancellationToken,
    seen: RefCell<Vec<Seen>>,
}

type Ended = Result<u64, RetryError<u64, u64>>;

impl World {
    fn now(&self) -> u64 {
        self.clock.now().as_nanos()
    }

    /// Time passes, or nothing at all: then it never does.
    async fn passes(&self, takes: u64) {
        match takes {
            NEVER => pending().await,
            _ => delay_on(&self.clock, ms(takes)).await,
        }
    }

    async fn attempt(&self, attempt: RetryAttempt) -> Result<u64, u64> {
        let Script { takes, gives } = self.plan.attempts[attempt.number as usize];
        assert_eq!(attempt.remaining, (self.plan.most > 0).then(|| self.plan.most - attempt.number - 1));
        self.seen.borrow_mut().push(Seen::Made(attempt.number, self.now()));
        self.passes(takes).await;
        gives
    }

    /// With every combination of what has a type of its own.
    fn run(&self, chance: &mut Chance) -> Option<Outcome> {
        let plan = &self.plan;
        let events = Cell::new(0);
        let retry = retry_on(&self.clock, |attempt| self.attempt(attempt))
            .when(|code| *code < plan.hopeless)
            .when_value(|value| plan.odd_fails && value % 2 == 1)
            .delay_from(|code| plan.hints.filter(|n| code % n == 0).map(|_| ms(*code)))
            .on_retry(|event| {
                let error = event.error.copied();
                let seen = Seen::Event(event.attempt.number, event.cause, error, event.delay, self.now());
                self.seen.borrow_mut().push(seen);
                if events.replace(events.get() + 1) == plan.cancelled_in {
                    self.source.cancel();
                }
            });
        let mut retry = retry.attempt_timeout(ms(plan.limit)).deadline(ms(plan.whole));
        retry = if plan.most == 0 { retry.for_ever() } else { retry.max_attempts(times(plan.most)) };
        if plan.keeps {
            retry = retry.collect_errors();
        }
        if plan.drops {
            retry = retry.drop_when_cancelled();
        }
        macro_rules! with_gap {
            ($retry:expr) => {
                match &plan.gaps {
                    None => with_token!($retry),
                    Some(gaps) => with_token!($retry.retry_when(|failed: RetryAttempt| {
                        self.seen.borrow_mut().push(Seen::Gap(failed.number, self.now()));
                        let (takes, goes_on) = gaps[failed.number as usize % gaps.len()];
                        async move {
                            self.passes(takes).await;
                            goes_on
                        }
                    })),
                }
            };
        }
        macro_rules! with_token {
            ($retry:expr) => {
                if plan.token {
                    self.drive(started($retry.token(&self.token)), chance)
                } else {
                    self.drive(started($retry), chance)
                }
            };
        }
        match &plan.pauses {
            Pauses::None => with_gap!(retry),
            Pauses::List(list) => with_gap!(retry.delays(list.iter().map(|n| ms(*n)))),
            Pauses::Seeded(backoff, seed) => with_gap!(retry.backoff_seeded(*backoff, *seed)),
        }
    }

    /// Polls it, with one waker or another, also where nothing has happened. `None`: it was dropped on the way.
    fn drive<F: Future<Output = Ended> + ?Sized>(
        &self,
        mut retry: Pin<Box<F>>,
        chance: &mut Chance,
    ) -> Option<Outcome> {
        let wakers = [Counter::new(), Counter::new()];
        let (mut which, mut idle) = (0, 0);
        let left = if chance.once_in(8) { chance.below(12) } else { u64::MAX };
        let mut steps = 0;
        let outcome = loop {
            if steps == left {
                break None;
            }
            steps += 1;
            let before = wakers[which].wakes();
            if let Poll::Ready(outcome) = wakers[which].poll(&mut retry) {
                break Some(Some(outcome));
            }
            assert!(self.clock.armed() <= 2);
            if wakers[which].wakes() > before {
                continue;
            }
            if chance.once_in(6) {
                which = 1 - which;
                continue;
            }
            // On to what happens next; it must wake the last waker.
            let cancelled = nanos(self.plan.cancelled);
            let before = wakers[which].wakes();
            let told = !self.token.is_cancelled()
                && self.clock.next_deadline().is_none_or(|next| next.as_nanos() >= cancelled);
            match told && cancelled < u64::MAX {
                true => {
                    self.clock.advance_to(taskcell::time::Timestamp::from_nanos(cancelled));
                    self.source.cancel();
                }
                false if self.clock.advance_to_next() => assert!(wakers[which].wakes() > before, "nobody was woken"),
                false => break Some(None),
            }
            idle += 1;
            assert!(idle < 10_000, "no end");
        };
        drop(retry);
        assert_eq!((self.clock.armed(), self.token.listeners()), (0, 0));
        assert_eq!((wakers[0].held(), wakers[1].held()), (0, 0));
        outcome.map(|outcome| match outcome {
            None => Outcome::Never,
            Some(Ok(value)) => Outcome::Value(value, self.now()),
            Some(Err(error)) => {
                let (kind, made, elapsed, value) =
                    (error.kind(), error.attempts(), error.elapsed(), error.rejected().copied());
                Outcome::Failed(kind, self.now(), made, elapsed, value, error.into_errors())
            }
        })
    }
}

#[test]
fn ten_thousand_plans() {
    let mut ends = [0; 3];
    for seed in 0..rounds(10_000) as u64 {
        let mut chance = Chance::new(seed);
        let plan = draw(&mut chance);
        let (seen, outcome) = model(&plan);
        let clock = ManualClock::new();
        let source = CancellationTokenSource::new();
        let world = World { plan, token: source.token(), source, seen: RefCell::default(), clock };
        world.clock.advance(ms(world.plan.start));
        if world.plan.cancelled <= world.plan.start {
            world.source.cancel();
        }
        let found = world.run(&mut chance);
        let World { plan, seen: found_seen, .. } = world;
        let found_seen = found_seen.into_inner();
        match found {
            Some(found) => {
                ends[usize::from(matches!(found, Outcome::Failed(..)))] += 1;
                assert_eq!((&found_seen, &found), (&seen, &outcome), "seed {seed}: {plan:?}");
            }
            None => {
                ends[2] += 1;
                assert!(seen.starts_with(&found_seen), "seed {seed}: {plan:?}");
            }
        }
    }
    assert!(cfg!(miri) || ends.iter().all(|n| *n > 200), "{ends:?}");
}
