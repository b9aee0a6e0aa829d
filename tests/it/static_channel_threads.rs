//! Channels in a `static` on many threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use taskcell::StaticChannel;

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
