//! The suite's cases of `when_any`; `suite` lists them.
use super::Latch;
use super::exec::Executor;
use std::thread;
use taskcell::{BoxFuture, CancellationTokenSource, Empty, Winner, when_any};

/// Futures that end with their index when their latch is reached.
fn gated(gates: &[Latch]) -> Vec<BoxFuture<'static, usize>> {
    let work = |(index, gate): (usize, &Latch)| -> BoxFuture<'static, usize> {
        let gate = gate.clone();
        Box::pin(async move {
            gate.reached(1).await;
            index
        })
    };
    gates.iter().enumerate().map(work).collect()
}

pub(crate) fn when_any_of_nothing_is_ready(ex: &impl Executor) {
    let outcome = ex.run(async { when_any(Vec::<std::future::Ready<u8>>::new()).await.map(|winner| winner.output) });
    assert_eq!(outcome, Err(Empty));
}

pub(crate) fn when_any_gives_the_first_and_the_rest(ex: &impl Executor) {
    let gates: Vec<_> = (0..20).map(|_| Latch::new()).collect();
    let work = gated(&gates);
    let (opener, first) = (
        thread::spawn({
            let gate = gates[7].clone();
            move || gate.arrive()
        }),
        gates[3].clone(),
    );
    let (won, next) = ex.run(async move {
        let Winner { index, output, rest } = when_any(work).await.unwrap();
        assert_eq!((index, rest.len()), (output, 19));
        first.arrive();
        let next = rest.await.unwrap();
        assert_eq!((next.index, next.rest.len()), (next.output, 18));
        (index, next.index)
    });
    opener.join().unwrap();
    assert_eq!((won, next), (7, 3));
}

pub(crate) fn when_any_is_drained_in_the_order_of_the_ends(ex: &impl Executor) {
    let gates: Vec<_> = (0..50).map(|_| Latch::new()).collect();
    let mut any = when_any(gated(&gates));
    let order: Vec<usize> = (0..50).map(|n| n * 37 % 50).collect();
    let ends = order.clone();
    let seen = ex.run(async move {
        let mut seen = Vec::new();
        for index in ends {
            gates[index].arrive();
            let winner = any.await.unwrap();
            seen.push(winner.output);
            any = winner.rest.into_future();
        }
        assert!(matches!(any.await, Err(Empty)));
        seen
    });
    assert_eq!(seen, order);
}

pub(crate) fn when_any_is_drained_while_threads_open_the_gates(ex: &impl Executor) {
    for _ in 0..super::rounds(200) {
        let gates: Vec<_> = (0..30).map(|_| Latch::new()).collect();
        let mut any = when_any(gated(&gates));
        let threads = [0, 1].map(|half| {
            let gates = gates.clone();
            thread::spawn(move || gates.iter().skip(half).step_by(2).for_each(Latch::arrive))
        });
        let mut seen = ex.run(async move {
            let mut seen = Vec::new();
            while let Ok(winner) = any.await {
                seen.push(winner.output);
                any = winner.rest.into_future();
            }
            seen
        });
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        seen.sort_unstable();
        assert_eq!(seen, (0..30).collect::<Vec<_>>());
    }
}

pub(crate) fn when_any_leaves_nothing_on_a_long_wait(ex: &impl Executor) {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let openers = ex.run(async move {
        let mut openers = Vec::new();
        for round in 0..100 {
            let gate = Latch::new();
            let (long, opened) = (token.clone().cancelled_owned(), gate.clone());
            let long: BoxFuture<'_, usize> = Box::pin(async move {
                long.await;
                usize::MAX
            });
            let short: BoxFuture<'_, usize> = Box::pin(async move {
                if round % 2 == 0 {
                    opened.reached(1).await;
                }
                round
            });
            openers.push(thread::spawn(move || gate.arrive()));
            let winner = when_any([long, short]).await.unwrap();
            assert_eq!((winner.index, winner.output), (1, round));
            drop(winner.rest);
            assert_eq!(token.listeners(), 0);
        }
        openers
    });
    // Not in the task: it may be polled on one of these threads.
    openers.into_iter().for_each(|opener| opener.join().unwrap());
    assert_eq!(source.token().listeners(), 0);
}

pub(crate) fn when_any_rest_may_go_to_another_task(ex: &impl Executor) {
    let gates: Vec<_> = (0..3).map(|_| Latch::new()).collect();
    let work = gated(&gates);
    let done = Latch::new();
    let (told, other) = (done.clone(), ex.clone());
    ex.run(async move {
        gates[1].arrive();
        let rest = when_any(work).await.unwrap().rest;
        other.spawn(async move {
            let winner = rest.await.unwrap();
            assert_eq!((winner.index, winner.rest.len()), (2, 1));
            told.arrive();
        });
        gates[2].arrive();
        done.reached(1).await;
    });
}
