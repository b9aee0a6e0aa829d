//! Tuples, arrays, vectors: the last first.

use super::AsyncDispose;
use super::contained::{Contained, forget_payload, go_on};
use crate::cancel::CancellationToken;
use crate::raw::fault::contain;
use crate::shim::thread::Payload;
use crate::task::AggregateError;
use alloc::vec::Vec;

/// What became of those that have been disposed of.
struct Ends<E> {
    errors: Vec<(usize, E)>,
    panic: Option<Payload>,
}

impl<E> Ends<E> {
    const fn new() -> Self {
        Self { errors: Vec::new(), panic: None }
    }

    async fn add<R: AsyncDispose<Error = E>>(&mut self, index: usize, resource: R) {
        match Contained::new(CancellationToken::NONE, async move { resource.dispose().await }).await {
            Ok(Some(Err(error))) => self.errors.push((index, error)),
            Ok(_) => {}
            Err(payload) if self.panic.is_none() => self.panic = Some(payload),
            Err(payload) => forget_payload(payload),
        }
    }

    fn result(self) -> Result<(), AggregateError<E>> {
        let Self { errors, panic } = self;
        if let Some(payload) = panic {
            contain(|| drop(errors));
            go_on(payload);
        }
        AggregateError::try_new(errors).map_or(Ok(()), Err)
    }
}

macro_rules! tuple {
    ($($name:ident $index:tt),+; $($last:ident $place:tt),+) => {
        /// The last first, all of them, past the errors and the panics of the others; then the first panic goes on. An
        /// error's index is the place in the tuple.
        impl<Error: Send, $($name: AsyncDispose<Error = Error> + Send),+> AsyncDispose for ($($name,)+) {
            type Error = AggregateError<Error>;

            #[expect(non_snake_case, reason = "each is called as its type")]
            async fn dispose(self) -> Result<(), AggregateError<Error>> {
                let ($($name,)+) = self;
                let mut ends = Ends::new();
                $(ends.add($place, $last).await;)+
                ends.result()
            }
        }
    };
}

tuple!(A 0; A 0);
tuple!(A 0, B 1; B 1, A 0);
tuple!(A 0, B 1, C 2; C 2, B 1, A 0);
tuple!(A 0, B 1, C 2, D 3; D 3, C 2, B 1, A 0);
tuple!(A 0, B 1, C 2, D 3, E 4; E 4, D 3, C 2, B 1, A 0);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5; F 5, E 4, D 3, C 2, B 1, A 0);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6; G 6, F 5, E 4, D 3, C 2, B 1, A 0);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7; H 7, G 6, F 5, E 4, D 3, C 2, B 1, A 0);

/// As of a tuple. The body may push and pop: what is there at its end is disposed of.
impl<R: AsyncDispose + Send> AsyncDispose for Vec<R>
where
    R::Error: Send,
{
    type Error = AggregateError<R::Error>;

    async fn dispose(mut self) -> Result<(), AggregateError<R::Error>> {
        let mut ends = Ends::new();
        while let Some(last) = self.pop() {
            ends.add(self.len(), last).await;
        }
        ends.result()
    }
}

/// As of a tuple.
impl<R: AsyncDispose + Send, const N: usize> AsyncDispose for [R; N]
where
    R::Error: Send,
{
    type Error = AggregateError<R::Error>;

    async fn dispose(self) -> Result<(), AggregateError<R::Error>> {
        let mut ends = Ends::new();
        for (index, last) in self.into_iter().enumerate().rev() {
            ends.add(index, last).await;
        }
        ends.result()
    }
}
