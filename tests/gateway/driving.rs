//! The run that drives itself, and the flags.

use crate::running::run;

#[test]
fn it_drives_itself_and_leaves_nothing_running() {
    let plot = concat!(env!("CARGO_TARGET_TMPDIR"), "/gateway.svg");
    let output = run(&["--requests", "60", "--seed=3", "--calls=400", "--plot", plot]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let row = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let mut cells = line.unwrap_or_else(|| panic!("no {name} in {text}")).split_whitespace();
        cells.by_ref().filter_map(|cell| cell.parse::<f64>().ok()).collect::<Vec<_>>()
    };
    assert!(
        matches!(row("page latency, p50")[..], [sequential, concurrent] if sequential > 0.0 && concurrent > 0.0),
        "{text}"
    );
    for column in [0, 1] {
        let pages =
            ["pages with all parts", "pages with a part missing, and named", "pages cancelled, client left early"];
        let sum: f64 = pages.iter().map(|name| row(name)[column]).sum();
        assert!((50.0..=60.0).contains(&sum), "{text}");
        assert!(row("calls cancelled, client left early")[column] > 0.0, "{text}");
        let ends = [
            "calls answered",
            "calls failed (503)",
            "calls rejected (breaker, bulkhead)",
            "calls abandoned",
            "calls cancelled by the shutdown",
        ];
        let ends = ends.iter().chain(&["calls timed out (after 500 ms)", "calls cancelled, client left early"]);
        let sum: f64 = ends.map(|name| row(name)[column]).sum();
        assert_eq!(row("calls begun")[column], sum, "{text}");
        let faults = ["calls failed (503)", "calls timed out (after 500 ms)", "calls rejected (breaker, bulkhead)"];
        let faults: f64 = faults.iter().map(|name| row(name)[column]).sum();
        assert_eq!(row("faults logged")[column], faults, "{text}");
    }
    assert!(row("parts fresh, or of another page's call")[1] > 0.0, "{text}");
    assert_eq!(row("calls pending at the end"), [0.0, 0.0]);
    assert_eq!(row("listeners at the end"), [0.0, 0.0]);
    assert_eq!(row("armed timers at the end"), [0.0, 0.0]);

    let [plain, hedged] = row("call latency, p99  ")[..] else { panic!("{text}") };
    let [calls, requests] = [row("calls  "), row("requests that the service saw")];
    assert_eq!((&calls[..], requests[0]), (&[400.0, 400.0][..], 400.0), "{text}");
    assert!(requests[1] > 400.0 && plain > 0.0 && hedged > 0.0, "{text}");
    let line = text.lines().find(|line| line.starts_with("hedging: p99 ")).expect("there is a last line");
    let said = format!("hedging: p99 {plain:.1} ms -> {hedged:.1} ms (");
    assert!(line.starts_with(&said) && line.contains(" x), extra calls ") && line.ends_with(" %"), "{line}");
    let drawn = std::fs::read_to_string(plot).expect("it has drawn");
    assert!(drawn.starts_with("<svg ") && drawn.matches("stroke-width=\"2\"").count() == 2, "{drawn}");
}

#[test]
fn flags_are_checked() {
    let help = run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&help.stdout).contains("--requests N"));
    let bad: [(&[&str], &str); 8] = [
        (&["--sevre"], "unknown argument '--sevre'"),
        (&["--requests", "0"], "--requests takes 1 to 1000000"),
        (&["--requests", "-5"], "--requests needs a whole number, not '-5'"),
        (&["--calls=0"], "--calls takes 1 to 1000000, not 0"),
        (&["--plot"], "--plot needs a file"),
        (&["--seed", "x"], "--seed needs a whole number, not 'x'"),
        (&["--seed"], "--seed needs a number"),
        (&["--serve=yes"], "--serve takes no value"),
    ];
    for (args, message) in bad {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains(message), "{args:?}: {text}");
    }
}
