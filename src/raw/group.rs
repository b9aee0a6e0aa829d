//! Growth: groups of slots behind a head that is full.
//!
//! A group is one allocation: a header, then blocks; a block is a word with the
//! slots that it governs, as in the head. Groups hang in a chain, the newest
//! last, each twice as large as the one before until it has as many words as its
//! summary has bits. They are reused and live as long as the registry.
//!
//! * Append: set `GROWN` on the head (its seal then knows to look here), then
//!   exchange the null at the end of the chain for the group.
//! * Seal: word by word; the null at the end becomes [`END`], so that no group
//!   can be appended to a sealed chain. A claim that passed the head before the
//!   seal is taken by it, or meets it.
//! * Hint: the block in which something came free last. It may be wrong. A claim
//!   looks there first, and searches only if that word is full.
//! * Summary: bit `i` of `full` says that word `i` had no free slot. A search that
//!   meets a full word sets the bit, then looks at the word again and clears the
//!   bit if there is room; whoever removes an entry of a full word clears it
//!   after the removal. So a word with room is never hidden for good. A bit that
//!   is clear for a full word only costs the next search a look.

mod chain;

pub(super) use chain::{blocks, free, listeners, reserve, reset, seal};

use super::registry::{BEHIND, NoSlot, Place, Registry, Shape, Wanted, claim_in};
use super::slot::Slot;
use super::word::{self, CLOSED, GROWN};
use crate::shim::atomic::{AtomicPtr, AtomicUsize, Ordering, recheck};
use crate::shim::cell::UnsafeCell;
use crate::shim::heap::{alloc, dealloc, handle_alloc_error};
use core::alloc::Layout;
use core::ptr::{self, NonNull};

/// Slots of a word in a group.
const PER_WORD: usize = if cfg!(loom) { 2 } else { word::SLOTS };
/// Slots of the first group.
const FIRST: usize = if cfg!(loom) { 2 } else { 8 };
/// Words of the largest groups: a bit of the summary for each.
const MOST_WORDS: usize = usize::BITS as usize;

/// Where a sealed chain ends: an address, never dereferenced.
const END: *mut Group = ptr::without_provenance_mut(1);

/// Header of a group; its blocks follow.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Group {
    owner: *const Registry,
    next: AtomicPtr<Group>,
    /// A set bit: the word had no free slot.
    full: AtomicUsize,
    /// In the first group: the block to look at first.
    hint: AtomicPtr<Word>,
    words: usize,
    slots: usize,
}

/// A word of a group. Its slots lie [`BEHIND`] it, as behind a head.
#[derive(Debug)]
#[repr(C)]
struct Word {
    word: AtomicUsize,
    /// The wakers that the seal took, as arm bits; the firer's.
    taken: UnsafeCell<usize>,
    /// How many blocks of the group come before.
    index: usize,
}

const _: () = assert!(size_of::<Word>() <= BEHIND);

/// From one block of a group to the next.
const BLOCK: usize = BEHIND + PER_WORD * size_of::<Slot>();

/// A word and its slots, in a group that lives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Block(*const Word);

impl Block {
    #[inline(always)]
    fn get(&self) -> &Word {
        // SAFETY: whoever made this says that it lives.
        unsafe { &*self.0 }
    }

    #[inline(always)]
    pub(super) fn slots(&self) -> *const Slot {
        // SAFETY: they lie in the same allocation.
        unsafe { self.0.byte_add(BEHIND).cast() }
    }

    #[inline(always)]
    fn group(&self) -> *const Group {
        // SAFETY: the blocks follow the group's header.
        unsafe { self.0.byte_sub(self.get().index * BLOCK).cast::<Group>().sub(1) }
    }

    /// The block that lies so many further on; none, if there are not as many.
    #[inline(always)]
    fn following(self, blocks: usize) -> Self {
        Self(self.0.wrapping_byte_add(blocks * BLOCK))
    }

    /// What the firer keeps here between its phases.
    #[inline(always)]
    pub(super) fn taken(&self) -> &UnsafeCell<usize> {
        &self.get().taken
    }

    /// Has the next claim look here first.
    ///
    /// # Safety
    ///
    /// The registry lives, and this block lies in one of its groups that was appended.
    #[inline(always)]
    unsafe fn is_hint(self, owner: *const Registry) {
        // SAFETY: there is a first group, since there is this one.
        unsafe {
            // ORDERING: the caller came along the chain, or has a place from somebody who did: the first group is visible already.
            let first = (*owner).next.load(Ordering::Relaxed);
            // ORDERING: Release, so that whoever follows the hint sees the block.
            (*first).hint.store(self.0.cast_mut(), Ordering::Release);
        }
    }

    /// Notes that the word has no free slot.
    fn fill(self) {
        // SAFETY: groups live as long as the registry.
        let group = unsafe { &*self.group() };
        let Word { word, index, .. } = self.get();
        let bit = 1 << index;
        // ORDERING: Acquire: if a remover cleared the bit before this, its removal is visible to the look below.
        group.full.fetch_or(bit, Ordering::Acquire);
        // ORDERING: the RMW above orders this look after the removals that it has to see.
        if recheck("summary", !word::is_full(word.load(Ordering::Relaxed))) {
            // ORDERING: the word itself decides; the bit only has to become clear.
            group.full.fetch_and(!bit, Ordering::Relaxed);
        }
    }

    /// Claims here. `None`: the word has no room.
    #[inline(always)]
    fn claim<S: Shape>(self, wanted: Wanted) -> Result<Option<Place<S>>, NoSlot> {
        let Some(position) = claim_in(&self.get().word, word::CLAIMS, wanted)? else { return Ok(None) };
        // SAFETY: not null, since it lies in a group.
        let word = unsafe { NonNull::new_unchecked(self.0.cast_mut().cast()) };
        Ok(Some(Place::new(word, position, true)))
    }
}

impl Group {
    fn layout(words: usize, slots: usize) -> Layout {
        let size = size_of::<Self>() + words * BEHIND + slots * size_of::<Slot>();
        const { assert!(align_of::<Self>() == align_of::<Word>() && align_of::<Word>() == align_of::<Slot>()) };
        Layout::from_size_align(size, align_of::<Self>()).expect("small")
    }

    /// A group that is larger than `last`, or a first one.
    fn new(owner: *const Registry, last: Option<&Self>) -> *mut Self {
        let (words, slots) = match last {
            None => (1, FIRST),
            Some(last) if last.slots < PER_WORD => (1, PER_WORD),
            Some(last) => {
                let words = (last.words * 2).min(MOST_WORDS);
                (words, words * PER_WORD)
            }
        };
        let layout = Self::layout(words, slots);
        // SAFETY: the layout is not empty.
        let group = unsafe { alloc(layout) }.cast::<Self>();
        if group.is_null() {
            handle_alloc_error(layout);
        }
        // SAFETY: all writes stay inside the allocation that was just made with this layout.
        unsafe {
            group.write(Self {
                owner,
                next: AtomicPtr::new(ptr::null_mut()),
                full: AtomicUsize::new(no_words_beyond(words)),
                hint: AtomicPtr::new(group.add(1).cast()),
                words,
                slots,
            });
            for index in 0..words {
                let block = Self::block(group, index);
                block.0.cast_mut().write(Word {
                    word: AtomicUsize::new(empty_word(slots)),
                    taken: UnsafeCell::new(0),
                    index,
                });
                for i in 0..slots.min(PER_WORD) {
                    block.slots().cast_mut().add(i).write(Slot::new());
                }
            }
        }
        group
    }

    /// # Safety
    ///
    /// Nobody else can reach the group.
    unsafe fn free(this: *mut Self) {
        // SAFETY: the caller's; the layout is the one that `new` used.
        unsafe {
            let (words, slots) = ((*this).words, (*this).slots);
            for index in 0..words {
                let block = Self::block(this, index);
                for i in 0..slots.min(PER_WORD) {
                    block.slots().cast_mut().add(i).drop_in_place();
                }
                block.0.cast_mut().drop_in_place();
            }
            this.drop_in_place();
            dealloc(this.cast(), Self::layout(words, slots));
        }
    }

    /// # Safety
    ///
    /// There is a block of this index.
    #[inline(always)]
    unsafe fn block(this: *const Self, index: usize) -> Block {
        // SAFETY: the blocks follow the header, all aligned to a pointer.
        Block(unsafe { this.add(1).byte_add(index * BLOCK).cast() })
    }

    /// Claims in the first word that has room, by the summary.
    ///
    /// # Safety
    ///
    /// The registry lives.
    unsafe fn claim<S: Shape>(this: *const Self, wanted: Wanted) -> Result<Option<Place<S>>, NoSlot> {
        // SAFETY: groups live as long as the registry.
        let group = unsafe { &*this };
        // Words that have single slots free, but not as many neighbours as wanted.
        let mut too_small = 0;
        loop {
            // ORDERING: only a proposal of where to look; the word itself decides.
            let full = group.full.load(Ordering::Relaxed) | too_small;
            if full == usize::MAX {
                return Ok(None);
            }
            let i = full.trailing_ones() as usize;
            // SAFETY: a clear bit is a word's.
            let block = unsafe { Self::block(this, i) };
            if let Some(place) = block.claim(wanted)? {
                // SAFETY: the caller's.
                unsafe { block.is_hint(group.owner) };
                return Ok(Some(place));
            }
            if wanted.span == 1 {
                block.fill();
            }
            too_small |= 1 << i;
        }
    }
}

/// The summary of a group of so many words, all of which have room.
fn no_words_beyond(words: usize) -> usize {
    usize::MAX.checked_shl(words as u32).unwrap_or(0)
}

/// An empty word of a group of so many slots.
fn empty_word(slots: usize) -> usize {
    word::empty(slots.min(PER_WORD))
}

/// The registry of a word.
///
/// # Safety
///
/// The word lies in a group, and the registry lives.
#[inline(always)]
pub(super) unsafe fn owner(word: NonNull<AtomicUsize>) -> *const Registry {
    // SAFETY: groups live as long as the registry.
    unsafe { (*Block(word.as_ptr().cast_const().cast()).group()).owner }
}

/// A slot of a word that was full came free.
///
/// # Safety
///
/// As for [`owner`].
#[inline(always)]
pub(super) unsafe fn has_room(word: NonNull<AtomicUsize>) {
    let block = Block(word.as_ptr().cast_const().cast());
    // SAFETY: groups live as long as the registry.
    unsafe {
        let group = &*block.group();
        // ORDERING: Release: a claimer whose own RMW on the summary comes after this one sees the removal when it looks again.
        group.full.fetch_and(!(1 << block.get().index), Ordering::Release);
        block.is_hint(group.owner);
    }
}

/// Claims where something came free last. `None`: that word has no room, or there is no group.
///
/// # Safety
///
/// The registry lives.
#[inline(always)]
pub(super) unsafe fn claim_at_hint<S: Shape>(
    registry: *const Registry,
    wanted: Wanted,
) -> Result<Option<Place<S>>, NoSlot> {
    // SAFETY: alive; groups live as long as the registry.
    unsafe {
        // ORDERING: Acquire, with the append: the group's header is complete.
        let first = (*registry).next.load(Ordering::Acquire);
        if first.addr() <= END.addr() {
            return Ok(None);
        }
        // ORDERING: Acquire, with the store of the hint: the block is complete.
        Block((*first).hint.load(Ordering::Acquire)).claim(wanted)
    }
}

/// Claims in whichever group has room, the hint's first; grows if none has.
///
/// # Safety
///
/// The registry lives.
#[cold]
#[inline(never)]
pub(super) unsafe fn search<S: Shape>(registry: *const Registry, wanted: Wanted) -> Result<Place<S>, NoSlot> {
    // SAFETY: alive; groups live as long as the registry.
    unsafe {
        let mut hint = ptr::null();
        let mut last: Option<&Group> = None;
        loop {
            let end = last.map_or(&(*registry).next, |last| &last.next);
            // ORDERING: Acquire, with the append: the group's header is complete.
            let group = end.load(Ordering::Acquire).cast_const();
            if group == END {
                return Err(NoSlot::closed((*registry).state()));
            }
            if group.is_null() {
                if !wanted.grow {
                    return Err(NoSlot::Full);
                }
                append(registry, last)?;
                continue;
            }
            if last.is_none() {
                // ORDERING: Acquire, with the store of the hint: the block is complete.
                hint = Block((*group).hint.load(Ordering::Acquire)).group();
                if let Some(place) = Group::claim(hint, wanted)? {
                    return Ok(place);
                }
            }
            if group != hint {
                if let Some(place) = Group::claim(group, wanted)? {
                    return Ok(place);
                }
            }
            last = Some(&*group);
        }
    }
}

/// Appends a group after `last`, or finds that somebody else has.
///
/// # Safety
///
/// The registry lives.
#[cold]
unsafe fn append(registry: *const Registry, last: Option<&Group>) -> Result<(), NoSlot> {
    // SAFETY: alive.
    let head = unsafe { &*registry };
    if last.is_none() {
        // ORDERING: Acquire, for a closed word: see `claim_in`. A seal that comes later sees the flag and closes the chain.
        let old = head.word.fetch_or(GROWN, Ordering::Acquire);
        if old & CLOSED != 0 {
            return Err(NoSlot::closed(old));
        }
    }
    let end = last.map_or(&head.next, |last| &last.next);
    let group = Group::new(registry, last);
    // ORDERING: Release publishes the group to whoever walks the chain; who fails looks again.
    if end.compare_exchange(ptr::null_mut(), group, Ordering::Release, Ordering::Relaxed).is_err() {
        // SAFETY: never published.
        unsafe { Group::free(group) };
    }
    Ok(())
}
