//! Which items a reader does not find from the page of a module.

use super::index::{Index, Item};

/// The items to which the page of no module links that lists them. The root's page counts only for what no module has.
pub(crate) fn missing(index: &Index) -> Vec<&Item> {
    let mut found = Vec::new();
    for (id, item) in &index.items {
        let mut homes: Vec<&String> = item.homes.iter().collect();
        if homes.len() > 1 {
            homes.retain(|home| **home != index.root);
        }
        if !homes.is_empty() && !homes.iter().any(|home| index.items[*home].links_to(id)) {
            found.push(item);
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}
