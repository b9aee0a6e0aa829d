//! What is called.

use super::super::foreign::guarded;
use super::world::{Caller, Loading, bell, check, open, trace, unset, with};
use std::task::{Context, Poll};
use std::time::Duration;
use taskcell::{CacheError, CancellationTokenSource, ErrorPolicy};

pub(super) fn step() {
    match with(|world| world.plan.below(16)) {
        0..4 => call(),
        4..8 => poll_one(),
        8 | 9 => leave(),
        10 | 11 => open_one(),
        12 => settle(),
        _ => nested_step(),
    }
}

/// What a waker may do, too.
pub(super) fn nested_step() {
    match with(|world| world.plan.below(8)) {
        0 | 1 => set(),
        2 => remove(),
        3 => expire(),
        4 => advance(),
        5 => leave(),
        6 => cancel(),
        _ => invalidate(),
    }
}

/// A caller more, polled or not.
fn call() {
    let (poll, id) = with(|world| {
        let key = world.plan.below(4) as u32;
        let (fresh, poll) = (world.plan.once_in(5), !world.plan.once_in(6));
        let source = world.plan.once_in(4).then(CancellationTokenSource::new);
        let token = source.as_ref().map(CancellationTokenSource::token).unwrap_or_default();
        let cache = world.cache.clone();
        let future = Box::pin(async move {
            let loader = |_token| Loading::new();
            let get = if fresh { cache.refresh_with(&key, loader) } else { cache.get_with(&key, loader) };
            get.with_cancellation(&token).await
        });
        let id = world.next as usize;
        world.next += 1;
        world.note(format_args!("call{id}for{key}{}", if fresh { "fresh" } else { "" }));
        let future = Some(future as _);
        let (since, joined) = (usize::MAX, 0);
        world.callers.push(Caller { id, key, fresh, future, bell: None, flight: None, since, joined, source });
        (poll, id)
    });
    if poll {
        self::poll(id);
    }
}

fn some() -> Option<usize> {
    with(|world| {
        let there: Vec<_> = world.callers.iter().filter(|own| own.future.is_some()).map(|own| own.id).collect();
        there.get(world.plan.below(there.len())).copied()
    })
}

fn poll_one() {
    if let Some(id) = some() {
        poll(id);
    }
}

/// Polls a caller, and judges what it is given.
fn poll(id: usize) {
    let (mut future, old, key, cancelled, hit) = with(|world| {
        world.note(format_args!("poll{id}"));
        let ends = world.model.ends.len();
        let Some(own) = world.callers.iter_mut().find(|own| own.id == id) else { unreachable!("it was there") };
        let first = own.since == usize::MAX;
        let future = own.future.take().expect("it is not being polled");
        let cancelled = own.source.as_ref().is_some_and(CancellationTokenSource::is_cancelled);
        let (key, fresh, old) = (own.key, own.fresh, own.bell.take());
        let mut hit = None;
        if first && !cancelled {
            own.since = ends;
            hit = if fresh { None } else { world.model.ask(key) };
            world.model.counts.hits += u64::from(hit.is_some());
            world.model.counts.misses += u64::from(!fresh && hit.is_none());
            let joins = world.model.listed(key).filter(|_| hit.is_none());
            world.next += 1;
            let joined = world.next;
            let Some(own) = world.callers.iter_mut().find(|own| own.id == id) else { unreachable!("it was there") };
            (own.flight, own.joined) = (joins, joined);
        }
        world.polled = Some((id, None));
        (future, old, key, cancelled, hit)
    });
    let bell = match &old {
        Some((bell, _)) if !with(|world| world.plan.once_in(3)) => bell.clone(),
        _ => bell(),
    };
    let (waker, seen) = (bell.waker(), bell.rung());
    let answer = guarded(|| future.as_mut().poll(&mut Context::from_waker(&waker)));
    let ended = with(|world| world.polled.take()).and_then(|(_, ended)| ended);
    let trace = trace();
    match answer {
        Some(Poll::Pending) => {
            must!(hit.is_none(), "{key} is kept, and {id} waits: {trace}");
            must!(!cancelled && ended.is_none(), "{id} is cancelled or has its load, and waits: {trace}");
            with(|world| {
                let Some(own) = world.callers.iter_mut().find(|own| own.id == id) else { unreachable!("it is ours") };
                must!(own.flight.is_some(), "{id} waits for no load: {trace}");
                (own.future, own.bell) = (Some(future), Some((bell, seen)));
            });
            drop(old);
            return;
        }
        None => must!(ended == Some(None), "a poll of {id} has panicked: {trace}"),
        Some(Poll::Ready(found)) => {
            let found = match found {
                Ok(value) => Some(Ok(value)),
                Err(CacheError::Faulted(fault)) => Some(Err(*fault)),
                Err(CacheError::Cancelled(_)) => None,
                Err(_) => super::super::wrong(format!("{id} is given what cannot be: {trace}")),
            };
            with(|world| {
                let Some(own) = world.callers.iter().find(|own| own.id == id) else { unreachable!("it is ours") };
                let Some(found) = found else {
                    must!(cancelled && ended.is_none(), "{id} was not cancelled: {trace}");
                    return;
                };
                if hit.is_some() || ended.is_some() {
                    let due = hit.or(ended.flatten());
                    must!(due == Some(found), "{id} is given {found:?}, not {due:?}: {trace}");
                    return;
                }
                // Another one's load, which has ended since it came.
                let ends = world.model.ends.get(own.since..).unwrap_or_default();
                let shared = ends.iter().any(|(flight, end)| own.flight == Some(*flight) && *end == found);
                must!(shared, "{id} is given {found:?}, which nobody loaded: {trace}");
                let retries = found.is_err() && world.model.errors == ErrorPolicy::RetryNext;
                must!(!retries, "{id} is given another one's error: {trace}");
            });
        }
    }
    drop((future, old));
    let gone = with(|world| {
        let at = world.callers.iter().position(|own| own.id == id);
        at.map(|at| world.callers.remove(at))
    });
    drop(gone);
}

/// A caller goes. If it leads, the first of those who wait is told, and nobody else.
fn leave() {
    let Some(id) = some() else { return };
    let (gone, heirs) = with(|world| {
        world.note(format_args!("leave{id}"));
        let at = world.callers.iter().position(|own| own.id == id);
        let gone = at.map(|at| world.callers.remove(at));
        let flight = gone.as_ref().and_then(|gone| gone.flight);
        let led = flight.filter(|at| world.model.flights[*at].leader == Some(id));
        let led = led.filter(|at| world.model.flights[*at].load.is_some());
        if let Some(led) = led {
            world.model.flights[led].leader = None;
        }
        let heirs = world.callers.iter().filter(|own| led.is_some() && own.flight == led && own.bell.is_some());
        let mut heirs: Vec<_> = heirs.collect();
        heirs.sort_by_key(|own| own.joined);
        let heirs =
            heirs.into_iter().map(|own| (own.id, own.sleeps(), own.bell.as_ref().map(|(bell, _)| bell.clone())));
        (gone, heirs.collect::<Vec<_>>())
    });
    let before: Vec<_> = heirs.iter().map(|(_, _, bell)| bell.as_ref().map(|bell| bell.rung())).collect();
    drop(gone);
    let told = |at: &usize| heirs[*at].2.as_ref().map(|bell| bell.rung()) != before[*at];
    let told: Vec<_> = (0..heirs.len()).filter(told).collect();
    let calm = heirs.iter().all(|(_, sleeps, _)| *sleeps) && with(|world| world.depth == 0);
    // Wakers that have cancelled others have woken those as well.
    if calm && !heirs.is_empty() {
        must!(told.contains(&0), "{} was not told to go on for {id}: {}", heirs[0].0, trace());
    }
}

fn open_one() {
    let id = with(|world| {
        let id = world.plan.below(world.loads.len());
        world.note(format_args!("open{id}"));
        (id < world.loads.len()).then_some(id)
    });
    id.into_iter().for_each(open);
}

fn set() {
    let (cache, key, value) = with(|world| {
        world.next += 1;
        let (key, value) = (world.plan.below(4) as u32, world.next);
        world.note(format_args!("set{key}to{value}"));
        world.model.set(key, value);
        (world.cache.clone(), key, value)
    });
    cache.set(key, value);
}

fn remove() {
    let (cache, key, expected) = with(|world| {
        let key = world.plan.below(4) as u32;
        world.note(format_args!("remove{key}"));
        (world.cache.clone(), key, world.model.remove(key))
    });
    let found = cache.remove(&key);
    must!(found == expected, "{key} was {found:?}, not {expected:?}: {}", trace());
}

fn expire() {
    let (cache, expected) = with(|world| (world.cache.clone(), world.model.remove_expired()));
    let found = cache.remove_expired();
    must!(found == expected, "{found} were too old, not {expected}: {}", trace());
}

fn invalidate() {
    if with(|world| world.plan.once_in(4)) {
        let cache = with(|world| {
            world.note("clear");
            world.model.clear();
            world.cache.clone()
        });
        cache.invalidate_all();
        must!(with(|world| world.depth > 0) || cache.loading() == 0, "loads are listed still: {}", trace());
    }
}

fn advance() {
    let (clock, by) = with(|world| {
        let by = world.plan.one_of(&[1, 4, 5, 9, 10]);
        world.note(format_args!("+{by}"));
        world.model.now += by;
        (world.clock.clone(), by)
    });
    clock.advance(Duration::from_nanos(by));
}

fn cancel() {
    let source = with(|world| {
        let at = world.plan.below(world.callers.len());
        let own = world.callers.get(at)?;
        let source = own.source.clone();
        world.trace.note(format_args!("cancel{}", own.id));
        source
    });
    if let Some(source) = source {
        source.cancel();
    }
}

/// Polls those who were woken until nobody is.
fn settle() {
    let woken = || {
        with(|world| {
            let woken = |own: &&Caller| own.future.is_some() && own.bell.is_some() && !own.sleeps();
            world.callers.iter().find(woken).map(|own| own.id)
        })
    };
    while let Some(id) = woken() {
        poll(id);
    }
}

/// Every load may end, and whoever is woken is polled: then all have their answer.
pub(super) fn end() {
    let calm = with(|world| {
        let calm = !world.plan.once_in(4);
        world.plan = super::super::plan::Plan::default();
        calm
    });
    if calm {
        with(|world| world.note("end"));
        loop {
            let loads = with(|world| world.loads.len());
            (0..loads).for_each(open);
            settle();
            let new = with(|world| world.callers.iter().find(|own| own.bell.is_none()).map(|own| own.id));
            match new {
                Some(id) => poll(id),
                None if with(|world| world.loads.len()) == loads => break,
                None => {}
            }
        }
        let left = with(|world| world.callers.first().map(|own| own.id));
        must!(left.is_none(), "{left:?} waits, and was not told: {}", trace());
        check();
    }
    with(|world| world.ending = true);
    let (callers, cache) = with(|world| (std::mem::take(&mut world.callers), world.cache.clone()));
    drop(callers);
    cache.invalidate_all();
    must!((cache.loading(), cache.len()) == (0, 0), "something is kept still: {}", trace());
    must!(with(|world| world.loads.iter().all(|load| load.is_dropped())), "a load stays: {}", trace());
    drop(unset());
}
