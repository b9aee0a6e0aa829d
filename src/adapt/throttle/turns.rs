//! How much is done in a row before other tasks have their turn.

use core::task::Context;

/// So many items.
pub(crate) const IN_A_ROW: u32 = 128;

/// Counts what was ready without a wait.
#[derive(Debug)]
pub(crate) struct Turns {
    left: u32,
}

impl Turns {
    pub(crate) const fn new() -> Self {
        Self { left: IN_A_ROW }
    }

    /// One more. False: it is the others' turn; the task has been woken, and answers that it is pending.
    #[inline(always)]
    pub(crate) fn go_on(&mut self, cx: &Context<'_>) -> bool {
        if self.are_over() {
            self.rest();
            cx.waker().wake_by_ref();
            return false;
        }
        self.left -= 1;
        true
    }

    /// Whether it is the others' turn now.
    #[inline(always)]
    pub(crate) fn are_over(&self) -> bool {
        self.left == 0
    }

    /// It is the others' turn now.
    pub(crate) fn end(&mut self) {
        self.left = 0;
    }

    /// The task waits: the others have their turn anyway.
    #[inline(always)]
    pub(crate) fn rest(&mut self) {
        self.left = IN_A_ROW;
    }
}
