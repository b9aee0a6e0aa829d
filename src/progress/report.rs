//! What one reports to.

use crate::shim::heap::Arc;
use alloc::boxed::Box;

/// Something that takes reports of progress.
///
/// Every `Fn(T)` is one, and so are `Arc<R>`, `Option<R>` and `&dyn Report<T>`; `None` and `()` take no notice.
///
/// An implementation
///
/// - MUST NOT wait for anything: it is called from work that goes on;
/// - SHOULD NOT panic.
///
/// # Examples
///
/// ```
/// use taskcell::{Progress, Report};
///
/// fn count(to: u32, progress: Option<&dyn Report<u32>>) {
///     for n in 1..=to {
///         progress.report(n);
///     }
/// }
///
/// count(3, None);
/// count(3, Some(&|n| println!("{n}")));
/// count(3, Some(&Progress::inline(|n| println!("{n}"))));
/// ```
#[doc(alias = "IProgress")]
pub trait Report<T> {
    /// Reports, and goes on.
    #[doc(alias = "Report")]
    fn report(&self, value: T);
}

impl<T, F: Fn(T)> Report<T> for F {
    fn report(&self, value: T) {
        self(value);
    }
}

/// Takes no notice.
impl<T> Report<T> for () {
    fn report(&self, _: T) {}
}

/// `None` takes no notice.
impl<T, R: Report<T>> Report<T> for Option<R> {
    fn report(&self, value: T) {
        if let Some(progress) = self {
            progress.report(value);
        }
    }
}

macro_rules! forward {
    ($([$($generic:tt)*] $type:ty;)*) => {$(
        impl<T, $($generic)*> Report<T> for $type {
            fn report(&self, value: T) {
                (**self).report(value);
            }
        }
    )*};
}

forward! {
    [R: Report<T> + ?Sized] Arc<R>;
    [] &dyn Report<T>;
    [] &(dyn Report<T> + Sync);
    [] &(dyn Report<T> + Send + Sync);
    [] Box<dyn Report<T>>;
    [] Box<dyn Report<T> + Send + Sync>;
}
