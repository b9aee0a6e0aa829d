//! Growth: groups of slots behind a head that is full.
//!
//! A group is one allocation: header, slots, then a block for each word. Groups
//! hang in a chain, the newest last, each twice as large as the one before
//! until it has as many words as its summary has bits. They are reused and live
//! as long as the registry.
//!
//! * Append: set `GROWN` on the head (its seal then knows to look here), then
//!   exchange the null at the end of the chain for the group.
//! * Seal: word by word; the null at the end becomes [`END`], so that no group
//!   can be appended to a sealed chain. A claim that passed the head before the
//!   seal is taken by it, or meets it.
//! * Summary: bit `i` of `full` says that word `i` had no free slot. The claimer
//!   that fills a word sets the bit, then looks at the word again and clears the
//!   bit if there is room; whoever removes an entry of a full word clears it
//!   after the removal. So a word with room is never hidden for good. A bit that
//!   is clear for a full word only costs the next claimer a look.
//! * Hint: the group in which something came free last. It may be wrong.

mod chain;

pub(super) use chain::{blocks, free, listeners, reserve, seal};

use super::registry::{NoSlot, Place, Registry, Shape, Wanted, claim_in};
use super::slot::{Slot, Spot};
use super::word::{self, CLOSED, GROWN};
use crate::shim::atomic::{AtomicPtr, AtomicUsize, Ordering, recheck};
use crate::shim::cell::UnsafeCell;
use crate::shim::heap::{alloc, dealloc, handle_alloc_error};
use core::alloc::Layout;
use core::ptr;

/// Slots of a word in a group.
const PER_WORD: usize = if cfg!(loom) { 2 } else { word::SLOTS };
/// Slots of the first group.
const FIRST: usize = if cfg!(loom) { 2 } else { 6 };
/// Words of the largest groups: a bit of the summary for each.
const MOST_WORDS: usize = usize::BITS as usize;

/// Where a sealed chain ends: an address, never dereferenced.
const END: *mut Group = ptr::without_provenance_mut(1);

/// Header of a group; its slots follow, then its blocks.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Group {
    owner: *const Registry,
    next: AtomicPtr<Group>,
    /// A set bit: the word had no free slot.
    full: AtomicUsize,
    /// In the first group: where to look first.
    hint: AtomicPtr<Group>,
    words: usize,
    slots: usize,
}

/// A word of a group and what it governs.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Block {
    word: AtomicUsize,
    /// The wakers that the seal took, as arm bits; the firer's.
    taken: UnsafeCell<usize>,
    slots: *const Slot,
    group: *const Group,
    index: u8,
}

impl Block {
    #[inline(always)]
    pub(super) fn slots(&self) -> *const Slot {
        self.slots
    }

    pub(super) fn index(&self) -> u8 {
        self.index
    }

    /// # Safety
    ///
    /// The registry lives.
    pub(super) unsafe fn owner(&self) -> *const Registry {
        // SAFETY: groups live as long as the registry.
        unsafe { (*self.group).owner }
    }

    /// What the firer keeps here between its phases.
    pub(super) fn taken(&self) -> &UnsafeCell<usize> {
        &self.taken
    }

    /// A slot of this word, which was full, came free.
    ///
    /// # Safety
    ///
    /// The registry lives.
    #[cold]
    pub(super) unsafe fn has_room(&self) {
        // SAFETY: groups live as long as the registry.
        let group = unsafe { &*self.group };
        // ORDERING: Release: a claimer whose own RMW on the summary comes after this one sees the removal when it looks again.
        group.full.fetch_and(!(1 << self.index), Ordering::Release);
        // SAFETY: the registry lives, and so does its first group, since there is this one.
        unsafe {
            // ORDERING: Acquire, with the append: the first group's header is complete.
            let first = (*group.owner).next.load(Ordering::Acquire);
            // ORDERING: Release, so that whoever follows the hint sees the group's header.
            (*first).hint.store(self.group.cast_mut(), Ordering::Release);
        }
    }
}

impl Group {
    fn layout(words: usize, slots: usize) -> (Layout, usize) {
        let (with_slots, _) =
            Layout::new::<Self>().extend(Layout::array::<Slot>(slots).expect("small")).expect("small");
        let (all, blocks) = with_slots.extend(Layout::array::<Block>(words).expect("small")).expect("small");
        (all.pad_to_align(), blocks)
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
        let (layout, blocks) = Self::layout(words, slots);
        // SAFETY: the layout is not empty.
        let group = unsafe { alloc(layout) }.cast::<Self>();
        if group.is_null() {
            handle_alloc_error(layout);
        }
        // SAFETY: all writes stay inside the block that was just allocated with this layout.
        unsafe {
            group.write(Self {
                owner,
                next: AtomicPtr::new(ptr::null_mut()),
                full: AtomicUsize::new(usize::MAX.checked_shl(words as u32).unwrap_or(0)),
                hint: AtomicPtr::new(group),
                words,
                slots,
            });
            let first_slot = group.add(1).cast::<Slot>();
            for i in 0..slots {
                first_slot.add(i).write(Slot::new());
            }
            let first_block = group.cast::<u8>().add(blocks).cast::<Block>();
            for i in 0..words {
                first_block.add(i).write(Block {
                    word: AtomicUsize::new(word::empty(slots.min(PER_WORD))),
                    taken: UnsafeCell::new(0),
                    slots: first_slot.add(i * PER_WORD),
                    group,
                    index: i as u8,
                });
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
            let (layout, blocks) = Self::layout(words, slots);
            for i in 0..words {
                this.cast::<u8>().add(blocks).cast::<Block>().add(i).drop_in_place();
            }
            for i in 0..slots {
                this.add(1).cast::<Slot>().add(i).drop_in_place();
            }
            this.drop_in_place();
            dealloc(this.cast(), layout);
        }
    }

    #[inline(always)]
    unsafe fn block(this: *const Self, i: usize) -> *const Block {
        // SAFETY: the blocks follow the slots, which follow the header, all aligned to a pointer.
        unsafe { this.add(1).cast::<Slot>().add((*this).slots).cast::<Block>().add(i) }
    }

    /// The block of the entry at `slot`.
    ///
    /// # Safety
    ///
    /// `spot` is that entry's, and lies in a group.
    pub(super) unsafe fn block_of(slot: *const Slot, spot: Spot) -> *const Block {
        // SAFETY: the spot leads back to the group's first slot, which follows its header.
        unsafe {
            let group = slot.sub(spot.word as usize * PER_WORD + spot.slot as usize).cast::<Self>().sub(1);
            Self::block(group, spot.word.into())
        }
    }

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
            let block = unsafe { &*Self::block(this, i) };
            match claim_in(&block.word, wanted)? {
                Some((slot, now)) => {
                    if word::is_full(now) {
                        group.fill(block);
                    }
                    return Ok(Some(Place::new(ptr::from_ref(block).cast(), slot, true)));
                }
                None if wanted.span > 1 => too_small |= 1 << i,
                // Somebody else filled the word and has not said so yet: help.
                None => {
                    group.fill(block);
                    too_small |= 1 << i;
                }
            }
        }
    }

    /// Notes that `block` has no free slot.
    #[cold]
    fn fill(&self, block: &Block) {
        let bit = 1 << block.index;
        // ORDERING: Acquire: if a remover cleared the bit before this, its removal is visible to the look below.
        self.full.fetch_or(bit, Ordering::Acquire);
        // ORDERING: the RMW above orders this look after the removals that it has to see.
        if recheck("summary", !word::is_full(block.word.load(Ordering::Relaxed))) {
            // ORDERING: the word itself decides; the bit only has to become clear.
            self.full.fetch_and(!bit, Ordering::Relaxed);
        }
    }
}

/// Claims a slot behind the head, which has none.
///
/// # Safety
///
/// The registry lives.
pub(super) unsafe fn claim<S: Shape>(registry: *const Registry, wanted: Wanted) -> Result<Place<S>, NoSlot> {
    // SAFETY: alive.
    let head = unsafe { &*registry };
    // ORDERING: Acquire, with the append: the group's header is complete.
    let first = head.next.load(Ordering::Acquire);
    if first == END {
        return Err(NoSlot::closed(head.state()));
    }
    if first.is_null() {
        // SAFETY: the caller's.
        return if wanted.grow { unsafe { append(registry, None, wanted) } } else { Err(NoSlot::Full) };
    }
    // SAFETY: groups live as long as the registry, here and below.
    unsafe {
        // ORDERING: Acquire, with the store of the hint: the group's header is complete.
        let hint = (*first).hint.load(Ordering::Acquire);
        if let Some(place) = Group::claim(hint, wanted)? {
            return Ok(place);
        }
        let mut group = first;
        loop {
            if group != hint {
                if let Some(place) = Group::claim(group, wanted)? {
                    // ORDERING: Release, so that whoever follows the hint sees the group's header.
                    (*first).hint.store(group, Ordering::Release);
                    return Ok(place);
                }
            }
            // ORDERING: Acquire, with the append.
            let next = (*group).next.load(Ordering::Acquire);
            if next == END {
                return Err(NoSlot::closed(head.state()));
            }
            if next.is_null() {
                return if wanted.grow { append(registry, Some(&*group), wanted) } else { Err(NoSlot::Full) };
            }
            group = next;
        }
    }
}

/// Appends a group after `last` and claims in it; or finds that somebody else has.
#[cold]
unsafe fn append<S: Shape>(
    registry: *const Registry,
    last: Option<&Group>,
    wanted: Wanted,
) -> Result<Place<S>, NoSlot> {
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
    // ORDERING: Release publishes the header to whoever walks the chain; Acquire, for the group that was faster.
    match end.compare_exchange(ptr::null_mut(), group, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => {
            // SAFETY: appended, so it lives.
            unsafe {
                // ORDERING: Acquire, with the append of the first group.
                let first = head.next.load(Ordering::Acquire);
                // ORDERING: Release, so that whoever follows the hint sees the group's header.
                (*first).hint.store(group, Ordering::Release);
            }
        }
        // SAFETY: never published.
        Err(_) => unsafe { Group::free(group) },
    }
    // SAFETY: the caller's.
    unsafe { claim(registry, wanted) }
}
