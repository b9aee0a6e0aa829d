//! What threads give: containment of panics, a thread's own storage, parking.
//! Without std there is none of it, and the stand-ins say so.

/// What a caught panic carried.
#[cfg(feature = "std")]
pub(crate) type Payload = alloc::boxed::Box<dyn core::any::Any + Send>;
