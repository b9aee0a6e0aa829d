//! The wakers of the children: the table, and what a wake does.

use core::mem::ManuallyDrop;
use core::ptr::NonNull;
use core::task::{RawWaker, RawWakerVTable, Waker};

use super::block::{ARMED, Block, CHILDREN, CLOSED, Child, EMPTY, FIRST, KEPT, bit};
use crate::shim::atomic::{AtomicUsize, Ordering};

/// The waker of a child, without a reference: never to be dropped.
#[inline(always)]
pub(super) fn borrowed(child: NonNull<Child>) -> ManuallyDrop<Waker> {
    // SAFETY: the table keeps RawWaker's contract as long as the block lives, which the owner sees to.
    ManuallyDrop::new(unsafe { Waker::new(child.as_ptr().cast_const().cast(), &TABLE) })
}

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop);

/// # Safety
///
/// `data` is the pointer to a child of a living block.
#[inline(always)]
unsafe fn parts(data: *const ()) -> (NonNull<Block>, NonNull<Child>) {
    // SAFETY: a waker's data is never null; the child of mark `FIRST` starts at `CHILDREN` in its block.
    unsafe {
        let child = NonNull::new_unchecked(data.cast_mut().cast::<Child>());
        let index = child.as_ref().mark as usize - FIRST as usize;
        (child.sub(index).byte_sub(CHILDREN).cast(), child)
    }
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the waker that is cloned keeps the block alive.
    let block = unsafe { parts(data).0.as_ref() };
    // ORDERING: Relaxed, a new reference is made from a living one.
    if block.refs.fetch_add(1, Ordering::Relaxed) > usize::MAX / 2 {
        too_many(&block.refs);
    }
    RawWaker::new(data, &TABLE)
}

#[cold]
fn too_many(refs: &AtomicUsize) -> ! {
    // ORDERING: Relaxed, it undoes the addition that went too far.
    refs.fetch_sub(1, Ordering::Relaxed);
    panic!("too many wakers of one combinator's children");
}

unsafe fn wake(data: *const ()) {
    // SAFETY: the waker's reference keeps the block alive until it is given back.
    unsafe {
        let (block, child) = parts(data);
        if queue(block.as_ref(), child.as_ref()) { wake_parent::<true>(block) } else { Block::release(block) }
    }
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the waker is borrowed for this call and keeps the block alive.
    unsafe {
        let (block, child) = parts(data);
        if queue(block.as_ref(), child.as_ref()) {
            wake_parent::<false>(block);
        }
    }
}

unsafe fn drop(data: *const ()) {
    // SAFETY: the waker's reference is given back and not used again.
    unsafe { Block::release(parts(data).0) }
}

/// Queues the child unless it is; answers whether that took `head` from `ARMED`.
#[inline(always)]
fn queue(block: &Block, child: &Child) -> bool {
    // ORDERING: Relaxed, a hint: states from `KEPT` on are for good, and an old `LIVE` costs a vain wake. `FREE` must not
    // end it: another child may live here since, and who kept its predecessor's waker for it need not have seen that.
    if child.state.load(Ordering::Relaxed) >= KEPT {
        return false;
    }
    let mark = child.mark;
    // SAFETY: the child is one of this block.
    let word = unsafe { block.word(mark) };
    // ORDERING: AcqRel, Release shows the caller's doings to the owner, Acquire takes `next` over from it.
    if word.queued.fetch_or(bit(mark), Ordering::AcqRel) & bit(mark) != 0 {
        return false;
    }
    // ORDERING: Relaxed, only a guess for the exchange.
    let mut head = block.head.load(Ordering::Relaxed);
    while head != CLOSED {
        child.next.with_mut(|next| {
            // SAFETY: invariant 2: this call has set the bit.
            unsafe { *next = if head < FIRST { EMPTY } else { head } }
        });
        // ORDERING: AcqRel, Release shows `next` and the caller's doings to `turn`, Acquire sees `parent`.
        match block.head.compare_exchange(head, mark, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return head == ARMED,
            Err(now) => head = now,
        }
    }
    false
}

/// # Safety
///
/// The caller moved `head` from `ARMED`. If `GIVE_BACK`, it does not use its reference again.
#[inline(never)]
unsafe fn wake_parent<const GIVE_BACK: bool>(block: NonNull<Block>) {
    // SAFETY: invariant 1; the caller's reference is good up to the release.
    let parent = unsafe {
        let parent = block.as_ref().take_parent();
        // ORDERING: Release, the owner writes `parent` anew only after this read of it.
        block.as_ref().parent_free.store(true, Ordering::Release);
        if GIVE_BACK {
            Block::release(block);
        }
        parent
    };
    // The last thing done: it may poll the owner, or drop it and free the block.
    parent.wake();
}
