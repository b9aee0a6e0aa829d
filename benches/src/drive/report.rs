//! The table and the JSON file.

use super::bars::Bar;
use super::plan::{Costs, Measured, row_of};
use std::fmt::Write as _;

/// One id of the bars, with what was measured.
pub(crate) struct Line<'a> {
    bar: &'a Bar,
    ours: Option<f64>,
    best: Option<(f64, &'static str)>,
    verdict: Verdict,
}

/// What is said of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Holds,
    /// Above the bar, within the tolerance.
    Barely,
    Miss,
    Failed,
    Missing,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Holds => "ok",
            Self::Barely => "ok (tolerated)",
            Self::Miss => "MISS",
            Self::Failed => "FAILED",
            Self::Missing => "missing",
        }
    }

    fn ok(self) -> bool {
        matches!(self, Self::Holds | Self::Barely)
    }
}

/// One line for each bar that was asked for.
pub(crate) fn lines<'a>(bars: &'a [Bar], results: &[Measured], only: &str) -> Vec<Line<'a>> {
    bars.iter().filter(|bar| bar.id.starts_with(only)).map(|bar| line(bar, results)).collect()
}

fn line<'a>(bar: &'a Bar, results: &[Measured]) -> Line<'a> {
    let row = row_of(&bar.id);
    let ours = results.iter().find(|result| result.row == row && result.who == "ours");
    let number = |costs: &Costs| Some(costs.in_unit(&bar.unit)).filter(|number| !number.is_nan());
    let (ours, verdict) = match ours.map(|result| &result.costs) {
        None => (None, Verdict::Missing),
        Some(Err(_)) => (None, Verdict::Failed),
        Some(Ok(costs)) => match number(costs) {
            None => (None, Verdict::Missing),
            Some(ours) if ours <= bar.max => (Some(ours), Verdict::Holds),
            Some(ours) if bar.holds(ours) => (Some(ours), Verdict::Barely),
            Some(ours) => (Some(ours), Verdict::Miss),
        },
    };
    Line { bar, ours, best: best(results, row, |costs| costs.in_unit(&bar.unit)), verdict }
}

/// The peer with the lowest number.
pub(crate) fn best(results: &[Measured], row: &str, number: impl Fn(&Costs) -> f64) -> Option<(f64, &'static str)> {
    let peers = results.iter().filter(|result| result.row == row && result.who != "ours");
    let numbers = peers.filter_map(|result| Some((number(result.costs.as_ref().ok()?), result.who)));
    numbers.filter(|(number, _)| !number.is_nan()).min_by(|left, right| left.0.total_cmp(&right.0))
}

/// A number as short as it is exact.
pub(crate) fn short(number: f64) -> String {
    let number = if number.abs() < 0.005 { 0.0 } else { number };
    if (number - number.round()).abs() < 0.005 {
        format!("{number:.0}")
    } else if number.abs() >= 100.0 {
        format!("{number:.1}")
    } else {
        format!("{number:.2}")
    }
}

/// The table, the rows that no bar speaks of, and how many held.
pub(crate) fn print(lines: &[Line<'_>], results: &[Measured], all: bool) {
    println!("{}", heading());
    for line in lines {
        let peer = line.best.map_or_else(|| "-".to_owned(), |(best, name)| format!("{} {name}", short(best)));
        let ratio = match (line.ours, line.best) {
            (Some(ours), Some((best, _))) if best > 0.0 => format!("{:.2}", ours / best),
            _ => "-".to_owned(),
        };
        let ours = line.ours.map_or_else(|| "-".to_owned(), short);
        let Bar { id, what, unit, max } = line.bar;
        let (max, verdict) = (short(*max), line.verdict.word());
        println!("{id:<17} {what:<64.64} {unit:<12} {ours:>8} {peer:>24} {ratio:>6} {max:>7}  {verdict}");
    }
    let others: Vec<_> = results.iter().filter(|result| all || result.row.contains('/')).collect();
    if !others.is_empty() {
        println!("\nWhat no bar speaks of: instructions, rmw");
    }
    for result in others {
        if let Ok(costs) = &result.costs {
            let (row, who) = (result.row, result.who);
            println!("{row:<24} {who:<18} {:>9} {:>7}", short(costs.instructions), short(costs.rmws));
        }
    }
    for failed in results.iter().filter_map(|result| result.costs.as_ref().err()) {
        println!("\n{failed}");
    }
    let built = lines.iter().filter(|line| line.verdict != Verdict::Missing).count();
    let held = lines.iter().filter(|line| line.verdict.ok()).count();
    let missing = lines.len() - built;
    println!("\n{held} of {built} ids hold their bar (within the larger of 2 and 3 %); {missing} are not built yet.");
}

fn heading() -> String {
    let names = ("id", "what", "unit", "ours", "best peer", "ratio", "bar");
    let (id, what, unit, ours, peer, ratio, bar) = names;
    format!("{id:<17} {what:<64} {unit:<12} {ours:>8} {peer:>24} {ratio:>6} {bar:>7}  ok")
}

/// Whether nine in ten of what is built hold, and nothing failed.
pub(crate) fn held(lines: &[Line<'_>], results: &[Measured]) -> bool {
    let built = lines.iter().filter(|line| line.verdict != Verdict::Missing).count();
    let held = lines.iter().filter(|line| line.verdict.ok()).count();
    held * 10 >= built * 9 && results.iter().all(|result| result.costs.is_ok())
}

/// A list of objects, one for each bar.
pub(crate) fn json(lines: &[Line<'_>]) -> String {
    let mut text = String::from("[");
    for (place, line) in lines.iter().enumerate() {
        let number = |number: Option<f64>| number.map_or_else(|| "null".to_owned(), |number| format!("{number:.3}"));
        let peer = line.best.map_or_else(|| "null".to_owned(), |(_, name)| format!("\"{name}\""));
        let missing = line.verdict == Verdict::Missing;
        let ok = if missing { "null".to_owned() } else { line.verdict.ok().to_string() };
        let Bar { id, unit, max, .. } = line.bar;
        let (ours, best) = (number(line.ours), number(line.best.map(|(best, _)| best)));
        let comma = if place == 0 { "" } else { "," };
        let _ = write!(
            text,
            "{comma}\n  {{\"id\": \"{id}\", \"unit\": \"{unit}\", \"ours\": {ours}, \"best\": {best}, \
             \"peer\": {peer}, \"max\": {max}, \"ok\": {ok}"
        );
        text.push_str(if missing { ", \"missing\": true}" } else { "}" });
    }
    text.push_str("\n]\n");
    text
}
