//! What a stranger can name: the public items, as rustdoc's JSON lists them.
//!
//! It is read as plain JSON, by the few fields that every version of the format has: another compiler's is read as well.

use crate::tools::{Outcome, failed};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A page, or an entry of one: a module, a type, a function, a method.
pub(crate) struct Item {
    pub(crate) name: String,
    /// Its shortest path, `taskcell::Task::wait`.
    pub(crate) path: String,
    /// As rustdoc calls it: `struct`, `function`, `assoc_type`, ..
    pub(crate) kind: String,
    /// Where it stands: `src/task/task.rs:12`.
    pub(crate) place: String,
    docs: String,
    /// The code blocks that are Rust, without what is hidden in them.
    pub(crate) blocks: Vec<String>,
    links: BTreeSet<String>,
    /// Methods, associated types and constants.
    pub(crate) members: Vec<String>,
    /// What it is a member of.
    owner: Option<String>,
    /// A future or a stream.
    is_polled: bool,
    /// The modules that list it; the root is one.
    pub(crate) homes: BTreeSet<String>,
    /// What its signature names.
    signature: BTreeSet<String>,
}

impl Item {
    pub(crate) fn links_to(&self, id: &str) -> bool {
        self.links.contains(id)
    }

    pub(crate) fn is_module(&self) -> bool {
        self.kind == "module"
    }

    /// A type that is named, as against a function, which is called.
    pub(crate) fn is_type(&self) -> bool {
        matches!(self.kind.as_str(), "struct" | "enum" | "union" | "trait" | "type_alias")
    }

    /// Whether a code block says that it is not to be compiled.
    pub(crate) fn ignores(&self) -> bool {
        self.docs.lines().any(|l| l.trim_start().starts_with("```") && l.contains("ignore"))
    }
}

/// All public items, by rustdoc's number.
pub(crate) struct Index {
    pub(crate) items: BTreeMap<String, Item>,
    pub(crate) root: String,
}

impl Index {
    pub(crate) fn read(text: &str) -> Outcome<Self> {
        let json: Value = match serde_json::from_str(text) {
            Ok(json) => json,
            Err(error) => return failed(format!("rustdoc's JSON: {error}")),
        };
        let root = number(&json["root"]);
        let mut index = Self { items: BTreeMap::new(), root: root.clone() };
        let mut reader = Reader { json: &json["index"], index: &mut index };
        reader.add(&root, "", None);
        reader.module(&root, "taskcell", &root);
        if index.items.len() < 100 {
            return failed(format!("rustdoc's JSON has another form: {} items were found in it", index.items.len()));
        }
        Ok(index)
    }

    /// The items that an item's docs link to, and those that the docs of what it belongs to link to.
    pub(crate) fn linked<'a>(&'a self, items: &[&'a Item]) -> Vec<&'a Item> {
        let links: BTreeSet<&String> = items.iter().flat_map(|item| &item.links).collect();
        links.into_iter().filter_map(|id| self.items.get(id)).collect()
    }

    /// Whether the function `by` has `id` in its signature, or `id` is a future or stream and `by` need not name it.
    pub(crate) fn gives(&self, by: &Item, id: &str) -> bool {
        by.kind == "function" && (by.signature.contains(id) || self.items[id].is_polled)
    }

    pub(crate) fn members<'a>(&'a self, item: &'a Item) -> impl Iterator<Item = &'a Item> {
        item.members.iter().map(|member| &self.items[member])
    }

    /// What an item is a member of; itself, if of nothing.
    pub(crate) fn owner<'a>(&'a self, item: &'a Item) -> &'a Item {
        item.owner.as_ref().map_or(item, |owner| &self.items[owner])
    }
}

struct Reader<'a> {
    json: &'a Value,
    index: &'a mut Index,
}

impl Reader<'_> {
    /// What is public in a module, through its re-exports. `home` is the page that lists it.
    fn module(&mut self, id: &str, path: &str, home: &str) {
        let json = self.json;
        for child in list(&json[id]["inner"]["module"]["items"]) {
            let item = &json[child.as_str()];
            if item["visibility"] != "public" {
                continue;
            }
            let renamed = &item["inner"]["use"];
            if renamed.is_object() {
                let target = number(&renamed["id"]);
                let module = json[target.as_str()]["inner"]["module"].is_object();
                match (renamed["is_glob"] == true, renamed["name"].as_str()) {
                    (true, _) if module => self.module(&target, path, home),
                    (false, Some(name)) if json[target.as_str()].is_object() => {
                        self.add(&target, &format!("{path}::{name}"), Some(home));
                    }
                    _ => {}
                }
                continue;
            }
            let path = format!("{path}::{}", item["name"].as_str().unwrap_or_default());
            self.add(&child, &path, Some(home));
            if item["inner"]["module"].is_object() {
                self.module(&child, &path, &child);
            }
        }
    }

    fn add(&mut self, id: &str, path: &str, home: Option<&str>) {
        let json = self.json;
        let value = &json[id];
        if !self.index.items.contains_key(id) {
            let mut item = item(value);
            item.path = path.to_owned();
            item.is_polled = is_polled(json, &value["inner"][item.kind.as_str()]);
            let inner = &value["inner"][item.kind.as_str()];
            for member in members(json, inner) {
                let mut entry = self::item(&json[member.as_str()]);
                entry.path = format!("{path}::{}", entry.name);
                entry.owner = Some(id.to_owned());
                self.index.items.insert(member.clone(), entry);
                item.members.push(member);
            }
            self.index.items.insert(id.to_owned(), item);
        }
        let items = &mut self.index.items;
        let item = items.get_mut(id).expect("just put there");
        item.homes.extend(home.map(str::to_owned));
        if path.len() < item.path.len() {
            item.path = path.to_owned();
            for member in item.members.clone() {
                let entry = items.get_mut(&member).expect("put there with its type");
                entry.path = format!("{path}::{}", entry.name);
            }
        }
    }
}

/// Of a trait what it declares; of a type what its own `impl`s make public.
fn members(json: &Value, inner: &Value) -> Vec<String> {
    let mut found = list(&inner["items"]);
    if inner["is_crate"].is_boolean() {
        return Vec::new(); // a module: its items are pages of their own
    }
    for block in list(&inner["impls"]) {
        let block = &json[block.as_str()]["inner"]["impl"];
        if block["trait"].is_null() {
            let own = list(&block["items"]);
            found.extend(own.into_iter().filter(|id| json[id.as_str()]["visibility"] == "public"));
        }
    }
    found
}

fn is_polled(json: &Value, inner: &Value) -> bool {
    list(&inner["impls"]).iter().any(|block| {
        let path = json[block.as_str()]["inner"]["impl"]["trait"]["path"].as_str().unwrap_or_default();
        matches!(path.rsplit("::").next(), Some("Future" | "Stream"))
    })
}

fn item(value: &Value) -> Item {
    let kind = value["inner"].as_object().and_then(|inner| inner.keys().next()).cloned().unwrap_or_default();
    let docs = value["docs"].as_str().unwrap_or_default().to_owned();
    let links = value["links"].as_object().into_iter().flatten().map(|(_, id)| number(id)).collect();
    let mut signature = BTreeSet::new();
    named(&value["inner"]["function"], &mut signature);
    Item {
        name: value["name"].as_str().unwrap_or_default().to_owned(),
        path: String::new(),
        kind,
        place: format!("{}:{}", value["span"]["filename"].as_str().unwrap_or("?"), value["span"]["begin"][0]),
        blocks: blocks(&docs),
        docs,
        links,
        members: Vec::new(),
        owner: None,
        is_polled: false,
        homes: BTreeSet::new(),
        signature,
    }
}

/// Every `id` inside of a value.
fn named(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                if key == "id" {
                    found.insert(number(field));
                }
                named(field, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| named(value, found)),
        _ => {}
    }
}

/// The Rust between fences, as a reader sees it.
fn blocks(docs: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in docs.lines() {
        let fence = line.trim_start().strip_prefix("```");
        match (open.take(), fence) {
            (None, Some(info)) => open = Some((is_rust(info), String::new())),
            (None, None) => {}
            (Some((true, text)), Some(_)) => found.push(text),
            (Some((false, _)), Some(_)) => {}
            (Some((rust, mut text)), None) => {
                let line = line.trim_start();
                if line != "#" && !line.starts_with("# ") {
                    text += line;
                    text.push('\n');
                }
                open = Some((rust, text));
            }
        }
    }
    found
}

fn is_rust(info: &str) -> bool {
    const WORDS: [&str; 6] = ["rust", "no_run", "should_panic", "compile_fail", "edition2024", "standalone_crate"];
    info.split(',').map(str::trim).all(|word| word.is_empty() || WORDS.contains(&word))
}

fn list(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(number).collect()
}

/// Numbers of items are numbers here and strings there.
fn number(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
