//! A registry as a line: its entries are delivered in the order in which they
//! came, wakers and callbacks alike (G22).
//!
//! That order costs nothing as long as it is the order of the slots, head first,
//! then the groups. It is, since the lowest free slot is claimed, until a slot
//! comes free in front of another entry, or a wide entry leaves a narrow slot
//! behind. Whoever is about to do that sets `DISORDERED` in the head first. From
//! then on each entry takes a number, and a wide place for it:
//!
//! 1. An entry without a number came before all that have one. It was claimed
//!    while the head said nothing of disorder: in the head that is one exchange,
//!    in a group the head is read again after the claim. A slot that came free in
//!    front of others shows the note to whoever claims it, by the removal's
//!    Release.
//! 2. Entries without a number stand in the order of their slots.
//! 3. The note goes only with the last entry of a head behind which there is no
//!    group: then nobody is left whose order could be broken.
//! 4. The first who goes on to a group without a number sets `GROWN` in a head
//!    that is full, by the same exchange. So whoever leaves the head after that
//!    sets the note: nobody who comes later takes a place in front.
//!
//! Without a heap the note is there from the start: each place is wide.

#[cfg(feature = "alloc")]
use super::group;
#[cfg(not(feature = "alloc"))]
use super::no_group as group;
use super::registry::{NoSlot, Place, Registry, Shape, Wanted};
use super::slot::Payload;
use super::word::{self, CLAIMS, CLOSED, DISORDERED, GROWN, HEAD_CLAIMS, MIXED, SPAN};
use crate::shim::atomic::{Ordering, recheck};
use core::ptr::NonNull;

/// What joins a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Waker,
    Callback,
}

/// The claim bits of the slots that a head on the heap has.
const INLINE_CLAIMS: usize = CLAIMS & !word::empty(SPAN);

/// The word of an empty line on the heap, behind whose head there are groups, or none.
#[cfg(feature = "alloc")]
pub(super) const fn empty(grown: bool) -> usize {
    word::empty(SPAN) | if grown { GROWN } else { 0 }
}

/// The word of an empty line without a heap.
pub(super) const fn empty_fixed(slots: usize) -> usize {
    word::empty(slots) | DISORDERED
}

/// The first half of [`claim`] for a waker on the heap, which is all that is needed as long as the line is in order:
/// looks in the head, then where the groups' hint says. `None`: the second half is for [`claim`].
///
/// # Safety
///
/// As below.
#[inline(always)]
pub(super) unsafe fn claim_at_once<S: Shape>(registry: *const Registry) -> Result<Option<Place<S>>, NoSlot> {
    // SAFETY: the caller's.
    unsafe {
        let head = &(*registry).word;
        // ORDERING: Acquire, for a closed word: whoever finds it sees the outcome.
        let mut old = head.load(Ordering::Acquire);
        loop {
            if old & CLOSED != 0 {
                return Err(NoSlot::closed(old));
            }
            if old & DISORDERED != 0 {
                return Ok(None);
            }
            let Some(position) = word::first_free(old, HEAD_CLAIMS, 1) else { break };
            // ORDERING: Acquire, with the Release of whoever removed the slot's last entry: its copy was read before we write.
            match head.compare_exchange(old, old | word::claims(position, 1), Ordering::Acquire, Ordering::Acquire) {
                Ok(_) => return Ok(Some(in_head(registry, position))),
                Err(now) => old = now,
            }
        }
        match group::claim_at_hint(registry, Wanted::waker(true))? {
            Some(place) => Ok(in_order(registry, place)),
            None => Ok(None),
        }
    }
}

/// The first half of [`claim`] for a callback on the heap, which is all that is needed where it stands alone in a line
/// that is in order: claims the whole head. `None`: the second half is for [`claim`], which also says what is closed.
///
/// # Safety
///
/// As below.
#[cfg(feature = "alloc")]
#[inline(always)]
pub(super) unsafe fn claim_alone(registry: *const Registry) -> Option<Place<super::registry::Heap>> {
    // SAFETY: the caller's.
    unsafe {
        let head = &(*registry).word;
        // ORDERING: a guess, which the exchange checks.
        let old = head.load(Ordering::Relaxed);
        if old & (CLOSED | INLINE_CLAIMS | DISORDERED) != 0 {
            return None;
        }
        let new = old | INLINE_CLAIMS | MIXED;
        // ORDERING: Acquire, with the Release of whoever removed the slots' last entries: their copies were read before we write.
        let claimed = head.compare_exchange(old, new, Ordering::Acquire, Ordering::Relaxed);
        claimed.is_ok().then(|| whole_head(registry))
    }
}

/// The place of the entry that has all of a head on the heap.
///
/// # Safety
///
/// The registry lives.
#[cfg(feature = "alloc")]
#[inline(always)]
pub(super) unsafe fn whole_head(registry: *const Registry) -> Place<super::registry::Heap> {
    // SAFETY: the caller's.
    unsafe { in_head(registry, word::position(0)) }
}

/// A place in the head.
#[inline(always)]
unsafe fn in_head<S: Shape>(registry: *const Registry, position: usize) -> Place<S> {
    // SAFETY: the registry lives.
    Place::new(unsafe { NonNull::new_unchecked(registry.cast_mut().cast()) }, position, false)
}

/// Claims a place at the end of the line.
///
/// # Safety
///
/// `registry` came from a pointer to what it lies in, with its slots behind it, and lives.
#[inline(always)]
pub(super) unsafe fn claim<S: Shape>(registry: *const Registry, who: Who, grow: bool) -> Result<Place<S>, NoSlot> {
    // SAFETY: the caller's.
    unsafe {
        let head = &(*registry).word;
        // ORDERING: Acquire, for a closed word: whoever finds it sees the outcome.
        let mut old = head.load(Ordering::Acquire);
        loop {
            if old & CLOSED != 0 {
                return Err(NoSlot::closed(old));
            }
            let wide = who == Who::Callback || old & DISORDERED != 0;
            let (span, mark) = if wide { (S::ORDERED, MIXED) } else { (1, 0) };
            let Some(position) = word::first_free(old, HEAD_CLAIMS, span) else {
                if wide || old & GROWN != 0 {
                    break;
                }
                // (4)
                // ORDERING: nothing is published, and whoever appends a group acquires. Acquire on failure: see above.
                match head.compare_exchange(old, old | GROWN, Ordering::Relaxed, Ordering::Acquire) {
                    Ok(_) => break,
                    Err(now) => old = now,
                }
                continue;
            };
            let new = old | word::claims(position, span) | mark;
            // ORDERING: Acquire, with the Release of whoever removed the slot's last entry: its copy was read before we write.
            match head.compare_exchange(old, new, Ordering::Acquire, Ordering::Acquire) {
                Ok(_) => {
                    let place = in_head(registry, position);
                    return Ok(if old & DISORDERED != 0 { place.numbered() } else { place });
                }
                Err(now) => old = now,
            }
        }
        if S::STRIDE != 1 {
            return Err(NoSlot::Full);
        }
        if who == Who::Waker && old & DISORDERED == 0 {
            if let Some(place) = claim_in_order(registry, grow)? {
                return Ok(place);
            }
        }
        claim_by_number(registry, grow)
    }
}

/// Claims a narrow place in a group. `None`: the line is in disorder.
#[inline(always)]
unsafe fn claim_in_order<S: Shape>(registry: *const Registry, grow: bool) -> Result<Option<Place<S>>, NoSlot> {
    // SAFETY: the caller's.
    unsafe {
        let wanted = Wanted::waker(grow);
        let place = match group::claim_at_hint(registry, wanted)? {
            Some(place) => place,
            None => group::search(registry, wanted)?,
        };
        Ok(in_order(registry, place))
    }
}

/// Gives a place that was claimed in a group back if the line is in disorder.
#[inline(always)]
unsafe fn in_order<S: Shape>(registry: *const Registry, place: Place<S>) -> Option<Place<S>> {
    // SAFETY: the caller's.
    unsafe {
        // ORDERING: the claim's Acquire came before, and with it the note of whoever freed the slot.
        if recheck("line", (*registry).word.load(Ordering::Relaxed) & DISORDERED != 0) {
            place.unclaim();
            return None;
        }
        Some(place)
    }
}

/// Claims a wide place in a group.
#[cold]
#[inline(never)]
unsafe fn claim_by_number<S: Shape>(registry: *const Registry, grow: bool) -> Result<Place<S>, NoSlot> {
    // SAFETY: the caller's.
    unsafe {
        disorder(registry)?;
        let wanted = Wanted::ordered::<S>(grow);
        let place = match group::claim_at_hint(registry, wanted)? {
            Some(place) => place,
            None => group::search(registry, wanted)?,
        };
        Ok(place.numbered())
    }
}

/// Notes that slots no longer tell the order, and that there are groups, or will be: else who empties the head would take
/// the note away while somebody goes on to a group with a number.
unsafe fn disorder(registry: *const Registry) -> Result<(), NoSlot> {
    const BOTH: usize = DISORDERED | GROWN;
    // SAFETY: the caller's.
    let head = unsafe { &(*registry).word };
    // ORDERING: the note is published by the operation on the slot that follows, if it does not stand there already.
    if head.load(Ordering::Relaxed) & BOTH != BOTH {
        // ORDERING: as above. Acquire, for a closed word: see `claim`.
        let old = head.fetch_or(BOTH, Ordering::Acquire);
        if old & CLOSED != 0 {
            return Err(NoSlot::closed(old));
        }
    }
    Ok(())
}

/// Writes the payload that a place was claimed for.
///
/// # Safety
///
/// The place was claimed here by the caller, for such a payload, and is not armed; the registry lives.
#[inline(always)]
pub(super) unsafe fn write<S: Shape>(registry: *const Registry, place: Place<S>, who: Who, payload: Payload) {
    // SAFETY: the caller's.
    unsafe {
        if place.is_numbered() {
            place.write_ordered(payload.numbered(), (*registry).number());
        } else if who == Who::Callback {
            // Its place in memory is noted; it has no number.
            place.write_ordered(payload, 0);
        } else {
            place.write(payload);
        }
    }
}

/// Removes a waker. `Some`: it was still waiting and the payload is the caller's.
///
/// # Safety
///
/// An armed waker of the caller's in a line, whose registry lives; the place is given up.
#[inline(always)]
pub(super) unsafe fn remove_waker<S: Shape>(place: Place<S>) -> Option<Payload> {
    // SAFETY: the caller's. A copy that does not count is forgotten.
    unsafe {
        let payload = (*place.slot()).read();
        leave(place, bits(place, Who::Waker)).then(|| payload.unnumbered())
    }
}

/// Removes a callback. `Some`: it will not run and the payload is the caller's. `None`: it runs, or it is over.
///
/// # Safety
///
/// An armed callback of the caller's in a line, whose registry lives; the place is given up.
#[inline(always)]
pub(super) unsafe fn remove_callback<S: Shape>(place: Place<S>) -> Option<Payload> {
    // SAFETY: as above.
    unsafe {
        let payload = (*place.slot()).read().unnumbered();
        (leave(place, bits(place, Who::Callback)) || place.remove_from_closed(payload)).then_some(payload)
    }
}

/// All bits of an armed entry.
#[inline(always)]
fn bits<S: Shape>(place: Place<S>, who: Who) -> usize {
    if who == Who::Callback || place.is_numbered() { place.ordered_bits() } else { place.arm_bit() | place.claim_bit() }
}

/// Clears the bits of an entry on an open word. False: the word is closed.
#[inline(always)]
unsafe fn leave<S: Shape>(place: Place<S>, bits: usize) -> bool {
    // SAFETY: the caller's.
    unsafe {
        if place.is_in_group() {
            return leave_group(place, bits);
        }
        let head = place.word();
        // ORDERING: a guess, which the exchange below checks.
        let mut old = head.load(Ordering::Relaxed);
        while old & CLOSED == 0 {
            // ORDERING: Release lets the next claimer of the slots write after the payload was copied, and shows it the note.
            match head.compare_exchange(old, left::<S>(old & !bits, bits), Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(now) => old = now,
            }
        }
        false
    }
}

/// A head's word after an entry of these bits has gone: see (3).
#[inline(always)]
fn left<S: Shape>(word: usize, bits: usize) -> usize {
    if S::STRIDE != 1 {
        // In disorder from the start.
        word
    } else if word & (INLINE_CLAIMS | GROWN) == 0 {
        // It was the last.
        word & !(DISORDERED | MIXED)
    } else if word & GROWN != 0 || word & INLINE_CLAIMS > bits {
        // Something stands behind it.
        word | DISORDERED
    } else {
        word
    }
}

#[inline(never)]
unsafe fn leave_group<S: Shape>(place: Place<S>, bits: usize) -> bool {
    // SAFETY: the caller's.
    unsafe {
        // If the head is closed, the firer has been here, or is on its way: this word says which.
        let _ = disorder(place.registry());
        let word = place.word();
        // ORDERING: a guess, which the exchange below checks.
        let mut old = word.load(Ordering::Relaxed);
        while old & CLOSED == 0 {
            // ORDERING: Release lets the next claimer of the slots write after the payload was copied, and shows it the note.
            match word.compare_exchange(old, old & !bits, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => {
                    place.has_room(old);
                    return true;
                }
                Err(now) => old = now,
            }
        }
        false
    }
}
