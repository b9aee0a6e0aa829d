//! Why a node was cancelled, in one word: nothing yet, a small number, or the
//! caller's own error. The lowest bit says that the reason came from a parent.
//!
//! | word | meaning | left by |
//! |---|---|---|
//! | null | nothing yet | whoever decides, or arms a timer: exchange |
//! | address + 2 | nothing yet; the ticket of the armed timer | whoever decides, or disarms, or arms again: exchange |
//! | 2, 4, address, each + 0 or 1 | the reason | nobody |

use super::ticket::Ticket;
use crate::shim::heap::Arc;
use core::ptr;

/// Where a custom error's handle lies.
pub(crate) type CustomError = alloc::boxed::Box<dyn core::error::Error + Send + Sync>;

const INHERITED: usize = 1;
const REQUESTED: usize = 2;
const DEADLINE: usize = 4;
pub(super) const LARGEST_NUMBER: usize = 7;
const TICKET: usize = 2;

/// A reason's word, as it stands in a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word(pub(super) *mut ());

/// A reason that its holder owns.
#[derive(Clone, Debug)]
pub(crate) enum Cause {
    /// Somebody called `cancel`.
    Requested,
    /// The deadline elapsed.
    Deadline,
    /// The caller's own error.
    Custom(Arc<CustomError>),
}

impl Word {
    /// No reason yet.
    pub(super) const NOTHING: Self = Self(ptr::null_mut());
    pub(crate) const REQUESTED: Self = Self(ptr::without_provenance_mut(REQUESTED));
    pub(crate) const DEADLINE: Self = Self(ptr::without_provenance_mut(DEADLINE));

    /// The word of an error; owns one count of it.
    pub(crate) fn custom(error: CustomError) -> Self {
        const { assert!(align_of::<CustomError>() >= 4) };
        Self(Arc::into_raw(Arc::new(error)).cast_mut().cast())
    }

    /// True for a reason that is a number, and for none.
    #[inline(always)]
    pub(super) fn is_number(self) -> bool {
        self.0.addr() <= LARGEST_NUMBER
    }

    /// The word that a child gets from a reason that is a number; nothing for one that is not, or is none.
    #[inline(always)]
    pub(super) fn inherit_plain(self) -> Self {
        let number = self.0.addr();
        if number.wrapping_sub(1) < LARGEST_NUMBER {
            Self(ptr::without_provenance_mut(number | INHERITED))
        } else {
            Self::NOTHING
        }
    }

    /// The word of an armed timer.
    pub(super) fn armed(ticket: *const Ticket) -> Self {
        const { assert!(align_of::<Ticket>() >= 8) };
        Self(ticket.cast_mut().cast::<()>().map_addr(|a| a | TICKET))
    }

    /// True if a timer is armed.
    #[inline(always)]
    pub(super) fn is_armed(self) -> bool {
        self.0.addr() > LARGEST_NUMBER && self.0.addr() & TICKET != 0
    }

    /// True if nothing has been decided.
    #[inline(always)]
    pub(super) fn is_open(self) -> bool {
        self.0.is_null() || self.is_armed()
    }

    /// The ticket of an armed timer; null if there is none and nothing has been decided.
    pub(super) fn ticket(self) -> *const Ticket {
        debug_assert!(self.is_open(), "a reason is no ticket");
        self.0.map_addr(|a| a & !TICKET).cast_const().cast()
    }

    pub(crate) fn is_inherited(self) -> bool {
        self.0.addr() & INHERITED != 0
    }

    /// The word that a child gets; owns a count of its own.
    ///
    /// # Safety
    ///
    /// The word's error lives.
    #[inline(always)]
    pub(super) unsafe fn inherit(self) -> Self {
        if self.0.addr() > LARGEST_NUMBER {
            // SAFETY: the caller's.
            unsafe { self.retain() };
        }
        Self(self.0.map_addr(|a| a | INHERITED))
    }

    fn error(self) -> *const CustomError {
        self.0.map_addr(|a| a & !INHERITED).cast_const().cast()
    }

    #[cold]
    unsafe fn retain(self) {
        // SAFETY: `custom` made the word with `Arc::into_raw`, and the error lives.
        unsafe { Arc::increment_strong_count(self.error()) };
    }

    /// Gives up a word that owns its error. This may drop the error: the user's code.
    ///
    /// # Safety
    ///
    /// The word owns a count.
    #[inline(always)]
    pub(super) unsafe fn release(self) {
        if self.0.addr() > LARGEST_NUMBER {
            debug_assert!(!self.is_armed(), "a ticket is retired, not released");
            // SAFETY: `custom` or `inherit` made the count.
            drop(unsafe { Arc::from_raw(self.error()) });
        }
    }

    /// The reason, for a user. `None`: nothing yet.
    ///
    /// # Safety
    ///
    /// The word's error lives.
    pub(super) unsafe fn cause(self) -> Option<Cause> {
        match self.0.addr() & !INHERITED {
            0 => None,
            REQUESTED => Some(Cause::Requested),
            DEADLINE => Some(Cause::Deadline),
            _ => {
                // SAFETY: the count is made before the handle that will give it back.
                unsafe {
                    self.retain();
                    Some(Cause::Custom(Arc::from_raw(self.error())))
                }
            }
        }
    }
}
