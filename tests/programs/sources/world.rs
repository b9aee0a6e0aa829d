//! The sources beside the model.

use super::super::foreign::{guarded, reported};
use super::super::plan::{Plan, Trace};
use super::super::stage::{self, Stage};
use super::model::{Callback, Listener, Model, Node, State, Why};
use super::waits::Wait;
use taskcell::time::ManualClock;
use taskcell::{CancellationToken, CancellationTokenSource, DeferredCallbacks, DropGuard, Registration};

/// What the program holds. Each with the number of its node, callback or delivery.
pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) model: Model,
    pub(super) sources: Vec<(CancellationTokenSource, usize)>,
    pub(super) guards: Vec<(DropGuard, usize)>,
    pub(super) tokens: Vec<(CancellationToken, usize)>,
    pub(super) registrations: Vec<(Registration, usize)>,
    pub(super) deferred: Vec<(DeferredCallbacks, Option<usize>)>,
    pub(super) waits: Vec<Wait>,
    pub(super) clock: ManualClock,
    /// How far the clock is being advanced.
    pub(super) advancing: Option<u64>,
    /// The cancellation by the timer that has fired last.
    pub(super) fired: Option<usize>,
    /// Panics that the hook must be told of.
    pub(super) unreported: bool,
    pub(super) depth: usize,
    pub(super) trace: Trace,
}

thread_local! {
    pub(super) static WORLD: Stage<World> = const { Stage::new(None) };
}

/// The numbers of tokens that belong to no source.
pub(super) const NEVER: usize = 0;
pub(super) const GONE: usize = 1;

impl World {
    pub(super) fn new(plan: Plan) -> Self {
        let gone = Node { cancelled: Some(Why::Requested), ..Node::default() };
        let model = Model { nodes: vec![Node::default(), gone], ..Model::default() };
        Self {
            plan,
            model,
            sources: Vec::new(),
            guards: Vec::new(),
            tokens: vec![(CancellationToken::NONE, NEVER), (CancellationToken::new(true), GONE)],
            registrations: Vec::new(),
            deferred: Vec::new(),
            waits: Vec::new(),
            clock: ManualClock::new(),
            advancing: None,
            fired: None,
            unreported: false,
            depth: 0,
            trace: Trace::default(),
        }
    }

    pub(super) fn note(&self, step: impl std::fmt::Display) {
        self.trace.note(step);
    }

    /// Those who wait on a node that this has cancelled have been woken.
    pub(super) fn all_told(&self, delivery: usize) {
        for wait in &self.waits {
            let ours = self.model.nodes[wait.node].delivery == Some(delivery);
            must!(!ours || !wait.sleeps(), "{} was not woken: {}", wait.id, self.trace.clone());
        }
    }

    /// Something was told that `node` is cancelled: perhaps timers have fired.
    pub(super) fn sync(&mut self, node: usize) {
        while let (false, Some(limit)) = (self.model.is_cancelled(node), self.advancing) {
            if !self.fire(limit) {
                break;
            }
        }
        must!(self.model.is_cancelled(node), "nobody has cancelled {node}: {}", self.trace.clone());
    }

    /// Fires the next timer that is due.
    pub(super) fn fire(&mut self, limit: u64) -> bool {
        self.end_fired();
        let Some(node) = self.model.due(limit) else { return false };
        self.model.now = self.model.nodes[node].timer.map_or(0, |(at, _)| at);
        self.fired = self.model.cancel(node, Why::Deadline);
        true
    }

    /// What a timer that has fired has delivered by now.
    pub(super) fn end_fired(&mut self) {
        if let Some(delivery) = self.fired.take() {
            self.finish(delivery);
            self.unreported |= self.model.deliveries[delivery].panicked;
        }
    }

    /// A delivery has come to its end.
    pub(super) fn finish(&mut self, delivery: usize) {
        self.all_told(delivery);
        let missing = self.model.missing(delivery);
        must!(missing.is_empty(), "{missing:?} have not run: {}", self.trace.clone());
        self.model.close(delivery);
    }
}

pub(super) fn with<R>(f: impl FnOnce(&mut World) -> R) -> R {
    stage::with(&WORLD, f)
}

/// The same for what may be dropped after a program has failed.
pub(super) fn if_there<R>(f: impl FnOnce(&mut World) -> R) -> Option<R> {
    stage::if_there(&WORLD, f)
}

pub(super) fn trace() -> Trace {
    with(|world| world.trace.clone())
}

/// What can be asked, between steps.
pub(super) fn check() {
    with(|world| {
        world.model.doubt();
        let World { model, trace, .. } = world;
        for (token, node) in &world.tokens {
            if model.is_uncertain(*node) {
                continue;
            }
            let cancelled = model.is_cancelled(*node);
            must!(token.is_cancelled() == cancelled, "{node} is cancelled or not: {}", trace);
            must!(token.check().is_err() == cancelled, "{node} is cancelled or not: {}", trace);
            let can = token.can_be_cancelled();
            must!(can == (model.can_be(*node) || cancelled), "{node} can be cancelled or not: {}", trace);
            let node_ = &model.nodes[*node];
            let reason = token.reason();
            must!(reason.is_some() == cancelled, "{node} has a reason or not: {}", trace);
            if let (Some(reason), Some(why), true) = (reason, node_.cancelled, *node > GONE) {
                let error = reason.error().map(ToString::to_string);
                let told = match error {
                    Some(text) => Why::Error(text.parse().unwrap_or(usize::MAX)),
                    None if reason.is_deadline() => Why::Deadline,
                    None => Why::Requested,
                };
                must!(told == why, "{node} is cancelled for {told:?}, not {why:?}: {}", trace);
                let inherited = reason.is_inherited();
                must!(inherited == node_.inherited, "{node}'s reason is inherited or not: {}", trace);
            }
            let callbacks = |listener: &&Listener| match listener {
                Listener::Callback(at) => model.callbacks[*at].state == State::Armed,
                Listener::Child(_) => true,
            };
            let listeners = node_.listeners.iter().filter(callbacks).count();
            let certain = |listener: &Listener| match listener {
                Listener::Callback(at) => !model.callbacks[*at].doubtful,
                Listener::Child(_) => false,
            };
            if model.can_be(*node) && node_.listeners.iter().all(certain) {
                let waits = world.waits.iter().filter(|wait| wait.node == *node && wait.sleeps()).count();
                let told = token.listeners();
                must!(told == listeners + waits, "{node} has {told} listeners: {}", trace);
            }
        }
        let reports = reported() > 0;
        must!(reports == std::mem::take(&mut world.unreported), "reported or not: {}", trace);
    });
}

/// Everything goes, in one order or another; what nobody can cancel any more has been dropped.
pub(super) fn end() {
    let order = with(|world| world.plan.below(3));
    with(|world| world.plan = Plan::default());
    let drop_registrations = || {
        let all: Vec<_> = with(|world| std::mem::take(&mut world.registrations));
        for (registration, callback) in all {
            with(|world| super::callbacks::removed(world, callback));
            drop(registration);
        }
    };
    if order == 0 {
        drop_registrations();
    }
    while with(|world| !world.deferred.is_empty()) {
        super::steps::run_deferred();
    }
    let waits = with(|world| std::mem::take(&mut world.waits));
    drop(waits);
    while let Some((guard, node)) = with(|world| world.guards.pop()) {
        with(|world| world.model.nodes[node].handles -= 1);
        with(|world| world.sources.push((guard.disarm(), node)));
        with(|world| world.model.nodes[node].handles += 1);
    }
    if order == 1 {
        drop_registrations();
    }
    while let Some((source, node)) = with(|world| world.sources.pop()) {
        with(|world| world.model.nodes[node].handles -= 1);
        drop(source);
    }
    let tokens = with(|world| std::mem::take(&mut world.tokens));
    with(|world| world.model.nodes.iter_mut().for_each(|node| node.held = 0));
    drop(tokens);
    drop_registrations();
    // A timer may be left that callbacks wait for.
    with(|world| world.model.doubt());
    super::steps::advance_to(1 << 40);
    with(|world| {
        let left = world.model.callbacks.iter().position(|Callback { dropped, .. }| !dropped);
        must!(left.is_none(), "what callback {left:?} holds is there still: {}", world.trace.clone());
        must!(world.clock.armed() == 0, "a timer stays armed: {}", world.trace.clone());
    });
    let bells = super::waits::bells();
    must!(bells == 0, "{bells} wakers stay: {}", trace());
    let world = WORLD.take();
    guarded(|| drop(world));
}
