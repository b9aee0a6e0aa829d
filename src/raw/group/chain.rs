//! Walking the chain of groups: to seal, to look, to reserve, to free.

use super::{Block, END, Group, empty_word, no_words_beyond};
use crate::raw::registry::Registry;
use crate::raw::word::{self, ARMS, GROWN};
use crate::shim::atomic::Ordering;
use core::ptr;

impl Group {
    /// Calls `each` for all blocks of a group.
    ///
    /// # Safety
    ///
    /// The registry lives.
    #[inline(always)]
    unsafe fn for_blocks(this: *const Self, mut each: impl FnMut(&Block)) {
        // SAFETY: there is one block at least, and `words` in all.
        unsafe {
            let mut block = Self::block(this, 0);
            let end = block.following((*this).words);
            loop {
                each(&block);
                block = block.following(1);
                if block == end {
                    return;
                }
            }
        }
    }
}

/// Seals all blocks of a registry by `flag`, and notes in each what was armed there. Returns their flags.
///
/// # Safety
///
/// The caller sealed the head, and the registry lives.
#[inline(always)]
pub(in crate::raw) unsafe fn seal(registry: &Registry, flag: usize) -> usize {
    let mut flags = 0;
    let mut end = &registry.next;
    loop {
        // ORDERING: Acquire, with the append: the group's blocks are complete.
        let mut group = end.load(Ordering::Acquire);
        if group.is_null() {
            // ORDERING: Release: whoever meets the end sees that the head is sealed. Acquire, for a group appended just now.
            match end.compare_exchange(ptr::null_mut(), END, Ordering::Release, Ordering::Acquire) {
                Ok(_) => return flags,
                Err(now) => group = now,
            }
        }
        // SAFETY: appended groups live as long as the registry.
        unsafe {
            Group::for_blocks(group, |block| {
                // ORDERING: Release shows the reason to whoever meets the seal; Acquire takes the payloads that were armed.
                let old = block.get().word.fetch_or(flag, Ordering::AcqRel);
                block.taken().with_mut(|taken| *taken = old & ARMS);
                flags |= old;
            });
            end = &(*group).next;
        }
    }
}

/// Calls `each` for all blocks of a registry.
///
/// # Safety
///
/// The registry lives.
#[inline(always)]
pub(in crate::raw) unsafe fn blocks(registry: &Registry, mut each: impl FnMut(&Block)) {
    // ORDERING: Acquire, with the append: the group's blocks are complete.
    let mut group = registry.next.load(Ordering::Acquire);
    while !group.is_null() && group != END {
        // SAFETY: appended groups live as long as the registry.
        unsafe {
            Group::for_blocks(group, &mut each);
            // ORDERING: Acquire, with the append.
            group = (*group).next.load(Ordering::Acquire);
        }
    }
}

/// How many entries are armed behind the head; racy.
pub(in crate::raw) fn listeners(registry: &Registry) -> usize {
    let mut count = 0;
    // SAFETY: borrowed, so it lives.
    // ORDERING: a count for people to look at.
    unsafe { blocks(registry, |block| count += word::listeners(block.get().word.load(Ordering::Relaxed))) };
    count
}

/// Makes sure that `slots` slots exist.
///
/// # Safety
///
/// Nobody else can reach the registry yet.
pub(in crate::raw) unsafe fn reserve(registry: *const Registry, mut slots: usize) {
    // SAFETY: the caller's alone.
    unsafe {
        let mut last: Option<&Group> = None;
        while slots > 0 {
            let group = Group::new(registry, last);
            slots = slots.saturating_sub((*group).slots);
            match last {
                None => {
                    // ORDERING: nobody else can reach the registry yet; here and in the stores below.
                    (*registry).word.fetch_or(GROWN, Ordering::Relaxed);
                    // ORDERING: as above.
                    (*registry).next.store(group, Ordering::Relaxed);
                }
                // ORDERING: as above.
                Some(last) => last.next.store(group, Ordering::Relaxed),
            }
            last = Some(&*group);
        }
    }
}

/// Empties all groups. True: there are some.
///
/// # Safety
///
/// Nobody else can reach the registry, and nothing is left in it.
pub(in crate::raw) unsafe fn reset(registry: &Registry) -> bool {
    // ORDERING: the caller has synchronised with all others by the count that says it is alone; here and below.
    let first = registry.next.load(Ordering::Relaxed);
    if first.addr() <= END.addr() {
        // ORDERING: as above.
        registry.next.store(ptr::null_mut(), Ordering::Relaxed);
        return false;
    }
    let mut group = first;
    loop {
        // SAFETY: the caller's alone.
        unsafe {
            let (words, slots) = ((*group).words, (*group).slots);
            // ORDERING: as above.
            (*group).full.store(no_words_beyond(words), Ordering::Relaxed);
            // ORDERING: as above.
            Group::for_blocks(group, |block| block.get().word.store(empty_word(slots), Ordering::Relaxed));
            // ORDERING: as above.
            let next = (*group).next.load(Ordering::Relaxed);
            if next.addr() <= END.addr() {
                // ORDERING: as above.
                (*group).next.store(ptr::null_mut(), Ordering::Relaxed);
                // ORDERING: as above.
                (*first).hint.store(first.add(1).cast(), Ordering::Relaxed);
                return true;
            }
            group = next;
        }
    }
}

/// Frees all groups.
///
/// # Safety
///
/// Nobody else can reach the registry any more.
#[inline(always)]
pub(in crate::raw) unsafe fn free(registry: &Registry) {
    // ORDERING: whoever frees has synchronised with all others by the count that let it.
    let first = registry.next.load(Ordering::Relaxed);
    if first.addr() > END.addr() {
        // SAFETY: the caller's.
        unsafe { free_from(first) };
    }
}

#[inline(never)]
unsafe fn free_from(mut group: *mut Group) {
    while !group.is_null() && group != END {
        // SAFETY: the caller's alone.
        unsafe {
            // ORDERING: as in `free`.
            let next = (*group).next.load(Ordering::Relaxed);
            Group::free(group);
            group = next;
        }
    }
}
