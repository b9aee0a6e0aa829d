//! Pages, and requests that get none.

use crate::running::{Running, assert_order, read_all, status};
use std::{
    io::Write as _,
    thread::sleep,
    time::{Duration, Instant},
};

#[test]
fn pages_are_served() {
    let server = Running::serve();
    assert_eq!(status(&server.get("/")), "200");
    let names = ["products", "stock", "reviews", "recommendations"];
    let html = server.get("/product/7");
    assert_eq!(status(&html), "200");
    assert_order(&html, &names);
    let json = server.get("/product/7?json&sequential");
    assert!(json.contains("application/json") && json.contains("\"product\": 7"), "{json}");
    let head = server.raw(b"HEAD /product/7 HTTP/1.1\r\nHost: here\r\n\r\n");
    assert!(status(&head) == "200" && head.ends_with("\r\n\r\n"), "{head}");
    assert_eq!(status(&server.raw(b"GET / HTTP/1.0\r\n\r\n")), "200");
}

#[test]
fn what_a_service_said_last_stands_in_for_it() {
    let server = Running::serve();
    // Now and then a service is slow: then it says nothing that could be remembered.
    let is_whole = (0..20).any(|_| !server.get("/product/7").contains("is missing"));
    assert!(is_whole, "twenty pages in a row without a part");
    let html = server.get("/product/7?fail=reviews");
    assert!(html.contains("stars from") && html.contains("as of earlier"), "{html}");
    let json = server.get("/product/7?json&fail=reviews");
    assert!(json.contains("\"stale\": [\"reviews\"]"), "{json}");
    assert!(server.stat("parts from memory") >= 2);
    // Each of the two was asked twice more.
    assert!(server.stat("requests repeated after a 503") >= 4);
}

#[test]
fn a_failing_service_is_missing_and_named() {
    let server = Running::serve();
    let html = server.get("/product/7?fail=reviews");
    assert_eq!(status(&html), "200");
    assert!(html.contains("reviews is missing: the service answered 503"), "{html}");
    let json = server.get("/product/8?json&fail=stock,products&slow=reviews");
    assert_eq!(status(&json), "200");
    let missing = json.split("\"missing\": ").nth(1).expect("there is a list");
    assert!(missing.contains("\"products\": \"the service answered 503\""), "{json}");
    assert!(missing.contains("\"stock\": \"the service answered 503\""), "{json}");
    assert!(missing.contains("\"reviews\": \"no answer within 500 ms\""), "{json}");
    assert_eq!(status(&server.get("/product/7?fail=nonsense")), "400");
}

#[test]
fn numbers_are_drawn() {
    let server = Running::serve();
    assert_eq!(status(&server.get("/product/7")), "200");
    let html = server.get("/stats");
    assert!(html.contains("text/html"), "{html}");
    assert_order(
        &html,
        &["<td>products<td><span class='state closed'>", "<td>recommendations<td>", "Cache: ", "calls begun"],
    );
    assert!(html.matches("class=bar").count() > 20, "{html}");
    let json = server.get("/stats?json");
    assert!(json.contains("application/json") && json.contains("\"calls_begun\": 4"), "{json}");
}

#[test]
fn a_service_out_of_order_is_left_alone() {
    let server = Running::serve();
    // Other products each time: what failed is not kept, but might be shared.
    for product in 0..40 {
        server.get(&format!("/product/{product}?fail=stock"));
        if server.service("stock").contains("\"circuit\": \"open\"") {
            break;
        }
    }
    let stock = server.service("stock");
    assert!(stock.contains("\"circuit\": \"open\"") && stock.contains("\"trips\": 1"), "{stock}");
    let page = server.get("/product/500?fail=stock");
    assert_order(&page, &["stock is missing: the service was not asked: the circuit is open"]);
    assert!(server.service("reviews").contains("\"circuit\": \"closed\""));
    // After the break a few calls try, and the service is back.
    let end = Instant::now() + Duration::from_secs(20);
    let mut product = 600;
    while !server.service("stock").contains("\"circuit\": \"closed\"") {
        assert!(Instant::now() < end, "{}", server.service("stock"));
        server.get(&format!("/product/{product}"));
        product += 1;
        sleep(Duration::from_millis(50));
    }
    let ended = server.interrupt();
    assert_order(&ended.stderr, &["circuit: stock is open", "circuit: stock is tried", "circuit: stock is closed"]);
}

#[test]
fn bad_requests_are_refused() {
    let server = Running::serve();
    for path in ["/nope", "/product/", "/product/x", "/product/1000", "/product/-1", "/product/7/8"] {
        assert_eq!(status(&server.get(path)), "404", "{path}");
    }
    let malformed: [&[u8]; 7] = [
        b"GARBAGE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\xfc\x03\x03",
        b"GET /\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET product/7 HTTP/1.1\r\nHost: here\r\n\r\n",
    ];
    for request in malformed {
        assert_eq!(status(&server.raw(request)), "400", "{}", request.escape_ascii());
    }
    assert_eq!(status(&server.raw(b"POST / HTTP/1.1\r\nHost: here\r\n\r\n")), "405");
    let long = format!("GET /{} HTTP/1.1\r\nHost: here\r\n\r\n", "x".repeat(20_000));
    assert_eq!(status(&server.raw(long.as_bytes())), "431");
    let many = format!("GET / HTTP/1.1\r\nHost: here\r\n{}\r\n", "a: b\r\n".repeat(500));
    assert_eq!(status(&server.raw(many.as_bytes())), "431");
    assert_eq!(server.stat("requests refused"), 9);
    assert_eq!(status(&server.get("/product/7")), "200", "it goes on after all this");
}

#[test]
fn a_client_that_dribbles_is_cut_off() {
    let server = Running::serve();
    let mut client = server.connect();
    let start = Instant::now();
    // A byte now and then does not prolong the time for the whole head.
    while start.elapsed() < Duration::from_secs(4) {
        client.write_all(b"G").expect("the gateway reads");
        sleep(Duration::from_millis(200));
    }
    assert_eq!(status(&read_all(&mut client)), "408");
}
