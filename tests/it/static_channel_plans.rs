//! Channels in a `static` under plans drawn by chance, against a model; and on many threads.

use crate::static_channel::{call, poll};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Poll, Waker};
use taskcell::{Closed, Full, StaticChannel, StaticTryReadError, StaticTryWriteError, StaticWriteError};

/// SplitMix64: the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

/// How a future ended.
#[derive(Debug, PartialEq)]
enum End {
    Read(Result<u64, Closed>),
    Wrote(u64, Result<(), StaticWriteError<u64>>),
    MayRead(bool),
    MayWrite(bool),
    NoPlace,
}

/// A future that waits, and whether it has been told since it was polled last.
struct Waiting<'a> {
    future: Pin<Box<dyn Future<Output = End> + 'a>>,
    reads: bool,
    told: Arc<AtomicBool>,
    waker: Waker,
}

impl<'a> Waiting<'a> {
    fn new(reads: bool, future: impl Future<Output = End> + 'a) -> Self {
        let told = Arc::new(AtomicBool::new(true));
        let flag = told.clone();
        let waker = call(move || flag.store(true, Ordering::SeqCst));
        Self { future: Box::pin(future), reads, told, waker }
    }
}

fn start<const N: usize>(channel: &StaticChannel<u64, N, 3>, kind: u64, item: u64) -> Waiting<'_> {
    let reads = kind < 2;
    Waiting::new(reads, async move {
        if reads {
            let Ok(mut reader) = channel.reader() else { return End::NoPlace };
            if kind == 0 { End::Read(reader.read().await) } else { End::MayRead(reader.wait_to_read().await) }
        } else {
            let Ok(mut writer) = channel.writer() else { return End::NoPlace };
            if kind == 2 {
                End::Wrote(item, writer.write(item).await)
            } else {
                End::MayWrite(writer.wait_to_write().await)
            }
        }
    })
}

/// Compares what a future ended with with the model.
fn check<const N: usize>(end: End, model: &mut VecDeque<u64>, closed: bool, waiting: usize) {
    match end {
        End::Read(Ok(item)) => assert_eq!(model.pop_front(), Some(item)),
        End::Read(Err(Closed)) => assert!(closed && model.is_empty()),
        End::Wrote(item, Ok(())) => {
            assert!(!closed && model.len() < N);
            model.push_back(item);
        }
        End::Wrote(item, Err(StaticWriteError(back))) => assert!(closed && item == back),
        End::MayRead(may) => assert_eq!((may, may || closed), (!model.is_empty(), true)),
        End::MayWrite(may) => assert!(may != closed && (closed || model.len() < N)),
        End::NoPlace => assert_eq!(waiting, 3),
    }
}

fn plan<const N: usize>(seed: u64) {
    let (mut chance, channel) = (Chance(seed), StaticChannel::<u64, N, 3>::new());
    let (mut model, mut closed) = (VecDeque::new(), false);
    let mut waiting: Vec<Waiting<'_>> = Vec::new();
    for step in 0..400 {
        match chance.below(8) {
            0 => match channel.try_write(step) {
                Ok(()) => {
                    assert!(!closed && model.len() < N);
                    model.push_back(step);
                }
                Err(StaticTryWriteError::Full(item)) => assert!(!closed && model.len() == N && item == step),
                Err(StaticTryWriteError::Closed(item)) => assert!(closed && item == step),
            },
            1 => match channel.try_read() {
                Ok(item) => assert_eq!(model.pop_front(), Some(item)),
                Err(StaticTryReadError::Empty) => assert!(!closed && model.is_empty()),
                Err(StaticTryReadError::Closed) => assert!(closed && model.is_empty()),
            },
            2..5 => {
                let mut new = start(&channel, chance.below(4), step);
                new.told.store(false, Ordering::SeqCst);
                match poll(&mut new.future, &new.waker) {
                    Poll::Ready(end) => check::<N>(end, &mut model, closed, waiting.len()),
                    Poll::Pending => waiting.push(new),
                }
            }
            5 | 6 if !waiting.is_empty() => {
                // Told or not, with its waker or another.
                let mut one = waiting.swap_remove(chance.below(waiting.len() as u64) as usize);
                if chance.below(3) == 0 {
                    _ = poll(&mut one.future, Waker::noop()).map(|end| check::<N>(end, &mut model, closed, 0));
                    continue;
                }
                one.told.store(false, Ordering::SeqCst);
                match poll(&mut one.future, &one.waker) {
                    Poll::Ready(end) => check::<N>(end, &mut model, closed, 0),
                    Poll::Pending => waiting.push(one),
                }
            }
            7 if !waiting.is_empty() => drop(waiting.swap_remove(chance.below(waiting.len() as u64) as usize)),
            7 if chance.below(40) == 0 => assert_ne!(channel.try_complete(), std::mem::replace(&mut closed, true)),
            _ => {}
        }
        assert_eq!((channel.len(), channel.is_closed()), (model.len(), closed));
        assert_eq!(channel.is_completed(), closed && model.is_empty());
        // Nobody sleeps who could go on.
        for one in &waiting {
            let may = closed || if one.reads { !model.is_empty() } else { model.len() < N };
            assert!(!may || one.told.load(Ordering::SeqCst), "one that waits was not told, seed {seed}");
        }
    }
    drop(waiting);
    let all: Vec<_> = (0..3).map(|_| channel.reader().unwrap()).collect();
    assert_eq!(channel.reader().err(), Some(Full));
    drop(all);
}

#[test]
fn plans_agree_with_a_model() {
    for seed in 0..if cfg!(miri) { 3 } else { 300 } {
        plan::<1>(seed);
        plan::<2>(seed);
        plan::<3>(seed);
        plan::<5>(seed);
    }
}

/// Two writers and two readers that wait, one writer that does not: all items arrive, each writer's in order.
#[test]
fn many_threads() {
    const ITEMS: usize = if cfg!(miri) { 100 } else { 20_000 };
    fn at<const N: usize>() {
        let channel = StaticChannel::<(usize, usize), N, 4>::new();
        let (count, sum) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (channel, count, sum) = (&channel, &count, &sum);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let (mut reader, mut last) = (channel.reader().unwrap(), [0; 3]);
                    while let Ok((writer, item)) = smol::block_on(reader.read()) {
                        assert!(item > std::mem::replace(&mut last[writer], item));
                        sum.fetch_add(item, Ordering::Relaxed);
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            let writers = [0, 1].map(|number| {
                scope.spawn(move || {
                    let mut writer = channel.writer().unwrap();
                    for item in 1..=ITEMS {
                        smol::block_on(writer.write((number, item))).unwrap();
                    }
                })
            });
            for item in 1..=ITEMS {
                while channel.try_write((2, item)).is_err() {
                    std::thread::yield_now();
                }
            }
            for writer in writers {
                writer.join().unwrap();
            }
            channel.try_complete();
        });
        assert_eq!(count.load(Ordering::Relaxed), 3 * ITEMS);
        assert_eq!(sum.load(Ordering::Relaxed), 3 * ITEMS * (ITEMS + 1) / 2);
    }
    at::<1>();
    at::<3>();
    at::<8>();
}

/// Completion while writers write: what was written is read, what was not is given back.
#[test]
fn completion_races_writers() {
    for _ in 0..if cfg!(miri) { 10 } else { 2_000 } {
        let channel = StaticChannel::<usize, 2, 3>::new();
        let (written, read) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut writer = channel.writer().unwrap();
                    for item in 0.. {
                        match smol::block_on(writer.write(item)) {
                            Ok(()) => written.fetch_add(1, Ordering::Relaxed),
                            Err(back) => return assert_eq!(back.into_inner(), item),
                        };
                    }
                });
            }
            scope.spawn(|| {
                let mut reader = channel.reader().unwrap();
                for turn in 0.. {
                    if turn == 5 {
                        channel.try_complete();
                    }
                    if smol::block_on(reader.read()).is_err() {
                        return;
                    }
                    read.fetch_add(1, Ordering::Relaxed);
                }
            });
        });
        assert_eq!(written.into_inner(), read.into_inner());
    }
}
