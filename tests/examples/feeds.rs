//! The example `feeds`: its own feeds, others, flags.

use crate::{assert_order, run};

#[test]
fn each_feed_is_asked_as_little_as_can_be() {
    let (code, text) = run("feeds", &[]);
    assert_eq!(code, Some(0), "{text}");
    let rounds: Vec<&str> = text.split("round ").skip(1).collect();
    assert_eq!(rounds.len(), 3, "{text}");
    for round in &rounds {
        assert!(round.contains("News of rust: 4 items, the first: No. 4: tea & biscuits <for all>"), "{text}");
        assert!(round.contains("/page: that is no RSS feed"), "{text}");
    }
    assert!(rounds[0].contains("/broken: the server answered 503"), "{text}");
    assert!(rounds[2].contains("/broken: the circuit is open"), "{text}");
    let row = |name| {
        let mut cells = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let found = cells.rfind(|cells| cells.len() == 4 && cells[0] == name);
        found.unwrap_or_else(|| panic!("no {name} in {text}"))[1..].join(" ")
    };
    assert_eq!(row("rust"), "15 1 closed");
    assert_eq!(row("stumbling"), "15 3 closed");
    assert_eq!(row("broken"), "15 3 open");
    // A machine that stalls may let more of the requests be late.
    assert!(row("slow").starts_with("15 "), "{text}");
    assert_order(&text, &["circuit", "at the end: 0 armed timers"]);
}

#[test]
fn bad_urls_are_named() {
    assert_eq!(run("feeds", &["--help"]).0, Some(0));
    for bad in ["--url", "https://example.org/feed", "http://:80/", "http://localhost:x/", "localhost"] {
        assert_eq!(run("feeds", &[bad]).0, Some(2), "{bad}");
    }
    // Nobody listens there.
    let (code, text) = run("feeds", &["http://127.0.0.1:1/feed"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("http://127.0.0.1:1/feed: "), "{text}");
}
