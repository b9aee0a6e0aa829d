//! What can be added up, and what has an average.

use core::time::Duration;

/// What [`sum`](super::AsyncEnumerableExt::sum) adds up: whole numbers, floats, durations, and what you implement it for.
///
/// # Examples
///
/// ```
/// use futures_util::stream;
/// use taskcell::stream::{AsyncEnumerableExt, Summand};
///
/// #[derive(Debug, PartialEq)]
/// struct Euros(u32);
///
/// impl Summand for Euros {
///     const ZERO: Self = Self(0);
///
///     fn checked_sum(self, other: Self) -> Option<Self> {
///         self.0.checked_add(other.0).map(Self)
///     }
/// }
/// # smol::block_on(async {
/// assert_eq!(stream::iter([Euros(3), Euros(4)]).sum().await, Ok(Euros(7)));
/// # });
/// ```
pub trait Summand: Sized {
    /// The sum of nothing.
    const ZERO: Self;

    /// The sum of both; `None` if it is more than the type can hold.
    fn checked_sum(self, other: Self) -> Option<Self>;
}

/// What [`average`](super::AsyncEnumerableExt::average) takes: whole numbers of up to 64 bits, floats, durations, and what
/// you implement it for.
///
/// # Examples
///
/// ```
/// use futures_util::stream;
/// use taskcell::stream::{AsyncEnumerableExt, Averaged};
///
/// struct Degrees(i16);
///
/// impl Averaged for Degrees {
///     type Total = i64;
///     type Average = f64;
///
///     fn widen(self) -> i64 {
///         self.0.into()
///     }
///
///     fn divide(total: i64, count: u64) -> f64 {
///         total as f64 / count as f64
///     }
/// }
/// # smol::block_on(async {
/// assert_eq!(stream::iter([Degrees(-1), Degrees(2)]).average().await, Some(0.5));
/// # });
/// ```
pub trait Averaged: Sized {
    /// What the items are added up in.
    type Total: Summand;
    /// What their average is.
    type Average;

    /// One item, on its own.
    fn widen(self) -> Self::Total;

    /// The average of `count` items, at least one.
    fn divide(total: Self::Total, count: u64) -> Self::Average;
}

macro_rules! checked {
    ($($type:ty),*) => {$(
        impl Summand for $type {
            const ZERO: Self = 0;

            fn checked_sum(self, other: Self) -> Option<Self> {
                self.checked_add(other)
            }
        }
    )*};
}
checked!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);

macro_rules! float {
    ($($type:ty),*) => {$(
        impl Summand for $type {
            const ZERO: Self = 0.0;

            fn checked_sum(self, other: Self) -> Option<Self> {
                Some(self + other)
            }
        }

        impl Averaged for $type {
            type Total = f64;
            type Average = Self;

            fn widen(self) -> f64 {
                self.into()
            }

            fn divide(total: f64, count: u64) -> Self {
                (total / count as f64) as Self
            }
        }
    )*};
}
float!(f32, f64);

macro_rules! whole {
    ($($type:ty),*) => {$(
        impl Averaged for $type {
            type Total = i128;
            type Average = f64;

            fn widen(self) -> i128 {
                self as i128
            }

            fn divide(total: i128, count: u64) -> f64 {
                total as f64 / count as f64
            }
        }
    )*};
}
whole!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

impl Summand for Duration {
    const ZERO: Self = Self::ZERO;

    fn checked_sum(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }
}

impl Averaged for Duration {
    type Total = u128;
    type Average = Self;

    fn widen(self) -> u128 {
        self.as_nanos()
    }

    fn divide(total: u128, count: u64) -> Self {
        const NANOS: u128 = 1_000_000_000;
        let average = total / u128::from(count);
        // An average is not longer than the longest of them.
        Self::new((average / NANOS) as u64, (average % NANOS) as u32)
    }
}
