//! The product page: four calls at once, each under a time limit and a token of its own.
//!
//! This file is what the example is about.

use crate::{http, services::Source};
use std::time::Duration;
use taskcell::{CancellationToken, timeout, when_all};

/// A call that takes longer is given up, and the page goes without that part.
pub(crate) const CALL_LIMIT: Duration = Duration::from_millis(500);

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
}

/// A product page; a part that could not be had is missing, and the others are there.
pub(crate) struct Page {
    pub(crate) product: usize,
    pub(crate) parts: Vec<(&'static str, Result<String, Missing>)>,
}

/// Why a part is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The service answered with this status instead of 200.
    Status(u16),
    /// There was no connection, or it broke.
    Broken,
    /// There was no answer within [`CALL_LIMIT`].
    TimedOut,
    /// The page was cancelled: its client has left, or the gateway is shutting down.
    Cancelled,
}

/// Builds one page. When `page` is cancelled, the calls that still run end at once, and so does this.
pub(crate) async fn build(sources: &[Source], order: &Order, page: &CancellationToken) -> Page {
    let calls = sources.iter().map(|source| call(source, order, page));
    let answers = if order.sequential { one_by_one(calls, page).await } else { when_all(calls).await };
    let names = sources.iter().map(|source| source.name);
    Page { product: order.product, parts: names.zip(answers).collect() }
}

/// The baseline: each call begins when the one before it has ended, and none once the page is cancelled.
async fn one_by_one<F: Future>(calls: impl Iterator<Item = F>, page: &CancellationToken) -> Vec<F::Output> {
    let mut answers = Vec::new();
    for call in calls.take_while(|_| !page.is_cancelled()) {
        answers.push(call.await);
    }
    answers
}

/// Asks one service. Whichever way this ends early, the request is dropped, which closes its connection.
async fn call(source: &Source, order: &Order, page: &CancellationToken) -> Result<String, Missing> {
    // Cancelled with the page, and with nothing else: what is done for one call can be stopped alone.
    let call = page.child();
    let token = call.token();
    let target = target(source.name, order);
    let answer = token.run_until_cancelled(http::get(source.address, &target));
    match timeout(CALL_LIMIT, answer).await {
        Ok(Some(Ok((200, text)))) => Ok(text.trim_end().to_owned()),
        Ok(Some(Ok((status, _)))) => Err(Missing::Status(status)),
        Ok(Some(Err(_))) => Err(Missing::Broken),
        Ok(None) => Err(Missing::Cancelled),
        Err(_elapsed) => Err(Missing::TimedOut),
    }
}

/// Where a service has its part of the page.
fn target(name: &str, order: &Order) -> String {
    let named = |list: &[String]| list.iter().any(|entry| entry == name);
    let query = match (named(&order.fail), named(&order.slow)) {
        (true, _) => "?fail",
        (false, true) => "?slow",
        (false, false) => "",
    };
    format!("/{name}/{}{query}", order.product)
}
