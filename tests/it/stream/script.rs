//! A stream that does as it is told, and a consumer that believes nothing.
use crate::support::Counter;
use futures_util::stream::FusedStream;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

/// Gives its items, and is pending where it has a `None`; polled after its end it panics.
#[derive(Clone)]
pub(crate) struct Script<T> {
    steps: VecDeque<Option<T>>,
    hint: Hint,
    ended: bool,
}

/// What it says about how many items there will be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hint {
    Exact,
    Nothing,
}

impl<T> Unpin for Script<T> {}

impl<T> Script<T> {
    pub(crate) fn new(steps: impl IntoIterator<Item = Option<T>>, hint: Hint) -> Self {
        Self { steps: steps.into_iter().collect(), hint, ended: false }
    }

    /// The items, with `pauses` before each and before the end.
    pub(crate) fn paced(items: impl IntoIterator<Item = T>, pauses: usize, hint: Hint) -> Self {
        let mut steps = VecDeque::new();
        for item in items {
            steps.extend((0..pauses).map(|_| None));
            steps.push_back(Some(item));
        }
        steps.extend((0..pauses).map(|_| None));
        Self { steps, hint, ended: false }
    }
}

impl<T> futures_core::Stream for Script<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        assert!(!self.ended, "polled after its end");
        match self.steps.pop_front() {
            Some(Some(item)) => Poll::Ready(Some(item)),
            Some(None) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            None => {
                self.ended = true;
                Poll::Ready(None)
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self.hint {
            Hint::Exact => {
                let items = self.steps.iter().flatten().count();
                (items, Some(items))
            }
            Hint::Nothing => (0, None),
        }
    }
}

/// All items. Whenever it is pending it must have been woken, what it says of its size must come true, and after its end
/// it must stay at its end.
pub(crate) fn all<S: FusedStream>(stream: S) -> Vec<S::Item> {
    let mut stream = pin!(stream);
    let wakes = Counter::new();
    let waker = wakes.waker();
    let mut cx = Context::from_waker(&waker);
    let mut items = Vec::new();
    let mut hints = Vec::new();
    loop {
        hints.push((items.len(), stream.size_hint()));
        let woken = wakes.wakes();
        match stream.as_mut().poll_next(&mut cx) {
            Poll::Ready(Some(item)) => items.push(item),
            Poll::Ready(None) => break,
            Poll::Pending => assert!(wakes.wakes() > woken, "nobody will wake it"),
        }
    }
    assert!(stream.is_terminated());
    assert_eq!(stream.size_hint(), (0, Some(0)));
    for _ in 0..2 {
        assert!(matches!(stream.as_mut().poll_next(&mut cx), Poll::Ready(None)));
    }
    for (before, (least, most)) in hints {
        let after = items.len() - before;
        assert!(least <= after && most.is_none_or(|most| after <= most), "{after} of {least}..={most:?}");
    }
    items
}

/// The output of a future that wakes itself whenever it is pending.
pub(crate) fn output<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let wakes = Counter::new();
    let waker = wakes.waker();
    loop {
        let woken = wakes.wakes();
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => assert!(wakes.wakes() > woken, "nobody will wake it"),
        }
    }
}

/// `make` over the items in every pace must give `expected`.
#[track_caller]
pub(crate) fn gives<T: Clone, S: FusedStream<Item: PartialEq + core::fmt::Debug>>(
    items: &[T],
    make: impl Fn(Script<T>) -> S,
    expected: &[S::Item],
) {
    for pauses in 0..3 {
        for hint in [Hint::Exact, Hint::Nothing] {
            assert_eq!(all(make(Script::paced(items.to_vec(), pauses, hint))), expected, "{pauses} pauses, {hint:?}");
        }
    }
}
