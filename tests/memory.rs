//! What the library allocates: scenario C5 and every other count of bytes and allocations, under an allocator that
//! counts for each thread, so that the harness' own threads do not disturb.
#![cfg(feature = "std")]
use core::time::Duration;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use taskcell::time::{ManualClock, TimeProvider, delay_on};
use taskcell::{
    Attempt, BoxError, BoxFuture, CancellationSlot, CancellationToken, CancellationTokenSource, ContinuationOptions,
    StaticCancellationTokenSource, Task, TaskCompletionSource, TryRegisterError, ValueTask, hedge_on, need_only_one,
    timeout_on, when_all_settled, when_any,
};

struct Counting;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static FREED: Cell<usize> = const { Cell::new(0) };
}

fn count(calls: usize, bytes: isize) {
    let _ = CALLS.try_with(|cell| cell.set(cell.get() + calls));
    let _ = LIVE.try_with(|cell| cell.set(cell.get() + bytes));
}

// SAFETY: every call goes to `System` unchanged; counting neither allocates nor panics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size() as isize);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        count(0, -(layout.size() as isize));
        let _ = FREED.try_with(|cell| cell.set(cell.get() + 1));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What `f` did: allocations, and the change of live bytes.
fn measured(f: impl FnOnce()) -> (usize, isize) {
    let (calls, live) = (CALLS.get(), LIVE.get());
    f();
    (CALLS.get() - calls, LIVE.get() - live)
}

/// How many blocks `f` allocated and left allocated.
fn kept(f: impl FnOnce()) -> usize {
    let freed = FREED.get();
    let (allocations, _) = measured(f);
    allocations - (FREED.get() - freed)
}

/// The rounds of C5, fewer under Miri.
const MANY: usize = if cfg!(any(miri, sanitized)) { 200 } else { 1_000_000 };

/// G5: live bytes stay within one chunk of the start.
const CHUNK: isize = 1_024;

fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Runs `round` a few times to warm up, then `MANY` times, and answers what those did.
fn steady(mut round: impl FnMut()) -> (usize, isize) {
    for _ in 0..100 {
        round();
    }
    measured(|| {
        for _ in 0..MANY {
            round();
        }
    })
}

#[test]
fn c05_a_children_that_wait_and_go() {
    let root = CancellationTokenSource::new();
    let (_, grown) = steady(|| {
        let child = root.token().child();
        let token = child.token();
        let mut wait = token.cancelled();
        assert!(poll(&mut wait).is_pending());
    });
    assert!(grown <= CHUNK, "{grown} bytes");
    assert_eq!(root.token().listeners(), 0);
}

#[test]
fn c05_b_registrations_that_go() {
    for others in [0, 1, 5, 50] {
        let root = CancellationTokenSource::new();
        let held: Vec<_> = (0..others).map(|_| root.token().register(|| ())).collect();
        let token = root.token();
        let (allocations, grown) = steady(|| drop(token.register(|| ())));
        assert_eq!((allocations, grown), (0, 0), "beside {others} others");
        drop(held);
    }
}

#[test]
fn c05_b_waits_that_go() {
    for others in [0, 1, 5, 50] {
        let root = CancellationTokenSource::new();
        let token = root.token();
        let mut held: Vec<_> = (0..others).map(|_| token.cancelled()).collect();
        held.iter_mut().for_each(|wait| assert!(poll(wait).is_pending()));
        let (allocations, grown) = steady(|| assert!(poll(&mut token.cancelled()).is_pending()));
        assert_eq!((allocations, grown), (0, 0), "beside {others} others");
    }
}

/// A crowd that comes and goes leaves at most what its peak needed.
#[test]
fn c05_b_a_crowd_reuses_its_slots() {
    let root = CancellationTokenSource::new();
    let token = root.token();
    let crowd = || drop((0..1_000).map(|_| token.register(|| ())).collect::<Vec<_>>());
    crowd();
    let (_, grown) = measured(|| {
        for _ in 0..MANY / 10_000 {
            crowd();
        }
    });
    assert_eq!(grown, 0);
}

#[test]
fn c05_c_a_chain_that_forgets_its_head() {
    let root = CancellationTokenSource::new();
    let mut token = root.token().child().token();
    let (_, grown) = steady(|| token = token.child().token());
    assert!(grown <= CHUNK, "{grown} bytes");
    assert!(!token.is_cancelled());
    root.cancel();
    assert!(token.is_cancelled());
}

/// The same with the handles that `child` returns.
#[test]
fn c05_c_a_chain_of_sources_that_forgets_its_head() {
    let root = CancellationTokenSource::new();
    let mut source = root.token().child();
    let (_, grown) = steady(|| source = source.token().child());
    assert!(grown <= CHUNK, "{grown} bytes");
    assert!(!source.is_cancelled());
    root.cancel();
    assert!(source.is_cancelled());
}

/// The same with sources that are linked to one token.
#[test]
fn c05_c_a_chain_of_linked_sources_that_forgets_its_head() {
    let root = CancellationTokenSource::new();
    let mut source = root.token().child();
    let (_, grown) = steady(|| source = CancellationTokenSource::linked([&source.token()]));
    assert!(grown <= CHUNK, "{grown} bytes");
    root.cancel();
    assert!(source.is_cancelled());
}

/// Sources and tokens by turns.
#[test]
fn c05_c_a_mixed_chain_that_forgets_its_head() {
    let root = CancellationTokenSource::new();
    let (mut source, mut rounds) = (root.token().child(), 0);
    let (_, grown) = steady(|| {
        rounds += 1;
        source = if rounds % 3 == 0 { source.token().child().token().child() } else { source.token().child() };
    });
    assert!(grown <= CHUNK, "{grown} bytes");
    root.cancel();
    assert!(source.is_cancelled());
}

#[test]
fn c05_d_dead_middles() {
    let root = CancellationTokenSource::new();
    let mut first = None;
    let (_, node) = measured(|| first = Some(root.token().child()));
    let mut leaves = Vec::with_capacity(1_000);
    let (_, kept) = measured(|| {
        let middles: Vec<_> = (0..1_000).map(|_| root.token().child()).collect();
        leaves.extend(middles.iter().map(|middle| middle.token().child()));
    });
    // The root's slots come on top.
    let slots = 64 * 1_000;
    assert!(kept <= 2 * 1_000 * node + slots, "{kept} bytes for 1,000 leaves, a node is {node}");
    root.cancel();
    assert!(leaves.iter().chain(&first).all(CancellationTokenSource::is_cancelled));
}

#[test]
fn c05_e_linked_to_two_parents() {
    let (long, short) = (CancellationTokenSource::new(), CancellationTokenSource::new());
    let (_, grown) = steady(|| {
        let linked = CancellationTokenSource::linked(&[long.token(), short.token()]);
        assert!(!linked.is_cancelled());
    });
    assert!(grown <= CHUNK, "{grown} bytes");
    // One long-lived, the other new each time.
    let (_, grown) = steady(|| {
        let request = CancellationTokenSource::new();
        let linked = CancellationTokenSource::linked(&[long.token(), request.token()]);
        drop(request);
        drop(linked);
    });
    assert!(grown <= CHUNK, "{grown} bytes");
    assert_eq!(long.token().listeners(), 0);
}

#[test]
fn c05_the_parents_going_first_is_no_leak() {
    let (_, grown) = steady(|| {
        let root = CancellationTokenSource::new();
        let child = root.token().child();
        child.token().register(|| ()).detach();
        drop(root);
        drop(child);
    });
    assert_eq!(grown, 0);
}

/// C6: dropping dead middles over leaves walks, but it builds nothing.
#[test]
fn c06_dropping_middles_allocates_nothing() {
    let root = CancellationTokenSource::new();
    let mut middles = vec![root.token().child()];
    for n in 0..999 {
        let child = middles[n].token().child();
        middles.push(child);
    }
    let last = middles.last().unwrap().token();
    let leaves: Vec<_> = (0..if cfg!(miri) { 50 } else { 10_000 }).map(|_| last.child()).collect();
    drop(last);
    let (allocations, grown) = measured(|| middles.into_iter().for_each(drop));
    assert_eq!(allocations, 0);
    assert!(grown <= 0);
    let (allocations, _) = measured(|| assert!(root.cancel()));
    assert_eq!(allocations, 0, "a cancel allocates nothing");
    assert!(leaves.iter().all(CancellationTokenSource::is_cancelled));
}

#[test]
fn c11_arming_again_allocates_nothing() {
    let (clock, source) = (ManualClock::new(), CancellationTokenSource::new());
    let mut delay = 0;
    let (allocations, grown) = steady(|| {
        delay = delay % 1_000 + 1;
        source.cancel_after_on(&clock, Duration::from_secs(delay));
    });
    assert_eq!((allocations, grown), (0, 0));
    assert_eq!(clock.armed(), 1);
}

#[test]
fn c11_arming_and_disarming_allocates_nothing() {
    let (clock, source) = (ManualClock::new(), CancellationTokenSource::new());
    let (allocations, grown) = steady(|| {
        source.cancel_after_on(&clock, Duration::from_secs(1));
        assert!(source.disarm());
    });
    assert_eq!((allocations, grown), (0, 0));
    let mut source = source;
    let (allocations, grown) = steady(|| {
        source.cancel_after_on(&clock, Duration::from_secs(1));
        assert!(source.try_reset());
    });
    assert_eq!((allocations, grown), (0, 0));
    assert_eq!(clock.armed(), 0);
}

/// One for the source, one for its first timer; the clock's own part is reused.
#[test]
fn a_source_with_a_timer_is_two_allocations() {
    let (clock, hour) = (ManualClock::new(), Duration::from_secs(3_600));
    drop(CancellationTokenSource::with_timeout_on(&clock, hour));
    let (allocations, grown) = measured(|| drop(CancellationTokenSource::with_timeout_on(&clock, hour)));
    assert_eq!((allocations, grown), (2, 0));
}

/// G15: a million sources with a timer, each cancelled; live bytes stay flat, and so with each dropped.
#[test]
fn g15_timers_of_cancelled_sources_are_released() {
    let clock = ManualClock::new();
    let hour = Duration::from_secs(3_600);
    let (_, grown) = steady(|| {
        let source = CancellationTokenSource::with_timeout_on(&clock, hour);
        assert!(source.cancel());
    });
    assert!(grown <= CHUNK, "{grown} bytes");
    let (_, grown) = steady(|| drop(CancellationTokenSource::with_timeout_on(&clock, hour)));
    assert!(grown <= CHUNK, "{grown} bytes");
    assert_eq!(clock.armed(), 0);
    let (_, grown) = steady(|| {
        let source = CancellationTokenSource::with_timeout(hour);
        assert!(source.cancel());
    });
    // Slabs that its thread has given back are not counted off here, and while it is preempted inside the queue nothing
    // is used again; a single byte a round would be more.
    assert!(grown <= (MANY as isize / 2).max(16 * CHUNK), "{grown} bytes on the driver's queue");
}

#[test]
fn delays_allocate_nothing_in_the_steady_state() {
    let clock = ManualClock::new();
    let (allocations, grown) = steady(|| {
        let mut wait = delay_on(&clock, Duration::from_secs(5));
        assert!(poll(&mut wait).is_pending());
    });
    assert_eq!((allocations, grown), (0, 0));
    assert_eq!(clock.armed(), 0);
}

#[test]
fn tokens_cost_nothing() {
    let source = CancellationTokenSource::new();
    let (allocations, _) = measured(|| {
        let none = CancellationToken::NONE;
        let mut registration = none.register(|| ());
        let _ = registration.unregister();
        let cancelled = CancellationToken::new(true);
        drop(cancelled.register(|| ()));
        drop((none.clone(), cancelled.clone(), cancelled.check()));
        let token = source.token();
        drop((token.clone(), token.check(), token.reason()));
        assert!(!token.is_cancelled());
        let mut wait = token.clone().cancelled_owned();
        assert!(poll(&mut wait).is_pending());
        assert!(poll(&mut token.until_cancelled(std::future::pending::<()>())).is_pending());
        black_box(&token);
    });
    assert_eq!(allocations, 0);
    let (allocations, _) = measured(|| {
        source.cancel();
        let error = source.token().check().unwrap_err();
        drop((error.token().clone(), source.token().reason()));
    });
    assert_eq!(allocations, 0, "nor does the error");
}

#[test]
fn a_source_is_one_allocation() {
    let root = CancellationTokenSource::new();
    let (allocations, _) = measured(|| drop(black_box(CancellationTokenSource::new())));
    assert_eq!(allocations, 1);
    let (allocations, _) = measured(|| drop(black_box(root.token().child())));
    assert_eq!(allocations, 1);
    let other = CancellationTokenSource::new();
    let tokens = [root.token(), other.token()];
    let mut linked = None;
    let blocks = kept(|| linked = Some(CancellationTokenSource::linked(&tokens)));
    assert_eq!(blocks, 1, "a node linked to N parents is one allocation");
    drop(linked);
    let (allocations, _) = measured(|| drop(root.token().register(|| ())));
    assert_eq!(allocations, 0, "the first two slots live inside");
    let text = String::from("captured");
    let (allocations, _) = measured(|| drop(root.token().register(move || drop(text))));
    assert!(allocations <= 1, "a big callback may be boxed");
}

#[test]
fn try_register_and_reserved_slots_allocate_nothing() {
    let source = CancellationTokenSource::with_capacity(20);
    let token = source.token();
    let mut held = Vec::with_capacity(1_000);
    let (allocations, _) = measured(|| {
        for _ in 0..20 {
            held.push(token.try_register(|| ()).ok().unwrap());
        }
    });
    assert_eq!(allocations, 0);
    let (allocations, _) = measured(|| {
        while let Ok(registration) = token.try_register(|| ()) {
            held.push(registration);
            assert!(held.len() < 1_000, "it must be full some day");
        }
        assert!(matches!(token.try_register(|| ()), Err(TryRegisterError::Full(_))));
    });
    assert_eq!(allocations, 0, "it answers Full instead of growing");
    let (allocations, _) = measured(|| assert!(source.cancel()));
    assert_eq!(allocations, 0, "nor does the cancel");
}

#[test]
fn a_static_source_allocates_nothing() {
    static SOURCE: StaticCancellationTokenSource<4> = StaticCancellationTokenSource::new();
    let (allocations, _) = measured(|| {
        let mut slots = [SOURCE.slot().unwrap(), SOURCE.slot().unwrap(), SOURCE.slot().unwrap()];
        for slot in &mut slots {
            let mut wait = std::pin::pin!(slot.cancelled());
            assert!(poll(&mut wait).is_pending());
        }
        SOURCE.cancel();
        for slot in &mut slots {
            let mut wait = std::pin::pin!(slot.cancelled());
            assert!(poll(&mut wait).is_ready());
        }
    });
    assert_eq!(allocations, 0);
}

/// G31: one block for the children and one for the outputs.
#[test]
fn when_all_is_two_allocations() {
    for n in [1, 10, 1_000] {
        let futures: Vec<_> = (0..n).map(std::future::ready).collect();
        let (allocations, _) = measured(|| {
            let mut all = std::pin::pin!(when_all_settled(futures));
            assert!(poll(&mut all).is_ready());
        });
        assert!(allocations <= 2, "{allocations} for {n} futures");
    }
}

/// G31: one block; the rest goes on in it.
#[test]
fn when_any_is_one_allocation_until_it_is_drained() {
    for n in [0, 1, 10, 1_000] {
        let futures: Vec<_> = (0..n).map(std::future::ready).collect();
        let (allocations, _) = measured(|| {
            let mut any = when_any(futures);
            while let Poll::Ready(Ok(winner)) = poll(&mut any) {
                any = winner.rest.into_future();
            }
        });
        assert_eq!(allocations, usize::from(n > 0), "{n} futures");
    }
}

/// T1: a long-lived wait that loses every race.
#[test]
fn when_any_leaves_nothing_on_a_long_wait() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let (allocations, grown) = steady(|| {
        let work = [Some(token.cancelled()), None].map(|wait| {
            let mut wait = wait;
            std::future::poll_fn(move |cx| wait.as_mut().map_or(Poll::Ready(()), |wait| Pin::new(wait).poll(cx)))
        });
        let Poll::Ready(Ok(winner)) = poll(&mut when_any(work)) else { panic!("one of them is ready") };
        assert_eq!((winner.index, winner.rest.len()), (1, 1));
    });
    assert_eq!((allocations, grown), (MANY, 0));
    assert_eq!(token.listeners(), 0);
}

/// What `round` does when it has run a few times.
fn settled(mut round: impl FnMut()) -> (usize, isize) {
    (0..100).for_each(|_| round());
    measured(round)
}

/// A token and a block for a call that is not hedged; blocks that double; one block where the number is known.
#[test]
fn attempts_are_tokens_and_blocks() {
    let clock = ManualClock::new();
    let source = CancellationTokenSource::new();
    let second = Duration::from_secs(1);
    let (allocations, grown) = settled(|| {
        let quick = hedge_on(&clock, |_| std::future::ready(Ok::<_, ()>(()))).delay(second).token(&source.token());
        assert!(poll(&mut { quick }).is_ready());
    });
    assert_eq!((allocations, grown), (2, 0));
    let (allocations, grown) = settled(|| {
        let slow = |attempt: Attempt| delay_on(&clock, second * (3 - 2 * attempt.number));
        let slow = move |attempt| {
            let wait = slow(attempt);
            async move {
                wait.await;
                Ok::<_, ()>(())
            }
        };
        let mut hedged = hedge_on(&clock, slow).delay(second).token(&source.token());
        for _ in 0..2 {
            assert!(poll(&mut hedged).is_pending());
            clock.advance(second);
        }
        assert!(poll(&mut hedged).is_ready());
    });
    // Two tokens, two blocks, and the list of the blocks behind the first.
    assert_eq!((allocations, grown), (5, 0));
    let (allocations, grown) = settled(|| {
        let factories = [|_: CancellationToken| std::future::ready(()); 3];
        assert!(poll(&mut need_only_one(factories)).is_ready());
    });
    assert_eq!((allocations, grown), (4, 0));
    assert_eq!((clock.armed(), source.token().listeners()), (0, 0));
}

#[test]
fn a_timeout_allocates_nothing_in_the_steady_state() {
    let clock = ManualClock::new();
    let (allocations, grown) = steady(|| {
        let mut work = std::pin::pin!(timeout_on(&clock, Duration::from_secs(1), std::future::pending::<()>()));
        assert!(poll(&mut work).is_pending());
    });
    assert_eq!((allocations, grown), (0, 0));
    assert_eq!(clock.now().as_nanos(), 0);
}

/// The last source goes with a callback whose drop panics: nothing of it stays.
#[test]
fn a_panic_as_a_callback_is_dropped_leaks_nothing() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new(()));
        }
    }
    let round = || {
        let source = CancellationTokenSource::new();
        let (token, bomb) = (source.token(), Bomb);
        token.register(move || drop(black_box(bomb))).detach();
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(source)));
        assert!(result.is_err() && !token.can_be_cancelled());
    };
    round();
    assert_eq!(kept(round), 0);
}

/// Waiters in the head and detached callbacks behind it, or the other way round: a cancellation frees everything.
#[test]
fn cancelling_waiters_and_detached_callbacks_frees_all() {
    for (before, callbacks, after) in [(1, 1, 0), (2, 1, 0), (2, 3, 40), (0, 1, 2), (0, 9, 0), (40, 40, 40)] {
        let round = || {
            let source = CancellationTokenSource::new();
            let mut waits: Vec<_> = (0..before + after).map(|_| source.token().cancelled_owned()).collect();
            let (first, last) = waits.split_at_mut(before);
            first.iter_mut().for_each(|wait| assert!(poll(wait).is_pending()));
            (0..callbacks).for_each(|_| source.token().register(|| ()).detach());
            last.iter_mut().for_each(|wait| assert!(poll(wait).is_pending()));
            source.cancel();
        };
        round();
        let (_, grown) = measured(|| (0..10).for_each(|_| round()));
        assert_eq!(grown, 0, "{before} waiters, {callbacks} callbacks, {after} waiters");
    }
}

#[test]
fn t01_aggregates_over_a_long_lived_task_keep_nothing() {
    let (source, long) = TaskCompletionSource::<usize>::pair();
    let (_other, never) = TaskCompletionSource::<usize>::pair();
    let mut round = 0;
    let mut kept = Vec::new();
    let (_, ended) = steady(|| {
        let (other, task) = TaskCompletionSource::pair();
        let any = Task::when_any([long.clone(), task, Task::from_result(round)]);
        assert!(any.is_completed());
        round += 1;
        drop(other);
    });
    kept.push(ended);
    let (_, later) = steady(|| {
        let (other, task) = TaskCompletionSource::pair();
        let any = Task::when_any([long.clone(), task]);
        other.set_result(7);
        assert!(any.is_completed());
    });
    kept.push(later);
    let (_, dropped) = steady(|| {
        let mut any = Task::when_any([long.clone(), never.clone()]).into_future();
        assert!(poll(&mut any).is_pending());
        drop(Task::when_all([never.clone(), long.clone()]));
    });
    kept.push(dropped);
    let (allocations, cancelled) = steady(|| {
        let cancellation = CancellationTokenSource::new();
        let mut wait = long.wait_async(&cancellation.token());
        assert!(poll(&mut wait).is_pending());
        cancellation.cancel();
        assert!(poll(&mut wait).is_ready());
    });
    assert_eq!(allocations, MANY, "the token source of each round, and nothing else");
    kept.push(cancelled);
    let nested = Task::<_>::from_result(long.clone());
    let (_, flat) = steady(|| drop(nested.flatten()));
    kept.push(flat);
    drop(nested);
    assert!(kept.iter().all(|bytes| *bytes <= CHUNK), "{kept:?} bytes");
    assert_eq!(long.listeners(), 0);
    assert!(source.try_set_result(1).is_ok());
    drop(source);
    assert!(long.try_unwrap().is_ok(), "nobody keeps it");
}

#[test]
fn aggregates_allocate_what_they_say() {
    let (_source, task) = TaskCompletionSource::<u32>::pair();
    let list = || vec![task.clone(), task.clone(), task.clone()];
    // The list itself, and the cell with its places; and the groups of a line that two entries of the cell do not fit in.
    drop(Task::when_any(list()));
    let tasks = list();
    assert_eq!(measured(|| drop(Task::when_any(tasks))).0, 1);
    let tasks = list();
    assert_eq!(measured(|| drop(Task::when_all(tasks))).0, 1);
    let nested = Task::<_>::from_result(task.clone());
    assert_eq!(measured(|| drop(nested.flatten())).0, 1);
    assert_eq!(measured(|| drop(Task::<u32>::when_all([]))).0, 1);
    assert_eq!(measured(|| assert!(poll(&mut ValueTask::<u32>::from(7).into_future()).is_ready())).0, 0);
}

/// A continuation is one allocation with its task; a spawner's box is a second one, a token's race two more.
#[test]
fn what_continuations_allocate() {
    let (source, task) = TaskCompletionSource::<u32>::pair();
    let jobs = |future| drop::<BoxFuture<'static, ()>>(future);
    let cancel = CancellationTokenSource::new();
    let inline = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;
    let counted = |f: &mut dyn FnMut()| measured(f).0;
    assert_eq!(counted(&mut || drop(task.then(|n| Ok(n + 1)))), 1);
    let mut next = task.then(|n| Ok(n + 1));
    let linked = counted(&mut || {
        for _ in 0..100 {
            next = next.finally(|| ());
            next = next.continue_with(inline.clone(), |_| Ok(1));
        }
    });
    assert_eq!(linked, 200);
    let after = Task::<u32>::from_result(1);
    assert_eq!(counted(&mut || drop(after.continue_with(inline.clone(), |_| Ok::<_, BoxError>(())))), 1);
    let on = ContinuationOptions::on(jobs);
    assert_eq!(counted(&mut || drop(after.continue_with(on.clone(), |_| Ok::<_, BoxError>(())))), 2);
    let raced = inline.clone().with_token(cancel.token());
    assert_eq!(counted(&mut || drop(after.continue_with(raced.clone(), |_| Ok::<_, BoxError>(())))), 2);
    let registered = counted(&mut || drop(task.continue_with(raced.clone(), |_| Ok::<_, BoxError>(()))));
    assert!(registered <= 3 + 2, "a task, a race, an entry, and room in the task's line: {registered}");
    assert_eq!(counted(&mut || drop(Task::<u32>::run(&jobs, async { Ok(1) }))), 2);
    assert_eq!(counted(&mut || drop(Task::<u32>::run_fn(&jobs, || Ok(1)))), 2);
    assert_eq!(counted(&mut || source.set_result(1)), 0);
}

/// A long-lived task and many continuations that a token takes back: nothing is left in the task's line.
#[test]
fn continuations_that_a_token_takes_back() {
    let (source, task) = TaskCompletionSource::<u32>::pair();
    let (allocations, grown) = steady(|| {
        let cancel = CancellationTokenSource::new();
        let options = ContinuationOptions::EXECUTE_SYNCHRONOUSLY.with_token(cancel.token());
        let next: Task<()> = task.continue_with(options, |_| unreachable!());
        cancel.cancel();
        assert!(next.is_cancelled());
    });
    assert!(grown <= CHUNK, "{grown} bytes");
    assert!(allocations <= 4 * MANY, "{allocations}");
    assert_eq!(task.listeners(), 0);
    drop(source);
}

/// The other way round: a long-lived token, and many tasks that end first.
#[test]
fn continuations_that_end_before_their_token() {
    let cancel = CancellationTokenSource::new();
    let (_, grown) = steady(|| {
        let (source, task) = TaskCompletionSource::<u32>::pair();
        let options = ContinuationOptions::EXECUTE_SYNCHRONOUSLY.with_token(cancel.token());
        let next: Task<()> = task.continue_with(options, |_| Ok(()));
        source.set_result(1);
        assert!(next.is_completed());
    });
    assert!(grown <= CHUNK, "{grown} bytes");
    assert_eq!(cancel.token().listeners(), 0);
}

/// So many tasks under way, with room for what the allocations of a test's own list would be.
fn hot(n: usize) -> (Vec<TaskCompletionSource<usize>>, Vec<Task<usize>>) {
    (0..n).map(|_| TaskCompletionSource::pair()).unzip()
}

/// G31, T23: one block for the places, beside the list of what is given; nothing for an item.
#[test]
fn when_each_of_tasks_is_two_allocations() {
    use futures_util::StreamExt;
    for n in [0, 1, 10, 1_000] {
        let (sources, tasks) = hot(n);
        let live = LIVE.get();
        let mut each = None;
        let (allocations, _) = measured(|| each = Some(Task::when_each(tasks.iter().cloned())));
        assert!(allocations <= 2, "{allocations} for {n} tasks");
        let mut each = each.unwrap();
        let (allocations, _) = measured(|| {
            for source in &sources {
                assert!(poll(&mut each.next()).is_pending());
                source.set_result(1);
                assert!(matches!(poll(&mut each.next()), Poll::Ready(Some(_))));
            }
        });
        assert_eq!(allocations, 0);
        drop(each);
        assert_eq!(LIVE.get(), live);
    }
}

/// T1, T23: streams over a task that lives long leave nothing with it.
#[test]
fn when_each_leaves_nothing_with_a_task_that_lives_long() {
    let (_source, long) = TaskCompletionSource::<usize>::pair();
    let (_, live) = steady(|| {
        let mut each = Task::when_each([long.clone(), Task::from_result(1)]);
        assert!(matches!(poll(&mut futures_util::StreamExt::next(&mut each)), Poll::Ready(Some((1, _)))));
    });
    assert!(live.abs() <= CHUNK, "{live} bytes");
}

/// T23: a cell for each, the places, and two lists.
#[test]
fn interleaved_is_one_allocation_for_each() {
    for n in [1, 10, 1_000] {
        let (sources, tasks) = hot(n);
        let live = LIVE.get();
        let mut dealt = Vec::new();
        let (allocations, _) = measured(|| dealt = Task::interleaved(tasks.iter().cloned()));
        assert!(allocations <= n + 3, "{allocations} for {n} tasks");
        let (allocations, _) = measured(|| sources.iter().for_each(|source| source.set_result(1)));
        assert_eq!(allocations, 0);
        assert!(dealt.iter().all(Task::is_completed));
        drop(dealt);
        assert_eq!(LIVE.get(), live);
    }
    let (_source, long) = TaskCompletionSource::<usize>::pair();
    let (_, live) = steady(|| drop(Task::interleaved([long.clone(), Task::from_result(1)])));
    assert!(live.abs() <= CHUNK, "{live} bytes");
}
