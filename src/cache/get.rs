//! A caller's future.

use super::entry::Answer;
use super::error::CacheError;
use super::flight::{Failure, Load};
use super::leader::{Job, Leader};
use super::member::{Found, Member};
use super::shared::Shared;
use super::state::{Arrival, Wanted};
use crate::cancel::{CancellationToken, Stop};
use crate::shim::heap::Arc;
use crate::spawn::Spawner;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use core::borrow::Borrow;
use core::fmt;
use core::future::Future;
use core::hash::Hash;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

/// How a load begins: with a closure, or with the cache's own loader.
pub trait Begin<K, V, E, Q: ?Sized> {
    #[doc(hidden)]
    fn begin(self, own: &dyn Fn(K, CancellationToken) -> Load<V, E>, key: &Q, token: CancellationToken) -> Load<V, E>;
}

/// The cache's own loader.
///
/// # Examples
///
/// ```
/// use taskcell::{AsyncCache, Get, OwnLoader};
///
/// let cache: AsyncCache<u32, u32> = AsyncCache::new(|key, _| async move { Ok(key) });
/// let caller: Get<'_, u32, u32, _, u32, OwnLoader> = cache.get(&7); // as it is named in a struct
/// # smol::block_on(async {
/// assert_eq!(caller.await.unwrap(), 7);
/// # });
/// ```
#[derive(Debug)]
pub struct OwnLoader(pub(super) ());

impl<K, V, E, Q> Begin<K, V, E, Q> for OwnLoader
where
    Q: ToOwned<Owned = K> + ?Sized,
{
    fn begin(self, own: &dyn Fn(K, CancellationToken) -> Load<V, E>, key: &Q, token: CancellationToken) -> Load<V, E> {
        own(key.to_owned(), token)
    }
}

impl<K, V, E, Q, L, F> Begin<K, V, E, Q> for L
where
    Q: ?Sized,
    L: FnOnce(CancellationToken) -> F,
    F: Future<Output = Result<V, E>> + Send + 'static,
{
    fn begin(self, _: &dyn Fn(K, CancellationToken) -> Load<V, E>, _: &Q, token: CancellationToken) -> Load<V, E> {
        Box::pin(self(token))
    }
}

enum Seat<'a, K, V, E> {
    /// Not polled yet.
    Out,
    Waits(Member<'a, K, V, E>),
    Leads(Leader<K, V, E>),
    Done,
}

impl<'a, K, V, E> Seat<'a, K, V, E> {
    /// Of a caller that has found this; or the answer that it need not wait for.
    #[inline]
    fn found(shared: &'a Arc<Shared<K, V, E>>, arrival: Arrival<V, E>) -> Result<Self, Answer<V, E>> {
        match arrival {
            Arrival::Kept(answer) => Err(answer),
            Arrival::Entered(number) => Ok(Self::Waits(Member::entered(shared, number))),
            Arrival::Leads(number, load) => Ok(Self::Leads(Leader::new(shared, number, load))),
            Arrival::Nobody => unreachable!("it has brought the key"),
        }
    }
}

/// A caller of [`AsyncCache`](super::AsyncCache): ready with a clone of the value.
///
/// Nothing is looked for before the first poll. That one answers at once if the value is kept; otherwise the caller leads
/// the load, polling it here, or waits for the one that does.
///
/// # Cancel safety
///
/// Dropping it takes nothing from the others: if it leads, one of those who wait takes over, as
/// [`Handover`](super::Handover) says.
///
/// # Errors
///
/// [`CacheError`].
///
/// # Panics
///
/// If it is polled after it was ready. If the loader panics while this caller polls it, or the value's `Clone` does.
///
/// # Examples
///
/// A caller that gives up, and one that must not:
///
/// ```
/// use taskcell::{AsyncCache, BoxFuture, CancellationToken};
///
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// let cache: AsyncCache<u32, u32> = AsyncCache::new(|key, _| async move { Ok(key * 2) });
/// # smol::block_on(async {
/// let stop = CancellationToken::new(true);
/// assert!(cache.get(&7).with_cancellation(&stop).await.is_err());
/// let value = cache.get(&7).spawned(&smol).await; // an executor loads it, whoever goes
/// assert_eq!(value.unwrap(), 14);
/// # });
/// ```
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Get<'a, K, V, E, Q: ?Sized, L> {
    shared: &'a Arc<Shared<K, V, E>>,
    key: &'a Q,
    loader: Option<L>,
    /// What is kept does not do.
    fresh: bool,
    spawner: Option<&'a (dyn Spawner + Sync)>,
    stop: Stop<'a>,
    seat: Seat<'a, K, V, E>,
}

impl<'a, K, V, E, Q: ?Sized, L> Get<'a, K, V, E, Q, L> {
    pub(super) fn new(shared: &'a Arc<Shared<K, V, E>>, key: &'a Q, loader: L, fresh: bool) -> Self {
        Self { shared, key, loader: Some(loader), fresh, spawner: None, stop: Stop::never(), seat: Seat::Out }
    }

    /// Gives up with [`CacheError::Cancelled`] when this token is cancelled; the load is not touched by that, but handed
    /// over if this caller leads it.
    ///
    /// If the token is cancelled at the first poll nothing is looked for and nothing is loaded. Later an answer goes first.
    /// Of several tokens the last one given counts.
    #[doc(alias = "WaitAsync")]
    pub fn with_cancellation(mut self, token: &'a CancellationToken) -> Self {
        self.stop = Stop::by(token);
        self
    }

    /// If this caller leads, the load runs on this executor, and no caller's going touches it: it is hot. What becomes of
    /// a panic there is said at [`CacheOptions::spawned`](super::CacheOptions::spawned).
    pub fn spawned(mut self, spawner: &'a (impl Spawner + Sync)) -> Self {
        self.spawner = Some(spawner);
        self
    }

    /// Ready if the token was cancelled before.
    fn is_late(&self) -> Option<CacheError<E>> {
        self.stop.now().map(CacheError::Cancelled)
    }
}

impl<'a, K, V, E, Q, L> Get<'a, K, V, E, Q, L>
where
    K: Borrow<Q> + Eq + Send + 'static,
    V: Clone + Send + Sync + 'static,
    E: Send + Sync + 'static,
    Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    L: Begin<K, V, E, Q>,
{
    /// The first poll, if there is nothing that it could have or join.
    fn arrive(&self, wanted: &Wanted<'_, Q>) -> Result<Seat<'a, K, V, E>, Answer<V, E>> {
        let now = (!self.fresh).then(|| self.shared.now());
        // Outside of the lock; then it looks again.
        let mut key = Some(wanted.key.to_owned());
        let (arrival, outside) = self.shared.with_later(|state, after| state.arrive(wanted, now, &mut key, after));
        let seat = Seat::found(self.shared, arrival);
        // If that panics the seat is somebody else's.
        drop(outside);
        seat
    }

    /// Polls what it waits for, or leads. The seat is `Done` if that panics.
    fn go_on(&mut self, cx: &mut Context<'_>) -> Poll<Result<Answer<V, E>, CacheError<E>>> {
        loop {
            match &mut self.seat {
                Seat::Out | Seat::Done => panic!("polled after it was ready"),
                Seat::Waits(member) => {
                    let late = self.stop.now().is_some();
                    let Poll::Ready(found) = member.poll(cx, late) else { return Poll::Pending };
                    self.seat = Seat::Done;
                    match found {
                        Found::Answer(answer) => return Poll::Ready(Ok(answer)),
                        Found::Failure(failure) => return Poll::Ready(Err(own_failure(failure))),
                        Found::Lead(leader) => self.seat = Seat::Leads(leader),
                    }
                }
                Seat::Leads(_) => {
                    let Seat::Leads(mut leader) = mem::replace(&mut self.seat, Seat::Done) else { unreachable!() };
                    if !leader.has_load() {
                        self.begin(&mut leader);
                    }
                    if self.is_hot() {
                        self.give_away(leader, cx);
                        continue;
                    }
                    match leader.poll(cx) {
                        Poll::Ready(result) => return Poll::Ready(Ok(leader.land(result))),
                        Poll::Pending => {
                            self.seat = Seat::Leads(leader);
                            return Poll::Pending;
                        }
                    }
                }
            }
        }
    }

    fn is_hot(&self) -> bool {
        self.spawner.is_some() || self.shared.spawner.is_some()
    }

    fn begin(&mut self, leader: &mut Leader<K, V, E>) {
        let loader = self.loader.take().expect("a caller begins one load at most");
        let (shared, key) = (self.shared, self.key);
        let own = |key, token| match &shared.loader {
            Some(loader) => loader(key, token),
            None => panic!("the cache has no loader of its own"),
        };
        leader.begin(|token| loader.begin(&own, key, token));
    }

    /// The load is hot from now on, and this caller its owner.
    fn give_away(&mut self, mut leader: Leader<K, V, E>, cx: &Context<'_>) {
        self.seat = Seat::Waits(Member::owner(self.shared, leader.flight(), cx.waker()));
        leader.heat();
        let job = Box::pin(Job(Some(leader)));
        match (self.spawner, &self.shared.spawner) {
            (Some(spawner), _) => spawner.spawn(job),
            (None, Some(spawner)) => spawner.spawn(job),
            (None, None) => unreachable!("it is hot"),
        }
    }
}

fn own_failure<E>(failure: Failure<E>) -> CacheError<E> {
    match failure {
        Failure::Faulted(fault) => CacheError::Faulted(fault),
        Failure::Panicked(panic) => CacheError::Panicked(panic),
        Failure::Abandoned => CacheError::Abandoned,
    }
}

/// A clone of the value, made outside of the lock.
pub(super) fn given<V: Clone, E>(answer: Answer<V, E>) -> Result<V, CacheError<E>> {
    match answer {
        Answer::Value(value) => Ok(V::clone(&value)),
        Answer::Fault(fault) => Err(CacheError::Faulted(fault)),
    }
}

impl<K, V, E, Q, L> Future for Get<'_, K, V, E, Q, L>
where
    K: Borrow<Q> + Eq + Send + 'static,
    V: Clone + Send + Sync + 'static,
    E: Send + Sync + 'static,
    Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    L: Begin<K, V, E, Q>,
{
    type Output = Result<V, CacheError<E>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Seat::Out = this.seat {
            if let Some(late) = this.is_late() {
                this.seat = Seat::Done;
                return Poll::Ready(Err(late));
            }
            let wanted = this.shared.wanted(this.key);
            let found = if this.fresh {
                Arrival::Nobody
            } else {
                let now = this.shared.now();
                this.shared.with(|state| state.hit(&wanted, now))
            };
            let seat = match found {
                Arrival::Nobody => this.arrive(&wanted),
                found => Seat::found(this.shared, found),
            };
            match seat {
                Ok(seat) => this.seat = seat,
                Err(answer) => {
                    this.seat = Seat::Done;
                    return Poll::Ready(given(answer));
                }
            }
        }
        if let Poll::Ready(result) = this.go_on(cx) {
            return Poll::Ready(result.and_then(given));
        }
        if let Poll::Ready(cancelled) = this.stop.poll(cx) {
            this.stop.leave();
            // It leaves, or hands over.
            this.seat = Seat::Done;
            return Poll::Ready(Err(CacheError::Cancelled(cancelled)));
        }
        Poll::Pending
    }
}

impl<K, V, E, Q: ?Sized, L> Unpin for Get<'_, K, V, E, Q, L> {}

impl<K, V, E, Q: ?Sized, L> fmt::Debug for Get<'_, K, V, E, Q, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seat = match self.seat {
            Seat::Out => "not polled",
            Seat::Waits(_) => "waits",
            Seat::Leads(_) => "leads",
            Seat::Done => "ended",
        };
        f.debug_struct("Get").field("state", &format_args!("{seat}")).finish_non_exhaustive()
    }
}
