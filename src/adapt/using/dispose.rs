//! What can be disposed of, on any thread and on its own.

use alloc::boxed::Box;

/// A resource whose end has to be awaited. Written as an `async fn`:
///
/// ```
/// use taskcell::{AsyncDispose, using};
///
/// struct Connection;
///
/// impl Connection {
///     async fn send(&mut self, _text: &str) -> Result<(), String> {
///         Ok(())
///     }
/// }
///
/// impl AsyncDispose for Connection {
///     type Error = String;
///
///     async fn dispose(mut self) -> Result<(), String> {
///         self.send("goodbye").await
///     }
/// }
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// using(Connection, async |connection| connection.send("hello").await).await?;
/// # Ok::<_, taskcell::UsingError<(), String, String>>(())
/// # }).unwrap();
/// ```
///
/// The future is `Send`, so that a scope can be spawned, also in generic code, and a cleanup handed to a
/// [spawner](crate::Using::on_drop). A resource that stays on its thread has [`LocalAsyncDispose`] instead; whatever has
/// this trait has that one, too. Only [`using`](crate::using) accepts both. For a type of somebody else's there is
/// [`dispose_with`](crate::dispose_with).
///
/// # When nobody waits
///
/// If the future of a scope is dropped before its end, the resource goes to the spawner that was given by
/// [`Using::on_drop`](crate::Using::on_drop), and without one it is only dropped. So a type with this trait should have
/// a `Drop` that does what can be done without waiting (as .NET's types have `Dispose` beside `DisposeAsync`). A type
/// with a `Drop` cannot be taken apart in `dispose`: keep in an `Option` what that needs to move out.
///
/// An implementation
///
/// - MUST release what can be released, also when it fails: it is called once;
/// - MUST be safe to drop at any of its waits.
#[doc(alias = "IAsyncDisposable")]
#[doc(alias = "AsyncDrop")]
pub trait AsyncDispose {
    /// How the cleanup can fail.
    type Error;

    /// Ends the resource. Nothing happens before the first poll.
    ///
    /// # Errors
    ///
    /// If that failed. The resource is gone all the same.
    #[doc(alias = "DisposeAsync")]
    fn dispose(self) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// [`AsyncDispose`] without `Send`: a resource that stays on its thread.
///
/// Implement this one only if the other cannot be: whatever has that one has this, too. A scope of such a resource
/// cannot be handed to a [`Spawner`](crate::Spawner). Whether the scope's future is `Send` is up to the compiler, which
/// looks into it.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use taskcell::{LocalAsyncDispose, using};
///
/// struct Window(Rc<str>);
///
/// impl LocalAsyncDispose for Window {
///     type Error = String;
///
///     async fn dispose_local(self) -> Result<(), String> {
///         smol::future::yield_now().await; // it fades out
///         Ok(println!("{} is closed", self.0))
///     }
/// }
/// # smol::block_on(async {
/// let shown = using(Window("main".into()), async |window| Ok::<_, String>(window.0.len())).await;
/// assert_eq!(shown, Ok(4));
/// # });
/// ```
#[doc(alias = "IAsyncDisposable")]
pub trait LocalAsyncDispose {
    /// How the cleanup can fail.
    type Error;

    /// Ends the resource. Nothing happens before the first poll.
    ///
    /// # Errors
    ///
    /// If that failed. The resource is gone all the same.
    #[doc(alias = "DisposeAsync")]
    fn dispose_local(self) -> impl Future<Output = Result<(), Self::Error>>;
}

impl<R: AsyncDispose> LocalAsyncDispose for R {
    type Error = R::Error;

    fn dispose_local(self) -> impl Future<Output = Result<(), R::Error>> {
        self.dispose()
    }
}

/// `None` needs no cleanup.
impl<R: AsyncDispose + Send> AsyncDispose for Option<R> {
    type Error = R::Error;

    async fn dispose(self) -> Result<(), R::Error> {
        match self {
            Some(resource) => resource.dispose().await,
            None => Ok(()),
        }
    }
}

impl<R: AsyncDispose + Send> AsyncDispose for Box<R> {
    type Error = R::Error;

    async fn dispose(self) -> Result<(), R::Error> {
        (*self).dispose().await
    }
}
