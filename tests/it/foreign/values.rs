//! Values, keys and errors whose own code drops everything, or panics.
use super::{Bag, leaks_nothing, panics};
use crate::support::{panic_of, polls};
use std::fmt;
use std::future::IntoFuture;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use taskcell::{AsyncCache, BoxError, CacheOptions, Task, TaskCompletionSource};

/// Its clone, comparison and hash drop everything.
#[derive(Default)]
struct Careless(Bag);

impl Clone for Careless {
    fn clone(&self) -> Self {
        self.0.empty();
        Self(self.0.clone())
    }
}

impl Hash for Careless {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.empty();
        1.hash(state);
    }
}

impl PartialEq for Careless {
    fn eq(&self, _: &Self) -> bool {
        self.0.empty();
        true
    }
}

impl Eq for Careless {}

#[test]
fn a_clone_drops_everything() {
    leaks_nothing(|| {
        // A task's value.
        let bag = Bag::default();
        let source = TaskCompletionSource::<Careless>::new();
        let waits = source.task().into_future();
        bag.put(source.task());
        source.set_result(Careless(bag.clone()));
        bag.put(source);
        assert!(polls::ready(waits).is_ok());
        assert_eq!(Arc::strong_count(&bag.0), 1, "a value is left");
        // A cache's.
        let cache = AsyncCache::<u32, Careless>::without_loader(CacheOptions::new());
        cache.set(1, Careless(bag.clone()));
        bag.put(cache.clone());
        assert!(cache.peek(&1).is_some());
        drop(cache);
        assert_eq!(Arc::strong_count(&bag.0), 1, "a value is left");
    });
}

#[test]
fn a_key_drops_everything() {
    leaks_nothing(|| {
        let bag = Bag::default();
        let cache = AsyncCache::<Careless, u32>::without_loader(CacheOptions::new());
        let key = Careless(bag.clone());
        for _ in 0..2 {
            bag.put(cache.clone());
            let get = cache.get_with(&key, async |_| Ok::<_, BoxError>(2));
            assert!(matches!(smol::block_on(get), Ok(2)));
        }
        drop((cache, key));
        assert_eq!(Arc::strong_count(&bag.0), 1, "a key is left");
    });
}

/// An error that panics when it is shown.
struct Mute(Bag);

impl fmt::Display for Mute {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.empty();
        panics()
    }
}

impl fmt::Debug for Mute {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.empty();
        panics()
    }
}

impl std::error::Error for Mute {}

#[test]
fn an_error_that_cannot_be_shown() {
    leaks_nothing(|| {
        let bag = Bag::default();
        let task = Task::<u32, Mute>::from_error(Mute(bag.clone()));
        bag.put(task.clone());
        let error = task.try_result().expect("it has ended").expect_err("by an error");
        assert_eq!(panic_of(|| error.to_string()), Some("mine"));
        assert_eq!(panic_of(|| format!("{error:?}")), Some("mine"));
        assert!(task.is_faulted());
        drop(task);
        assert_eq!(Arc::strong_count(&bag.0), 1, "an error is left");
    });
}
