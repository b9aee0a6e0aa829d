//! C15: when the first waker and the first callback run, every descendant already reads as cancelled.
use crate::support::hooked::Hooks;
use crate::support::{Log, poll_with};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use taskcell::{CancellationToken, CancellationTokenSource};

/// The root first, then three levels of three each.
fn tree() -> Vec<CancellationTokenSource> {
    let mut nodes = vec![CancellationTokenSource::new()];
    let mut level = 0..1;
    for _ in 0..3 {
        let next = nodes.len();
        for parent in level.clone() {
            for _ in 0..3 {
                let child = nodes[parent].token().child();
                nodes.push(child);
            }
        }
        level = next..nodes.len();
    }
    nodes
}

/// Whether all read as cancelled, say why, and run a registration inline exactly once.
fn all_are_cancelled(tokens: &[CancellationToken]) -> bool {
    tokens.iter().all(|token| {
        let log = Log::new();
        let registration = token.register(log.note(()));
        let empty = registration.id() == taskcell::Registration::default().id();
        token.is_cancelled() && token.reason().is_some() && log.len() == 1 && empty
    })
}

#[test]
fn c15_in_the_first_waker() {
    for place in [0, 1, 12, 39] {
        let nodes = tree();
        let tokens: Vec<_> = nodes.iter().map(CancellationTokenSource::token).collect();
        let good = Arc::new(AtomicBool::new(false));
        let (seen, below) = (good.clone(), tokens.clone());
        let (waker, hooks) =
            Hooks::new().on_wake(move || seen.store(all_are_cancelled(&below), Ordering::SeqCst)).waker();
        let mut wait = tokens[place].cancelled();
        assert!(poll_with(&waker, &mut wait).is_pending());
        nodes[0].cancel();
        assert_eq!(hooks.wakes.load(Ordering::SeqCst), 1);
        assert!(good.load(Ordering::SeqCst), "a waker on node {place} saw a live descendant");
        // Nothing above holds the tokens alive through the hook.
        drop(wait);
    }
}

#[test]
fn c15_in_the_first_callback_and_in_every_later_one() {
    let nodes = tree();
    let tokens: Arc<Vec<_>> = Arc::new(nodes.iter().map(CancellationTokenSource::token).collect());
    let log = Log::new();
    for token in tokens.iter() {
        let (seen, tokens) = (log.clone(), tokens.clone());
        token.register(move || seen.push(all_are_cancelled(&tokens))).detach();
    }
    nodes[0].cancel();
    let ran = log.take();
    assert_eq!(ran.len(), 40);
    assert!(ran.into_iter().all(|good| good));
}

#[test]
fn c15_wakers_go_before_callbacks() {
    let nodes = tree();
    let log = Log::new();
    let waits: Vec<_> = nodes
        .iter()
        .map(|node| {
            node.token().register(log.note("callback")).detach();
            let log = log.clone();
            let (waker, _) = Hooks::new().on_wake(move || log.push("waker")).waker();
            let mut wait = node.token().cancelled_owned();
            assert!(poll_with(&waker, &mut wait).is_pending());
            wait
        })
        .collect();
    nodes[0].cancel();
    let ran = log.take();
    assert_eq!(ran.len(), 80);
    assert!(ran[..40].iter().all(|kind| *kind == "waker"));
    assert!(ran[40..].iter().all(|kind| *kind == "callback"));
    drop(waits);
}

/// G10: a linked child's callbacks run at the place of its link, depth first, newest first.
#[test]
fn c15_a_childs_callbacks_run_at_the_place_of_its_link() {
    let (root, log) = (CancellationTokenSource::new(), Log::new());
    let note = |source: &CancellationTokenSource, name| source.token().register(log.note(name)).detach();
    note(&root, "r1");
    let a = root.token().child();
    note(&root, "r2");
    let b = root.token().child();
    note(&root, "r3");
    // Registered later than everything above: their place is their source's link.
    note(&a, "a1");
    let c = a.token().child();
    note(&a, "a2");
    note(&c, "c1");
    note(&b, "b1");
    note(&b, "b2");
    root.cancel();
    assert_eq!(log.take(), ["r3", "b2", "b1", "r2", "a2", "c1", "a1", "r1"]);
}

/// The order holds across inline slots and chunks, and when slots were given back and used again.
#[test]
fn c15_the_order_survives_reuse() {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    let mut live = Vec::new();
    let mut state = 12_345_u32;
    for n in 0..500 {
        live.push((n, source.token().register(log.note(n))));
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        if state >> 16 & 1 == 1 {
            let index = (state >> 17) as usize % live.len();
            drop(live.swap_remove(index));
        }
    }
    let mut expected: Vec<_> = live.iter().map(|(n, _)| *n).collect();
    expected.sort_unstable_by(|a, b| b.cmp(a));
    source.cancel();
    assert_eq!(log.take(), expected);
}

/// A diamond is cancelled once, at one place.
#[test]
fn c15_a_diamond_runs_once() {
    let (root, log) = (CancellationTokenSource::new(), Log::new());
    let (left, right) = (root.token().child(), root.token().child());
    let bottom = CancellationTokenSource::linked(&[left.token(), right.token()]);
    bottom.token().register(log.note("bottom")).detach();
    left.token().register(log.note("left")).detach();
    right.token().register(log.note("right")).detach();
    root.cancel();
    let mut ran = log.take();
    ran.sort_unstable();
    assert_eq!(ran, ["bottom", "left", "right"]);
}
