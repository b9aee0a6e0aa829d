//! RSS 2.0, as much of it as the example shows. The XML is quick-xml's.

use quick_xml::{Reader, events::Event};

/// A feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Feed {
    pub(crate) title: String,
    pub(crate) items: Vec<Item>,
}

/// What it reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) title: String,
    pub(crate) link: String,
}

/// Reads a feed, and passes over what it does not know; `None` if it is none.
pub(crate) fn parse(text: &str) -> Option<Feed> {
    let mut reader = Reader::from_str(text);
    let (mut feed, mut path, mut is_feed) = (Feed::default(), Vec::<String>::new(), false);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                path.push(String::from_utf8_lossy(tag.local_name().as_ref()).into_owned());
                is_feed |= is(&path, &["rss", "channel"]);
                if is(&path, &["rss", "channel", "item"]) {
                    feed.items.push(Item::default());
                }
            }
            Event::End(_) => _ = path.pop(),
            Event::Text(text) => put(&mut feed, &path, &text.decode().ok()?),
            Event::CData(text) => put(&mut feed, &path, &text.decode().ok()?),
            Event::GeneralRef(entity) => put(&mut feed, &path, character(&entity.decode().ok()?)),
            Event::Eof => return is_feed.then_some(feed),
            _ => {}
        }
    }
}

/// Adds a piece of text where it belongs.
fn put(feed: &mut Feed, path: &[String], text: &str) {
    if is(path, &["rss", "channel", "title"]) {
        feed.title += text;
    }
    let Some(item) = feed.items.last_mut() else { return };
    if is(path, &["rss", "channel", "item", "title"]) {
        item.title += text;
    } else if is(path, &["rss", "channel", "item", "link"]) {
        item.link += text;
    }
}

fn is(path: &[String], other: &[&str]) -> bool {
    path.iter().map(String::as_str).eq(other.iter().copied())
}

/// One of XML's own entities; others are left out.
fn character(name: &str) -> &'static str {
    let known = [("amp", "&"), ("lt", "<"), ("gt", ">"), ("quot", "\""), ("apos", "'")];
    known.iter().find(|(own, _)| *own == name).map_or("", |(_, text)| text)
}
