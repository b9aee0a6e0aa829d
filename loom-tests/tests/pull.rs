//! Models of nodes that move up past relays.
#![cfg(loom)]

use loom::thread::spawn;
use taskcell::CancellationTokenSource as Source;
use taskcell_loom_tests::{Bound, Clock, Data, Drops, SOON, Wakes, model, name, poll_once};

/// A root, and a node below a relay: the next child of the node moves it up.
fn below_a_relay(root: &Source) -> Source {
    let relay = root.token().child();
    relay.token().child()
}

/// The root is cancelled while a node leaves the relay: node and child are cancelled once, by the one entry or the other.
#[test]
fn move_against_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let (root, wakes) = (Source::new(), Wakes::new());
        let node = below_a_relay(&root);
        let mut future = node.token().cancelled_owned();
        assert!(poll_once(&mut future, &wakes.waker()).is_pending());
        let other = spawn(move || (node.token().child(), node));
        assert!(root.cancel());
        let (child, node) = other.join().unwrap();
        assert!(node.is_cancelled() && child.is_cancelled());
        assert!(child.token().reason().unwrap().is_inherited());
        assert_eq!(wakes.count(), 1);
        drop((future, child, node, root));
    });
}

/// Reads the data when it is dropped.
struct ReadsWhenDropped(Data);

impl Drop for ReadsWhenDropped {
    fn drop(&mut self) {
        self.0.read();
    }
}

/// The last source goes while a node moves: its callback is dropped by the one or the other, who sees what came before.
#[test]
fn move_against_last_source() {
    model(name!(), Bound::Preemptions(3), || {
        let (root, drops, data) = (Source::new(), Drops::new(), Data::new());
        let token = {
            let node = below_a_relay(&root);
            let captured = (drops.track(), ReadsWhenDropped(data.clone()));
            node.token().register(move || drop(captured)).detach();
            node.token()
        };
        let other = spawn(move || (token.child(), token));
        data.write();
        drop(root);
        let (child, token) = other.join().unwrap();
        assert!(!token.can_be_cancelled());
        assert_eq!(drops.live(), 0);
        assert!(child.token().can_be_cancelled());
        drop((child, token));
    });
}

/// A node moves up past one that has moved itself, and that its own thread lets go meanwhile.
#[test]
fn move_past_a_moved_node() {
    model(name!(), Bound::Preemptions(3), || {
        let root = Source::new();
        let relay = root.token().child();
        let upper = relay.token().child();
        let lower = below_a_relay(&upper);
        drop(relay);
        let other = spawn(move || {
            drop(upper.token().child());
            drop(upper);
        });
        let child = lower.token().child();
        other.join().unwrap();
        root.cancel();
        assert!(lower.is_cancelled() && child.is_cancelled());
        drop((child, lower, root));
    });
}

/// Two threads make a child of one node: it moves once, and both children hang below it.
#[test]
fn two_moves() {
    model(name!(), Bound::Preemptions(3), || {
        let root = Source::new();
        let node = below_a_relay(&root);
        let token = node.token();
        let other = spawn(move || (token.child(), token));
        let one = node.token().child();
        let (two, token) = other.join().unwrap();
        root.cancel();
        assert!(node.is_cancelled() && one.is_cancelled() && two.is_cancelled());
        drop((one, two, token, node, root));
    });
}

/// Two threads move a node without a source, each through a token of its own, and let all go.
#[test]
fn move_against_child_of_a_relay() {
    model(name!(), Bound::Preemptions(3), || {
        let root = Source::new();
        let token = loom::sync::Arc::new(below_a_relay(&root).token());
        let same = token.clone();
        let other = spawn(move || {
            let clone = (*same).clone();
            drop(same);
            clone.child()
        });
        let one = token.child();
        drop(token);
        let two = other.join().unwrap();
        root.cancel();
        assert!(one.is_cancelled() && two.is_cancelled());
        drop((one, two, root));
    });
}

/// The root is cancelled while a node moves, and everything is let go at once.
#[test]
fn move_against_cancel_and_drop() {
    model(name!(), Bound::Preemptions(3), || {
        let root = Source::new();
        let node = below_a_relay(&root);
        let other = spawn(move || drop(node.token().child()));
        root.cancel();
        drop(root);
        other.join().unwrap();
    });
}

/// A source starts anew while another thread moves it: afterwards it hangs below the root again, or nothing was done.
#[test]
fn move_against_reset() {
    model(name!(), Bound::Preemptions(3), || {
        let root = Source::new();
        let mut node = below_a_relay(&root);
        let token = node.token();
        let other = spawn(move || (token.child(), token));
        let reset = node.try_reset();
        let (child, token) = other.join().unwrap();
        assert_eq!(reset, node.token() != token);
        root.cancel();
        assert!(node.is_cancelled() && child.is_cancelled() && token.is_cancelled());
        drop((node, child, token, root));
    });
}

/// A second move uses the record that the first one left, while the firer may hold either.
#[test]
fn second_move_against_cancel() {
    model(name!(), Bound::Preemptions(2), || {
        let root = Source::new();
        let node = below_a_relay(&root);
        let other = spawn(move || {
            let one = node.token().child();
            drop(node);
            let two = one.token().child();
            drop(one);
            (two.token().child(), two)
        });
        root.cancel();
        let (three, two) = other.join().unwrap();
        assert!(two.is_cancelled() && three.is_cancelled());
        drop((two, three, root));
    });
}

/// The same, where the upper one was moved by somebody who had only a token of it.
#[test]
fn move_past_a_node_moved_by_a_token() {
    model(name!(), Bound::Preemptions(3), || {
        let root = Source::new();
        let relay = root.token().child();
        let upper = relay.token().child();
        let lower = below_a_relay(&upper);
        let token = upper.token();
        drop((relay, upper));
        let other = spawn(move || {
            drop(token.child());
            drop(token);
        });
        let child = lower.token().child();
        other.join().unwrap();
        root.cancel();
        assert!(lower.is_cancelled() && child.is_cancelled());
        drop((child, lower, root));
    });
}

/// A node that only its timer can still cancel is no relay, though its parent has just gone: its child is cancelled too.
#[test]
fn child_beside_a_timer_against_last_source() {
    model(name!(), Bound::Preemptions(3), || {
        let (parent, clock) = (Source::new(), Clock::new());
        let node = parent.token().child();
        node.cancel_after_on(&clock, SOON);
        let token = node.token();
        drop(node);
        let other = spawn(move || drop(parent));
        let child = token.child();
        other.join().unwrap();
        assert_eq!(clock.turn(), 1);
        assert!(token.is_cancelled() && child.is_cancelled());
        drop((child, token));
    });
}
