//! Ten thousand plans drawn by chance, each against a model of a hedge that does one thing after the other.
use super::plans::{Delays, Kept, NEVER, Plan, draw, ms, nanos};
use crate::support::chance::Chance;
use crate::support::{Counter, Jobs, rounds};
use std::cell::RefCell;
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::task::Poll;
use taskcell::time::{ManualClock, TimeProvider, Timestamp, delay_on};
use taskcell::{
    Attempt, CancellationToken, CancellationTokenSource, Detach, Hedge, HedgeDelay, Losers, ObservedLatency,
    RedundancyError, hedge_on,
};

/// None or one: it is left open.
const EITHER: usize = 2;

#[derive(Debug, PartialEq)]
enum Outcome {
    Never,
    Value(u64),
    Failed(Vec<(usize, u64)>),
    /// The order of those that end at the same time is left open: both are sorted.
    Cancelled(Vec<(usize, u64)>, Vec<(usize, u64)>),
}

/// What is seen: when attempts were made, the outcome and when, what was recorded, and whether losers were detached.
#[derive(Debug, PartialEq)]
struct Seen {
    made: Vec<(u32, u64)>,
    outcome: Outcome,
    at: u64,
    recorded: bool,
    detached: usize,
}

/// An attempt of the model.
struct Running {
    number: u32,
    /// When it ends if nobody tells it to.
    done: u64,
    gives: Result<u64, u64>,
    answers: Option<u64>,
}

impl Running {
    /// What it gives, and when, if it is told at `told`.
    fn end(&self, told: u64) -> (u64, Result<u64, u64>) {
        match self.answers {
            Some(after) if told < self.done => (told.saturating_add(after), Err(1000)),
            _ => (self.done, self.gives),
        }
    }
}

struct Model<'a> {
    plan: &'a Plan,
    now: u64,
    cancelled: u64,
    running: Vec<Running>,
    made: Vec<(u32, u64)>,
    errors: Vec<(usize, u64)>,
    secondary: Vec<(usize, u64)>,
    due: u64,
    exhausted: bool,
}

impl Model<'_> {
    /// Makes one more attempt.
    fn start(&mut self) {
        let number = self.made.len() as u32;
        if number > 0 && (number >= self.plan.most.max(1) || number >= self.plan.gate) {
            (self.exhausted, self.due) = (true, u64::MAX);
            return;
        }
        let script = self.plan.attempts[number as usize];
        let done = self.now.saturating_add(nanos(script.takes));
        let (gives, answers) = (script.gives, script.answers.map(nanos));
        self.running.push(Running { number, done, gives, answers });
        self.made.push((number, self.now));
        let next = number + 1;
        let delay = if next < self.plan.most { self.plan.delay(next) } else { None };
        self.due = delay.map_or(u64::MAX, |delay| self.now.saturating_add(nanos(delay)));
    }

    /// The next that has ended; of those that end at the same time the one that was made first.
    fn ended(&mut self, told: u64) -> Option<(Running, Result<u64, u64>)> {
        let ends = self.running.iter().enumerate().map(|(i, running)| (running.end(told), running.number, i));
        let ((at, gives), _, i) = ends.min_by_key(|((at, _), number, _)| (*at, *number))?;
        (at <= self.now).then(|| (self.running.remove(i), gives))
    }

    fn seen(self, outcome: Outcome, recorded: bool, detached: usize) -> Seen {
        Seen { made: self.made, outcome, at: self.now, recorded, detached }
    }

    fn run(mut self) -> Seen {
        let mut due = 1;
        loop {
            // One moment: all that happens before time passes.
            loop {
                while due > 0 && !self.exhausted {
                    if self.cancelled <= self.now {
                        return self.cancel();
                    }
                    self.start();
                    due = due - 1 + u32::from(self.due <= self.now);
                }
                while let Some((ended, gives)) = self.ended(self.cancelled) {
                    let number = ended.number as usize;
                    match gives {
                        Ok(value) => return self.won(value),
                        Err(error) if self.cancelled <= self.now => self.secondary.push((number, error)),
                        Err(error) => self.errors.push((number, error)),
                    }
                    due += 1;
                }
                if due == 0 || self.exhausted {
                    break;
                }
            }
            if self.running.is_empty() && self.exhausted {
                return if self.secondary.is_empty() { self.failed() } else { self.cancel() };
            }
            if self.cancelled <= self.now {
                return self.cancel();
            }
            if !self.exhausted && self.due <= self.now {
                due = 1;
                continue;
            }
            let ends = self.running.iter().map(|running| running.end(self.cancelled).0).min().unwrap_or(u64::MAX);
            let timer = if self.exhausted { u64::MAX } else { self.due };
            self.now = ends.min(timer).min(self.cancelled);
            if self.now == u64::MAX {
                return self.seen(Outcome::Never, false, 0);
            }
        }
    }

    fn won(mut self, value: u64) -> Seen {
        let (last, live) = self.losers();
        self.now = last.unwrap_or(self.now);
        let outcome = if self.now == u64::MAX { Outcome::Never } else { Outcome::Value(value) };
        self.seen(outcome, true, live)
    }

    fn failed(mut self) -> Seen {
        self.errors.sort_unstable();
        let errors = std::mem::take(&mut self.errors);
        self.seen(Outcome::Failed(errors), false, 0)
    }

    fn cancel(mut self) -> Seen {
        let mut outcome = None;
        if self.plan.losers == Kept::Awaited {
            let mut ends: Vec<_> = self.running.iter().map(|one| (one.end(self.cancelled), one.number)).collect();
            ends.sort_by_key(|((at, _), number)| (*at, *number));
            for ((at, gives), number) in ends {
                self.now = self.now.max(at);
                match gives {
                    _ if outcome.is_some() => {}
                    Ok(value) => outcome = Some(Outcome::Value(value)),
                    Err(error) => self.secondary.push((number as usize, error)),
                }
            }
        }
        let live = if self.plan.losers == Kept::Detached { self.running.len() } else { 0 };
        self.errors.sort_unstable();
        self.secondary.sort_unstable();
        let (errors, secondary) = (std::mem::take(&mut self.errors), std::mem::take(&mut self.secondary));
        let never = self.now == u64::MAX;
        let outcome = if never { Outcome::Never } else { outcome.unwrap_or(Outcome::Cancelled(errors, secondary)) };
        self.seen(outcome, false, usize::from(live > 0))
    }

    /// When the last loser has ended, if that is awaited; whether some were detached.
    fn losers(&self) -> (Option<u64>, usize) {
        let told = self.now.min(self.cancelled);
        let last = self.running.iter().map(|one| one.end(told).0.max(self.now)).max();
        match self.plan.losers {
            Kept::Awaited => (last, 0),
            Kept::Dropped => (None, 0),
            Kept::Detached => {
                // One that has ended at the same time may have been polled, or not.
                let runs = self.running.iter().any(|one| one.end(told).0 > self.now);
                (None, if runs { 1 } else { EITHER })
            }
        }
    }
}

struct World {
    plan: Plan,
    clock: ManualClock,
    source: CancellationTokenSource,
    token: CancellationToken,
    made: RefCell<Vec<(u32, u64)>>,
    jobs: Jobs,
    latency: ObservedLatency,
}

/// An attempt as it is.
async fn attempt(clock: ManualClock, plan: Plan, attempt: Attempt) -> Result<u64, u64> {
    let script = plan.attempts[attempt.number as usize];
    let mut work = pin!(async {
        match script.takes {
            NEVER => pending().await,
            takes => delay_on(&clock, ms(takes)).await,
        }
    });
    let mut told = pin!(attempt.token.cancelled());
    // The work goes first, also where it has not been polled yet.
    let told = poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(()) => Poll::Ready(None),
        Poll::Pending if script.answers.is_some() => told.as_mut().poll(cx).map(|_| script.answers),
        Poll::Pending => Poll::Pending,
    });
    let Some(answers) = told.await else { return script.gives };
    delay_on(&clock, ms(answers)).await;
    Err(1000)
}

type Ended = Result<u64, RedundancyError<u64>>;

impl World {
    fn run(&self, chance: &mut Chance) -> Option<Seen> {
        let plan = &self.plan;
        let hedge = hedge_on(&self.clock, |one: Attempt| {
            self.made.borrow_mut().push((one.number, self.clock.now().as_nanos()));
            attempt(self.clock.clone(), self.plan.clone(), one)
        });
        let hedge = hedge.max_attempts(plan.most).can_hedge(|number| number < plan.gate).token(&self.token);
        let hedge = hedge.losers(match plan.losers {
            Kept::Dropped => Losers::DropNow,
            Kept::Awaited => Losers::CancelAndAwait,
            Kept::Detached => Losers::CancelAndDetach(Detach::on(self.jobs.clone())),
        });
        match &plan.delays {
            Delays::Unsaid => self.observed(hedge, chance),
            Delays::Fixed(delay) => self.observed(hedge.delay(ms(*delay)), chance),
            Delays::Each(_) => self.observed(hedge.delay_from(|number| plan.delay(number).map(ms)), chance),
            Delays::Observed(delay) => {
                let latency = ObservedLatency::percentile(50.0).initial(ms(*delay));
                self.observed(hedge.delay(&latency), chance)
            }
        }
    }

    fn observed<M, F, R, D, G, H>(&self, hedge: Hedge<M, F, &ManualClock, D, G, H>, chance: &mut Chance) -> Option<Seen>
    where
        M: FnMut(Attempt) -> R,
        R: IntoFuture<IntoFuture = F>,
        F: Future<Output = Result<u64, u64>>,
        D: HedgeDelay,
        G: FnMut(u32) -> bool,
        H: FnMut(&Attempt),
    {
        self.drive(hedge.observe(&self.latency), chance)
    }

    /// Polls it, with one waker or another, also where nothing has happened. `None`: it was dropped on the way.
    fn drive(&self, mut hedge: impl Future<Output = Ended> + Unpin, chance: &mut Chance) -> Option<Seen> {
        let wakers = [Counter::new(), Counter::new()];
        let left = if chance.once_in(8) { chance.below(9) } else { u64::MAX };
        let (mut which, mut steps) = (0, 0);
        let outcome = loop {
            if steps == left {
                break None;
            }
            steps += 1;
            if let Poll::Ready(outcome) = wakers[which].poll(&mut hedge) {
                break Some(Some(outcome));
            }
            if chance.once_in(6) {
                which = 1 - which;
                continue;
            }
            // On to what happens next, until it wakes the last waker: losers and the beaten do not.
            let before = wakers[which].wakes();
            let cancelled = nanos(self.plan.cancelled);
            let mut stuck = false;
            while wakers[which].wakes() == before && !stuck {
                let due = self.clock.next_deadline().map_or(u64::MAX, Timestamp::as_nanos);
                if !self.token.is_cancelled() && cancelled < u64::MAX && due >= cancelled {
                    self.clock.advance_to(Timestamp::from_nanos(cancelled));
                    self.source.cancel();
                } else {
                    stuck = !self.clock.advance_to_next();
                }
            }
            if stuck {
                break Some(None);
            }
        };
        drop(hedge);
        let detached = self.jobs.len();
        self.jobs.drop_all();
        assert_eq!((self.clock.armed(), self.token.listeners()), (0, 0));
        assert_eq!((wakers[0].held(), wakers[1].held()), (0, 0));
        let list = |errors: &taskcell::AggregateError<u64>| errors.iter().map(|(i, error)| (i, *error)).collect();
        outcome.map(|outcome| Seen {
            made: self.made.take(),
            at: self.clock.now().as_nanos(),
            recorded: self.latency.samples() == 1,
            detached,
            outcome: match outcome {
                None => Outcome::Never,
                Some(Ok(value)) => Outcome::Value(value),
                Some(Err(RedundancyError::Failed(errors))) => Outcome::Failed(list(&errors)),
                Some(Err(RedundancyError::Cancelled { errors, mut secondary, .. })) => {
                    secondary.sort_unstable();
                    Outcome::Cancelled(errors.as_ref().map(list).unwrap_or_default(), secondary)
                }
                Some(Err(_)) => panic!("there is always an attempt"),
            },
        })
    }
}

#[test]
fn ten_thousand_plans() {
    let mut ends = [0; 5];
    for seed in 0..rounds(10_000) as u64 {
        let mut chance = Chance::new(seed);
        let plan = draw(&mut chance);
        let cancelled = nanos(plan.cancelled);
        let model = Model {
            plan: &plan,
            now: 0,
            cancelled,
            running: Vec::new(),
            made: Vec::new(),
            errors: Vec::new(),
            secondary: Vec::new(),
            due: 0,
            exhausted: false,
        };
        let expected = model.run();
        let (clock, source) = (ManualClock::new(), CancellationTokenSource::new());
        if cancelled == 0 {
            source.cancel();
        }
        let latency = ObservedLatency::percentile(100.0).min_samples(1);
        let (made, jobs, token) = (RefCell::default(), Jobs::new(), source.token());
        let world = World { plan: plan.clone(), clock, token, source, made, jobs, latency };
        let Some(mut found) = world.run(&mut chance) else {
            ends[4] += 1;
            assert!(expected.made.starts_with(&world.made.borrow()), "seed {seed}: {plan:?}");
            continue;
        };
        if expected.detached == EITHER && found.detached < EITHER {
            found.detached = EITHER;
        }
        ends[match found.outcome {
            Outcome::Never => 0,
            Outcome::Value(_) => 1,
            Outcome::Failed(_) => 2,
            Outcome::Cancelled(..) => 3,
        }] += 1;
        if found.outcome == Outcome::Never {
            assert_eq!((&found.made, &found.outcome), (&expected.made, &expected.outcome), "seed {seed}: {plan:?}");
        } else {
            assert_eq!(found, expected, "seed {seed}: {plan:?}");
        }
    }
    assert!(cfg!(miri) || ends.iter().all(|n| *n > 100), "{ends:?}");
}
