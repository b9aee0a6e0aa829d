//! Without a heap nothing grows: a registry has its head's slots and no more.

use super::registry::{NoSlot, Place, Registry, Shape, Wanted};
use super::slot::Slot;
use crate::shim::atomic::AtomicUsize;
use crate::shim::cell::UnsafeCell;

/// A group that does not exist.
#[derive(Debug)]
pub(crate) enum Group {}

/// A block of a group that does not exist.
#[derive(Debug)]
pub(crate) enum Block {}

impl Block {
    pub(super) unsafe fn of_word(_: *const AtomicUsize) -> Self {
        unreachable!("no entry lies in a group")
    }
    pub(super) fn slots(&self) -> *const Slot {
        match *self {}
    }
    pub(super) unsafe fn owner(&self) -> *const Registry {
        match *self {}
    }
    pub(super) fn taken(&self) -> &UnsafeCell<usize> {
        match *self {}
    }
    pub(super) unsafe fn has_room(&self) {
        match *self {}
    }
}

pub(super) unsafe fn claim<S: Shape>(_: *const Registry, _: Wanted) -> Result<Place<S>, NoSlot> {
    Err(NoSlot::Full)
}

pub(super) fn listeners(_: &Registry) -> usize {
    0
}

pub(super) unsafe fn seal(_: &Registry, _: usize, _: impl FnMut(&Block, usize)) {}

pub(super) unsafe fn blocks(_: &Registry, _: impl FnMut(&Block)) {}
