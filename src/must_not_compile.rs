//! What the compiler must refuse, as doctests: each would be a misuse at run time otherwise.
//!
//! A registration that is not kept unregisters at once, so it must be used:
//! ```compile_fail
//! #![deny(unused_must_use)]
//! let source = taskcell::CancellationTokenSource::new();
//! source.token().register(|| ());
//! ```
//! A registration is one handle:
//! ```compile_fail,E0599
//! let source = taskcell::CancellationTokenSource::new();
//! let registration = source.token().register(|| ());
//! let twin = registration.clone();
//! ```
//! A detached registration is gone:
//! ```compile_fail,E0382
//! let source = taskcell::CancellationTokenSource::new();
//! let mut registration = source.token().register(|| ());
//! registration.detach();
//! registration.unregister();
//! ```
//! A callback may run on any thread, so it is `Send`:
//! ```compile_fail,E0277
//! let source = taskcell::CancellationTokenSource::new();
//! let local = std::rc::Rc::new(());
//! source.token().register(move || drop(local)).detach();
//! ```
//! It may outlive the caller, so it borrows nothing:
//! ```compile_fail,E0597
//! let source = taskcell::CancellationTokenSource::new();
//! {
//!     let text = String::from("short-lived");
//!     let borrowed = &text;
//!     source.token().register(move || println!("{borrowed}")).detach();
//! }
//! source.cancel();
//! ```
//! A token cannot cancel:
//! ```compile_fail,E0599
//! let source = taskcell::CancellationTokenSource::new();
//! source.token().cancel();
//! ```
//! Only the unique borrower resets a source:
//! ```compile_fail,E0596
//! let source = taskcell::CancellationTokenSource::new();
//! source.try_reset();
//! ```
//! A source under a guard that cancels on drop has moved into it:
//! ```compile_fail,E0382
//! let source = taskcell::CancellationTokenSource::new();
//! let guard = source.drop_guard();
//! source.cancel();
//! ```
//! A borrowed guard holds its source:
//! ```compile_fail,E0505
//! let source = taskcell::CancellationTokenSource::new();
//! let guard = source.drop_guard_ref();
//! drop(source);
//! drop(guard);
//! ```
//! A wait borrows its token:
//! ```compile_fail,E0505
//! let token = taskcell::CancellationToken::NONE;
//! let wait = token.cancelled();
//! drop(token);
//! drop(wait);
//! ```
//! A future that must not move cannot be given back, so `until_cancelled` wants it pinned:
//! ```compile_fail,E0277
//! let token = taskcell::CancellationToken::NONE;
//! let _ = token.until_cancelled(async {});
//! ```
//! A future that is neither awaited nor polled does nothing:
//! ```compile_fail
//! #![deny(unused_must_use)]
//! let token = taskcell::CancellationToken::NONE;
//! token.cancelled();
//! ```
//! An alarm that is dropped is disarmed, so it must be used:
//! ```compile_fail
//! #![deny(unused_must_use)]
//! use taskcell::time::{ManualClock, TimeProvider, Timestamp};
//! ManualClock::new().arm(Timestamp::MAX, std::task::Waker::noop().clone());
//! ```
//! A slot of a static source goes before its source:
//! ```compile_fail,E0597
//! let slot = {
//!     let source = taskcell::StaticCancellationTokenSource::<2>::new();
//!     source.slot().unwrap()
//! };
//! drop(slot);
//! ```
//! One slot, one wait at a time:
//! ```compile_fail,E0499
//! let source = taskcell::StaticCancellationTokenSource::<2>::new();
//! let mut slot = source.slot().unwrap();
//! let first = slot.cancelled();
//! let second = slot.cancelled();
//! drop((first, second));
//! ```
//! Links between borrowed sources would dangle, so both are `'static`:
//! ```compile_fail,E0597
//! let parent = taskcell::StaticCancellationTokenSource::<2>::new();
//! let child = taskcell::StaticCancellationTokenSource::<2>::new();
//! let _ = child.link(&parent);
//! ```
//! A local future stays on its thread:
//! ```compile_fail
//! fn sendable<T: Send>(_: T) {}
//! let local = std::rc::Rc::new(());
//! sendable(taskcell::when_all([async move { drop(local) }]));
//! ```
