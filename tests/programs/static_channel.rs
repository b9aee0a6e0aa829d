//! Channels without a heap: what is written is read in its order, once; nobody sleeps who could go on.

use super::bells::Bell;
use super::foreign;
use super::plan::Plan;
use std::cell::Cell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use taskcell::{Closed, Full, StaticChannel, StaticTryReadError, StaticTryWriteError};

/// How many wait at most.
const W: usize = 3;

thread_local! {
    static ALIVE: Cell<usize> = const { Cell::new(0) };
}

/// An item that is counted.
#[derive(Debug)]
struct Item(usize);

impl Item {
    fn new(number: usize) -> Self {
        ALIVE.set(ALIVE.get() + 1);
        Self(number)
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        ALIVE.set(ALIVE.get() - 1);
    }
}

/// How a future ended.
#[derive(Debug)]
enum End {
    Read(Result<Item, Closed>),
    /// The item, and whether it came back.
    Wrote(usize, Option<usize>),
    MayRead(bool),
    MayWrite(bool),
    NoPlace,
}

/// A future that waits.
struct Waiting<'a> {
    future: Pin<Box<dyn Future<Output = End> + 'a>>,
    reads: bool,
    /// Nothing: it was polled with a waker that does nothing.
    bell: Option<Arc<Bell>>,
    seen: usize,
    writes: bool,
}

struct World<'a, const N: usize> {
    plan: Plan,
    channel: &'a StaticChannel<Item, N, W>,
    model: VecDeque<usize>,
    closed: bool,
    waiting: Vec<Waiting<'a>>,
    next: usize,
    trace: String,
}

pub(crate) fn run(bytes: &[u8]) {
    let mut plan = Plan::new(bytes);
    ALIVE.set(0);
    match plan.below(4) {
        0 => at::<1>(plan),
        1 => at::<2>(plan),
        2 => at::<3>(plan),
        _ => at::<5>(plan),
    }
}

fn at<const N: usize>(plan: Plan) {
    let program = || {
        let channel = StaticChannel::<Item, N, W>::new();
        let trace = World::new(plan, &channel).run();
        let all: Vec<_> = (0..W).map(|_| channel.reader()).collect();
        must!(all.iter().all(Result::is_ok), "a place has not come back: {trace}");
        must!(channel.reader().err() == Some(Full), "there are more places than were asked for: {trace}");
        drop(all);
        drop(channel);
        must!(ALIVE.get() == 0, "{} items are left: {trace}", ALIVE.get());
    };
    foreign::run(program, || ());
}

impl<'a, const N: usize> World<'a, N> {
    fn new(plan: Plan, channel: &'a StaticChannel<Item, N, W>) -> Self {
        let (model, waiting, trace) = (VecDeque::new(), Vec::new(), format!("{N}:"));
        Self { plan, channel, model, closed: false, waiting, next: 0, trace }
    }

    /// What has been done.
    fn run(mut self) -> String {
        for _ in 0..300 {
            if self.plan.is_over() {
                break;
            }
            self.step();
            self.check();
        }
        self.trace
    }

    fn step(&mut self) {
        match self.plan.below(8) {
            0 => self.try_write(),
            1 => self.try_read(),
            2..5 => self.start(),
            5 | 6 => self.poll_one(),
            _ if self.plan.once_in(16) => {
                let first = self.channel.try_complete();
                must!(first != std::mem::replace(&mut self.closed, true), "it was closed or not: {}", self.trace);
                self.trace += " close";
            }
            _ => {
                let at = self.plan.below(self.waiting.len());
                if at < self.waiting.len() {
                    self.trace += &format!(" leave{at}");
                    drop(self.waiting.swap_remove(at));
                }
            }
        }
    }

    fn item(&mut self) -> Item {
        self.next += 1;
        Item::new(self.next)
    }

    fn try_write(&mut self) {
        let item = self.item();
        let number = item.0;
        self.trace += &format!(" w{number}");
        let answer = self.channel.try_write(item);
        let expected = match () {
            () if self.closed => Some(StaticTryWriteError::Closed(number)),
            () if self.model.len() == N => Some(StaticTryWriteError::Full(number)),
            () => {
                self.model.push_back(number);
                None
            }
        };
        let right = match (&answer, &expected) {
            (Ok(()), None) => true,
            (Err(StaticTryWriteError::Full(back)), Some(StaticTryWriteError::Full(own)))
            | (Err(StaticTryWriteError::Closed(back)), Some(StaticTryWriteError::Closed(own))) => back.0 == *own,
            _ => false,
        };
        must!(right, "a write answers {answer:?}, not {expected:?}: {}", self.trace);
    }

    fn try_read(&mut self) {
        self.trace += " r";
        let answer = self.channel.try_read();
        let expected = self.model.pop_front();
        let right = match &answer {
            Ok(item) => Some(item.0) == expected,
            Err(StaticTryReadError::Empty) => expected.is_none() && !self.closed,
            Err(StaticTryReadError::Closed) => expected.is_none() && self.closed,
        };
        must!(right, "a read answers {answer:?}, not {expected:?}: {}", self.trace);
    }

    /// A future more, polled once.
    fn start(&mut self) {
        let (kind, item, channel) = (self.plan.below(4), self.item(), self.channel);
        let number = item.0;
        self.trace += &format!(" {}{number}", ["read", "mayread", "write", "maywrite"][kind]);
        let future: Pin<Box<dyn Future<Output = End> + 'a>> = match kind {
            0 | 1 => Box::pin(async move {
                drop(item);
                let Ok(mut reader) = channel.reader() else { return End::NoPlace };
                if kind == 0 { End::Read(reader.read().await) } else { End::MayRead(reader.wait_to_read().await) }
            }),
            2 => Box::pin(async move {
                let Ok(mut writer) = channel.writer() else { return End::NoPlace };
                End::Wrote(number, writer.write(item).await.err().map(|back| back.into_inner().0))
            }),
            _ => Box::pin(async move {
                drop(item);
                let Ok(mut writer) = channel.writer() else { return End::NoPlace };
                End::MayWrite(writer.wait_to_write().await)
            }),
        };
        self.poll(Waiting { future, reads: kind < 2, bell: Some(Bell::new()), seen: 0, writes: kind == 2 });
    }

    fn poll_one(&mut self) {
        let at = self.plan.below(self.waiting.len());
        if at >= self.waiting.len() {
            return;
        }
        self.trace += &format!(" poll{at}");
        let mut one = self.waiting.swap_remove(at);
        // Told or not, with its waker, or another, or one that is of no use.
        match self.plan.below(4) {
            0 => one.bell = Some(Bell::new()),
            1 => one.bell = None,
            _ => {}
        }
        self.poll(one);
    }

    fn poll(&mut self, mut one: Waiting<'a>) {
        let waker = one.bell.as_ref().map_or(Waker::noop().clone(), Bell::waker);
        one.seen = one.bell.as_ref().map_or(0, |bell| bell.rung());
        match one.future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(end) => self.ends(end),
            Poll::Pending => self.waiting.push(one),
        }
    }

    /// Compares what a future ended with with the model.
    fn ends(&mut self, end: End) {
        let (room, there) = (self.model.len() < N, !self.model.is_empty());
        let right = match &end {
            End::Read(Ok(item)) => self.model.pop_front() == Some(item.0),
            End::Read(Err(Closed)) => self.closed && !there,
            End::Wrote(item, None) => {
                self.model.push_back(*item);
                room && !self.closed
            }
            End::Wrote(item, Some(back)) => self.closed && item == back,
            End::MayRead(may) => *may == there && (there || self.closed),
            End::MayWrite(may) => *may != self.closed && (self.closed || room),
            End::NoPlace => self.waiting.len() == W,
        };
        must!(right, "a future ends with {end:?}: {}", self.trace);
    }

    fn check(&self) {
        let (channel, len) = (self.channel, self.model.len());
        must!((channel.len(), channel.is_closed()) == (len, self.closed), "it has {}: {}", channel.len(), self.trace);
        must!(channel.is_completed() == (self.closed && len == 0), "it is over or not: {}", self.trace);
        for one in &self.waiting {
            let may = self.closed || if one.reads { len > 0 } else { len < N };
            let told = one.bell.as_ref().is_none_or(|bell| bell.rung() > one.seen);
            must!(!may || told, "one that waits was not told: {}", self.trace);
        }
        let alive = len + self.waiting.iter().filter(|one| one.writes).count();
        must!(ALIVE.get() == alive, "{} items are alive, not {alive}: {}", ALIVE.get(), self.trace);
    }
}
