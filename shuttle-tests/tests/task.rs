//! Tasks and tokens: more threads than loom's models have.
#![cfg(shuttle)]

use shuttle::future::block_on;
use shuttle::thread;
use taskcell::{BoxError, CancellationTokenSource, Task, TaskCompletionSource};
use taskcell_shuttle_tests::{give_up_after, model, name};

/// Four wait for a task, some of them until a token of a tree is cancelled; others give up.
#[test]
fn waiters_of_a_task_against_a_tree_of_tokens() {
    model(name!(), || {
        let root = CancellationTokenSource::new();
        let leaf = CancellationTokenSource::linked([&root.token()]);
        let source: TaskCompletionSource<u32, BoxError> = TaskCompletionSource::new();
        let task: Task<u32, BoxError> = source.task();
        let mut threads = Vec::new();
        for _ in 0..2 {
            let (task, token) = (task.clone(), leaf.token());
            threads.push(thread::spawn(move || {
                if let Some(value) = block_on(token.run_until_cancelled(task.into_future())) {
                    assert_eq!(value.expect("it was set"), 7);
                }
            }));
        }
        for polls in 1..3 {
            let task = task.clone();
            threads.push(thread::spawn(move || drop(give_up_after(polls, task.into_future()))));
        }
        threads.push(thread::spawn(move || _ = root.cancel()));
        assert!(source.try_set_result(7).is_ok());
        assert_eq!(block_on(task.into_future()).expect("it was set"), 7);
        for thread in threads {
            thread.join().unwrap();
        }
        assert!(leaf.is_cancelled());
        assert_eq!(leaf.token().listeners(), 0);
    });
}
