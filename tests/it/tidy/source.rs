//! What can be told from source text: functions, atomic operations, imports.
//!
//! Two readers share this file: the tidy tests, and `cargo xtask weaken`, which
//! includes it by path. It works on text with comments and strings blanked out,
//! byte for byte, so that every position is a position in the file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// One file: its path below the root that was scanned, its text, and its text
/// without comments and literals.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) code: String,
    functions: Vec<(String, usize, usize)>,
}

/// An atomic operation: `.method(..., Ordering::X)`. Line and column, from 1, are
/// those of its name, which is what `#[track_caller]` reports.
pub(crate) struct Operation {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) function: String,
    /// The orderings given, in order: two for an exchange.
    pub(crate) orderings: Vec<String>,
    /// From the start of the line to the closing parenthesis, blanks squeezed.
    pub(crate) text: String,
}

/// A named re-check: `recheck("name", ...)`.
pub(crate) struct Recheck {
    pub(crate) line: usize,
    pub(crate) function: String,
    pub(crate) name: String,
}

pub(crate) const ORDERINGS: [&str; 5] = ["Relaxed", "Acquire", "Release", "AcqRel", "SeqCst"];

const METHODS: [&str; 7] = ["load", "store", "swap", "compare_exchange", "compare_exchange_weak", "fetch_", "fence"];

/// Every `.rs` file below `root/folder`, paths relative to `root`, sorted.
pub(crate) fn sources(root: &Path, folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut todo = vec![root.join(folder)];
    while let Some(dir) = todo.pop() {
        let Ok(entries) = fs::read_dir(&dir) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found.into_iter().map(|path| Source::read(root, path)).collect()
}

impl Source {
    fn read(root: &Path, path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).expect("a source file is UTF-8");
        let path = path.strip_prefix(root).expect("found below root").to_string_lossy().replace('\\', "/");
        Self::new(path, text)
    }

    pub(crate) fn new(path: String, text: String) -> Self {
        let code = blank(&text);
        let functions = functions(&code);
        Self { path, text, code, functions }
    }

    /// The line, from 1, of a byte position.
    pub(crate) fn line_of(&self, position: usize) -> usize {
        1 + self.code.as_bytes()[..position].iter().filter(|b| **b == b'\n').count()
    }

    /// The name of the innermost function around a position.
    pub(crate) fn function_at(&self, position: usize) -> Option<&str> {
        let inside = self.functions.iter().filter(|(_, from, to)| (*from..*to).contains(&position));
        inside.min_by_key(|(_, from, to)| to - from).map(|(name, _, _)| name.as_str())
    }

    /// The text of all functions of that name.
    pub(crate) fn function_text(&self, name: &str) -> String {
        self.functions.iter().filter(|(n, _, _)| n == name).map(|(_, from, to)| &self.text[*from..*to]).collect()
    }

    /// Positions where `word` stands in the code as a word of its own.
    pub(crate) fn words(&self, word: &str) -> Vec<usize> {
        words(&self.code, word)
    }

    /// The atomic operations, and the lines that name an ordering elsewhere.
    pub(crate) fn operations(&self) -> (Vec<Operation>, Vec<usize>) {
        let mut strays = BTreeSet::new();
        let mut by_call: Vec<(usize, usize, Vec<String>)> = Vec::new();
        for (position, ordering) in self.named_orderings() {
            match call_around(&self.code, position) {
                Some((name, close)) => match by_call.iter_mut().find(|(n, _, _)| *n == name) {
                    Some((_, _, orderings)) => orderings.push(ordering),
                    None => by_call.push((name, close, vec![ordering])),
                },
                None => {
                    strays.insert(self.line_of(position));
                }
            }
        }
        let operations = by_call.into_iter().map(|(name, close, orderings)| {
            let start = self.code[..name].rfind('\n').map_or(0, |n| n + 1);
            Operation {
                line: self.line_of(name),
                column: 1 + self.text[start..name].chars().count(),
                function: self.function_at(name).unwrap_or("-").to_owned(),
                orderings,
                text: self.text[start..=close].split_whitespace().collect::<Vec<_>>().join(" "),
            }
        });
        (operations.collect(), strays.into_iter().collect())
    }

    fn named_orderings(&self) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for position in self.words("Ordering") {
            let rest = &self.code[position + "Ordering".len()..];
            let Some(rest) = rest.strip_prefix("::") else { continue };
            let name = word_at(rest);
            if ORDERINGS.contains(&name) {
                found.push((position, name.to_owned()));
            }
        }
        found
    }

    /// The named re-checks.
    pub(crate) fn rechecks(&self) -> Vec<Recheck> {
        let mut found = Vec::new();
        for position in self.words("recheck") {
            let call = &self.text[position + "recheck".len()..];
            let Some(argument) = call.strip_prefix('(').map(str::trim_start) else { continue };
            let Some(literal) = argument.strip_prefix('"') else { continue };
            let name = literal.split('"').next().unwrap_or_default().to_owned();
            let function = self.function_at(position).unwrap_or("-").to_owned();
            found.push(Recheck { line: self.line_of(position), function, name });
        }
        found
    }
}

/// The rows of the first table below the heading `title`, cells trimmed.
pub(crate) fn table(markdown: &str, title: &str) -> Vec<Vec<String>> {
    let below = markdown.lines().skip_while(|l| !l.starts_with('#') || l.trim_start_matches('#').trim() != title);
    let section = below.skip(1).take_while(|l| !l.starts_with('#'));
    let rows = section.filter(|l| l.trim_start().starts_with('|')).skip(2);
    rows.map(|l| l.trim().trim_matches('|').split('|').map(|c| c.trim().to_owned()).collect()).collect()
}

/// What stands between back-quotes in a cell.
pub(crate) fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The atomic call whose parentheses directly enclose `position`: where its
/// name begins, where it closes.
fn call_around(code: &str, position: usize) -> Option<(usize, usize)> {
    let bytes = code.as_bytes();
    let mut depth = 0;
    let open = (0..position).rev().find(|&i| match bytes[i] {
        b')' | b']' | b'}' => {
            depth += 1;
            false
        }
        b'(' | b'[' | b'{' if depth > 0 => {
            depth -= 1;
            false
        }
        b'(' | b'[' | b'{' => true,
        _ => false,
    })?;
    if bytes[open] != b'(' {
        return None;
    }
    let head = code[..open].trim_end();
    let name = head.rfind(|c| !is_word(c)).map_or(0, |n| n + 1);
    let known = METHODS.iter().any(|m| &head[name..] == *m || (m.ends_with('_') && head[name..].starts_with(m)));
    if !known {
        return None;
    }
    let mut depth = 0;
    let close = (open..bytes.len()).find(|&i| {
        match bytes[i] {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    Some((name, close))
}

/// Every function with a body: its name, where it begins, where it ends.
fn functions(code: &str) -> Vec<(String, usize, usize)> {
    let bytes = code.as_bytes();
    let mut found = Vec::new();
    for position in words(code, "fn") {
        let rest = code[position + 2..].trim_start();
        let name = word_at(rest);
        if name.is_empty() {
            continue; // a function pointer type
        }
        let mut parens = 0;
        let body = (position..bytes.len()).find(|&i| {
            match bytes[i] {
                b'(' | b'[' => parens += 1,
                b')' | b']' => parens -= 1,
                _ => {}
            }
            parens == 0 && matches!(bytes[i], b'{' | b';')
        });
        let Some(body) = body.filter(|&b| bytes[b] == b'{') else { continue };
        let mut depth = 0;
        let end = (body..bytes.len()).find(|&i| {
            match bytes[i] {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        found.push((name.to_owned(), position, end.unwrap_or(bytes.len())));
    }
    found
}

pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

pub(crate) fn word_at(text: &str) -> &str {
    &text[..text.find(|c| !is_word(c)).unwrap_or(text.len())]
}

fn words(code: &str, word: &str) -> Vec<usize> {
    let whole = |at: usize| {
        !code[..at].chars().next_back().is_some_and(is_word)
            && !code[at + word.len()..].chars().next().is_some_and(is_word)
    };
    code.match_indices(word).map(|(at, _)| at).filter(|&at| whole(at)).collect()
}

/// `text` with comments and the insides of literals turned into blanks.
pub(crate) fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes[at..].starts_with(b"//") => end_of_line(bytes, at),
            b'/' if bytes[at..].starts_with(b"/*") => end_of_block(bytes, at),
            b'"' => end_of_string(bytes, at),
            b'r' if !preceded_by_word(bytes, at) => end_of_raw(bytes, at),
            b'\'' => end_of_char(text, at),
            _ => at,
        };
        if end == at {
            at += 1;
            continue;
        }
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end;
    }
    String::from_utf8(out).expect("only whole characters were replaced")
}

fn preceded_by_word(bytes: &[u8], at: usize) -> bool {
    at > 0 && (is_word(bytes[at - 1].into())) && bytes[at - 1] != b'b'
}

fn end_of_line(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |n| at + n)
}

fn end_of_block(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

fn end_of_string(bytes: &[u8], at: usize) -> usize {
    let mut i = at + 1;
    while i < bytes.len() {
        match bytes[i] {
            b'\\' => i += 2,
            b'"' => return i + 1,
            _ => i += 1,
        }
    }
    bytes.len()
}

fn end_of_raw(bytes: &[u8], at: usize) -> usize {
    let hashes = bytes[at + 1..].iter().take_while(|b| **b == b'#').count();
    if bytes.get(at + 1 + hashes) != Some(&b'"') {
        return at;
    }
    let close: Vec<u8> = core::iter::once(b'"').chain(core::iter::repeat_n(b'#', hashes)).collect();
    let from = at + 2 + hashes;
    bytes[from..].windows(close.len()).position(|w| w == close).map_or(bytes.len(), |n| from + n + close.len())
}

/// A character literal's end; a lifetime is left alone.
fn end_of_char(text: &str, at: usize) -> usize {
    let mut rest = text[at + 1..].char_indices();
    match rest.next() {
        Some((_, '\\')) => text[at + 3..].find('\'').map_or(at, |n| at + 3 + n + 1),
        Some(_) => match rest.next() {
            Some((n, '\'')) => at + 1 + n + 1,
            _ => at,
        },
        None => at,
    }
}
