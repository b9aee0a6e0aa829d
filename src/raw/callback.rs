//! A callback in one word: small closures lie in the word, others in a box.

use core::mem::{MaybeUninit, align_of, size_of};

/// What is run when a node is cancelled.
pub(crate) trait Callback: Sized {
    /// True: the entry of such a callback holds a strong handle of its node, which `call` or `discard` gives up.
    const HOLDS_HANDLE: bool = false;
    /// `node` is the address of the node that was cancelled.
    fn call(self, node: *const ());
    /// Dropped without being called.
    fn discard(self, _node: *const ()) {}
    /// In a cell: what may be done before `call`, or instead of it.
    const EARLY: Early = Early::Nothing;
}

/// What an entry in a cell may do where there is no driver yet. Unless it is nothing, the word is the address of a row's
/// seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Early {
    Nothing,
    /// It is counted down, and called only if it was the last.
    Count,
    /// Its number is put into its row's inbox, and it is called only if that would wake somebody.
    Put,
}

/// A closure that asks for nothing.
#[derive(Debug)]
pub(crate) struct Plain<F>(pub(crate) F);

impl<F: FnOnce()> Callback for Plain<F> {
    #[inline(always)]
    fn call(self, _: *const ()) {
        (self.0)();
    }
}

/// The captured word. It may be a closure with padding, so not all of its bytes need be initialised.
pub(crate) type Captured = MaybeUninit<*const ()>;

/// How to run or drop a callback of one type.
#[derive(Debug)]
pub(crate) struct CallbackVTable {
    /// Runs it; consumes the word.
    pub(crate) call: unsafe fn(Captured, *const ()),
    /// Drops it without running it; consumes the word.
    pub(crate) drop: unsafe fn(Captured, *const ()),
    /// See [`Callback::EARLY`].
    pub(crate) early: Early,
}

/// A callback without its type.
pub(crate) type Packed = (Captured, &'static CallbackVTable);

/// True if `C` fits into a pointer's place.
pub(crate) const fn is_small<C>() -> bool {
    size_of::<C>() <= size_of::<*const ()>() && align_of::<C>() <= align_of::<*const ()>()
}

/// Packs `callback`, which must fit into a word: anything else does not compile.
pub(crate) fn pack_small<C: Callback>(callback: C) -> Packed {
    const { assert!(is_small::<C>(), "this closure captures more than one word, and must not be put on a heap") };
    // SAFETY: asserted.
    unsafe { pack_in_word(callback) }
}

/// Takes back what [`pack_small`] packed.
///
/// # Safety
///
/// The word was packed from a `C`, in place, and is given up.
pub(crate) unsafe fn unpack_small<C>(word: Captured) -> C {
    // SAFETY: the bytes of a `C` lie at the start of the word.
    unsafe { word.as_ptr().cast::<C>().read() }
}

/// # Safety
///
/// `C` [`is_small`].
unsafe fn pack_in_word<C: Callback>(callback: C) -> Packed {
    let mut word = Captured::uninit();
    // SAFETY: the caller says that it fits.
    unsafe { word.as_mut_ptr().cast::<C>().write(callback) };
    (word, &const { CallbackVTable { call: call_small::<C>, drop: drop_small::<C>, early: C::EARLY } })
}

unsafe fn call_small<C: Callback>(word: Captured, node: *const ()) {
    // SAFETY: the vtable goes with words that `pack_in_word::<C>` made.
    unsafe { unpack_small::<C>(word).call(node) }
}

unsafe fn drop_small<C: Callback>(word: Captured, node: *const ()) {
    // SAFETY: as above.
    unsafe { unpack_small::<C>(word).discard(node) }
}

#[cfg(feature = "alloc")]
pub(crate) use boxed::{pack, unpack};

#[cfg(feature = "alloc")]
mod boxed {
    use super::{Callback, CallbackVTable, Captured, Early, Packed, is_small, pack_in_word, unpack_small};
    use alloc::boxed::Box;

    /// Packs `callback`; allocates if it captures more than one word.
    pub(crate) fn pack<C: Callback>(callback: C) -> Packed {
        if const { is_small::<C>() } {
            // SAFETY: just checked.
            return unsafe { pack_in_word(callback) };
        }
        const { assert!(matches!(C::EARLY, Early::Nothing), "a seat's address is small") };
        let word = Captured::new(Box::into_raw(Box::new(callback)).cast_const().cast());
        (word, &const { CallbackVTable { call: call_boxed::<C>, drop: drop_boxed::<C>, early: Early::Nothing } })
    }

    /// Takes back what [`pack`] packed.
    ///
    /// # Safety
    ///
    /// The word was packed from a `C` and is given up.
    pub(crate) unsafe fn unpack<C>(word: Captured) -> C {
        // SAFETY: the caller's; `pack` chose by the same rule.
        unsafe { if const { is_small::<C>() } { unpack_small(word) } else { *from_box(word) } }
    }

    unsafe fn from_box<C>(word: Captured) -> Box<C> {
        // SAFETY: the word came from `Box::into_raw`.
        unsafe { Box::from_raw(word.assume_init().cast_mut().cast::<C>()) }
    }

    unsafe fn call_boxed<C: Callback>(word: Captured, node: *const ()) {
        // SAFETY: the vtable goes with words that `pack::<C>` made.
        unsafe { from_box::<C>(word).call(node) }
    }

    unsafe fn drop_boxed<C: Callback>(word: Captured, node: *const ()) {
        // SAFETY: as above.
        unsafe { from_box::<C>(word).discard(node) }
    }
}
