//! Bodies and cleanups that panic where they are dropped.
use super::Resource;
use crate::support::{Counter, Jobs, Log, panic_of};
use std::future::pending;
use std::pin::pin;
use taskcell::{CancellationTokenSource, Cancelled, Using, using, using_with};

struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("{}", self.0);
        }
    }
}

fn bomb_of(f: impl FnOnce()) -> bool {
    panic_of(f).is_some()
}

#[test]
fn a_body_whose_drop_panics_at_a_cancellation_is_cleaned_up_after() {
    let (log, source) = (Log::new(), CancellationTokenSource::new());
    let token = source.token();
    assert!(bomb_of(|| {
        let _ = smol::block_on(using_with(&token, Resource::new("a", &log), async |_| {
            let _bomb = Bomb("local");
            source.cancel();
            pending::<Result<(), Cancelled>>().await
        }));
    }));
    assert_eq!((log.take(), token.listeners()), (["a begins", "a ends", "a drops"].map(str::to_owned).to_vec(), 0));
}

#[test]
fn a_body_whose_drop_panics_with_its_scope_leaves_the_resource_to_the_spawner() {
    let (log, jobs, counter) = (Log::new(), Jobs::new(), Counter::new());
    assert!(bomb_of(|| {
        let scope = Using::new(Resource::new("a", &log)).on_drop(jobs.clone()).run(async |_| {
            let _bomb = Bomb("local");
            pending::<Result<(), ()>>().await
        });
        let mut scope = pin!(scope);
        assert!(counter.poll(&mut scope).is_pending());
    }));
    assert_eq!(jobs.run(), 2);
    assert_eq!(log.take(), ["a begins", "a ends", "a drops"]);
}

#[test]
fn a_value_whose_drop_panics_does_not_hide_the_cleanups_panic() {
    let bad = taskcell::dispose_with((), |()| async { if true { panic!("cleanup") } else { Ok::<(), ()>(()) } });
    let panic = panic_of(|| smol::block_on(using(bad, async |_| Ok::<_, ()>(Bomb("value")))));
    assert_eq!(panic, Some("cleanup"));
}
