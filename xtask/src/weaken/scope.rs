//! Which files of the library a build of the models holds, and which of them are mutated.

use crate::source::Source;
use std::collections::BTreeMap;
use syn::{Attribute, Item, Meta, Token, punctuated::Punctuated};

/// Whether what these attributes stand on is part of a build of the models.
pub(crate) fn built(attributes: &[Attribute]) -> bool {
    attributes.iter().all(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            syn::parse2::<Meta>(list.tokens.clone()).is_ok_and(|condition| holds(&condition))
        }
        _ => true,
    })
}

/// Whether something is no part of the library outside of models.
pub(crate) fn in_models_alone(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "loom",
        _ => false,
    })
}

fn holds(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => path.is_ident("loom") || path.is_ident("debug_assertions"),
        Meta::NameValue(pair) => {
            let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(value), .. }) = &pair.value else { return false };
            match value.value().as_str() {
                "std" | "alloc" => pair.path.is_ident("feature"),
                "unix" => pair.path.is_ident("target_family"),
                "64" => pair.path.is_ident("target_pointer_width"),
                "unwind" => pair.path.is_ident("panic"),
                _ => false,
            }
        }
        Meta::List(list) => {
            let inner = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap_or_default();
            if list.path.is_ident("not") {
                !inner.iter().any(holds)
            } else if list.path.is_ident("any") {
                inner.iter().any(holds)
            } else {
                inner.iter().all(holds)
            }
        }
    }
}

/// The parsed files that are mutated: all of `raw`, and what has atomic operations of its own above it.
pub(crate) fn scope(sources: &[Source]) -> Result<Vec<(&Source, syn::File)>, String> {
    let by_path: BTreeMap<&str, &Source> = sources.iter().map(|s| (s.path.as_str(), s)).collect();
    let mut todo = vec!["src/lib.rs".to_owned()];
    let mut found = BTreeMap::new();
    while let Some(path) = todo.pop() {
        let Some(source) = by_path.get(path.as_str()) else { return Err(format!("no such file: {path}")) };
        let file = syn::parse_file(&source.text).map_err(|error| format!("{path}: {error}"))?;
        for item in &file.items {
            let Item::Mod(module) = item else { continue };
            if module.content.is_none() && built(&module.attrs) {
                let folder = path.trim_end_matches(".rs").trim_end_matches("/mod").trim_end_matches("/lib");
                let flat = format!("{folder}/{}.rs", module.ident);
                let deep = format!("{folder}/{}/mod.rs", module.ident);
                todo.push(if by_path.contains_key(flat.as_str()) { flat } else { deep });
            }
        }
        let mutated =
            path.starts_with("src/raw/") || !path.starts_with("src/shim/") && !source.operations().0.is_empty();
        if mutated && built(&file.attrs) {
            found.insert(path.clone(), (*source, file));
        }
    }
    Ok(found.into_values().collect())
}
