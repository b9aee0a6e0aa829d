//! As much HTTP/1.1 as the example needs, with a limit on everything that a peer can send.
//!
//! One request per connection (`Connection: close`), no request bodies. Parsing is httparse's.

use smol::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use std::{io, net::SocketAddr};

/// The longest request head that is read.
const MAX_HEAD: usize = 8 * 1024;
/// The most header lines in a head.
const MAX_HEADERS: usize = 48;
/// The longest answer that the client half reads.
const MAX_ANSWER: usize = 64 * 1024;
/// What a peer may send after its request before it counts as gone.
const MAX_EXCESS: usize = 64 * 1024;

/// A request head, reduced to what the example looks at.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    query: String,
}

impl Request {
    /// The values given to `name` in the query, split at commas; `?name` alone gives one empty value.
    pub(crate) fn query(&self, name: &str) -> impl Iterator<Item = &str> {
        let pairs = self.query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.filter(move |(key, _)| *key == name).flat_map(|(_, value)| value.split(','))
    }

    /// Whether `name` stands in the query.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.query(name).next().is_some()
    }
}

/// Why there is no request.
#[derive(Debug)]
pub(crate) enum NoRequest {
    /// The peer closed the connection, or it broke: nobody is there to answer.
    Gone,
    /// The peer sent something that gets this answer.
    Refused(Answer),
}

/// A status line's worth of answer, and its body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
}

impl Answer {
    /// An answer of one line of plain text.
    pub(crate) fn text(status: u16, line: impl std::fmt::Display) -> Answer {
        Answer { status, content_type: "text/plain; charset=utf-8", body: format!("{line}\n") }
    }
}

/// Reads one request head. Never reads more than [`MAX_HEAD`] bytes; a time limit is the caller's affair.
pub(crate) async fn read_request(stream: &mut TcpStream) -> Result<Request, NoRequest> {
    let mut head = Vec::new();
    let mut chunk = [0; 1024];
    loop {
        let room = chunk.len().min(MAX_HEAD - head.len());
        match stream.read(&mut chunk[..room]).await {
            Ok(0) if head.is_empty() => return Err(NoRequest::Gone),
            Ok(0) => return Err(refused(400, "the request ended in the middle of its head")),
            Ok(n) => head.extend_from_slice(&chunk[..n]),
            Err(_) => return Err(NoRequest::Gone),
        }
        if let Some(request) = parse(&head)? {
            return Ok(request);
        }
        if head.len() == MAX_HEAD {
            return Err(refused(431, format_args!("the request's head is longer than {MAX_HEAD} bytes")));
        }
    }
}

/// The request in `head`, or `None` while it is incomplete.
fn parse(head: &[u8]) -> Result<Option<Request>, NoRequest> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(head) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(refused(431, "too many header lines")),
        Err(error) => return Err(refused(400, format_args!("malformed request: {error}"))),
    }
    let (Some(method), Some(target), Some(version)) = (request.method, request.path, request.version) else {
        return Err(refused(400, "malformed request line"));
    };
    let hosts = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case("host")).count();
    if hosts > 1 || (hosts == 0 && version == 1) {
        return Err(refused(400, "an HTTP/1.1 request needs exactly one Host header"));
    }
    if !target.starts_with('/') {
        return Err(refused(400, "the request's target has to be a path"));
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Ok(Some(Request { method: method.to_owned(), path: path.to_owned(), query: query.to_owned() }))
}

fn refused(status: u16, line: impl std::fmt::Display) -> NoRequest {
    NoRequest::Refused(Answer::text(status, line))
}

/// Writes one answer; `body` is false for a HEAD request.
pub(crate) async fn write_answer(stream: &mut TcpStream, answer: &Answer, body: bool) -> io::Result<()> {
    let Answer { status, content_type, body: text } = answer;
    let reason = match status {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "",
    };
    let allow = if *status == 405 { "Allow: GET, HEAD\r\n" } else { "" };
    let length = text.len();
    let mut bytes = format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\
         {allow}Connection: close\r\n\r\n"
    );
    if body {
        bytes.push_str(text);
    }
    stream.write_all(bytes.as_bytes()).await?;
    stream.flush().await
}

/// Completes when the peer has closed its side (or sends far more than it was asked for).
///
/// A peer that closes only its sending half looks the same from here, and counts as gone.
pub(crate) async fn gone(mut stream: TcpStream) {
    let mut excess = 0;
    let mut chunk = [0; 256];
    while let Ok(n @ 1..) = stream.read(&mut chunk).await {
        excess += n;
        if excess > MAX_EXCESS {
            return;
        }
    }
}

/// GETs `target` and gives status and body. Dropping the future closes the connection.
pub(crate) async fn get(server: SocketAddr, target: &str) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(server).await?;
    let request = format!("GET {target} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.take(MAX_ANSWER as u64).read_to_end(&mut bytes).await?;

    let broken = || io::Error::new(io::ErrorKind::InvalidData, "not an HTTP answer, or not all of it");
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut answer = httparse::Response::new(&mut headers);
    let Ok(httparse::Status::Complete(head)) = answer.parse(&bytes) else { return Err(broken()) };
    let length = answer.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|header| std::str::from_utf8(header.value).ok()?.parse::<usize>().ok());
    match (answer.code, length) {
        (Some(status), Some(length)) if length == bytes.len() - head => {
            Ok((status, String::from_utf8_lossy(&bytes[head..]).into_owned()))
        }
        _ => Err(broken()),
    }
}
