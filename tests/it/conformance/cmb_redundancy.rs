//! CMB: the guides' combinators, where they are about several attempts at one result.
use crate::support::{Counter, Log};
use std::cell::RefCell;
use std::future::{pending, ready};
use std::task::Poll;
use taskcell::{BoxFuture, CancellationToken, need_only_one};

#[test]
fn cmb_009_the_first_that_completes_wins_and_the_others_are_cancelled_at_once() {
    type Function<'a> = Box<dyn Fn(CancellationToken) -> BoxFuture<'static, Result<u8, &'static str>> + 'a>;
    for winner in [Ok(7), Err("faulted")] {
        let (tokens, log) = (RefCell::new(Vec::new()), Log::new());
        let slow = |name: &'static str| -> Function<'_> {
            let (tokens, log) = (&tokens, log.clone());
            Box::new(move |token| {
                token.register(log.note(name)).detach();
                tokens.borrow_mut().push(token);
                Box::pin(pending())
            })
        };
        let quick = |token: CancellationToken| -> BoxFuture<'static, _> {
            tokens.borrow_mut().push(token);
            Box::pin(ready(winner))
        };
        let mut first = need_only_one([slow("first"), Box::new(quick), slow("last")]);
        // The first completed outcome, be it a fault.
        let Poll::Ready(outcome) = Counter::new().poll(&mut first) else { panic!("one has completed") };
        assert_eq!(outcome, Ok(winner));
        // As long as the future is there, too. Here each has its own token, and what has won keeps its own.
        assert_eq!(log.take(), ["first", "last"]);
        assert_eq!(tokens.borrow().iter().map(|token| token.is_cancelled()).collect::<Vec<_>>(), [true, false, true]);
    }
}
