//! Without a heap no source has a timer.

use super::fault::Panics;
use super::node::Node;
use super::reason::Word;

/// No ticket.
#[derive(Debug)]
pub(super) struct Retired;

impl Retired {
    pub(super) const NONE: Self = Self;

    pub(super) fn is_none(&self) -> bool {
        true
    }

    pub(super) fn add(&mut self, _: Self) {}

    pub(super) fn end(&mut self, _: &mut Panics) {}
}

/// The word is not empty, so that it has been decided.
pub(super) fn decide(_: &Node, _: *mut (), _: Word) -> Option<Retired> {
    None
}
