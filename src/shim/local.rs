//! Values of a thread, and numbers that tell values of the program apart.
//! Neither is part of any model; loom's threads have their own values.

/// Declares a value that each thread has for itself: `local! { static NAME: Type = const expression; }`.
macro_rules! local {
    ($(static $name:ident: $type:ty = $value:expr;)*) => {$(
        #[cfg(not(loom))]
        std::thread_local! {
            static $name: $type = const { $value };
        }
        #[cfg(loom)]
        loom::thread_local! {
            static $name: $type = $value;
        }
    )*};
}
pub(crate) use local;
