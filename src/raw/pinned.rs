//! An array whose elements are pinned with it.

use core::pin::Pin;

/// Moved only before it is pinned, as what its elements are.
#[derive(Debug)]
pub(crate) struct Pinned<T, const N: usize>([T; N]);

impl<T, const N: usize> Pinned<T, N> {
    pub(crate) fn new(elements: [T; N]) -> Self {
        Self(elements)
    }

    /// The element at that place, which exists.
    pub(crate) fn get(self: Pin<&mut Self>, index: usize) -> Pin<&mut T> {
        // SAFETY: this is the only way to a pinned element: it is never moved, and dropped where it is; the array is
        // `Unpin` only if they are.
        unsafe { self.map_unchecked_mut(|array| &mut array.0[index]) }
    }
}
