//! What comes out of a scope, and when the cleanup runs.
use super::{Once, Resource};
use crate::support::{Counter, Latch, Log, panic_of};
use std::future::pending;
use std::pin::pin;
use std::rc::Rc;
use taskcell::{
    AggregateError, AsyncDispose, BoxError, BoxFuture, CancellationTokenSource, Cancelled, LocalAsyncDispose, Task,
    Using, UsingError, dispose_with, using, using_with,
};

#[test]
fn the_cleanup_runs_after_the_body_has_returned() {
    let log = Log::new();
    let value = smol::block_on(using(Resource::new("a", &log), async |resource| {
        Once(false).await;
        resource.says("works");
        Ok::<_, ()>(7)
    }));
    assert_eq!(value.unwrap(), 7);
    assert_eq!(log.take(), ["a works", "a begins", "a ends", "a drops"]);
}

#[test]
fn nothing_happens_before_the_first_poll() {
    let log = Log::new();
    drop(using(Resource::new("a", &log), async |_| Ok::<_, ()>(())));
    drop(Resource::new("b", &log).dispose());
    assert_eq!(log.take(), ["a drops", "b drops"]);
}

#[test]
fn all_errors_and_the_value_are_kept() {
    let log = Log::new();
    let body = smol::block_on(using(Resource::new("a", &log), async |_| Err::<(), _>("body"))).unwrap_err();
    assert_eq!((body.body(), body.cleanup(), body.to_string().as_str()), (Some(&"body"), None, "body"));
    assert_eq!(body.into_parts(), (Err("body"), None));

    let cleanup = smol::block_on(using(Resource::failing("a", &log), async |_| Ok::<_, &str>(5))).unwrap_err();
    assert_eq!((cleanup.body(), cleanup.cleanup()), (None, Some(&"a")));
    assert_eq!(cleanup.to_string(), "the cleanup failed: a");
    assert_eq!(format!("{cleanup:?}"), "Cleanup { error: \"a\", .. }");
    assert_eq!(cleanup.into_parts(), (Ok(5), Some("a")));

    let both = smol::block_on(using(Resource::failing("a", &log), async |_| Err::<(), _>("body"))).unwrap_err();
    assert_eq!(both.to_string(), "body; then the cleanup failed: a");
    assert_eq!(both.clone().into_error(), "body");
    assert_eq!(both.into_parts(), (Err("body"), Some("a")));
}

#[test]
fn a_panic_of_the_body_goes_on_after_the_cleanup() {
    let log = Log::new();
    let seen = log.clone();
    let panic = panic_of(|| {
        smol::block_on(using(Resource::failing("a", &log), async |resource| {
            Once(false).await;
            resource.says("panics");
            if log.len() > 0 {
                panic!("body");
            }
            Ok::<(), ()>(())
        }))
    });
    assert_eq!(panic, Some("body"));
    assert_eq!(seen.take(), ["a panics", "a begins", "a ends", "a drops"]);
}

#[test]
fn a_panic_before_the_body_has_a_future_is_one_of_the_body() {
    let log = Log::new();
    let body = |_: &mut Resource| -> std::future::Ready<Result<(), ()>> { panic!("call") };
    let panic = panic_of(|| smol::block_on(using(Resource::new("a", &log), body)));
    assert_eq!((panic, log.take().len()), (Some("call"), 3));
}

#[test]
fn a_panic_of_the_cleanup_goes_on() {
    let bad = |_| async { if true { panic!("cleanup") } else { Ok::<(), ()>(()) } };
    let panic = panic_of(|| smol::block_on(using(dispose_with((), bad), async |_| Ok::<_, ()>(()))));
    assert_eq!(panic, Some("cleanup"));
    let panic = panic_of(|| {
        smol::block_on(using(dispose_with((), bad), async |_| if true { panic!("body") } else { Ok::<(), ()>(()) }))
    });
    assert_eq!(panic, Some("body"), "the first one");
}

#[test]
fn a_token_cancels_the_body_and_not_the_cleanup() {
    let (log, source) = (Log::new(), CancellationTokenSource::new());
    let token = source.token();
    let result = smol::block_on(using_with(&token, Resource::new("a", &log), async |_| {
        source.cancel();
        pending::<Result<(), BoxError>>().await
    }));
    assert!(result.unwrap_err().into_parts().0.unwrap_err().is::<Cancelled>());
    assert_eq!(log.take(), ["a begins", "a ends", "a drops"]);
    assert_eq!(token.listeners(), 0);
}

#[test]
fn a_token_that_is_cancelled_before_runs_the_cleanup_alone() {
    let (log, token) = (Log::new(), taskcell::CancellationToken::new(true));
    let scope = using_with(&token, Resource::new("a", &log), async |_| -> Result<(), Cancelled> { unreachable!() });
    assert_eq!(smol::block_on(scope).unwrap_err(), UsingError::Body(Cancelled::new(token.clone())));
    assert_eq!(log.take().len(), 3);
}

#[test]
fn a_result_that_is_there_beats_the_token() {
    let (log, source) = (Log::new(), CancellationTokenSource::new());
    let token = source.token();
    let scope = using_with(&token, Resource::new("a", &log), async |_| {
        source.cancel();
        Ok::<_, Cancelled>(1)
    });
    assert_eq!(smol::block_on(scope).unwrap(), 1);
}

#[test]
fn a_token_cancels_from_elsewhere_and_leaves_nothing_behind() {
    let (log, source, counter) = (Log::new(), CancellationTokenSource::new(), Counter::new());
    let token = source.token();
    let mut scope =
        pin!(using_with(&token, Resource::new("a", &log), async |_| pending::<Result<(), Cancelled>>().await));
    assert!(counter.poll(&mut scope).is_pending());
    assert_eq!((token.listeners(), counter.wakes()), (1, 0));
    source.cancel();
    assert_eq!(counter.wakes(), 1);
    assert!(counter.poll(&mut scope).is_pending(), "the cleanup takes two polls");
    assert!(counter.poll(&mut scope).is_ready());
    assert_eq!(token.listeners(), 0);
}

#[test]
fn several_go_in_reverse_order_past_errors_and_panics() {
    let log = Log::new();
    let named = |name| Resource::failing(name, &log);
    let all = (named("a"), Resource::new("b", &log), named("c"));
    let error = smol::block_on(using(all, async |(a, b, c)| {
        assert_eq!((a.name, b.name, c.name), ("a", "b", "c"));
        Ok::<_, ()>(())
    }));
    let (_, error) = error.unwrap_err().into_parts();
    assert_eq!(error.unwrap(), AggregateError::new([(0, "a"), (2, "c")]));
    let order = ["c", "b", "a"].map(|name| ["begins", "ends", "drops"].map(|what| format!("{name} {what}")));
    assert_eq!(log.take(), order.concat());

    let bad = dispose_with("bad", |_| async { if true { panic!("cleanup") } else { Ok::<(), &str>(()) } });
    let panic = panic_of(|| smol::block_on(using((named("a"), bad, named("c")), async |_| Ok::<_, ()>(()))));
    assert_eq!(panic, Some("cleanup"));
    assert_eq!(log.take(), ["c begins", "c ends", "c drops", "a begins", "a ends", "a drops"]);
}

#[test]
fn vectors_arrays_and_options_are_resources() {
    let log = Log::new();
    let named = |name| Resource::failing(name, &log);
    let error = smol::block_on(using(vec![named("a")], async |all| {
        all.push(named("b"));
        Ok::<_, ()>(())
    }));
    assert_eq!(
        error.unwrap_err().cleanup().unwrap().iter().map(|(at, e)| (at, *e)).collect::<Vec<_>>(),
        [(0, "a"), (1, "b")]
    );
    assert_eq!(log.take()[0], "b begins");
    assert_eq!(smol::block_on([named("a"), named("b")].dispose()).unwrap_err().len(), 2);
    assert_eq!(log.take()[0], "b begins");
    assert_eq!(smol::block_on(Vec::<Resource>::new().dispose()), Ok(()));
    assert_eq!(smol::block_on(None::<Resource>.dispose()), Ok(()));
    assert_eq!(smol::block_on(Some(Box::new(named("a"))).dispose()), Err("a"));
}

#[test]
fn a_resource_may_stay_on_its_thread() {
    struct Local(Rc<Latch>);
    impl LocalAsyncDispose for Local {
        type Error = ();
        async fn dispose_local(self) -> Result<(), ()> {
            Once(false).await;
            self.0.arrive();
            Ok(())
        }
    }
    let latch = Rc::new(Latch::new());
    smol::block_on(using(Local(latch.clone()), async |local| Ok::<_, ()>(local.0.count()))).unwrap();
    assert_eq!(latch.count(), 1);
}

/// The whole can be spawned, and generic code can say so.
#[test]
fn a_scope_is_a_task() {
    fn spawned<R: AsyncDispose<Error = &'static str> + Send + 'static>(resource: R) -> Task<u32> {
        let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
        Task::run(&smol, async move {
            let inner = using(resource, async |_: &mut R| {
                Once(false).await;
                Ok::<_, BoxError>(1)
            });
            inner.await.map_err(UsingError::into_error)
        })
    }
    let log = Log::new();
    assert_eq!(smol::block_on(spawned(Resource::new("a", &log)).into_future()).unwrap(), 1);
    let source = CancellationTokenSource::new();
    let token = source.token();
    let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
    let task: Task<u32> = Task::run(&smol, async move {
        let scope = Using::new(Resource::new("b", &log)).on_drop(smol).run_with(&token, async |b| {
            b.says("works");
            Once(false).await;
            Ok::<_, BoxError>(2)
        });
        scope.await.map_err(UsingError::into_error)
    });
    assert_eq!(smol::block_on(task.into_future()).unwrap(), 2);
}
