//! Hanging a child under its parent, once and for ever.
//!
//! The link needs a slot of the parent, and a slot can be armed only while the
//! parent is open. If it is not, the child is cancelled with it, and whoever
//! resets the child puts the link in place first. The tag of `parent` says how
//! far that is:
//!
//! | `parent` | meaning | left by |
//! |---|---|---|
//! | null | no link | whoever links: exchange |
//! | `PLACING` | somebody has a slot and is about to arm it | the same: exchange, which cannot fail |
//! | `UNPLACED` | there is no link in the parent; the child is sealed (6) | whoever resets the child: exchange |
//! | no tag | the link is armed | nobody |

use super::super::fault::Then;
use super::super::slot::Payload;
use super::fire;
use super::node::{FixedHandle, FixedNode, Head};
use super::place::Place;
use super::word::{self, SEAL};
use crate::shim::atomic::Ordering;
use core::ptr;

const PLACING: usize = 1;
const UNPLACED: usize = 2;
const TAGS: usize = PLACING | UNPLACED;
const _: () = assert!(align_of::<Head>() > TAGS);

/// The address without its tag.
pub(super) fn untagged(parent: *mut Head) -> *const Head {
    parent.map_addr(|address| address & !TAGS).cast_const()
}

fn tagged(parent: *const Head, tag: usize) -> *mut Head {
    parent.cast_mut().map_addr(|address| address | tag)
}

/// True if whoever resets the child has to put its link in place.
pub(super) fn is_unplaced(parent: *mut Head) -> bool {
    parent.addr() & UNPLACED != 0
}

/// True while somebody puts the link in place.
pub(super) fn is_being_placed(parent: *mut Head) -> bool {
    parent.addr() & PLACING != 0
}

/// No slot of the parent is free.
#[derive(Debug)]
pub(crate) struct NoRoom;

impl<const N: usize> FixedNode<N> {
    /// Cancels this source with `parent`. False: it is linked already.
    pub(crate) fn link<const M: usize>(&'static self, parent: &'static FixedNode<M>) -> Result<bool, NoRoom> {
        link(self.handle(), parent.handle())
    }
}

fn link(child: FixedHandle<'static>, parent: FixedHandle<'static>) -> Result<bool, NoRoom> {
    let (child, parent) = (child.head, parent.head);
    // SAFETY: both live for ever.
    unsafe {
        // ORDERING: a guess, which an exchange checks: who is linked already needs no slot.
        if !(*child).parent.load(Ordering::Relaxed).is_null() {
            return Ok(false);
        }
        match Place::claim(parent, SEAL) {
            Ok(place) => Ok(put(child, place, ptr::null_mut())),
            Err(word) if word & SEAL == 0 => Err(NoRoom),
            Err(word) => {
                let is_first = change(child, ptr::null_mut(), tagged(parent, UNPLACED));
                if is_first {
                    fire::cancel(child, word::inherited(word), Then::Resume);
                }
                Ok(is_first)
            }
        }
    }
}

/// Puts a link in place of which `parent`, the child's field, says that there is none in its parent. False: that is full
/// or cancelled.
///
/// # Safety
///
/// Both live for ever.
#[cold]
pub(super) unsafe fn place(child: *const Head, parent: *mut Head) -> bool {
    // SAFETY: the caller's.
    unsafe { Place::claim(untagged(parent), SEAL).map(|place| put(child, place, parent)).is_ok() }
}

/// Changes a child's field from what it was. False: somebody else has.
unsafe fn change(child: *const Head, from: *mut Head, to: *mut Head) -> bool {
    // ORDERING: Release: whoever follows the address sees what lies there, however it came to this caller.
    // SAFETY: the child lives.
    unsafe { (*child).parent.compare_exchange(from, to, Ordering::Release, Ordering::Relaxed) }.is_ok()
}

/// Arms the link in a place of the parent, unless the child's field is not `before` any more: false.
///
/// If the parent is cancelled meanwhile, the child is, too.
unsafe fn put(child: *const Head, place: Place, before: *mut Head) -> bool {
    // SAFETY: the caller's: both live for ever, and the place was claimed on an open word (1).
    unsafe {
        let is_first = change(child, before, tagged(place.head, PLACING));
        if !is_first {
            place.give_back();
            return false;
        }
        place.write_numbered(Payload::link(child.cast()));
        let placing = tagged(place.head, PLACING);
        match place.arm(false) {
            Ok(()) => _ = change(child, placing, place.head.cast_mut()),
            Err(word) => {
                place.give_back();
                change(child, placing, tagged(place.head, UNPLACED));
                fire::cancel(child, word::inherited(word), Then::Resume);
            }
        }
        true
    }
}
