//! How each task ends. Tasks are numbers; those that come of others know of which.

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Out {
    Value(usize),
    Faulted(Vec<usize>),
    Cancelled,
    Abandoned,
    Panicked,
}

/// Where a task comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Source,
    /// With a closure that is called for a value.
    Then(usize),
    /// With a closure that is called for anything but a value.
    OrElse(usize),
    /// With a closure that is called.
    Finally(usize),
    Continue(usize),
    /// With a closure that is called when all have ended.
    All(Vec<usize>),
    /// With a closure that is called when one has.
    Any(Vec<usize>),
    /// As the second one, once the first has ended with a value.
    Flatten(usize, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closure {
    /// It may be called.
    Waits,
    Runs,
    /// It was called, or is not needed, or there is none.
    Done,
}

/// One who is told when a task ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listener {
    Task(usize),
    Wait(usize),
}

#[derive(Debug)]
pub(super) struct Cell {
    pub(super) origin: Origin,
    pub(super) closure: Closure,
    /// What the closure captured is gone.
    pub(super) dropped: bool,
    pub(super) out: Option<Out>,
    /// It is pending for good.
    pub(super) dead: bool,
    pub(super) sources: usize,
    /// In the order in which they came, before the end.
    pub(super) listeners: Vec<Listener>,
}

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) cells: Vec<Cell>,
}

impl Model {
    pub(super) fn cell(&mut self, origin: Origin) -> usize {
        let id = self.cells.len();
        let mut closure = Closure::Waits;
        match &origin {
            Origin::Source | Origin::Flatten(..) => closure = Closure::Done,
            Origin::Then(of) | Origin::OrElse(of) | Origin::Finally(of) | Origin::Continue(of) => {
                if self.cells[*of].out.is_none() {
                    self.cells[*of].listeners.push(Listener::Task(id));
                }
            }
            Origin::All(_) | Origin::Any(_) => {}
        }
        let dropped = closure == Closure::Done;
        let sources = 0;
        self.cells.push(Cell { origin, closure, dropped, out: None, dead: false, sources, listeners: Vec::new() });
        self.settle();
        id
    }

    pub(super) fn out(&self, cell: usize) -> Option<&Out> {
        self.cells[cell].out.as_ref()
    }

    fn has_value(&self, cell: usize) -> bool {
        matches!(self.out(cell), Some(Out::Value(_)))
    }

    /// Whether what `cell` waits for has come, so that its closure is to be called.
    pub(super) fn is_due(&self, cell: usize) -> bool {
        match &self.cells[cell].origin {
            Origin::Source | Origin::Flatten(..) => false,
            Origin::Then(of) => self.has_value(*of),
            Origin::OrElse(of) => self.out(*of).is_some() && !self.has_value(*of),
            Origin::Finally(of) | Origin::Continue(of) => self.out(*of).is_some(),
            Origin::All(of) => of.iter().all(|of| self.out(*of).is_some()),
            Origin::Any(of) => of.is_empty() || of.iter().any(|of| self.out(*of).is_some()),
        }
    }

    /// What follows from what is known, without a closure: outcomes that are passed on, and tasks that wait for good.
    pub(super) fn settle(&mut self) {
        loop {
            let mut changed = false;
            for id in 0..self.cells.len() {
                if self.cells[id].out.is_some() || self.cells[id].dead {
                    continue;
                }
                let (of, passes) = match &self.cells[id].origin {
                    Origin::Then(of) => (*of, self.out(*of).is_some() && !self.has_value(*of)),
                    Origin::OrElse(of) => (*of, self.has_value(*of)),
                    Origin::Flatten(outer, inner) => {
                        let of = if self.has_value(*outer) { *inner } else { *outer };
                        (of, self.out(*outer).is_some() && self.out(of).is_some())
                    }
                    _ => (id, false),
                };
                if passes {
                    self.cells[id].out = self.cells[of].out.clone();
                    self.cells[id].closure = Closure::Done;
                    changed = true;
                } else if self.never_ends(id) {
                    self.cells[id].dead = true;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
    }

    fn never_ends(&self, cell: usize) -> bool {
        let dead = |of: &usize| self.cells[*of].dead;
        match &self.cells[cell].origin {
            Origin::Source => false,
            Origin::Then(of) | Origin::OrElse(of) | Origin::Finally(of) | Origin::Continue(of) => dead(of),
            Origin::All(of) => of.iter().any(dead),
            Origin::Any(of) => !of.is_empty() && of.iter().all(dead),
            Origin::Flatten(outer, inner) => dead(outer) || (self.has_value(*outer) && dead(inner)),
        }
    }

    /// Whether `listener` is told of the end of `cell` before others that came before it and have not been.
    pub(super) fn overtakes(
        &self,
        cell: usize,
        listener: Listener,
        sleeps: impl Fn(usize) -> bool,
    ) -> Option<Listener> {
        let listeners = &self.cells[cell].listeners;
        let at = listeners.iter().position(|own| *own == listener)?;
        let waits = |own: &&Listener| match **own {
            Listener::Task(task) => self.cells[task].closure == Closure::Waits && self.is_due(task),
            Listener::Wait(wait) => sleeps(wait),
        };
        listeners[..at].iter().find(waits).copied()
    }
}
