//! Calls that pages share, that nobody wants any more, that fail.

use crate::running::{Running, assert_order, read_all, status};
use crate::tail;
use std::{
    thread::sleep,
    time::{Duration, Instant},
};

/// All calls of this page are too slow.
const SLOW: &str = "/product/1?slow=products,stock,reviews,recommendations";
/// Too slow calls are under way for at least this long.
const CALLS_LAST: Duration = Duration::from_millis(400);
/// A machine that stalls for so long that calls time out gets another try, so often.
const TRIES: usize = 10;

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(5)
}

/// A product whose reviews take this long, in milliseconds, when they are asked for first.
fn product(reviews: std::ops::Range<u128>) -> u64 {
    let fits = |&product: &u64| {
        let mut rng = tail::Rng::keyed(&[1, 2, product, 0]);
        reviews.contains(&rng.latency().as_millis()) && rng.unit() > 0.01
    };
    (0..1000).find(fits).expect("there are such products")
}

#[test]
fn a_page_goes_on_with_calls_whose_other_client_left() {
    let target = format!("/product/{}?slow=products,stock,recommendations", product(350..430));
    for _ in 0..TRIES {
        let server = Running::serve();
        let end = Instant::now() + Duration::from_millis(300);
        let (leaves, mut stays) = (server.ask(&target), server.ask(&target));
        if !server.counts(4, "parts fresh or shared", end) {
            continue;
        }
        drop(leaves);
        let left = server.counts(1, "pages cancelled, client left", end);
        let answer = read_all(&mut stays);
        let timed_out = server.stat("calls timed out");
        if !left || timed_out > 3 {
            continue;
        }
        assert_eq!(status(&answer), "200");
        assert_order(
            &answer,
            &["stock is missing: no answer within 500 ms", "stars from", "recommendations is missing"],
        );
        assert_eq!((server.stat("calls begun"), timed_out, server.stat("calls answered")), (4, 3, 1));
        assert_eq!(server.stat("calls cancelled, client left"), 0);
        assert_eq!(server.stat("calls pending now"), 0);
        return;
    }
    panic!("two pages at once never shared their calls");
}

#[test]
fn calls_are_cancelled_when_the_last_client_has_left() {
    for _ in 0..TRIES {
        let server = Running::serve();
        let end = Instant::now() + CALLS_LAST;
        let clients = [server.ask(SLOW), server.ask(SLOW)];
        let were_shared = server.counts(4, "parts fresh or shared", end);
        // The services have read the requests by then, if the machine does not stall.
        sleep(Duration::from_millis(100));
        drop(clients);
        assert!(server.counts(0, "calls pending now", soon()));
        if !were_shared || server.stat("calls timed out") > 0 {
            continue;
        }
        assert!(server.counts(2, "pages cancelled, client left", soon()));
        assert_eq!((server.stat("calls begun"), server.stat("calls cancelled, client left")), (4, 4));
        assert_eq!(server.stat("faults logged"), 0, "to be cancelled is no fault");
        // One of the four calls is hedged: it has made a second request, which is cancelled with the first.
        if server.counts(5, "calls seen closed by the services", Instant::now() + Duration::from_secs(1)) {
            return;
        }
    }
    panic!("there never were four calls that two pages shared and the services saw closing");
}

#[test]
fn an_answer_is_fresh_for_a_while() {
    let server = Running::serve();
    for product in 0..TRIES {
        let target = format!("/product/{product}");
        if server.get(&target).contains("is missing") {
            continue;
        }
        let (begun, shared) = (server.stat("calls begun"), server.stat("parts fresh or shared"));
        let again = server.get(&target);
        // A machine that stalls for ten seconds asks again.
        if server.stat("calls begun") == begun {
            assert!(!again.contains("is missing"), "{again}");
            assert_eq!(server.stat("parts fresh or shared"), shared + 4);
            return;
        }
    }
    panic!("no page was whole, and fresh");
}

#[test]
fn a_failure_is_not_kept() {
    let server = Running::serve();
    let target = "/product/7?fail=reviews";
    assert!(server.get(target).contains("reviews is missing"));
    let failed = server.stat("calls failed");
    assert!(server.get(target).contains("reviews is missing"));
    assert!(server.stat("calls failed") > failed);
}

#[test]
fn a_fault_is_logged_once_for_each_call() {
    let server = Running::serve();
    assert_eq!(status(&server.get("/product/7?fail=reviews")), "200");
    assert_eq!(status(&server.get("/product/8?slow=stock")), "200");
    let logged = server.stat("faults logged");
    let faults = ["calls failed", "calls timed out", "calls rejected"].map(|name| server.stat(name));
    assert_eq!(logged, faults.iter().sum::<usize>());
    let ended = server.interrupt();
    assert_eq!(ended.stderr.lines().count(), logged, "{ended:?}");
    let lines =
        ["call: reviews of product 7: the service answered 503", "call: stock of product 8: no answer within 500 ms"];
    for line in lines {
        assert_eq!(ended.stderr.lines().filter(|other| *other == line).count(), 1, "{ended:?}");
    }
}

#[test]
fn a_page_does_not_wait_for_a_call_without_a_limit() {
    let server = Running::serve();
    let start = Instant::now();
    let answer = server.get("/product/7?stuck=stock");
    assert!((3..20).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    assert_eq!(status(&answer), "200");
    assert!(answer.contains("stock is missing: no answer in the time for the whole page"), "{answer}");
    assert_eq!(server.stat("pages with a part missing"), 1);
    assert_eq!(server.stat("calls pending now"), 1, "the call goes on: it hears of nothing");
    let ended = server.interrupt();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_order(&ended.stdout, &["1 abandoned", "0 calls pending"]);
}

#[test]
fn a_client_that_leaves_cancels_its_calls() {
    let server = Running::serve();
    for _ in 0..TRIES {
        let client = server.ask("/product/1?slow=stock");
        sleep(Duration::from_millis(100));
        drop(client);
        sleep(Duration::from_millis(100));
        if server.stat("pages cancelled, client left") > 0 {
            break;
        }
    }
    assert_eq!(server.stat("pages cancelled, client left"), 1);
    assert!(server.counts(0, "calls pending now", soon()));
    assert!(server.stat("calls cancelled, client left") >= 1);
    let end = soon();
    while server.stat("calls seen closed by the services") == 0 {
        assert!(Instant::now() < end, "the service did not see its connection close");
        sleep(Duration::from_millis(20));
    }
}
