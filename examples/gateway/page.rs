//! The product page: four calls at once, which other pages may be waiting for, too.
//!
//! This file is what the example is about.

use crate::{
    call::{Content, Manner, Target},
    calls::{Calls, Share},
    services::Source,
};
use taskcell::CancellationToken;

/// What a client asked for.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) product: usize,
    /// One call after another instead of all at once: what the table compares with.
    pub(crate) sequential: bool,
    /// JSON instead of HTML.
    pub(crate) json: bool,
    /// Services that shall fail, by name.
    pub(crate) fail: Vec<String>,
    /// Services that shall be too slow, by name.
    pub(crate) slow: Vec<String>,
    /// Services that shall not answer at all, by name.
    pub(crate) stuck: Vec<String>,
}

/// A product page; a part that could not be had is missing, and the others are there.
pub(crate) struct Page {
    pub(crate) product: usize,
    pub(crate) parts: Vec<(&'static str, Part)>,
}

/// A part of a page, or why it is missing.
pub(crate) type Part = Result<Content, String>;

/// Builds one page. When `page` is cancelled this ends at once, and with it the calls that no other page waits for.
pub(crate) async fn build(calls: &Calls, sources: &[Source], order: &Order, page: &CancellationToken) -> Page {
    let begin = |source| calls.get(order.target(source));
    let mut parts = Vec::new();
    if order.sequential {
        // The baseline: each call begins when the one before it has ended, and none once the page is cancelled.
        for source in sources.iter().take_while(|_| !page.is_cancelled()) {
            parts.push(part(&begin(source), page).await);
        }
    } else {
        // The tasks are hot: all calls run from here on. So they may well be awaited one by one.
        let begun: Vec<Share> = sources.iter().map(begin).collect();
        for call in &begun {
            parts.push(part(call, page).await);
        }
    }
    parts.resize_with(sources.len(), late);
    let names = sources.iter().map(|source| source.name);
    Page { product: order.product, parts: names.zip(parts).collect() }
}

/// What comes of a call, for a page that waits until it is cancelled. The call goes on if other pages wait for it.
async fn part(call: &Share, page: &CancellationToken) -> Part {
    match call.wait_async(page).await {
        Ok(Ok(content)) => Ok(content.clone()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_cancelled) => late(),
    }
}

/// The part that there was no time for.
fn late() -> Part {
    Err("no answer in the time for the whole page".into())
}

impl Order {
    /// What is asked of this service.
    fn target(&self, source: &Source) -> Target {
        let named = |list: &[String]| list.iter().any(|entry| entry == source.name);
        let manner = match () {
            () if named(&self.fail) => Manner::Fail,
            () if named(&self.stuck) => Manner::Stuck,
            () if named(&self.slow) => Manner::Slow,
            () => Manner::Ordinary,
        };
        Target { name: source.name, address: source.address, product: self.product, manner }
    }
}
