//! What is cancelled, in which order that is delivered, and when a source may be new.

use super::super::bells::Bell;
use super::super::plan::{Plan, Trace};
use super::{Source, Tree};
use std::sync::Arc;
use taskcell::{StaticRegistration, StaticSlot};

/// What the model knows of a source.
#[derive(Default)]
pub(super) struct Node {
    /// By a deadline, and from above.
    pub(super) cancelled: Option<(bool, bool)>,
    /// Callbacks of this round, in the order in which they came.
    pub(super) armed: Vec<usize>,
    /// The round of deliveries that cancelled it.
    pub(super) delivery: Option<usize>,
}

pub(super) struct Wait {
    pub(super) id: usize,
    pub(super) node: usize,
    pub(super) slot: Option<StaticSlot<'static>>,
    /// It has a place.
    pub(super) placed: bool,
    /// It was polled with this one, which had rung so often.
    pub(super) bell: Option<(Arc<Bell>, usize)>,
}

impl Wait {
    pub(super) fn sleeps(&self) -> bool {
        self.bell.as_ref().is_some_and(|(bell, seen)| bell.rung() == *seen)
    }
}

pub(super) struct Callback {
    pub(super) node: usize,
    pub(super) registration: Option<StaticRegistration<'static>>,
    /// It may run.
    pub(super) armed: bool,
    pub(super) dropped: bool,
}

/// A cancellation under way: what is to run, in order, and whether something has panicked.
pub(super) struct Delivery {
    pub(super) order: Vec<usize>,
    pub(super) panicked: bool,
    pub(super) over: bool,
}

pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) tree: Tree,
    pub(super) nodes: Vec<Node>,
    pub(super) waits: Vec<Wait>,
    pub(super) callbacks: Vec<Callback>,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) next: usize,
    pub(super) depth: usize,
    pub(super) trace: Trace,
}

impl World {
    pub(super) fn some_node(&mut self) -> (&'static Source, usize) {
        let node = self.plan.below(self.tree.len());
        (self.tree[node].0, node)
    }

    /// How many slots of a node are taken.
    pub(super) fn taken(&self, node: usize) -> usize {
        let links = self.tree.iter().filter(|(_, parent)| *parent == Some(node)).count();
        let waits = self.waits.iter().filter(|wait| wait.node == node && wait.placed).count();
        let callbacks = self.callbacks.iter().filter(|own| own.node == node && own.registration.is_some()).count();
        links + waits + callbacks
    }

    /// Raises the flags.
    pub(super) fn cancel(&mut self, node: usize, deadline: bool) -> Option<usize> {
        if self.nodes[node].cancelled.is_some() {
            return None;
        }
        let id = self.deliveries.len();
        let mut order = Vec::new();
        self.reach(node, id, deadline, false, &mut order);
        self.deliveries.push(Delivery { order, panicked: false, over: false });
        Some(id)
    }

    pub(super) fn reach(&mut self, node: usize, id: usize, deadline: bool, inherited: bool, order: &mut Vec<usize>) {
        let own = &mut self.nodes[node];
        if own.cancelled.is_some() {
            return;
        }
        (own.cancelled, own.delivery) = (Some((deadline, inherited)), Some(id));
        order.extend(std::mem::take(&mut own.armed).into_iter().rev());
        // The links came before everything else.
        for child in (0..self.tree.len()).rev().filter(|child| self.tree[*child].1 == Some(node)) {
            self.reach(child, id, deadline, true, order);
        }
    }

    pub(super) fn all_told(&self, delivery: usize) {
        for wait in &self.waits {
            let ours = self.nodes[wait.node].delivery == Some(delivery) && wait.placed;
            must!(!ours || !wait.sleeps(), "{} was not woken: {}", wait.id, self.trace.clone());
        }
    }

    pub(super) fn may_be_new(&self, node: usize) -> bool {
        let own = &self.nodes[node];
        let parent = self.tree[node].1;
        let unseen = self.waits.iter().any(|wait| wait.node == node && wait.placed && wait.bell.is_some());
        let under_way = own.delivery.is_some_and(|delivery| !self.deliveries[delivery].over);
        let below = parent.is_some_and(|parent| self.nodes[parent].cancelled.is_some());
        own.cancelled.is_none() || !(unseen || under_way || below)
    }
}
