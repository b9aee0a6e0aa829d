//! The two run queues of a pair.

use super::half::InPair;
use super::job::Job;
use super::permits::Kind;
use crate::shim::heap::Shared;
use crate::shim::queue::ConcurrentQueue;

type Queue = ConcurrentQueue<Shared<Job<InPair>>>;

/// First in, first out, each.
pub(super) struct Queues {
    concurrent: Queue,
    exclusive: Queue,
}

impl Queues {
    pub(super) fn new() -> Self {
        Self { concurrent: Queue::unbounded(), exclusive: Queue::unbounded() }
    }

    fn of(&self, kind: Kind) -> &Queue {
        match kind {
            Kind::Concurrent => &self.concurrent,
            Kind::Exclusive => &self.exclusive,
        }
    }

    pub(super) fn push(&self, kind: Kind, job: Shared<Job<InPair>>) {
        if self.of(kind).push(job).is_err() {
            unreachable!("it has no bound and is never closed")
        }
    }

    pub(super) fn pop(&self, kind: Kind) -> Option<Shared<Job<InPair>>> {
        self.of(kind).pop().ok()
    }

    pub(super) fn is_empty(&self, kind: Kind) -> bool {
        self.of(kind).is_empty()
    }

    /// How many wait, at some moment.
    pub(super) fn len(&self, kind: Kind) -> usize {
        self.of(kind).len()
    }
}
