//! Which traits a type has, and which it lacks: a line of a table that the compiler checks.

/// `is!(Type: A, B; not C, D)`: the type has the first traits and lacks the others.
macro_rules! is {
    ($type:ty: $($has:path),* $(; not $($lacks:path),*)?) => {
        const _: fn() = || {
            $({
                fn has<T: ?Sized + $has>() {}
                has::<$type>();
            })*
            $($({
                // Ambiguous, so an error, if the type had the trait.
                trait Unless<X> { fn item() {} }
                impl<T: ?Sized> Unless<()> for T {}
                struct Has;
                impl<T: ?Sized + $lacks> Unless<Has> for T {}
                let _ = <$type as Unless<_>>::item;
            })*)?
        };
    };
}

pub(crate) use is;
