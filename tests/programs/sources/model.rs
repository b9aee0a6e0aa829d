//! What is cancelled, by whom, and in which order that is delivered.

/// Why a node is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    Requested,
    Deadline,
    Error(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listener {
    Callback(usize),
    Child(usize),
}

/// What a source and its tokens have in common.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) parents: Vec<usize>,
    pub(super) cancelled: Option<Why>,
    pub(super) inherited: bool,
    /// In the order in which they came.
    pub(super) listeners: Vec<Listener>,
    /// Handles of the source.
    pub(super) handles: usize,
    /// What else keeps it: tokens, registrations, waiters.
    pub(super) held: usize,
    /// The deadline, and the number of the arming.
    pub(super) timer: Option<(u64, usize)>,
    /// The one that cancelled it.
    pub(super) delivery: Option<usize>,
    /// Its place among its parents' listeners is not known.
    pub(super) moved: bool,
    /// Whether its timer goes on nobody can tell.
    pub(super) uncertain: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Armed,
    /// It runs where it is registered.
    Immediate,
    Running,
    Finished,
    Removed,
}

#[derive(Debug)]
pub(super) struct Callback {
    pub(super) node: usize,
    pub(super) state: State,
    /// What it captured is gone.
    pub(super) dropped: bool,
    /// It may run or not: the source was reset, or only a timer is left that need not be.
    pub(super) doubtful: bool,
}

/// A cancellation, from the first flag to the last callback.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    /// Callbacks in their order.
    pub(super) order: Vec<usize>,
    /// Some node has several ways to it: the order is certain within each node only.
    pub(super) tangled: bool,
    /// A callback that panics ends it.
    pub(super) fail_fast: bool,
    /// Something has panicked that comes out where the callbacks run.
    pub(super) panicked: bool,
    /// Nothing more is to run.
    pub(super) over: bool,
}

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) nodes: Vec<Node>,
    pub(super) callbacks: Vec<Callback>,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) now: u64,
    pub(super) armings: usize,
}

impl Model {
    pub(super) fn is_cancelled(&self, node: usize) -> bool {
        self.nodes[node].cancelled.is_some()
    }

    /// Somebody is left who could cancel it.
    pub(super) fn can_be(&self, node: usize) -> bool {
        let own = &self.nodes[node];
        own.cancelled.is_none()
            && (own.handles > 0 || own.timer.is_some() || own.parents.iter().any(|parent| self.can_be(*parent)))
    }

    /// Whether `node` is cancelled depends on a timer that may have gone.
    pub(super) fn is_uncertain(&self, node: usize) -> bool {
        let own = &self.nodes[node];
        own.uncertain || own.parents.iter().any(|parent| self.is_uncertain(*parent))
    }

    /// Finds the timers that nobody keeps.
    pub(super) fn doubt(&mut self) {
        for node in 0..self.nodes.len() {
            self.nodes[node].uncertain |= self.nodes[node].timer.is_some() && self.timer_is_doubtful(node);
        }
    }

    /// The timer of `node` may have gone with the last that kept it.
    pub(super) fn timer_is_doubtful(&self, node: usize) -> bool {
        let own = &self.nodes[node];
        let child = |listener: &Listener| matches!(listener, Listener::Child(child) if self.is_kept(*child));
        own.handles == 0 && own.held == 0 && !own.listeners.iter().any(child)
    }

    fn is_kept(&self, node: usize) -> bool {
        self.nodes[node].handles > 0 || !self.timer_is_doubtful(node)
    }

    /// A node below `parents`, of which one may be cancelled already.
    pub(super) fn node(&mut self, parents: &[usize]) -> usize {
        let id = self.nodes.len();
        let mut node = Node::default();
        if let Some(gone) = parents.iter().find(|parent| self.is_cancelled(**parent)) {
            (node.cancelled, node.inherited) = (self.nodes[*gone].cancelled, true);
        } else {
            for parent in parents {
                if self.can_be(*parent) && !node.parents.contains(parent) {
                    node.parents.push(*parent);
                }
            }
        }
        for parent in &node.parents {
            self.nodes[*parent].listeners.push(Listener::Child(id));
        }
        self.nodes.push(node);
        id
    }

    /// Raises the flags. The delivery, if this is the first.
    pub(super) fn cancel(&mut self, node: usize, why: Why) -> Option<usize> {
        if self.is_cancelled(node) {
            return None;
        }
        let id = self.deliveries.len();
        let mut delivery = Delivery::default();
        let mut reached = Vec::new();
        self.reach(node, id, why, false, &mut delivery, &mut reached);
        if self.is_uncertain(node) {
            delivery.order.iter().for_each(|callback| self.callbacks[*callback].doubtful = true);
        }
        self.deliveries.push(delivery);
        Some(id)
    }

    fn reach(
        &mut self,
        node: usize,
        id: usize,
        why: Why,
        inherited: bool,
        delivery: &mut Delivery,
        reached: &mut Vec<usize>,
    ) {
        let own = &mut self.nodes[node];
        if own.cancelled.is_some() {
            delivery.tangled |= reached.contains(&node);
            return;
        }
        reached.push(node);
        delivery.tangled |= own.parents.len() > 1 || own.moved;
        (own.cancelled, own.inherited, own.delivery, own.timer) = (Some(why), inherited, Some(id), None);
        for listener in std::mem::take(&mut own.listeners).into_iter().rev() {
            match listener {
                Listener::Callback(callback) if self.callbacks[callback].state == State::Armed => {
                    delivery.order.push(callback);
                }
                Listener::Callback(_) => {}
                Listener::Child(child) => self.reach(child, id, why, true, delivery, reached),
            }
        }
    }

    /// Whether `callback` may be the next to run, in which delivery; that is noted.
    pub(super) fn runs(&mut self, callback: usize) -> Result<usize, String> {
        let Callback { node, state, .. } = self.callbacks[callback];
        if state != State::Armed {
            return Err(format!("callback {callback} runs, though it is {state:?}"));
        }
        let Some(id) = self.nodes[node].delivery else {
            return Err(format!("callback {callback} runs, though nobody has cancelled {node}"));
        };
        let delivery = &self.deliveries[id];
        if delivery.over {
            return Err(format!("callback {callback} runs after its cancellation is over"));
        }
        let (tangled, callbacks) = (delivery.tangled, &self.callbacks);
        let mut waiting = delivery.order.iter().filter(|other| callbacks[**other].state == State::Armed);
        let next = waiting.find(|other| {
            let own = &callbacks[**other];
            **other == callback || (!own.doubtful && (!tangled || own.node == node))
        });
        if next != Some(&callback) {
            return Err(format!("callback {callback} runs before {next:?}"));
        }
        self.callbacks[callback].state = State::Running;
        Ok(id)
    }

    /// Callbacks that should have run.
    pub(super) fn missing(&self, delivery: usize) -> Vec<usize> {
        let left = self.deliveries[delivery].order.iter().copied();
        left.filter(|at| self.callbacks[*at].state == State::Armed && !self.callbacks[*at].doubtful).collect()
    }

    /// The delivery is over: what has not run never will.
    pub(super) fn close(&mut self, delivery: usize) {
        self.deliveries[delivery].over = true;
        for callback in self.deliveries[delivery].order.clone() {
            if self.callbacks[callback].state == State::Armed {
                self.callbacks[callback].state = State::Finished;
            }
        }
    }

    /// The timer that fires next, up to `limit`.
    pub(super) fn due(&self, limit: u64) -> Option<usize> {
        let armed = (0..self.nodes.len()).filter(|node| self.nodes[*node].timer.is_some_and(|(at, _)| at <= limit));
        armed.min_by_key(|node| self.nodes[*node].timer)
    }
}
