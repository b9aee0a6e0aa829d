//! CMB: many futures, one result.

use std::future::{pending, ready};

use taskcell::{CancellationTokenSource, LocalBoxFuture, when_all_or_first_error};

#[test]
fn cmb_014_when_all_or_first_exception_ends_at_once_with_that_error() {
    let source = CancellationTokenSource::new();
    let work = [0, 1, 2].map(|index| -> LocalBoxFuture<'_, Result<u8, &'static str>> {
        if index == 1 { Box::pin(ready(Err("a fault"))) } else { Box::pin(pending()) }
    });
    let error = smol::block_on(when_all_or_first_error(work, &source).without_waiting()).unwrap_err();
    assert!(error.iter().eq([(1, &"a fault")]));
    assert_eq!(error.secondary().len(), 0);
    assert!(source.is_cancelled());
}
