//! A web server on loopback for the examples: a closure says how long each request takes, and what it is answered.
//!
//! It stands for somebody else's machine, so it uses smol only. A client that leaves ends its request.

use crate::http::{self, Answer, NoRequest, Request};
use smol::{
    Task, Timer, future,
    net::{TcpListener, TcpStream},
};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

/// A running server; it stops when it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    _accepting: Task<()>,
}

impl Server {
    /// Listens on a free port.
    pub(crate) async fn start<A>(answer: A) -> io::Result<Server>
    where
        A: Fn(&Request) -> (Duration, Answer) + Send + Sync + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let answer = Arc::new(answer);
        let accepting = smol::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                smol::spawn(serve(stream, answer.clone())).detach();
            }
        });
        Ok(Server { address, _accepting: accepting })
    }
}

/// One request, one answer.
async fn serve<A: Fn(&Request) -> (Duration, Answer)>(mut stream: TcpStream, answer: Arc<A>) {
    let answer = match http::read_request(&mut stream).await {
        Err(NoRequest::Gone) => return,
        Err(NoRequest::Refused(answer)) => answer,
        Ok(request) => {
            let (latency, answer) = answer(&request);
            let worked = async {
                Timer::after(latency).await;
                true
            };
            let left = async {
                http::gone(stream.clone()).await;
                false
            };
            if !future::or(worked, left).await {
                return;
            }
            answer
        }
    };
    // Who has left by now reads nothing.
    _ = http::write_answer(&mut stream, &answer, true).await;
}
