//! The table of what became of the mutants, and the verdict.

use super::copy::folder;
use super::lab::{Argument, Fate, Lab};
use super::mutant::{Mutant, Sort};
use crate::tools::{Outcome, failed};

/// One line while the job runs.
pub(crate) fn sentence(mutant: &Mutant, fate: &Fate, argued: bool) -> String {
    let label = mutant.label();
    match fate {
        Fate::Killed { model, mode, watching } => {
            let note =
                if *watching || mutant.sort == Sort::Logical { "" } else { " - the table does not name it here" };
            format!("killed {label} by {model} ({mode}){note}")
        }
        Fate::Survived { .. } if argued => format!("argued {label}"),
        Fate::Survived { reached: 0, .. } => format!("SURVIVED {label}; no model sees what it changes"),
        Fate::Survived { reached, undecided } if undecided.is_empty() => {
            format!("SURVIVED {label}; {reached} models reach it")
        }
        Fate::Survived { reached, undecided } => {
            format!("SURVIVED {label}; {reached} models reach it; out of time: {}", undecided.join(", "))
        }
        Fate::Left => format!("left {label} to the long run"),
    }
}

/// Unargued survivors and arguments without a survivor fail the job.
pub(crate) fn judge(
    lab: &Lab<'_>,
    mutants: &[Mutant],
    fates: &[Fate],
    left_out: &[String],
    everything: bool,
    mut wrong: Vec<String>,
) -> Outcome {
    let mut alive = vec![0; lab.arguments.len()];
    let (mut killed, mut argued, mut left) = (0, 0, 0);
    let mut survivors = Vec::new();
    let mut rows = String::from("| operation | mutant | killed by |\n|---|---|---|\n");
    for (mutant, fate) in mutants.iter().zip(fates) {
        let argument = lab.argument(mutant);
        let end = match (fate, argument) {
            (Fate::Killed { model, mode, .. }, _) => {
                killed += 1;
                format!("{model} ({mode})")
            }
            (Fate::Survived { .. }, Some(argument)) => {
                alive[argument] += 1;
                argued += 1;
                "survives, as argued".to_owned()
            }
            (Fate::Left, Some(argument)) => {
                alive[argument] += 1;
                argued += 1;
                "survives so far, as argued".to_owned()
            }
            (Fate::Survived { reached, .. }, None) => {
                survivors.push(mutant.label());
                format!("**survived** {reached} models")
            }
            (Fate::Left, None) => {
                left += 1;
                "left to the long run".to_owned()
            }
        };
        let Mutant { file, line, function, text, change, .. } = mutant;
        rows += &format!("| {file}:{line} {function} | `{}` {change} | {end} |\n", text.replace('|', "\\|"));
    }
    for label in left_out {
        rows += &format!("| {} | | does not compile |\n", label.replace('|', "\\|"));
    }
    for (argument, alive) in lab.arguments.iter().zip(alive) {
        if everything && alive == 0 {
            let Argument { operation, fragments, changes } = argument;
            let (fragments, changes) = (fragments.join("`, `"), changes.join(", "));
            wrong.push(format!("argument without a survivor: {operation} `{fragments}` {changes}"));
        }
    }
    let path = folder().join("table.md");
    if let Err(error) = std::fs::write(&path, &rows) {
        wrong.push(format!("{}: {error}", path.display()));
    }
    println!("\n{rows}");
    survivors.iter().for_each(|label| println!("survivor without an argument:\n- {label}"));
    wrong.iter().for_each(|why| println!("{why}"));
    let more = if left > 0 { format!(", {left} left to the long run") } else { String::new() };
    println!(
        "{} mutants: {killed} killed, {argued} survive as argued{more}; {} more do not compile; {} faults",
        mutants.len(),
        left_out.len(),
        wrong.len()
    );
    println!("survivors: {}", survivors.len());
    match (survivors.len(), wrong.len()) {
        (0, 0) => Ok(()),
        (alive, faults) => {
            failed(format!("{alive} survivors without an argument, {faults} faults; {}", path.display()))
        }
    }
}
