//! One client, from its name to its leaving.

use crate::room::{Room, Seat};
use smol::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    stream::StreamExt as _,
};
use std::{io, sync::Arc, time::Duration};
use taskcell::{CancellationToken, few, timeout};

/// The longest line that is read.
const MAX_LINE: u64 = 1024;
/// A client has this long to say its name.
const NAME_LIMIT: Duration = Duration::from_secs(10);
/// A client has this long to take a line.
const WRITE_LIMIT: Duration = Duration::from_secs(5);

/// Serves one client until it leaves, or until `server` is cancelled.
pub(crate) async fn serve(stream: TcpStream, room: Arc<Room>, server: CancellationToken) -> io::Result<()> {
    let (mut lines, mut sink) = (BufReader::new(stream.clone()), stream);
    sink.write_all(b"your name?\n").await?;
    let named = timeout(NAME_LIMIT, server.run_until_cancelled(line(&mut lines))).await;
    let Ok(Some(Ok(Some(name)))) = named else { return Ok(()) };
    let seat = room.join(name.trim()).filter(|seat| !seat.name.is_empty());
    let Some(seat) = seat else { return sink.write_all(b"that is no name, or somebody has it\n").await };

    // A source of its own: whichever of the two ends first takes the other one along.
    let own = server.child();
    let token = own.token();
    let hearing = async {
        let _guard = own.drop_guard_ref();
        token.run_until_cancelled(hear(&seat, &mut lines)).await
    };
    let telling = async {
        let _guard = own.drop_guard_ref();
        tell(&seat, &mut sink, &token, &server).await
    };
    few::when_all((hearing, telling)).await.1
}

/// What the client says, until it leaves.
async fn hear(seat: &Seat, lines: &mut BufReader<TcpStream>) -> io::Result<()> {
    while let Some(text) = line(lines).await? {
        match text.trim() {
            "" => {}
            "/quit" => break,
            text => seat.say(text),
        }
    }
    Ok(())
}

/// What the client is told. If it leaves that is all; if the server ends it is told the rest.
async fn tell(
    seat: &Seat,
    sink: &mut TcpStream,
    own: &CancellationToken,
    server: &CancellationToken,
) -> io::Result<()> {
    let mut told = seat.lines.read_all().with_cancellation(own);
    while let Some(Ok(line)) = told.next().await {
        write(seat, sink, &line).await?;
    }
    if server.is_cancelled() {
        let mut rest = seat.lines.read_all();
        while let Some(Ok(line)) = rest.next().await {
            write(seat, sink, &line).await?;
        }
    }
    Ok(())
}

async fn write(seat: &Seat, sink: &mut TcpStream, line: &str) -> io::Result<()> {
    let text = match seat.missed() {
        0 => format!("{line}\n"),
        missed => format!("* you have missed {missed} lines\n{line}\n"),
    };
    let late = |_elapsed| io::Error::from(io::ErrorKind::TimedOut);
    timeout(WRITE_LIMIT, sink.write_all(text.as_bytes())).await.map_err(late)?
}

/// The next line; `None` at the end, and if it is too long or no text.
async fn line(lines: &mut BufReader<TcpStream>) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    lines.take(MAX_LINE).read_until(b'\n', &mut bytes).await?;
    Ok(String::from_utf8(bytes).ok().filter(|text| text.ends_with('\n')))
}
