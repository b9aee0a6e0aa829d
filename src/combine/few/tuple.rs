//! Tuples of one to eight futures.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project::pin_project;

use super::child::{Child, Once};
use super::{Few, OneOf};

/// Both futures of one length: type and field of each, and its variant of `OneOf`.
macro_rules! tuple {
    ($all:ident $any:ident $len:literal: $($type:ident $field:ident $variant:ident),+) => {
        impl<$($type: IntoFuture),+> super::sealed::Sealed for ($($type,)+) {}

        impl<$($type: IntoFuture),+> Few for ($($type,)+) {
            type All = $all<$($type::IntoFuture),+>;
            type Any = $any<$($type::IntoFuture),+>;

            fn all(self) -> Self::All {
                let ($($field,)+) = self;
                $all { $($field: Child::Pending($field.into_future()),)+ once: Once::default() }
            }

            fn any(self) -> Self::Any {
                let ($($field,)+) = self;
                $any { $($field: $field.into_future(),)+ once: Once::default() }
            }
        }

        #[doc = concat!("The future of [`few::when_all`](super::when_all) over a tuple of ", $len, ".")]
        #[pin_project]
        #[must_use = "futures do nothing unless you `.await` or poll them"]
        pub struct $all<$($type: Future),+> {
            $(#[pin] $field: Child<$type>,)+
            once: Once,
        }

        impl<$($type: Future),+> Future for $all<$($type),+> {
            type Output = ($($type::Output,)+);

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let mut this = self.project();
                this.once.poll(|| {
                    let mut ready = true;
                    $(ready &= this.$field.as_mut().poll(cx);)+
                    if !ready {
                        return Poll::Pending;
                    }
                    Poll::Ready(($(this.$field.as_mut().take(),)+))
                })
            }
        }

        impl<$($type: Future),+> fmt::Debug for $all<$($type),+> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($all)).finish_non_exhaustive()
            }
        }

        #[doc = concat!("The future of [`few::when_any`](super::when_any) over a tuple of ", $len, ".")]
        #[pin_project]
        #[must_use = "futures do nothing unless you `.await` or poll them"]
        pub struct $any<$($type),+> {
            $(#[pin] $field: $type,)+
            once: Once,
        }

        impl<$($type: Future),+> Future for $any<$($type),+> {
            type Output = OneOf<$($type::Output),+>;

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let mut this = self.project();
                this.once.poll(|| {
                    $(if let Poll::Ready(output) = this.$field.as_mut().poll(cx) {
                        return Poll::Ready(OneOf::$variant(output));
                    })+
                    Poll::Pending
                })
            }
        }

        impl<$($type),+> fmt::Debug for $any<$($type),+> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($any)).finish_non_exhaustive()
            }
        }
    };
}

tuple!(WhenAll1 WhenAny1 "one": A a First);
tuple!(WhenAll2 WhenAny2 "two": A a First, B b Second);
tuple!(WhenAll3 WhenAny3 "three": A a First, B b Second, C c Third);
tuple!(WhenAll4 WhenAny4 "four": A a First, B b Second, C c Third, D d Fourth);
tuple!(WhenAll5 WhenAny5 "five": A a First, B b Second, C c Third, D d Fourth, E e Fifth);
tuple!(WhenAll6 WhenAny6 "six": A a First, B b Second, C c Third, D d Fourth, E e Fifth, F f Sixth);
tuple!(WhenAll7 WhenAny7 "seven": A a First, B b Second, C c Third, D d Fourth, E e Fifth, F f Sixth, G g Seventh);
tuple!(WhenAll8 WhenAny8 "eight":
    A a First, B b Second, C c Third, D d Fourth, E e Fifth, F f Sixth, G g Seventh, H h Eighth);
