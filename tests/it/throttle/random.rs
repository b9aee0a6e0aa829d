//! Throttles at random against what must always hold: the limit, each item once, the order, what is held, and nothing that
//! is left.
use super::{Dice, Gauge, Inside, Yields, limit};
use crate::support::{Counter, Jobs, leak};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use taskcell::{throttled_map_stream, throttled_map_stream_spawned};

/// The item, if the kind of stream tells; what became of it: its number, and a value that counts as alive.
type Item = (Option<usize>, Option<(usize, Inside)>);

fn dice(seed: u64) -> Dice {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    (0..4).for_each(|_| _ = dice.below(2));
    dice
}

#[test]
fn throttles_that_are_stepped_at_random() {
    let mut ends = [0; 3];
    for seed in 0..1000 {
        let (mut dice, waiter, under_way, values) = (dice(seed), Counter::new(), Gauge::default(), Gauge::default());
        let at_most = [1, 2, 3, 8, 300][dice.below(5) as usize];
        let items = [0, 1, 5, 40, 700, usize::MAX][dice.below(6) as usize];
        let panics = [0, 0, 50, 5][dice.below(4) as usize];
        let jobs: &Jobs = leak(Jobs::default());
        let (taken, mut asked) = (Arc::new(AtomicUsize::new(0)), 0);
        let (of, slow) = (taken.clone(), seed % 3 == 0);
        let source = stream::poll_fn(move |cx| {
            asked += 1;
            if slow && asked % 3 == 1 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let n = of.load(SeqCst);
            Poll::Ready((n < items).then(|| of.fetch_add(1, SeqCst)))
        });
        let body = {
            let (under_way, values) = (under_way.clone(), values.clone());
            move |n: usize| {
                let (inside, values, mut own) = (under_way.enter(), values.clone(), self::dice(seed ^ (n as u64 * 77)));
                async move {
                    Yields(own.below(5) as usize).await;
                    assert!(panics == 0 || own.below(panics) > 0, "a body panics");
                    drop(inside);
                    (n, values.enter())
                }
            }
        };
        let hot = {
            let body = body.clone();
            move |n, _token| {
                let body = body(n);
                async { Ok::<_, ()>(body.await) }
            }
        };
        let kind = dice.below(6);
        let (is_hot, is_ordered) = (kind > 2, kind % 3 == 1);
        let mut map: BoxStream<'static, Item> = match kind {
            0 => throttled_map_stream(source, limit(at_most), body).map(|value| (None, Some(value))).boxed(),
            1 => throttled_map_stream(source, limit(at_most), body).ordered().map(|value| (None, Some(value))).boxed(),
            2 => throttled_map_stream(source, limit(at_most), body)
                .with_index()
                .map(|(index, value)| (Some(index), Some(value)))
                .boxed(),
            3 => throttled_map_stream_spawned(jobs, source, limit(at_most), hot).map(|end| (None, end.ok())).boxed(),
            4 => throttled_map_stream_spawned(jobs, source, limit(at_most), hot)
                .ordered()
                .map(|end| (None, end.ok()))
                .boxed(),
            _ => throttled_map_stream_spawned(jobs, source, limit(at_most), hot)
                .with_index()
                .map(|(index, end)| (Some(index), end.ok()))
                .boxed(),
        };
        let takes = if items == usize::MAX || dice.below(3) == 0 { dice.below(2000) as usize } else { usize::MAX };
        let (mut given, mut kept, mut seen) = (0, Vec::new(), Vec::new());
        let (mut wakes, mut is_woken) = (0, true);
        let end = loop {
            if given >= takes {
                break 0;
            }
            is_woken |= waiter.wakes() > wakes;
            wakes = waiter.wakes();
            // Now and then it does not poll, although it was woken.
            if is_woken && dice.below(5) > 0 {
                match catch_unwind(AssertUnwindSafe(|| waiter.poll(&mut map.next()))) {
                    Ok(Poll::Ready(Some((index, value)))) => {
                        if let Some((n, _)) = value {
                            assert!(index.is_none_or(|index| index == n) && (!is_ordered || n == given), "seed {seed}");
                            seen.push(n);
                        }
                        given += 1;
                        if dice.below(3) == 0 {
                            kept.push(value);
                        }
                    }
                    Ok(Poll::Ready(None)) => break 1,
                    Ok(Poll::Pending) => is_woken = false,
                    Err(_) => break 2,
                }
            }
            if is_hot && dice.below(3) > 0 {
                if dice.below(50) > 0 { _ = jobs.step() } else { jobs.drop_first() }
            }
            assert!(is_woken || waiter.wakes() > wakes || jobs.len() > 0, "seed {seed}: nobody wakes it");
            let holds = at_most * if is_hot { 2 } else { 1 };
            assert!(under_way.most() <= at_most && taken.load(SeqCst) <= given + holds, "seed {seed}");
        };
        ends[end] += 1;
        assert!(end != 1 || given == items, "seed {seed}: {given} of {items}");
        assert!(end != 2 || (panics > 0 && !is_hot), "seed {seed}");
        let all = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), all, "seed {seed}: an item twice");
        drop(map);
        jobs.run();
        drop(kept);
        assert_eq!((under_way.now(), values.now(), waiter.held()), (0, 0, 0), "seed {seed}");
    }
    assert!(ends.iter().all(|&times| times > 50), "{ends:?}");
}
