//! The errors of all attempts but the last, for those who asked for them.

#[cfg(feature = "alloc")]
pub(super) use with_heap::Earlier;
#[cfg(not(feature = "alloc"))]
pub(super) use without::Earlier;

#[cfg(feature = "alloc")]
mod with_heap {
    use alloc::vec::Vec;
    use core::slice;

    /// In the order of the attempts; empty unless somebody asked.
    #[derive(Clone)]
    pub(in super::super) struct Earlier<E>(Vec<E>);

    impl<E> Earlier<E> {
        pub(in super::super) const fn new() -> Self {
            Self(Vec::new())
        }

        pub(in super::super) fn push(&mut self, error: E) {
            self.0.push(error);
        }

        pub(in super::super) fn take(&mut self) -> Self {
            Self(core::mem::take(&mut self.0))
        }

        pub(in super::super) fn iter(&self) -> slice::Iter<'_, E> {
            self.0.iter()
        }

        pub(in super::super) fn into_vec(self) -> Vec<E> {
            self.0
        }
    }
}

#[cfg(not(feature = "alloc"))]
mod without {
    use core::marker::PhantomData;
    use core::slice;

    /// None.
    #[derive(Clone)]
    pub(in super::super) struct Earlier<E>(PhantomData<E>);

    impl<E> Earlier<E> {
        pub(in super::super) const fn new() -> Self {
            Self(PhantomData)
        }

        pub(in super::super) fn push(&mut self, error: E) {
            drop(error);
        }

        pub(in super::super) fn take(&mut self) -> Self {
            Self::new()
        }

        pub(in super::super) fn iter(&self) -> slice::Iter<'_, E> {
            [].iter()
        }
    }
}
