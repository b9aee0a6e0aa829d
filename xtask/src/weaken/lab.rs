//! Which models are asked about a mutant, in which order, and how long.

use super::copy::{Copy, folder};
use super::hash::hash;
use super::mutant::{Mutant, Sort};
use super::run::{End, attempt};
use super::state::State;
use crate::loom::{MODES, contributing};
use crate::source::{quoted, sources, table};
use crate::tools::{Outcome, failed, in_parallel, root};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Mutex;
use std::time::Duration;

/// What a model may take without a mutant, at a bound of 2.
const BASELINE: Duration = Duration::from_secs(30);

/// What a run may take for `--fast` to ask it about an ordering that the table gives to others.
const QUICK: Duration = Duration::from_secs(5);

/// A row of the table of survivors.
pub(crate) struct Argument {
    pub(crate) operation: String,
    /// Pieces of places, and changes: each of those at each of these is argued.
    pub(crate) fragments: Vec<String>,
    pub(crate) changes: Vec<String>,
}

/// A model in one mode, and what it takes without a mutant.
#[derive(Clone, Copy)]
struct Run<'a> {
    model: &'a str,
    mode: &'static str,
    normal: Duration,
}

/// What became of a mutant.
pub(crate) enum Fate {
    Killed {
        model: String,
        mode: String,
        watching: bool,
    },
    /// No model noticed, of so many that reach the place; these did not end in time.
    Survived {
        reached: usize,
        undecided: Vec<String>,
    },
    /// Nothing that `--fast` may ask has noticed.
    Left,
}

pub(crate) struct Lab<'a> {
    copy: &'a Copy,
    /// What each takes without a mutant at a bound of 2, in each mode that it ends in.
    normal: BTreeMap<(String, &'static str), Duration>,
    /// What is seen, and by whom.
    reached: BTreeMap<String, BTreeSet<(String, &'static str)>>,
    /// `raw/word.rs: claim` and the models that watch it.
    watchers: BTreeMap<String, Vec<String>>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) fast: bool,
    again: bool,
    state: State,
    /// Of each model, what it is written in.
    texts: BTreeMap<String, u64>,
    /// Who killed in an operation's function last.
    recent: Mutex<BTreeMap<String, Vec<String>>>,
}

impl<'a> Lab<'a> {
    pub(crate) fn new(copy: &'a Copy, fast: bool, again: bool) -> Self {
        Self {
            copy,
            normal: BTreeMap::new(),
            reached: BTreeMap::new(),
            watchers: watchers(),
            arguments: arguments(),
            fast,
            again,
            state: State::open(&folder().join("state"), again),
            texts: model_texts(copy),
            recent: Mutex::default(),
        }
    }

    /// How long each model takes without a mutant, and what it reaches. One that does not pass in time is left out.
    pub(crate) fn baseline(&mut self) -> Outcome<Vec<String>> {
        let names: Vec<String> = self.copy.models.keys().cloned().collect();
        let notes = folder().join("reached");
        if self.again {
            let _ = fs::remove_dir_all(&notes);
        }
        if let Err(error) = fs::create_dir_all(&notes) {
            return failed(format!("{}: {error}", notes.display()));
        }
        let runs = in_parallel(&names, |name| MODES.map(|(mode, loads)| self.alone(name, mode, loads)));
        let mut wrong = Vec::new();
        for (name, runs) in names.into_iter().zip(runs) {
            for ((mode, _), (end, time, seen)) in MODES.into_iter().zip(runs) {
                match end {
                    End::Passed => {
                        self.normal.insert((name.clone(), mode), time);
                        for line in seen.lines() {
                            self.reached.entry(line.to_owned()).or_default().insert((name.clone(), mode));
                        }
                    }
                    End::OutOfTime => println!("{name} ({mode}) takes over {BASELINE:?} and is left out"),
                    End::Failed | End::Stuck => {
                        println!("{name} ({mode}) does not pass without a mutant ({end:?}) and is left out");
                        wrong.push(format!("does not pass without a mutant: {name} ({mode})"));
                    }
                }
            }
        }
        Ok(wrong)
    }

    /// One model without a mutant: how it ends, what it takes, what it reaches. Asked once for the same texts.
    fn alone(&self, name: &str, mode: &str, loads: &str) -> (End, Duration, String) {
        let id = hash(&(self.copy.hash, self.texts[name], name, mode));
        let (file, done) =
            (folder().join(format!("reached/{id:016x}")), folder().join(format!("reached/{id:016x}.done")));
        let read = || fs::read_to_string(&file).unwrap_or_default();
        let known = fs::read_to_string(&done).ok().and_then(|millis| millis.parse().ok());
        if let Some(millis) = known {
            return (End::Passed, Duration::from_millis(millis), read());
        }
        let _ = fs::remove_file(&file);
        let path = file.to_string_lossy();
        let variables = [("TASKCELL_REACHED", path.as_ref())];
        let (end, time) = attempt(&self.copy.models[name], name, loads, Some(2), &variables, BASELINE);
        if end == End::Passed {
            let _ = fs::write(&done, time.as_millis().to_string());
        }
        (end, time, read())
    }

    pub(crate) fn argument(&self, mutant: &Mutant) -> Option<usize> {
        let operation = mutant.operation();
        self.arguments.iter().position(|a| {
            a.operation == operation
                && a.changes.contains(&mutant.change)
                && a.fragments.iter().any(|fragment| mutant.text.contains(fragment.as_str()))
        })
    }

    /// Whether any model sees what makes the mutant differ.
    pub(crate) fn seen_by(&self, mutant: &Mutant) -> Vec<&str> {
        let runs = self.reached.get(&mutant.reached).into_iter().flatten();
        let names: BTreeSet<&str> = runs.map(|(model, _)| model.as_str()).collect();
        names.into_iter().collect()
    }

    pub(crate) fn fate(&self, mutant: &Mutant) -> Fate {
        let everything = hash(&self.texts);
        let known = self.state.get(mutant.key);
        if let Some((models, mode, model)) = known {
            if !model.is_empty() && self.texts.get(model) == Some(&models) {
                self.remember(mutant, model);
                return self.killed(mutant, model, mode);
            }
            if model.is_empty() && models == everything && !self.fast {
                return Fate::Survived { reached: self.seen_by(mutant).len(), undecided: Vec::new() };
            }
        }
        let fate = match mutant.sort {
            Sort::Ordering => self.ordering(mutant),
            Sort::Logical => self.logical(mutant),
        };
        match &fate {
            Fate::Killed { model, mode, .. } => {
                self.remember(mutant, model);
                self.state.put(mutant.key, self.texts[model], mode, model);
            }
            Fate::Survived { .. } if !self.fast => self.state.put(mutant.key, everything, "", ""),
            _ => {}
        }
        fate
    }

    fn killed(&self, mutant: &Mutant, model: &str, mode: &str) -> Fate {
        let watching = self.watchers.get(&mutant.operation()).is_some_and(|w| w.iter().any(|name| name == model));
        Fate::Killed { model: model.to_owned(), mode: mode.to_owned(), watching }
    }

    /// The next mutant of the same function, or file, is for the same model first.
    fn remember(&self, mutant: &Mutant, model: &str) {
        let mut recent = self.recent.lock().expect("nobody panics with it");
        for place in [mutant.operation(), mutant.file.clone()] {
            let list = recent.entry(place).or_default();
            list.retain(|name| name != model);
            list.insert(0, model.to_owned());
            list.truncate(4);
        }
    }

    fn recent(&self, mutant: &Mutant) -> Vec<String> {
        let recent = self.recent.lock().expect("nobody panics with it");
        let lists =
            [mutant.operation(), mutant.file.clone()].map(|place| recent.get(&place).cloned().unwrap_or_default());
        lists.concat()
    }

    /// Models of the table first, at low bounds first.
    fn ordering(&self, mutant: &Mutant) -> Fate {
        let none = Vec::new();
        let watchers = self.watchers.get(&mutant.operation()).unwrap_or(&none);
        let seen = self.seen_by(mutant);
        let runs = self.by_time(|model, _| seen.contains(&model) || watchers.iter().any(|w| w == model));
        let (watching, mut others): (Vec<Run<'_>>, Vec<Run<'_>>) =
            runs.into_iter().partition(|run| watchers.iter().any(|w| w == run.model));
        if self.fast {
            others.retain(|run| run.normal < QUICK);
        }
        let mut stages: Vec<(&[Run<'_>], Option<usize>)> = vec![(&watching, Some(2)), (&watching, Some(3))];
        // An argued survivor is shown to survive still: its own models, and those that reach it in the long run.
        if self.argument(mutant).is_none() || !self.fast {
            stages.push((&others, Some(2)));
        }
        if !self.fast && self.argument(mutant).is_none() {
            stages.extend([(&watching[..], None), (&others, None)]);
        }
        let patience = |run: &Run<'_>, bound| match (bound, self.fast) {
            (Some(2), _) => run.normal * 5 + Duration::from_secs(5),
            (_, true) => run.normal * 10 + Duration::from_secs(20),
            (_, false) => Duration::from_secs(300),
        };
        let mut undecided = Vec::new();
        for (runs, bound) in stages {
            for run in runs {
                if let Some(fate) = self.ask(mutant, run, bound, patience(run, bound), &mut undecided).1 {
                    return fate;
                }
            }
        }
        Fate::Survived { reached: seen.len(), undecided }
    }

    /// Models that reach the place: who killed nearby, who watches, the quickest of the rest; then in the other modes, and
    /// with more preemptions.
    fn logical(&self, mutant: &Mutant) -> Fate {
        let none = BTreeSet::new();
        let seen = self.reached.get(&mutant.reached).unwrap_or(&none);
        let recent = self.recent(mutant);
        let watchers = self.watchers.get(&mutant.operation());
        let rank = |run: &Run<'_>| match recent.iter().position(|name| name == run.model) {
            _ if run.normal > Duration::from_secs(1) => 9,
            Some(at) => at,
            None if watchers.is_some_and(|w| w.iter().any(|name| name == run.model)) => 8,
            None => 9,
        };
        // What is argued is only shown to survive still.
        let quick = self.fast || self.argument(mutant).is_some();
        let (longest, mut budget) = match quick {
            true => (Duration::from_millis(500), Duration::from_secs(8)),
            false => (Duration::from_secs(6), Duration::from_secs(80)),
        };
        let given_up =
            |undecided| if self.fast { Fate::Left } else { Fate::Survived { reached: seen.len(), undecided } };
        let mut undecided = Vec::new();
        for (stage, (mode, _)) in MODES.into_iter().enumerate() {
            let mut runs = self.by_time(|model, m| m == mode && seen.contains(&(model.to_owned(), m)));
            runs.retain(|run| run.normal < if stage == 0 { longest } else { Duration::from_secs(1) });
            runs.sort_by_key(rank);
            for run in runs {
                let (time, fate) =
                    self.ask(mutant, &run, Some(2), run.normal * 4 + Duration::from_secs(4), &mut undecided);
                if let Some(fate) = fate {
                    return fate;
                }
                budget = budget.saturating_sub(time);
                if budget.is_zero() {
                    undecided.push("the rest".to_owned());
                    return given_up(undecided);
                }
            }
            if quick && !seen.is_empty() {
                return given_up(undecided);
            }
        }
        // At last those that say how far they go, as far as they say.
        let mut runs = self.by_time(|model, mode| mode == MODES[0].0 && seen.contains(&(model.to_owned(), mode)));
        runs.retain(|run| run.normal < Duration::from_secs(1));
        runs.sort_by_key(rank);
        for run in runs {
            let (time, fate) = self.ask(mutant, &run, None, Duration::from_secs(20), &mut undecided);
            if let Some(fate) = fate {
                return fate;
            }
            budget = budget.saturating_sub(time);
            if budget.is_zero() {
                undecided.push("the rest".to_owned());
                break;
            }
        }
        Fate::Survived { reached: self.seen_by(mutant).len(), undecided }
    }

    fn ask(
        &self,
        mutant: &Mutant,
        run: &Run<'_>,
        bound: Option<usize>,
        limit: Duration,
        undecided: &mut Vec<String>,
    ) -> (Duration, Option<Fate>) {
        let loads = MODES.iter().find(|(mode, _)| *mode == run.mode).map_or("", |(_, loads)| loads);
        let variables = [(mutant.variable.0, mutant.variable.1.as_str())];
        let binary = &self.copy.models[run.model];
        let (end, time) = attempt(binary, run.model, loads, bound, &variables, limit);
        let fate = match end {
            End::Passed => None,
            End::OutOfTime => {
                undecided.push(format!("{} ({})", run.model, run.mode));
                None
            }
            End::Failed => Some(self.killed(mutant, run.model, run.mode)),
            End::Stuck => Some(self.killed(mutant, run.model, &format!("{}, which never ends", run.mode))),
        };
        (time, fate)
    }

    /// The runs that end without a mutant, the quickest first.
    fn by_time(&self, wanted: impl Fn(&str, &'static str) -> bool) -> Vec<Run<'_>> {
        let runs = self.normal.iter().filter(|((model, mode), _)| wanted(model, mode));
        let mut runs: Vec<Run<'_>> = runs.map(|((model, mode), normal)| Run { model, mode, normal: *normal }).collect();
        runs.sort_by_key(|run| run.normal);
        runs
    }
}

/// The hash of all that each model is written in.
fn model_texts(copy: &Copy) -> BTreeMap<String, u64> {
    let shared: Vec<String> = sources(&root(), "loom-tests/src").into_iter().map(|s| s.text).collect();
    let mut texts = BTreeMap::new();
    for source in sources(&root(), "loom-tests/tests") {
        let text = hash(&(&shared, &source.text));
        texts.extend(copy.models.keys().filter(|m| !source.words(m).is_empty()).map(|m| (m.clone(), text)));
    }
    for model in copy.models.keys() {
        texts.entry(model.clone()).or_default();
    }
    texts
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
    let mut rows = table(&contributing(), "Survivors");
    let more = fs::read_to_string(root().join("loom-tests/SURVIVORS.md")).unwrap_or_default();
    rows.extend(table(&more, "Survivors"));
    let parse = |row: &Vec<String>| {
        let [operation, fragments, changes, why] = &row[..] else { return None };
        (!why.is_empty()).then_some(())?;
        let operation = quoted(operation).into_iter().next()?;
        Some(Argument { operation, fragments: quoted(fragments), changes: quoted(changes) })
    };
    rows.iter().filter_map(parse).collect()
}
