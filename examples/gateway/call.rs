//! One call: a service is asked for its part of a page.

use crate::http;
use std::{error::Error, fmt, net::SocketAddr, time::Duration};
use taskcell::{BoxError, CancellationToken, Cancelled, timeout};

/// A call that takes longer is given up, and its pages go without that part.
pub(crate) const CALL_LIMIT: Duration = Duration::from_millis(500);

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
}

/// Asks the service until it has answered, the time is up or `token` is cancelled. Whichever way this ends early, and
/// also if it is dropped, the request is dropped, which closes its connection.
pub(crate) async fn ask(target: Target, token: CancellationToken) -> Result<String, BoxError> {
    let path = target.path();
    let answer = http::get(target.address, &path);
    let answer = if target.manner == Manner::Stuck {
        // As through a library that hears nothing: only whoever runs it can end it, by dropping it.
        answer.await
    } else {
        let answer = timeout(CALL_LIMIT, token.run_until_cancelled(answer)).await;
        match answer.map_err(|_elapsed| Missing::TimedOut)? {
            Some(answer) => answer,
            // This error, and no other, ends the task as cancelled.
            None => return Err(Cancelled::new(token).into()),
        }
    };
    match answer {
        Ok((200, text)) => Ok(text.trim_end().to_owned()),
        Ok((status, _)) => Err(Missing::Status(status).into()),
        Err(_) => Err(Missing::Broken.into()),
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
            Missing::TimedOut => write!(f, "no answer within {} ms", CALL_LIMIT.as_millis()),
        }
    }
}

impl Error for Missing {}
