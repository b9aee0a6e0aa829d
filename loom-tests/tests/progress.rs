//! Progress: a report against the end of whoever handles reports.
#![cfg(loom)]

use loom::thread;
use std::cell::RefCell;
use std::rc::Rc;
use taskcell::{LatestProgress, Progress, Report};
use taskcell_loom_tests::{Bound, Data, model, name};

/// What a handler has seen. The handler has it to itself, and so has the model once all have gone.
struct Seen(Rc<RefCell<Vec<u32>>>, Data);

// SAFETY: std's cells are not watched by loom; one thread at a time is what the model checks, by the data.
unsafe impl Send for Seen {}

impl Seen {
    fn new() -> (Self, Rc<RefCell<Vec<u32>>>) {
        let seen = Rc::new(RefCell::new(Vec::new()));
        (Self(seen.clone(), Data::new()), seen)
    }

    fn see(&self, value: u32) {
        self.1.write();
        self.0.borrow_mut().push(value);
    }
}

/// Two report: each report is handled, by one at a time.
#[test]
fn report_against_the_end_of_the_turn() {
    model(name!(), Bound::Exhaustive, || {
        let (handler, seen) = Seen::new();
        let progress = Progress::inline(move |value| handler.see(value));
        let other = progress.clone();
        let thread = thread::spawn(move || other.report(1));
        progress.report(2);
        thread.join().unwrap();
        seen.borrow_mut().sort_unstable();
        assert_eq!(*seen.borrow(), [1, 2]);
    });
}

/// Two report the latest: the last one is handled.
#[test]
fn latest_report_against_the_end_of_the_turn() {
    model(name!(), Bound::Exhaustive, || {
        let (handler, seen) = Seen::new();
        let progress = LatestProgress::inline(move |value| handler.see(value));
        let other = progress.clone();
        let thread = thread::spawn(move || {
            other.report(1);
            other.report(2);
        });
        progress.report(3);
        thread.join().unwrap();
        let seen = seen.borrow();
        assert!(seen.contains(&2) || seen.contains(&3), "{seen:?}");
        assert!(matches!(seen.last(), Some(2 | 3)), "{seen:?}");
    });
}
