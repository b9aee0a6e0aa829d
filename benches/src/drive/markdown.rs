//! `REPORT.md`, from what is stored.

use super::bars::Written;
use super::compile::{self, Built};
use super::contention::{self, Contended};
use super::curves::Point;
use super::plan::{Measured, row_of};
use super::report::{self, Line, short};
use super::time::Timed;
use super::{plots, store};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use taskcell_bench::rows::contend::CONTENTIONS;
use taskcell_bench::rows::curve::CURVES;
use taskcell_bench::sizes::{self, Size};

/// Title and first letter of each part of the bars.
const SECTIONS: [(&str, &str); 5] = [
    ("A", "Cancellation"),
    ("B", "Tasks and their completion (value: `u64`)"),
    ("C", "Combinators (each future pending once, unless said)"),
    ("D", "Channels and caches"),
    ("E", "Timers"),
];

/// Everything that is stored.
pub(crate) struct Stored {
    pub(crate) rows: Vec<Measured>,
    times: Vec<Timed>,
    points: Vec<Point>,
    contention: Vec<Contended>,
    build: Vec<Built>,
    proof: Vec<String>,
}

impl Stored {
    /// Fails if a part was never measured.
    pub(crate) fn load() -> Result<Self, String> {
        Ok(Self {
            rows: store::load("rows")?,
            times: store::load("time")?,
            points: store::load("curves")?,
            contention: store::load("contention")?,
            build: store::load("build")?,
            proof: store::load("proof")?,
        })
    }
}

/// Writes the report and the pictures.
pub(crate) fn write(written: &Written, stored: &Stored) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    plots::draw(&stored.points, &folder.join("plots"))?;
    // The README's is a copy: nothing below `benches` is in the library's package.
    let readme = folder.join("../README.svg");
    let copied = std::fs::copy(folder.join("plots").join("depth.svg"), &readme);
    copied.map_err(|error| format!("{}: {error}", readme.display()))?;
    let lines = report::lines(&written.bars, &stored.rows, "");
    let mut text = String::new();
    let parts = [
        head(&lines),
        pictures(),
        misses(written, &lines),
        losses(written, &lines),
        tables(&lines, stored),
        contended(&stored.contention),
        built(&stored.build),
        sizes_of(),
        correctness(written, &stored.proof),
        method(),
    ];
    for part in parts {
        let _ = writeln!(text, "{}\n", part.trim_end());
    }
    let file = folder.join("REPORT.md");
    std::fs::write(&file, text.trim_end().to_owned() + "\n").map_err(|error| format!("{}: {error}", file.display()))?;
    println!("wrote {} and {} pictures", file.display(), CURVES.len());
    Ok(())
}

fn head(lines: &[Line<'_>]) -> String {
    let held = lines.iter().filter(|line| line.verdict.ok()).count();
    let compared = lines.iter().filter(|line| line.ours.is_some() && line.best.is_some()).count();
    let lost = lines.iter().filter(|line| line.lost()).count();
    format!(
        "# Measurements\n\n\
         Written by `cargo xtask bench --report`; not by hand. Peers run in the same run, with their versions of\n\
         `Cargo.lock`. What the numbers are, and how to have them again, is at the end.\n\n\
         **{held} of {} bars are held, {} are missed and argued. Of {compared} numbers that a peer has, too, ours is at most\n\
         the best peer's in {}, and above it in {lost}.** (Within the larger of 2 and 3 %.)",
        lines.len(),
        lines.len() - held,
        compared - lost,
    )
}

fn pictures() -> String {
    let mut text =
        "## Cost against a number\n\nInstructions are counted; nanoseconds are estimated from them (see the end). \
                    One thread.\n"
            .to_owned();
    for curve in CURVES {
        let _ = write!(text, "\n![{}](plots/{}.svg)\n", curve.title, curve.id);
    }
    text
}

fn misses(written: &Written, lines: &[Line<'_>]) -> String {
    let mut text = "## Bars that are missed, and why\n".to_owned();
    for argument in written.arguments.iter().filter(|argument| !argument.bars.is_empty()) {
        let ids = argument.bars.iter().map(|id| {
            let line = lines.iter().find(|line| line.bar.id == *id);
            let ours = line.and_then(|line| line.ours).map_or_else(|| "-".to_owned(), short);
            format!("{id} ({ours}, bar {})", line.map_or_else(String::new, |line| short(line.bar.max)))
        });
        let _ = write!(text, "\n- **{}**: {}", ids.collect::<Vec<_>>().join(", "), one_line(&argument.why));
    }
    text
}

fn losses(written: &Written, lines: &[Line<'_>]) -> String {
    let mut text = "## Where a peer is cheaper, and why\n".to_owned();
    for argument in written.arguments.iter().filter(|argument| !argument.peers.is_empty()) {
        let ids = argument.peers.iter().map(|id| {
            let line = lines.iter().find(|line| line.bar.id == *id);
            let best = line.and_then(|line| line.best);
            let best = best.map_or_else(String::new, |(best, name)| format!("{name} {}", short(best)));
            let ours = line.and_then(|line| line.ours).map_or_else(|| "-".to_owned(), short);
            format!("{id} ({ours}, {best})")
        });
        let above = if argument.bars.is_empty() { one_line(&argument.why) } else { "see above.".to_owned() };
        let _ = write!(text, "\n- **{}**: {above}", ids.collect::<Vec<_>>().join(", "));
    }
    text
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn tables(lines: &[Line<'_>], stored: &Stored) -> String {
    let mut text =
        "## Every row\n\nThe ratio is ours to the best peer's; the last column has all peers, the cheapest first.\n"
            .to_owned();
    for (letter, title) in SECTIONS {
        let _ = write!(
            text,
            "\n### {letter}. {title}\n\n| id | what | unit | ours | bar | verdict | best peer | ratio | peers |\n\
             |---|---|---|---:|---:|---|---|---:|---|\n"
        );
        for line in lines.iter().filter(|line| line.bar.id.starts_with(letter)) {
            let bar = line.bar;
            let ours = line.ours.map_or_else(|| "-".to_owned(), short);
            let best = line.best.map_or_else(|| "-".to_owned(), |(best, name)| format!("{name} {}", short(best)));
            let _ = writeln!(
                text,
                "| {} | {} | {} | {ours} | {} | {} | {best} | {} | {} |",
                bar.id,
                bar.what,
                bar.unit,
                short(bar.max),
                line.verdict.word(),
                line.ratio(),
                peers(&stored.rows, line)
            );
        }
    }
    text.push_str(&unbarred(lines, stored));
    text.push_str(&timed(&stored.times));
    text
}

fn peers(rows: &[Measured], line: &Line<'_>) -> String {
    let mine = rows.iter().filter(|one| one.row == row_of(&line.bar.id) && one.who != "ours");
    let number = |one: &Measured| one.costs.as_ref().ok().and_then(|costs| costs.in_unit(&line.bar.unit));
    let mut all: Vec<(f64, &str)> = mine.filter_map(|one| Some((number(one)?, one.who.as_str()))).collect();
    all.sort_by(|left, right| left.0.total_cmp(&right.0));
    all.iter().map(|(number, who)| format!("{who} {}", short(*number))).collect::<Vec<_>>().join(", ")
}

/// Rows without a bar: variants, and the machine's own steps.
fn unbarred(lines: &[Line<'_>], stored: &Stored) -> String {
    let mut text =
        "\n### What no bar speaks of\n\n| row | who | instructions | rmw |\n|---|---|---:|---:|\n".to_owned();
    let others = stored.rows.iter().filter(|one| lines.iter().all(|line| row_of(&line.bar.id) != one.row));
    for one in others {
        let Ok(costs) = &one.costs else { continue };
        let number = |number: Option<f64>| number.map_or_else(|| "-".to_owned(), short);
        let (instructions, rmws) = (number(costs.instructions), number(costs.rmws));
        let _ = writeln!(text, "| {} | {} | {instructions} | {rmws} |", one.row, one.who);
    }
    text
}

fn timed(times: &[Timed]) -> String {
    let mut text =
        "\n### Nanoseconds\n\nOurs and the peer with the fewest instructions, by turns in one process; medians. \
                    These move with the machine and with what else it does.\n\n\
                    | row | ours, ns | peer, ns | ratio | peer |\n|---|---:|---:|---:|---|\n"
            .to_owned();
    for Timed { row, peer, ours, theirs } in times {
        let _ = writeln!(text, "| {row} | {ours:.1} | {theirs:.1} | {:.2} | {peer} |", ours / theirs);
    }
    text
}

fn contended(all: &[Contended]) -> String {
    let mut text = format!(
        "## Two threads\n\n\
         Millions of operations a second, all threads together; medians of {} runs, by turns. The last column is our\n\
         throughput with two threads in units of the peer's: above 1 we are faster. Two threads on one line of memory\n\
         lose to one thread, whoever does it. The range shows how much of a number is noise.\n",
        contention::TURNS
    );
    for scene in CONTENTIONS {
        let _ = write!(
            text,
            "\n**{}**: {}\n\n| who | 1 thread | 2 threads | from .. to | ours / theirs |\n|---|---:|---:|---:|---:|\n",
            scene.id, scene.what
        );
        for one in all.iter().filter(|one| one.scene == scene.id) {
            let ours = contention::ours(all, scene.id).map_or(f64::NAN, |ours| ours / one.two);
            let _ = writeln!(
                text,
                "| {} | {:.2} | {:.2} | {:.2} .. {:.2} | {ours:.2} |",
                one.who,
                one.one / 1e6,
                one.two / 1e6,
                one.range.0 / 1e6,
                one.range.1 / 1e6
            );
        }
    }
    text
}

fn built(all: &[Built]) -> String {
    let mut text = format!(
        "## Cost of a build\n\nAn empty library that depends on it: a cold `cargo build --release`, the least of {} builds \
         by turns; and the crates that are built, it included.\n\n| dependency | seconds | crates | which |\n|---|---:|---:|---|\n",
        compile::TURNS
    );
    for Built { name, seconds, crates } in all {
        let _ = writeln!(text, "| {name} | {seconds:.1} | {} | {} |", crates.len(), crates.join(", "));
    }
    text
}

fn sizes_of() -> String {
    let table = |all: Vec<Size>| {
        let mut text = "| type | bytes | with |\n|---|---:|---|\n".to_owned();
        for Size { name, with, bytes } in all {
            let _ = writeln!(text, "| `{name}` | {bytes} | {with} |");
        }
        text
    };
    format!(
        "## Sizes\n\nBytes of the value itself on a 64-bit machine; what it has on the heap is not in it. A test fails if a \
         public future has no row.\n\n### What one keeps\n\n{}\n### Every public future\n\n\
         Over `Ready<u64>`, or with values of `u64`, unless said.\n\n{}",
        table(sizes::handles()),
        table(sizes::futures())
    )
}

fn correctness(written: &Written, passed: &[String]) -> String {
    let mut text =
        "## What peers get wrong, and a test of ours holds\n\n| peer | fault | tests in `tests/it` |\n|---|---|---|\n"
            .to_owned();
    for claim in &written.claims {
        let tests =
            claim.tests.iter().map(|test| format!("`{test}`{}", if passed.contains(test) { "" } else { " (not run)" }));
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            claim.peer,
            one_line(&claim.fault),
            tests.collect::<Vec<_>>().join(", ")
        );
    }
    text
}

fn method() -> String {
    format!(
        "## How\n\n\
         - Instructions and atomic read-modify-writes: valgrind's callgrind over a release build (fat LTO, one codegen unit),\n  \
           (count at N operations - count at none) / N; a read-modify-write is an executed `lock` instruction or an `xchg`\n  \
           with memory. Allocations and bytes: a counting allocator. They come out the same whatever else the machine does.\n\
         - Estimated nanoseconds: 5.0 x read-modify-writes + 0.06 x instructions, the line through 252 rows of one thread that\n  \
           were measured both ways (median error 8 %). One read-modify-write costs as much as 80 instructions.\n\
         - A bar is held within the larger of 2 and 3 %. `bars.toml` has the bars, `arguments.toml` why some are missed; the\n  \
           job fails if a missed bar has no argument, or an argument no missed bar, and the same for cheaper peers.\n\
         - `cargo xtask bench` measures everything; `cargo xtask bench PART.. --report` measures parts (`rows`, `curves`,\n  \
           `time`, `contention`, `build`, `proof`) again and writes this page from what is stored of the rest;\n  \
           `cargo xtask bench rows --only D2` measures the ids that begin so.\n\
         - Compiler: {}. Timings: a machine with {} cores.",
        compiler(),
        std::thread::available_parallelism().map_or(1, usize::from)
    )
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    output.map_or_else(|_| "unknown".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
