//! Who may poll: the one word that the workers of a pair share.
//!
//! The word has the number of workers, each of which may poll, and what they know of the queues:
//!
//! | bit | meaning | set by | cleared by |
//! |---|---|---|---|
//! | `CONCURRENT` | concurrent jobs may be waiting | who queued one | a concurrent worker that found none and leaves |
//! | `EXCLUSIVE` | exclusive jobs may be waiting; concurrent workers leave | who queued one | the exclusive worker that found none |
//! | `TURN` | concurrent jobs go first, though exclusive ones wait | an exclusive worker that has had its share | a concurrent worker that has polled one |
//!
//! 1. A worker is exclusive only while it is the only one, and `EXCLUSIVE` is there without `TURN`: then nobody starts one
//!    beside it. It alone clears `EXCLUSIVE`.
//! 2. A bit of a queue is set only where the number is not 0: somebody will look.
//! 3. Who queues a job then asks, by a read-modify-write; who leaves because a queue is empty clears its bit by one, and
//!    then looks at the queue again. So one of the two sees the other.

use crate::shim::atomic::{AtomicUsize, Ordering};

const CONCURRENT: usize = 1;
const EXCLUSIVE: usize = 2;
const TURN: usize = 4;
/// One worker.
const ONE: usize = 8;

/// Which queue, and how its jobs are polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Beside others.
    Concurrent,
    /// Alone.
    Exclusive,
}

/// The word, and its limit.
#[derive(Debug)]
pub(super) struct Permits {
    word: AtomicUsize,
    limit: usize,
}

impl Permits {
    /// At most so many.
    pub(super) const MOST: usize = usize::MAX / ONE / 2;

    pub(super) fn new(limit: usize) -> Self {
        Self { word: AtomicUsize::new(0), limit }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Says that a job of this kind is queued. True: one worker more may poll, and the caller has to start it.
    pub(super) fn ask(&self, kind: Kind) -> bool {
        self.change(|word| {
            let (bit, starts) = match kind {
                Kind::Concurrent => (CONCURRENT, admits(word, self.limit)),
                Kind::Exclusive => (EXCLUSIVE, word < ONE),
            };
            (if starts { word + ONE } else { word } | bit, starts)
        })
    }

    /// Whether a concurrent worker may poll another one, `first` or not.
    pub(super) fn may_go_on(&self, first: bool) -> bool {
        // ORDERING: Relaxed, only advice: who leaves or stays in vain loses nothing.
        let word = self.word.load(Ordering::Relaxed);
        if word & TURN != 0 && !first {
            // ORDERING: Relaxed, as above.
            self.word.fetch_and(!TURN, Ordering::Relaxed);
        }
        word & EXCLUSIVE == 0 || word & TURN != 0 && first
    }

    /// A concurrent worker leaves: its queue is `empty`, or exclusive jobs wait. What it has to be instead, if anything.
    pub(super) fn leave_concurrent(&self, empty: bool) -> Option<Kind> {
        self.change(|word| {
            let left = if empty { word & !CONCURRENT } else { word };
            match word / ONE {
                1 if left & EXCLUSIVE != 0 => (left & !TURN, Some(Kind::Exclusive)),
                1 if left & CONCURRENT != 0 => (left, Some(Kind::Concurrent)),
                _ => (left.wrapping_sub(ONE), None),
            }
        })
    }

    /// The exclusive worker leaves: its queue is `empty`, or it has had its share. What it has to be instead, if anything.
    pub(super) fn leave_exclusive(&self, empty: bool) -> Option<Kind> {
        self.change(|word| {
            let left = if empty { word & !EXCLUSIVE } else { word | TURN };
            match word & CONCURRENT {
                0 if empty => (left.wrapping_sub(ONE), None),
                0 => (word, Some(Kind::Exclusive)),
                _ => (left, Some(Kind::Concurrent)),
            }
        })
    }

    /// A worker goes that has not been able to finish. True: no other one is left to look at the queues.
    pub(super) fn give_up(&self) -> bool {
        self.change(|word| if word / ONE == 1 { (0, true) } else { (word.wrapping_sub(ONE), false) })
    }

    /// Puts what `f` says in the place of the word. `f` may be asked about words of the past, too.
    fn change<R>(&self, f: impl Fn(usize) -> (usize, R)) -> R {
        // ORDERING: Relaxed, only a guess for the exchange.
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            let (new, answer) = f(word);
            // ORDERING: AcqRel, Release shows the queues and the last poll to who comes, Acquire to this one what it finds.
            match self.word.compare_exchange(word, new, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return answer,
                Err(now) => word = now,
            }
        }
    }
}

/// True if one concurrent worker more may poll.
fn admits(word: usize, limit: usize) -> bool {
    word / ONE < limit && (word & EXCLUSIVE == 0 || word & TURN != 0)
}
