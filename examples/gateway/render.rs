//! The page as HTML for a browser and as JSON for a program.

use crate::{calls::Content, http::Answer, page::Page, services};

/// `/product/N`
pub(crate) fn html(page: &Page) -> Answer {
    let mut body = format!("<h1>Product {}</h1>\n", page.product);
    for (name, part) in &page.parts {
        body += &match part {
            Ok(Content { text, is_stale }) => {
                let note = if *is_stale { " <span class=missing>(as of earlier)</span>" } else { "" };
                format!("<h2>{name}</h2><p>{}{note}</p>\n", escape_html(text))
            }
            Err(why) => {
                format!("<h2>{name}</h2><p class=missing>{name} is missing: {}</p>\n", escape_html(why))
            }
        };
    }
    document(&format!("Product {}", page.product), &body)
}

/// `/product/N?json`
pub(crate) fn json(page: &Page) -> Answer {
    let (mut parts, mut stale, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    for (name, part) in &page.parts {
        match part {
            Ok(content) => {
                parts.push(format!("{}: {}", quote(name), quote(&content.text)));
                stale.extend(content.is_stale.then(|| quote(name)));
            }
            Err(why) => missing.push(format!("{}: {}", quote(name), quote(why))),
        }
    }
    let body = format!(
        "{{\"product\": {}, \"parts\": {{{}}}, \"stale\": [{}], \"missing\": {{{}}}}}\n",
        page.product,
        parts.join(", "),
        stale.join(", "),
        missing.join(", ")
    );
    Answer { status: 200, content_type: "application/json", body }
}

/// `/`
pub(crate) fn index() -> Answer {
    let item = |target: &str, text: &str| format!("<li><a href='{target}'>{target}</a> {text}</li>\n");
    let body = [
        "<h1>taskcell's gateway</h1>\n<ul>\n",
        &item("/product/7", "a page: four calls at once"),
        &item("/product/7?sequential", "the same page, one call after another"),
        &item("/product/7?json", "as JSON"),
        &item("/product/7?fail=reviews,stock", "with services that fail"),
        &item("/product/7?slow=reviews", "with a service that is too slow; leave early and look at the numbers"),
        &item("/product/7?stuck=stock", "with a service that does not answer; press Ctrl-C meanwhile"),
        &item("/stats", "the numbers so far, and how the services do"),
        &item("/stats?json", "as JSON"),
        "</ul>\n",
    ];
    let names = services::NAMES.join(", ");
    let last = services::CATALOGUE - 1;
    document("gateway", &format!("{}<p>Services: {names}. Products: 0 to {last}.</p>\n", body.concat()))
}

pub(crate) fn document(title: &str, body: &str) -> Answer {
    let body = format!(
        "<!doctype html>\n<html lang=en><meta charset=utf-8><title>{title}</title>\n\
         <style>body {{ font-family: sans-serif; margin: 2em }} .missing {{ color: #b00 }}</style>\n{body}</html>\n"
    );
    Answer { status: 200, content_type: "text/html; charset=utf-8", body }
}

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// `text` as a JSON string.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => out += &format!("\\u{:04x}", c as u32),
            c => out.push(c),
        }
    }
    out + "\""
}
