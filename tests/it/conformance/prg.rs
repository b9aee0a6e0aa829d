//! PRG: `Progress<T>`.
use crate::support::Jobs;
use std::sync::{Arc, Mutex};
use std::thread;
use taskcell::{Progress, Report};

#[test]
fn prg_001_one_report_one_post_to_where_it_was_made_for() {
    let jobs = Jobs::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let handler = seen.clone();
    // .NET calls the handler, then the event's; here there is one handler, which may call others.
    let progress = Progress::on(jobs.clone(), move |n: u32| {
        handler.lock().unwrap().push((thread::current().id(), n));
    });
    let reporter = progress.clone();
    thread::spawn(move || reporter.report(1)).join().unwrap();
    assert_eq!(jobs.len(), 1);
    assert!(seen.lock().unwrap().is_empty());
    jobs.run();
    assert_eq!(*seen.lock().unwrap(), [(thread::current().id(), 1)]);
    progress.report(2);
    assert_eq!(jobs.len(), 1);
    // What is left there would hold the jobs, which hold it.
    jobs.drop_all();
}

#[test]
fn prg_002_without_a_handler_nothing_is_posted() {
    // A `Progress` always has a handler; what has none is `()`, or `None`, and there is nothing to post to.
    let nobody: [&dyn Report<u32>; 2] = [&(), &None::<Progress<u32>>];
    for nobody in nobody {
        nobody.report(1);
    }
    let jobs = Jobs::new();
    let _unused = Progress::on(jobs.clone(), |_: u32| ());
    assert_eq!(jobs.len(), 0, "nor by making one");
}

#[test]
fn prg_007_a_handler_is_never_null() {
    // .NET throws for one that is. An optional handler is an optional `Progress` here.
    let handler: Option<fn(u32)> = None;
    let progress = handler.map(Progress::inline);
    progress.report(1);
    assert!(progress.is_none());
}

#[test]
fn prg_009_a_callee_accepts_that_nobody_looks() {
    fn callee(progress: Option<&dyn Report<u32>>) -> u32 {
        progress.report(50);
        progress.report(100);
        7
    }
    assert_eq!(callee(None), 7);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let handler = seen.clone();
    assert_eq!(callee(Some(&Progress::inline(move |n| handler.lock().unwrap().push(n)))), 7);
    assert_eq!(*seen.lock().unwrap(), [50, 100]);
}
