//! Models of a value that one of many takes.
#![cfg(loom)]

use loom::thread;
use taskcell::Panic;
use taskcell_loom_tests::{Bound, Data, Drops, Tracked, model, name};

/// What a panic carries: memory that was written before, and a count of drops.
struct Payload {
    data: Data,
    _tracked: Tracked,
}

fn panic(drops: &Drops) -> (Panic, Data) {
    let data = Data::new();
    data.write();
    (Panic::new(Box::new(Payload { data: data.clone(), _tracked: drops.track() })), data)
}

fn take(panic: &Panic) -> bool {
    let Some(payload) = panic.take_payload() else { return false };
    let payload = payload.downcast::<Payload>().expect("what was put in");
    payload.data.read();
    payload.data.write();
    true
}

/// One of them has it, alone, and sees what was written before.
#[test]
fn payload_taken_by_two() {
    model(name!(), Bound::Exhaustive, || {
        let drops = Drops::new();
        let (mine, data) = panic(&drops);
        let theirs = mine.clone();
        let other = thread::spawn(move || take(&theirs));
        let won = take(&mine);
        let lost = other.join().unwrap();
        assert!(won != lost, "taken once");
        data.write();
        assert_eq!(drops.live(), 0);
        drop(mine);
        assert_eq!(drops.count(), 1);
    });
}

/// Whoever lets go of the holder last drops what is left in it.
#[test]
fn payload_taken_against_the_last_handle() {
    model(name!(), Bound::Exhaustive, || {
        let drops = Drops::new();
        let (mine, _) = panic(&drops);
        let theirs = mine.clone();
        let other = thread::spawn(move || take(&theirs));
        drop(mine);
        assert!(other.join().unwrap(), "nobody else takes it");
        assert_eq!(drops.count(), 1);
    });
}

/// Nobody takes it; it goes with the last handle.
#[test]
fn payload_left_by_two_handles() {
    model(name!(), Bound::Exhaustive, || {
        let drops = Drops::new();
        let (mine, _) = panic(&drops);
        let theirs = mine.clone();
        let other = thread::spawn(move || drop(theirs));
        drop(mine);
        other.join().unwrap();
        assert_eq!(drops.count(), 1);
    });
}
