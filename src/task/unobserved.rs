//! Who is told of a fault that nobody looked at.

use super::TaskError;
use crate::raw::fault::contain;
use crate::shim::hook::{Hook, Told};
use core::any::{Any, type_name};
use core::fmt;

/// A fault of a task that nobody looked at before the task was gone.
///
/// # Examples
///
/// ```
/// use taskcell::fault::{FaultKind, UnobservedFault, set_unobserved_hook};
/// use taskcell::{BoxError, Task};
///
/// fn tell(fault: &UnobservedFault<'_>) {
///     let error = fault.error().and_then(|error| error.downcast_ref::<BoxError>());
///     match (fault.kind(), error) {
///         (FaultKind::Faulted, Some(error)) => eprintln!("a task of {}: {error}", fault.type_name()),
///         (kind, _) => eprintln!("a task of {}: {kind:?}", fault.type_name()),
///     }
/// }
/// set_unobserved_hook(tell);
/// drop(Task::<u32>::from_error("no paper".into())); // prints "a task of u32: no paper"
/// ```
#[doc(alias = "UnobservedTaskExceptionEventArgs")]
pub struct UnobservedFault<'a> {
    type_name: &'static str,
    kind: FaultKind,
    error: Option<&'a dyn Any>,
}

/// How a task came to be faulted.
///
/// # Examples
///
/// ```
/// use taskcell::fault::{FaultKind, set_unobserved_hook};
///
/// set_unobserved_hook(|fault| assert_eq!(fault.kind(), FaultKind::Abandoned));
/// drop(taskcell::TaskCompletionSource::<u32>::new().task());
/// # set_unobserved_hook(|_| ());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// An error was set.
    Faulted,
    /// It panicked.
    Panicked,
    /// Its last source went without a result.
    Abandoned,
}

impl<'a> UnobservedFault<'a> {
    /// The name of the type of the task's value, as [`core::any::type_name`] gives it.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.type_name
    }

    /// How the task came to be faulted.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    /// The first error, of the task's error type: a [`BoxError`](crate::BoxError) unless it has another. Of a panic
    /// the [`Panic`](crate::Panic), and of an abandoned task nothing.
    #[must_use]
    pub fn error(&self) -> Option<&'a dyn Any> {
        self.error
    }

    /// A cancelled task has no fault.
    fn of<T, E: 'static>(error: &'a TaskError<E>) -> Option<Self> {
        let (kind, error): (_, Option<&dyn Any>) = match error {
            TaskError::Cancelled(_) => return None,
            TaskError::Faulted(fault) => (FaultKind::Faulted, Some(&**fault)),
            TaskError::Panicked(panic) => (FaultKind::Panicked, Some(panic)),
            TaskError::Abandoned => (FaultKind::Abandoned, None),
        };
        Some(Self { type_name: type_name::<T>(), kind, error })
    }
}

impl fmt::Debug for UnobservedFault<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("UnobservedFault");
        debug.field("type_name", &self.type_name).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// That is an [`UnobservedFault`].
enum Unobserved {}

impl Told for Unobserved {
    type Of<'a> = UnobservedFault<'a>;
}

static HOOK: Hook<Unobserved> = Hook::new();

/// Sets what is told of faults that nobody looked at: once for each task, by whoever lets go of it last, on that
/// thread. The last hook set counts; at first there is none, and such faults are silent. A hook that panics is ignored
/// (with the feature `std`; without, its panic passes on).
///
/// # Examples
///
/// ```
/// taskcell::fault::set_unobserved_hook(|fault| {
///     eprintln!("nobody looked at a task of {}: {:?}", fault.type_name(), fault.kind());
/// });
/// ```
#[doc(alias = "UnobservedTaskException")]
pub fn set_unobserved_hook(hook: fn(&UnobservedFault<'_>)) {
    HOOK.set(hook);
}

/// Tells the hook how a task whose value would be a `T` ended; of a cancelled one it is not told.
pub(crate) fn report<T, E: 'static>(error: &TaskError<E>) {
    if let (Some(hook), Some(fault)) = (HOOK.get(), UnobservedFault::of::<T, E>(error)) {
        contain(|| hook(&fault));
    }
}
