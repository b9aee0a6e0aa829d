//! A value that belongs to a piece of work.

use super::change::{Change, Handler, Held, Value, value_of};
use super::current;
use super::map::Entry;
use crate::raw::fault::report;
use crate::shim::heap::Arc;
use crate::shim::local::LazyId;
use crate::shim::thread::{catch, is_panicking};
use core::fmt;
use core::marker::PhantomData;
use core::panic::{RefUnwindSafe, UnwindSafe};

/// A value that belongs to a piece of work, not to a thread: it flows into tasks and continuations.
///
/// It has no value at first, and `None` is what one reads then. A value that was set is seen by this thread from then on,
/// until the poll, the [`scope`](Self::scope) or the [context](super::ExecutionContext) ends in which it was set; where
/// it flows, and where not, says the [module](super). Spawned work has a copy of its own: what it sets nobody else sees.
///
/// Values are shared, never cloned when they flow. A value goes with the last context that has it; if its drop panics then,
/// the panic goes to the [fault hook](crate::fault::set_hook). A local that is dropped leaves its values in the
/// contexts that have them. Setting is O(n) in the number of locals that have a value, reading O(log n).
///
/// On a thread that is ending, and whose thread-locals are gone, a local has no value and takes none.
///
/// # Examples
///
/// ```
/// use taskcell::AsyncLocal;
///
/// static REQUEST: AsyncLocal<u32> = AsyncLocal::new();
///
/// assert_eq!(REQUEST.get(), None);
/// REQUEST.scope(7, || assert_eq!(REQUEST.get(), Some(7)));
/// assert_eq!(REQUEST.get(), None);
/// ```
///
/// Read in place, and one that is for this piece of work alone:
///
/// ```
/// use taskcell::{AsyncLocal, ExecutionContext};
///
/// static USER: AsyncLocal<String> = AsyncLocal::new();
/// static TRANSACTION: AsyncLocal<u32> = AsyncLocal::not_inherited();
///
/// USER.set("Ada".into());
/// TRANSACTION.set(7);
/// assert_eq!(USER.with(|user| user.map_or(0, String::len)), 3); // without a clone
/// ExecutionContext::capture().unwrap().run(|| {
///     assert_eq!(USER.get().unwrap(), "Ada");
///     assert_eq!(TRANSACTION.get(), None);
/// });
/// USER.clear();
/// assert_eq!(USER.get(), None);
/// # TRANSACTION.clear();
/// ```
#[doc(alias = "LogicalCallContext")]
#[doc(alias = "task_local")]
#[doc(alias = "ThreadLocal")]
pub struct AsyncLocal<T> {
    id: LazyId,
    inherits: bool,
    handler: Option<Handler<T>>,
    value: PhantomData<fn(T) -> T>,
}

impl<T> UnwindSafe for AsyncLocal<T> {}
impl<T> RefUnwindSafe for AsyncLocal<T> {}

impl<T> AsyncLocal<T> {
    /// A local without a value.
    #[must_use]
    pub const fn new() -> Self {
        Self { id: LazyId::new(), inherits: true, handler: None, value: PhantomData }
    }

    /// A local without a value that does not flow: no captured context has it, so neither tasks nor continuations nor
    /// [`in_context`](super::in_context) see what was set outside. What is set within one of them stays there from poll to
    /// poll. For what must not be used by two at once, such as a transaction.
    #[must_use]
    pub const fn not_inherited() -> Self {
        Self { inherits: false, ..Self::new() }
    }

    /// The same local with a handler that is called on a thread whenever the local has another value there: when it was
    /// set or cleared, and when the thread goes on in a context where its value is another one (which every poll of a
    /// task may be).
    ///
    /// The handler finds the new value in place and may set locals. If it panics the panic comes out of
    /// [`set`](Self::set) or [`clear`](Self::clear); at a switch of contexts it goes to the
    /// [fault hook](crate::fault::set_hook).
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{AsyncLocal, Change};
    ///
    /// static LEVEL: AsyncLocal<u8> = AsyncLocal::new().on_change(changed);
    ///
    /// fn changed(change: &Change<'_, u8>) {
    ///     println!("{:?} -> {:?}", change.previous(), change.current());
    /// }
    ///
    /// LEVEL.scope(3, || ()); // prints "None -> Some(3)", then "Some(3) -> None"
    /// ```
    #[doc(alias = "valueChangedHandler")]
    #[must_use]
    pub const fn on_change(self, handler: fn(&Change<'_, T>)) -> Self {
        Self { id: self.id, inherits: self.inherits, handler: Some(handler), value: PhantomData }
    }
}

impl<T: Send + Sync + 'static> AsyncLocal<T> {
    /// The value, cloned.
    #[doc(alias = "Value")]
    pub fn get(&self) -> Option<T>
    where
        T: Clone,
    {
        self.with(|value| value.cloned())
    }

    /// Has `f` look at the value. What `f` sets meanwhile does not change what it looks at.
    #[doc(alias = "Value")]
    pub fn with<R>(&self, f: impl FnOnce(Option<&T>) -> R) -> R {
        let held = self.id.known().and_then(current::value);
        f(held.as_deref().and_then(value_of))
    }

    /// Gives it a value.
    ///
    /// # Panics
    ///
    /// If its [handler](Self::on_change) does; the value is set then.
    #[doc(alias = "Value")]
    pub fn set(&self, value: T) {
        self.put(Some(Value::held(value, self.handler)));
    }

    /// Leaves it without a value.
    ///
    /// # Panics
    ///
    /// As for [`set`](Self::set).
    pub fn clear(&self) {
        self.put(None);
    }

    /// Calls `f` with this value; then, also if `f` panics, the local has again what it had before. Other locals that `f`
    /// sets stay set.
    ///
    /// For work with an `.await` in it, set the local inside of [`in_context`](super::in_context).
    ///
    /// # Panics
    ///
    /// If `f` or the [handler](Self::on_change) does.
    pub fn scope<R>(&self, value: T, f: impl FnOnce() -> R) -> R {
        let _scope = Scope { local: self, old: self.id.known().and_then(current::value) };
        self.put(Some(Value::held(value, self.handler)));
        f()
    }

    /// Puts a value there, and tells the handler.
    fn put(&self, value: Option<Arc<dyn Held>>) {
        let id = self.id.get();
        let entry = value.clone().map(|value| Entry { id, inherits: self.inherits, value });
        let Some(old) = current::put(id, entry) else { return };
        if let Some(any) = value.as_ref().or(old.as_ref()) {
            any.tell(old.as_deref(), value.as_deref(), false);
        }
    }
}

/// Gives the old value back.
struct Scope<'a, T: Send + Sync + 'static> {
    local: &'a AsyncLocal<T>,
    old: Option<Arc<dyn Held>>,
}

impl<T: Send + Sync + 'static> Drop for Scope<'_, T> {
    fn drop(&mut self) {
        let old = self.old.take();
        if !is_panicking() {
            return self.local.put(old);
        }
        // The handler's panic would be the second.
        if let Err(payload) = catch(|| self.local.put(old)) {
            report(payload);
        }
    }
}

impl<T> Default for AsyncLocal<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for AsyncLocal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncLocal").field("inherits", &self.inherits).finish_non_exhaustive()
    }
}
