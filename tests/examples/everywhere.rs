//! The example `everywhere`: one report from every executor.

use crate::{assert_order, run};

#[test]
fn every_executor_reports_the_same() {
    let (code, text) = run("everywhere", &[]);
    assert_eq!(code, Some(0), "{text}");
    let executors = ["on smol:", "on a message loop:", "on a local executor:", "on a manual clock:"];
    assert_order(&text, &[&executors[..], &["(it shows 70ms)", "the same everywhere"]].concat());
    for line in include_str!("../../examples/everywhere/report.txt").lines() {
        assert_eq!(text.matches(line).count(), executors.len(), "{line}: {text}");
    }
}
