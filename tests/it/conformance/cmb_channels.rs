//! CMB: the guides' `AsyncProducerConsumerCollection`.
use crate::support::hooked::Hooks;
use crate::support::polls::{ready, waits};
use crate::support::{Counter, poll_with};
use std::sync::Arc;
use taskcell::channel::{AsyncProducerConsumerCollection, ChannelOptions};

#[test]
fn cmb_023_takes_that_wait_are_served_in_their_order() {
    let queue = AsyncProducerConsumerCollection::<u32>::new();
    let counters = [(); 3].map(|()| Counter::new());
    let mut takes = [queue.take(), queue.take(), queue.take()];
    for (counter, take) in counters.iter().zip(&mut takes) {
        assert!(counter.poll(take).is_pending());
    }
    for n in 0..3 {
        assert!(ready(queue.add(n)).is_ok());
        let woken: Vec<_> = counters.iter().map(|counter| counter.wakes()).collect();
        assert_eq!(woken, (0..3).map(|i| usize::from(i <= n)).collect::<Vec<_>>());
    }
    for (n, take) in takes.into_iter().enumerate() {
        assert_eq!(ready(take).unwrap(), n as u32);
    }
    // An add calls nobody who could wait for it: the waker may add, and take.
    let queue = Arc::new(AsyncProducerConsumerCollection::<u32>::new());
    let own = queue.clone();
    let (waker, _) = Hooks::new().on_wake(move || assert!(ready(own.add(own.try_take().unwrap() + 1)).is_ok())).waker();
    let mut take = queue.take();
    assert!(poll_with(&waker, &mut take).is_pending());
    assert!(queue.try_add(1).is_ok());
    assert_eq!(ready(take).unwrap(), 2);
    // Over any storage, and with an end.
    let stack = AsyncProducerConsumerCollection::<u32>::with_options(ChannelOptions::bounded(2).lifo());
    assert!(ready(stack.add(1)).is_ok() && ready(stack.add(2)).is_ok());
    assert!(waits(&mut stack.add(3)));
    assert!(stack.complete_adding().is_ok() && stack.complete_adding().is_err());
    assert_eq!((ready(stack.take()).unwrap(), ready(stack.take()).unwrap()), (2, 1));
    assert!(ready(stack.take()).is_err());
}
