//! What can go wrong with one file, and whether to try again.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// Something that failed, where, and why. It is of one file; the others go on.
#[derive(Debug)]
pub(crate) struct Fault {
    path: PathBuf,
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    /// What could not be done.
    Io(&'static str, io::Error),
    /// What is wrong with it.
    Is(&'static str),
    /// The source was written to meanwhile.
    Changed,
    /// Ctrl-C.
    Stopped,
}

impl Fault {
    /// For `map_err`: `path` cannot be `doing`.
    pub(crate) fn io(path: &Path, doing: &'static str) -> impl FnOnce(io::Error) -> Fault {
        move |error| Fault { path: path.to_owned(), cause: Cause::Io(doing, error) }
    }

    pub(crate) fn is(path: &Path, what: &'static str) -> Fault {
        Fault { path: path.to_owned(), cause: Cause::Is(what) }
    }

    pub(crate) fn changed(path: &Path) -> Fault {
        Fault { path: path.to_owned(), cause: Cause::Changed }
    }

    pub(crate) fn stopped(path: &Path) -> Fault {
        Fault { path: path.to_owned(), cause: Cause::Stopped }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        matches!(self.cause, Cause::Stopped)
    }

    /// Whether it may be otherwise in a moment.
    pub(crate) fn is_transient(&self) -> bool {
        use io::ErrorKind as Kind;
        match &self.cause {
            Cause::Changed => true,
            Cause::Io(_, error) => matches!(
                error.kind(),
                Kind::Interrupted
                    | Kind::WouldBlock
                    | Kind::TimedOut
                    | Kind::ResourceBusy
                    | Kind::StaleNetworkFileHandle
            ),
            Cause::Is(_) | Cause::Stopped => false,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.cause {
            Cause::Io(doing, error) => write!(f, "{path}: cannot be {doing}: {error}"),
            Cause::Is(what) => write!(f, "{path}: {what}"),
            Cause::Changed => write!(f, "{path}: it is written to all the time"),
            Cause::Stopped => write!(f, "{path}: stopped"),
        }
    }
}

impl std::error::Error for Fault {}
