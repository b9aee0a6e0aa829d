//! A channel without a heap where there is one: executors, wakers of all kinds, the fault hook, allocations.
use crate::support::exec::{Executor, Inline, Single, Smol};
use crate::support::heap::allocations;
use crate::support::hooked::Hooks;
use crate::support::polls::{poll, ready};
use crate::support::{Counter, Latch, faults, forget, leak, panic_of, poll_with};
use futures_util::StreamExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use taskcell::StaticChannel;

/// A channel that stays behind, as a static would.
fn channel<T, const N: usize, const W: usize>() -> &'static StaticChannel<T, N, W> {
    leak(StaticChannel::new())
}

fn on<E: Executor, const N: usize>() {
    let (executor, channel) = (E::new(), channel::<u64, N, 6>());
    let (sum, ended, written) = (Arc::new(AtomicU64::new(0)), Latch::new(), Latch::new());
    for way in 0..3 {
        let (mut reader, sum, ended) = (channel.reader().unwrap(), sum.clone(), ended.clone());
        executor.spawn(async move {
            match way {
                0 => while reader.read().await.map(|item| sum.fetch_add(item, Ordering::SeqCst)).is_ok() {},
                1 => while reader.next().await.map(|item| sum.fetch_add(item, Ordering::SeqCst)).is_some() {},
                _ => {
                    while reader.wait_to_read().await {
                        _ = channel.try_read().map(|item| sum.fetch_add(item, Ordering::SeqCst));
                    }
                }
            }
            ended.arrive();
        });
    }
    for _ in 0..3 {
        let (mut writer, written) = (channel.writer().unwrap(), written.clone());
        executor.spawn(async move {
            for n in 1..=100 {
                writer.write(n).await.unwrap();
                while writer.wait_to_write().await && channel.try_write(n).is_err() {}
            }
            written.arrive();
        });
    }
    executor.run(async move {
        written.reached(3).await;
        channel.try_complete();
        ended.reached(3).await;
    });
    assert_eq!(sum.load(Ordering::SeqCst), 3 * 2 * 5050);
}

#[test]
fn on_any_executor() {
    on::<Inline, 1>();
    on::<Inline, 3>();
    on::<Single, 1>();
    on::<Single, 2>();
    on::<Smol, 1>();
    on::<Smol, 7>();
}

#[test]
fn every_hook_may_use_the_channel() {
    let channel = channel::<u32, 2, 6>();
    let hook = || {
        // Not for ever: a hook's own wakers are plain.
        _ = (channel.try_write(1), channel.len());
        if let (Ok(mut reader), Ok(mut writer)) = (channel.reader(), channel.writer()) {
            _ = (poll(&mut reader.read()), poll(&mut writer.write(2)));
            _ = poll(&mut reader.wait_to_read());
        }
        _ = channel.try_read();
    };
    let (waker, counts) = Hooks::new().on_clone(hook).on_wake(hook).on_drop(hook).waker();
    let (mut reader, mut writer) = (channel.reader().unwrap(), channel.writer().unwrap());
    for n in 0..200 {
        let (mut read, mut write) = (reader.read(), writer.write(n));
        let ended = (poll_with(&waker, &mut read).is_ready(), poll_with(&waker, &mut write).is_ready());
        if n % 3 == 0 {
            _ = channel.try_write(n);
            _ = channel.try_read();
        }
        if !ended.0 {
            _ = poll_with(&Counter::new().waker(), &mut read);
        }
        drop((read, write));
        if n % 2 == 0 {
            while channel.try_read().is_ok() {}
        }
    }
    assert!(counts.clones.load(Ordering::SeqCst) > 0 && counts.wakes.load(Ordering::SeqCst) > 0);
    assert_eq!(
        counts.clones.load(Ordering::SeqCst),
        counts.wakes.load(Ordering::SeqCst) + counts.drops.load(Ordering::SeqCst)
    );
    channel.try_complete();
    while channel.try_read().is_ok() {}
    assert!(ready(reader.read()).is_err());
}

#[test]
fn a_panic_does_not_cost_an_item() {
    let faults = faults::watch();
    let channel = channel::<u32, 1, 3>();
    channel.try_write(1).unwrap();
    let (angry, _) = Hooks::new().on_wake(|| panic!("a writer's waker of a static channel")).waker();
    let quiet = Counter::new();
    let (mut first, mut second) = (channel.writer().unwrap(), channel.writer().unwrap());
    let (mut first, mut second) = (first.write(2), second.write(3));
    assert!(poll_with(&angry, &mut first).is_pending() && quiet.poll(&mut second).is_pending());
    assert_eq!(channel.try_read(), Ok(1));
    assert!(faults.saw("a writer's waker of a static channel"));
    assert_eq!(quiet.wakes(), 1);
    assert_eq!(poll(&mut second), std::task::Poll::Ready(Ok(())));
    // A reader whose own waker panics when it is dropped has its item, too.
    let (angry, _) = Hooks::new().on_drop(|| panic!("a reader's waker of a static channel")).waker();
    assert_eq!(channel.try_read(), Ok(3));
    drop((first, second));
    let mut reader = channel.reader().unwrap();
    let mut read = reader.read();
    assert!(poll_with(&angry, &mut read).is_pending());
    // The item comes while nobody is told: that is what `forget` is for.
    forget(angry);
    assert_eq!(panic_of(|| drop(read)), Some("a reader's waker of a static channel"));
    channel.try_write(4).unwrap();
    assert_eq!(ready(reader.read()), Ok(4));
}

#[test]
fn nothing_is_allocated() {
    let channel = channel::<u64, 4, 2>();
    let (mut reader, mut writer) = (channel.reader().unwrap(), channel.writer().unwrap());
    let before = allocations();
    for n in 0..100 {
        assert!(poll(&mut reader.read()).is_pending());
        for m in 0..4 {
            ready(writer.write(n + m)).unwrap();
        }
        assert!(poll(&mut writer.write(9)).is_pending());
        for m in 0..4 {
            assert_eq!(ready(reader.read()), Ok(n + m));
        }
    }
    assert_eq!(allocations(), before);
}
