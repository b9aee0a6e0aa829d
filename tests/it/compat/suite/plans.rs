//! Random trees against a model: handles and waits come and go, tokens are cancelled, and all is as it should be.
use super::Waiting;
use super::tokio_util::sync::{CancellationToken, DropGuard, WaitForCancellationFutureOwned};
use crate::support::Counter;
use crate::support::chance::Chance;
use std::sync::Arc;

/// What the model knows of a token. Its handles may all be gone.
struct Node {
    parent: Option<usize>,
    cancelled: bool,
}

/// A wait, whose token it is, and whether it was polled before its token was cancelled.
struct Wait {
    node: usize,
    wait: Waiting<WaitForCancellationFutureOwned>,
    polled: bool,
}

#[derive(Default)]
struct Forest {
    nodes: Vec<Node>,
    handles: Vec<(usize, CancellationToken)>,
    guards: Vec<(usize, DropGuard)>,
    waits: Vec<Wait>,
    /// The wakers of waits that were dropped, and how often they had been woken.
    gone: Vec<(Arc<Counter>, usize)>,
}

impl Forest {
    fn root(&mut self) {
        self.nodes.push(Node { parent: None, cancelled: false });
        self.handles.push((self.nodes.len() - 1, CancellationToken::new()));
    }

    fn child(&mut self, at: usize) {
        let (parent, token) = &self.handles[at];
        let child = token.child_token();
        self.nodes.push(Node { parent: Some(*parent), cancelled: self.nodes[*parent].cancelled });
        self.handles.push((self.nodes.len() - 1, child));
    }

    /// Parents come before their children.
    fn cancelled(&mut self, node: usize) {
        self.nodes[node].cancelled = true;
        for at in node + 1..self.nodes.len() {
            let parent = self.nodes[at].parent;
            self.nodes[at].cancelled |= parent.is_some_and(|parent| self.nodes[parent].cancelled);
        }
    }

    fn wait(&mut self, at: usize, poll: bool) {
        let (node, token) = &self.handles[at];
        let mut wait = Wait { node: *node, wait: Waiting::new(token.clone().cancelled_owned()), polled: false };
        if poll {
            wait.polled = wait.wait.poll().is_pending();
        }
        self.waits.push(wait);
    }

    /// Everything that can be seen.
    fn check(&mut self) {
        for (node, token) in &self.handles {
            assert_eq!(token.is_cancelled(), self.nodes[*node].cancelled);
        }
        for (node, guard) in &self.guards {
            assert_eq!(guard.token().is_cancelled(), self.nodes[*node].cancelled);
        }
        for wait in &self.waits {
            assert_eq!(wait.wait.wakes(), usize::from(wait.polled && self.nodes[wait.node].cancelled));
        }
        assert!(self.gone.iter().all(|(waker, wakes)| waker.wakes() == *wakes && waker.held() == 0));
    }

    fn step(&mut self, chance: &mut Chance) {
        let Some(at) = pick(chance, self.handles.len()) else { return self.root() };
        match chance.below(30) {
            0 => self.root(),
            1..=8 => self.child(at),
            9 | 10 => self.handles.push((self.handles[at].0, self.handles[at].1.clone())),
            11..=17 => drop(self.handles.swap_remove(at)),
            18 => {
                self.handles[at].1.cancel();
                self.cancelled(self.handles[at].0);
            }
            19 => {
                let (node, token) = self.handles.swap_remove(at);
                self.guards.push((node, token.drop_guard()));
            }
            20 => {
                if let Some(at) = pick(chance, self.guards.len()) {
                    let (node, guard) = self.guards.swap_remove(at);
                    if chance.once_in(2) {
                        self.handles.push((node, guard.disarm()));
                    } else {
                        drop(guard);
                        self.cancelled(node);
                    }
                }
            }
            21..=24 => self.wait(at, chance.below(4) != 0),
            25 | 26 => {
                if let Some(at) = pick(chance, self.waits.len()) {
                    let Wait { wait, .. } = self.waits.swap_remove(at);
                    self.gone.push((Arc::clone(&wait.waker), wait.wakes()));
                }
            }
            27 | 28 => {
                if let Some(at) = pick(chance, self.waits.len()) {
                    let wait = &mut self.waits[at];
                    let cancelled = self.nodes[wait.node].cancelled;
                    assert_eq!(wait.wait.poll().is_ready(), cancelled);
                    wait.polled |= !cancelled;
                }
            }
            _ => self.handles.truncate(at + 1),
        }
    }
}

fn pick(chance: &mut Chance, below: usize) -> Option<usize> {
    (below > 0).then(|| chance.below(below as u64) as usize)
}

#[test]
fn random_forests_do_as_the_model_says() {
    for seed in 0..if cfg!(miri) { 2 } else { 300 } {
        let (mut forest, mut chance) = (Forest::default(), Chance::new(seed));
        for _ in 0..200 {
            forest.step(&mut chance);
            forest.check();
        }
        let wakers: Vec<_> = forest.waits.iter().map(|wait| Arc::clone(&wait.wait.waker)).collect();
        let woken: Vec<_> = wakers.iter().map(|waker| waker.wakes()).collect();
        // To the end, in three orders.
        match seed % 3 {
            0 => forest.waits.clear(),
            1 => while pick(&mut chance, forest.handles.len()).map(|at| forest.handles.swap_remove(at)).is_some() {},
            _ => forest.handles.into_iter().for_each(|(_, token)| token.cancel()),
        }
        drop((forest.waits, forest.guards));
        assert!(wakers.iter().all(|waker| waker.held() == 0), "seed {seed}");
        if seed % 3 == 0 {
            assert!(wakers.iter().zip(woken).all(|(waker, before)| waker.wakes() == before), "seed {seed}");
        }
    }
}
