//! One call: a service is asked for its part of a page.

use crate::{
    counts::Tally,
    guards::{Guards, Health},
    hedging::PERCENT,
    http,
};
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
    Backoff, CancellationToken, Jitter, ObservedLatency, Pipeline, PipelineCause, PipelineError, Rejected,
    RetryStrategy, hedge,
};

/// A call that takes longer is given up, retries and all.
pub(crate) const CALL_LIMIT: Duration = Duration::from_millis(500);
/// A service that answers 503 is asked so often in all.
const ATTEMPTS: NonZeroU32 = NonZeroU32::new(3).unwrap();
/// The pause after the first 503; it doubles.
const PAUSE: Duration = Duration::from_millis(5);
/// The service that is asked once more when it is late.
const HEDGED: &str = "recommendations";

/// What is asked of whom. Pages that want the same share the call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    pub(crate) product: usize,
    pub(crate) manner: Manner,
}

/// How the call shall go, where a client wants to see that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Manner {
    Ordinary,
    /// The service answers 503.
    Fail,
    /// The service takes longer than [`CALL_LIMIT`].
    Slow,
    /// The service does not answer, and the call knows neither a time limit nor a token.
    Stuck,
}

/// Why a service gave no part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// It answered with this status instead of 200.
    Status(u16),
    /// There was no connection, or it broke.
    Broken,
    /// There was no answer within [`CALL_LIMIT`].
    TimedOut,
    /// It was not asked.
    Rejected(Rejected),
    /// Nobody waited for it any longer.
    Cancelled,
}

/// What all calls share.
pub(crate) struct Caller {
    guards: Guards,
    /// How long the slow service takes, as a rule.
    usual: ObservedLatency,
    /// What the services said last.
    known: Mutex<HashMap<(&'static str, usize), String>>,
    tally: Tally,
}

impl Caller {
    pub(crate) fn new(tally: Tally, log: fn(&str)) -> Caller {
        let usual = ObservedLatency::percentile(PERCENT).initial(Duration::from_millis(50));
        Caller { guards: Guards::new(log), usual, known: Mutex::default(), tally }
    }

    /// Asks until there is an answer, the time is up or `token` is cancelled: the limit stands around the retries, these
    /// around the breaker and the bulkhead, and these around the hedging. Whichever way this ends early, and also if it is
    /// dropped, the request is dropped, which closes its connection.
    pub(crate) async fn ask(&self, target: &Target, token: &CancellationToken) -> Result<String, Missing> {
        if target.manner == Manner::Stuck {
            // As through a library that hears nothing: only whoever runs it can end it, by dropping it.
            return get(target).await;
        }
        let guard = self.guards.of(target.name);
        let retry = RetryStrategy::new(Backoff::exponential(PAUSE).jitter(Jitter::Equal))
            .max_attempts(ATTEMPTS)
            .when(|error: &PipelineError<Missing>| error.error() == Some(&Missing::Status(503)))
            .on_retry(|_| self.tally.count(|counts| counts.retries += 1));
        let pipeline =
            Pipeline::new().timeout(CALL_LIMIT).retry(retry).circuit_breaker(&guard.breaker).bulkhead(&guard.bulkhead);
        let text = pipeline.call_with(token, |_token| self.once(target)).await?;
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

    /// What the service said last.
    pub(crate) fn remembered(&self, target: &Target) -> Option<String> {
        self.known().get(&(target.name, target.product)).cloned()
    }

    /// How the services do.
    pub(crate) fn health(&self) -> impl Iterator<Item = Health> {
        self.guards.health().into_iter()
    }

    fn known(&self) -> MutexGuard<'_, HashMap<(&'static str, usize), String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
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

impl From<PipelineError<Missing>> for Missing {
    fn from(error: PipelineError<Missing>) -> Missing {
        match error.into_cause() {
            PipelineCause::Failed(missing) => missing,
            PipelineCause::TimedOut(_) => Missing::TimedOut,
            PipelineCause::Rejected(rejected) => Missing::Rejected(rejected),
            PipelineCause::Cancelled(_) => Missing::Cancelled,
            _ => Missing::Broken,
        }
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
            Missing::TimedOut => write!(f, "no answer within {} ms", CALL_LIMIT.as_millis()),
            Missing::Rejected(rejected) => write!(f, "the service was not asked: {rejected}"),
            Missing::Cancelled => f.write_str("nobody waited for it"),
        }
    }
}

impl Error for Missing {}
