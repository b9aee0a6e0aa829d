//! The bits of a source without a heap; who sets and clears them stands in
//! `mod.rs`.
//!
//! Functions that answer a set of slots give it as claim bits.

/// Cancelled.
pub(super) const SEAL: usize = 1;
/// By a timer.
pub(super) const DEADLINE: usize = 2;
/// With its parent.
pub(super) const INHERITED: usize = 4;
/// What the seal took is being delivered.
pub(super) const BUSY: usize = 8;

const FLAGS: usize = 4;

/// The most slots that fit into a word of 32 bits: the same program fits every target.
pub(super) const MOST: usize = 14;

const CLAIMS: usize = 0x5555_5550;
/// The arm bits of all slots.
pub(super) const ARMS: usize = CLAIMS << 1;

/// A word with `slots` slots.
pub(super) const fn empty(slots: usize) -> usize {
    if slots >= MOST { 0 } else { CLAIMS & !((1 << (FLAGS + 2 * slots)) - 1) }
}

/// The slot whose claim bit is the lowest of `claims`, which is not zero: where that stands.
pub(super) const fn lowest(claims: usize) -> usize {
    claims.trailing_zeros() as usize
}

/// The number of the slot whose claim bit stands at `position`.
pub(super) const fn index(position: usize) -> usize {
    (position - FLAGS) / 2
}

/// The bits of the slots behind the one at `position`.
pub(super) const fn behind(position: usize) -> usize {
    // In two steps: behind the last slot of 32 bits there is nothing.
    usize::MAX << position << 1 << 1
}

/// Slots that are free.
pub(super) const fn free(word: usize) -> usize {
    !(word | word >> 1) & CLAIMS
}

/// Slots that are armed.
pub(super) const fn armed(word: usize) -> usize {
    word >> 1 & CLAIMS
}

/// Armed slots with a waker or a callback.
pub(super) const fn entries(word: usize) -> usize {
    word >> 1 & word & CLAIMS
}

/// Claimed slots that are not armed.
pub(super) const fn idle(word: usize) -> usize {
    word & !(word >> 1) & CLAIMS
}

/// Armed slots with a link.
pub(super) const fn links(word: usize) -> usize {
    word >> 1 & !word & CLAIMS
}

/// What a child's word says of why, if its parent's is `word`.
pub(super) const fn inherited(word: usize) -> usize {
    word & DEADLINE | INHERITED
}
