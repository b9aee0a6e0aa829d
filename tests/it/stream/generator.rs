//! Items, order, laziness, the end.
use super::ByHand;
use crate::support::heap::{allocations, live_bytes};
use crate::support::{Dropped, Latch};
use futures_util::future::{ready, select};
use futures_util::stream::{FusedStream, StreamExt, iter};
use std::cell::{Cell, RefCell};
use std::future::pending;
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use taskcell::stream::{Yielder, create, try_create};
use taskcell::time::{ManualClock, delay_on};
use taskcell::yield_now;

#[test]
fn items_come_in_order_and_then_the_end() {
    let stream = create(|yielder, _| async move {
        for n in 0..5 {
            yielder.yield_item(n).await;
        }
    });
    let mut stream = ByHand::new(stream);
    for n in 0..5 {
        assert_eq!(stream.item(), n);
    }
    assert!(!stream.stream.is_terminated());
    stream.is_over();
    assert!(stream.stream.is_terminated());
    assert_eq!(stream.counter.wakes(), 0, "the consumer polls, nobody wakes it");
    assert_eq!(stream.counter.held(), 0);
}

#[test]
fn an_empty_generator_is_an_empty_stream() {
    ByHand::new(create(|_: Yielder<u8>, _| async {})).is_over();
    ByHand::new(try_create(|_: Yielder<u8>, _| async { Ok::<_, ()>(()) })).is_over();
}

#[test]
fn nothing_runs_before_the_first_poll() {
    let made = Cell::new(0);
    let stream = create(|yielder, _| {
        made.set(1);
        let made = &made;
        async move {
            made.set(2);
            yielder.yield_item(()).await;
        }
    });
    let mut stream = ByHand::new(stream);
    assert_eq!(made.get(), 0);
    stream.item();
    assert_eq!(made.get(), 2);
    let never = create(|yielder: Yielder<()>, _| {
        made.set(3);
        async move { drop(yielder) }
    });
    drop(never);
    assert_eq!(made.get(), 2, "dropped before its first poll it never begins");
}

#[test]
fn a_generator_does_not_run_ahead() {
    let steps = Cell::new(0);
    let stream = create(|yielder, _| {
        let steps = &steps;
        async move {
            loop {
                steps.set(steps.get() + 1);
                yielder.yield_item(steps.get()).await;
            }
        }
    });
    let mut stream = ByHand::new(stream);
    for n in 1..=10 {
        assert_eq!(stream.item(), n);
        assert_eq!(steps.get(), n, "it stands at the item that was taken");
    }
}

#[test]
fn a_generator_that_waits_for_something_else_is_woken() {
    let (gate, inner) = (Latch::new(), Latch::new());
    let stream = create(|yielder, _| {
        let (gate, inner) = (gate.clone(), inner.clone());
        async move {
            yielder.yield_item(1).await;
            gate.reached(1).await;
            yielder.yield_item(2).await;
            inner.reached(1).await;
        }
    });
    let mut stream = ByHand::new(stream);
    assert_eq!(stream.item(), 1);
    assert_eq!(stream.poll(), Poll::Pending);
    assert_eq!(stream.counter.wakes(), 0);
    gate.arrive();
    assert_eq!(stream.counter.wakes(), 1);
    assert_eq!(stream.item(), 2);
    assert_eq!(stream.poll(), Poll::Pending);
    inner.arrive();
    stream.is_over();
}

#[test]
fn a_generator_may_borrow_and_need_not_be_send() {
    let words = ["a".to_string(), "b".to_string()];
    let seen = Rc::new(RefCell::new(Vec::new()));
    smol::block_on(async {
        let own = seen.clone();
        let mut stream = pin!(create(|yielder, _| {
            let words = &words;
            async move {
                for word in words {
                    own.borrow_mut().push(word.len());
                    yielder.yield_item(word).await;
                    yield_now().await;
                }
            }
        }));
        let mut got: Vec<&String> = Vec::new();
        while let Some(word) = stream.next().await {
            got.push(word);
        }
        assert_eq!(got, [&words[0], &words[1]]);
    });
    assert_eq!(*seen.borrow(), [1, 1]);
}

#[test]
fn the_generator_goes_with_its_end_and_not_with_the_stream() {
    let (value, drops) = Dropped::new();
    let mut stream = ByHand::new(create(|yielder, _| async move {
        let _value = value;
        yielder.yield_item(()).await;
    }));
    stream.item();
    assert_eq!(drops.load(Ordering::SeqCst), 0);
    stream.is_over();
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    drop(stream);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

#[test]
fn a_consumer_that_leaves_drops_the_generator_where_it_stands() {
    let (value, drops) = Dropped::new();
    let (item, items) = Dropped::new();
    let after = Rc::new(Cell::new(false));
    let own = after.clone();
    let mut stream = ByHand::new(create(|yielder, _| async move {
        let _value = value;
        yielder.yield_item(None).await;
        yielder.yield_item(Some(item)).await;
        own.set(true);
    }));
    assert!(stream.item().is_none());
    let taken = stream.item();
    drop(stream);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert_eq!(items.load(Ordering::SeqCst), 0, "what was taken is the consumer's");
    drop(taken);
    assert_eq!(items.load(Ordering::SeqCst), 1);
    assert!(!after.get());
}

#[test]
fn an_item_costs_no_allocation() {
    let stream = create(|yielder, _| async move {
        for n in 0..1000_u64 {
            yielder.yield_item(n).await;
        }
    });
    let mut stream = pin!(stream);
    smol::block_on(async {
        let live = live_bytes();
        assert_eq!(stream.next().await, Some(0));
        let before = allocations();
        for n in 1..1000 {
            assert_eq!(stream.next().await, Some(n));
        }
        assert_eq!(allocations(), before);
        assert_eq!(stream.next().await, None);
        assert_eq!(live_bytes(), live, "the slot and the source go with the generator");
    });
}

#[test]
fn a_start_costs_two_allocations() {
    let before = allocations();
    let mut stream = pin!(create(|yielder, _| async move { yielder.yield_item(1).await }));
    assert_eq!(allocations(), before, "nothing before the first poll");
    smol::block_on(async {
        let before = allocations();
        assert_eq!(stream.next().await, Some(1));
        assert_eq!(allocations() - before, 2);
    });
}

#[test]
fn all_of_another_stream() {
    let stream = create(|yielder, _| async move {
        yielder.yield_item(0).await;
        yielder.yield_all(iter(1..4)).await;
        yielder.yield_all(iter(0..0)).await;
        let mut rest = iter(4..7);
        yielder.yield_all(rest.by_ref().take(1)).await;
        yielder.yield_all(&mut rest).await;
    });
    assert_eq!(smol::block_on(stream.collect::<Vec<_>>()), [0, 1, 2, 3, 4, 5, 6]);
}

#[test]
fn all_of_another_stream_is_lazy_too() {
    let polls = Cell::new(0);
    let stream = create(|yielder, _| {
        let polls = &polls;
        async move {
            let counted = iter(0..10).inspect(|_| polls.set(polls.get() + 1));
            yielder.yield_all(counted).await;
        }
    });
    let mut stream = ByHand::new(stream);
    for n in 0..10 {
        assert_eq!(stream.item(), n);
        assert_eq!(polls.get(), n + 1);
    }
    stream.is_over();
}

#[test]
fn all_of_a_stream_up_to_its_error() {
    let stream = try_create(|yielder, _| async move {
        yielder.try_yield_all(iter([Ok(1), Ok(2)])).await?;
        let failed = yielder.try_yield_all(iter([Ok(3), Err("first"), Ok(4)])).await;
        assert_eq!(failed, Err("first"));
        yielder.try_yield_all(iter([Err("second")])).await?;
        yielder.yield_item(5).await;
        Ok(())
    });
    assert_eq!(smol::block_on(stream.collect::<Vec<_>>()), [Ok(1), Ok(2), Ok(3), Err("second")]);
}

#[test]
fn an_error_is_the_last_item() {
    let (value, drops) = Dropped::new();
    let mut stream = ByHand::new(try_create(|yielder, _| async move {
        let _value = value;
        yielder.yield_item(1).await;
        Err("no more")?;
        Ok(())
    }));
    assert_eq!(stream.item(), Ok(1));
    assert_eq!(stream.item(), Err("no more"));
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert!(stream.stream.is_terminated());
    stream.is_over();
}

#[test]
fn a_yield_that_is_given_up_takes_its_item_back() {
    let clock = ManualClock::new();
    let (item, drops) = Dropped::new();
    let mut stream = ByHand::new(create(|yielder, _| {
        let clock = &clock;
        async move {
            // The generator goes on although its yield is pending: the item is withdrawn in the same poll.
            let given_up = select(yielder.yield_item(Some(item)), ready(())).await;
            drop(given_up);
            delay_on(clock, std::time::Duration::from_secs(1)).await;
            yielder.yield_item(None).await;
        }
    }));
    assert!(stream.poll().is_pending());
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    clock.advance(std::time::Duration::from_secs(1));
    assert!(stream.item().is_none());
    stream.is_over();
    assert_eq!(clock.armed(), 0);
}

#[test]
fn a_generator_that_never_ends_may_be_left() {
    let mut stream = ByHand::new(create(|yielder, _| async move {
        yielder.yield_item(1).await;
        pending::<()>().await;
    }));
    assert_eq!(stream.item(), 1);
    assert!(stream.poll().is_pending());
    assert!(stream.poll().is_pending());
    assert_eq!(stream.counter.held(), 1, "its waker, for yielders elsewhere");
    let counter = stream.counter.clone();
    drop(stream);
    assert_eq!(counter.held(), 0);
}

#[test]
fn a_stream_in_a_stream_in_a_stream() {
    fn tree(depth: u32) -> std::pin::Pin<Box<dyn futures_util::Stream<Item = u32>>> {
        Box::pin(create(move |yielder, _| async move {
            if depth > 0 {
                yielder.yield_all(tree(depth - 1)).await;
            }
            yielder.yield_item(depth).await;
            if depth > 0 {
                yielder.yield_all(tree(depth - 1)).await;
            }
        }))
    }
    assert_eq!(smol::block_on(tree(2).collect::<Vec<_>>()), [0, 1, 0, 2, 0, 1, 0]);
    assert_eq!(smol::block_on(tree(8).count()), 511);
}
