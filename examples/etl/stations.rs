//! The server: it stands for somebody else's, which has a list of weather stations in pages, and their measurements.

use crate::{http::Answer, server::Server};
use std::{fmt::Write as _, io, time::Duration};

/// A station's measurements are asked for in so many parts.
pub(crate) const QUARTERS: u32 = 4;
const DAYS: u32 = 91;
/// How many stations are in a page of the list.
const PAGE: usize = 24;

/// Serves the list and the measurements of so many stations.
pub(crate) async fn serve(stations: usize) -> io::Result<Server> {
    Server::start(move |request| {
        let answer = answer(request.path.as_str(), request.query("page").next(), stations);
        // Some stations are far away.
        let latency = Duration::from_millis(20 + request.path.len() as u64 % 3 * 10);
        (latency, answer.map_or_else(|| Answer::text(404, "not found"), |text| Answer::text(200, text.trim_end())))
    })
    .await
}

fn answer(path: &str, page: Option<&str>, stations: usize) -> Option<String> {
    if path == "/stations" {
        return list(page?.parse().ok()?, stations);
    }
    let (station, quarter) = path.strip_prefix("/stations/station-")?.split_once('/')?;
    let (station, quarter) = (station.parse::<u32>().ok()?, quarter.parse::<u32>().ok()?);
    ((station as usize) < stations && (1..=QUARTERS).contains(&quarter)).then(|| measurements(station, quarter))
}

/// A page of names, one a line; the last line names the next page, if there is one.
fn list(page: usize, stations: usize) -> Option<String> {
    let first = page.checked_mul(PAGE).filter(|first| *first < stations)?;
    let last = stations.min(first + PAGE);
    let mut text = String::new();
    for station in first..last {
        _ = writeln!(text, "station-{station}");
    }
    if last < stations {
        _ = writeln!(text, "next: {}", page + 1);
    }
    Some(text)
}

/// A day and its degrees Fahrenheit in each line.
fn measurements(station: u32, quarter: u32) -> String {
    let first = (quarter - 1) * DAYS;
    let mut text = String::new();
    for day in first..first + DAYS {
        let season = f64::from(day) / f64::from(QUARTERS * DAYS) * std::f64::consts::TAU;
        let degrees = 50.0 - 25.0 * season.cos() + f64::from((day * 31 + station * 17) % 11);
        _ = writeln!(text, "{} {degrees:.1}", day + 1);
    }
    text
}
