//! Channels in a `static`: every operation preempted by every other.
#![cfg(step)]

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use taskcell::channel::{StaticRead, StaticWaitToRead, StaticWaitToWrite, StaticWrite, StaticWriteError};
use taskcell::{StaticChannel, StaticReader, StaticTryReadError, StaticTryWriteError, StaticWriter};
use taskcell_step_tests::{Kept, Matrix, Operation, State, Wakes, World, add, operation, point};

const ROOM: usize = 2;
const PLACES: usize = 5;

type Channel = StaticChannel<Item, ROOM, PLACES>;
type Reader = StaticReader<'static, Item, ROOM, PLACES>;
type Writer = StaticWriter<'static, Item, ROOM, PLACES>;
type Read = StaticRead<'static, Item, ROOM, PLACES>;
type Write = StaticWrite<'static, Item, ROOM, PLACES>;
type WaitToRead = StaticWaitToRead<'static, Item, ROOM, PLACES>;
type WaitToWrite = StaticWaitToWrite<'static, Item, ROOM, PLACES>;

/// An item; its drop is interrupted, too.
struct Item {
    number: usize,
    live: &'static Cell<usize>,
}

impl Drop for Item {
    fn drop(&mut self) {
        point();
        self.live.set(self.live.get() - 1);
    }
}

/// A channel, and one who reads it beside the operations, if there is nothing in it.
struct Scene {
    other: RefCell<Option<Reading>>,
    channel: Kept<Channel>,
    live: Kept<Cell<usize>>,
    beginning: usize,
    items: Cell<usize>,
    written: RefCell<Vec<usize>>,
    read: RefCell<Vec<usize>>,
    completions: Cell<usize>,
    /// Places that are taken; readers and writers that wait and were not told.
    held: Cell<usize>,
    readers: Cell<usize>,
    writers: Cell<usize>,
}

const COMPLETED: usize = 3;

impl World for Scene {
    const BEGINNINGS: &'static [&'static str] = &["empty", "one item", "full", "completed, with one item"];

    fn new(beginning: usize) -> Self {
        Self {
            other: RefCell::default(),
            channel: Kept::new(Channel::new()),
            live: Kept::new(Cell::new(0)),
            beginning,
            items: Cell::default(),
            written: RefCell::default(),
            read: RefCell::default(),
            completions: Cell::default(),
            held: Cell::default(),
            readers: Cell::default(),
            writers: Cell::default(),
        }
    }

    fn ready(&self) {
        let wanted = if self.beginning == COMPLETED { 1 } else { self.beginning };
        if wanted == 0 {
            self.other.replace(Some(waiting_read(self)));
        }
        fill(self, wanted);
        if self.beginning == COMPLETED {
            complete(self);
        }
    }

    fn settle(&self) {
        if let Some(other) = self.other.borrow_mut().as_mut() {
            other.settle(self);
        }
        let (channel, over) = (self.channel.get(), self.channel.is_closed());
        let inside = self.written.borrow().len() - self.read.borrow().len();
        assert_eq!((channel.len(), over), (inside, self.completions.get() == 1));
        assert_eq!(channel.is_completed(), over && inside == 0);
        assert!(self.readers.get() == 0 || inside == 0 && !over, "a reader waits, and was not told");
        assert!(self.writers.get() == 0 || inside == ROOM && !over, "a writer waits, and was not told");
        let mut places = Vec::new();
        while let Ok(reader) = channel.reader() {
            places.push(reader);
        }
        assert_eq!(places.len(), PLACES - self.held.get(), "free places");
    }

    fn end(&self) {
        complete(self);
        assert_eq!(self.completions.get(), 1, "completed once");
        if let Some(other) = self.other.take() {
            Box::new(other).end(self);
        }
    }

    fn leave(&self) {
        while self.channel.try_read().map(|item| got(self, item)) != Err(StaticTryReadError::Closed) {}
        let (mut written, mut read) = (self.written.take(), self.read.take());
        written.sort_unstable();
        read.sort_unstable();
        assert_eq!(written, read, "what was written is read, once");
        assert_eq!(self.live.get().get(), 0, "items are left");
    }
}

fn item(scene: &Scene) -> Item {
    let number = scene.items.get();
    add(&scene.items, 1);
    add(scene.live.get(), 1);
    Item { number, live: scene.live.get() }
}

fn got(scene: &Scene, item: Item) {
    scene.read.borrow_mut().push(item.number);
    assert!(scene.read.borrow().iter().filter(|number| **number == item.number).count() == 1, "read twice");
}

fn write(scene: &Scene) -> bool {
    let item = item(scene);
    let number = item.number;
    let back = match scene.channel.try_write(item) {
        Ok(()) => {
            scene.written.borrow_mut().push(number);
            return true;
        }
        Err(StaticTryWriteError::Full(item)) => item,
        Err(StaticTryWriteError::Closed(item)) => {
            assert!(scene.channel.is_closed());
            item
        }
    };
    assert_eq!(back.number, number, "another's item");
    false
}

fn read(scene: &Scene) -> bool {
    match scene.channel.try_read() {
        Ok(item) => got(scene, item),
        Err(why) => {
            assert!(why == StaticTryReadError::Empty || scene.channel.is_completed());
            return false;
        }
    }
    true
}

/// Brings the number of items to what is wanted.
fn fill(scene: &Scene, wanted: usize) {
    while scene.channel.len() < wanted && write(scene) {}
    while scene.channel.len() > wanted && read(scene) {}
}

fn complete(scene: &Scene) {
    add(&scene.completions, scene.channel.try_complete().into());
    assert!(scene.channel.is_closed());
}

fn look(scene: &Scene, _: &mut Nothing) {
    let channel = scene.channel.get();
    let before = (channel.is_closed(), channel.is_completed());
    assert!(channel.len() <= ROOM);
    assert!(!before.0 || channel.is_closed());
    assert!(!before.1 || channel.is_completed());
}

/// Who tries and looks holds nothing.
struct Nothing;

impl State<Scene> for Nothing {
    fn settle(&mut self, _: &Scene) {}
    fn end(self: Box<Self>, _: &Scene) {}
}

fn nothing(_: &Scene) -> Nothing {
    Nothing
}

/// What a future gives when it is ready.
trait Waits: Future + Unpin + 'static {
    const WRITES: bool;
    fn take(scene: &Scene, number: usize, output: Self::Output);
}

impl Waits for Read {
    const WRITES: bool = false;
    fn take(scene: &Scene, _: usize, output: Self::Output) {
        match output {
            Ok(item) => got(scene, item),
            Err(_) => assert!(scene.channel.is_completed()),
        }
    }
}

impl Waits for Write {
    const WRITES: bool = true;
    fn take(scene: &Scene, number: usize, output: Self::Output) {
        match output {
            Ok(()) => scene.written.borrow_mut().push(number),
            Err(StaticWriteError(item)) => assert!(item.number == number && scene.channel.is_closed()),
        }
    }
}

impl Waits for WaitToRead {
    const WRITES: bool = false;
    fn take(scene: &Scene, _: usize, output: bool) {
        assert!(output || scene.channel.is_completed());
    }
}

impl Waits for WaitToWrite {
    const WRITES: bool = true;
    fn take(scene: &Scene, _: usize, output: bool) {
        assert!(output || scene.channel.is_closed());
    }
}

/// One who waits: the future, and the place that it borrows.
struct Waiting<F, P: 'static> {
    future: Option<F>,
    place: Option<Kept<P>>,
    wakes: [Wakes; 2],
    /// With which waker it waits, and how often that had been woken before.
    pending: Option<(usize, usize)>,
    /// Of the item that is written.
    number: usize,
}

type Reading = Waiting<Read, Reader>;

impl<F: Waits, P> Waiting<F, P> {
    fn new(place: P, number: usize, begin: fn(&'static mut P, &Scene) -> F, scene: &Scene) -> Self {
        let mut place = Kept::new(place);
        let future = Some(begin(place.lend(), scene));
        Self { future, place: Some(place), wakes: Default::default(), pending: None, number }
    }

    fn was_told(&self) -> bool {
        self.pending.is_none_or(|(number, before)| self.wakes[number].count() > before)
    }

    fn poll(&mut self, scene: &Scene, number: usize) -> Poll<()> {
        let Some(future) = &mut self.future else { return Poll::Ready(()) };
        let (waker, before) = (self.wakes[number].waker(), self.wakes[number].count());
        match Pin::new(future).poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => {
                F::take(scene, self.number, output);
                (self.future, self.pending) = (None, None);
                Poll::Ready(())
            }
            Poll::Pending => {
                // The same arming, if it was not told.
                let goes_on = self.pending.is_some_and(|(same, count)| same == number && count == before);
                if !goes_on {
                    self.pending = Some((number, before));
                }
                Poll::Pending
            }
        }
    }

    fn stop(&mut self) {
        (self.future, self.pending) = (None, None);
    }

    fn leave(&mut self) {
        self.stop();
        self.place = None;
    }
}

impl<F: Waits, P> State<Scene> for Waiting<F, P> {
    fn settle(&mut self, scene: &Scene) {
        add(&scene.held, self.place.is_some().into());
        if !self.was_told() {
            add(if F::WRITES { &scene.writers } else { &scene.readers }, 1);
        }
    }

    fn end(mut self: Box<Self>, scene: &Scene) {
        if self.pending.is_some() {
            assert!(self.was_told(), "completed, and not told");
            assert!(self.poll(scene, 0).is_ready(), "completed, and still waits");
        }
        self.leave();
        for wakes in &self.wakes {
            assert_eq!(wakes.live(), 0, "clones of a waker are left");
        }
    }
}

fn reading(scene: &Scene) -> Reading {
    Waiting::new(scene.channel.get().reader().expect("a place"), 0, |reader, _| reader.read(), scene)
}

fn waiting_read(scene: &Scene) -> Reading {
    fill(scene, 0);
    let mut waiting = reading(scene);
    assert!(waiting.poll(scene, 0).is_pending());
    waiting
}

fn writing(scene: &Scene) -> Waiting<Write, Writer> {
    let number = scene.items.get();
    let write = |writer: &'static mut Writer, scene: &Scene| writer.write(item(scene));
    Waiting::new(scene.channel.get().writer().expect("a place"), number, write, scene)
}

fn waiting_write(scene: &Scene) -> Waiting<Write, Writer> {
    fill(scene, ROOM);
    let mut waiting = writing(scene);
    assert!(waiting.poll(scene, 0).is_pending());
    waiting
}

fn wait_to_read(scene: &Scene) -> Waiting<WaitToRead, Reader> {
    Waiting::new(scene.channel.get().reader().expect("a place"), 0, |reader, _| reader.wait_to_read(), scene)
}

fn wait_to_write(scene: &Scene) -> Waiting<WaitToWrite, Writer> {
    Waiting::new(scene.channel.get().writer().expect("a place"), 0, |writer, _| writer.wait_to_write(), scene)
}

fn come_and_go(scene: &Scene, _: &mut Nothing) {
    let mut waiting = Box::new(reading(scene));
    let _ = waiting.poll(scene, 1);
    waiting.leave();
    assert_eq!(waiting.wakes[1].live(), 0, "clones of a waker are left");
}

fn operations() -> Vec<Operation<Scene>> {
    vec![
        operation("try_write", nothing, |scene, _| _ = write(scene)).repeats(),
        operation("try_read", nothing, |scene, _| _ = read(scene)).repeats(),
        operation("complete", nothing, |scene, _| complete(scene)).repeats(),
        operation("look", nothing, look).repeats(),
        operation("first poll of a read", reading, |scene, waiting| _ = waiting.poll(scene, 0)),
        operation("poll of a read with the same waker", waiting_read, |scene, waiting| _ = waiting.poll(scene, 0))
            .repeats(),
        operation("poll of a read with another waker", waiting_read, |scene, waiting| _ = waiting.poll(scene, 1)),
        operation("drop of a read", waiting_read, |_, waiting| waiting.stop()),
        operation("drop of a reader", waiting_read, |_, waiting| waiting.leave()),
        operation("first poll of a write", writing, |scene, waiting| _ = waiting.poll(scene, 0)),
        operation("poll of a write with the same waker", waiting_write, |scene, waiting| _ = waiting.poll(scene, 0))
            .repeats(),
        operation("poll of a write with another waker", waiting_write, |scene, waiting| _ = waiting.poll(scene, 1)),
        operation("drop of a write", waiting_write, |_, waiting| waiting.stop()),
        operation("drop of a writer", waiting_write, |_, waiting| waiting.leave()),
        operation("wait to read", wait_to_read, |scene, waiting| _ = waiting.poll(scene, 0)),
        operation("wait to write", wait_to_write, |scene, waiting| _ = waiting.poll(scene, 0)),
        operation("reader, poll and drop", nothing, come_and_go).repeats(),
    ]
}

#[test]
fn channel_pairs() {
    Matrix::new("static channel", operations()).pairs((289, 8000));
}

#[test]
fn channel_repeated() {
    Matrix::new("static channel", operations()).repeated((119, 3500));
}

#[test]
fn channel_nested() {
    Matrix::new("static channel", operations()).nested(&[0, 1, 2, 3], (4913, 1_500_000));
}

#[test]
fn channel_in_turn() {
    Matrix::new("static channel", operations()).in_turn(&[0, 1, 2], (4913, 800_000));
}
