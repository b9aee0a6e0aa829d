//! Callers of a cache whose leaders are dropped, fail and panic: one load of a key at a time, and everybody is answered.

use crate::chance::Chance;
use crate::give_up::{Canceller, Impatient};
use crate::job::{Job, Round};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use taskcell::{
    AsyncCache, BoxError, CacheError, CacheOptions, CancellationToken, ErrorPolicy, Handover, TaskCompletionSource,
};

const THREADS: usize = 4;
/// How many callers a round has, and how many of them in a row ask for the same key.
const CALLERS: u64 = 2000;
const HERD: u64 = 32;
const KEYS: u64 = CALLERS / HERD + 1;

pub(crate) fn restart(job: &Job) {
    run(job, Handover::Restart);
}
pub(crate) fn baton(job: &Job) {
    run(job, Handover::Baton);
}

fn run(job: &Job, handover: Handover) {
    job.rounds(|round| {
        let policy = [ErrorPolicy::ShareOnce, ErrorPolicy::RetryNext][round.chance(0).below(2) as usize];
        one_round(round, CacheOptions::new().handover(handover).error_policy(policy));
        round.check();
        true
    });
}

/// How many loads of each key are under way.
struct Loads(Vec<AtomicUsize>);

/// One of them.
struct Load(Arc<Loads>, u64);

impl Load {
    /// The load of a key; false if there is another.
    fn begin(loads: &Arc<Loads>, key: u64) -> (Self, bool) {
        let alone = loads.0[key as usize].fetch_add(1, SeqCst) == 0;
        (Self(loads.clone(), key), alone)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.0[self.1 as usize].fetch_sub(1, SeqCst);
    }
}

fn value_of(key: u64) -> u64 {
    key * 3 + 1
}

/// What is completed later, by another thread; nothing ends it. A parked load keeps a sender.
type Later = Sender<Option<TaskCompletionSource<(), BoxError>>>;

fn one_round(round: &Round<'_>, options: CacheOptions) {
    let cache = AsyncCache::without_loader(options);
    let loads = Arc::new(Loads((0..KEYS).map(|_| AtomicUsize::new(0)).collect()));
    let doubled = Arc::new(AtomicUsize::new(0));
    let next = AtomicU64::new(0);
    thread::scope(|scope| {
        let canceller = Canceller::start(scope, round.chance(0));
        let (later, sources) = channel::<Option<TaskCompletionSource<(), BoxError>>>();
        scope.spawn(move || {
            for source in sources.into_iter().map_while(|source| source) {
                _ = source.try_set_result(());
            }
        });
        let callers = (1..=THREADS).map(|number| {
            let (canceller, later) = (canceller.clone(), later.clone());
            let (cache, loads, doubled, next) = (&cache, &loads, &doubled, &next);
            scope.spawn(move || {
                let mut caller = Caller { round, number, cache, loads, doubled, canceller, later };
                caller.ask_all(next);
            })
        });
        let callers: Vec<_> = callers.collect();
        let ended: Vec<_> = callers.into_iter().map(|caller| caller.join()).collect();
        _ = later.send(None);
        ended.into_iter().for_each(|end| end.unwrap_or_else(|payload| resume_unwind(payload)));
    });
    // Parked loads are gone on with, and failures were not kept.
    let good = |key| async move { Ok::<u64, BoxError>(value_of(key)) };
    for key in 0..KEYS {
        while !matches!(
            catch_unwind(AssertUnwindSafe(|| smol::block_on(cache.get_with(&key, |_| good(key))))),
            Ok(Ok(_))
        ) {}
    }
    if cache.loading() != 0 {
        round.violation(format_args!("{} loads are left", cache.loading()));
    }
    drop(cache);
    let left: usize = loads.0.iter().map(|load| load.load(SeqCst)).sum();
    if left != 0 || doubled.load(SeqCst) != 0 {
        round.violation(format_args!("{left} loads leaked, {} ran beside another", doubled.load(SeqCst)));
    }
}

struct Caller<'a> {
    round: &'a Round<'a>,
    number: usize,
    cache: &'a AsyncCache<u64, u64>,
    loads: &'a Arc<Loads>,
    doubled: &'a Arc<AtomicUsize>,
    canceller: Canceller,
    later: Later,
}

impl Caller<'_> {
    fn ask_all(&mut self, next: &AtomicU64) {
        let (tally, mut chance) = (self.round.tally(self.number), self.round.chance(self.number));
        let mut impatient = Impatient::new();
        loop {
            let caller = next.fetch_add(1, SeqCst);
            if caller >= CALLERS {
                return;
            }
            let key = caller / HERD;
            tally.given.one();
            let loader = self.loader(key, &mut chance);
            let (waits, with_token) = (chance.once_in(2), chance.once_in(8));
            let token = if with_token { self.canceller.token(&mut chance) } else { CancellationToken::NONE };
            let get = self.cache.get_with(&key, loader).with_cancellation(&token);
            // A leader's panic is its own.
            let answer = catch_unwind(AssertUnwindSafe(|| match waits {
                true => Some(smol::block_on(get)),
                false => impatient.wait(&mut chance, get),
            }));
            match answer {
                Ok(Some(Ok(value))) if value != value_of(key) => {
                    self.round.violation(format_args!("{value} was given for {key}"));
                }
                Ok(Some(Ok(_) | Err(CacheError::Faulted(_)))) => {}
                Ok(None) => tally.given_up.one(),
                Ok(Some(Err(CacheError::Cancelled(_)))) if with_token => tally.given_up.one(),
                Ok(Some(Err(error))) => self.round.violation(format_args!("an answer for {key}: {error}")),
                Err(payload) if payload.is::<Expected>() => {}
                Err(payload) => resume_unwind(payload),
            }
            tally.found.one();
        }
    }

    /// A load that takes a few polls, or waits for another thread, and ends well or not.
    fn loader(
        &self,
        key: u64,
        chance: &mut Chance,
    ) -> impl FnOnce(CancellationToken) -> smol::future::Boxed<Result<u64, BoxError>> + use<> {
        let (polls, waits, end) = (chance.below(4), chance.once_in(2), chance.below(8));
        let (loads, doubled, later) = (self.loads.clone(), self.doubled.clone(), self.later.clone());
        move |_token| {
            Box::pin(async move {
                let (load, alone) = Load::begin(&loads, key);
                if !alone {
                    doubled.fetch_add(1, SeqCst);
                }
                for _ in 0..polls {
                    smol::future::yield_now().await;
                }
                if waits {
                    let source = TaskCompletionSource::new();
                    let task = source.task();
                    _ = later.send(Some(source));
                    _ = task.await;
                }
                drop(load);
                match end {
                    0 => resume_unwind(Box::new(Expected)),
                    1 | 2 => Err("not today".into()),
                    _ => Ok(value_of(key)),
                }
            })
        }
    }
}

/// What a load panics with, quietly.
struct Expected;
