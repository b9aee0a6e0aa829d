//! `http://HOST:PORT/PATH`: where a feed is.

use std::{fmt, io, net::SocketAddr, str::FromStr};

/// As much of a URL as the example needs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Url {
    host: String,
    port: u16,
    pub(crate) path: String,
}

impl FromStr for Url {
    type Err = String;

    fn from_str(text: &str) -> Result<Url, String> {
        let Some(rest) = text.strip_prefix("http://") else {
            return Err(format!("'{text}' has to begin with http:// (there is no TLS in this example)"));
        };
        let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
        let (host, port) = match authority.rsplit_once(':') {
            None => (authority, Ok(80)),
            Some((host, port)) => (host, port.parse()),
        };
        let Ok(port) = port else { return Err(format!("'{text}' has no port that is a number up to 65535")) };
        if host.is_empty() || path.contains(char::is_whitespace) {
            return Err(format!("'{text}' is no URL"));
        }
        Ok(Url { host: host.to_owned(), port, path: path.to_owned() })
    }
}

impl Url {
    pub(crate) fn new(server: SocketAddr, path: &str) -> Url {
        Url { host: server.ip().to_string(), port: server.port(), path: path.to_owned() }
    }

    /// The address of the server.
    pub(crate) async fn resolve(&self) -> io::Result<SocketAddr> {
        let found = smol::net::resolve((self.host.as_str(), self.port)).await?;
        found.first().copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}:{}{}", self.host, self.port, self.path)
    }
}
