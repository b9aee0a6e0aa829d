//! Cancellation sources without a heap: one word, and `N` slots behind it,
//! usually in a `static`. Nothing is counted: everything borrows the value.
//!
//! The sealed word of `raw/word.rs` once more, by itself: here it fires as often
//! as somebody resets it, and the reason stands in it.
//!
//! | bits | meaning | set by | cleared by |
//! |---|---|---|---|
//! | `SEAL` | cancelled | the firer, with the two below and the reason: exchange | the reset: exchange |
//! | `DEADLINE`, `INHERITED` | why | the same exchange | the same exchange |
//! | `BUSY` | a firer delivers what its seal took | the same exchange, if anything was armed | that firer, when it has delivered all: `fetch_and` |
//! | slot `00` | free | | whoever claims it: exchange |
//! | slot `C` | claimed: a handle lives | its claimer | the handle's drop: `fetch_and`; a link that arms: exchange |
//! | slot `CA` | armed: a waker or a callback | its claimer: exchange that fails on `SEAL` | the handle; a callback's firer: `fetch_and` |
//! | slot `A` | armed: a link to a child | its claimer: exchange that fails on `SEAL` | nobody: links are for ever |
//!
//! Slots that a source does not have are claimed from the start.
//!
//! 1. A payload is written by whoever claimed the slot, who has seen the word open with the slot's arm bit clear since.
//!    Only the claimer sets that bit, so no seal since has found it, and who fired before has gone: no reset goes past
//!    `BUSY`.
//! 2. Wakers and links: what a seal found armed belongs to the firer, whatever happens to the bits afterwards; what is
//!    disarmed on an open word belongs to whoever disarmed it.
//! 3. Callbacks: whoever clears the arm bit owns the payload, before and after the seal.
//! 4. A waiter that was armed at the seal keeps its arm bit until it has seen the cancellation, or gone. A reset refuses
//!    as long as there is one. So an arm bit on an open word always stands for a payload of this round. Who changes its
//!    waker has no arm bit for a moment, and a mark in its slot instead, set before the bit goes: a reset refuses then,
//!    too, so that no cancellation slips through between the two.
//! 5. The cell `taken` belongs to whoever set `BUSY`: what it has yet to deliver, as the bits that its seal found. A link
//!    stays there only if its child was sealed by this firing too. So from the root these links are a tree, also where
//!    sources are linked in a circle; `parent` leads back in it.
//! 6. `parent` is written once but for its tags (`link.rs`). A child whose link is not in place is sealed, or whoever
//!    failed to place it is about to seal it.
//! 7. One at a time resets a source: a bit of `numbers`, until it has looked at the parent again. So whatever a reset found
//!    is of the round that it ends, though the same word may come again in another; and what it cancels, of the one that it
//!    began. Others refuse meanwhile.
//!
//! Any call may run in an interrupt that preempted any other: nobody waits for anybody, and an exchange fails only
//! because somebody else got further. Between two operations of a call:
//!
//! * claimed, not armed: a seal does not take the slot, and the arm that follows fails. The payload is its claimer's.
//! * sealed, `taken` not noted or tree not walked: the source reads as cancelled, others who cancel it answer false, who
//!   resets is refused by `BUSY`. A child that is not sealed yet may be cancelled by itself: who did so delivers it.
//! * a waker struck off `taken`, not woken: its slot may go meanwhile. The payload stays until `BUSY` has gone.
//! * a callback copied, not started: if it is unregistered meanwhile the copy is forgotten.
//! * reset, the parent not looked at again: see `reset.rs`. Others who reset it are refused.
//!
//! | file | knows |
//! |---|---|
//! | `word.rs` | the bits, as pure functions |
//! | `node.rs` | how a source lies in memory, and its handle |
//! | `place.rs` | a slot: claim, arm, disarm, give back |
//! | `waiter.rs` | a waiter's slot |
//! | `callback.rs` | a callback's slot |
//! | `link.rs` | hanging a child under its parent |
//! | `fire.rs` | cancelling |
//! | `walk.rs` | the tree that one firing has sealed |
//! | `reset.rs` | using a source again |
//! | `timer.rs` | a waker that cancels |

mod callback;
mod fire;
mod link;
mod node;
mod place;
mod reset;
mod timer;
mod waiter;
mod walk;
mod word;

pub(crate) use callback::{FixedRegistration, Refused};
pub(crate) use node::{FixedHandle, FixedNode};
pub(crate) use waiter::FixedSlot;
