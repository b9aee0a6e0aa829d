//! A cell that continues another one: what continues it lies behind it, in the
//! same allocation.

use super::super::callback::{Callback, pack_small, unpack_small};
use super::super::registry::NoSlot;
use super::call::Firing;
use super::core::{Cell, Core, Memory, Outcome, VTable, abandon, last_word};
use super::driver::Driver;
use super::entry::{firing, register};
use super::handle::{Completer, Shared};
use crate::shim::cell::UnsafeCell;
use ::core::alloc::Layout;
use ::core::marker::PhantomData;
use ::core::mem::MaybeUninit;
use ::core::ptr::NonNull;

/// What is done when a cell of `A` is complete, to complete one of `B`, now or later.
pub(crate) trait Link<A: Outcome, B: Outcome>: Sized {
    /// A panic abandons the cell, unless `to` went elsewhere.
    fn run(self, from: &Shared<A>, to: Completer<B>, driver: &mut Driver);
}

/// A cell and what continues it.
#[repr(C)]
struct Linked<B, L> {
    cell: Cell<B>,
    /// Taken by the entry in the other cell, which goes before the cell does.
    link: UnsafeCell<MaybeUninit<L>>,
}

impl<B: Outcome, L> Linked<B, L> {
    const VTABLE: &'static VTable =
        &VTable { free: free::<B, L>, abandon: abandon::<B>, divert: None, row: 0, claim: None };
}

unsafe fn free<B: Outcome, L>(core: *const Core) {
    // SAFETY: the last handle is gone, and so is the entry, which had one.
    unsafe {
        let word = last_word(core);
        let _memory = Memory { core, layout: Layout::new::<Linked<B, L>>() };
        Cell::<B>::end(core, word);
    }
}

/// The entry: a source of the cell, with what lies behind that.
#[expect(clippy::type_complexity, reason = "it names what the entry is of, and nothing else")]
struct Entry<A, B, L>(NonNull<Core>, PhantomData<(fn(A), B, L)>);

impl<A: Outcome, B: Outcome, L: Link<A, B>> Entry<A, B, L> {
    fn open(self) -> (L, Completer<B>) {
        // SAFETY: `link` wrote it, an entry is opened once, and its source becomes the completer.
        unsafe {
            let linked = self.0.cast::<Linked<B, L>>();
            let link = (*linked.as_ptr()).link.with_mut(|link| (*link).assume_init_read());
            (link, Completer::from_raw(self.0))
        }
    }
}

impl<A: Outcome, B: Outcome, L: Link<A, B>> Callback for Entry<A, B, L> {
    fn call(self, context: *const ()) {
        // SAFETY: called by a driver with a cell of `A`, which it keeps.
        let (from, driver) = unsafe {
            let Firing { core, driver } = firing(context);
            (Shared::borrowed(core), driver)
        };
        let (link, to) = self.open();
        link.run(&from, to, driver);
    }

    fn discard(self, context: *const ()) {
        // SAFETY: as above.
        let Firing { driver, .. } = unsafe { firing(context) };
        let (link, to) = self.open();
        driver.discard(link);
        to.leave_in(driver);
    }
}

/// A cell that `link` completes when `from` is complete: inline, on the thread that completes `from`; at once if it is
/// complete already. It is left pending if `from` is.
pub(crate) fn link<A: Outcome, B: Outcome, L: Link<A, B>>(from: &Shared<A>, link: L) -> Shared<B> {
    let core = Cell::<B>::new(Layout::new::<Linked<B, L>>(), Linked::<B, L>::VTABLE, 2, 1);
    let linked = core.cast::<Linked<B, L>>();
    // SAFETY: the allocation is large enough; one of the two handles is the entry's, the other is returned.
    unsafe {
        (&raw mut (*linked.as_ptr()).link).write(UnsafeCell::new(MaybeUninit::new(link)));
        let shared = Shared::from_raw(core);
        let entry = Entry::<A, B, L>(core, PhantomData);
        if let Err((entry, closed)) = register(from.core(), entry, pack_small, unpack_small, |_| ()) {
            at_once(from, entry, closed);
        }
        shared
    }
}

/// The cell to be continued is complete already, or will never be.
fn at_once<A: Outcome, B: Outcome, L: Link<A, B>>(from: &Shared<A>, entry: Entry<A, B, L>, closed: NoSlot) {
    Driver::run(|driver| {
        let (link, to) = entry.open();
        if closed == NoSlot::Sealed {
            link.run(from, to, driver);
        } else {
            driver.discard(link);
            to.leave_in(driver);
        }
    });
}
