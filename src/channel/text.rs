//! What the errors of channels say, with a heap and without.

pub(super) const CLOSED: &str = "the channel is closed";
pub(super) const FULL: &str = "the channel is full";
pub(super) const EMPTY: &str = "the channel is empty";
