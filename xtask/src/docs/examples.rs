//! Which items a reader finds no example of.
//!
//! An item has one if
//!
//! 1. a code block stands in its own docs;
//! 2. it is a method, a constant or a type of something, and a code block of the same page (the type's, or that of another
//!    method) or of the module's page uses it by name;
//! 3. its docs, or those of what it belongs to, link to something whose code block uses it by name;
//! 4. it is a type that a function gives (a future, a guard), and its docs link to that function, which has an example.
//!
//! What is hidden in a code block (`# let ..`) is not counted: nobody sees it. Variants are seen with their type,
//! associated types with their trait. A module
//! of parts needs one on its page: its items stand in types, and nobody calls them.

use super::index::{Index, Item};
use crate::source::is_word;

/// Modules whose items only stand in the types of others.
const PARTS: [&str; 3] = ["pipeline_parts", "reductions", "retry_parts"];

/// The items without an example, by place.
pub(crate) fn without(index: &Index) -> Vec<&Item> {
    let mut found = Vec::new();
    for (id, item) in &index.items {
        if item.ignores() {
            found.push(item);
        }
        if item.homes.is_empty() || in_parts(index, item) {
            continue; // members are looked at with what they belong to
        }
        let mut members: Vec<&Item> = index.members(item).collect();
        let mut page: Vec<&Item> = item.homes.iter().map(|home| &index.items[home]).collect();
        page.push(item);
        if !(seen(index, item, item, &page) || is_given(index, id, item) || item.is_module() && !is_part(item)) {
            found.push(item);
        }
        page.extend(&members);
        let types = item.kind == "trait" && !item.blocks.is_empty();
        members.retain(|member| !(types && member.kind == "assoc_type"));
        found.extend(members.into_iter().filter(|member| !seen(index, member, item, &page)));
    }
    found.sort_by(|a, b| a.place.cmp(&b.place));
    found
}

fn in_parts(index: &Index, item: &Item) -> bool {
    item.homes.iter().any(|home| is_part(&index.items[home]))
}

fn is_part(item: &Item) -> bool {
    PARTS.contains(&item.name.as_str())
}

/// Rules 1 to 3.
fn seen(index: &Index, item: &Item, owner: &Item, page: &[&Item]) -> bool {
    let used = |other: &&Item| other.blocks.iter().any(|block| uses(block, item));
    !item.blocks.is_empty() || page.iter().any(used) || index.linked(&[item, owner]).iter().any(used)
}

/// Rule 4.
fn is_given(index: &Index, id: &str, item: &Item) -> bool {
    let makers = index.linked(&[item]).into_iter().filter(|by| item.is_type() && index.gives(by, id));
    makers.into_iter().any(|by| {
        let owner = index.owner(by);
        let page: Vec<&Item> = index.members(owner).chain([owner]).collect();
        seen(index, by, owner, &page)
    })
}

/// Whether code names an item as one names it when one uses it.
fn uses(code: &str, item: &Item) -> bool {
    let name = item.name.as_str();
    code.match_indices(name).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        let whole = !before.ends_with(is_word) && !after.starts_with(is_word);
        let called = [".", "::", "fn ", "type ", "const "].iter().any(|lead| before.ends_with(lead));
        whole && (item.is_type() || called || item.kind == "function" && after.starts_with('('))
    })
}
