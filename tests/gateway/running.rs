//! The example as a child process, and its clients.

use crate::built::built;
use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
    sync::OnceLock,
    thread::sleep,
    time::{Duration, Instant},
};

/// The example's binary, built as this test was.
fn gateway() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| built("gateway"))
}

pub(crate) fn run(args: &[&str]) -> Output {
    Command::new(gateway()).args(args).stdin(Stdio::null()).output().expect("the example runs")
}

/// The example while it runs; killed when a test fails.
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: String,
}

impl Running {
    pub(crate) fn start(args: &[&str]) -> Running {
        let mut command = Command::new(gateway());
        let mut child = command
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
        Running { child, stdout, address: String::new() }
    }

    pub(crate) fn serve() -> Running {
        let mut running = Running::start(&["--serve"]);
        let line = running.line();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split(' ').next());
        running.address = address.expect("the first line has the address").to_owned();
        running
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("stdout is text");
        line
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit can be set");
        stream
    }

    /// Sends `request` as it stands and gives the whole answer.
    pub(crate) fn raw(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(request).expect("the gateway reads");
        read_all(&mut stream)
    }

    pub(crate) fn get(&self, target: &str) -> String {
        read_all(&mut self.ask(target))
    }

    /// Sends a request, and does not wait for the answer.
    pub(crate) fn ask(&self, target: &str) -> TcpStream {
        let mut stream = self.connect();
        let request = format!("GET {target} HTTP/1.1\r\nHost: here\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("the gateway reads");
        stream
    }

    /// The number of this name in `/stats?json`.
    pub(crate) fn stat(&self, name: &str) -> usize {
        let answer = self.get("/stats?json");
        let key = format!("\"{}\": ", name.replace(',', "").replace(' ', "_"));
        let number = answer.split(&key).nth(1).and_then(|rest| rest.split([',', '}']).next());
        number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no {name} in {answer}"))
    }

    /// What `/stats?json` says of this service.
    pub(crate) fn service(&self, name: &str) -> String {
        let answer = self.get("/stats?json");
        let line = answer.lines().find(|line| line.contains(&format!("{{\"name\": \"{name}\"")));
        line.unwrap_or_else(|| panic!("no {name} in {answer}")).to_owned()
    }

    /// True once the number of this name is this one; false if that takes too long.
    pub(crate) fn counts(&self, number: usize, name: &str, end: Instant) -> bool {
        while self.stat(name) != number {
            if Instant::now() > end {
                return false;
            }
            sleep(Duration::from_millis(5));
        }
        true
    }

    /// Ctrl-C; waits for the end.
    pub(crate) fn interrupt(mut self) -> Ended {
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
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).expect("stdout is text");
        let errors = self.child.stderr.as_mut().expect("stderr is a pipe");
        errors.read_to_string(&mut stderr).expect("stderr is text");
        Ended { code: status.code(), stdout, stderr }
    }
}

/// How the example ended after Ctrl-C.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    /// What nobody had read yet.
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

pub(crate) fn read_all(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("no end of the answer: {error}"),
        _ => String::from_utf8(answer).expect("answers are UTF-8"),
    }
}

pub(crate) fn status(answer: &str) -> &str {
    answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).unwrap_or(answer)
}

/// Asserts that the lines with these words all come, in this order.
pub(crate) fn assert_order(text: &str, words: &[&str]) {
    let mut rest = text;
    for word in words {
        let at = rest.find(word).unwrap_or_else(|| panic!("'{word}' does not come, or too early, in:\n{text}"));
        rest = &rest[at + word.len()..];
    }
}
