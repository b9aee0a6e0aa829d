//! Hashes that are the same in each run.

use std::hash::{DefaultHasher, Hash, Hasher};

pub(crate) fn hash(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
