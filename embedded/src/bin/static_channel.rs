//! The timer interrupt writes to a channel in a `static`, at any instruction of the main loop's reads and writes: 100,000
//! items arrive once, in the order of each who wrote, and whoever waits is woken.
#![no_std]
#![no_main]

use core::cell::Cell;
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};
use critical_section::Mutex;
use taskcell::channel::StaticChannel;

const ITEMS: u32 = 100_000;
/// What the main loop writes, beside what the interrupt does.
const OWN: u32 = 1 << 31;

static QUEUE: StaticChannel<u32, 3, 1> = StaticChannel::new();
static COUNTS: Mutex<Cell<Counts>> = Mutex::new(Cell::new(Counts { written: 0, full: 0, wakes: 0, is_armed: false }));

#[derive(Clone, Copy)]
struct Counts {
    /// By the interrupt.
    written: u32,
    full: u32,
    wakes: u32,
    is_armed: bool,
}

board::on_tick!(tick);

/// It has one try: writes, or finds the channel full.
fn tick() {
    board::stop_tick();
    let before = counts();
    if !before.is_armed {
        return;
    }
    let result = QUEUE.try_write(before.written);
    change(|counts| {
        counts.is_armed = false;
        counts.written += u32::from(result.is_ok());
        counts.full += u32::from(result.is_err());
    });
}

#[board::entry]
fn main() -> ! {
    let mut reader = QUEUE.reader().expect("a place to wait");
    let (mut chance, mut next, mut own, mut own_written, mut slept) = (0x2545_f491_u32, 0, 0, 0, 0_u32);
    let mut take = |item: u32| {
        let (expected, number) = if item & OWN == 0 { (&mut next, item) } else { (&mut own, item - OWN) };
        assert_eq!(*expected, number, "lost, twice, or out of order");
        *expected += 1;
        next + own
    };
    let mut taken = 0;
    while taken < ITEMS {
        chance ^= chance << 13;
        chance ^= chance >> 17;
        chance ^= chance << 5;
        if !counts().is_armed {
            change(|counts| counts.is_armed = true);
            board::start_tick(4 + (chance >> 8) % 1_000);
        }
        if chance & 3 == 0 && QUEUE.try_write(OWN + own_written).is_ok() {
            own_written += 1;
        }
        if chance & 12 == 0 {
            taken = QUEUE.try_read().map_or(taken, &mut take);
            continue;
        }
        let wakes = counts().wakes;
        let mut read = pin!(reader.read());
        match read.as_mut().poll(&mut Context::from_waker(&waker())) {
            Poll::Ready(item) => taken = take(item.expect("nobody closes")),
            // Gives up: nothing was taken.
            Poll::Pending if chance & 16 == 0 => {}
            Poll::Pending => {
                wait();
                slept += 1;
                assert_eq!(counts().wakes, wakes + 1, "a wake was lost, or there were two");
                let Poll::Ready(item) = read.as_mut().poll(&mut Context::from_waker(&waker())) else {
                    panic!("woken for nothing");
                };
                taken = take(item.expect("nobody closes"));
            }
        }
    }
    board::stop_tick();
    change(|counts| counts.is_armed = false);
    while let Ok(item) = QUEUE.try_read() {
        taken = take(item);
    }
    let Counts { written, full, wakes, .. } = counts();
    board::println!(
        "{written} written by the interrupt, which found it full {full} times; {own_written} by the main loop"
    );
    board::println!("{taken} arrived; it slept {slept} times, of {wakes} wakes");
    board::exit(taken == written + own_written && slept <= wakes && slept > 100 && full > 100)
}

/// Until the interrupt came: the channel is empty then, so that it writes.
fn wait() {
    while counts().is_armed {
        critical_section::with(|_| {
            if counts().is_armed {
                board::idle();
            }
        });
    }
}

fn counts() -> Counts {
    critical_section::with(|cs| COUNTS.borrow(cs).get())
}

fn change(how: impl FnOnce(&mut Counts)) {
    critical_section::with(|cs| {
        let mut counts = COUNTS.borrow(cs).get();
        how(&mut counts);
        COUNTS.borrow(cs).set(counts);
    });
}

static TABLE: RawWakerVTable = RawWakerVTable::new(|_| RAW, |_| wake(), |_| wake(), |_| {});
const RAW: RawWaker = RawWaker::new(core::ptr::null(), &TABLE);

fn waker() -> Waker {
    // SAFETY: the table's functions touch nothing but a static.
    unsafe { Waker::from_raw(RAW) }
}

fn wake() {
    assert!(board::interrupts_enabled(), "a waker ran with interrupts off");
    change(|counts| counts.wakes += 1);
}
