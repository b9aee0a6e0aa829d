//! The channel beside the model, and the steps that both take.
use super::super::bells::Bell;
use super::super::plan::Plan;
use super::parts::{Item, Own, bell, may, read, reserved, same, wrote};
use super::reference::{End, Kind, Model, Op, Out, What, key};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use taskcell::channel::{
    ChannelOptions, FullMode, Permit, Reader, TryReadError, TryReserveError, TryWriteError, Writer,
};
use taskcell::{CancellationTokenSource, Task};

type Permits = Arc<Mutex<Vec<Permit<Item, u32>>>>;

/// A future that waits.
struct Waiting {
    id: usize,
    what: What,
    future: Pin<Box<dyn Future<Output = Out>>>,
    waker: Arc<Bell>,
    first: bool,
    /// The wakes that it has answered.
    seen: usize,
    source: Option<CancellationTokenSource>,
}

impl Waiting {
    fn op(&self) -> Op {
        let cancelled = self.source.as_ref().is_some_and(CancellationTokenSource::is_cancelled);
        Op { id: self.id, what: self.what, first: self.first, woken: self.waker.rung() > self.seen, cancelled }
    }
}

pub(super) struct World {
    plan: Plan,
    /// What to say when something is wrong.
    what: String,
    model: Model,
    waiting: Vec<Waiting>,
    permits: Permits,
    writers: Vec<Writer<Item, u32>>,
    readers: Vec<Arc<Reader<Item, u32>>>,
    /// Stays when all handles are gone.
    completion: Task<(), u32>,
    evicted: Arc<Mutex<Vec<u32>>>,
    alive: Arc<()>,
    next: u32,
    next_id: usize,
    token: CancellationTokenSource,
}

impl World {
    pub(super) fn new(kind: Kind, mode: FullMode, capacity: usize, plan: Plan) -> Self {
        let evicted = Arc::<Mutex<Vec<u32>>>::default();
        let token = CancellationTokenSource::new();
        let log = evicted.clone();
        let options = ChannelOptions::bounded(capacity).full_mode(mode).token(&token.token());
        let options = options.on_dropped(move |item: Item| log.lock().unwrap().push(item.0));
        let options = match kind {
            Kind::Fifo => options,
            Kind::Lifo => options.lifo(),
            Kind::Priority => options.prioritized_by(|a, b| key(a.0).cmp(&key(b.0))),
            Kind::Own => options.storage(Own::default()),
        };
        let (writer, reader) = options.with_error().create();
        Self {
            plan,
            what: format!("{kind:?} {mode:?} {capacity}:"),
            model: Model::new(kind, mode, capacity),
            waiting: Vec::new(),
            permits: Permits::default(),
            completion: reader.completion(),
            writers: vec![writer],
            readers: vec![Arc::new(reader)],
            evicted,
            alive: Arc::default(),
            next: 0,
            next_id: 0,
            token,
        }
    }

    fn note(&mut self, step: impl Into<String>) {
        self.what.push(' ');
        self.what.push_str(&step.into());
    }

    fn item(&mut self) -> Item {
        self.next += 1;
        Item(self.next, self.alive.clone())
    }

    fn one_of(&mut self, n: usize) -> usize {
        self.plan.below(n)
    }

    /// Makes a step; false once the program is over.
    pub(super) fn step(&mut self) -> bool {
        match self.plan.below(24) {
            0 | 1 => self.try_write(),
            2 | 3 => self.try_read(),
            4 | 5 => self.start(What::Read),
            6 | 7 => {
                let item = self.next + 1;
                self.start(What::Write(item));
            }
            8 => self.start(What::Reserve),
            9 => self.start(What::MayRead),
            10 => self.start(What::MayWrite),
            11 | 12 if !self.waiting.is_empty() => {
                let at = self.one_of(self.waiting.len());
                self.poll(at);
            }
            13 | 14 if !self.waiting.is_empty() => {
                let at = self.one_of(self.waiting.len());
                self.note(format!("drop{}", self.waiting[at].id));
                let gone = self.waiting.remove(at);
                self.model.dropped(&gone.op());
                drop(gone);
                self.count_handles();
            }
            15 if !self.waiting.is_empty() => {
                let at = self.one_of(self.waiting.len());
                self.note(format!("cancel{}", self.waiting[at].id));
                if let Some(source) = &self.waiting[at].source {
                    source.cancel();
                    self.model.cancelled.insert(self.waiting[at].id);
                }
            }
            16 => self.try_reserve(),
            17 => self.use_permit(),
            18 => self.drop_permit(),
            19 | 20 => self.settle(),
            21 if self.plan.once_in(4) => self.try_read_all(),
            22 if self.plan.once_in(8) => self.complete(),
            23 if self.plan.once_in(4) => self.handles(),
            _ => {}
        }
        self.check();
        !self.plan.is_over()
    }

    fn try_write(&mut self) {
        let Some(at) = self.any_writer() else { return };
        let item = self.item();
        let number = item.0;
        self.note(format!("tw{number}"));
        let answer = match self.writers[at].try_write(item) {
            Ok(()) => Some(Ok(())),
            Err(TryWriteError::Full(item)) => same(item.0, number, None),
            Err(TryWriteError::Closed(item)) => same(item.0, number, Some(Err(End::Closed))),
            Err(TryWriteError::Faulted(item, fault)) => same(item.0, number, Some(Err(End::Faulted(*fault)))),
            Err(_) => unreachable!(),
        };
        assert_eq!(answer, self.model.put(number), "{}", self.what);
    }

    fn try_read(&mut self) {
        let Some(at) = self.any_reader() else { return };
        self.note("tr");
        let answer = match self.readers[at].try_read() {
            Ok(item) => Ok(item.0),
            Err(TryReadError::Empty) => Err(None),
            Err(TryReadError::Closed) => Err(Some(End::Closed)),
            Err(TryReadError::Faulted(fault)) => Err(Some(End::Faulted(*fault))),
            Err(_) => unreachable!(),
        };
        let expected = self.model.take().ok_or(self.model.seen_end());
        assert_eq!(answer, expected, "{}", self.what);
    }

    fn try_read_all(&mut self) {
        let Some(at) = self.any_reader() else { return };
        self.note("all");
        let all: Vec<_> = self.readers[at].try_read_all().into_iter().map(|item| item.0).collect();
        assert_eq!(all, self.model.take_all(), "{}", self.what);
    }

    fn try_reserve(&mut self) {
        let Some(at) = self.any_writer() else { return };
        self.note("tres");
        let answer = match self.writers[at].try_reserve() {
            Ok(permit) => {
                self.permits.lock().unwrap().push(permit);
                Some(Ok(()))
            }
            Err(TryReserveError::Full) => None,
            Err(TryReserveError::Closed) => Some(Err(End::Closed)),
            Err(TryReserveError::Faulted(fault)) => Some(Err(End::Faulted(*fault))),
            Err(_) => unreachable!(),
        };
        assert_eq!(answer, self.model.reserve(), "{}", self.what);
    }

    fn use_permit(&mut self) {
        let Some(permit) = self.permits.lock().unwrap().pop() else { return };
        let item = self.item();
        let number = item.0;
        self.note(format!("use{number}"));
        let answer = permit.write(item).map_err(|error| error.into_inner().0);
        assert_eq!(answer, self.model.use_permit(number).map_err(|()| number), "{}", self.what);
    }

    fn drop_permit(&mut self) {
        let permit = self.permits.lock().unwrap().pop();
        if permit.is_some() {
            self.note("unuse");
            drop(permit);
            self.model.drop_permit();
        }
    }

    fn complete(&mut self) {
        if self.plan.once_in(3) {
            self.note("cancel");
            self.token.cancel();
            self.model.cancel();
            return;
        }
        let Some(at) = self.any_writer() else { return };
        self.note("complete");
        if self.plan.once_in(2) {
            assert_eq!(self.writers[at].try_complete(), self.model.close(End::Closed), "{}", self.what);
        } else {
            let answer = self.writers[at].try_complete_with(7);
            assert_eq!(answer.is_ok(), self.model.close(End::Faulted(7)), "{}", self.what);
        }
    }

    /// Handles come and go. A future has one of its own.
    fn handles(&mut self) {
        match self.plan.below(6) {
            0 | 1 if !self.writers.is_empty() => {
                let more = self.writers[0].clone();
                self.writers.push(more);
            }
            2 | 3 if !self.readers.is_empty() => {
                let more = Reader::clone(&self.readers[0]);
                self.readers.push(Arc::new(more));
            }
            4 => {
                self.note("-w");
                drop(self.writers.pop());
            }
            5 => {
                self.note("-r");
                drop(self.readers.pop());
            }
            _ => {}
        }
        self.count_handles();
    }

    /// The model learns whether somebody may still write, and read.
    fn count_handles(&mut self) {
        let reads = |what| matches!(what, What::Read | What::MayRead);
        let readers = self.readers.len() + self.waiting.iter().filter(|wait| reads(wait.what)).count();
        let writers = self.writers.len() + self.waiting.iter().filter(|wait| !reads(wait.what)).count();
        self.model.handles(writers, readers);
    }

    fn any_writer(&mut self) -> Option<usize> {
        (!self.writers.is_empty()).then(|| self.one_of(self.writers.len()))
    }

    fn any_reader(&mut self) -> Option<usize> {
        (!self.readers.is_empty()).then(|| self.one_of(self.readers.len()))
    }

    /// A future more, polled once or not at all.
    fn start(&mut self, what: What) {
        let reads = matches!(what, What::Read | What::MayRead);
        let at = if reads { self.any_reader() } else { self.any_writer() };
        let Some(at) = at else { return };
        let source = self.plan.once_in(3).then(CancellationTokenSource::new);
        let token = source.as_ref().map(CancellationTokenSource::token).unwrap_or_default();
        if self.plan.once_in(8) {
            source.as_ref().map(|source| source.cancel());
        }
        let id = self.next_id;
        self.next_id += 1;
        self.note(format!("{what:?}#{id}"));
        let future: Pin<Box<dyn Future<Output = Out>>> = match what {
            What::Read => {
                let reader = Reader::clone(&self.readers[at]);
                Box::pin(async move { Out::Read(read(reader.read().with_cancellation(&token).await)) })
            }
            What::MayRead => {
                let reader = Reader::clone(&self.readers[at]);
                Box::pin(async move { Out::MayRead(may(reader.wait_to_read().with_cancellation(&token).await)) })
            }
            What::Write(_) => {
                let (writer, item) = (self.writers[at].clone(), self.item());
                Box::pin(async move { Out::Wrote(wrote(writer.write(item).with_cancellation(&token).await)) })
            }
            What::MayWrite => {
                let writer = self.writers[at].clone();
                Box::pin(async move { Out::MayWrite(may(writer.wait_to_write().with_cancellation(&token).await)) })
            }
            What::Reserve => {
                let (writer, permits) = (self.writers[at].clone(), self.permits.clone());
                Box::pin(async move {
                    let answer = writer.reserve().with_cancellation(&token).await;
                    Out::Reserved(reserved(answer.map(|permit| permits.lock().unwrap().push(permit))))
                })
            }
        };
        self.waiting.push(Waiting { id, what, future, waker: Bell::new(), first: true, seen: 0, source });
        if !self.plan.once_in(6) {
            self.poll(self.waiting.len() - 1);
        }
    }

    fn poll(&mut self, at: usize) {
        // Sometimes with another waker: the old one is worth nothing any more, unless it was woken.
        let waiting = &mut self.waiting[at];
        let op = waiting.op();
        if op.first || self.plan.once_in(4) {
            waiting.waker = bell(&self.readers, self.model.capacity);
        }
        waiting.seen = waiting.waker.rung();
        waiting.first = false;
        let waker = waiting.waker.waker();
        let answer = match waiting.future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(answer) => Some(answer),
            Poll::Pending => None,
        };
        self.note(format!("poll{}", op.id));
        assert_eq!(answer, self.model.poll(&op), "{op:?} {}", self.what);
        if answer.is_some() {
            self.waiting.remove(at);
            self.count_handles();
        }
    }

    /// Polls what was woken until nothing is: then nothing waits that need not.
    fn settle(&mut self) {
        self.note("settle");
        loop {
            let woken: Vec<_> = (0..self.waiting.len()).filter(|at| self.waiting[*at].op().woken).collect();
            if woken.is_empty() {
                break;
            }
            let at = woken[self.one_of(woken.len())];
            self.poll(at);
        }
        for waiting in self.waiting.iter().filter(|waiting| !waiting.first) {
            let op = waiting.op();
            assert!(self.model.may_wait(&op), "{op:?} was not woken: {}", self.what);
        }
    }

    fn check(&mut self) {
        let model = &self.model;
        let len = if model.capacity == 0 { 0 } else { model.items.len() };
        if let Some(reader) = self.readers.first() {
            assert_eq!((reader.len(), reader.is_closed()), (len, model.end.is_some()), "{}", self.what);
            assert_eq!(reader.is_empty(), len == 0, "{}", self.what);
            if model.capacity > 0 {
                assert_eq!(reader.peek(|item| item.0), model.head().map(|at| model.items[at]), "{}", self.what);
            }
        }
        assert_eq!(*self.evicted.lock().unwrap(), model.evicted, "{}", self.what);
        assert_eq!(self.completion.is_completed(), model.finished, "{}", self.what);
        // Every item is in the channel or in the future that writes it, or is gone.
        let unwritten = self.waiting.iter().filter(|waiting| match waiting.what {
            What::Write(_) => !model.granted.contains(&waiting.id),
            _ => false,
        });
        let alive = model.items.len() + unwritten.count();
        assert_eq!(Arc::strong_count(&self.alive) - 1, alive, "{}", self.what);
    }

    /// Everything goes, in one order or another.
    pub(super) fn end(mut self) {
        self.settle();
        self.check();
        if self.plan.once_in(2) {
            self.waiting.clear();
        }
        if self.plan.once_in(2) {
            self.readers.clear();
        }
        self.permits.lock().unwrap().clear();
        self.writers.clear();
        self.readers.clear();
        self.waiting.clear();
        assert!(self.completion.is_completed(), "{}", self.what);
        assert_eq!(Arc::strong_count(&self.alive), 1, "{}", self.what);
        assert_eq!(self.token.token().listeners(), 0, "{}", self.what);
    }
}
