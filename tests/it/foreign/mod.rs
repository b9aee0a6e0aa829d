//! Foreign code: everything that is not the library's and that the library calls. Each place where it runs has a test in
//! which it panics there, and one in which it drops everything that it can reach. `tests/it/tidy/foreign.rs` reads this
//! table: each test exists, and each file above `raw` that takes a closure, a future, a stream or one of the traits below
//! is covered by a row.
//!
//! | place | where | panics there | drops everything there |
//! |---|---|---|---|
//! | a waker's clone, in a source | `cancel/` | `hostile::a_panic_in_a_wakers_clone_leaves_the_token_whole` | `hostile::a_cancel_inside_a_wakers_clone` |
//! | a waker's wake | `cancel/`, `waiting/` | `hostile::a_panic_in_one_wake_loses_no_other` | `hostile::a_wake_that_drops_the_last_handles` |
//! | a waker's drop | `cancel/` | `hostile::a_panic_in_a_wakers_drop_leaves_the_token_whole` | `hostile::a_wakers_drop_that_drops_another_wait` |
//! | a callback | `cancel/` | `callbacks::a_panicking_callback_is_finished` | `callbacks::a_callback_drops_the_last_handle_of_its_source` |
//! | what a callback has captured | `cancel/` | `hostile_drops::a_panic_in_the_last_drop_lets_everything_above_go` | `callbacks::a_captured_value_uses_the_token_when_it_is_dropped` |
//! | a reason's drop | `cancel/` | `hostile_drops::an_error_whose_drop_panics_leaves_the_source_whole` | `hostile_drops::errors_whose_drops_panic_let_everything_above_go` |
//! | a spawner of callbacks | `cancel/register_on.rs`, `task/cancel_async.rs` | `cancel_async::a_spawner_that_drops_or_panics_runs_them` | `cancel_async::a_spawner_that_drops_or_panics_runs_them` |
//! | the tokens that are linked | `cancel/source.rs` | `foreign::iterators::tokens` | `foreign::iterators::tokens` |
//! | a future beside a token | `cancel/until.rs`, `cancel/futures.rs`, `adapt/until_cancelled.rs`, `cancel/signal.rs`, `cancel/run_in_slot.rs` | `until_cancelled::a_future_that_panics` | `foreign::futures::beside_a_token` |
//! | a source without a heap | `cancel/` | `static_source::panics::a_panicking_callback_stops_nobody` | `static_source::hostile::callbacks_may_do_anything` |
//! | a clock's `arm` | `time/`, `cancel/timed.rs` | `timed_hostile::a_panic_inside_arm` | `timed_hostile::the_last_source_goes_inside_arm` |
//! | a timer's waker | `time/` | `time_hostile::panicking_wakers_stop_nobody` | `time_hostile::a_waker_drops_its_own_alarm` |
//! | a future in a clock's own time | `time/` | `task_blocking::the_first_panic_of_a_future_is_its_outcome` | `foreign::futures::beside_a_token` |
//! | a task's waiters | `task/` | `task_hostile::panicking_wakers_stop_nobody` | `task_hostile::a_waker_drops_everything_else` |
//! | a value's clone | `task/` | `task_hostile::a_clone_that_panics_leaves_nothing` | `foreign::values::a_clone_drops_everything` |
//! | a value's drop | `task/` | `task_hostile::a_value_whose_drop_panics` | `task_hostile::a_value_that_completes_another_task_in_its_drop` |
//! | a continuation | `task/` | `continuations::a_panic_is_the_continuations_own` | `foreign::closures::a_continuation` |
//! | a spawner, or a scheduler | `task/`, `spawn.rs`, `schedule/` | `conformance::cnt::cnt_019_a_spawner_that_panics` | `continuations::a_spawner_that_drops_abandons` |
//! | the future of a task | `task/run.rs` | `running::errors_panics_and_drops` | `foreign::futures::of_a_task` |
//! | the tasks of an aggregate | `task/` | `foreign::iterators::tasks` | `foreign::iterators::tasks` |
//! | errors that are set at once | `task/source.rs` | `foreign::iterators::errors` | `foreign::iterators::errors` |
//! | an error's `Display` and `Debug` | `task/`, `adapt/`, `cache/error.rs`, `channel/`, `resilience/` | `foreign::values::an_error_that_cannot_be_shown` | `foreign::values::an_error_that_cannot_be_shown` |
//! | a child's poll | `combine/` | `children_hostile::a_panic_of_a_child_goes_to_the_caller` | `when_any_hostile::a_drop_that_wakes_its_siblings` |
//! | a child's drop | `combine/` | `children_hostile::a_child_that_panics_in_drop_does_not_keep_the_others` | `children_hostile::a_drop_that_wakes_its_siblings` |
//! | the iterator of the children | `combine/` | `children_hostile::an_iterator_that_panics_leaks_nothing` | `when_any_hostile::an_iterator_that_panics_leaks_nothing` |
//! | a parent's waker | `combine/` | `when_any_hostile::wakers_that_panic_leave_the_set_usable` | `when_any_hostile::wakers_that_finish_children_from_clone_wake_and_drop` |
//! | a group's body and its children | `combine/group/` | `group::errors::a_bodys_panic_goes_to_the_caller` | `group::hostile::a_child_starts_siblings_while_the_group_is_dropped` |
//! | attempts and rules of a retry | `adapt/retry/` | `retry::hostile::closures_that_panic` | `foreign::closures::of_a_retry` |
//! | attempts and losers | `adapt/redundancy/` | `redundancy::hostile::closures_that_panic` | `foreign::closures::of_a_fallback` |
//! | what is throttled | `adapt/throttle/` | `throttle::lazy::a_panic_goes_to_the_consumer_and_the_siblings_stay_until_the_drop` | `throttle::hostile::a_body_that_drops_the_stream` |
//! | a future with a time limit | `adapt/timeout.rs`, `adapt/timeout_cooperative.rs`, `adapt/mod.rs`, `adapt/yield_now.rs` | `foreign::futures::with_a_time_limit` | `foreign::futures::with_a_time_limit` |
//! | a scope's body and its cleanup | `adapt/using/` | `using::scope::a_panic_of_the_cleanup_goes_on` | `using::dropped::without_a_spawner_the_resource_is_dropped` |
//! | an item's drop | `channel/` | `channel::hostile::items_that_panic_when_they_are_dropped` | `channel::hostile::items_whose_drop_uses_the_channel` |
//! | a channel's waiters | `channel/` | `channel::hostile::a_waker_that_panics_stops_no_other` | `channel::hostile::the_last_handles_go_inside_a_wake` |
//! | the callback for dropped items | `channel/options.rs` | `channel::hostile::a_callback_for_dropped_items_panics` | `channel::hostile::a_callback_for_dropped_items_uses_the_channel` |
//! | a storage, under the lock | `channel/storage.rs` | `channel::storages::a_storage_that_always_panics` | `channel::storages::items_of_a_storage_that_all_panic` |
//! | a channel without a heap | `channel/fixed/` | `static_channel::a_panicking_waker_stops_nobody` | `static_channel::wakers_may_do_anything` |
//! | a handler of reports | `progress/` | `progress::a_handler_that_panics_goes_on` | `foreign::closures::a_handler_of_reports` |
//! | a loader, and its future | `cache/` | `scenarios::t15::t15_the_loader_panics_as_it_is_called` | `foreign::closures::a_loader` |
//! | a key's hash and comparison | `cache/` | `cache::hostile::keys_whose_eq_panics` | `foreign::values::a_key_drops_everything` |
//! | a cached value's clone | `cache/` | `cache::hostile::a_value_whose_clone_panics` | `foreign::values::a_clone_drops_everything` |
//! | a generator | `stream/generate/` | `stream::hostile::a_panic_of_the_generator_ends_the_stream` | `stream::hostile::a_stream_that_is_dropped_while_its_generator_is_polled` |
//! | an operator's closure | `stream/` | `stream::ops_items::a_closure_that_panics_ends_the_stream` | `foreign::closures::of_an_operator` |
//! | hooks of a breaker | `resilience/breaker/` | `resilience::breaker_hooks::a_hook_that_panics` | `foreign::closures::a_breakers_hook` |
//! | calls of a bulkhead | `resilience/bulkhead/` | `resilience::bulkhead_hostile::a_call_that_panics_gives_its_place_back` | `resilience::bulkhead_hostile::a_future_that_is_dropped_inside_its_wake` |
//! | a pipeline's operation and rules | `resilience/pipeline/`, `resilience/` | `resilience::pipeline::hostile::a_panic_goes_to_the_caller_and_leaves_nothing` | `resilience::pipeline::tokens::a_dropped_call_tells_and_leaves_nothing` |
//! | a message, and the hook for its panic | `schedule/` | `schedule::message_loop::a_panic_comes_out_and_the_rest_stays` | `schedule::message_loop::the_end_drops_what_is_left_and_refuses_the_rest` |
//! | work of a pair | `schedule/` | `schedule::pair_hostile::a_drop_that_panics_ends_its_future_alone` | `schedule::pair_hostile::spawning_and_completing_inside_a_poll_and_a_drop` |
//! | a value of the context, and who hears of its change | `context/` | `context::handlers_that_panic` | `context::a_value_that_panics_when_dropped_is_reported` |

mod closures;
mod futures;
mod iterators;
mod values;

use crate::support::heap::live_bytes;
use std::any::Any;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};

/// What foreign code can reach, and drops.
#[derive(Clone, Default)]
struct Bag(Arc<Mutex<Vec<Box<dyn Any + Send>>>>);

impl Bag {
    fn put(&self, what: impl Any + Send) {
        self.0.lock().unwrap().push(Box::new(what));
    }
    /// Drops everything, outside of the lock.
    fn empty(&self) {
        drop(std::mem::take(&mut *self.0.lock().unwrap()));
    }
}

/// What stays allocated by this thread when `test` has run again is leaked. The first time may allocate what stays.
#[track_caller]
fn leaks_nothing(test: impl Fn()) {
    test();
    let before = live_bytes();
    test();
    assert_eq!(live_bytes(), before, "bytes are leaked");
}

/// Panics without a word on the terminal.
fn panics() -> ! {
    resume_unwind(Box::new("mine"))
}
