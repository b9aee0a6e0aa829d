//! The table of sizes against the sources: a public future without a row fails, and a row about nothing.

#[path = "../../tests/it/tidy/source.rs"]
#[expect(dead_code, reason = "the tidy tests and the jobs use the rest")]
mod source;

use std::collections::BTreeSet;
use std::path::Path;
use taskcell_bench::sizes;

/// What a macro's calls put in the place of a variable: the `place`th identifier of each.
fn given(code: &str, name: &str, place: usize) -> Vec<String> {
    let call = format!("{name}!");
    let calls = code.match_indices(&call).map(|(at, call)| &code[at + call.len()..]);
    let words = |call: &str| {
        let mut call = call.trim_start_matches([' ', '{', '(', '[']);
        while let Some(attribute) = call.strip_prefix("#[") {
            call = attribute.split_once(']').map_or("", |(_, rest)| rest).trim_start();
        }
        let words = call.split(|letter| !source::is_word(letter)).filter(|word| !word.is_empty());
        words.filter(|word| word.parse::<f64>().is_err()).nth(place).map(str::to_owned)
    };
    calls.filter_map(words).collect()
}

/// The types behind `for $name`: the macro before it, and the variable's place among its identifiers.
fn of_macro(code: &str, at: usize, variable: &str) -> Vec<String> {
    let (_, definition) = code[..at].rsplit_once("macro_rules!").expect("a variable stands in a macro");
    let name = source::word_at(definition.trim_start());
    let variables: Vec<&str> = definition
        .match_indices(":ident")
        .map(|(end, _)| {
            let before = &definition[..end];
            &before[before.rfind('$').expect("it is a variable") + 1..]
        })
        .collect();
    let place = variables.iter().position(|one| *one == variable).expect("the macro takes it");
    given(&code[at..], name, place)
}

/// Public types that are futures, and public functions whose future has no name.
fn futures() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = BTreeSet::new();
    for source in source::sources(&root, "src") {
        // Strings and comments are blank in it; a macro's calls end up in one line.
        let code = source.code.split_whitespace().collect::<Vec<_>>().join(" ");
        for (at, text) in code.match_indices(" Future for ") {
            let rest = &code[at + text.len()..];
            let names = match rest.strip_prefix('$') {
                Some(variable) => of_macro(&code, at, source::word_at(variable)),
                None => vec![source::word_at(rest).to_owned()],
            };
            // One that is not public is declared in the same file.
            let hidden = |name: &String| {
                let mut declared = code
                    .match_indices("struct ")
                    .filter(|(at, text)| source::word_at(&code[at + text.len()..]) == *name);
                declared.any(|(at, _)| !code[..at].ends_with("pub "))
            };
            found.extend(names.into_iter().filter(|name| !hidden(name)));
        }
        for (at, text) in code.match_indices("pub async fn ") {
            found.insert(format!("{}()", source::word_at(&code[at + text.len()..])));
        }
        for (at, text) in code.match_indices("pub fn ") {
            let rest = &code[at + text.len()..];
            let signature = rest.split('{').next().unwrap_or_default();
            if signature.contains("-> impl Future<") {
                found.insert(format!("{}()", source::word_at(rest)));
            }
        }
    }
    found
}

/// `Pipeline::call` and `using` are functions.
fn rows() -> BTreeSet<String> {
    let name = |name: String| {
        let last = name.rsplit("::").next().unwrap_or_default().to_owned();
        if last.starts_with(char::is_lowercase) { format!("{last}()") } else { last }
    };
    sizes::futures().into_iter().map(|size| name(size.name)).collect()
}

#[test]
fn every_public_future_has_a_row() {
    let (futures, rows) = (futures(), rows());
    assert!(futures.len() > 70, "only {} futures were found in the sources", futures.len());
    let missing: Vec<_> = futures.difference(&rows).collect();
    let unknown: Vec<_> = rows.difference(&futures).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "without a row: {missing:?}; rows about nothing: {unknown:?}");
}
