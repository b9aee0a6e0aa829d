//! The report that is checked in: it has every bar, every size and every picture, and its arguments are about something.

use std::path::{Path, PathBuf};
use taskcell_bench::rows::curve::CURVES;
use taskcell_bench::sizes;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = folder().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Ids of a file of tables.
fn ids(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("id = \"")?.strip_suffix('"')).collect()
}

#[test]
fn it_has_every_bar() {
    let (report, bars) = (read("REPORT.md"), read("bars.toml"));
    let ids = ids(&bars);
    assert!(ids.len() > 100);
    let missing: Vec<_> = ids.iter().filter(|id| !report.contains(&format!("\n| {id} | "))).collect();
    assert!(missing.is_empty(), "not in REPORT.md: {missing:?}");
}

#[test]
fn it_has_every_size() {
    let report = read("REPORT.md");
    let all = sizes::handles().into_iter().chain(sizes::futures());
    let missing: Vec<_> =
        all.map(|size| size.name).filter(|name| !report.contains(&format!("\n| `{name}` | "))).collect();
    assert!(missing.is_empty(), "not in REPORT.md: {missing:?}; `cargo xtask bench --stored --report` writes it again");
}

#[test]
fn its_pictures_have_every_line() {
    let report = read("REPORT.md");
    for curve in CURVES {
        assert!(report.contains(&format!("(plots/{}.svg)", curve.id)), "{} is not shown", curve.id);
        let picture = read(format!("plots/{}.svg", curve.id));
        assert!(picture.starts_with("<svg"));
        for (who, ..) in curve.lines {
            assert!(picture.contains(who), "{}.svg does not name {who}", curve.id);
        }
    }
}

#[test]
fn every_miss_is_argued() {
    let (report, arguments) = (read("REPORT.md"), read("arguments.toml"));
    let misses = report.lines().filter(|line| line.contains(" | MISS | "));
    for line in misses {
        let id = line.split(" | ").next().unwrap_or_default().trim_start_matches("| ");
        assert!(arguments.contains(&format!("\"{id}\"")), "{id} misses its bar, and nothing says why");
    }
    assert!(!report.contains(" | FAILED | ") && !report.contains(" | missing | "));
}
