//! Children that call back, and drops that panic.
use super::{drive, settle};
use crate::support::hooked::Hooks;
use crate::support::{Counter, Dropped, panic_of, poll_with};
use std::future::{pending, ready};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};
use taskcell::{TaskGroup, TaskGroupHandle, task_group};

type Handle = TaskGroupHandle<u32, ()>;

/// Starts a sibling when it is dropped.
struct Starts(Handle, u32);

impl Drop for Starts {
    fn drop(&mut self) {
        let number = self.1;
        let _over = self.0.run(async move { Ok(number) });
    }
}

#[test]
fn a_child_starts_siblings_in_its_poll_and_in_its_drop() {
    let mut group = task_group(|mut group: TaskGroup<u32, ()>| async move {
        let handle = group.handle();
        group.run(async move {
            let _starts = Starts(handle.clone(), 3);
            handle.run(async { Ok(2) }).unwrap();
            Ok(1)
        });
        let mut all = group.wait_all().await;
        all.sort_unstable();
        Ok(all)
    });
    assert_eq!(drive(&mut group).unwrap(), [1, 2, 3]);
}

#[test]
fn a_child_starts_siblings_while_the_group_is_dropped() {
    let counter = Counter::new();
    let (value, dropped) = Dropped::new();
    let mut group = task_group(|group: TaskGroup<u32, ()>| {
        let handle = group.handle();
        group.run(async move {
            let _starts = (Starts(handle, 3), value);
            pending().await
        });
        pending::<Result<(), ()>>()
    });
    settle(&counter, &mut group);
    drop(group);
    assert_eq!(dropped.load(SeqCst), 1);
}

#[test]
fn panicking_drops_of_children_leave_the_others_gone() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("bomb");
        }
    }
    for limit in [1, 10] {
        let counter = Counter::new();
        let mut counts = Vec::new();
        let mut token = None;
        let mut group = task_group(|group: TaskGroup<u32, ()>| {
            token = Some(group.token());
            for number in 0..6 {
                let (value, count) = Dropped::new();
                counts.push(count);
                let bomb = (number == 2).then(|| Bomb);
                group.run(async move {
                    let _held = (value, bomb);
                    pending().await
                });
            }
            pending::<Result<(), ()>>()
        })
        .limit(limit.try_into().unwrap());
        settle(&counter, &mut group);
        assert_eq!(panic_of(|| drop(group)), Some("bomb"));
        assert!(counts.iter().all(|count| count.load(SeqCst) == 1));
        assert!(token.unwrap().is_cancelled());
    }
}

#[test]
fn a_value_whose_drop_panics_costs_no_other() {
    struct Bomb(bool);
    impl Drop for Bomb {
        fn drop(&mut self) {
            if self.0 {
                panic!("bomb");
            }
        }
    }
    let counter = Counter::new();
    let mut group = task_group(|group: TaskGroup<Bomb, ()>| {
        group.run(async { Ok(Bomb(true)) });
        group.run(async { Ok(Bomb(false)) });
        drop(group);
        ready(Ok::<_, ()>(5))
    });
    let first = panic_of(|| counter.poll(&mut group));
    assert_eq!(first, Some("bomb"));
    assert_eq!(drive(&mut group).unwrap(), 5);
}

/// The group's waker starts children from its clone, its wake and its drop.
#[test]
fn a_waker_that_calls_back() {
    let handle: Arc<Mutex<Option<Handle>>> = Arc::default();
    let call = |handle: &Arc<Mutex<Option<Handle>>>| {
        let handle = handle.clone();
        let depth = std::sync::atomic::AtomicUsize::new(0);
        move || {
            if depth.fetch_add(1, SeqCst) < 3 {
                let handle = handle.lock().unwrap().clone();
                if let Some(handle) = handle {
                    let _over = handle.run(async { Ok(1) });
                }
            }
        }
    };
    let (waker, _hooks) = Hooks::new().on_clone(call(&handle)).on_wake(call(&handle)).on_drop(call(&handle)).waker();
    let mut group = task_group(|mut group: TaskGroup<u32, ()>| {
        *handle.lock().unwrap() = Some(group.handle());
        async move {
            group.run(async { Ok(1) });
            let mut sum = 0;
            while let Some(value) = group.next().await {
                sum += value;
            }
            Ok(sum)
        }
    });
    let sum = loop {
        if let std::task::Poll::Ready(sum) = poll_with(&waker, &mut group) {
            break sum.unwrap();
        }
    };
    assert!(sum >= 1);
    handle.lock().unwrap().take();
}

#[test]
fn a_callback_of_the_token_that_panics_comes_out_of_the_poll_and_nothing_is_lost() {
    let counter = Counter::new();
    let mut group = task_group(|group: TaskGroup<u32, ()>| {
        group.token().register(|| panic!("callback")).detach();
        group.run(async { Err(()) });
        ready(Ok::<_, ()>(()))
    });
    assert_eq!(panic_of(|| counter.poll(&mut group)), Some("callback"));
    assert!(drive(&mut group).is_err());
}
