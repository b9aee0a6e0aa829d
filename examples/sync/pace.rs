//! So many bytes in a second, whoever moves them.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};
use taskcell::{CancellationToken, delay};

/// When the next bytes may go.
pub(crate) struct Pace {
    /// Of one byte.
    time: Option<Duration>,
    next: Mutex<Instant>,
}

impl Pace {
    /// So many MiB per second; `None`: as fast as it goes.
    pub(crate) fn new(rate: Option<u64>) -> Pace {
        let time = rate.map(|rate| Duration::from_secs(1) / 1024 / (rate.max(1) * 1024) as u32);
        Pace { time, next: Mutex::new(Instant::now()) }
    }

    /// Waits until so many bytes may go, or the token is cancelled.
    pub(crate) async fn wait(&self, bytes: u64, token: &CancellationToken) {
        let Some(time) = self.time else { return };
        let wait = {
            let mut next = self.next.lock().expect("nobody panics here");
            let now = Instant::now();
            let turn = now.max(*next);
            *next = turn + time.mul_f64(bytes as f64);
            turn - now
        };
        token.run_until_cancelled(delay(wait)).await;
    }
}
