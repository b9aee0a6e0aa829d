//! What an executor is to this crate: something that takes a boxed future.
#![forbid(unsafe_code)]

use alloc::boxed::Box;
use alloc::rc::Rc;
use core::pin::Pin;

use crate::shim::heap::Arc;

/// A boxed future that may be sent to another thread.
///
/// # Examples
///
/// ```
/// use taskcell::BoxFuture;
///
/// // Two futures of different types in one array.
/// let steps: [BoxFuture<'static, u32>; 2] = [Box::pin(async { 1 }), Box::pin(core::future::ready(2))];
/// # smol::block_on(async {
/// assert_eq!(taskcell::when_all_settled(steps).await, [1, 2]);
/// # });
/// ```
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A boxed future that stays on its thread.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use taskcell::LocalBoxFuture;
///
/// let name = Rc::new(String::from("paper")); // stays on its thread, and so does the future
/// let future: LocalBoxFuture<'_, usize> = Box::pin(async { name.len() });
/// # smol::block_on(async {
/// assert_eq!(future.await, 5);
/// # });
/// ```
pub type LocalBoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// An executor, as far as this crate needs one.
///
/// Every `Fn(BoxFuture<'static, ()>)` is a spawner, so an executor takes one
/// closure. So are `Arc<S>` of any spawner, `&dyn Spawner` and `Box<dyn
/// Spawner>` (also `+ Send + Sync`). `&S` is one if `S` is a closure or a `dyn
/// Spawner`; for all other `S` it would overlap with the closures, and a
/// reference is passed as `&dyn Spawner`.
///
/// An implementation
///
/// - MUST either poll the future until it ends or drop it; a future that is
///   dropped is cancelled, and whoever waits for it is told so;
/// - MUST NOT poll it inside `spawn` (a caller may hold on to what the future
///   needs);
/// - MUST NOT let a panic of the future end the other ones.
///
/// # Examples
///
/// ```
/// use taskcell::{BoxFuture, Spawner};
///
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// let (sender, receiver) = smol::channel::bounded(1);
/// smol.spawn(Box::pin(async move { sender.send(1).await.unwrap() }));
/// assert_eq!(smol::block_on(receiver.recv()), Ok(1));
/// ```
#[doc(alias = "TaskScheduler")]
pub trait Spawner {
    /// Starts the future.
    fn spawn(&self, future: BoxFuture<'static, ()>);
}

/// An executor of one thread: its futures need not be `Send`.
///
/// Every `Fn(LocalBoxFuture<'static, ()>)` is one, and so are `Rc<S>`, `Arc<S>`,
/// `&dyn LocalSpawner` and `Box<dyn LocalSpawner>`; the MUST clauses of
/// [`Spawner`] hold here too.
///
/// # Examples
///
/// ```
/// use std::{cell::Cell, rc::Rc};
/// use taskcell::{LocalBoxFuture, LocalSpawner};
///
/// let executor = Rc::new(smol::LocalExecutor::new());
/// let local = {
///     let executor = Rc::clone(&executor);
///     move |future: LocalBoxFuture<'static, ()>| executor.spawn(future).detach()
/// };
/// let seen = Rc::new(Cell::new(0));
/// let in_future = Rc::clone(&seen);
/// local.spawn(Box::pin(async move { in_future.set(1) }));
/// assert!(executor.try_tick());
/// assert_eq!(seen.get(), 1);
/// ```
pub trait LocalSpawner {
    /// Starts the future on this thread.
    fn spawn(&self, future: LocalBoxFuture<'static, ()>);
}

impl<F: Fn(BoxFuture<'static, ()>)> Spawner for F {
    fn spawn(&self, future: BoxFuture<'static, ()>) {
        self(future);
    }
}

impl<F: Fn(LocalBoxFuture<'static, ()>)> LocalSpawner for F {
    fn spawn(&self, future: LocalBoxFuture<'static, ()>) {
        self(future);
    }
}

macro_rules! forward {
    ($trait:ident, $future:ident: $($type:ty $(where $param:ident)?),* $(,)?) => {$(
        impl<$($param: $trait + ?Sized)?> $trait for $type {
            fn spawn(&self, future: $future<'static, ()>) {
                (**self).spawn(future);
            }
        }
    )*};
}

forward!(Spawner, BoxFuture: Arc<S> where S, &dyn Spawner, Box<dyn Spawner>, Box<dyn Spawner + Send + Sync>);
forward!(LocalSpawner, LocalBoxFuture: Rc<S> where S, Arc<S> where S, &dyn LocalSpawner, Box<dyn LocalSpawner>);
