//! The points of the pictures, counted under callgrind.

use super::callgrind::{self, Counted};
use super::disassembly::Atomics;
use super::plan::{each, in_parallel};
use super::tools::Workers;
use serde::{Deserialize, Serialize};
use taskcell_bench::rows::curve::{CURVES, SIZES, operations};

/// One point, for each operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Point {
    pub(crate) curve: String,
    pub(crate) who: String,
    pub(crate) size: usize,
    pub(crate) instructions: f64,
    pub(crate) rmws: f64,
}

impl Point {
    /// By what the machine's steps cost (REPORT.md says how it was found).
    pub(crate) fn nanos(&self) -> f64 {
        5.0 * self.rmws + 0.06 * self.instructions
    }
}

/// Counts them all.
pub(crate) fn measure(workers: &Workers) -> Result<Vec<Point>, String> {
    let atomics = Atomics::default();
    let lines = CURVES.iter().flat_map(|curve| curve.lines.iter().map(move |line| (curve.id, line)));
    let jobs: Vec<_> = lines
        .flat_map(|(id, &(who, most, _))| {
            SIZES.into_iter().filter(move |size| *size <= most).map(move |size| (id, who, size))
        })
        .collect();
    let points = in_parallel(&jobs, |&(id, who, size)| point(workers, &atomics, id, who, size))?;
    points.into_iter().collect()
}

fn point(workers: &Workers, atomics: &Atomics, id: &str, who: &str, size: usize) -> Result<Point, String> {
    let count = |n: usize| -> Result<Counted, String> {
        callgrind::run(&workers.scene, atomics, &["curve", id, who, &size.to_string(), &n.to_string()])
    };
    let (many, none) = (count(operations(size))?, count(0)?);
    Ok(Point {
        curve: id.to_owned(),
        who: who.to_owned(),
        size,
        instructions: each(many.instructions as f64 - none.instructions as f64, many.operations),
        rmws: each(many.rmws as f64 - none.rmws as f64, many.operations),
    })
}

/// The table.
pub(crate) fn print(points: &[Point]) {
    for curve in CURVES {
        println!("\n{}: instructions, rmw, estimated ns", curve.title);
        for (who, ..) in curve.lines {
            let line = points.iter().filter(|point| point.curve == curve.id && point.who == *who);
            let texts =
                line.map(|point| format!("{}: {} {} {:.0}", point.size, point.instructions, point.rmws, point.nanos()));
            println!("  {who:<20} {}", texts.collect::<Vec<_>>().join("  "));
        }
    }
}
