//! Extract, transform, load: measurements of weather stations, from a web server on loopback into a file for each.
//!
//! The list of stations comes in pages, as an asynchronous stream that fetches the next page when it is asked for more;
//! ten stations at a time are downloaded, turned into degrees Celsius and written. Ctrl-C ends it early: what is written
//! is whole, and of what is not nothing is left.
//!
//! `cargo run --release --example etl -- --directory DIRECTORY`, then press Ctrl-C; `-- --help` lists the flags
//!
//! | file | knows |
//! |---|---|
//! | `options.rs` | the command line |
//! | `stations.rs` | the server that has the measurements |
//! | `table.rs` | a file that is there when it is whole |

#[path = "../gateway/http.rs"]
#[expect(dead_code, reason = "the gateway uses more of it")]
mod http;
mod options;
#[path = "../shared/server.rs"]
mod server;
mod stations;
mod table;

use async_signal::{Signal, Signals};
use futures_util::{Stream, StreamExt as _};
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use options::{Options, Parsed};
use std::{
    fs,
    io::{self, IsTerminal as _},
    net::SocketAddr,
    num::NonZeroUsize,
    path::Path,
    pin::pin,
    process::ExitCode,
};
use table::Table;
use taskcell::{BoxError, CancellationTokenSource, Cancelled, stream, throttled_map_stream};

const AT_ONCE: NonZeroUsize = NonZeroUsize::new(10).unwrap();

fn main() -> ExitCode {
    let options = match options::parse(std::env::args().skip(1)) {
        Ok(Parsed::Run(options)) => options,
        Ok(Parsed::Help) => {
            print!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Err(why) => {
            eprintln!("etl: {why} (--help lists the flags)");
            return ExitCode::from(2);
        }
    };
    let mut written = 0;
    let ended = smol::block_on(copy(&options, &mut written));
    if io::stderr().is_terminal() {
        eprintln!(); // the bar stays on the screen
    }
    println!("{written} tables in {}", options.directory.display());
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ended early: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Copies every station, and counts those that are written.
async fn copy(options: &Options, written: &mut u64) -> Result<(), BoxError> {
    let directory = &options.directory;
    fs::create_dir_all(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let root = CancellationTokenSource::new();
    let token = root.token();
    let _watch = cancel_at_ctrl_c(root)?;
    let server = stations::serve(options.stations).await?;
    let address = server.address;

    let style = ProgressStyle::with_template("{wide_bar} {pos:>3}/{len} stations")?;
    let bar = ProgressBar::new(options.stations as u64).with_style(style).with_finish(ProgressFinish::Abandon);
    // Ten stations are under way inside this loop. Leaving it drops them, and each takes its file with it.
    let mut tables = pin!(throttled_map_stream(names(address), AT_ONCE, |name| async move {
        let name = name?;
        load(address, directory, &name).await.map_err(|error| BoxError::from(format!("{name}: {error}")))
    }));
    loop {
        match token.run_until_cancelled(tables.next()).await {
            Some(Some(table)) => table?,
            Some(None) => return Ok(()),
            None => return Err(Cancelled::new(token).into()),
        }
        *written += 1;
        bar.inc(1);
    }
}

/// Cancels the source at Ctrl-C, as long as the task is kept.
fn cancel_at_ctrl_c(source: CancellationTokenSource) -> io::Result<smol::Task<()>> {
    let mut signals = Signals::new([Signal::Int])?;
    Ok(smol::spawn(async move {
        signals.next().await;
        source.cancel();
    }))
}

/// The names of all stations: a page is fetched when all names of the one before were taken.
fn names(server: SocketAddr) -> impl Stream<Item = Result<String, BoxError>> {
    stream::paged(move |page: Option<String>| async move {
        let text = get(server, &format!("/stations?page={}", page.as_deref().unwrap_or("0"))).await?;
        let (last, names): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.starts_with("next: "));
        let next = last.first().and_then(|line| line.strip_prefix("next: ")).map(str::to_owned);
        Ok((names.into_iter().map(str::to_owned).collect::<Vec<_>>(), next))
    })
}

/// Writes a station's table, quarter by quarter.
async fn load(server: SocketAddr, directory: &Path, name: &str) -> Result<(), BoxError> {
    let mut table = Table::create(directory, name)?;
    for quarter in 1..=stations::QUARTERS {
        table.write(&celsius(&get(server, &format!("/stations/{name}/{quarter}")).await?)?)?;
    }
    table.finish()?;
    Ok(())
}

/// Turns `DAY FAHRENHEIT` into `DAY;CELSIUS`, line by line.
fn celsius(measured: &str) -> Result<String, BoxError> {
    let line = |line: &str| {
        let (day, degrees) = line.split_once(' ')?;
        Some(format!("{day};{:.1}\n", (degrees.parse::<f64>().ok()? - 32.0) / 1.8))
    };
    measured.lines().map(|text| line(text).ok_or_else(|| format!("not a measurement: {text:?}").into())).collect()
}

async fn get(server: SocketAddr, path: &str) -> Result<String, BoxError> {
    match http::get(server, path).await? {
        (200, text) => Ok(text),
        (status, _) => Err(format!("{path}: the server answered {status}").into()),
    }
}
