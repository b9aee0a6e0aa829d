//! Iterators that panic, after they have dropped everything.
use super::{Bag, leaks_nothing, panics};
use crate::support::panic_of;
use std::sync::Arc;
use taskcell::{CancellationToken, CancellationTokenSource, Task, TaskCompletionSource};

/// Some items; then everything is dropped, and it panics.
fn broken<T>(items: Vec<T>, bag: &Bag) -> impl Iterator<Item = T> {
    let bag = bag.clone();
    items.into_iter().chain(std::iter::from_fn(move || {
        bag.empty();
        panics()
    }))
}

#[test]
fn tokens() {
    leaks_nothing(|| {
        let bag = Bag::default();
        let sources = [CancellationTokenSource::new(), CancellationTokenSource::new()];
        let tokens: Vec<CancellationToken> = sources.iter().map(CancellationTokenSource::token).collect();
        bag.put(sources);
        let linked = || CancellationTokenSource::linked(broken(tokens.iter().collect(), &bag));
        assert_eq!(panic_of(linked), Some("mine"));
        assert!(tokens.iter().all(|token| token.listeners() == 0), "a link is left");
        assert_eq!(Arc::strong_count(&bag.0), 1);
    });
}

#[test]
fn tasks() {
    leaks_nothing(|| {
        for which in 0..3 {
            let bag = Bag::default();
            let sources = [TaskCompletionSource::<u32>::new(), TaskCompletionSource::new()];
            let tasks: Vec<Task<u32>> = sources.iter().map(TaskCompletionSource::task).collect();
            bag.put(sources);
            let items = broken(tasks.clone(), &bag);
            let broken = match which {
                0 => panic_of(|| drop(Task::when_all(items))),
                1 => panic_of(|| drop(Task::when_any(items))),
                _ => panic_of(|| drop(Task::when_each(items))),
            };
            assert_eq!(broken, Some("mine"));
            assert!(tasks.iter().all(|task| task.listeners() == 0), "an aggregate is left in line");
            assert_eq!(Arc::strong_count(&bag.0), 1);
        }
    });
}

#[test]
fn errors() {
    leaks_nothing(|| {
        let (bag, source) = (Bag::default(), TaskCompletionSource::<u32, String>::new());
        bag.put(source.task());
        let errors = broken(vec!["one".to_owned(), "two".to_owned()], &bag);
        assert_eq!(panic_of(|| source.try_set_errors(errors).is_ok()), Some("mine"));
        assert!(!source.task().is_completed(), "it is set by halves");
        source.set_result(1);
        assert_eq!(Arc::strong_count(&bag.0), 1);
    });
}
