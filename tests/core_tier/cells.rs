//! Hierarchies and cells.

use crate::board::flag;
use crate::heap::untouched;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use taskcell::{CancellationSlot, Full, StaticCancellationTokenSource, StaticTaskCell, TryRegisterError};

#[test]
fn a_hierarchy_in_statics_is_cancelled_from_above() {
    static ROOT: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
    static LEFT: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
    static RIGHT: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    static LEAF: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let (waker, woken) = flag();
    untouched(|| {
        assert_eq!([LEFT.link(&ROOT), RIGHT.link(&ROOT), LEAF.link(&LEFT)], [Ok(true); 3]);
        assert_eq!(LEAF.link(&ROOT), Ok(false));
        assert_eq!(ROOT.slot().err(), Some(Full));
        let mut slot = LEAF.slot().unwrap();
        assert!(slot.poll_cancelled(&mut Context::from_waker(&waker)).is_pending());
        let called = || {
            assert!(ROOT.is_cancelled() && RIGHT.is_cancelled() && LEAF.is_cancelled());
            CALLS.fetch_add(1, Ordering::SeqCst);
        };
        let mut registration = LEAF.token().try_register(called).unwrap();
        assert!(matches!(LEAF.token().try_register(|| ()), Err(TryRegisterError::Full(_))));

        assert!(RIGHT.cancel() && !ROOT.is_cancelled() && !LEAF.is_cancelled());
        assert!(ROOT.cancel() && !ROOT.cancel());
        assert!(LEAF.is_cancelled() && woken());
        assert!(slot.poll_cancelled(&mut Context::from_waker(&waker)).is_ready());
        assert!(!registration.unregister());
        assert!(matches!(LEAF.token().try_register(|| ()), Err(TryRegisterError::Cancelled(_))));
    });
    assert_eq!(CALLS.load(Ordering::SeqCst), 1);
}

#[test]
fn a_cell_is_seen_by_all_who_wait() {
    static CELL: StaticTaskCell<&str, 3> = StaticTaskCell::new();
    let (waker, woken) = flag();
    untouched(|| {
        let mut cx = Context::from_waker(&waker);
        let [mut a, mut b, mut c] = [(); 3].map(|()| CELL.slot().unwrap());
        assert_eq!(CELL.slot().err(), Some(Full));
        assert!(pin!(&mut a).poll(&mut cx).is_pending());
        assert!(pin!(&mut b).poll(&mut cx).is_pending());
        drop(c);
        c = CELL.slot().unwrap();
        assert_eq!(CELL.try_set("first"), Ok(()));
        assert_eq!(CELL.try_set("second"), Err("second"));
        assert!(woken());
        for slot in [a, b, c] {
            assert_eq!(pin!(slot).poll(&mut cx), Poll::Ready(&"first"));
        }
    });
}
