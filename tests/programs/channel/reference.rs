//! A channel that is simple enough to be right: one thread, no wakers, everything looked for from the start.
use std::collections::{HashSet, VecDeque};
use taskcell::channel::FullMode;

/// How the model orders the smallest first: so that the order is neither that of coming nor its opposite.
pub(super) fn key(item: u32) -> u32 {
    item.wrapping_mul(0x9e37_79b9) >> 8
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Fifo,
    Lifo,
    Priority,
    /// A storage of the caller's: as `Fifo`, but it never gives way to a new item.
    Own,
}

/// How a channel ends, as far as a test can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Closed,
    Faulted(u32),
    Cancelled,
}

/// What a future ends with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Out {
    Read(Result<u32, End>),
    MayRead(Result<bool, End>),
    Wrote(Result<(), (u32, End)>),
    MayWrite(Result<bool, End>),
    Reserved(Result<(), End>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Read,
    MayRead,
    Write(u32),
    MayWrite,
    Reserve,
}

/// A future, as the model sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Op {
    pub(super) id: usize,
    pub(super) what: What,
    /// It has not been polled before.
    pub(super) first: bool,
    /// It was woken since it was polled last.
    pub(super) woken: bool,
    /// Its token is cancelled.
    pub(super) cancelled: bool,
}

/// What the channel ought to be.
pub(super) struct Model {
    pub(super) kind: Kind,
    pub(super) mode: FullMode,
    pub(super) capacity: usize,
    /// As they came.
    pub(super) items: Vec<u32>,
    /// Those that wait for room, with their item or for a permit.
    pub(super) line: VecDeque<(usize, Option<u32>)>,
    /// Those that have what they want, and do not know yet.
    pub(super) granted: HashSet<usize>,
    pub(super) permits: usize,
    /// Those whose token is cancelled, and who have not seen it.
    pub(super) cancelled: HashSet<usize>,
    /// Reads that wait.
    pub(super) reads: HashSet<usize>,
    pub(super) end: Option<End>,
    pub(super) finished: bool,
    pub(super) evicted: Vec<u32>,
}

impl Model {
    pub(super) fn new(kind: Kind, mode: FullMode, capacity: usize) -> Self {
        Self {
            kind,
            mode,
            capacity,
            items: Vec::new(),
            line: VecDeque::new(),
            granted: HashSet::new(),
            permits: 0,
            cancelled: HashSet::new(),
            reads: HashSet::new(),
            end: None,
            finished: false,
            evicted: Vec::new(),
        }
    }

    pub(super) fn head(&self) -> Option<usize> {
        match self.kind {
            Kind::Fifo | Kind::Own => (!self.items.is_empty()).then_some(0),
            Kind::Lifo => self.items.len().checked_sub(1),
            Kind::Priority => (0..self.items.len()).min_by_key(|at| key(self.items[*at])),
        }
    }

    fn supply(&self) -> usize {
        self.items.len() + if self.capacity == 0 { self.line.len() } else { 0 }
    }

    pub(super) fn has_room(&self) -> bool {
        if self.capacity == 0 {
            return self.items.len() + self.permits + self.line.len() < self.reads.len();
        }
        let promised = if self.mode == FullMode::Wait { self.permits } else { 0 };
        self.items.len() + promised < self.capacity
    }

    /// The item that gives way.
    fn overflow(&mut self, item: u32) {
        let at = match (self.mode, self.kind) {
            _ if self.capacity == 0 => None,
            (FullMode::DropOldest, Kind::Fifo | Kind::Lifo) => Some(0),
            (FullMode::DropOldest, Kind::Priority) => self.head(),
            (FullMode::DropNewest, Kind::Fifo | Kind::Lifo) => Some(self.items.len() - 1),
            _ => None,
        };
        match at {
            Some(at) => {
                let gone = self.items.remove(at);
                self.evicted.push(gone);
                self.items.push(item);
            }
            None => self.evicted.push(item),
        }
    }

    /// Puts an item in. None: it is full.
    pub(super) fn put(&mut self, item: u32) -> Option<Result<(), End>> {
        if let Some(end) = self.end {
            return Some(Err(end));
        }
        if self.has_room() {
            self.items.push(item);
        } else if self.mode == FullMode::Wait {
            return None;
        } else {
            self.overflow(item);
        }
        Some(Ok(()))
    }

    pub(super) fn reserve(&mut self) -> Option<Result<(), End>> {
        if let Some(end) = self.end {
            return Some(Err(end));
        }
        (self.mode != FullMode::Wait || self.has_room()).then(|| {
            self.permits += 1;
            Ok(())
        })
    }

    pub(super) fn take(&mut self) -> Option<u32> {
        self.dismiss();
        let item = match self.head() {
            Some(at) => self.items.remove(at),
            None if self.capacity == 0 => {
                let (id, item) = self.line.pop_front()?;
                self.granted.insert(id);
                item?
            }
            None => return None,
        };
        self.settle();
        Some(item)
    }

    /// Those who are cancelled meet no reader.
    fn dismiss(&mut self) {
        while self.capacity == 0 && self.line.front().is_some_and(|(id, _)| self.cancelled.contains(id)) {
            self.line.pop_front();
        }
    }

    /// Lets those in who wait for room, and finds the end.
    fn settle(&mut self) {
        while self.capacity > 0 && !self.line.is_empty() && self.has_room() {
            let Some((id, item)) = self.line.pop_front() else { break };
            if self.cancelled.contains(&id) {
                continue;
            }
            self.granted.insert(id);
            match item {
                Some(item) => self.items.push(item),
                None => self.permits += 1,
            }
        }
        self.finished |= self.end.is_some() && self.items.is_empty() && self.permits == 0;
    }

    /// What readers see of the end.
    pub(super) fn seen_end(&self) -> Option<End> {
        self.end.filter(|_| self.finished)
    }

    pub(super) fn take_all(&mut self) -> Vec<u32> {
        let mut all = Vec::new();
        while let Some(at) = self.head() {
            all.push(self.items.remove(at));
        }
        while self.capacity == 0 && !self.line.is_empty() {
            all.extend(self.take());
        }
        self.settle();
        all
    }

    pub(super) fn use_permit(&mut self, item: u32) -> Result<(), ()> {
        self.permits -= 1;
        if self.finished {
            return Err(());
        }
        if self.mode == FullMode::Wait || self.has_room() {
            self.items.push(item);
        } else {
            self.overflow(item);
        }
        self.settle();
        Ok(())
    }

    pub(super) fn drop_permit(&mut self) {
        self.permits -= 1;
        self.settle();
    }

    pub(super) fn close(&mut self, end: End) -> bool {
        if self.end.is_some() {
            return false;
        }
        self.end = Some(end);
        // Each has its item back.
        self.line.clear();
        self.settle();
        true
    }

    /// By the channel's own token, which is no end that readers and writers see as one of its own.
    pub(super) fn cancel(&mut self) {
        if !self.finished {
            self.end = Some(End::Closed);
            self.discard();
        }
    }

    fn discard(&mut self) {
        self.line.clear();
        self.items.clear();
        self.finished = true;
    }

    /// Who is there.
    pub(super) fn handles(&mut self, writers: usize, readers: usize) {
        if writers == 0 {
            self.close(End::Closed);
        }
        if readers == 0 && !self.finished {
            self.close(End::Closed);
            self.discard();
        }
    }

    /// What a poll of `op` must give, and does. None: it waits.
    pub(super) fn poll(&mut self, op: &Op) -> Option<Out> {
        let (first, end) = (op.first, self.end);
        let woken = first || op.woken;
        let seen_end = self.seen_end();
        let cancelled = op.cancelled.then_some(End::Cancelled);
        match op.what {
            What::Read => {
                if woken && cancelled.is_none() {
                    self.dismiss();
                }
                let out = match cancelled {
                    Some(cancelled) => Some(Err(cancelled)),
                    None if woken && self.supply() > 0 => {
                        self.reads.remove(&op.id);
                        self.take().map(Ok)
                    }
                    None => seen_end.map(Err),
                };
                match out {
                    Some(_) => self.reads.remove(&op.id),
                    None => self.reads.insert(op.id),
                };
                out.map(Out::Read)
            }
            What::MayRead => {
                let answer = woken && (!first || self.supply() > 0);
                let out = cancelled.map(Err).or(seen_end.map(may)).or(answer.then_some(Ok(true)));
                out.map(Out::MayRead)
            }
            What::MayWrite => {
                let could = self.mode != FullMode::Wait || self.has_room();
                let answer = woken && (!first || could);
                cancelled.map(Err).or(end.map(may)).or(answer.then_some(Ok(true))).map(Out::MayWrite)
            }
            What::Write(item) => {
                let out = if self.granted.remove(&op.id) {
                    Some(Ok(()))
                } else if let Some(cancelled) = cancelled {
                    self.leave(op.id);
                    Some(Err(cancelled))
                } else if first {
                    self.put(item)
                } else {
                    end.map(Err)
                };
                if first && out.is_none() {
                    self.line.push_back((op.id, Some(item)));
                }
                out.map(|out| Out::Wrote(out.map_err(|end| (item, end))))
            }
            What::Reserve => {
                let out = if let Some(cancelled) = cancelled {
                    // A permit that it does not know of is for others.
                    self.dropped(op);
                    Some(Err(cancelled))
                } else if self.granted.remove(&op.id) {
                    Some(Ok(()))
                } else if first || (self.capacity == 0 && woken) {
                    self.reserve()
                } else {
                    end.map(Err)
                };
                if first && out.is_none() && self.capacity > 0 {
                    self.line.push_back((op.id, None));
                }
                out.map(Out::Reserved)
            }
        }
    }

    /// Whether `op`, which was not woken, waits for something.
    pub(super) fn may_wait(&self, op: &Op) -> bool {
        let could = self.mode != FullMode::Wait || self.has_room();
        let waits = match op.what {
            What::Read | What::MayRead => self.supply() == 0 && !self.finished,
            What::Write(_) => self.end.is_none() && (self.capacity == 0 || !could),
            What::MayWrite | What::Reserve => self.end.is_none() && !could,
        };
        waits && !op.cancelled && !self.granted.contains(&op.id)
    }

    fn leave(&mut self, id: usize) {
        self.line.retain(|(other, _)| *other != id);
    }

    /// A future goes without having ended.
    pub(super) fn dropped(&mut self, op: &Op) {
        self.reads.remove(&op.id);
        self.cancelled.remove(&op.id);
        self.leave(op.id);
        if self.granted.remove(&op.id) && op.what == What::Reserve {
            self.permits -= 1;
            self.settle();
        }
    }
}

/// What those see who only wait: nothing wrong in an end without a fault.
fn may(end: End) -> Result<bool, End> {
    match end {
        End::Faulted(_) => Err(end),
        End::Closed | End::Cancelled => Ok(false),
    }
}
