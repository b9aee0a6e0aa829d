//! The tree that one firing has sealed: from a source to its next entry, to its
//! children, and back. It costs no stack, however deep it is.
//!
//! All of it is unsafe for one reason: the sources were sealed by the caller's
//! firing, and live. The cells `taken` are the caller's then (5).

use super::link::untagged;
use super::node::Head;
use super::place::Place;
use super::word;
use crate::shim::atomic::Ordering;
use core::ptr;

/// What is yet to be delivered there.
pub(super) unsafe fn taken(node: *const Head) -> usize {
    // SAFETY: (5).
    unsafe { (*node).taken.with(|taken| *taken) as usize }
}

/// Strikes an entry off.
pub(super) unsafe fn strike(place: Place) {
    let bits = (place.claim_bit() | place.arm_bit()) as u32;
    // SAFETY: (5).
    unsafe { (*place.head).taken.with_mut(|taken| *taken &= !bits) };
}

/// The child that a link leads to.
pub(super) unsafe fn child(link: Place) -> *const Head {
    // SAFETY: the seal found a link there.
    unsafe { link.read().record().cast() }
}

/// Where the caller came from; the node is not the root.
pub(super) unsafe fn parent(node: *const Head) -> *const Head {
    // ORDERING: written before the link was armed by which the caller came.
    // SAFETY: the node lives.
    untagged(unsafe { (*node).parent.load(Ordering::Relaxed) })
}

/// The next source of the tree, in an order of no meaning; null after the last.
pub(super) unsafe fn next(root: *const Head, mut node: *const Head) -> *const Head {
    // SAFETY: the module's.
    unsafe {
        let mut links = word::links(taken(node));
        while links == 0 {
            if node == root {
                return ptr::null();
            }
            let above = parent(node);
            let mut rest = word::links(taken(above));
            // Those behind the one that leads here.
            loop {
                let link = Place { head: above, position: word::lowest(rest) };
                rest &= word::behind(link.position);
                if child(link) == node {
                    break;
                }
            }
            (node, links) = (above, rest);
        }
        child(Place { head: node, position: word::lowest(links) })
    }
}

/// The entry with the highest number there, and whether it is a link. Exact among entries less than 2^30 registrations
/// apart.
pub(super) unsafe fn newest(node: *const Head) -> Option<(Place, bool)> {
    // SAFETY: the module's; wakers, which have no number, have been struck off.
    unsafe {
        let taken = taken(node);
        let mut left = word::armed(taken);
        let mut found: Option<(Place, u32)> = None;
        while left != 0 {
            let place = Place { head: node, position: word::lowest(left) };
            left &= left - 1;
            let number = place.entry().number();
            if found.is_none_or(|(_, highest)| number.wrapping_sub(highest) as i32 > 0) {
                found = Some((place, number));
            }
        }
        found.map(|(place, _)| (place, taken & place.claim_bit() == 0))
    }
}
