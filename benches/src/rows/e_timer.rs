//! E: timers of one hour that never fire. Ours are on the std driver; tokio's in a runtime of the current thread.

use super::signal::{context, pending};
use crate::meter::Meter;
use std::future::Future;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);

/// Whose timer.
pub(super) trait Timer {
    /// What must be alive meanwhile.
    type World;
    fn world() -> Self::World;
    fn sleep() -> impl Future;
    /// Runs the row where the timers work.
    fn within(world: &Self::World, row: impl FnOnce()) {
        let _ = world;
        row();
    }
}

pub(super) struct Ours;

impl Timer for Ours {
    type World = ();

    fn world() {}

    fn sleep() -> impl Future {
        taskcell::time::delay(black_box(HOUR))
    }
}

pub(super) struct Tokio;

impl Timer for Tokio {
    type World = tokio::runtime::Runtime;

    fn world() -> Self::World {
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
    }

    fn sleep() -> impl Future {
        tokio::time::sleep(black_box(HOUR))
    }

    fn within(world: &Self::World, row: impl FnOnce()) {
        let _entered = world.enter();
        row();
    }
}

pub(super) struct FuturesTimer;

impl Timer for FuturesTimer {
    type World = ();

    fn world() {}

    fn sleep() -> impl Future {
        futures_timer::Delay::new(black_box(HOUR))
    }
}

pub(super) struct AsyncIo;

impl Timer for AsyncIo {
    type World = ();

    fn world() {}

    fn sleep() -> impl Future {
        async_io::Timer::after(black_box(HOUR))
    }
}

/// Places for timers, filled by `fill`.
type Places<F> = Vec<Pin<Box<Option<F>>>>;

fn places<F>(count: usize) -> Places<F> {
    (0..count).map(|_| Box::pin(None)).collect()
}

fn fill<F: Future>(places: &mut Places<F>, sleep: impl Fn() -> F) {
    let mut context = context();
    for place in places {
        place.set(Some(sleep()));
        if let Some(sleep) = place.as_mut().as_pin_mut() {
            pending(sleep, &mut context);
        }
    }
}

pub(super) fn e1<T: Timer, const LIVE: usize>(meter: &mut Meter, n: usize) {
    let world = T::world();
    T::within(&world, || {
        // One more than that: it starts whatever the first timer has to start.
        let mut live = places(LIVE + 1);
        fill(&mut live, T::sleep);
        if LIVE == 0 {
            live.clear();
        }
        let mut context = context();
        meter.start();
        for _ in 0..n {
            pending(pin!(T::sleep()), &mut context);
        }
        meter.stop(n);
    });
}

pub(super) fn e2<T: Timer>(meter: &mut Meter, n: usize) {
    let world = T::world();
    T::within(&world, || {
        let mut timers = places(n);
        meter.start();
        fill(&mut timers, T::sleep);
        meter.stop(n);
    });
}

pub(super) fn e2d<T: Timer>(meter: &mut Meter, n: usize) {
    let world = T::world();
    T::within(&world, || {
        let mut timers = places(n);
        fill(&mut timers, T::sleep);
        meter.start();
        for timer in &mut timers {
            timer.set(None);
        }
        meter.stop(n);
    });
}

pub(super) fn e3<T: Timer>(meter: &mut Meter, n: usize) {
    let world = T::world();
    T::within(&world, || {
        fill(&mut places(1), T::sleep);
        meter.start();
        for _ in 0..n {
            drop(black_box(T::sleep()));
        }
        meter.stop(n);
    });
}

/// A source with a time limit that does not come to pass.
pub(super) fn e4(meter: &mut Meter, n: usize) {
    fill(&mut places(1), Ours::sleep);
    meter.start();
    for _ in 0..n {
        let source = taskcell::CancellationTokenSource::new();
        source.cancel_after(black_box(HOUR));
        drop(black_box(source));
    }
    meter.stop(n);
}
