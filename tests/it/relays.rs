//! Tokens whose source is gone, and that have a parent: they are left out of chains, but not of the order (G10).
use std::sync::{Arc, Mutex};
use taskcell::*;

/// Who ran, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<&'static str>>>);

impl Log {
    fn register(&self, token: &CancellationToken, name: &'static str) {
        let log = self.0.clone();
        token.register(move || log.lock().unwrap().push(name)).detach();
    }
    fn after_cancelling(self, root: &CancellationTokenSource) -> Vec<&'static str> {
        root.cancel();
        self.0.lock().unwrap().clone()
    }
}

#[test]
fn a_child_of_a_token_alone_comes_before_older_callbacks_of_the_token_and_after_newer() {
    let (log, root) = (Log::default(), CancellationTokenSource::new());
    let alone = root.token().child().token();
    let child = alone.child();
    log.register(&child.token(), "child");
    log.register(&alone, "alone");
    assert_eq!(log.after_cancelling(&root), ["alone", "child"]);
}

#[test]
fn a_child_of_a_token_alone_runs_at_the_place_of_the_token() {
    let (log, root) = (Log::default(), CancellationTokenSource::new());
    log.register(&root.token(), "oldest");
    let alone = root.token().child().token();
    log.register(&root.token(), "newest");
    let child = alone.child();
    log.register(&child.token(), "child");
    assert_eq!(log.after_cancelling(&root), ["newest", "child", "oldest"]);
}

#[test]
fn a_node_far_down_a_forgotten_chain_keeps_its_place() {
    let (log, root) = (Log::default(), CancellationTokenSource::new());
    log.register(&root.token(), "oldest");
    let mut token = root.token().child().token();
    log.register(&root.token(), "newest");
    for _ in 0..100 {
        token = token.child().token();
        let child = token.child();
        drop(child);
    }
    let child = token.child();
    log.register(&child.token(), "child");
    log.register(&token, "last");
    assert_eq!(log.after_cancelling(&root), ["newest", "last", "child", "oldest"]);
}
