//! T19: a hundred callers at a half-open breaker. Exactly as many as it has probes are admitted; a probe that is dropped
//! makes room for another; the results decide, and a call from before changes nothing.

use crate::chance::Chance;
use crate::job::{Job, Round};
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;
use taskcell::time::ManualClock;
use taskcell::{BreakerPermit, CircuitBreaker, CircuitState};

const THREADS: usize = 4;
/// How many callers each thread has; all of them ask before the first is done.
const CALLERS: usize = 25;
/// How many times it is half-open in a round.
const EPISODES: usize = 50;
const BREAK: Duration = Duration::from_secs(1);

/// What the callers of an episode do.
#[derive(Clone, Copy, PartialEq)]
enum Plan {
    /// All probes succeed: it closes.
    Succeed,
    /// One or more fail: it opens.
    Fail,
    /// All are dropped: it is half-open, and all places are free.
    Drop,
    /// Some are dropped while others still ask.
    DropEarly,
    /// Somebody closes it by hand meanwhile.
    Reset,
}

const PLANS: [Plan; 5] = [Plan::Succeed, Plan::Fail, Plan::Drop, Plan::DropEarly, Plan::Reset];

pub(crate) fn run(job: &Job) {
    job.rounds(|round| {
        one_round(round);
        round.check();
        true
    });
}

struct Scene<'a> {
    round: &'a Round<'a>,
    breaker: CircuitBreaker,
    probes: usize,
    /// How many probes are under way.
    out: AtomicUsize,
    barrier: Barrier,
}

fn one_round(round: &Round<'_>) {
    let given_before = round.job().given();
    let mut chance = round.chance(0);
    let probes = 1 + chance.below(8) as u32;
    let clock = ManualClock::new();
    let breaker = CircuitBreaker::builder_on(clock.clone())
        .consecutive_failures(NonZeroU32::MIN)
        .break_for(BREAK)
        .probes(NonZeroU32::new(probes).expect("at least one"))
        .build();
    let plans: Vec<Plan> = (0..EPISODES).map(|_| PLANS[chance.below(PLANS.len() as u64) as usize]).collect();
    let barrier = Barrier::new(THREADS + 1);
    let scene = Scene { round, breaker, probes: probes as usize, out: AtomicUsize::new(0), barrier };
    thread::scope(|scope| {
        for number in 1..=THREADS {
            let (scene, plans) = (&scene, &plans);
            scope.spawn(move || {
                let mut chance = round.chance(number);
                plans.iter().for_each(|plan| scene.call(number, *plan, &mut chance));
            });
        }
        plans.iter().for_each(|plan| scene.direct(*plan, &clock));
    });
    let asked = round.job().given() - given_before;
    let stats = scene.breaker.stats();
    if stats.running != 0 || stats.successes + stats.failures + stats.ignored + stats.rejected != asked {
        round.violation(format_args!("{asked} callers, and {stats:?}"));
    }
}

impl Scene<'_> {
    /// Sets the stage for each episode, and looks at it.
    fn direct(&self, plan: Plan, clock: &ManualClock) {
        let tally = self.round.tally(0);
        self.breaker.close();
        // A call from before the trip, whose result says nothing any more.
        let [before, failing] = [(); 2].map(|()| self.breaker.try_acquire());
        tally.given.add(2);
        let (Ok(before), Ok(failing)) = (before, failing) else {
            return self.round.violation("a closed breaker admits nobody");
        };
        failing.failure();
        self.is(CircuitState::Open);
        clock.advance(BREAK);
        self.is(CircuitState::HalfOpen);
        self.barrier.wait(); // all ask
        before.success();
        tally.found.add(2);
        self.barrier.wait(); // all have asked
        if plan != Plan::Reset {
            let out = self.out.load(SeqCst);
            let more = self.ask_until_rejected();
            let all = out + more.len();
            if all != self.probes || (plan != Plan::DropEarly && !more.is_empty()) {
                self.round.violation(format_args!("{out} and {} of {} probes", more.len(), self.probes));
            }
            self.is(CircuitState::HalfOpen);
        }
        self.barrier.wait(); // all are done
        self.barrier.wait();
        match plan {
            Plan::Succeed => self.is(CircuitState::Closed),
            Plan::Fail => self.is(CircuitState::Open),
            Plan::Reset => {}
            Plan::Drop | Plan::DropEarly => {
                let again = self.ask_until_rejected().len();
                if again != self.probes {
                    self.round.violation(format_args!("{again} of {} probes after all were dropped", self.probes));
                }
            }
        }
    }

    fn is(&self, state: CircuitState) {
        let now = self.breaker.state();
        if now != state {
            self.round.violation(format_args!("it is {now}, not {state}"));
        }
    }

    fn ask_until_rejected(&self) -> Vec<BreakerPermit> {
        let mut permits = Vec::new();
        while permits.len() <= self.probes {
            self.round.tally(0).given.one();
            self.round.tally(0).found.one();
            match self.breaker.try_acquire() {
                Ok(permit) => permits.push(permit),
                Err(_) => break,
            }
        }
        permits
    }

    /// One thread's callers in one episode.
    fn call(&self, number: usize, plan: Plan, chance: &mut Chance) {
        let tally = self.round.tally(number);
        let mut permits = Vec::new();
        self.barrier.wait();
        for _ in 0..CALLERS {
            tally.given.one();
            if plan == Plan::DropEarly && chance.once_in(4) {
                self.call_and_drop();
                tally.given_up.one();
                tally.found.one();
                continue;
            }
            match self.breaker.try_acquire() {
                Ok(permit) => {
                    self.admitted(plan);
                    if plan == Plan::DropEarly && chance.once_in(2) {
                        self.out.fetch_sub(1, SeqCst);
                        drop(permit);
                        tally.given_up.one();
                        tally.found.one();
                    } else {
                        permits.push(permit);
                    }
                }
                Err(_) => tally.found.one(),
            }
            if plan == Plan::Reset && chance.once_in(CALLERS as u64) {
                self.breaker.close();
            }
        }
        self.barrier.wait();
        self.barrier.wait();
        for (at, permit) in permits.into_iter().enumerate() {
            self.out.fetch_sub(1, SeqCst);
            match plan {
                Plan::Succeed => permit.success(),
                // One thread at least has a first permit.
                Plan::Fail if at == 0 || chance.once_in(2) => permit.failure(),
                Plan::Fail | Plan::Reset => permit.success(),
                Plan::Drop | Plan::DropEarly => drop(permit),
            }
            tally.found.one();
        }
        self.barrier.wait();
    }

    fn admitted(&self, plan: Plan) {
        let out = self.out.fetch_add(1, SeqCst) + 1;
        if plan != Plan::Reset && out > self.probes {
            self.round.violation(format_args!("{out} of {} probes at a time", self.probes));
        }
    }

    /// A call that is dropped while its future is pending.
    fn call_and_drop(&self) {
        let mut call = pin!(self.breaker.call(std::future::pending::<Result<(), ()>>()));
        _ = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
}
