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

/// A report that is written before it is put, read where it is handled, and written again where it goes.
struct Written(u32, Data);

impl Written {
    fn new(value: u32) -> Self {
        let written = Self(value, Data::new());
        written.1.write();
        written
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        self.1.write();
    }
}

/// Two report the latest: the last one is handled, and each is complete where it is handled or dropped.
#[test]
fn latest_report_against_the_end_of_the_turn() {
    model(name!(), Bound::Exhaustive, || {
        let (handler, seen) = Seen::new();
        let progress = LatestProgress::inline(move |report: Written| {
            report.1.read();
            handler.see(report.0);
        });
        let other = progress.clone();
        let thread = thread::spawn(move || {
            other.report(Written::new(1));
            other.report(Written::new(2));
        });
        progress.report(Written::new(3));
        thread.join().unwrap();
        let seen = seen.borrow();
        assert!(seen.contains(&2) || seen.contains(&3), "{seen:?}");
        assert!(matches!(seen.last(), Some(2 | 3)), "{seen:?}");
    });
}

/// A handler reports twice while it handles, and once more: it is the last to go, when all is handled.
#[test]
fn reports_of_a_handler() {
    model(name!(), Bound::Exhaustive, || {
        let (handler, seen) = Seen::new();
        let own: Rc<RefCell<Option<Progress<u32>>>> = Rc::default();
        let inner = Alone(own.clone());
        let progress = Progress::inline(move |value| {
            handler.see(value);
            if value == 1 {
                let again = inner.progress();
                (2..5).for_each(|value| again.report(value));
            }
        });
        *own.borrow_mut() = Some(progress.clone());
        progress.report(1);
        assert_eq!(*seen.borrow(), [1, 2, 3, 4]);
        own.take();
    });
}

/// What a handler reports to, in a model of one thread.
struct Alone(Rc<RefCell<Option<Progress<u32>>>>);

// SAFETY: there is one thread.
unsafe impl Send for Alone {}

impl Alone {
    fn progress(&self) -> Progress<u32> {
        self.0.borrow().clone().unwrap()
    }
}
