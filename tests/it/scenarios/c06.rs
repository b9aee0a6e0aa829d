//! C6: a chain of a million linked sources is cancelled and dropped, in any order, on a stack of 128 KiB.
use crate::support::Log;
use std::thread;
use taskcell::CancellationTokenSource;

const DEPTH: usize = if cfg!(any(miri, sanitized)) { 300 } else { 1_000_000 };

/// Runs `f` on a thread with a small stack.
fn small_stack(f: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(128 << 10).spawn(f).unwrap().join().unwrap();
}

/// The root first, the leaf last.
fn chain() -> Vec<CancellationTokenSource> {
    let mut line = Vec::with_capacity(DEPTH);
    line.push(CancellationTokenSource::new());
    for n in 1..DEPTH {
        let child = line[n - 1].token().child();
        line.push(child);
    }
    line
}

/// An order that looks random and is the same every time.
fn shuffle<T>(items: &mut [T]) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for n in (1..items.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        items.swap(n, (state >> 33) as usize % (n + 1));
    }
}

#[test]
fn c06_cancelled_from_the_root_then_dropped_root_first() {
    small_stack(|| {
        let (line, log) = (chain(), Log::new());
        let leaf = line.last().unwrap().token();
        let _registration = leaf.register(log.note("leaf"));
        assert!(line[0].cancel());
        assert_eq!(log.take(), ["leaf"]);
        assert!(leaf.is_cancelled());
        assert!(line.iter().all(CancellationTokenSource::is_cancelled));
        drop(leaf);
        line.into_iter().for_each(drop);
    });
}

#[test]
fn c06_dropped_uncancelled_root_first() {
    small_stack(|| chain().into_iter().for_each(drop));
}

#[test]
fn c06_dropped_uncancelled_leaf_first() {
    small_stack(|| chain().into_iter().rev().for_each(drop));
}

#[test]
fn c06_dropped_in_random_order() {
    small_stack(|| {
        let mut line = chain();
        shuffle(&mut line);
        line.into_iter().for_each(drop);
    });
}

#[test]
fn c06_cancelled_then_dropped_leaf_first() {
    small_stack(|| {
        let line = chain();
        line[0].cancel();
        line.into_iter().rev().for_each(drop);
    });
}

#[test]
fn c06_only_the_leaf_is_kept_then_cancelled() {
    small_stack(|| {
        let (mut line, log) = (chain(), Log::new());
        let leaf = line.pop().unwrap().token();
        let root = line.swap_remove(0);
        shuffle(&mut line);
        line.into_iter().for_each(drop);
        let _registration = leaf.register(log.note("leaf"));
        assert!(root.cancel());
        assert!(leaf.is_cancelled());
        assert_eq!(log.take(), ["leaf"]);
    });
}

#[test]
fn c06_only_the_leaf_is_kept_then_dropped() {
    small_stack(|| {
        let leaf = chain().pop().unwrap();
        // Root, middles and their handles are gone; the leaf holds the last reference to all of it.
        assert!(!leaf.is_cancelled());
        let token = leaf.token();
        drop(leaf);
        assert!(!token.can_be_cancelled());
        drop(token);
    });
}

/// Every node has a callback: they run in the order of the links, newest first.
#[test]
fn c06_a_deep_chain_with_a_callback_on_every_node() {
    small_stack(|| {
        let (line, log) = (chain(), Log::new());
        let depth = DEPTH.min(50_000);
        for (n, source) in line.iter().take(depth).enumerate() {
            let log = log.clone();
            // Registered after the link below it, so it runs before the callbacks below.
            source.token().register(move || log.push(n)).detach();
        }
        line[0].cancel();
        let ran = log.take();
        assert!(ran.iter().copied().eq(0..depth));
    });
}

/// A million children side by side is no deeper than one.
#[test]
fn c06_a_wide_tree() {
    small_stack(|| {
        let root = CancellationTokenSource::new();
        let mut children: Vec<_> = (0..DEPTH / 4).map(|_| root.token().child()).collect();
        shuffle(&mut children);
        let kept = children.split_off(children.len() / 2);
        children.into_iter().for_each(drop);
        assert_eq!(root.token().listeners(), kept.len());
        root.cancel();
        assert!(kept.iter().all(CancellationTokenSource::is_cancelled));
    });
}
