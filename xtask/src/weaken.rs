//! Mutates the library's orderings and re-checks, one at a time, and wants a
//! model to notice each. One build serves all: the shim mutates at run time.

use crate::loom::{MODES, build, contributing, model_command};
use crate::source::{Source, quoted, sources, table};
use crate::tools::{Outcome, failed, in_parallel, root};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// What a model may take without a mutant, at a bound of 2.
const BASELINE: Duration = Duration::from_secs(30);

/// What a run may take for `--fast` to ask it about a mutant that the table gives to others.
const QUICK: Duration = Duration::from_secs(5);

/// One change to one place.
struct Mutant {
    /// `src/raw/word.rs`
    file: String,
    line: usize,
    function: String,
    /// The operation as written, blanks squeezed.
    text: String,
    /// `AcqRel->Release`, `failure Acquire->Relaxed` or `skip name`
    change: String,
    variable: (&'static str, String),
}

/// A row of CONTRIBUTING's table of survivors.
struct Argument {
    operation: String,
    fragment: String,
    change: String,
}

/// How one run of one model ended.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Passed,
    Failed,
    Stuck,
    OutOfTime,
}

/// A model in one mode, and what it takes without a mutant.
struct Run<'a> {
    model: &'a String,
    mode: &'static str,
    loads: &'static str,
    normal: Duration,
}

/// What became of a mutant.
enum Fate {
    Killed { model: String, mode: &'static str, how: &'static str, watching: bool },
    Survived { undecided: Vec<String> },
}

struct Lab {
    models: BTreeMap<String, PathBuf>,
    /// What each takes without a mutant at a bound of 2, in each mode that it ends in.
    normal: BTreeMap<(String, &'static str), Duration>,
    /// `raw/word.rs: claim` and the models that watch it.
    watchers: BTreeMap<String, Vec<String>>,
    arguments: Vec<Argument>,
    fast: bool,
}

pub(crate) fn job(args: &[String]) -> Outcome {
    let fast = args.iter().any(|a| a == "--fast");
    let filter = args.iter().find(|a| !a.starts_with("--")).map_or("", String::as_str);
    let scanned = sources(&root(), "src");
    let mutants: Vec<Mutant> = scanned.iter().flat_map(mutants).filter(|m| m.label().contains(filter)).collect();
    if mutants.is_empty() {
        return failed("there is nothing to mutate");
    }
    let mut lab =
        Lab { models: build("loom")?, normal: BTreeMap::new(), watchers: watchers(), arguments: arguments(), fast };
    let wrong = lab.baseline();
    println!("{} mutants, {} models", mutants.len(), lab.models.len());
    let fates = in_parallel(&mutants, |m| {
        let fate = lab.fate(m);
        println!("{}", sentence(m, &fate, lab.argument(m).is_some()));
        fate
    });
    lab.judge(&mutants, &fates, filter.is_empty(), wrong)
}

/// All mutants of one file. The shim's own wrapper is the switch, not a user of it.
fn mutants(source: &Source) -> Vec<Mutant> {
    let mut found = Vec::new();
    if source.path == "src/shim/atomic.rs" {
        return found;
    }
    for op in source.operations().0 {
        for (change, to) in changes(&op.orderings) {
            found.push(Mutant {
                file: source.path.clone(),
                line: op.line,
                function: op.function.clone(),
                text: op.text.clone(),
                change,
                variable: ("TASKCELL_WEAKEN", format!("{}:{}:{}:{to}", source.path, op.line, op.column)),
            });
        }
    }
    for check in source.rechecks() {
        found.push(Mutant {
            file: source.path.clone(),
            line: check.line,
            function: check.function,
            text: format!("recheck(\"{}\"", check.name),
            change: format!("skip {}", check.name),
            variable: ("TASKCELL_SKIP", check.name),
        });
    }
    found
}

/// What each ordering of an operation can be weakened to: as written in the tables, as the shim is told.
fn changes(orderings: &[String]) -> Vec<(String, &'static str)> {
    let weaker: &[&str] = match orderings[0].as_str() {
        "Relaxed" => &[],
        "AcqRel" => &["Acquire", "Release"],
        _ => &["Relaxed"],
    };
    let mut changes: Vec<_> = weaker.iter().map(|to| (format!("{}->{to}", orderings[0]), *to)).collect();
    if let Some(failure) = orderings.get(1).filter(|o| *o != "Relaxed") {
        changes.push((format!("failure {failure}->Relaxed"), "failure"));
    }
    changes
}

impl Mutant {
    fn label(&self) -> String {
        format!("{}:{} {} {}", self.file, self.line, self.function, self.change)
    }

    /// The key of CONTRIBUTING's tables.
    fn operation(&self) -> String {
        format!("{}: {}", self.file.trim_start_matches("src/"), self.function)
    }
}

fn watchers() -> BTreeMap<String, Vec<String>> {
    let mut watchers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in table(&contributing(), "Transitions") {
        let [_, operations, _, models] = &row[..] else { continue };
        for operation in quoted(operations) {
            watchers.entry(operation).or_default().extend(quoted(models));
        }
    }
    watchers
}

fn arguments() -> Vec<Argument> {
    let rows = table(&contributing(), "Survivors");
    let parse = |row: &Vec<String>| {
        let [operation, fragment, change, why] = &row[..] else { return None };
        let first = |cell: &str| quoted(cell).into_iter().next();
        (!why.is_empty()).then_some(())?;
        Some(Argument { operation: first(operation)?, fragment: first(fragment)?, change: first(change)? })
    };
    rows.iter().filter_map(parse).collect()
}

impl Lab {
    /// How long each model takes without a mutant. One that does not pass in time is left out, and named.
    fn baseline(&mut self) -> Vec<String> {
        let names: Vec<String> = self.models.keys().cloned().collect();
        let runs = in_parallel(&names, |name| {
            MODES.map(|(_, loads)| {
                let begun = Instant::now();
                (self.attempt(name, loads, Some(2), None, BASELINE), begun.elapsed())
            })
        });
        let mut wrong = Vec::new();
        for (name, runs) in names.into_iter().zip(runs) {
            for ((mode, _), (end, time)) in MODES.into_iter().zip(runs) {
                match end {
                    End::Passed => drop(self.normal.insert((name.clone(), mode), time)),
                    End::OutOfTime => println!("{name} ({mode}) takes over {BASELINE:?} and is left out"),
                    End::Failed | End::Stuck => {
                        println!("{name} ({mode}) does not pass without a mutant ({end:?}) and is left out");
                        wrong.push(format!("does not pass without a mutant: {name} ({mode})"));
                    }
                }
            }
        }
        wrong
    }

    fn argument(&self, mutant: &Mutant) -> Option<usize> {
        let operation = mutant.operation();
        self.arguments.iter().position(|a| {
            a.operation == operation && a.change == mutant.change && mutant.text.contains(a.fragment.as_str())
        })
    }

    /// Runs models until one notices: those of the table first, at low bounds first.
    fn fate(&self, mutant: &Mutant) -> Fate {
        let none = Vec::new();
        let watchers = self.watchers.get(&mutant.operation()).unwrap_or(&none);
        let (watching, mut others): (Vec<Run<'_>>, Vec<Run<'_>>) =
            self.by_time().into_iter().partition(|run| watchers.contains(run.model));
        if self.fast {
            others.retain(|run| run.normal < QUICK);
        }
        let mut stages: Vec<(&[Run<'_>], Option<usize>)> = vec![(&watching, Some(2)), (&watching, Some(3))];
        // An argued survivor is only shown to survive its own models still.
        if self.argument(mutant).is_none() || !self.fast {
            stages.push((&others, Some(2)));
        }
        if !self.fast {
            stages.extend([(&watching[..], None), (&others, None)]);
        }
        let mut undecided = Vec::new();
        for (runs, bound) in stages {
            for run in runs {
                let &Run { model, mode, loads, .. } = run;
                let how = match self.attempt(model, loads, bound, Some(mutant), self.patience(run, bound)) {
                    End::Passed => continue,
                    End::OutOfTime => {
                        undecided.push(format!("{model} ({mode})"));
                        continue;
                    }
                    End::Failed => "",
                    End::Stuck => " by never ending",
                };
                let watching = watchers.contains(model);
                return Fate::Killed { model: model.clone(), mode, how, watching };
            }
        }
        Fate::Survived { undecided }
    }

    /// The runs that end without a mutant, the quickest first.
    fn by_time(&self) -> Vec<Run<'_>> {
        let mut runs = Vec::new();
        for ((model, mode), normal) in &self.normal {
            let loads = MODES.iter().filter(|(name, _)| name == mode).map(|(_, loads)| *loads);
            runs.extend(loads.map(|loads| Run { model, mode, loads, normal: *normal }));
        }
        runs.sort_by_key(|run| run.normal);
        runs
    }

    /// Far more than the model takes without a mutant.
    fn patience(&self, run: &Run<'_>, bound: Option<usize>) -> Duration {
        match (bound, self.fast) {
            (Some(2), _) => run.normal * 5 + Duration::from_secs(10),
            (_, true) => run.normal * 10 + Duration::from_secs(20),
            (_, false) => Duration::from_secs(600),
        }
    }

    fn attempt(&self, model: &str, loads: &str, bound: Option<usize>, mutant: Option<&Mutant>, limit: Duration) -> End {
        let mut command = model_command(&self.models[model], model, loads);
        command.stdin(Stdio::null()).stderr(Stdio::null());
        command.stdout(Stdio::null()).env("TASKCELL_MODEL_SECONDS", limit.as_secs().max(2).to_string());
        if let Some(bound) = bound {
            command.env("LOOM_MAX_PREEMPTIONS", bound.to_string());
        }
        if let Some(mutant) = mutant {
            command.env(mutant.variable.0, &mutant.variable.1);
        }
        let Ok(mut child) = command.spawn() else { return End::OutOfTime };
        // The model ends itself in time; this is for one that cannot any more.
        let last = Instant::now() + limit * 2 + Duration::from_secs(10);
        loop {
            match child.try_wait() {
                Ok(Some(status)) => {
                    return match status.code() {
                        Some(0) => End::Passed,
                        Some(86) => End::Stuck,
                        Some(87) => End::OutOfTime,
                        _ => End::Failed,
                    };
                }
                Ok(None) if Instant::now() > last => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return End::Stuck;
                }
                _ => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Unargued survivors and arguments without a survivor fail the job.
    fn judge(&self, mutants: &[Mutant], fates: &[Fate], everything: bool, mut wrong: Vec<String>) -> Outcome {
        let mut alive = vec![0; self.arguments.len()];
        let (mut killed, mut argued) = (0, 0);
        for (mutant, fate) in mutants.iter().zip(fates) {
            match (fate, self.argument(mutant)) {
                (Fate::Killed { .. }, _) => killed += 1,
                (Fate::Survived { .. }, Some(argument)) => {
                    alive[argument] += 1;
                    argued += 1;
                }
                (Fate::Survived { .. }, None) => {
                    wrong.push(format!("survivor without an argument: {}", mutant.label()))
                }
            }
        }
        for (argument, alive) in self.arguments.iter().zip(alive) {
            if everything && alive == 0 {
                let Argument { operation, fragment, change } = argument;
                wrong.push(format!("argument without a survivor: {operation} `{fragment}` {change}"));
            }
        }
        println!("{} mutants: {killed} killed, {argued} survive as argued, {} faults", mutants.len(), wrong.len());
        if wrong.is_empty() { Ok(()) } else { failed(wrong.join("\n")) }
    }
}

fn sentence(mutant: &Mutant, fate: &Fate, argued: bool) -> String {
    let label = mutant.label();
    match fate {
        Fate::Killed { model, mode, how, watching } => {
            let note = if *watching { "" } else { " - the table does not name it here" };
            format!("killed {label} by {model} ({mode}){how}{note}")
        }
        Fate::Survived { .. } if argued => format!("argued {label}"),
        Fate::Survived { undecided } if undecided.is_empty() => format!("SURVIVED {label}"),
        Fate::Survived { undecided } => format!("SURVIVED {label}; out of time: {}", undecided.join(", ")),
    }
}
