//! An application without a heap: all that waits, counts and cancels lies in `static`s or in the one future that runs.
//!
//! The timer's interrupt fires the timers, takes samples, finds the link up and the battery empty. The main program measures,
//! sends and waits. At the end nothing may be left: no waiter, no timer, no sample.
#![no_std]
#![no_main]

use board::executor::block_on;
use core::future::pending;
use core::pin::pin;
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use taskcell::few::{OneOf, when_all, when_any};
use taskcell::time::{StaticClock, StaticTimerQueue, TimeProvider, delay_on};
use taskcell::{Backoff, CancellationSlot, Full, UnfinishedCause, retry_on, timeout_on, until_cancelled};
use taskcell::{StaticCancellationTokenSource, StaticChannel, StaticReader, StaticTaskCell, StaticToken};

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
/// Samples for one who reads them; of those for which there is no room it is counted how many.
static SAMPLES: StaticChannel<u32, 4, 1> = StaticChannel::new();
static MISSED: AtomicU32 = AtomicU32::new(0);
/// As many timers as are out at a time, and the clock that they belong to.
static TIMERS: StaticTimerQueue<3> = StaticTimerQueue::new();
static CLOCK: StaticClock<3> = StaticClock::new(&TIMERS, || board::now().into());

board::on_tick!(tick);

fn tick() {
    CLOCK.turn();
    if SAMPLES.try_write(board::ticks()).is_err_and(|sample| sample.is_full()) {
        // ORDERING: a number; one core, and nobody else writes it. A core without compare-and-swap cannot add.
        MISSED.store(missed() + 1, Ordering::Relaxed);
    }
    match board::ticks() {
        LINK_UP => LINK.try_set(11).expect("nobody else sets it"),
        BATTERY_EMPTY => {
            SAMPLES.try_complete();
            DEVICE.cancel();
        }
        _ => {}
    }
}

fn missed() -> u32 {
    // ORDERING: as in `tick`.
    MISSED.load(Ordering::Relaxed)
}

#[board::entry]
fn main() -> ! {
    SENSOR.link(&DEVICE).expect("a slot of the device");
    RADIO.link(&DEVICE).expect("a slot of the device");
    board::start_tick(16_000);
    let (end, polls) = block_on(pin!(run()));
    board::stop_tick();
    board::println!("{end:?} after {} ticks and {polls} polls", board::ticks());

    // Ready for another day, with the links of the two parts and nothing else.
    let is_new = DEVICE.try_reset() && SENSOR.try_reset() && RADIO.try_reset();
    let left = [&DEVICE.token(), &SENSOR.token(), &RADIO.token()].map(StaticToken::listeners);
    board::println!("left: {left:?} waiters, callbacks and links, {} timers", CLOCK.armed());
    board::exit(end == Ok(()) && is_new && left == [2, 0, 0] && CLOCK.armed() == 0 && SAMPLES.is_completed())
}

/// What can fail is a lack of slots.
async fn run() -> Result<(), Full> {
    measure().await;
    let channel = *LINK.slot()?.await;
    assert_eq!(channel, 11);
    send(channel).await;
    upload().await;
    receive().await?;
    let mut samples = SAMPLES.reader()?;
    sample(&mut samples).await;
    listen().await;
    drain(&mut samples).await;
    Ok(())
}

/// Sensors of different kinds, and three of one kind.
async fn measure() {
    let start = CLOCK.now();
    let light = async {
        delay_on(&CLOCK, 10 * MS).await;
        true
    };
    let air = async {
        delay_on(&CLOCK, 20 * MS).await;
        1013
    };
    assert_eq!(when_all((light, air)).await, (true, 1013));
    assert!(CLOCK.now().saturating_duration_since(start) >= 20 * MS);

    let rooms = [15, 5, 10].map(|degrees| async move {
        delay_on(&CLOCK, degrees * MS).await;
        degrees
    });
    let rooms = when_all(rooms).await;
    assert_eq!(rooms, [15, 5, 10]);

    // One that hangs is given so much time, and then dropped.
    assert!(timeout_on(&CLOCK, 10 * MS, pending::<u32>()).await.is_err());
    board::println!("measured {rooms:?}");
}

/// An answer or an end of patience; and the faster of two ways.
async fn send(channel: u8) {
    let answer = async {
        delay_on(&CLOCK, 5 * MS).await;
        channel + 1
    };
    assert_eq!(when_any((answer, delay_on(&CLOCK, 30 * MS))).await, OneOf::First(12));
    assert_eq!(when_any([delay_on(&CLOCK, 30 * MS), delay_on(&CLOCK, 5 * MS)]).await, (1, ()));
    board::println!("sent on channel {channel}");
}

/// A weak link: tried again after 5 ms, and after 10 ms more.
async fn upload() {
    let start = CLOCK.now();
    let attempts = retry_on(&CLOCK, async |attempt| if attempt.number < 2 { Err(()) } else { Ok(attempt.number + 1) })
        .backoff_seeded(Backoff::exponential(5 * MS), 0)
        .token(&RADIO.token())
        .await;
    assert_eq!(attempts.ok(), Some(3));
    assert!(CLOCK.now().saturating_duration_since(start) >= 15 * MS);
    board::println!("uploaded at the third attempt");
}

/// The radio is switched off when it has heard nothing for a while; switched on again, it hears something in time.
async fn receive() -> Result<(), Full> {
    let _timer = RADIO.cancel_after_on(&CLOCK, 10 * MS);
    RADIO.slot()?.cancelled().await;
    assert!(RADIO.token().reason().is_some_and(|reason| reason.is_deadline() && !reason.is_inherited()));
    assert!(!DEVICE.is_cancelled() && RADIO.try_reset());

    let timer = RADIO.cancel_after_on(&CLOCK, 10 * MS);
    delay_on(&CLOCK, 5 * MS).await;
    assert!(timer.disarm());
    delay_on(&CLOCK, 10 * MS).await;
    assert!(!RADIO.is_cancelled());
    board::println!("received in time, the second time");
    Ok(())
}

type Samples = StaticReader<'static, u32, 4, 1>;

/// What had room before anybody read, and then each sample as it comes.
async fn sample(samples: &mut Samples) {
    let mut read = [0; 12];
    for sample in &mut read {
        *sample = samples.read().await.expect("it is open");
    }
    assert_eq!(read[..4], [1, 2, 3, 4]);
    assert!(read[4..].windows(2).all(|two| two[0] + 1 == two[1]));
    assert_eq!(missed(), read[4] - 5);
    board::println!("sampled {read:?}");
}

/// Looks every now and then, until the battery is empty and the device is cancelled with all its parts.
async fn listen() {
    let mut looks = 0;
    let cause = loop {
        match until_cancelled(delay_on(&CLOCK, 50 * MS), &RADIO.token()).await {
            Ok(()) => looks += 1,
            Err(unfinished) => break unfinished.cause(),
        }
    };
    assert_eq!(cause, UnfinishedCause::Cancelled);
    assert!(RADIO.token().reason().is_some_and(|reason| reason.is_requested() && reason.is_inherited()));
    assert!(looks > 1 && SENSOR.is_cancelled() && !DEVICE.cancel());
    board::println!("looked {looks} times until the battery was empty");
}

/// What was sampled before the end is there after it.
async fn drain(samples: &mut Samples) {
    let mut left = 0;
    while let Ok(sample) = samples.read().await {
        assert!(sample < BATTERY_EMPTY);
        left += 1;
    }
    assert_eq!(left, 4);
    board::println!("{left} samples were left, {} had no room", missed());
}
