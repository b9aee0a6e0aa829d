//! Ctrl-C.

use crate::running::{Running, assert_order, read_all, status};
use std::{
    io::Write as _,
    thread::sleep,
    time::{Duration, Instant},
};

/// Slow calls are under way for at least this long.
const CALLS_LAST: Duration = Duration::from_millis(400);

const STOPPED: [&str; 6] = [
    "Ctrl-C: stopping",
    "no more clients are accepted",
    "all pages have ended",
    "the calls have ended",
    "all services have ended",
    "at the end: 0 listeners, 0 armed timers, 0 calls pending",
];

#[test]
fn ctrl_c_stops_the_drive_in_order() {
    let mut running = Running::start(&["--requests", "100000"]);
    running.line();
    sleep(Duration::from_millis(500));
    let ended = running.interrupt();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_order(&ended.stdout, &STOPPED);
}

#[test]
fn ctrl_c_cancels_open_pages_and_silent_clients() {
    let server = Running::serve();
    let mut silent = server.connect();
    silent.write_all(b"GET /pro").expect("the gateway reads");
    let mut waiting = server.ask("/product/1?slow=stock");
    sleep(Duration::from_millis(100));
    let start = Instant::now();
    let ended = server.interrupt();
    assert!(start.elapsed() < Duration::from_secs(3), "the shutdown waited for a client");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_order(&ended.stdout, &STOPPED);
    assert_eq!(status(&read_all(&mut silent)), "503");
    let answer = read_all(&mut waiting);
    assert!(matches!(status(&answer), "503" | "200"), "{answer}");
}

#[test]
fn ctrl_c_leaves_no_call_pending() {
    // On a machine that stalls for as long as a call may take, the calls time out first: hence the tries.
    for _ in 0..10 {
        let server = Running::serve();
        let start = Instant::now();
        let mut waiting = server.ask("/product/1?slow=products,stock,reviews,recommendations");
        let are_pending = server.counts(4, "calls pending now", start + CALLS_LAST);
        let ended = server.interrupt();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_order(&ended.stdout, &STOPPED);
        if are_pending && !ended.stdout.contains(" 0 cancelled") {
            assert_eq!(status(&read_all(&mut waiting)), "503");
            assert!(
                ended.stdout.contains("0 answered, 0 failed, 0 timed out, 0 rejected, 4 cancelled, 0 abandoned"),
                "{ended:?}"
            );
            assert_eq!(ended.stderr, "", "to be cancelled is no fault");
            return;
        }
    }
    panic!("the calls never lasted until Ctrl-C");
}

#[test]
fn a_call_that_does_not_hear_of_the_shutdown_is_abandoned() {
    let server = Running::serve();
    let mut waiting = server.ask("/product/1?stuck=stock");
    // The others end soon, one way or another.
    assert!(server.counts(4, "calls begun", Instant::now() + Duration::from_secs(2)));
    assert!(server.counts(1, "calls pending now", Instant::now() + Duration::from_secs(2)));
    let ended = server.interrupt();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_order(&ended.stdout, &STOPPED);
    assert!(ended.stdout.contains(" 0 cancelled, 1 abandoned"), "{ended:?}");
    assert_order(&ended.stderr, &["call: stock of product 1: it was given up"]);
    assert_eq!(status(&read_all(&mut waiting)), "503");
}
