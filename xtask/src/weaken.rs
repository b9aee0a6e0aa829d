//! Changes the library in one place at a time, and wants a model to notice each change.
//!
//! One build serves all: the shim changes atomic operations at run time, and a copy of the library asks at each
//! condition and each step what to do.

mod atomic;
mod copy;
mod edit;
mod hash;
mod lab;
mod mutant;
mod report;
mod rewrite;
mod run;
mod scope;
mod state;

use crate::source::sources;
use crate::tools::{Outcome, failed, in_parallel, root};
use copy::Copy;
use lab::Lab;
use mutant::Mutant;

pub(crate) fn job(args: &[String]) -> Outcome {
    let flag = |name: &str| args.iter().any(|a| a == name);
    let filter = args.iter().find(|a| !a.starts_with("--")).map_or("", String::as_str);
    let scanned = sources(&root(), "src");
    let copy = Copy::build(&scanned)?;
    let (all, left_out) = mutant::mutants(&scanned, &copy, flag("--wide"));
    let mutants: Vec<Mutant> = all.into_iter().filter(|m| m.label().contains(filter)).collect();
    if mutants.is_empty() {
        return failed("there is nothing to mutate");
    }
    if flag("--list") {
        mutants.iter().for_each(|m| println!("{}", m.label()));
        left_out.iter().for_each(|label| println!("does not compile: {label}"));
        println!("{} mutants, {} that do not compile", mutants.len(), left_out.len());
        return Ok(());
    }
    let mut lab = Lab::new(&copy, flag("--fast"), flag("--again"));
    let wrong = lab.baseline()?;
    println!("{} mutants, {} models", mutants.len(), copy.models.len());
    let fates = in_parallel(&mutants, |m| {
        let fate = lab.fate(m);
        println!("{}", report::sentence(m, &fate, lab.argument(m).is_some()));
        fate
    });
    report::judge(&lab, &mutants, &fates, &left_out, filter.is_empty(), wrong)
}
