//! The scope in parts.

use super::handover::Held;
use super::scope::{handed_over, in_place, never};
use super::{AsyncDispose, HandOver, InPlace, LocalAsyncDispose, UsingError};
use crate::cancel::{CancellationToken, Cancelled};
use crate::spawn::Spawner;
use core::fmt;

/// A resource whose cleanup is asynchronous, and who gets it if its scope is dropped; [`using`](crate::using) in parts.
///
/// A `Using` that is dropped before [`run`](Self::run) drops the resource.
///
/// # Examples
///
/// ```
/// use taskcell::{CancellationToken, Cancelled, HandOver, InPlace, Using, dispose_with};
///
/// let lease = |name| dispose_with(name, |name| async move { Ok::<_, Cancelled>(println!("{name} is given back")) });
/// # smol::block_on(async {
/// let length = Using::new(lease("one")).run(async |name| Ok::<_, Cancelled>(name.len())).await;
/// assert_eq!(length, Ok(3));
///
/// let stop = CancellationToken::new(true);
/// let refused = Using::new(lease("two")).run_with(&stop, async |name| Ok::<_, Cancelled>(name.len())).await;
/// assert!(refused.unwrap_err().body().is_some());
/// # });
///
/// let in_place: Using<u32, InPlace> = Using::new(7);
/// let handed_over: Using<u32, HandOver<fn(taskcell::BoxFuture<'static, ()>)>> = in_place.on_drop(drop);
/// # drop(handed_over);
/// ```
#[must_use = "nothing happens before `run`"]
pub struct Using<R, D = InPlace> {
    resource: R,
    on_drop: D,
}

impl<R> Using<R> {
    /// Takes the resource. If the scope is dropped, so is the resource.
    pub const fn new(resource: R) -> Self {
        Self { resource, on_drop: InPlace }
    }

    /// If the future of the scope is dropped before its end (in the body, in the cleanup, or before it was polled at
    /// all), the resource's cleanup is handed to `spawner` and run to its end there, from where it was. What it fails or
    /// panics with then is reported as a fault that nobody observed
    /// ([`set_unobserved_hook`](crate::fault::set_unobserved_hook)).
    ///
    /// The cleanup is boxed: one allocation, and two more when it is handed over.
    ///
    /// # Panics
    ///
    /// Dropping the future does, if the spawner panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{BoxError, BoxFuture, Using, dispose_with};
    ///
    /// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
    /// let (sender, receiver) = smol::channel::unbounded();
    /// let resource = dispose_with(sender, |sender| async move { sender.send("goodbye").await });
    /// let scope = Using::new(resource)
    ///     .on_drop(smol)
    ///     .run(async |_| core::future::pending::<Result<(), BoxError>>().await);
    /// drop(scope);
    /// assert_eq!(smol::block_on(receiver.recv()), Ok("goodbye"));
    /// ```
    pub fn on_drop<S: Spawner>(self, spawner: S) -> Using<R, HandOver<S>> {
        Using { resource: self.resource, on_drop: HandOver(spawner) }
    }
}

impl<R: LocalAsyncDispose> Using<R> {
    /// [`using`](crate::using).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn run<B, T, E>(self, body: B) -> impl Future<Output = Result<T, UsingError<T, E, R::Error>>>
    where
        B: AsyncFnOnce(&mut R) -> Result<T, E>,
    {
        in_place(self.resource, CancellationToken::NONE, never, body)
    }

    /// [`using_with`](crate::using_with).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn run_with<B, T, E>(
        self,
        token: &CancellationToken,
        body: B,
    ) -> impl Future<Output = Result<T, UsingError<T, E, R::Error>>> + use<R, B, T, E>
    where
        B: AsyncFnOnce(&mut R) -> Result<T, E>,
        E: From<Cancelled>,
    {
        in_place(self.resource, token.clone(), E::from, body)
    }
}

impl<R, S> Using<R, HandOver<S>>
where
    R: AsyncDispose + Send + 'static,
    R::Error: Send + Sync + 'static,
    S: Spawner,
{
    /// [`using`](crate::using), with a spawner that runs the cleanup if the future is dropped.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn run<B, T, E>(self, body: B) -> impl Future<Output = Result<T, UsingError<T, E, R::Error>>>
    where
        B: AsyncFnOnce(&mut R) -> Result<T, E>,
    {
        handed_over(Held::new(self.resource, self.on_drop.0), CancellationToken::NONE, never, body)
    }

    /// [`using_with`](crate::using_with), with a spawner that runs the cleanup if the future is dropped.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn run_with<B, T, E>(
        self,
        token: &CancellationToken,
        body: B,
    ) -> impl Future<Output = Result<T, UsingError<T, E, R::Error>>> + use<R, S, B, T, E>
    where
        B: AsyncFnOnce(&mut R) -> Result<T, E>,
        E: From<Cancelled>,
    {
        handed_over(Held::new(self.resource, self.on_drop.0), token.clone(), E::from, body)
    }
}

impl<R, D> fmt::Debug for Using<R, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Using").finish_non_exhaustive()
    }
}
