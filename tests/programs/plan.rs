//! How bytes become decisions: each takes one, so that a fuzzer that changes a byte changes a decision. And what has been
//! done so far, for whoever reads of a failure.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// What is left of a program. When it is over, every decision is the first of those there are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    bytes: Vec<u8>,
    at: usize,
}

impl Plan {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), at: 0 }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn byte(&mut self) -> u8 {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        byte
    }

    /// A number below `n`, which is one of a few.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        debug_assert!(n <= 256);
        usize::from(self.byte()) % n.max(1)
    }

    /// True once in `n` times, and not when the program is over.
    pub(crate) fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    /// One of `choices`.
    pub(crate) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// The steps that were made, in a few words each.
#[derive(Clone, Default)]
pub(crate) struct Trace(Rc<RefCell<String>>);

impl Trace {
    pub(crate) fn note(&self, step: impl fmt::Display) {
        let mut text = self.0.borrow_mut();
        // To a string it never fails.
        let _ = fmt::Write::write_fmt(&mut *text, format_args!("{step} "));
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.borrow())
    }
}
