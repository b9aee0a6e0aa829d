//! How tasks end without a value: errors, panics, aggregates.
use core::error::Error;
use core::fmt;
use std::panic::{catch_unwind, panic_any, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use taskcell::{
    AggregateError, BoxError, CancellationToken, Cancelled, Fault, Full, Interrupted, Panic, TaskError, TaskStatus,
};

const WORD: usize = size_of::<usize>();
const _: () = assert!(size_of::<Fault<[u64; 9]>>() == WORD && size_of::<Option<Fault<u8>>>() == WORD);
const _: () = assert!(size_of::<Panic>() == WORD && size_of::<Option<Panic>>() == WORD);
const _: () = assert!(size_of::<TaskError>() == 2 * WORD && size_of::<Option<TaskError>>() == 2 * WORD);
const _: () = assert!(size_of::<TaskError<[u64; 9]>>() == 2 * WORD);
const _: () = assert!(size_of::<Result<(), TaskError>>() == 2 * WORD);
const _: () = assert!(size_of::<Result<usize, TaskError>>() == 2 * WORD);
const _: () = assert!(size_of::<Result<Option<Box<u8>>, TaskError<u8>>>() == 2 * WORD);
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<TaskError>() == 16 && size_of::<Result<u64, TaskError>>() == 16);

/// Neither `Clone` nor `Error`; counts its drops.
#[derive(Debug)]
struct Counted(&'static str, Arc<AtomicUsize>);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.1.fetch_add(1, SeqCst);
    }
}

#[test]
fn clones_share_one_error() {
    let drops = Arc::new(AtomicUsize::new(0));
    let error = TaskError::faulted(Counted("no paper", drops.clone()));
    let clones = vec![error.clone(); 9];
    let (TaskError::Faulted(a), TaskError::Faulted(b)) = (&error, &clones[8]) else { panic!("{error:?}") };
    assert!(Fault::ptr_eq(a, b));
    assert!(core::ptr::eq(error.fault().unwrap(), clones[0].fault().unwrap()));
    drop(error);
    assert_eq!(drops.load(SeqCst), 0);
    drop(clones);
    assert_eq!(drops.load(SeqCst), 1);
}

#[test]
fn the_only_handle_gives_its_only_error_back() {
    let drops = Arc::new(AtomicUsize::new(0));
    let fault = Fault::new(Counted("no paper", drops.clone()));
    let clone = fault.clone();
    let fault = Fault::into_inner(fault).unwrap_err();
    assert!(Fault::ptr_eq(&fault, &clone));
    drop(clone);
    let error = Fault::into_inner(fault).unwrap();
    assert_eq!((error.0, drops.load(SeqCst)), ("no paper", 0));

    let several = Fault::from_errors(error, vec![Counted("no ink", drops.clone())]);
    let several = Fault::into_inner(several).unwrap_err();
    assert_eq!((several.len(), drops.load(SeqCst)), (2, 0));
    drop(several);
    assert_eq!(drops.load(SeqCst), 2);
}

#[test]
fn several_errors_keep_their_order() {
    let fault = Fault::from_errors(1, vec![2, 3]);
    assert_eq!((*fault, fault.len()), (1, 3));
    let mut errors = fault.errors();
    assert_eq!(errors.len(), 3);
    assert_eq!(errors.next(), Some(&1));
    assert_eq!((errors.len(), errors.clone().count()), (2, 2));
    assert_eq!(errors.by_ref().copied().collect::<Vec<_>>(), [2, 3]);
    assert_eq!((errors.len(), errors.next()), (0, None));
    let error = TaskError::Faulted(fault);
    assert_eq!(error.errors().copied().collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(error.to_string(), "1 (and 2 more errors)");
    assert_eq!(Fault::from_errors(1, vec![2]).to_string(), "1 (and 1 more error)");
    assert_eq!(format!("{:?}", Fault::new("x")), "\"x\"");
}

#[test]
fn what_each_says() {
    let token = CancellationToken::new(true);
    let cancelled = TaskError::<BoxError>::from(Cancelled::new(token.clone()));
    assert_eq!(cancelled.status(), TaskStatus::Cancelled);
    assert_eq!(cancelled.cancelled().unwrap().token(), &token);
    assert!(cancelled.is_cancelled() && !cancelled.is_faulted() && cancelled.fault().is_none());
    assert_eq!(cancelled.to_string(), "the task was cancelled");

    let abandoned = TaskError::<BoxError>::Abandoned;
    assert_eq!((abandoned.status(), abandoned.errors().len()), (TaskStatus::Faulted, 0));
    assert!(abandoned.is_abandoned() && !abandoned.is_faulted() && abandoned.cancelled().is_none());
    assert_eq!(abandoned.to_string(), "the task was abandoned: its last source went without a result");

    let panicked = TaskError::<BoxError>::Panicked(caught("ouch"));
    assert_eq!((panicked.status(), panicked.errors().len()), (TaskStatus::Faulted, 0));
    assert!(panicked.is_panicked() && !panicked.is_abandoned() && panicked.fault().is_none());
    assert_eq!(panicked.to_string(), "the task panicked: ouch");

    let faulted = TaskError::<BoxError>::faulted("no paper".into());
    assert_eq!(faulted.status(), TaskStatus::Faulted);
    assert!(faulted.is_faulted() && !faulted.is_cancelled() && !faulted.is_panicked());
    assert_eq!((faulted.to_string(), faulted.errors().len()), ("no paper".to_string(), 1));
}

/// An error with another behind it.
#[derive(Debug)]
struct Outer(Full);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("outer")
    }
}

impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn a_boxed_error_shows_its_source_once() {
    let error: BoxError = Box::new(TaskError::<BoxError>::faulted(Box::new(Outer(Full))));
    assert_eq!(error.to_string(), "outer");
    assert!(error.source().unwrap().is::<Full>());
    assert!(TaskError::<BoxError>::Abandoned.source().is_none());
    let other: BoxError = Box::new(TaskError::faulted("text alone"));
    assert!(other.source().is_none());
}

#[test]
fn an_error_that_is_a_cancellation_cancels() {
    let token = CancellationToken::new(true);
    let cancelled = || Cancelled::new(token.clone());
    let plain = TaskError::<Cancelled>::of_error(cancelled());
    assert_eq!(plain.cancelled().unwrap().token(), &token);
    let boxed = TaskError::<BoxError>::of_error(Box::new(cancelled()));
    assert_eq!(boxed.cancelled().unwrap().token(), &token);

    let faulted = TaskError::<BoxError>::of_error("no paper".into());
    assert_eq!(faulted.fault().unwrap().to_string(), "no paper");
    for error in
        [TaskError::<BoxError>::Cancelled(cancelled()), TaskError::Abandoned, TaskError::faulted("no paper".into())]
    {
        let text = error.to_string();
        let (status, abandoned) = (error.status(), error.is_abandoned());
        let same = TaskError::<BoxError>::of_error(error.into());
        assert_eq!((same.to_string(), same.status(), same.is_abandoned()), (text, status, abandoned));
        assert_eq!(same.errors().len(), usize::from(same.is_faulted()));
    }
    let foreign = TaskError::<BoxError>::of_error(Box::new(TaskError::<u8>::Abandoned));
    assert!(foreign.is_faulted(), "a fault of another type is an error like any other");
    let faulted = TaskError::of_error(Some(cancelled()));
    assert_eq!(faulted.fault(), Some(&Some(cancelled())));
    let interrupted = Interrupted { future: (), cancelled: cancelled() };
    let faulted = TaskError::<BoxError>::of_error(Box::new(interrupted));
    assert!(faulted.is_faulted(), "it is no Cancelled");
    assert!(TaskError::faulted(cancelled()).is_faulted(), "who sets an error means one");
}

fn caught<P: core::any::Any + Send>(payload: P) -> Panic {
    Panic::new(catch_unwind(core::panic::AssertUnwindSafe(|| resume_unwind(Box::new(payload)))).unwrap_err())
}

#[test]
fn a_panic_has_its_message() {
    assert_eq!(caught("static").message(), Some("static"));
    assert_eq!(caught(String::from("owned")).message(), Some("owned"));
    let silent = caught(7_u8);
    assert_eq!((silent.message(), silent.to_string().as_str()), (None, "the task panicked"));
    assert_eq!(format!("{silent:?}"), "Panic { message: None, .. }");
    assert_eq!(*silent.clone().take_payload().unwrap().downcast::<u8>().unwrap(), 7);
    let secret = caught(Counted("the secret", Arc::default()));
    assert!(!format!("{secret:?} {secret}").contains("secret"));
}

#[test]
fn a_payload_is_taken_once_by_one_of_two_threads() {
    for _ in 0..200 {
        let drops = Arc::new(AtomicUsize::new(0));
        let panic = caught(Counted("no paper", drops.clone()));
        let taken = std::thread::scope(|scope| {
            let takers: Vec<_> = (0..2)
                .map(|_| {
                    let panic = panic.clone();
                    scope.spawn(move || panic.take_payload())
                })
                .collect();
            takers.into_iter().filter_map(|taker| taker.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!((taken.len(), drops.load(SeqCst)), (1, 0));
        assert!(taken[0].is::<Counted>() && panic.take_payload().is_none());
        drop((taken, panic));
        assert_eq!(drops.load(SeqCst), 1);
    }
}

#[test]
fn a_payload_that_nobody_takes_goes_with_the_last_handle() {
    let drops = Arc::new(AtomicUsize::new(0));
    let error = TaskError::<BoxError>::Panicked(caught(Counted("no paper", drops.clone())));
    drop(error.clone());
    assert_eq!(drops.load(SeqCst), 0);
    drop(error);
    assert_eq!(drops.load(SeqCst), 1);
}

#[test]
fn a_panic_goes_on_with_its_payload_or_its_message() {
    let resumed = |panic: Panic| catch_unwind(move || panic.resume()).unwrap_err();
    let panic = caught(String::from("ouch"));
    let (second, third) = (panic.clone(), caught(7_u8));
    assert_eq!(*resumed(panic).downcast::<String>().unwrap(), "ouch");
    assert!(second.take_payload().is_none());
    assert_eq!(*resumed(second).downcast::<String>().unwrap(), "ouch");
    assert_eq!(*resumed(third.clone()).downcast::<u8>().unwrap(), 7);
    assert_eq!(*resumed(third).downcast::<String>().unwrap(), "the task panicked");
}

#[test]
fn a_payload_whose_drop_panics_does_so_where_the_last_handle_goes() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic_any(8_u8);
        }
    }
    let panic = caught(Bomb);
    let clone = panic.clone();
    drop(panic);
    assert_eq!(*catch_unwind(|| drop(clone)).unwrap_err().downcast::<u8>().unwrap(), 8);
}

#[test]
fn an_aggregate_is_in_the_order_of_its_tasks() {
    let error = AggregateError::new([(4, "e"), (1, "b"), (4, "f"), (0, "a")]);
    assert_eq!((error.len(), *error.first()), (4, "a"));
    assert_eq!(
        error.iter().map(|(index, error)| (index, *error)).collect::<Vec<_>>(),
        [(0, "a"), (1, "b"), (4, "e"), (4, "f")]
    );
    assert_eq!(error.iter().len(), 4);
    assert_eq!(error.clone().into_iter().next_back(), Some((4, "f")));
    let none: [(usize, u8); 0] = [];
    assert!(catch_unwind(|| AggregateError::new(none)).is_err());
}

#[test]
fn handling_keeps_the_rest() {
    let error = AggregateError::new((0..6).map(|index| (index, index * 10)));
    let rest = error.handle(|error| error % 20 == 0).unwrap_err();
    assert_eq!(rest.clone().into_iter().collect::<Vec<_>>(), [(1, 10), (3, 30), (5, 50)]);
    assert_eq!(rest.handle(|_| true), Ok(()));
}

#[test]
fn flattening_keeps_the_outer_index() {
    let inner = |base: u8| AggregateError::new([(1, base + 1), (0, base)]);
    let flat = AggregateError::new([(7, inner(20)), (3, inner(10))]).flatten();
    assert_eq!(flat.into_iter().collect::<Vec<_>>(), [(3, 10), (3, 11), (7, 20), (7, 21)]);
}

#[test]
fn aggregates_of_tasks_flatten_and_count() {
    let cancelled = || TaskError::<Counted>::from(Cancelled::new(CancellationToken::new(true)));
    let drops = Arc::new(AtomicUsize::new(0));
    let fault = |text| TaskError::faulted(Counted(text, drops.clone()));
    let inner = AggregateError::new([(0, fault("a")), (1, cancelled()), (2, TaskError::Abandoned), (3, fault("b"))]);
    assert_eq!((inner.cancelled_count(), inner.faults().count()), (1, 3));
    let outer = AggregateError::new([
        (9, TaskError::Panicked(caught("ouch"))),
        (5, TaskError::faulted(inner)),
        (6, TaskError::from(Cancelled::new(CancellationToken::NONE))),
        (8, TaskError::Abandoned),
    ]);
    assert_eq!((outer.cancelled_count(), outer.faults().count()), (1, 3));
    let flat = outer.clone().flatten();
    let texts: Vec<_> = flat.iter().map(|(index, error)| (index, error.to_string())).collect();
    let text = |index, text: &str| (index, text.to_string());
    assert_eq!(
        texts,
        [
            text(5, "a"),
            text(5, "the task was cancelled"),
            text(5, "the task was abandoned: its last source went without a result"),
            text(5, "b"),
            text(6, "the task was cancelled"),
            text(8, "the task was abandoned: its last source went without a result"),
            text(9, "the task panicked: ouch"),
        ]
    );
    assert_eq!(
        (flat.cancelled_count(), flat.faults().map(|(index, _)| index).collect::<Vec<_>>()),
        (2, vec![5, 5, 5, 8, 9])
    );
    drop((flat, outer));
    assert_eq!(drops.load(SeqCst), 2);
}

#[test]
fn an_aggregate_prints_eight_errors() {
    let of = |count: usize| AggregateError::new((0..count).map(|index| (index, index)));
    assert_eq!(of(1).to_string(), "1 error: [0] 0");
    assert_eq!(of(2).to_string(), "2 errors: [0] 0; [1] 1");
    assert!(of(8).to_string().ends_with("; [7] 7"));
    assert!(of(1000).to_string().ends_with("; [7] 7; and 992 more"));
    let error: BoxError = Box::new(AggregateError::new([(1, TaskError::<BoxError>::faulted("no paper".into()))]));
    assert_eq!(error.to_string(), "1 error: [1] no paper");
}
