//! Reads feeds: one request for all who ask, behind retries, a breaker and time limits; and kept for a while.

use crate::{
    http,
    rss::{self, Feed},
    url::Url,
};
use std::{
    collections::HashMap,
    error::Error,
    fmt,
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use taskcell::{
    AsyncCache, Backoff, CacheError, CacheOptions, CircuitBreaker, CircuitState, Jitter, Pipeline, PipelineError,
    RetryStrategy,
};

/// A feed is read again after this time.
const FRESH: Duration = Duration::from_secs(60);
/// For one request, and for all that are made because of one reader.
const ONE_LIMIT: Duration = Duration::from_millis(300);
const LIMIT: Duration = Duration::from_secs(3);
/// A feed is asked so often, until it answers; the pause doubles.
const ATTEMPTS: NonZeroU32 = NonZeroU32::new(3).unwrap();
const PAUSE: Duration = Duration::from_millis(20);
/// After so many failures in a row it is not asked for a while.
const FAILURES: NonZeroU32 = NonZeroU32::new(3).unwrap();
const BREAK: Duration = Duration::from_secs(30);

/// How a feed could not be read.
#[derive(Clone, Debug)]
pub(crate) enum FeedError {
    Status(u16),
    Broken(Arc<std::io::Error>),
    NoFeed,
    /// It was not asked, or not for long enough.
    GivenUp(PipelineError<Arc<str>>),
}

/// The cache.
pub(crate) struct Reader {
    feeds: AsyncCache<Url, Arc<Feed>, FeedError>,
    breakers: Breakers,
}

/// One for each feed.
type Breakers = Arc<Mutex<HashMap<Url, CircuitBreaker>>>;

impl Reader {
    pub(crate) fn new() -> Reader {
        let breakers = Breakers::default();
        let own = breakers.clone();
        let load = move |url: Url, _token| {
            let breaker = breaker(&own, &url);
            async move { fetch(&url, &breaker).await }
        };
        Reader { feeds: AsyncCache::with_options(CacheOptions::new().time_to_live(FRESH), load), breakers }
    }

    /// The feed, if it could be read within the last minute or can be now.
    pub(crate) async fn read(&self, url: &Url) -> Result<Arc<Feed>, CacheError<FeedError>> {
        self.feeds.get(url).await
    }

    pub(crate) fn circuit(&self, url: &Url) -> CircuitState {
        breaker(&self.breakers, url).state()
    }
}

fn breaker(breakers: &Breakers, url: &Url) -> CircuitBreaker {
    let mut breakers = breakers.lock().unwrap_or_else(PoisonError::into_inner);
    let new = || CircuitBreaker::builder().consecutive_failures(FAILURES).break_for(BREAK).build();
    breakers.entry(url.clone()).or_insert_with(new).clone()
}

/// So much time for all; attempts, as long as that may help; each past the breaker; so much time for each.
async fn fetch(url: &Url, breaker: &CircuitBreaker) -> Result<Arc<Feed>, FeedError> {
    let retry = RetryStrategy::new(Backoff::exponential(PAUSE).jitter(Jitter::Equal)).max_attempts(ATTEMPTS).when(
        |error: &PipelineError<FeedError>| error.is_timed_out() || error.error().is_some_and(FeedError::may_pass),
    );
    let pipeline = Pipeline::new().timeout(LIMIT).retry(retry).circuit_breaker(breaker).timeout(ONE_LIMIT);
    match pipeline.call(|_token| get(url)).await {
        Ok(feed) => Ok(Arc::new(feed)),
        Err(error) => Err(match error.error() {
            Some(failed) => failed.clone(),
            None => FeedError::GivenUp(error.map(|failed| failed.to_string().into())),
        }),
    }
}

async fn get(url: &Url) -> Result<Feed, FeedError> {
    let broken = |error| FeedError::Broken(Arc::new(error));
    let server = url.resolve().await.map_err(broken)?;
    match http::get(server, &url.path).await.map_err(broken)? {
        (200, text) => rss::parse(&text).ok_or(FeedError::NoFeed),
        (status, _) => Err(FeedError::Status(status)),
    }
}

impl FeedError {
    /// Whether another attempt may help.
    fn may_pass(&self) -> bool {
        matches!(self, FeedError::Status(500..) | FeedError::Broken(_))
    }
}

impl fmt::Display for FeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FeedError::Status(status) => write!(f, "the server answered {status}"),
            FeedError::Broken(error) => error.fmt(f),
            FeedError::NoFeed => f.write_str("that is no RSS feed"),
            FeedError::GivenUp(error) => error.fmt(f),
        }
    }
}

impl Error for FeedError {}
