//! What is `Send`, `Sync`, `Unpin` and unwind-safe: a table that the compiler checks.
use super::tokio_util::future::FutureExt;
use super::tokio_util::sync::{
    CancellationToken, DropGuard, DropGuardRef, WaitForCancellationFuture, WaitForCancellationFutureOwned,
};
use crate::support::{is, leak};
use std::fmt::{Debug, Display};
use std::future::{Pending, Ready, pending, ready};
use std::hash::Hash;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

/// `is!` for a value whose type has no name.
macro_rules! value_is {
    ($value:expr; $($has:path),* $(; not $($lacks:path),*)?) => {{
        let value = &$value;
        $({
            fn has<T: $has>(_: &T) {}
            has(value);
        })*
        $($({
            trait Unless<X> {}
            impl<T> Unless<()> for T {}
            struct Has;
            impl<T: $lacks> Unless<Has> for T {}
            fn lacks<X, T: Unless<X>>(_: &T) {}
            lacks(value);
        })*)?
    }};
}

is!(CancellationToken: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone, Default, Eq, Hash, Debug);
is!(CancellationToken: ; not Copy, Ord, Display, Future);
is!(DropGuard: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Debug; not Clone, Default, Eq);
is!(DropGuardRef<'static>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Debug; not Clone, Default, Eq);
is!(WaitForCancellationFuture<'static>: Future<Output = ()>, Send, Sync, Debug; not Unpin, Clone);
is!(WaitForCancellationFutureOwned: Future<Output = ()>, Send, Sync, Debug; not Unpin, Clone);
is!(dyn FutureExt<Output = ()>: FutureExt);

#[test]
fn futures_beside_tokens_are_as_their_futures() {
    let token = CancellationToken::new();
    let owned = || token.clone();
    value_is!(token.run_until_cancelled(ready(1)); Future<Output = Option<i32>>, Send, Sync; not Unpin, Clone);
    value_is!(owned().run_until_cancelled_owned(ready(1)); Future<Output = Option<i32>>, Send, Sync; not Unpin, Clone);
    value_is!(ready(1).with_cancellation_token(&token); Future<Output = Option<i32>>, Send, Sync; not Unpin, Clone);
    value_is!(ready(1).with_cancellation_token_owned(owned()); Future<Output = Option<i32>>, Send; not Unpin, Clone);
    let local = || ready(Rc::new(1));
    value_is!(token.run_until_cancelled(local()); Future; not Send, Sync);
    value_is!(owned().run_until_cancelled_owned(local()); Future; not Send, Sync);
    value_is!(local().with_cancellation_token(&token); Future; not Send, Sync);
    value_is!(local().with_cancellation_token_owned(owned()); Future; not Send, Sync);
    // The output alone need not be sent.
    value_is!(token.run_until_cancelled(Local); Future<Output = Option<Rc<()>>>, Send, Sync);
    value_is!(Local.with_cancellation_token(&token); Future<Output = Option<Rc<()>>>, Send, Sync);
    value_is!(owned().run_until_cancelled_owned(Local); Send, Sync);
}

/// Can be sent; its output cannot.
struct Local;

impl Future for Local {
    type Output = Rc<()>;
    fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<Rc<()>> {
        std::task::Poll::Ready(Rc::new(()))
    }
}

/// What borrows may be shortened.
#[test]
fn borrows_are_covariant() {
    fn guard<'short>(long: DropGuardRef<'static>, _: &'short u8) -> DropGuardRef<'short> {
        long
    }
    fn wait<'short>(long: WaitForCancellationFuture<'static>, _: &'short u8) -> WaitForCancellationFuture<'short> {
        long
    }
    let token: &'static CancellationToken = leak(CancellationToken::default());
    let here = 0;
    assert!(!guard(token.drop_guard_ref(), &here).disarm().is_cancelled());
    token.cancel();
    smol::block_on(wait(token.cancelled(), &here));
}

/// `disarm` gives back what was borrowed, for as long as it was.
#[test]
fn what_is_disarmed_outlives_its_guard() {
    fn disarmed(token: &CancellationToken) -> &CancellationToken {
        let guard = token.drop_guard_ref();
        assert!(!guard.token().is_cancelled());
        guard.disarm()
    }
    let token = CancellationToken::new();
    assert_eq!(disarmed(&token), &token);
}

#[test]
fn every_future_has_the_extension() {
    let token = CancellationToken::new();
    let boxed: std::pin::Pin<Box<dyn Future<Output = u8>>> = Box::pin(async { 1 });
    assert_eq!(smol::block_on(boxed.with_cancellation_token(&token)), Some(1));
    let mut ready: Ready<u8> = ready(2);
    assert_eq!(smol::block_on((&mut ready).with_cancellation_token_owned(token.clone())), Some(2));
    let never: Pending<()> = pending();
    token.cancel();
    assert_eq!(smol::block_on(never.with_cancellation_token(&token)), None);
}
