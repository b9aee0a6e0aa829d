//! The feeds on loopback, which stand for other people's sites.

use crate::{http::Answer, server::Server, url::Url};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

/// What there is: a feed that is fine, one that fails twice, one whose first answer takes too long, one that always fails,
/// and a page that is no feed.
pub(crate) const NAMES: [&str; 5] = ["rust", "stumbling", "slow", "broken", "page"];

/// The running server.
pub(crate) struct Sites {
    server: Server,
    requests: Arc<[AtomicUsize; NAMES.len()]>,
}

impl Sites {
    pub(crate) async fn start() -> io::Result<Sites> {
        let requests: Arc<[AtomicUsize; NAMES.len()]> = Arc::default();
        let counted = requests.clone();
        let server = Server::start(move |request| {
            let Some(index) = NAMES.iter().position(|name| request.path.strip_prefix('/') == Some(name)) else {
                return (Duration::ZERO, Answer::text(404, "there is no such feed"));
            };
            let before = counted[index].fetch_add(1, Relaxed);
            let latency = Duration::from_millis(if NAMES[index] == "slow" && before == 0 { 5_000 } else { 20 });
            (latency, answer(NAMES[index], before))
        });
        Ok(Sites { server: server.await?, requests })
    }

    pub(crate) fn urls(&self) -> Vec<Url> {
        NAMES.iter().map(|name| Url::new(self.server.address, &format!("/{name}"))).collect()
    }

    /// How many requests there were for this feed.
    pub(crate) fn requests(&self, name: &str) -> usize {
        NAMES.iter().zip(&*self.requests).filter(|(own, _)| **own == name).map(|(_, count)| count.load(Relaxed)).sum()
    }
}

/// What this feed answers after so many requests.
fn answer(name: &str, before: usize) -> Answer {
    match name {
        "page" => Answer::text(200, "<html><p>hello</p></html>"),
        "broken" => Answer::text(503, "out of order"),
        "stumbling" if before < 2 => Answer::text(503, "one moment"),
        name => feed(name),
    }
}

fn feed(name: &str) -> Answer {
    let mut body = format!("<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>News of {name}</title>\n");
    for number in (1..=4).rev() {
        body += &format!(
            "<item><title>No. {number}: tea &amp; biscuits <![CDATA[<for all>]]></title>\
             <link>http://example.org/{name}/{number}</link></item>\n"
        );
    }
    body += "</channel></rss>\n";
    Answer { status: 200, content_type: "application/rss+xml", body }
}
