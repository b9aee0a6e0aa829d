//! Streams and lists of tasks made, read, ended and dropped at random, by values that do more of it when they go.

use super::Source;
use crate::support::Counter;
use crate::throttle::Dice;
use futures_util::{Stream as _, StreamExt};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Poll};
use taskcell::{Task, WhenEachTask};

type Any = Task<Value, &'static str>;

/// What the values share.
struct World {
    dice: RefCell<Dice>,
    sources: RefCell<Vec<Source<Value>>>,
    tasks: RefCell<Vec<Any>>,
    streams: RefCell<Vec<Stream>>,
    values: Cell<usize>,
}

/// A stream, what it was made of, how many it has given, and who waits for it.
struct Stream {
    each: WhenEachTask<Value, &'static str>,
    tasks: Vec<Any>,
    given: usize,
    waiter: std::sync::Arc<Counter>,
}

/// Its drop does something.
struct Value(Rc<World>);

impl Value {
    fn new(world: &Rc<World>) -> Self {
        world.values.set(world.values.get() + 1);
        Self(world.clone())
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.0.values.set(self.0.values.get() - 1);
        if self.0.random(3) == 0 {
            self.0.step();
        }
    }
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            dice: RefCell::new(Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))),
            sources: RefCell::default(),
            tasks: RefCell::default(),
            streams: RefCell::default(),
            values: Cell::new(0),
        }
    }

    fn random(&self, below: usize) -> usize {
        self.dice.borrow_mut().below(below as u64) as usize
    }

    /// Takes one of a list. What is taken may run anything when it goes: the list is not borrowed then.
    fn take<T>(&self, list: &RefCell<Vec<T>>) -> Option<T> {
        let mut list = list.borrow_mut();
        let index = self.random(list.len().max(1));
        (index < list.len()).then(|| list.swap_remove(index))
    }

    fn some(&self) -> Vec<Any> {
        let tasks = self.tasks.borrow();
        let (most, odds) = (1 + self.random(8), 1 + self.random(4));
        tasks.iter().filter(|_| self.random(odds) == 0).take(most).cloned().collect()
    }

    fn step(self: &Rc<Self>) {
        match self.random(12) {
            0..3 => {
                let (source, task) = Source::pair();
                self.sources.borrow_mut().push(source);
                self.tasks.borrow_mut().push(task);
            }
            3..5 => {
                if let Some(source) = self.take(&self.sources) {
                    source.set_result(Value::new(self));
                }
            }
            5 => drop(self.take(&self.sources)),
            6..8 => drop(self.take(&self.tasks)),
            8 => {
                let mut dealt = Task::interleaved(self.some());
                dealt.truncate(self.random(9));
                self.tasks.borrow_mut().append(&mut dealt);
            }
            9 => {
                let (mut tasks, waiter) = (self.some(), Counter::new());
                let each = Task::when_each(tasks.clone());
                if self.random(2) == 0 {
                    tasks.clear();
                }
                self.streams.borrow_mut().push(Stream { each, tasks, given: 0, waiter });
            }
            10 => drop(self.take(&self.streams)),
            _ => self.read(),
        }
    }

    fn read(&self) {
        let Some(mut stream) = self.take(&self.streams) else { return };
        match stream.each.poll_next_unpin(&mut Context::from_waker(&stream.waiter.waker())) {
            Poll::Ready(Some((index, task))) => {
                stream.given += 1;
                assert!(task.is_completed());
                assert!(stream.tasks.get(index).is_none_or(Task::is_completed));
            }
            Poll::Ready(None) => assert_eq!(stream.each.size_hint(), (0, Some(0))),
            Poll::Pending => {}
        }
        self.streams.borrow_mut().push(stream);
    }
}

/// Nobody is inside a call any more: all that has ended has come.
fn check(world: &World) {
    let Some(mut stream) = world.take(&world.streams) else { return };
    let waker = stream.waiter.waker();
    let mut given = Vec::new();
    while let Poll::Ready(Some((_, task))) = stream.each.poll_next_unpin(&mut Context::from_waker(&waker)) {
        given.push(task);
    }
    stream.given += given.len();
    if !stream.tasks.is_empty() {
        let ended = stream.tasks.iter().filter(|task| task.is_completed()).count();
        assert_eq!(stream.given, ended);
        assert_eq!(stream.each.size_hint().0, stream.tasks.len() - ended);
    }
    world.streams.borrow_mut().push(stream);
}

#[test]
fn made_read_ended_and_dropped_at_random() {
    for seed in 1..if cfg!(miri) { 3_u64 } else { 300 } {
        let world = Rc::new(World::new(seed));
        for _ in 0..300 {
            world.step();
            check(&world);
        }
        // Whatever goes may make more.
        while world.sources.borrow().len() + world.tasks.borrow().len() + world.streams.borrow().len() > 0 {
            drop(world.take(&world.sources));
            drop(world.take(&world.streams));
            drop(world.take(&world.tasks));
        }
        assert_eq!((world.values.get(), Rc::strong_count(&world)), (0, 1));
    }
}
