//! Models of lines with groups behind their heads, used again, reserved, and freed.
#![cfg(loom)]

use taskcell::{CancellationTokenSource, TryRegisterError};
use taskcell_loom_tests::cells::{Source, told, value, waiting};
use taskcell_loom_tests::{Bound, Drops, Wakes, model, name, poll_once};

/// As many as a head, two groups and a bit of a third have room for.
const MANY: usize = 9;

/// A source begins anew with the groups that it has, and takes more.
#[test]
fn reset_of_a_cell_with_groups() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, mut source) = (Drops::new(), Source::new());
        for count in [MANY - 2, MANY - 2, 3, 2 * MANY] {
            let wakes = Wakes::new();
            let task = source.task();
            let futures: Vec<_> = (0..count).map(|_| waiting(&task, &wakes)).collect();
            assert_eq!(task.listeners(), count);
            source.set_result(value(&drops, 1));
            assert_eq!((wakes.count(), wakes.live()), (count, 0));
            futures.into_iter().for_each(|future| assert_eq!(told(future), Some(1)));
            drop(task);
            assert!(source.try_reset());
            assert_eq!(drops.live(), 0);
        }
    });
}

/// A source for cancellation that has reserved its slots: there are as many when all have been given back.
#[test]
fn reserved_groups_of_a_source() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, source) = (Drops::new(), CancellationTokenSource::with_capacity(MANY));
        let (token, mut room) = (source.token(), None);
        for _ in 0..3 {
            let mut kept = Vec::new();
            let refused = loop {
                let tracked = drops.track();
                match token.try_register(|| drop(tracked)) {
                    Ok(registration) => kept.push(registration),
                    Err(refused) => break refused,
                }
            };
            assert!(matches!(refused, TryRegisterError::Full(_)));
            assert!(kept.len() >= MANY);
            assert_eq!((*room.get_or_insert(kept.len()), token.listeners()), (kept.len(), kept.len()));
            drop((refused, kept));
            assert_eq!((drops.live(), token.listeners()), (0, 0));
        }
        drop(token);
        source.cancel();
    });
}

/// All who wait go again, and then the handles: groups that nobody has sealed are freed.
#[test]
fn groups_of_a_cell_that_nobody_completes() {
    model(name!(), Bound::Exhaustive, || {
        let (wakes, (source, task)) = (Wakes::new(), Source::pair());
        let mut futures: Vec<_> = (0..MANY).map(|_| waiting(&task, &wakes)).collect();
        assert!(poll_once(&mut futures[0], &wakes.waker()).is_pending());
        drop(futures);
        assert_eq!((task.listeners(), wakes.live()), (0, 0));
        drop(task);
        drop(source);
        assert_eq!(wakes.count(), 0);
    });
}
