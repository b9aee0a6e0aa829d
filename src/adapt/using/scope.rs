//! The scope: a body, and then the cleanup of what it used.

use super::contained::{Contained, go_on};
use super::handover::Held;
use super::{AsyncDispose, LocalAsyncDispose, Using, UsingError};
use crate::cancel::{CancellationToken, Cancelled};
use crate::raw::fault::contain;
use crate::shim::thread::Payload;
use crate::spawn::Spawner;

/// Runs `body` on a resource, then the resource's asynchronous cleanup, whatever became of the body: C#'s `await using`.
///
/// | the body | the resource |
/// |---|---|
/// | returned, or failed | is disposed of, awaited; then the value comes out, or [`UsingError`] with all errors, and also with the value of a body that did not fail |
/// | panicked | is disposed of, awaited; then the panic goes on, and what the cleanup fails or panics with is dropped. (Without the feature `std` nothing is caught: it is dropped.) |
/// | was cancelled ([`using_with`]) | is disposed of, awaited; the token does not cancel that |
/// | was dropped, or the cleanup was, with the future of the scope, even before its first poll | is dropped, with what is left of its cleanup; **with [`Using::on_drop`] a spawner gets it**, which runs the cleanup to its end |
///
/// The last row is where Rust differs from C#: whoever drops a future drops it at once, and nobody is left who could
/// wait. Where no spawner is given, the resource's own `Drop` should do what can be done without waiting.
///
/// If the cleanup alone panics, that panic goes on, and what the body gave is dropped. The body has ended and is gone
/// when the cleanup begins; what it borrows from the resource cannot leave it.
///
/// Nothing is allocated. The future is `Send` if the resource, its cleanup and the body are. What needs no wait is better
/// off with an ordinary `Drop`.
///
/// # Several resources
///
/// They go in reverse order of their making. If one needs the other, nest them; each scope adds its own errors:
///
/// ```
/// # use taskcell::{dispose_with, using};
/// # use std::sync::Mutex;
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let log = Mutex::new(Vec::new());
/// let lend = |name| {
///     let log = &log;
///     dispose_with(name, move |name| async move { Ok::<_, &str>(log.lock().unwrap().push(name)) })
/// };
/// let scope = using(lend("outer"), async |_outer| {
///     using(lend("inner"), async |_inner| Ok::<_, &str>(1)).await
/// });
/// assert_eq!(scope.await.unwrap(), 1);
/// assert_eq!(log.into_inner().unwrap(), ["inner", "outer"]);
/// # })
/// ```
///
/// If they are made together, and their cleanups fail with the same type, a tuple of up to eight, an array or a `Vec` is
/// a resource: all are disposed of, one after the other, the last first, past errors and panics of the others. All errors
/// come in one [`AggregateError`](crate::AggregateError), each with its place; the first panic goes on at the end. What
/// the body pushes to a `Vec` is disposed of, too:
///
/// ```
/// # use taskcell::{dispose_with, using};
/// # use std::sync::Mutex;
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let log = Mutex::new(Vec::new());
/// let lend = |name| {
///     let log = &log;
///     dispose_with(name, move |name| async move { Err::<(), _>(log.lock().unwrap().push(name)) })
/// };
/// let error = using((lend("first"), lend("second")), async |_| Ok::<_, ()>(())).await.unwrap_err();
/// assert_eq!(error.cleanup().unwrap().len(), 2);
/// assert_eq!(log.into_inner().unwrap(), ["second", "first"]);
/// # })
/// ```
///
/// # Cancel safety
///
/// Dropping the future drops first the body and then the resource, as above. Nothing is handed to anybody.
///
/// # Errors
///
/// If the body or the cleanup failed.
///
/// # Panics
///
/// If the body or the cleanup did; see above.
///
/// # Examples
///
/// ```
/// use taskcell::{AsyncDispose, BoxError, UsingError, using};
///
/// struct Transaction(Vec<&'static str>);
///
/// impl AsyncDispose for Transaction {
///     type Error = BoxError;
///     async fn dispose(self) -> Result<(), BoxError> {
///         smol::future::yield_now().await; // it rolls back, or says goodbye
///         Ok(())
///     }
/// }
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let written = using(Transaction(Vec::new()), async |transaction| {
///     transaction.0.push("a row");
///     smol::future::yield_now().await;
///     Ok::<_, BoxError>(transaction.0.len())
/// });
/// assert_eq!(written.await.map_err(UsingError::into_error)?, 1);
/// # Ok::<_, BoxError>(())
/// # }).unwrap();
/// ```
#[doc(alias = "await using")]
#[doc(alias = "DisposeAsync")]
#[doc(alias = "IAsyncDisposable")]
#[doc(alias = "async with")]
#[doc(alias = "AsyncExitStack")]
#[doc(alias = "bracket")]
pub fn using<R, B, T, E>(resource: R, body: B) -> impl Future<Output = Result<T, UsingError<T, E, R::Error>>>
where
    R: LocalAsyncDispose,
    B: AsyncFnOnce(&mut R) -> Result<T, E>,
{
    Using::new(resource).run(body)
}

/// [`using`], whose body ends early when `token` is cancelled: it is dropped where it waits, its error is made of
/// [`Cancelled`], and then the cleanup runs, which the token does not cancel.
///
/// If the token is cancelled at the first poll the body is not polled at all; the cleanup runs all the same. Later the
/// body goes first, so that a result that is there is not thrown away. A body that has to end in its own way looks at the
/// token itself, and is run by [`using`].
///
/// # Cancel safety
///
/// As for [`using`]; nothing is left on the token.
///
/// # Errors
///
/// If the body or the cleanup failed, or the body was cancelled.
///
/// # Panics
///
/// As for [`using`].
///
/// # Examples
///
/// ```
/// use taskcell::{BoxError, CancellationTokenSource, Cancelled, dispose_with, using_with};
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let source = CancellationTokenSource::new();
/// let resource = dispose_with("lease", |_| async { Ok::<_, BoxError>(println!("given back")) });
/// let result = using_with(&source.token(), resource, async |_| {
///     source.cancel();
///     core::future::pending::<Result<(), Cancelled>>().await
/// });
/// assert_eq!(result.await.unwrap_err().body(), Some(&Cancelled::new(source.token())));
/// # })
/// ```
#[doc(alias = "await using")]
pub fn using_with<R, B, T, E>(
    token: &CancellationToken,
    resource: R,
    body: B,
) -> impl Future<Output = Result<T, UsingError<T, E, R::Error>>> + use<R, B, T, E>
where
    R: LocalAsyncDispose,
    B: AsyncFnOnce(&mut R) -> Result<T, E>,
    E: From<Cancelled>,
{
    Using::new(resource).run_with(token, body)
}

/// The error of a body that no token cancels.
pub(super) fn never<E>(_: Cancelled) -> E {
    unreachable!("no token was given")
}

pub(super) async fn in_place<R, B, T, E>(
    mut resource: R,
    token: CancellationToken,
    error: fn(Cancelled) -> E,
    body: B,
) -> Result<T, UsingError<T, E, R::Error>>
where
    R: LocalAsyncDispose,
    B: AsyncFnOnce(&mut R) -> Result<T, E>,
{
    let result = Contained::new(token.clone(), async { body(&mut resource).await }).await;
    let cleanup = Contained::new(CancellationToken::NONE, async move { resource.dispose_local().await }).await;
    both(result, token, error, cleanup)
}

pub(super) async fn handed_over<R, S, B, T, E>(
    mut held: Held<R, S>,
    token: CancellationToken,
    error: fn(Cancelled) -> E,
    body: B,
) -> Result<T, UsingError<T, E, R::Error>>
where
    R: AsyncDispose + Send + 'static,
    R::Error: Send + Sync + 'static,
    S: Spawner,
    B: AsyncFnOnce(&mut R) -> Result<T, E>,
{
    let resource = held.resource.as_mut().expect("the cleanup has not begun");
    let result = Contained::new(token.clone(), async move { body(resource).await }).await;
    held.begin();
    let cleanup = held.cleanup.as_mut().expect("it has begun");
    let cleanup = Contained::new(CancellationToken::NONE, cleanup).await;
    let over = held.cleanup.take();
    // Its memory, which nobody needs; not what it holds, unless it panicked.
    contain(|| drop(over));
    both(result, token, error, cleanup)
}

type Ended<T> = Result<Option<T>, Payload>;

/// What the scope gives.
fn both<T, E, D>(
    body: Ended<Result<T, E>>,
    token: CancellationToken,
    error: fn(Cancelled) -> E,
    cleanup: Ended<Result<(), D>>,
) -> Result<T, UsingError<T, E, D>> {
    let body = match body {
        Ok(Some(result)) => result,
        Ok(None) => Err(error(Cancelled::new(token))),
        Err(payload) => {
            contain(|| drop(cleanup));
            go_on(payload)
        }
    };
    let cleanup = match cleanup {
        Ok(result) => result.and_then(Result::err),
        Err(payload) => {
            contain(|| drop(body));
            go_on(payload)
        }
    };
    match (body, cleanup) {
        (Ok(value), None) => Ok(value),
        (Err(body), None) => Err(UsingError::Body(body)),
        (Ok(value), Some(error)) => Err(UsingError::Cleanup { value, error }),
        (Err(body), Some(cleanup)) => Err(UsingError::Both { body, cleanup }),
    }
}
