//! An application without a heap: all that waits, counts and cancels lies in `static`s or in the one future that runs.
//!
//! The timer's interrupt fires the timers, finds the link up and the battery empty. The main program measures, sends and
//! waits. At the end nothing may be left: no waiter, no timer.
#![no_std]
#![no_main]

use board::executor::block_on;
use core::future::pending;
use core::pin::pin;
use core::task::Waker;
use core::time::Duration;
use taskcell::few::{OneOf, when_all, when_any};
use taskcell::time::{Alarm, StaticTimerQueue, Timestamp, delay_on};
use taskcell::{Backoff, Full, StaticCancellationTokenSource, StaticTaskCell, TimeProvider, UnfinishedCause};
use taskcell::{retry_on, timeout_on, until_cancelled};

const MS: Duration = Duration::from_millis(1);
/// In ticks, after the start.
const LINK_UP: u32 = 20;
const BATTERY_EMPTY: u32 = 400;

/// The device, and two parts of it that end with it.
static DEVICE: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
static SENSOR: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
static RADIO: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
/// The channel of the radio, once the link is up.
static LINK: StaticTaskCell<u8, 1> = StaticTaskCell::new();
/// As many timers as are armed at a time.
static TIMERS: StaticTimerQueue<3> = StaticTimerQueue::new();

/// The board's ticks, with a queue of timers. It takes no room where it is kept.
#[derive(Clone, Copy)]
struct Clock;

impl TimeProvider for Clock {
    fn now(&self) -> Timestamp {
        board::now().into()
    }

    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        TIMERS.arm(deadline, waker).expect("a free timer")
    }
}

board::on_tick!(tick);

fn tick() {
    TIMERS.turn(Clock.now());
    match board::ticks() {
        LINK_UP => LINK.try_set(11).expect("nobody else sets it"),
        BATTERY_EMPTY => drop(DEVICE.cancel()),
        _ => {}
    }
}

#[board::entry]
fn main() -> ! {
    SENSOR.link(&DEVICE).expect("a slot of the device");
    RADIO.link(&DEVICE).expect("a slot of the device");
    board::start_tick(16_000);
    let (end, polls) = block_on(pin!(run()));
    board::stop_tick();
    let waiters = DEVICE.token().listeners() + SENSOR.token().listeners() + RADIO.token().listeners();
    board::println!("{end:?} after {} ticks and {polls} polls", board::ticks());
    board::println!("left: {waiters} waiters, {} timers", TIMERS.armed());
    board::exit(end == Ok(()) && waiters == 0 && TIMERS.armed() == 0)
}

/// What can fail is a lack of slots.
async fn run() -> Result<(), Full> {
    measure().await;
    let channel = *LINK.slot()?.await;
    assert_eq!(channel, 11);
    send(channel).await;
    upload().await;
    listen().await;
    Ok(())
}

/// Sensors of different kinds, and three of one kind.
async fn measure() {
    let start = Clock.now();
    let light = async {
        delay_on(Clock, 10 * MS).await;
        true
    };
    let air = async {
        delay_on(Clock, 20 * MS).await;
        1013
    };
    assert_eq!(when_all((light, air)).await, (true, 1013));
    assert!(Clock.now().saturating_duration_since(start) >= 20 * MS);

    let rooms = [15, 5, 10].map(|degrees| async move {
        delay_on(Clock, degrees * MS).await;
        degrees
    });
    let rooms = when_all(rooms).await;
    assert_eq!(rooms, [15, 5, 10]);

    // One that hangs is given so much time, and then dropped.
    assert!(timeout_on(Clock, 10 * MS, pending::<u32>()).await.is_err());
    board::println!("measured {rooms:?}");
}

/// An answer or an end of patience; and the faster of two ways.
async fn send(channel: u8) {
    let answer = async {
        delay_on(Clock, 5 * MS).await;
        channel + 1
    };
    assert_eq!(when_any((answer, delay_on(Clock, 30 * MS))).await, OneOf::First(12));
    assert_eq!(when_any([delay_on(Clock, 30 * MS), delay_on(Clock, 5 * MS)]).await, (1, ()));
    board::println!("sent on channel {channel}");
}

/// A weak link: tried again after 5 ms, and after 10 ms more.
async fn upload() {
    let start = Clock.now();
    let attempts = retry_on(Clock, async |attempt| if attempt.number < 2 { Err(()) } else { Ok(attempt.number + 1) })
        .backoff_seeded(Backoff::exponential(5 * MS), 0)
        .token(&RADIO.token())
        .await;
    assert_eq!(attempts.ok(), Some(3));
    assert!(Clock.now().saturating_duration_since(start) >= 15 * MS);
    board::println!("uploaded at the third attempt");
}

/// Looks every now and then, until the battery is empty and the device is cancelled with all its parts.
async fn listen() {
    let mut looks = 0;
    let cause = loop {
        match until_cancelled(delay_on(Clock, 50 * MS), &RADIO.token()).await {
            Ok(()) => looks += 1,
            Err(unfinished) => break unfinished.cause(),
        }
    };
    assert_eq!(cause, UnfinishedCause::Cancelled);
    assert!(looks > 1 && SENSOR.is_cancelled() && !DEVICE.cancel());
    board::println!("looked {looks} times until the battery was empty");
}
