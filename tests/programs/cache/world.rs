//! The cache beside the model, loads, and wakers.

use super::super::bells::Bell;
use super::super::foreign::panic_as_meant;
use super::super::plan::{Plan, Trace};
use super::super::stage::{self, Stage};
use super::model::{Answer, Counts, Flight, Model};
use super::steps::nested_step;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use taskcell::time::ManualClock;
use taskcell::{AsyncCache, CacheError, CacheOptions, CancellationTokenSource, ErrorPolicy, Handover};

pub(super) type Cache = AsyncCache<u32, u32, u32>;
pub(super) type Get = Pin<Box<dyn Future<Output = Result<u32, CacheError<u32>>>>>;

/// Somebody who asks.
pub(super) struct Caller {
    pub(super) id: usize,
    pub(super) key: u32,
    pub(super) fresh: bool,
    pub(super) future: Option<Get>,
    pub(super) bell: Option<(Arc<Bell>, usize)>,
    pub(super) flight: Option<usize>,
    /// How many loads had ended when it came.
    pub(super) since: usize,
    /// When it was polled first.
    pub(super) joined: u32,
    pub(super) source: Option<CancellationTokenSource>,
}

impl Caller {
    /// It was polled, and was not woken since.
    pub(super) fn sleeps(&self) -> bool {
        self.bell.as_ref().is_some_and(|(bell, seen)| bell.rung() == *seen)
    }
}

/// What a loader has begun.
pub(super) struct Load {
    flight: usize,
    open: bool,
    /// How it ends; nothing: it panics.
    answer: Option<Answer>,
    waker: Option<Waker>,
    dropped: bool,
}

impl Load {
    pub(super) fn is_dropped(&self) -> bool {
        self.dropped
    }
}

pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) model: Model,
    pub(super) cache: Arc<Cache>,
    pub(super) clock: ManualClock,
    /// In the order in which they came.
    pub(super) callers: Vec<Caller>,
    pub(super) loads: Vec<Load>,
    /// The caller that is polled, and how its load has ended.
    pub(super) polled: Option<(usize, Option<Option<Answer>>)>,
    pub(super) depth: usize,
    pub(super) ending: bool,
    pub(super) trace: Trace,
    pub(super) next: u32,
}

thread_local! {
    pub(super) static WORLD: Stage<World> = const { Stage::new(None) };
}

impl World {
    pub(super) fn new(mut plan: Plan) -> Self {
        let handover = plan.one_of(&[Handover::Restart, Handover::Baton]);
        let five = ErrorPolicy::CacheFor(Duration::from_nanos(5));
        let errors = plan.one_of(&[ErrorPolicy::ShareOnce, ErrorPolicy::RetryNext, five]);
        let capacity = plan.one_of(&[usize::MAX, 2, 1, 0, 3]);
        let time_to_live = plan.one_of(&[None, Some(10), Some(1), Some(0), Some(u64::MAX)]);
        let clock = ManualClock::new();
        let options = CacheOptions::new().handover(handover).error_policy(errors).clock(clock.clone());
        let options = if capacity == usize::MAX { options } else { options.capacity(capacity) };
        let options = match time_to_live {
            Some(u64::MAX) => options.time_to_live(Duration::MAX),
            Some(time) => options.time_to_live(Duration::from_nanos(time)),
            None => options,
        };
        let model = Model {
            handover,
            errors,
            capacity,
            time_to_live,
            now: 0,
            kept: Vec::new(),
            flights: Vec::new(),
            ends: Vec::new(),
            counts: Counts::default(),
        };
        let trace = Trace::default();
        trace.note(format_args!("{handover:?} {errors:?} {capacity} {time_to_live:?}:"));
        Self {
            plan,
            model,
            cache: Arc::new(AsyncCache::without_loader(options)),
            clock,
            callers: Vec::new(),
            loads: Vec::new(),
            polled: None,
            depth: 0,
            ending: false,
            trace,
            next: 0,
        }
    }

    pub(super) fn note(&self, step: impl std::fmt::Display) {
        self.trace.note(step);
    }

    /// Somebody's loader is called.
    fn begins(&mut self) -> usize {
        let id = self.loads.len();
        let trace = self.trace.clone();
        let Some((caller, None)) = self.polled else {
            super::super::wrong(format!("a loader is called for nobody: {trace}"))
        };
        let Some(own) = self.callers.iter_mut().find(|own| own.id == caller) else { unreachable!("it is polled") };
        let flight = match own.flight.or(self.model.listed(own.key)) {
            Some(flight) => flight,
            None => {
                self.model.flights.push(Flight { key: own.key, listed: true, load: None, leader: None });
                self.model.flights.len() - 1
            }
        };
        let cancelled = own.source.as_ref().is_some_and(CancellationTokenSource::is_cancelled);
        must!(!cancelled, "{caller} leads, and is cancelled: {trace}");
        own.flight = Some(flight);
        let there = self.model.flights[flight].load;
        must!(there.is_none(), "{caller} loads what {there:?} loads: {trace}");
        self.model.flights[flight].load = Some(id);
        self.model.counts.loads += 1;
        self.next += 1;
        let answer = match self.plan.below(8) {
            0..5 => Some(Ok(self.next)),
            7 => None,
            _ => Some(Err(self.next)),
        };
        let open = self.plan.once_in(3);
        self.note(format_args!("load{id}for{caller}"));
        self.loads.push(Load { flight, open, answer, waker: None, dropped: false });
        id
    }
}

pub(super) fn unset() -> Option<World> {
    WORLD.take()
}

pub(super) fn with<R>(f: impl FnOnce(&mut World) -> R) -> R {
    stage::with(&WORLD, f)
}

pub(super) fn trace() -> Trace {
    with(|world| world.trace.clone())
}

/// A load under way.
pub(super) struct Loading(usize);

impl Loading {
    pub(super) fn new() -> Self {
        Self(with(World::begins))
    }
}

impl Future for Loading {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        let id = self.0;
        let (old, ends) = with(|world| {
            let trace = world.trace.clone();
            let Some((caller, None)) = world.polled else {
                super::super::wrong(format!("load {id} is polled for nobody: {trace}"))
            };
            let load = &mut world.loads[id];
            let flight = load.flight;
            world.model.flights[flight].leader = Some(caller);
            if let Some(own) = world.callers.iter_mut().find(|own| own.id == caller) {
                must!(own.flight.is_none_or(|own| own == flight), "{caller} polls another one's load: {trace}");
                own.flight = Some(flight);
            }
            if !load.open {
                return (load.waker.replace(cx.waker().clone()), None);
            }
            let answer = load.answer;
            world.polled = Some((caller, Some(answer)));
            world.trace.note(format_args!("ends{id}"));
            match answer {
                Some(answer) => world.model.land(flight, answer),
                None => {
                    world.model.flights[flight].load = None;
                    world.model.counts.failures += 1;
                }
            }
            (None, Some(answer))
        });
        drop(old);
        match ends {
            None => Poll::Pending,
            Some(Some(answer)) => Poll::Ready(answer),
            Some(None) => panic_as_meant(),
        }
    }
}

impl Drop for Loading {
    fn drop(&mut self) {
        let waker = WORLD.try_with(|world| {
            let mut world = world.try_borrow_mut().ok()?;
            let world = world.as_mut()?;
            let trace = world.trace.clone();
            let load = &mut world.loads[self.0];
            must!(!std::mem::replace(&mut load.dropped, true), "load {} is dropped twice: {trace}", self.0);
            let flight = &mut world.model.flights[load.flight];
            if flight.load == Some(self.0) {
                let kept = world.model.handover == Handover::Baton && flight.listed && !world.ending;
                must!(!kept, "load {} is dropped, and another one could go on with it: {trace}", self.0);
                flight.load = None;
            }
            load.waker.take()
        });
        drop(waker);
    }
}

/// Lets a load end.
pub(super) fn open(id: usize) {
    let waker = with(|world| {
        world.loads[id].open = true;
        world.loads[id].waker.take()
    });
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// A waker that makes a step of its own now and then.
pub(super) fn bell() -> Arc<Bell> {
    Bell::with(|| {
        let hostile = with(|world| world.plan.once_in(4) && world.depth < 2);
        if hostile {
            with(|world| world.depth += 1);
            nested_step();
            with(|world| world.depth -= 1);
        }
    })
}

/// What can be asked, between steps.
pub(super) fn check() {
    with(|world| {
        let (model, cache, trace) = (&world.model, &world.cache, world.trace.clone());
        must!(cache.len() == model.kept.len(), "{} are kept, not {}: {trace}", cache.len(), model.kept.len());
        for key in 0..4 {
            let (found, expected) = (cache.peek(&key), model.good(key).and_then(Result::ok));
            must!(found == expected, "{key} is {found:?}, not {expected:?}: {trace}");
        }
        let told = cache.statistics();
        let told = Counts {
            hits: told.hits,
            misses: told.misses,
            loads: told.loads,
            failures: told.failures,
            evictions: told.evictions,
        };
        must!(told == model.counts, "counted are {told:?}, not {:?}: {trace}", model.counts);
    });
}
