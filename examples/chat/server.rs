//! The server: accepts clients, and ends them in order.

use crate::{client, room::Room};
use smol::{Task, net::TcpListener};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use taskcell::{CancellationToken, delay, when_all_settled};

/// A running server, until its token is cancelled.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    room: Arc<Room>,
    accepting: Task<Vec<Task<()>>>,
}

impl Server {
    pub(crate) async fn start(token: CancellationToken) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let room = Arc::<Room>::default();
        let accepting = smol::spawn(accept(listener, room.clone(), token));
        Ok(Server { address, room, accepting })
    }

    /// Waits, after the cancellation, for the end of all clients; each is told what was said before it.
    pub(crate) async fn ended(self) -> String {
        let clients = self.accepting.await;
        self.room.close();
        when_all_settled(clients).await;
        self.room.counts().to_string()
    }
}

async fn accept(listener: TcpListener, room: Arc<Room>, token: CancellationToken) -> Vec<Task<()>> {
    let mut clients: Vec<Task<()>> = Vec::new();
    while let Some(accepted) = token.run_until_cancelled(listener.accept()).await {
        clients.retain(|client| !client.is_finished());
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, most likely: somebody has to leave first.
            delay(Duration::from_millis(20)).await;
            continue;
        };
        let (room, token) = (room.clone(), token.clone());
        clients.push(smol::spawn(async move {
            // A connection that breaks is a client that leaves.
            _ = client::serve(stream, room, token).await;
        }));
    }
    clients
}
