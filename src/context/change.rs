//! Who is told when a local has another value.

use super::map::Slot;
use crate::raw::fault::report;
use crate::shim::heap::Arc;
use crate::shim::thread::catch;
use core::any::Any;
use core::fmt;

/// A local has another value on this thread; given to the handler of [`AsyncLocal::on_change`](super::AsyncLocal::on_change).
#[doc(alias = "AsyncLocalValueChangedArgs")]
pub struct Change<'a, T> {
    previous: Option<&'a T>,
    current: Option<&'a T>,
    is_switch: bool,
}

impl<T> Change<'_, T> {
    /// The value before.
    #[doc(alias = "PreviousValue")]
    #[must_use]
    pub fn previous(&self) -> Option<&T> {
        self.previous
    }

    /// The value now.
    #[doc(alias = "CurrentValue")]
    #[must_use]
    pub fn current(&self) -> Option<&T> {
        self.current
    }

    /// True if the thread goes on in another context; false if somebody has set or cleared the local.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{AsyncLocal, Change, ExecutionContext};
    ///
    /// static LEVEL: AsyncLocal<u8> = AsyncLocal::new().on_change(changed);
    ///
    /// fn changed(change: &Change<'_, u8>) {
    ///     if change.is_context_switch() {
    ///         println!("this thread goes on with {:?}", change.current());
    ///     }
    /// }
    /// let context = LEVEL.scope(3, || ExecutionContext::capture().unwrap()); // prints nothing
    /// context.run(|| ()); // prints "Some(3)", then "None"
    /// ```
    #[doc(alias = "ThreadContextChanged")]
    #[must_use]
    pub fn is_context_switch(&self) -> bool {
        self.is_switch
    }
}

impl<T> fmt::Debug for Change<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change").field("is_context_switch", &self.is_switch).finish_non_exhaustive()
    }
}

/// Told of changes.
pub(super) type Handler<T> = fn(&Change<'_, T>);

/// A value of some local.
pub(super) trait Held: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn is_watched(&self) -> bool;
    /// Tells the local's handler. Both are values of the same local as this.
    fn tell(&self, previous: Option<&dyn Held>, current: Option<&dyn Held>, is_switch: bool);
}

/// A value, and who is told of it.
pub(super) struct Value<T> {
    /// Always there, until it is dropped.
    value: Option<T>,
    handler: Option<Handler<T>>,
}

impl<T: Send + Sync + 'static> Value<T> {
    pub(super) fn held(value: T, handler: Option<Handler<T>>) -> Arc<dyn Held> {
        Arc::new(Self { value: Some(value), handler })
    }
}

/// It is a user's, and goes wherever the last snapshot happens to end: a panic goes to the fault hook.
impl<T> Drop for Value<T> {
    fn drop(&mut self) {
        if let Err(payload) = catch(|| drop(self.value.take())) {
            report(payload);
        }
    }
}

/// The value of a local, if it is of this type.
pub(super) fn value_of<T: 'static>(held: &dyn Held) -> Option<&T> {
    held.as_any().downcast_ref::<Value<T>>()?.value.as_ref()
}

impl<T: Send + Sync + 'static> Held for Value<T> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn is_watched(&self) -> bool {
        self.handler.is_some()
    }

    fn tell(&self, previous: Option<&dyn Held>, current: Option<&dyn Held>, is_switch: bool) {
        if let Some(handler) = self.handler {
            handler(&Change { previous: previous.and_then(value_of), current: current.and_then(value_of), is_switch });
        }
    }
}

/// Tells the handlers of all locals that have another value in `now` than in `before`. What panics goes to the fault hook:
/// it may be anybody's poll.
#[cold]
pub(super) fn tell_differences(before: &Slot, now: &Slot) {
    let entries = |slot: &Slot| slot.as_ref().map(|map| map.entries().to_vec()).unwrap_or_default();
    let value = |slot: &Slot, id| slot.as_ref().and_then(|map| map.value(id)).cloned();
    let mut ids: alloc::vec::Vec<_> = entries(before).iter().chain(&entries(now)).map(|entry| entry.id).collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        let (old, new) = (value(before, id), value(now, id));
        let same = matches!((&old, &new), (Some(old), Some(new)) if Arc::ptr_eq(old, new));
        let Some(any) = new.as_ref().or(old.as_ref()).filter(|any| !same && any.is_watched()) else { continue };
        if let Err(payload) = catch(|| any.tell(old.as_deref(), new.as_deref(), true)) {
            report(payload);
        }
    }
}
