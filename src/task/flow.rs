//! How a context gets into what a task runs. Without std there are no contexts, and nothing is done.

#[cfg(feature = "std")]
pub(super) use crate::context::{Flow, Flowing};

#[cfg(not(feature = "std"))]
pub(super) use without_std::{Flow, Flowing};

#[cfg(not(feature = "std"))]
mod without_std {
    /// Nothing.
    pub(in super::super) struct Flow;

    impl Flow {
        #[inline(always)]
        pub(in super::super) fn capture() -> Self {
            Self
        }

        #[inline(always)]
        pub(in super::super) fn run<R>(self, f: impl FnOnce() -> R) -> R {
            f()
        }

        #[inline(always)]
        pub(in super::super) fn around<F>(self, future: F) -> Flowing<F> {
            future
        }
    }

    /// The future itself.
    pub(in super::super) type Flowing<F> = F;
}
