//! Runs the example `gateway` as a child process: driving itself, serving good and bad clients, stopped by Ctrl-C.

#![cfg(all(unix, feature = "std", not(miri), not(loom)))]

use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
    sync::OnceLock,
    thread::sleep,
    time::{Duration, Instant},
};

#[path = "../examples/gateway/tail.rs"]
mod tail;

/// The example's binary, built as this test was.
fn gateway() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("tmp lies in the target directory");
        let test = std::env::current_exe().expect("a test knows its path");
        let profile = test.parent().and_then(Path::parent).expect("tests lie in <profile>/deps");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--example", "gateway", "--target-dir"]).arg(target);
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        if cfg!(feature = "critical-section") {
            cargo.args(["--features", "critical-section"]);
        } else if cfg!(feature = "portable-atomic") {
            cargo.args(["--features", "portable-atomic"]);
        }
        let status = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo runs");
        assert!(status.success(), "the example does not build");
        profile.join("examples").join("gateway")
    })
}

fn run(args: &[&str]) -> Output {
    Command::new(gateway()).args(args).stdin(Stdio::null()).output().expect("the example runs")
}

/// The example while it runs; killed when a test fails.
struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: String,
}

impl Running {
    fn start(args: &[&str]) -> Running {
        let mut command = Command::new(gateway());
        let mut child = command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it starts");
        let stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
        Running { child, stdout, address: String::new() }
    }

    fn serve() -> Running {
        let mut running = Running::start(&["--serve"]);
        let line = running.line();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split(' ').next());
        running.address = address.expect("the first line has the address").to_owned();
        running
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("stdout is text");
        line
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit can be set");
        stream
    }

    /// Sends `request` as it stands and gives the whole answer.
    fn raw(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(request).expect("the gateway reads");
        read_all(&mut stream)
    }

    fn get(&self, target: &str) -> String {
        self.raw(format!("GET {target} HTTP/1.1\r\nHost: here\r\n\r\n").as_bytes())
    }

    /// The number in the line of `/stats` that ends so.
    fn stat(&self, name: &str) -> usize {
        let answer = self.get("/stats");
        let line = answer.lines().find_map(|line| line.strip_suffix(name));
        line.and_then(|number| number.trim().parse().ok()).unwrap_or_else(|| panic!("no {name} in {answer}"))
    }

    /// Ctrl-C; gives the exit code and the rest of the output.
    fn interrupt(mut self) -> (Option<i32>, String) {
        let kill = format!("kill -INT {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("sh runs").success());
        let end = Instant::now() + Duration::from_secs(20);
        let status = loop {
            match self.child.try_wait().expect("it is our child") {
                Some(status) => break status,
                None if Instant::now() > end => panic!("it hangs after Ctrl-C"),
                None => sleep(Duration::from_millis(10)),
            }
        };
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("stdout is text");
        (status.code(), rest)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn read_all(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("no end of the answer: {error}"),
        _ => String::from_utf8(answer).expect("answers are UTF-8"),
    }
}

fn status(answer: &str) -> &str {
    answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).unwrap_or(answer)
}

/// Asserts that the lines with these words all come, in this order.
fn assert_order(text: &str, words: &[&str]) {
    let mut rest = text;
    for word in words {
        let at = rest.find(word).unwrap_or_else(|| panic!("'{word}' does not come, or too early, in:\n{text}"));
        rest = &rest[at + word.len()..];
    }
}

const STOPPED: [&str; 5] = [
    "Ctrl-C: stopping",
    "no more clients are accepted",
    "all pages have ended",
    "all services have ended",
    "at the end: 0 listeners, 0 armed timers",
];

#[test]
fn it_drives_itself_and_leaves_nothing_running() {
    let output = run(&["--requests", "60", "--seed=3"]);
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
    }
    assert_eq!(row("listeners at the end"), [0.0, 0.0]);
    assert_eq!(row("armed timers at the end"), [0.0, 0.0]);
}

#[test]
fn flags_are_checked() {
    let help = run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&help.stdout).contains("--requests N"));
    let bad: [(&[&str], &str); 6] = [
        (&["--sevre"], "unknown argument '--sevre'"),
        (&["--requests", "0"], "--requests takes 1 to 1000000"),
        (&["--requests", "-5"], "--requests needs a whole number, not '-5'"),
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

#[test]
fn ctrl_c_stops_the_drive_in_order() {
    let mut running = Running::start(&["--requests", "100000"]);
    running.line();
    sleep(Duration::from_millis(500));
    let (code, rest) = running.interrupt();
    assert_eq!(code, Some(0), "{rest}");
    assert_order(&rest, &STOPPED);
}

#[test]
fn ctrl_c_cancels_open_pages_and_silent_clients() {
    let server = Running::serve();
    let mut silent = server.connect();
    silent.write_all(b"GET /pro").expect("the gateway reads");
    let mut waiting = server.connect();
    waiting.write_all(b"GET /product/1?slow=stock HTTP/1.1\r\nHost: here\r\n\r\n").expect("the gateway reads");
    sleep(Duration::from_millis(100));
    let start = Instant::now();
    let (code, rest) = server.interrupt();
    assert!(start.elapsed() < Duration::from_secs(3), "the shutdown waited for a client");
    assert_eq!(code, Some(0), "{rest}");
    assert_order(&rest, &STOPPED);
    assert_eq!(status(&read_all(&mut silent)), "503");
    let answer = read_all(&mut waiting);
    assert!(matches!(status(&answer), "503" | "200"), "{answer}");
}

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
fn a_failing_service_is_missing_and_named() {
    let server = Running::serve();
    let html = server.get("/product/7?fail=reviews");
    assert_eq!(status(&html), "200");
    assert!(html.contains("reviews is missing: the service answered 503"), "{html}");
    let json = server.get("/product/7?json&fail=stock,products&slow=reviews");
    assert_eq!(status(&json), "200");
    let missing = json.split("\"missing\": ").nth(1).expect("there is a list");
    assert!(missing.contains("\"products\": \"the service answered 503\""), "{json}");
    assert!(missing.contains("\"stock\": \"the service answered 503\""), "{json}");
    assert!(missing.contains("\"reviews\": \"no answer within 500 ms\""), "{json}");
    assert_eq!(status(&server.get("/product/7?fail=nonsense")), "400");
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

#[test]
fn a_client_that_leaves_cancels_its_calls() {
    let server = Running::serve();
    // On a machine that stalls for as long as a call may take, the call times out first: hence the tries.
    for _ in 0..10 {
        let mut client = server.connect();
        client.write_all(b"GET /product/1?slow=stock HTTP/1.1\r\nHost: here\r\n\r\n").expect("the gateway reads");
        sleep(Duration::from_millis(100));
        drop(client);
        sleep(Duration::from_millis(100));
        if server.stat("pages cancelled, client left") > 0 {
            break;
        }
    }
    assert_eq!(server.stat("pages cancelled, client left"), 1);
    assert!(server.stat("calls cancelled, client left") >= 1);
    let end = Instant::now() + Duration::from_secs(5);
    while server.stat("calls seen closed by the services") == 0 {
        assert!(Instant::now() < end, "the service did not see its connection close");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_tail_has_its_shape() {
    let draws = |seed| {
        let mut draws: Vec<_> = (0..100_000).map(|n| tail::Rng::keyed(&[seed, n]).latency()).collect();
        draws.sort_unstable();
        draws
    };
    let sorted = draws(1);
    assert_eq!(sorted, draws(1), "the same seed, the same latencies");
    assert_ne!(sorted, draws(2));
    let ms = |at: usize| sorted[at].as_secs_f64() * 1000.0;
    let slow = sorted.iter().filter(|draw| draw.as_millis() >= 300).count();
    assert!((2_800..3_200).contains(&slow), "{slow} of 100000 are slow");
    let fast = sorted.len() - slow;
    assert!((7.9..8.1).contains(&ms(fast / 2)), "median {}", ms(fast / 2));
    // One sigma above the median: 8 ms * e^0.3 = 10.8 ms at 84.1 %.
    assert!((10.6..11.0).contains(&ms(fast * 841 / 1000)), "{}", ms(fast * 841 / 1000));
    assert!((580.0..620.0).contains(&ms(fast + slow / 2)), "the slow ones are uniform: {}", ms(fast + slow / 2));
    assert!(*sorted.last().expect("there are draws") <= tail::slowest());
}
