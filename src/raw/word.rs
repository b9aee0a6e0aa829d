//! The sealed word: what its bits mean, as pure functions.
//!
//! One word governs up to [`SLOTS`] slots. Who may leave which state, and how:
//!
//! | bits | meaning | left by |
//! |---|---|---|
//! | `SEAL` | fired: nothing can be claimed any more | nobody (a reset needs the only handle) |
//! | `NEVER` | can never fire: nothing can be claimed any more | nobody (likewise) |
//! | `MIXED` | some slot was claimed for more than a plain waker | nobody (likewise) |
//! | `GROWN` | head word only: groups may hang behind it | nobody |
//! | `DETACHED` | head word on the heap: detached callbacks keep the node | nobody |
//! | `PULLING` | head word on the heap: somebody moves the node up, or nobody ever will again | who set it: `fetch_add` |
//! | `SECOND` | head word on the heap: the node hangs by the second of its two records | whoever has set `PULLING`: `fetch_add` |
//! | `RESERVED` | head word of a cell: somebody completes it | nobody (a reset needs the only handle) |
//! | `OBSERVED` | head word of a cell: somebody has seen its fault | nobody (likewise) |
//! | `DISORDERED` | head word of a line: places no longer come in the order of their slots | who removes the last entry of a head without groups: exchange |
//! | slot `00` | free (open word), finished or removed (sealed word) | whoever claims it: CAS that fails on a closed word |
//! | slot `C` | claimed: its claimer writes the payload; sealed word: the callback runs | the claimer arms: `fetch_add`; the runner finishes: `fetch_and` |
//! | slot `CA` | armed: the payload is complete | the owner removes or disarms; the firer takes it with the snapshot that its seal returned (wakers, links) or by clearing `A` (ordered entries) |
//!
//! Bits of slots that a word does not have are claimed from the start, so that
//! no search needs to know how many there are. An ordered entry takes [`SPAN`]
//! neighbouring slots; only the first is ever armed.

/// The word has fired.
pub(crate) const SEAL: usize = 1;
/// The word can never fire.
pub(crate) const NEVER: usize = 2;
/// Something else than plain wakers has been claimed here.
pub(crate) const MIXED: usize = 4;
/// Groups of slots may hang behind this head word.
pub(crate) const GROWN: usize = 8;
/// Nothing can be claimed.
pub(crate) const CLOSED: usize = SEAL | NEVER;

/// Bits below those of the slots.
pub(super) const FLAGS: usize = 4;

/// Slots a word can govern: 30 with 64 bits, 14 with 32.
pub(crate) const SLOTS: usize = (usize::BITS as usize - FLAGS) / 2;

/// Slots that an ordered entry takes: payload, then number and scratch.
pub(crate) const SPAN: usize = if usize::BITS >= 64 { 2 } else { 3 };

// Notes in head words on the heap: the arm bits of slots that no such head has.
/// Detached callbacks hold one strong reference together.
pub(crate) const DETACHED: usize = arm(SLOTS - 1);
/// Lock of the records by which the node hangs under its parent.
pub(crate) const PULLING: usize = arm(SLOTS - 2);
/// Which of the two records it hangs by.
pub(crate) const SECOND: usize = arm(SLOTS - 3);

// The same bits in the head words of cells and of lines: these are no nodes.
/// Whoever joins the line takes a number.
pub(crate) const DISORDERED: usize = arm(SLOTS - 1);
/// Somebody completes the cell: the outcome is that one's to write. (Not the highest bit: that would be tested as a sign,
/// and `fetch_or` and test become one instruction only as a bit.)
pub(crate) const RESERVED: usize = arm(SLOTS - 2);
/// A fault has been seen.
pub(crate) const OBSERVED: usize = arm(SLOTS - 3);

/// All notes.
pub(crate) const NOTES: usize = DETACHED | PULLING | SECOND;

/// The claim bits of all slots.
pub(crate) const CLAIMS: usize = (usize::MAX / 3) & !((1 << FLAGS) - 1);
/// The claim bits of a head: it has so few slots that 32 bits hold them, which makes a smaller mask.
pub(crate) const HEAD_CLAIMS: usize = CLAIMS & u32::MAX as usize;
/// The arm bits of all slots.
pub(crate) const ARMS: usize = CLAIMS << 1;
/// The arm bits of a head's slots: few enough for 32 bits, so that they make a small mask.
pub(crate) const HEAD_ARMS: usize = ARMS & u32::MAX as usize & !NOTES;

/// The claim bit of slot `i`.
#[inline(always)]
pub(crate) const fn claim(i: usize) -> usize {
    1 << position(i)
}

/// The arm bit of slot `i`.
#[inline(always)]
pub(crate) const fn arm(i: usize) -> usize {
    2 << position(i)
}

/// The position of slot `i`'s claim bit. Its arm bit is the next one.
#[inline(always)]
pub(crate) const fn position(i: usize) -> usize {
    FLAGS + 2 * i
}

/// The slot whose claim bit stands at `position`.
#[inline(always)]
pub(crate) const fn index(position: usize) -> usize {
    (position - FLAGS) / 2
}

/// How far the slot at `position` lies behind the first, where slots are `stride` bytes apart.
#[inline(always)]
pub(crate) const fn offset(position: usize, stride: usize) -> usize {
    // A slot has two bits.
    (position - FLAGS) * (stride / 2)
}

/// The claim bits of `span` slots from the one at `position` on.
#[inline(always)]
pub(crate) const fn claims(position: usize, span: usize) -> usize {
    // Bits of the first `span` slots, moved into place.
    ((1 << (2 * span)) / 3) << position
}

/// An empty word with `slots` slots.
pub(crate) const fn empty(slots: usize) -> usize {
    if slots >= SLOTS { 0 } else { CLAIMS & !(claim(slots) - 1) }
}

/// True if no slot is free.
#[inline(always)]
pub(crate) const fn is_full(word: usize) -> bool {
    word & CLAIMS == CLAIMS
}

/// The position of the first slot that is free together with the `span - 1` after it; `claims` are the claim bits there.
#[inline(always)]
pub(crate) const fn first_free(word: usize, claims: usize, span: usize) -> Option<usize> {
    let mut free = !word & claims;
    let mut k = 1;
    while k < span {
        free &= free >> 2;
        k += 1;
    }
    if free == 0 { None } else { Some(free.trailing_zeros() as usize) }
}

/// How many slots of a word without notes are armed.
pub(crate) const fn listeners(word: usize) -> usize {
    (word & ARMS).count_ones() as usize
}
