//! A8, A9 and A13: trees and chains of sources.
//!
//! The nodes lie in a `Vec` in the order of their making. `FORWARD` drops the root first, otherwise the leaves go first.

use super::signal::{Tree, context, pending};
use crate::meter::Meter;
use std::hint::black_box;

/// 1 x 1,000 x 100 nodes; `each_leaf` sees every grandchild.
fn tree<S: Tree>(nodes: &mut Vec<S::Node>, mut each_leaf: impl FnMut(&S::Node)) {
    nodes.push(S::root());
    for _ in 0..1_000 {
        let middle = S::child(&S::parent(&nodes[0]));
        let parent = S::parent(&middle);
        for _ in 0..100 {
            let leaf = S::child(&parent);
            each_leaf(&leaf);
            nodes.push(leaf);
        }
        drop(parent);
        nodes.push(middle);
    }
}

const TREE: usize = 1 + 1_000 + 100_000;

pub(super) fn a8_create<S: Tree>(meter: &mut Meter, n: usize) {
    let mut nodes = Vec::with_capacity(TREE);
    meter.start();
    if n > 0 {
        tree::<S>(&mut nodes, |_| ());
    }
    meter.stop(TREE);
}

pub(super) fn a8_cancel<S: Tree>(meter: &mut Meter, n: usize) {
    let mut nodes = Vec::with_capacity(TREE);
    tree::<S>(&mut nodes, |_| ());
    meter.start();
    if n > 0 {
        S::cancel(&nodes[0]);
    }
    meter.stop(TREE);
}

pub(super) fn a8_drop<S: Tree, const CANCELLED: bool, const FORWARD: bool>(meter: &mut Meter, n: usize) {
    let mut nodes = Vec::with_capacity(TREE);
    tree::<S>(&mut nodes, |_| ());
    if CANCELLED {
        S::cancel(&nodes[0]);
    }
    drop_all::<S, FORWARD>(meter, nodes, n);
}

pub(super) fn a8w<S: Tree>(meter: &mut Meter, n: usize) {
    let mut nodes = Vec::with_capacity(TREE);
    let mut waits = Vec::with_capacity(TREE);
    let mut context = context();
    tree::<S>(&mut nodes, |leaf| {
        let mut wait = Box::pin(S::owned(leaf));
        pending(wait.as_mut(), &mut context);
        waits.push(wait);
    });
    meter.start();
    if n > 0 {
        S::cancel(&nodes[0]);
    }
    meter.stop(TREE);
}

const CHAIN: usize = 100_000;

fn chain<S: Tree>(nodes: &mut Vec<S::Node>, links: usize) {
    if links > 0 {
        nodes.push(S::root());
    }
    for link in 1..links {
        let node = S::child(&S::parent(&nodes[link - 1]));
        nodes.push(node);
    }
}

pub(super) fn a9_create<S: Tree>(meter: &mut Meter, n: usize) {
    let mut nodes = Vec::with_capacity(CHAIN);
    meter.start();
    chain::<S>(&mut nodes, black_box(n.min(1) * CHAIN));
    meter.stop(CHAIN);
}

pub(super) fn a9_cancel<S: Tree>(meter: &mut Meter, n: usize) {
    let mut nodes = Vec::with_capacity(CHAIN);
    chain::<S>(&mut nodes, CHAIN);
    meter.start();
    if n > 0 {
        S::cancel(&nodes[0]);
    }
    meter.stop(CHAIN);
    meter.rounds(1);
}

pub(super) fn a9_drop<S: Tree, const FORWARD: bool>(meter: &mut Meter, n: usize) {
    let mut nodes = Vec::with_capacity(CHAIN);
    chain::<S>(&mut nodes, CHAIN);
    drop_all::<S, FORWARD>(meter, nodes, n);
}

fn drop_all<S: Tree, const FORWARD: bool>(meter: &mut Meter, mut nodes: Vec<S::Node>, n: usize) {
    let count = nodes.len();
    meter.start();
    if n > 0 && FORWARD {
        nodes.drain(..).for_each(drop);
    } else if n > 0 {
        while let Some(node) = nodes.pop() {
            drop(node);
        }
    }
    meter.stop(count);
}

/// `n` middles one below the other, 10,000 leaves below the lowest. The middles' handles go, the lowest first.
pub(super) fn a13<S: Tree>(meter: &mut Meter, n: usize) {
    let root = S::root();
    let mut middles = vec![S::child(&S::parent(&root))];
    for middle in 1..n.max(1) {
        let next = S::child(&S::parent(&middles[middle - 1]));
        middles.push(next);
    }
    let leaves: Vec<S::Node> = {
        let lowest = S::parent(&middles[middles.len() - 1]);
        (0..10_000).map(|_| S::child(&lowest)).collect()
    };
    meter.start();
    if n > 0 {
        while let Some(middle) = middles.pop() {
            drop(middle);
        }
    }
    meter.stop(n);
    meter.rounds(1);
    drop(leaves);
}
