//! Clients that talk to each other, and count what they hear.

use smol::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    stream::StreamExt as _,
};
use std::{io, net::SocketAddr};
use taskcell::{CancellationToken, when_all};

/// What one client has heard.
#[derive(Default)]
struct Heard {
    lines: usize,
    missed: usize,
}

/// Lets so many clients say so many lines each; true if each has heard everything, or was told how much it missed.
pub(crate) async fn drive(
    server: SocketAddr,
    clients: usize,
    lines: usize,
    token: &CancellationToken,
) -> io::Result<bool> {
    // Everybody is there before the first line is said: so all hear all.
    let mut there = Vec::new();
    for index in 0..clients {
        there.push(Client::enter(server, index).await?);
    }
    let talking = when_all(there.into_iter().map(|client| client.talk(clients, lines)));
    let Some(talked) = token.run_until_cancelled(talking.into_future()).await else { return Ok(true) };
    let heard = talked.map_err(|errors| io::Error::other(errors.to_string()))?;
    let (count, missed) = heard.iter().fold((0, 0), |(lines, missed), one| (lines + one.lines, missed + one.missed));
    let all = clients * clients * lines;
    println!("{clients} clients said {lines} lines each, and heard {count} of {all}; {missed} were missed");
    Ok(count + missed == all)
}

struct Client {
    name: String,
    lines: smol::io::Lines<BufReader<TcpStream>>,
    sink: TcpStream,
}

impl Client {
    async fn enter(server: SocketAddr, index: usize) -> io::Result<Client> {
        let name = format!("guest {index}");
        let mut sink = TcpStream::connect(server).await?;
        let mut lines = BufReader::new(sink.clone()).lines();
        sink.write_all(format!("{name}\n").as_bytes()).await?;
        let comes = format!("* {name} comes");
        while next(&mut lines).await? != comes {}
        Ok(Client { name, lines, sink })
    }

    /// Says the next line when it has heard its last one, and goes on until it has heard the others to their ends.
    async fn talk(mut self, clients: usize, lines: usize) -> io::Result<Heard> {
        let (mut said, mut heard) = (0, Heard::default());
        self.say(&mut said).await?;
        while heard.lines + heard.missed < clients * lines {
            let line = next(&mut self.lines).await?;
            if let Some(missed) = line.strip_prefix("* you have missed ") {
                heard.missed += missed.split(' ').next().and_then(|n| n.parse::<usize>().ok()).unwrap_or(0);
            } else if let Some((name, _)) = line.split_once(": ") {
                heard.lines += 1;
                if name == self.name && said < lines {
                    self.say(&mut said).await?;
                }
            }
        }
        Ok(heard)
    }

    async fn say(&mut self, said: &mut usize) -> io::Result<()> {
        *said += 1;
        self.sink.write_all(format!("this is line {said}\n").as_bytes()).await
    }
}

async fn next(lines: &mut smol::io::Lines<BufReader<TcpStream>>) -> io::Result<String> {
    lines.next().await.unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))
}
