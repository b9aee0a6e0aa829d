//! A scope whose future is dropped: with a spawner, and without.
use super::Resource;
use crate::support::{Counter, Jobs, Log, panic_of, unobserved};
use std::future::pending;
use std::pin::pin;
use taskcell::fault::FaultKind;
use taskcell::{AsyncDispose, CancellationTokenSource, Cancelled, Using, using};

#[test]
fn without_a_spawner_the_resource_is_dropped() {
    let (log, counter) = (Log::new(), Counter::new());
    {
        let mut scope = pin!(using(Resource::new("a", &log), async |_| pending::<Result<(), ()>>().await));
        assert!(counter.poll(&mut scope).is_pending());
    }
    assert_eq!(log.take(), ["a drops"]);
    {
        let mut scope = pin!(using(Resource::new("a", &log), async |_| Ok::<_, ()>(())));
        assert!(counter.poll(&mut scope).is_pending(), "in the cleanup");
    }
    assert_eq!(log.take(), ["a begins", "a drops"]);
}

#[test]
fn a_spawner_gets_it_before_the_first_poll() {
    let (log, jobs) = (Log::new(), Jobs::new());
    let scope = Using::new(Resource::new("a", &log)).on_drop(jobs.clone()).run(async |_| Ok::<_, ()>(()));
    drop(scope);
    assert_eq!((log.take().len(), jobs.len()), (0, 1));
    jobs.run();
    assert_eq!(log.take(), ["a begins", "a ends", "a drops"]);
}

#[test]
fn a_spawner_gets_it_in_mid_body_after_the_body_has_gone() {
    let (log, jobs, counter) = (Log::new(), Jobs::new(), Counter::new());
    let noted = log.clone();
    {
        let scope = Using::new(Resource::new("a", &log)).on_drop(jobs.clone()).run(async |_| {
            let _local = Resource::new("local", &noted);
            pending::<Result<(), ()>>().await
        });
        let mut scope = pin!(scope);
        assert!(counter.poll(&mut scope).is_pending());
    }
    assert_eq!((log.take(), jobs.run()), (vec!["local drops".to_owned()], 2));
    assert_eq!(log.take(), ["a begins", "a ends", "a drops"]);
}

#[test]
fn a_spawner_gets_it_in_mid_cleanup_where_it_was() {
    let (log, jobs, counter) = (Log::new(), Jobs::new(), Counter::new());
    {
        let scope = Using::new(Resource::new("a", &log)).on_drop(jobs.clone()).run(async |_| Ok::<_, ()>(()));
        let mut scope = pin!(scope);
        assert!(counter.poll(&mut scope).is_pending());
    }
    assert_eq!((log.take(), jobs.run()), (vec!["a begins".to_owned()], 1));
    assert_eq!(log.take(), ["a ends", "a drops"]);
}

#[test]
fn a_spawner_gets_nothing_after_the_end() {
    let (log, jobs) = (Log::new(), Jobs::new());
    let scope = Using::new(Resource::new("a", &log)).on_drop(jobs.clone()).run(async |_| Ok::<_, ()>(()));
    smol::block_on(scope).unwrap();
    let bad = Using::new(Resource::new("a", &log))
        .on_drop(jobs.clone())
        .run(async |_| if true { panic!("body") } else { Ok::<(), ()>(()) });
    assert_eq!(panic_of(|| smol::block_on(bad)), Some("body"));
    assert_eq!((log.take().len(), jobs.len()), (6, 0));
}

#[test]
fn a_token_and_a_spawner_go_together() {
    let (log, jobs, source) = (Log::new(), Jobs::new(), CancellationTokenSource::new());
    let token = source.token();
    let scope = Using::new(Resource::new("a", &log)).on_drop(jobs.clone()).run_with(&token, async |_| {
        source.cancel();
        pending::<Result<(), Cancelled>>().await
    });
    assert!(smol::block_on(scope).unwrap_err().body().is_some());
    assert_eq!((log.take().len(), jobs.len(), token.listeners()), (3, 0, 0));
}

/// A cleanup that fails where nobody waits is an unobserved fault; so is one that panics.
#[test]
fn what_fails_elsewhere_is_reported() {
    unobserved::watch();
    let (log, jobs) = (Log::new(), Jobs::new());
    let before = unobserved::of::<()>().into_iter().filter(|(_, error)| error.as_deref() == Some("elsewhere")).count();
    drop(Using::new(Resource::failing("elsewhere", &log)).on_drop(jobs.clone()).run(async |_| Ok::<_, ()>(())));
    jobs.run();
    let after: Vec<_> = unobserved::of::<()>().into_iter().filter(|(_, e)| e.as_deref() == Some("elsewhere")).collect();
    assert_eq!((before, after.len(), after[0].0), (0, 1, FaultKind::Faulted));
}

#[test]
fn an_executor_that_drops_the_cleanup_drops_the_resource() {
    let (log, jobs) = (Log::new(), Jobs::new());
    drop(Using::new(Resource::new("a", &log)).on_drop(jobs.clone()).run(async |_| Ok::<_, ()>(())));
    jobs.drop_all();
    assert_eq!(log.take(), ["a drops"]);
}

#[test]
fn a_using_that_never_runs_drops_the_resource() {
    let (log, jobs) = (Log::new(), Jobs::new());
    drop(Using::new(Resource::new("a", &log)).on_drop(jobs.clone()));
    assert_eq!((log.take().len(), jobs.len()), (1, 0));
    drop(Resource::new("a", &log).dispose());
}
