//! Errors of many tasks: order, indices, what is handled, what is nested, and how they print.
use super::config;
use proptest::collection::vec;
use proptest::prelude::*;
use std::error::Error;
use taskcell::{AggregateError, CancellationToken, Cancelled, Task, TaskError};

type Errors = Vec<(usize, u32)>;
type Inner = AggregateError<TaskError<u32>>;

fn errors() -> impl Strategy<Value = Errors> {
    vec((0..12_usize, any::<u32>()), 1..25)
}

/// In the order of the tasks; of one task as they were given.
fn sorted(errors: &Errors) -> Errors {
    let mut sorted = errors.clone();
    sorted.sort_by_key(|(index, _)| *index);
    sorted
}

fn list(error: &AggregateError<u32>) -> Errors {
    error.iter().map(|(index, error)| (index, *error)).collect()
}

/// How a task ends: with a value, errors, cancelled, or abandoned.
#[derive(Clone, Debug)]
enum End {
    Value(u32),
    Errors(Vec<u32>),
    Cancelled,
    Abandoned,
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![
        2 => any::<u32>().prop_map(End::Value),
        3 => vec(any::<u32>(), 1..4).prop_map(End::Errors),
        2 => Just(End::Cancelled),
        1 => Just(End::Abandoned),
    ]
}

fn task(end: &End) -> Task<u32, u32> {
    let (source, task) = taskcell::TaskCompletionSource::pair();
    match end {
        End::Value(value) => source.set_result(*value),
        End::Errors(errors) => source.try_set_errors(errors.iter().copied()).unwrap(),
        End::Cancelled => source.set_cancelled(&CancellationToken::NONE),
        End::Abandoned => {}
    }
    task
}

/// An error in words that can be compared.
fn words(error: &TaskError<u32>) -> String {
    format!("{:?}", error.errors().collect::<Vec<_>>()) + if error.is_abandoned() { "abandoned" } else { "" }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn errors_are_in_the_order_of_their_tasks(errors in errors()) {
        let (error, sorted) = (AggregateError::new(errors.clone()), sorted(&errors));
        prop_assert_eq!(list(&error), sorted.clone());
        prop_assert_eq!((error.len(), *error.first()), (sorted.len(), sorted[0].1));
        prop_assert!(error.iter().rev().map(|(index, error)| (index, *error)).eq(sorted.iter().rev().copied()));
        prop_assert_eq!(error.iter().len(), sorted.len());
        prop_assert_eq!(error.secondary().len(), 0);
        prop_assert_eq!(error.into_iter().collect::<Vec<_>>(), sorted);
    }

    #[test]
    fn what_is_handled_goes_and_nothing_else(errors in errors(), odd in any::<bool>()) {
        let kept: Errors = sorted(&errors).into_iter().filter(|(_, error)| (error % 2 == 1) != odd).collect();
        let mut shown = Vec::new();
        let rest = AggregateError::new(errors.clone()).handle(|error| {
            shown.push(*error);
            (error % 2 == 1) == odd
        });
        prop_assert_eq!(rest.as_ref().map_or_else(list, |()| Vec::new()), kept.clone());
        prop_assert_eq!(rest.is_ok(), kept.is_empty());
        prop_assert!(shown.into_iter().eq(sorted(&errors).into_iter().map(|(_, error)| error)));
    }

    #[test]
    fn nested_errors_are_flattened_by_the_index_outside(lists in vec((0..6_usize, errors()), 1..6)) {
        let nested = lists.iter().map(|(index, errors)| (*index, AggregateError::new(errors.clone())));
        let flat = AggregateError::new(nested).flatten();
        let mut expected: Vec<(usize, u32)> = Vec::new();
        let mut outer = lists.clone();
        outer.sort_by_key(|(index, _)| *index);
        for (index, errors) in outer {
            expected.extend(sorted(&errors).into_iter().map(|(_, error)| (index, error)));
        }
        prop_assert_eq!(list(&flat), expected);
    }

    #[test]
    fn three_levels_are_flattened_in_any_order(lists in vec(vec(errors(), 1..4), 1..4)) {
        let number = |list: &Vec<_>| list.len();
        let inner = |lists: &Vec<Errors>| {
            AggregateError::new(lists.iter().enumerate().map(|(index, errors)| (index, AggregateError::new(errors.clone()))))
        };
        let all = AggregateError::new(lists.iter().enumerate().map(|(index, lists)| (index, inner(lists))));
        let from_outside = list(&all.clone().flatten().flatten());
        let flat = all.into_iter().map(|(index, inner)| (index, inner.flatten()));
        let from_inside = list(&AggregateError::new(flat).flatten());
        prop_assert_eq!(&from_outside, &from_inside);
        prop_assert_eq!(number(&from_inside), lists.iter().flatten().map(Vec::len).sum::<usize>());
    }

    #[test]
    fn eight_are_printed_and_the_rest_counted(errors in errors()) {
        let text = AggregateError::new(errors.clone()).to_string();
        let sorted = sorted(&errors);
        let shown: Vec<_> = sorted.iter().take(8).map(|(index, error)| format!("[{index}] {error}")).collect();
        let plural = if errors.len() == 1 { "" } else { "s" };
        let more = if errors.len() > 8 { format!("; and {} more", errors.len() - 8) } else { String::new() };
        prop_assert_eq!(text, format!("{} error{plural}: {}{more}", errors.len(), shown.join("; ")));
    }

    #[test]
    fn all_of_several_tasks_have_each_error_by_its_index(ends in vec(end(), 0..12)) {
        let all = Task::when_all(ends.iter().map(task));
        let cancelled = ends.iter().filter(|end| matches!(end, End::Cancelled)).count();
        let faults: Vec<(usize, String)> = ends
            .iter()
            .enumerate()
            .filter_map(|(index, end)| match end {
                End::Errors(errors) => Some((index, format!("{:?}", errors.iter().collect::<Vec<_>>()))),
                End::Abandoned => Some((index, "[]abandoned".to_owned())),
                End::Value(_) | End::Cancelled => None,
            })
            .collect();
        match all.try_result().expect("all have ended") {
            Ok(values) => {
                let expected: Vec<_> = ends.iter().map(|end| if let End::Value(value) = end { *value } else { 0 }).collect();
                prop_assert_eq!(values, &expected);
                prop_assert_eq!((faults.len(), cancelled), (0, 0));
            }
            Err(TaskError::Faulted(fault)) => {
                let found: Vec<_> = fault.iter().map(|(index, error)| (index, words(error))).collect();
                prop_assert_eq!(found, faults.clone());
                prop_assert_eq!((fault.cancelled_count(), fault.faults().count()), (cancelled, faults.len()));
                let text = fault.to_string();
                prop_assert_eq!(text.ends_with(&format!("; {cancelled} cancelled")), cancelled > 0);
                prop_assert!(fault.first().source().is_none());
            }
            Err(error) => prop_assert!(error.is_cancelled() && faults.is_empty() && cancelled > 0),
        }
    }

    #[test]
    fn aggregates_of_aggregates_keep_errors_and_count_cancellations(groups in vec(vec(end(), 0..5), 1..5)) {
        let inner: Vec<Task<Vec<u32>, Inner>> = groups.iter().map(|ends| Task::when_all(ends.iter().map(task))).collect();
        let all = Task::when_all(inner);
        let Some(Err(TaskError::Faulted(fault))) = all.try_result() else { return Ok(()) };
        let flat = AggregateError::clone(fault).flatten();
        let mut expected = Vec::new();
        for (index, ends) in groups.iter().enumerate() {
            let errors = ends.iter().filter_map(|end| match end {
                End::Errors(errors) => Some((index, format!("{:?}", errors.iter().collect::<Vec<_>>()))),
                End::Abandoned => Some((index, "[]abandoned".to_owned())),
                End::Value(_) | End::Cancelled => None,
            });
            expected.extend(errors);
        }
        let found: Vec<_> = flat.iter().map(|(index, error)| (index, words(error))).collect();
        prop_assert_eq!(found, expected);
    }
}

/// An error with a source, so deep.
#[derive(Debug)]
struct Deep(u32);

impl std::fmt::Display for Deep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "level {}", self.0)
    }
}

impl Error for Deep {}

#[test]
fn the_chain_of_a_boxed_error_is_the_box_s() {
    let boxed: taskcell::BoxError = Box::new(AggregateError::new([(3, Deep(1))]));
    let error = TaskError::<taskcell::BoxError>::faulted(boxed);
    assert_eq!(error.to_string(), "1 error: [3] level 1");
    assert!(error.source().is_none(), "an aggregate has many errors, and names none its source");
    let cancelled = TaskError::<u32>::Cancelled(Cancelled::new(CancellationToken::NONE));
    assert!(cancelled.is_cancelled());
}
