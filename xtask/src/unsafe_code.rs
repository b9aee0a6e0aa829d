//! How much unsafe code there is, file by file: blocks, functions, impls. Above `raw` the compiler forbids it.

use crate::source::{Source, sources};
use crate::tools::{Outcome, failed, root};

/// Blocks, functions, impls.
type Counts = [usize; 3];

pub(crate) fn job() -> Outcome {
    let library = sources(&root(), "src");
    let counted = library.iter().map(|source| (source, count(source)));
    let found: Vec<(&Source, Counts)> = counted.filter(|(_, counts)| counts.iter().sum::<usize>() > 0).collect();
    println!("{:40}{:>8}{:>8}{:>8}{:>8}", "file", "blocks", "fns", "impls", "lines");
    let mut all = [0; 3];
    for (source, counts) in &found {
        let [blocks, fns, impls] = counts;
        println!("{:40}{blocks:>8}{fns:>8}{impls:>8}{:>8}", source.path, source.text.lines().count());
        for (sum, count) in all.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    let outside = found.iter().filter(|(s, _)| !s.path.starts_with("src/shim/") && !s.path.starts_with("src/raw/"));
    let outside = outside.count();
    let ([blocks, fns, impls], files) = (all, found.len());
    println!("{blocks} unsafe blocks, {fns} fns, {impls} impls in {files} of {} files", library.len());
    println!("files with unsafe code outside shim and raw: {outside}");
    if outside > 0 || files == 0 { failed("unsafe code is not where it belongs") } else { Ok(()) }
}

fn count(source: &Source) -> Counts {
    let mut counts = [0; 3];
    for at in source.words("unsafe") {
        let next = source.code[at + "unsafe".len()..].trim_start();
        // `unsafe fn(` is the type of a pointer, and `unsafe_op_in_unsafe_fn` one word.
        let kinds = [next.starts_with('{'), next.starts_with("fn "), next.starts_with("impl")];
        for (count, is) in counts.iter_mut().zip(kinds) {
            *count += usize::from(is);
        }
    }
    counts
}
