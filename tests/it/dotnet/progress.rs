//! `Progress<T>`, `IProgress<T>`: what .NET's tests ask beyond the list.
use crate::support::exec::{Executor, Single};
use crate::support::{Dropped, Jobs, Log, panic_of};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use taskcell::{
    AsyncLocal, CancellationTokenSource, ContextScheduler, InlineScheduler, LatestProgress, MessageLoop, Progress,
    Report, SynchronizationContext, Task,
};

#[test]
fn reports_are_handled_in_the_order_of_one_reporter() {
    let (jobs, log) = (Jobs::new(), Log::new());
    let seen = log.clone();
    let progress = Progress::on(jobs.clone(), move |n: u32| seen.push(n));
    (0..1_000).for_each(|n| progress.report(n));
    assert_eq!((log.len(), jobs.len()), (0, 1));
    jobs.run();
    assert!(log.take().into_iter().eq(0..1_000));
}

#[test]
fn handled_where_it_was_made_for_whoever_reports() {
    let (ui, log) = (MessageLoop::new("ui"), Log::new());
    let seen = log.clone();
    let progress = Progress::on(ui.handle(), move |n: u32| {
        let context = <dyn SynchronizationContext>::current().map(|context| context.name().to_owned());
        seen.push((n, thread::current().id(), context));
    });
    let reporter = progress.clone();
    thread::spawn(move || reporter.report(1)).join().unwrap();
    assert_eq!(log.len(), 0, "not by who reports");
    ui.run_until(progress.flush()).unwrap();
    assert_eq!(log.take(), [(1, thread::current().id(), Some("ui".to_owned()))]);
}

/// .NET takes the context that is current at the construction; here it is named.
#[test]
fn made_on_a_context_it_reports_there_even_from_another_one() {
    let (ui, log) = (MessageLoop::new("ui"), Log::new());
    let seen = log.clone();
    let progress =
        ui.run_until(async move { Progress::on(ContextScheduler::current().unwrap(), move |n: u32| seen.push(n)) });
    let inline = Progress::on(InlineScheduler, {
        let log = log.clone();
        move |n: u32| log.push(n)
    });
    progress.report(1);
    inline.report(2);
    assert_eq!(log.take(), [2]);
    ui.run_until(progress.flush()).unwrap();
    assert_eq!(log.take(), [1]);
}

#[test]
fn a_handler_that_panics_stops_neither_the_work_nor_the_reports_behind() {
    let (jobs, log) = (Jobs::new(), Log::new());
    let seen = log.clone();
    let progress = Progress::on(jobs.clone(), move |n: u32| {
        assert!(n != 1, "dotnet::progress: not one");
        seen.push(n);
    });
    let work = || (0..3).for_each(|n| progress.report(n));
    assert_eq!(panic_of(work), None);
    assert_eq!(panic_of(|| jobs.run()), None);
    assert_eq!(log.take(), [0, 2]);
}

#[test]
fn reports_after_the_end_and_after_a_cancellation_are_reports_still() {
    let (jobs, log, source) = (Jobs::new(), Log::new(), CancellationTokenSource::new());
    let seen = log.clone();
    let progress = Progress::inline(move |n: u32| seen.push(n));
    let (inside, token) = (progress.clone(), source.token());
    let task: Task<()> = Task::run_fn(&jobs, move || {
        inside.report(1);
        Ok(token.check()?)
    });
    source.cancel();
    jobs.run();
    assert!(task.is_cancelled());
    progress.report(2);
    assert_eq!(log.take(), [1, 2]);
}

#[test]
fn a_report_that_is_an_error_a_reference_or_nothing() {
    let (texts, units) = (Log::new(), Log::new());
    let (seen, counted) = (texts.clone(), units.clone());
    let progress: Arc<dyn Report<Result<String, String>> + Send + Sync> =
        Arc::new(Progress::inline(move |entry| seen.push(entry)));
    progress.report(Err("no paper".into()));
    let tick = Progress::inline(move |()| counted.push(()));
    tick.report(());
    assert_eq!((texts.take(), units.len()), (vec![Err("no paper".into())], 1));
}

#[test]
fn one_report_through_another_that_maps_it() {
    let log = Log::new();
    let seen = log.clone();
    let percent = Progress::inline(move |n: u32| seen.push(n));
    let bytes = |done: u64| percent.report(u32::try_from(done * 100 / 4_096).unwrap());
    let whole: &dyn Report<u64> = &bytes;
    [0, 1_024, 4_096].into_iter().for_each(|done| whole.report(done));
    assert_eq!(log.take(), [0, 25, 100]);
}

#[test]
fn handlers_see_the_context_of_the_executor_and_not_of_the_reporter() {
    static USER: AsyncLocal<u32> = AsyncLocal::new();
    let (single, log) = (Single::new(), Log::new());
    let seen = log.clone();
    let progress = Progress::on(single.spawner(), move |n: u32| seen.push((n, USER.get())));
    USER.scope(7, || progress.report(1));
    single.drain();
    assert_eq!(log.take(), [(1, None)]);
}

#[test]
fn the_handler_goes_when_nobody_can_report_any_more() {
    let ((held, drops), jobs) = (Dropped::new(), Jobs::new());
    let progress = Progress::on(jobs.clone(), move |_: u32| {
        let _ = &held;
    });
    let twin = progress.clone();
    drop(progress);
    assert_eq!(drops.load(SeqCst), 0);
    twin.report(1);
    drop(twin);
    assert_eq!(drops.load(SeqCst), 0, "a report waits");
    jobs.run();
    assert_eq!(drops.load(SeqCst), 1);
}

#[test]
fn only_the_latest_where_the_handler_is_slow() {
    let (jobs, log) = (Jobs::new(), Log::new());
    let seen = log.clone();
    let progress = LatestProgress::on(jobs.clone(), move |n: u32| seen.push(n));
    (0..100).for_each(|n| progress.report(n));
    jobs.run();
    progress.report(100);
    jobs.run();
    assert_eq!(log.take(), [99, 100]);
}
