//! How a context gets into what a task runs. Without std there are no contexts, and nothing is done.

#[cfg(feature = "std")]
pub(crate) use crate::context::{Flow, Flowing};

#[cfg(not(feature = "std"))]
pub(crate) use without_std::{Flow, Flowing};

#[cfg(not(feature = "std"))]
mod without_std {
    /// Nothing.
    pub(crate) struct Flow;

    impl Flow {
        #[inline(always)]
        pub(crate) fn capture() -> Self {
            Self
        }

        #[inline(always)]
        pub(crate) fn is_empty(&self) -> bool {
            true
        }

        #[inline(always)]
        pub(crate) fn isolate() -> Self {
            Self
        }

        #[inline(always)]
        pub(crate) fn run<R>(self, f: impl FnOnce() -> R) -> R {
            f()
        }

        #[inline(always)]
        pub(crate) fn around<F>(self, future: F) -> Flowing<F> {
            future
        }
    }

    /// The future itself.
    pub(crate) type Flowing<F> = F;
}
