//! The table and the JSON file.

use super::bars::{Argument, Bar, tolerated};
use super::plan::{Costs, Measured, row_of};
use std::fmt::Write as _;

const BARS: &str = include_str!("../../bars.toml");

/// One id of the bars, with what was measured.
pub(crate) struct Line<'a> {
    pub(crate) bar: &'a Bar,
    pub(crate) ours: Option<f64>,
    /// Of the peers.
    pub(crate) best: Option<(f64, &'a str)>,
    pub(crate) verdict: Verdict,
}

impl Line<'_> {
    /// Whether a peer is cheaper by more than the tolerance.
    pub(crate) fn lost(&self) -> bool {
        self.ours.zip(self.best).is_some_and(|(ours, (best, _))| ours > tolerated(best))
    }

    /// Ours in units of the best peer's.
    pub(crate) fn ratio(&self) -> String {
        match (self.ours, self.best) {
            (Some(ours), Some((best, _))) if best > 0.0 => format!("{:.2}", ours / best),
            _ => "-".to_owned(),
        }
    }
}

/// What is said of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Holds,
    /// Above the bar, within the tolerance.
    Barely,
    Miss,
    Failed,
    Missing,
}

impl Verdict {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Holds => "ok",
            Self::Barely => "ok (tolerated)",
            Self::Miss => "MISS",
            Self::Failed => "FAILED",
            Self::Missing => "missing",
        }
    }

    pub(crate) fn ok(self) -> bool {
        matches!(self, Self::Holds | Self::Barely)
    }
}

/// One line for each bar that was asked for.
pub(crate) fn lines<'a>(bars: &'a [Bar], results: &'a [Measured], only: &str) -> Vec<Line<'a>> {
    bars.iter().filter(|bar| bar.id.starts_with(only)).map(|bar| line(bar, results)).collect()
}

fn line<'a>(bar: &'a Bar, results: &'a [Measured]) -> Line<'a> {
    let row = row_of(&bar.id);
    let ours = results.iter().find(|result| result.row == row && result.who == "ours");
    let (ours, verdict) = match ours.map(|result| &result.costs) {
        None => (None, Verdict::Missing),
        Some(Err(_)) => (None, Verdict::Failed),
        Some(Ok(costs)) => match costs.in_unit(&bar.unit) {
            None => (None, Verdict::Missing),
            Some(ours) if ours <= bar.max => (Some(ours), Verdict::Holds),
            Some(ours) if bar.holds(ours) => (Some(ours), Verdict::Barely),
            Some(ours) => (Some(ours), Verdict::Miss),
        },
    };
    Line { bar, ours, best: best(results, row, |costs| costs.in_unit(&bar.unit)), verdict }
}

/// The peer with the lowest number.
pub(crate) fn best<'a>(
    results: &'a [Measured],
    row: &str,
    number: impl Fn(&Costs) -> Option<f64>,
) -> Option<(f64, &'a str)> {
    let peers = results.iter().filter(|result| result.row == row && result.who != "ours");
    let numbers = peers.filter_map(|result| Some((number(result.costs.as_ref().ok()?)?, result.who.as_str())));
    numbers.min_by(|left, right| left.0.total_cmp(&right.0))
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
        let ratio = line.ratio();
        let ours = line.ours.map_or_else(|| "-".to_owned(), short);
        let Bar { id, what, unit, max } = line.bar;
        let (max, verdict) = (short(*max), line.verdict.word());
        println!("{id:<17} {what:<64.64} {unit:<12} {ours:>8} {peer:>24} {ratio:>6} {max:>7}  {verdict}");
    }
    let others: Vec<_> =
        results.iter().filter(|result| all || !BARS.contains(&format!("id = \"{}\"", result.row))).collect();
    if !others.is_empty() {
        println!("\nWhat no bar speaks of: instructions, rmw");
    }
    for result in others {
        if let Ok(costs) = &result.costs {
            let (row, who) = (&result.row, &result.who);
            let text = |number: Option<f64>| number.map_or_else(|| "-".to_owned(), short);
            println!("{row:<24} {who:<20} {:>9} {:>7}", text(costs.instructions), text(costs.rmws));
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

/// What is wrong: runs that failed, bars that are missed and not argued, arguments about nothing.
pub(crate) fn faults(lines: &[Line<'_>], results: &[Measured], arguments: &[Argument]) -> Vec<String> {
    let failed = results.iter().filter(|result| result.costs.is_err());
    let mut faults: Vec<String> = failed.map(|result| format!("{} {} failed", result.row, result.who)).collect();
    for line in lines {
        let id = &line.bar.id;
        let argued = |list: fn(&Argument) -> &[String]| arguments.iter().any(|argument| list(argument).contains(id));
        match (line.verdict, argued(|argument| &argument.bars)) {
            (Verdict::Missing, _) => faults.push(format!("{id} is not measured")),
            (Verdict::Miss, false) => faults.push(format!("{id} misses its bar, and arguments.toml does not say why")),
            (Verdict::Holds | Verdict::Barely, true) => {
                faults.push(format!("{id} holds its bar, but arguments.toml says why not"));
            }
            _ => {}
        }
        match (line.lost(), argued(|argument| &argument.peers)) {
            (true, false) => faults.push(format!("{id}: a peer is cheaper, and arguments.toml does not say why")),
            (false, true) => faults.push(format!("{id}: no peer is cheaper, but arguments.toml says why")),
            _ => {}
        }
    }
    let named = arguments.iter().flat_map(|argument| argument.bars.iter().chain(&argument.peers));
    let unknown = named.filter(|id| !BARS.contains(&format!("id = \"{id}\"")));
    faults.extend(unknown.map(|id| format!("arguments.toml names {id}, which is no bar")));
    faults
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
