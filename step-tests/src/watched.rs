//! One who waits, and which wakes are due to them.

use crate::Wakes;
use std::task::{Context, Poll, Waker};

/// A future, or a slot, with two wakers to be polled with.
///
/// The waker that the last pending poll was given is woken exactly once, one that was replaced never; one whose waiter
/// was dropped, or told so by a poll with another waker, at most once and not later. Who was woken is ready when polled.
#[derive(Debug)]
pub struct Watched<F> {
    /// What waits; none before it is claimed, and after it is dropped.
    pub it: Option<F>,
    wakes: [Wakes; 2],
    /// It came when others were there already.
    pub is_late: bool,
    /// Who is to be woken, and how often it had been before.
    current: Option<(usize, usize)>,
    /// The fewest and the most wakes of each waker.
    due: [(usize, usize); 2],
    /// Wakes of each when the operations had ended.
    settled: Option<[usize; 2]>,
}

impl<F> Watched<F> {
    /// Waits with `it`.
    pub fn new(it: Option<F>) -> Self {
        Self { it, wakes: Default::default(), is_late: false, current: None, due: [(0, 0); 2], settled: None }
    }

    /// Polls with one of the two wakers.
    pub fn poll<T>(&mut self, number: usize, poll: impl FnOnce(&mut F, &mut Context<'_>) -> Poll<T>) -> Poll<T> {
        let (was_woken, count_before) = (self.was_woken(), self.wakes[number].count());
        let waker = self.wakes[number].waker();
        let answer = poll(self.it.as_mut().expect("there"), &mut Context::from_waker(&waker));
        drop(waker);
        let before = self.current;
        if answer.is_ready() {
            self.current = None;
            if let Some((other, _)) = before.filter(|(before, _)| *before != number) {
                // The firer had it, or not.
                self.due[other].0 -= 1;
            }
            return answer;
        }
        assert!(!was_woken, "woken, and still waits");
        if let Some((before, count)) = before {
            if before == number {
                return answer;
            }
            assert_eq!(self.wakes[before].count(), count, "a waker was woken, and its waiter still waits");
            self.due[before] = (self.due[before].0 - 1, self.due[before].1 - 1);
        }
        self.current = Some((number, count_before));
        self.due[number] = (self.due[number].0 + 1, self.due[number].1 + 1);
        answer
    }

    /// Everything has happened: if it waits it was woken, and is told when it looks.
    pub fn see<T>(&mut self, poll: impl FnOnce(&mut F, &mut Context<'_>) -> Poll<T>) {
        if let (Some(it), true) = (&mut self.it, self.current.is_some()) {
            let told = poll(it, &mut Context::from_waker(Waker::noop())).is_ready();
            assert!(self.was_woken() && told, "woken: {}, told: {told}", self.was_woken());
        }
    }

    /// Gives up.
    pub fn leave(&mut self) {
        self.it = None;
        if let Some((before, _)) = self.current.take() {
            self.due[before].0 -= 1;
        }
    }

    /// Whether it waits for a wake, as far as it knows.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.current.is_some()
    }

    /// Whether it was woken.
    #[must_use]
    pub fn was_woken(&self) -> bool {
        self.current.is_some_and(|(number, before)| self.wakes[number].count() > before)
    }

    /// When the waker that it was polled with last was woken, in the order of all wakes.
    #[must_use]
    pub fn woken_at(&self) -> Option<usize> {
        self.current.map(|(number, _)| self.wakes[number].last()).filter(|at| *at != 0)
    }

    /// The operations have ended.
    pub fn settle(&mut self) {
        let now = [self.wakes[0].count(), self.wakes[1].count()];
        self.settled = Some(now);
        for (number, count) in now.into_iter().enumerate() {
            assert!(count <= self.due[number].1, "waker {number} was woken {count} times, due were {:?}", self.due);
        }
    }

    /// Everything has happened: all wakes are there, and all wakers gone.
    pub fn end(mut self) {
        self.it = None;
        for (number, (wakes, (least, most))) in self.wakes.iter().zip(self.due).enumerate() {
            let count = wakes.count();
            assert!((least..=most).contains(&count), "waker {number} was woken {count} times, not {least} to {most}");
            let is_current = self.current.is_some_and(|(current, _)| current == number);
            if let (Some(before), false) = (self.settled, is_current) {
                assert_eq!(before[number], count, "waker {number} was woken after its waiter had gone");
            }
            assert_eq!(wakes.live(), 0, "clones of waker {number} are left");
        }
    }
}
