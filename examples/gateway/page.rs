//! The product page: four calls at once, which other pages may be waiting for, too.
//!
//! This file is what the example is about.

use crate::{
    call::{Manner, Target},
    calls::{Calls, Content},
    services::Source,
};
use taskcell::{CancellationToken, when_all_settled};

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
    let part = |source| calls.get(order.target(source), page);
    let parts = if order.sequential {
        // The baseline: each call begins when the one before it has ended.
        let mut parts = Vec::new();
        for source in sources {
            parts.push(part(source).await);
        }
        parts
    } else {
        when_all_settled(sources.iter().map(part)).await
    };
    let names = sources.iter().map(|source| source.name);
    Page { product: order.product, parts: names.zip(parts).collect() }
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
