//! Services and gateway together: started as one, stopped in order.

use crate::{
    counts::Counts,
    gateway::Gateway,
    services::{NAMES, Service},
};
use std::{io, net::SocketAddr, sync::atomic::Ordering::Relaxed};
use taskcell::{CancellationToken, when_all_settled};

/// Four services and the gateway in front of them.
pub(crate) struct Site {
    services: Vec<Service>,
    gateway: Gateway,
}

impl Site {
    /// Starts everything; it runs until `shutdown` is cancelled. A call's fault is told to `log`.
    pub(crate) async fn start(seed: u64, shutdown: CancellationToken, log: fn(&str)) -> io::Result<Site> {
        let mut services = Vec::new();
        for index in 0..NAMES.len() {
            services.push(Service::start(index, seed).await?);
        }
        let sources = services.iter().map(|service| service.source.clone()).collect();
        Ok(Site { gateway: Gateway::start(sources, shutdown, log).await?, services })
    }

    /// Where the gateway listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.gateway.address
    }

    /// Waits, after the shutdown, for the end of everything in order; each step is said when it is done.
    pub(crate) async fn ended(self, say: impl Fn(String)) -> Counts {
        let counts = self.gateway.ended(&say).await;
        let sources: Vec<_> = self.services.iter().map(|service| service.source.clone()).collect();
        // Their calls have seen the connections close, so this takes no time.
        when_all_settled(self.services.into_iter().map(Service::stop)).await;
        let closed_early = sources.iter().map(|source| source.closed_early.load(Relaxed)).sum();
        say(format!("all services have ended; they saw {closed_early} calls closed before the answer"));
        Counts { closed_early, ..counts }
    }
}
