//! Early bailout: a copy that Ctrl-C, or a record that is broken, ends early; and the order in which it cleans up.
//!
//! `cargo run --release --example bailout`, then press Ctrl-C; `-- --records N` (default 100), `-- --broken N`

use async_signal::{Signal, Signals};
use smol::stream::StreamExt as _;
use std::{io, process::ExitCode, time::Duration};
use taskcell::{AsyncDispose, BoxError, CancellationToken, CancellationTokenSource, delay, until_cancelled, using};

/// How long a record takes, and every cleanup.
const STEP: Duration = Duration::from_millis(20);

fn main() -> ExitCode {
    let (mut records, mut broken) = (100, None);
    let mut args = std::env::args().skip(1);
    while let Some(flag) = args.next() {
        match (flag.as_str(), args.next().and_then(|text| text.parse::<u32>().ok())) {
            ("--records", Some(number)) => records = number,
            ("--broken", Some(number)) => broken = Some(number),
            _ => {
                eprintln!("Usage: cargo run --release --example bailout [-- [--records N] [--broken N]]");
                return ExitCode::from(if flag == "--help" { 0 } else { 2 });
            }
        }
    }
    let root = CancellationTokenSource::new();
    let copied = smol::block_on(async {
        let _watch = cancel_at_ctrl_c(root.clone())?;
        copy(records, broken, &root.token()).await
    });
    println!("at the end: {} listeners", root.token().listeners());
    match copied {
        Ok(count) => {
            println!("copied {count} records");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("not copied: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Cancels the source at Ctrl-C, as long as the task is kept.
fn cancel_at_ctrl_c(source: CancellationTokenSource) -> io::Result<smol::Task<()>> {
    let mut signals = Signals::new([Signal::Int])?;
    Ok(smol::spawn(async move {
        signals.next().await;
        println!("Ctrl-C");
        source.cancel();
    }))
}

/// Copies the records, all or none. What was opened last is closed first, however this ends; and each is closed before
/// what it stands on.
async fn copy(records: u32, broken: Option<u32>, token: &CancellationToken) -> Result<u32, BoxError> {
    let copied = using(Opened::new("connection"), async |_connection| {
        using(Opened::new("transaction"), async |transaction| {
            for record in 0..records {
                one_record(record, broken, token).await?;
            }
            transaction.keep = true;
            Ok::<u32, BoxError>(records)
        })
        .await
        .map_err(BoxError::from)
    })
    .await;
    copied.map_err(BoxError::from)
}

/// Copies one record, unless the token is cancelled first: an early bailout in the middle of the work.
async fn one_record(record: u32, broken: Option<u32>, token: &CancellationToken) -> Result<(), BoxError> {
    let work = async {
        delay(STEP).await;
        println!("record {record}");
        if Some(record) == broken { Err(format!("record {record} is broken")) } else { Ok(()) }
    };
    // The future is given back where the token came first, and could go on; here it is dropped.
    match until_cancelled(Box::pin(work), token).await {
        Ok(result) => Ok(result?),
        Err(_unfinished) => Ok(token.check()?),
    }
}

/// Something that is closed asynchronously.
struct Opened {
    name: &'static str,
    keep: bool,
}

impl Opened {
    fn new(name: &'static str) -> Opened {
        println!("{name}: opened");
        Opened { name, keep: false }
    }
}

impl AsyncDispose for Opened {
    type Error = BoxError;

    async fn dispose(self) -> Result<(), BoxError> {
        delay(STEP).await;
        let how = match (self.name, self.keep) {
            ("transaction", true) => "committed",
            ("transaction", false) => "rolled back",
            _ => "closed",
        };
        println!("{}: {how}", self.name);
        Ok(())
    }
}
