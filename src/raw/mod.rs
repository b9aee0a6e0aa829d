//! Floor 1: the lock-free heart. With `shim` the only floor with `unsafe`.
//!
//! A node is a one-shot broadcast registry ([`registry`]) with counts, a reason
//! and links to its parents ([`node`]). Read in this order:
//!
//! | file | knows |
//! |---|---|
//! | `word.rs` | the bits of the sealed word, as pure functions |
//! | `slot.rs` | the two words of an entry, for each kind |
//! | `callback.rs` | a closure in one word |
//! | `shape.rs` | how slots lie in memory |
//! | `registry.rs` | the head, claiming; the invariants (1) to (5) |
//! | `place.rs` | what becomes of a claimed slot: arm, remove, disarm |
//! | `group.rs`, `no_group.rs` | growth behind a full head, or none |
//! | `reason.rs` | why, in one word |
//! | `link.rs` | the record of a node's link in a parent |
//! | `node.rs` | a node's fields and counts |
//! | `order.rs` | entries in order, sorted without allocation |
//! | `fire.rs` | cancelling |
//! | `delivery.rs` | what a seal has taken, and how it is delivered |
//! | `deferred.rs` | callbacks of a cancellation that are yet to run |
//! | `walk.rs` | sealing a tree |
//! | `deliver.rs` | waking and letting go of one node |
//! | `run.rs` | running one callback, and telling who waits for its end |
//! | `wait_end.rs` | waiting for the end of a callback that runs |
//! | `never.rs` | closing what nothing can cancel any more |
//! | `owned.rs` | nodes on the heap: make, count, link, free |
//! | `leave.rs` | giving up handles, letting go of nodes |
//! | `pull.rs` | children of relays |
//! | `wait.rs` | a future's slot |
//! | `swap.rs` | a waiter that comes with another waker, or too late |
//! | `ticket.rs` | one arming of a timer: what its waker knows |
//! | `timer.rs` | a source's timer |
//! | `handle.rs`, `registration.rs`, `deferred.rs` | safe handles |
//! | `fixed/` | cancellation sources in a `static`, with their safe handles |
//! | `line.rs` | a registry whose entries stand in order |
//! | `line_wait.rs` | a future's place in a line |
//! | `line_deliver.rs` | delivering a line |
//! | `cell/` | task-completion cells on the heap |
//! | `fixed_cell.rs` | cells in a `static`, with their safe handles |
//! | `ring.rs` | a bounded queue in a `static` |
//! | `places.rs` | places in a `static` for those who wait, and who gets their wakers |
//! | `fault.rs` | panics of foreign code |
//! | `once.rs` | a value that one of many takes |
//! | `turns.rs` | work that is done by one at a time |
//! | `wanted.rs` | a value that is used by one at a time, whenever it is asked for |
//! | `handover.rs` | a value that comes late, and may find nobody |
//! | `alarm.rs` | the handle of an armed timer |
//! | `alarm_entry.rs` | a timer's states, and who owns its waker |
//! | `alarm_word.rs` | a timer queue's lock and list, in one word |
//! | `alarm_heap.rs` | the order in which timers fire |
//! | `alarm_store.rs` | where entries come from |
//! | `alarm_held.rs` | what the holder of a queue's lock does |
//! | `alarm_queue.rs` | visits to a queue, and its end |
//! | `alarm_fixed.rs` | a queue of N entries in a `static` |
//! | `children.rs` | the block of N children |
//! | `pinned.rs` | an array whose elements are pinned |
//! | `block.rs` | a thread that blocks, and what it delivers first (std) |
//!
//! # From an interrupt
//!
//! An interrupt is a thread that runs to its end while another stands still wherever it was. What holds between threads
//! holds for the two; beyond that an interrupt must never need a step of whom it stopped. It does not, because every
//! place where one can be stopped is a state of the tables (`word.rs`, `alarm_word.rs`, `ring.rs`, `places.rs`; `fixed/mod.rs` has
//! those of static sources) that others can leave alone, or leave behind:
//!
//! | stopped | what others find | what they do |
//! |---|---|---|
//! | a registrant between claim and arm, a waiter between disarm and arm | `C` alone | claim another slot, or say `Full`; a firer passes it over, and the arm learns of the seal and keeps the payload |
//! | a remover between its copy and its RMW | `CA` | a firer takes the payload, and the remover forgets its copy |
//! | a canceller between reason and seal | a reason, no flag | seal in its place, and deliver; the canceller finds nothing left |
//! | a firer after its seal | the flag; callbacks that wait are `CA` | what was armed is the firer's: nobody needs it. A callback that waits can be taken back, of one that runs (`C`) it is said that it runs |
//! | who sets a cell between `RESERVED` and `SEAL` | no value yet | get their own value back, or wait: the seal takes whoever waits until then |
//! | who writes or reads a ring, between claim and stamp | a slot that is not done | find the ring full, or empty, from there on; who has stamped it wakes whoever waits |
//! | the holder of a timer queue | `LOCKED` | list what they arm or drop, and go on; the holder cannot unlock before it has looked at the list. A turn fires nothing, and says so |
//!
//! A loop around a compare-exchange is repeated only if the word has changed, so once for each interrupt that changed it,
//! and never inside the interrupt itself. Payloads need no care of their own: one that is being written is claimed and
//! not armed, so that nobody else reads it, and one that is armed is written by nobody.
//!
//! `step-tests/` runs every operation inside every other, at each of these places and at all others.

pub(crate) mod alarm;
mod alarm_entry;
pub(crate) mod alarm_fixed;
mod alarm_heap;
#[cfg(feature = "alloc")]
pub(crate) mod alarm_held;
#[cfg(feature = "alloc")]
pub(crate) mod alarm_queue;
#[cfg(feature = "alloc")]
mod alarm_store;
mod alarm_word;
#[cfg(feature = "std")]
pub(crate) mod block;
pub(crate) mod callback;
#[cfg(feature = "alloc")]
pub(crate) mod cell;
#[cfg(feature = "alloc")]
pub(crate) mod children;
#[cfg(feature = "alloc")]
pub(crate) mod deferred;
#[cfg(feature = "alloc")]
pub(crate) mod deliver;
#[cfg(feature = "alloc")]
pub(crate) mod delivery;
pub(crate) mod fault;
#[cfg(feature = "alloc")]
pub(crate) mod fire;
pub(crate) mod fixed;
pub(crate) mod fixed_cell;
#[cfg(feature = "alloc")]
pub(crate) mod group;
#[cfg(feature = "alloc")]
pub(crate) mod handle;
#[cfg(feature = "alloc")]
pub(crate) mod handover;
#[cfg(feature = "alloc")]
mod leave;
mod line;
mod line_deliver;
mod line_wait;
mod link;
#[cfg(feature = "alloc")]
mod never;
#[cfg(not(feature = "alloc"))]
pub(crate) mod no_group;
#[cfg(feature = "alloc")]
pub(crate) mod node;
#[cfg(feature = "alloc")]
pub(crate) mod once;
pub(crate) mod order;
#[cfg(feature = "alloc")]
pub(crate) mod owned;
pub(crate) mod pinned;
pub(crate) mod place;
pub(crate) mod places;
#[cfg(feature = "alloc")]
mod pull;
#[cfg(feature = "alloc")]
pub(crate) mod reason;
#[cfg(feature = "alloc")]
pub(crate) mod registration;
pub(crate) mod registry;
pub(crate) mod ring;
#[cfg(feature = "alloc")]
pub(crate) mod run;
pub(crate) mod shape;
pub(crate) mod slot;
mod swap;
#[cfg(feature = "alloc")]
mod ticket;
#[cfg(feature = "alloc")]
pub(crate) mod timer;
#[cfg(feature = "alloc")]
pub(crate) mod turns;
#[cfg(feature = "alloc")]
pub(crate) mod wait;
#[cfg(feature = "alloc")]
mod wait_end;
#[cfg(feature = "alloc")]
mod walk;
#[cfg(feature = "alloc")]
pub(crate) mod wanted;
pub(crate) mod word;
