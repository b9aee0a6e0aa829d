//! Where the interrupt hit.

use crate::FIRED;
use core::cell::Cell;
use critical_section::Mutex;

/// A flag of main loop and interrupt.
pub struct Flag(Mutex<Cell<bool>>);

impl Flag {
    pub const fn new() -> Self {
        Self(Mutex::new(Cell::new(false)))
    }

    pub fn get(&self) -> bool {
        critical_section::with(|cs| self.0.borrow(cs).get())
    }

    pub fn set(&self, value: bool) {
        critical_section::with(|cs| self.0.borrow(cs).set(value));
    }
}

/// When an operation was hit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum When {
    Before,
    Inside,
    After,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    Reset,
    Link,
    Register,
    Unregister,
    Claim,
    Poll,
    PollAgain,
    Drop,
}

const NAMES: [&str; 8] = ["reset", "link", "register", "unregister", "claim", "poll", "poll again", "drop"];

pub struct Places([[u32; 3]; NAMES.len()]);

impl Places {
    pub fn new() -> Self {
        Self([[0; 3]; NAMES.len()])
    }

    /// Does it, and says when it was hit, and what was to be seen at the end.
    pub fn during<R>(&mut self, op: Op, work: impl FnOnce() -> R, look: impl FnOnce() -> u32) -> (R, When, u32) {
        let was_hit = FIRED.get();
        let result = work();
        let (is_hit, seen) = critical_section::with(|_| (FIRED.get(), look()));
        let when = match (was_hit, is_hit) {
            (true, _) => When::Before,
            (false, true) => When::Inside,
            (false, false) => When::After,
        };
        self.0[op as usize][when as usize] += 1;
        (result, when, seen)
    }

    pub fn print(&self) {
        board::println!("{:12}{:>8}{:>8}{:>8}  of the rounds were hit", "", "before", "inside", "after");
        for (name, [before, inside, after]) in NAMES.iter().zip(self.0) {
            board::println!("{name:12}{before:>8}{inside:>8}{after:>8}");
        }
    }

    /// Nothing is shown by what did not happen.
    pub fn are_all_hit(&self) -> bool {
        self.0.iter().flatten().all(|hits| *hits >= 100)
    }
}
