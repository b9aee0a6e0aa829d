//! One call: a service is asked for its part of a page.

use crate::{counts::Tally, hedging::PERCENT, http};
use std::{
    collections::HashMap,
    error::Error,
    fmt,
    net::SocketAddr,
    num::NonZeroU32,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use taskcell::{
    Backoff, BoxError, CancellationToken, Jitter, ObservedLatency, RedundancyError, fallback, hedge, retry, timeout,
};

/// A call that takes longer is given up, retries and all.
pub(crate) const CALL_LIMIT: Duration = Duration::from_millis(500);
/// A service that answers 503 is asked so often in all.
const ATTEMPTS: NonZeroU32 = NonZeroU32::new(3).unwrap();
/// The pause after the first 503; it doubles.
const PAUSE: Duration = Duration::from_millis(5);
/// The service that is asked once more when it is late.
const HEDGED: &str = "recommendations";

/// What is asked of whom. Two pages that want the same share the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    pub(crate) product: usize,
    pub(crate) manner: Manner,
}

/// How the call shall go, where a client wants to see that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Ordinary,
    /// The service answers 503.
    Fail,
    /// The service takes longer than [`CALL_LIMIT`].
    Slow,
    /// The service does not answer, and the call knows neither a time limit nor a token.
    Stuck,
}

/// Why a service gave no part. (A call may also be cancelled or abandoned: its task knows that.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// It answered with this status instead of 200.
    Status(u16),
    /// There was no connection, or it broke.
    Broken,
    /// There was no answer within [`CALL_LIMIT`].
    TimedOut,
    /// It was not asked, and has said nothing before.
    Unknown,
}

/// A part of a page.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) text: String,
    /// Not what the service says now, but what it said last.
    pub(crate) is_stale: bool,
}

/// What all calls share.
pub(crate) struct Caller {
    /// How long the slow service takes, as a rule.
    usual: ObservedLatency,
    /// What the services said last.
    known: Mutex<HashMap<(&'static str, usize), String>>,
    tally: Tally,
}

impl Caller {
    pub(crate) fn new(tally: Tally) -> Caller {
        let usual = ObservedLatency::percentile(PERCENT).initial(Duration::from_millis(50));
        Caller { usual, known: Mutex::default(), tally }
    }

    /// Asks the service, and takes what it said last if it says nothing now. Whichever way this ends early, and also if
    /// it is dropped, the request is dropped, which closes its connection.
    pub(crate) async fn ask(&self, target: Target, token: CancellationToken) -> Result<Content, BoxError> {
        if target.manner == Manner::Stuck {
            // As through a library that hears nothing: only whoever runs it can end it, by dropping it.
            let text = get(&target).await?;
            return Ok(Content { text, is_stale: false });
        }
        let content = async |source| match source {
            Source::Service => Ok(Content { text: self.fresh(&target, &token).await?, is_stale: false }),
            Source::Memory => self.remembered(&target).ok_or(Missing::Unknown),
        };
        let sources = [Source::Service, Source::Memory];
        let content = fallback(sources.map(|source| move |_token| content(source))).token(&token).await;
        content.map_err(|error| match error {
            // This error, and no other, ends the task as cancelled.
            RedundancyError::Cancelled { by, .. } => by.into(),
            // What the service said, not that nothing was known before.
            error => error.errors().map_or(Missing::Unknown, |errors| *errors.first()).into(),
        })
    }

    /// Asks until there is an answer, the time is up or `token` is cancelled: the limit stands around the retries, and
    /// these around the hedging. (A circuit breaker would stand between those two.)
    async fn fresh(&self, target: &Target, token: &CancellationToken) -> Result<String, Missing> {
        let answered = retry(|_| self.once(target))
            .max_attempts(ATTEMPTS)
            .when(|missing: &Missing| *missing == Missing::Status(503))
            .backoff(Backoff::exponential(PAUSE).jitter(Jitter::Equal))
            .on_retry(|_| self.tally.count(|counts| counts.retries += 1));
        let answered = timeout(CALL_LIMIT, token.run_until_cancelled(answered.into_future())).await;
        let text = match answered {
            Ok(Some(Ok(text))) => text,
            Ok(Some(Err(error))) => return Err(error.into_inner().unwrap_or(Missing::Broken)),
            // The fallback's own look at the token tells that it was this.
            Ok(None) => return Err(Missing::Broken),
            Err(_elapsed) => return Err(Missing::TimedOut),
        };
        self.known().insert((target.name, target.product), text.clone());
        Ok(text)
    }

    /// One request; a second one to the slow service, if the first takes longer than most do.
    async fn once(&self, target: &Target) -> Result<String, Missing> {
        if target.name != HEDGED {
            return get(target).await;
        }
        let hedged = hedge(|_attempt| get(target))
            .delay(&self.usual)
            .observe(&self.usual)
            .max_attempts(2)
            .on_attempt(|attempt| self.tally.count(|counts| counts.hedges += usize::from(attempt.number > 0)));
        hedged.await.map_err(|error| error.errors().map_or(Missing::Broken, |errors| *errors.first()))
    }

    fn remembered(&self, target: &Target) -> Option<Content> {
        let text = self.known().get(&(target.name, target.product))?.clone();
        Some(Content { text, is_stale: true })
    }

    fn known(&self) -> MutexGuard<'_, HashMap<(&'static str, usize), String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a part comes from.
#[derive(Clone, Copy)]
enum Source {
    Service,
    Memory,
}

/// One request.
async fn get(target: &Target) -> Result<String, Missing> {
    match http::get(target.address, &target.path()).await {
        Ok((200, text)) => Ok(text.trim_end().to_owned()),
        Ok((status, _)) => Err(Missing::Status(status)),
        Err(_) => Err(Missing::Broken),
    }
}

impl Target {
    /// Where the service has the part.
    fn path(&self) -> String {
        let query = match self.manner {
            Manner::Ordinary => "",
            Manner::Fail => "?fail",
            Manner::Slow => "?slow",
            Manner::Stuck => "?stuck",
        };
        format!("/{}/{}{query}", self.name, self.product)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of product {}", self.name, self.product)
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::Status(status) => write!(f, "the service answered {status}"),
            Missing::Broken => f.write_str("the service could not be reached"),
            Missing::Unknown => f.write_str("nothing is known of it"),
            Missing::TimedOut => write!(f, "no answer within {} ms", CALL_LIMIT.as_millis()),
        }
    }
}

impl Error for Missing {}
