//! Hierarchies: order, circles, depth, resets from the top.

use super::{Log, Source, note, poll, register, source, taken};
use std::task::Waker;
use taskcell::Full;

#[test]
fn a_childs_callbacks_run_at_the_place_of_its_link() {
    let log = Log::default();
    let (root, middle, leaf, side) = (source::<4>(), source::<4>(), source::<2>(), source::<3>());
    let mut held = vec![register(root.token(), &log, 1)];
    assert_eq!(middle.link(root), Ok(true));
    held.push(register(root.token(), &log, 7));
    assert_eq!(side.link(root), Ok(true));
    held.push(register(middle.token(), &log, 2));
    assert_eq!(leaf.link(middle), Ok(true));
    held.extend([3, 4].map(|n| register(leaf.token(), &log, n)));
    held.push(register(middle.token(), &log, 6));
    held.extend([8, 9, 10].map(|n| register(side.token(), &log, n)));
    assert!(leaf.slot().is_err(), "full");
    let mut waiter = middle.slot().unwrap();
    assert!(poll(&mut waiter, &note(&log, 0)).is_pending());
    assert!(root.cancel());
    assert_eq!(taken(&log), [0, 10, 9, 8, 7, 6, 4, 3, 2, 1]);
    assert!(middle.is_cancelled() && side.is_cancelled() && leaf.is_cancelled());
    assert!(!middle.try_reset() && !side.try_reset() && !leaf.try_reset(), "their parents are cancelled");
    assert!(root.try_reset() && side.try_reset());
    assert!(!leaf.try_reset() && !middle.try_reset(), "the waiter has not looked");
    assert!(poll(&mut waiter, Waker::noop()).is_ready());
    assert!(middle.try_reset() && leaf.try_reset());
    held.clear();
    // The links keep their age, whatever is registered beside them.
    held.extend([8, 9, 10].map(|n| register(side.token(), &log, n)));
    held.extend([2, 6].map(|n| register(middle.token(), &log, n)));
    held.extend([3, 4].map(|n| register(leaf.token(), &log, n)));
    held.push(register(root.token(), &log, 11));
    assert!(poll(&mut waiter, &note(&log, 0)).is_pending());
    root.cancel();
    assert_eq!(taken(&log), [0, 11, 10, 9, 8, 6, 2, 4, 3]);
}

#[test]
fn wakers_of_the_whole_tree_come_before_callbacks_and_after_the_flags() {
    let log = Log::default();
    let (root, child) = (source::<3>(), source::<3>());
    child.link(root).unwrap();
    let watch = |number: u32| {
        let log = log.clone();
        super::call(move || {
            assert!(root.is_cancelled() && child.is_cancelled());
            log.lock().unwrap().push(number);
        })
    };
    let (mut above, mut below) = (root.slot().unwrap(), child.slot().unwrap());
    assert!(poll(&mut above, &watch(1)).is_pending() && poll(&mut below, &watch(1)).is_pending());
    let callbacks = [register(root.token(), &log, 2), register(child.token(), &log, 3)];
    root.cancel();
    assert_eq!(taken(&log), [1, 1, 2, 3]);
    drop(callbacks);
}

#[test]
fn a_child_that_is_cancelled_by_itself_is_passed_by() {
    let (root, middle, leaf) = (source::<1>(), source::<2>(), source::<1>());
    middle.link(root).unwrap();
    leaf.link(middle).unwrap();
    assert!(middle.cancel() && leaf.is_cancelled() && !root.is_cancelled());
    assert!(root.cancel());
    assert!(!middle.token().reason().unwrap().is_inherited() && leaf.token().reason().unwrap().is_inherited());
    assert!(!leaf.try_reset() && !middle.try_reset());
    assert!(root.try_reset() && !leaf.try_reset() && middle.try_reset() && leaf.try_reset());
    assert!(root.cancel() && middle.is_cancelled() && leaf.is_cancelled());
}

#[test]
fn a_parent_that_is_new_leaves_its_child_cancelled() {
    let (root, child) = (source::<1>(), source::<1>());
    child.link(root).unwrap();
    root.cancel();
    assert!(root.try_reset() && child.is_cancelled());
    assert!(root.cancel() && root.try_reset());
    assert!(child.try_reset() && !child.is_cancelled());
    assert!(root.cancel() && child.is_cancelled());
}

#[test]
fn a_link_to_a_cancelled_parent_holds_when_both_are_new() {
    let (root, child, other) = (source::<1>(), source::<1>(), source::<1>());
    root.cancel();
    assert_eq!((child.link(root), child.link(root)), (Ok(true), Ok(false)));
    assert_eq!(other.link(root), Ok(true), "no slot is needed");
    assert!(child.is_cancelled() && child.token().reason().unwrap().is_inherited());
    assert!(!child.try_reset(), "the parent is cancelled");
    assert!(root.try_reset() && root.token().listeners() == 0);
    assert!(child.try_reset() && root.token().listeners() == 1);
    assert!(!other.try_reset() && other.is_cancelled(), "the parent has no slot for it");
    assert!(root.cancel() && child.is_cancelled());
}

#[test]
fn a_link_waits_for_room_in_the_parent() {
    let (root, child) = (source::<1>(), source::<1>());
    let slot = root.slot().unwrap();
    assert_eq!(child.link(root), Err(Full));
    root.cancel();
    assert_eq!(child.link(root), Ok(true));
    assert!(root.try_reset() && !child.try_reset());
    drop(slot);
    assert!(child.try_reset());
    assert!(root.cancel() && child.is_cancelled());
}

#[test]
fn a_circle_is_cancelled_once_and_for_ever() {
    let log = Log::default();
    let ring: [&'static Source<3>; 4] = std::array::from_fn(|_| source());
    for (i, source) in ring.iter().enumerate() {
        assert_eq!(source.link(ring[(i + 1) % 4]), Ok(true));
    }
    let callbacks: Vec<_> = ring.iter().enumerate().map(|(i, s)| register(s.token(), &log, i as u32)).collect();
    assert!(ring[2].cancel());
    assert_eq!(taken(&log), [2, 1, 0, 3]);
    assert!(ring.iter().all(|source| source.is_cancelled() && !source.try_reset()));
    drop(callbacks);
    let alone = source::<1>();
    assert_eq!(alone.link(alone), Ok(true));
    assert!(alone.cancel() && !alone.try_reset());
}

#[test]
fn a_wide_tree_is_reached_in_full() {
    let log = Log::default();
    let root = source::<14>();
    let mut held = Vec::new();
    for i in 0..14 {
        let child = source::<14>();
        child.link(root).unwrap();
        for j in 0..13 {
            let leaf = source::<2>();
            leaf.link(child).unwrap();
            held.push(register(leaf.token(), &log, i * 13 + j));
        }
    }
    assert!(root.cancel());
    assert!(taken(&log).into_iter().eq((0..14 * 13).rev()));
}

#[test]
fn a_chain_of_a_hundred_thousand_on_a_small_stack() {
    let run = || {
        let log = Log::default();
        let root = source::<2>();
        let mut last = root;
        let mut all = vec![root];
        for _ in 0..100_000 {
            let child = source::<2>();
            assert_eq!(child.link(last), Ok(true));
            last = child;
            all.push(child);
        }
        let mut slot = last.slot().unwrap();
        assert!(poll(&mut slot, &note(&log, 1)).is_pending());
        let first = register(root.token(), &log, 3);
        let end = register(last.token(), &log, 2);
        assert!(root.cancel());
        assert_eq!(taken(&log), [1, 3, 2]);
        assert!(poll(&mut slot, Waker::noop()).is_ready());
        assert!(all.iter().all(|source| source.try_reset()));
        drop((first, end));
        assert!(root.cancel() && last.is_cancelled());
    };
    std::thread::Builder::new().stack_size(128 * 1024).spawn(run).unwrap().join().unwrap();
}
