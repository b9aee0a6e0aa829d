//! The example `chat`: clients that talk, one that sees the server end, flags.

use crate::{assert_order, built::built, run};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    process::{Child, ChildStdout, Command, Stdio},
};

#[test]
fn all_hear_all() {
    let (code, text) = run("chat", &["--clients", "8", "--lines", "25"]);
    assert_eq!(code, Some(0), "{text}");
    let line = text.lines().find(|line| line.starts_with("8 clients said 25 lines each")).expect("it says so");
    let numbers: Vec<usize> = line.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    let [8, 25, heard, 1600, missed] = numbers[..] else { panic!("{line}") };
    assert_eq!(heard + missed, 1600);
    assert_order(&text, &["8 clients came and said 200 lines", "at the end: 0 listeners, 0 armed timers"]);
}

#[test]
fn flags_are_checked() {
    assert_eq!(run("chat", &["--help"]).0, Some(0));
    for bad in [&["--client"][..], &["--clients"], &["--clients", "0"], &["--clients", "201"], &["--lines", "x"]] {
        assert_eq!(run("chat", bad).0, Some(2), "{bad:?}");
    }
}

/// The server, killed when a test fails.
struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: String,
}

impl Server {
    fn start() -> Server {
        let mut child = Command::new(built("chat"))
            .arg("--serve")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("stdout is text");
        let address = line.trim().strip_prefix("listening on ").expect("it says where").to_owned();
        Server { child, stdout, address }
    }

    fn enter(&self, name: &str) -> Guest {
        let mut guest = self.knock(name);
        guest.until(&format!("* {name} comes"));
        guest
    }

    fn knock(&self, name: &str) -> Guest {
        let sink = TcpStream::connect(&self.address).expect("it listens");
        let mut guest = Guest { lines: BufReader::new(sink.try_clone().expect("a socket has two halves")), sink };
        guest.say(name);
        guest
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

struct Guest {
    lines: BufReader<TcpStream>,
    sink: TcpStream,
}

impl Guest {
    fn say(&mut self, text: &str) {
        self.sink.write_all(format!("{text}\n").as_bytes()).expect("the server reads");
    }

    /// The next line, `None` at the end.
    fn next(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.lines.read_line(&mut line).expect("it is text");
        (read > 0).then(|| line.trim_end().to_owned())
    }

    fn until(&mut self, text: &str) {
        while self.next().expect("the line comes") != text {}
    }
}

#[test]
fn a_room_closes_when_all_is_told() {
    let mut server = Server::start();
    let (mut anna, mut ben) = (server.enter("Anna"), server.enter("Ben"));
    anna.say("hello");
    ben.until("Anna: hello");
    assert_eq!(server.knock("Ben").lines.lines().nth(1).unwrap().unwrap(), "that is no name, or somebody has it");
    anna.say("/quit");
    ben.until("* Anna leaves");
    while anna.next().is_some() {}
    let mut carl = server.enter("Carl");
    drop(ben);
    carl.until("* Ben leaves");
    let killed = Command::new("kill").args(["-INT", &server.child.id().to_string()]).status().expect("kill runs");
    assert!(killed.success());
    carl.until("* the room closes");
    assert_eq!(carl.next(), None);
    assert_eq!(server.child.wait().expect("it ends").code(), Some(0));
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut server.stdout, &mut rest).expect("stdout is text");
    assert_order(&rest, &["Ctrl-C", "3 clients came and said 1 lines", "at the end: 0 listeners, 0 armed timers"]);
}
