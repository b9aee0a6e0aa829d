//! Time without ticks and without a heap: the core sleeps from one deadline to the next, however far that is.
//!
//! The clock sets the hardware's alarm to what is due next, whenever that changes; the interrupt fires it. Seven deadlines,
//! from a millisecond to ten seconds away, of which two are not waited for, take few interrupts; ticks would be thousands.
#![no_std]
#![no_main]

use board::executor::block_on;
use core::pin::pin;
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use taskcell::few::when_all;
use taskcell::time::{StaticClock, StaticTimerQueue, TimeProvider, Timestamp, delay_on};
use taskcell::{CancellationSlot, StaticCancellationTokenSource, timeout_on, until_cancelled};

const MS: Duration = Duration::from_millis(1);

static TIMERS: StaticTimerQueue<5> = StaticTimerQueue::new();
static CLOCK: StaticClock<5> = StaticClock::new(&TIMERS, board::alarm::now).with_alarm(board::alarm::set);
static NIGHT: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
static ALARMS: AtomicU32 = AtomicU32::new(0);

board::on_alarm!(alarm);

fn alarm() {
    // ORDERING: one core, and nobody else writes; a core without compare-and-swap cannot add.
    ALARMS.store(alarms() + 1, Ordering::Relaxed);
    CLOCK.turn();
}

fn alarms() -> u32 {
    // ORDERING: one core.
    ALARMS.load(Ordering::Relaxed)
}

#[board::entry]
fn main() -> ! {
    board::alarm::start();
    let start = CLOCK.now();
    let _night = NIGHT.cancel_after_on(&CLOCK, 2000 * MS);
    let (late, polls) = block_on(pin!(run(start)));
    let (alarms, armed) = (alarms(), CLOCK.armed());
    board::println!("{alarms} alarms and {polls} polls, none later than {late:?}; {armed} timers are left");
    board::exit(alarms < 12 && polls < 12 && late < 2 * MS && armed == 0)
}

/// Waits in several ways, and says how late it was at most.
async fn run(start: Timestamp) -> Duration {
    let past = |time: u32| CLOCK.now().saturating_duration_since(start).checked_sub(time * MS).expect("never early");
    let delays = [300, 1, 20].map(|time| async move {
        delay_on(&CLOCK, time * MS).await;
        past(time)
    });
    let mut late = when_all(delays).await.into_iter().max().unwrap_or_default();

    // In time: its timer is disarmed, and the alarm set to the next one.
    assert!(timeout_on(&CLOCK, 10_000 * MS, delay_on(&CLOCK, 100 * MS)).await.is_ok());
    late = late.max(past(400));

    assert!(until_cancelled(delay_on(&CLOCK, 10_000 * MS), &NIGHT.token()).await.is_err());
    NIGHT.slot().expect("a slot to wait in").cancelled().await;
    late.max(past(2000))
}
