//! Callbacks that run on an executor.

use super::{CancellationToken, Registration};
use crate::spawn::Spawner;
use alloc::boxed::Box;

impl CancellationToken {
    /// Has `callback` run on an executor when the token is cancelled: whoever cancels only spawns it, and does not wait.
    ///
    /// If the token is cancelled already it is spawned before this returns; if it can never be, it is dropped. What is
    /// spawned can no longer be taken back: `unregister_and_wait` waits for the
    /// spawning alone. Callbacks of one token are spawned last in first out. A panic of `callback` is the executor's matter,
    /// one of the spawner comes out of the call that cancels. An executor that refuses drops `callback`.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{BoxFuture, CancellationTokenSource};
    ///
    /// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
    /// let source = CancellationTokenSource::new();
    /// let (sender, receiver) = smol::channel::bounded(1);
    /// source.token().register_on(smol, move || sender.try_send("stopped").unwrap()).detach();
    /// source.cancel();
    /// # smol::block_on(async {
    /// assert_eq!(receiver.recv().await, Ok("stopped"));
    /// # });
    /// ```
    #[doc(alias = "Register")]
    #[doc(alias = "useSynchronizationContext")]
    pub fn register_on<S, F>(&self, spawner: S, callback: F) -> Registration
    where
        S: Spawner + Send + 'static,
        F: FnOnce() + Send + 'static,
    {
        self.register(move || spawner.spawn(Box::pin(async move { callback() })))
    }
}
