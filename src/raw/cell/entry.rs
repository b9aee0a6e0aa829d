//! Callbacks in the line of a cell: a user's ([`Watch`]), and this crate's own.

use super::super::callback::{Callback, Captured, Packed, pack, unpack};
use super::super::line::{self, Who};
use super::super::registry::{Heap, NoSlot, Place, Registry};
use super::super::slot::Payload;
use super::call::{Firing, call};
use super::core::Core;
use super::driver::Driver;
use super::handle::Shared;
use ::core::marker::PhantomData;

/// What a callback in a cell is given.
///
/// # Safety
///
/// `context` is what a callback in a cell was called or discarded with, for the time of that call.
#[inline(always)]
pub(super) unsafe fn firing<'a>(context: *const ()) -> Firing<'a> {
    // SAFETY: see `driver::call`.
    unsafe {
        let firing = &mut *context.cast_mut().cast::<Firing<'a>>();
        Firing { core: firing.core, driver: &mut *::core::ptr::from_mut(firing.driver) }
    }
}

/// Puts a callback into the line of a cell that is pending; or gives it back.
///
/// # Safety
///
/// The cell lives until this returns. `unpack` undoes `pack`.
#[inline(always)]
pub(super) unsafe fn register<C: Callback>(
    core: *const Core,
    callback: C,
    pack: fn(C) -> Packed,
    unpack: unsafe fn(Captured) -> C,
    note: impl FnOnce(Place<Heap>),
) -> Result<Place<Heap>, (C, NoSlot)> {
    let registry = Core::registry(core);
    // SAFETY: the caller's.
    unsafe {
        if let Some(place) = line::claim_alone(registry) {
            return enter(registry, place, callback, pack, unpack, note);
        }
        match claim(registry) {
            Ok(place) => enter(registry, place, callback, pack, unpack, note),
            Err(closed) => Err((callback, closed)),
        }
    }
}

/// Claims a place where somebody else is in the line, or was.
#[inline(never)]
unsafe fn claim(registry: *const Registry) -> Result<Place<Heap>, NoSlot> {
    // SAFETY: the caller's.
    unsafe { line::claim(registry, Who::Callback, true) }
}

/// Fills a place that has been claimed.
///
/// # Safety
///
/// As for [`register`]; the place is the caller's.
#[inline(always)]
unsafe fn enter<C: Callback>(
    registry: *const Registry,
    place: Place<Heap>,
    callback: C,
    pack: fn(C) -> Packed,
    unpack: unsafe fn(Captured) -> C,
    note: impl FnOnce(Place<Heap>),
) -> Result<Place<Heap>, (C, NoSlot)> {
    // SAFETY: claimed and not armed, or on a closed word, the payload is ours.
    unsafe {
        let (captured, vtable) = pack(callback);
        line::write(registry, place, Who::Callback, Payload::callback(captured, vtable));
        note(place);
        match place.arm() {
            Ok(()) => Ok(place),
            Err(closed) => Err((unpack(captured), closed)),
        }
    }
}

/// Takes a callback of a user's out of the line and drops it. True: it will never run.
///
/// # Safety
///
/// The callback is the caller's, which gives the place up; the cell lives.
unsafe fn remove(core: *const Core, place: Place<Heap>) -> bool {
    // SAFETY: the caller's.
    let Some(payload) = (unsafe { line::remove_callback(place) }) else { return false };
    // SAFETY: the payload is ours.
    Driver::run(|driver| unsafe { call(payload, false, core, driver) });
    true
}

/// A callback that goes on with the driver.
pub(crate) trait Driven<V>: Send + 'static {
    /// The cell is complete.
    fn run(self, cell: &Shared<V>, driver: &mut Driver);
    /// It never will be, or the callback has been taken back.
    fn discard(self, driver: &mut Driver);
}

/// A user's closure.
struct Plain<F>(F);

impl<V, F: FnOnce(&Shared<V>) + Send + 'static> Driven<V> for Plain<F> {
    fn run(self, cell: &Shared<V>, _: &mut Driver) {
        (self.0)(cell);
    }
    fn discard(self, _: &mut Driver) {}
}

/// A callback in a line.
#[derive(Debug)]
struct OnComplete<V, D>(D, PhantomData<fn(V)>);

impl<V, D: Driven<V>> Callback for OnComplete<V, D> {
    fn call(self, context: *const ()) {
        // SAFETY: called by a driver with a cell of this type, which it keeps.
        let (cell, driver) = unsafe {
            let Firing { core, driver } = firing(context);
            (Shared::borrowed(core), driver)
        };
        self.0.run(&cell, driver);
    }

    fn discard(self, context: *const ()) {
        // SAFETY: as above.
        let Firing { driver, .. } = unsafe { firing(context) };
        self.0.discard(driver);
    }
}

/// The registration of a callback.
#[derive(Debug)]
pub(crate) struct Watch<V> {
    /// None: there is nothing to remove.
    watched: Option<(Shared<V>, Place<Heap>)>,
}

// SAFETY: a place is only a key; the callback behind it is `Send`, and is reached through `&mut self`.
unsafe impl<V> Send for Watch<V> where Shared<V>: Send {}
// SAFETY: nothing can be done through a shared reference.
unsafe impl<V> Sync for Watch<V> where Shared<V>: Send {}

impl<V> Watch<V> {
    /// No callback.
    pub(crate) const EMPTY: Self = Self { watched: None };

    /// Has `callback` called when the cell is complete: at once, if it is already. It is dropped if that will never be.
    pub(crate) fn new<F>(cell: &Shared<V>, callback: F) -> Self
    where
        F: FnOnce(&Shared<V>) + Send + 'static,
    {
        Self::driven(cell, Plain(callback))
    }

    /// The same for a callback that hands what it completes to the driver.
    pub(crate) fn driven<D: Driven<V>>(cell: &Shared<V>, callback: D) -> Self {
        // SAFETY: the handle keeps the cell.
        match unsafe { register(cell.core(), OnComplete(callback, PhantomData), pack, unpack, |_| ()) } {
            Ok(place) => Self { watched: Some((cell.clone(), place)) },
            Err((OnComplete(callback, _), closed)) => {
                Driver::run(|driver| match closed {
                    NoSlot::Sealed => callback.run(cell, driver),
                    _ => callback.discard(driver),
                });
                Self::EMPTY
            }
        }
    }

    /// Takes the callback back. True: it will never run, and has been dropped.
    pub(crate) fn unregister(&mut self) -> bool {
        // SAFETY: the handle keeps the cell; the place is given up.
        self.watched.take().is_some_and(|(cell, place)| unsafe { remove(cell.core(), place) })
    }

    /// Leaves the callback where it is.
    pub(crate) fn detach(mut self) {
        self.watched = None;
    }
}

impl<V> Drop for Watch<V> {
    fn drop(&mut self) {
        self.unregister();
    }
}
