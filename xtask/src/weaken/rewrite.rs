//! Writes a file of the library anew, with a question at each place that can be changed: the places of one file.

mod walk;

use super::edit::Edits;
use super::scope::{built, in_models_alone};
use crate::source::Source;
use std::collections::BTreeSet;
use std::ops::Range;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Block, Expr, Stmt};

/// What can be changed at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Condition,
    Step,
    Order,
    Operand,
    /// What something is compared with, as less or more.
    Edge,
}

/// A place that can be changed.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// What the copy knows it by.
    pub(crate) number: usize,
    pub(crate) kind: Kind,
    pub(crate) function: String,
    pub(crate) line: usize,
    /// As written, blanks squeezed.
    pub(crate) text: String,
    pub(crate) changes: &'static [&'static str],
    /// It stands in a `const fn` that is needed as one, and cannot ask.
    pub(crate) constant: bool,
}

const HOOK: &str = "crate::shim::mutant";
const BOTH: &[&str] = &["true", "false"];

pub(crate) struct Rewriter<'a> {
    source: &'a Source,
    /// Numbers that do not compile, and `const fn`s that have to stay so.
    left_out: &'a BTreeSet<usize>,
    constants: &'a BTreeSet<String>,
    next: usize,
    pub(crate) sites: Vec<Site>,
    pub(crate) edits: Edits,
    functions: Vec<(String, bool)>,
    /// Whether the next block's last expression has no value.
    unit: bool,
}

impl<'a> Rewriter<'a> {
    pub(crate) fn new(
        source: &'a Source,
        first: usize,
        left_out: &'a BTreeSet<usize>,
        constants: &'a BTreeSet<String>,
    ) -> Self {
        Self {
            source,
            left_out,
            constants,
            next: first,
            sites: Vec::new(),
            edits: Edits::default(),
            functions: Vec::new(),
            unit: false,
        }
    }

    fn squeezed(&self, range: &Range<usize>) -> String {
        let mut lines = Vec::new();
        let mut from = range.start;
        for line in self.source.text[range.clone()].split_inclusive('\n') {
            // Comments are blank in `code`, and so are literals: their ends tell.
            let code = self.source.code[from..from + line.len()].trim_end().len();
            let comment = self.source.text[from + code..from + line.len()].trim_start().starts_with("//");
            lines.extend(if comment { &line[..code] } else { line }.split_whitespace());
            from += line.len();
        }
        lines.join(" ")
    }

    /// A new place; `None` if it is left out. Numbers go on all the same.
    fn site(
        &mut self,
        kind: Kind,
        range: &Range<usize>,
        text: String,
        changes: &'static [&'static str],
    ) -> Option<usize> {
        let (function, constant) = self.functions.last()?.clone();
        let number = self.next;
        self.next += 1;
        let line = self.source.line_of(range.start);
        self.sites.push(Site { number, kind, function, line, text, changes, constant });
        (!constant && !self.left_out.contains(&number)).then_some(number)
    }

    /// A condition, or an operand of one, and what can be made of it.
    fn truth(&mut self, expr: &Expr, changes: &'static [&'static str]) {
        match expr {
            Expr::Paren(inner) => return self.truth(&inner.expr, changes),
            Expr::Let(_) => return visit::visit_expr(self, expr),
            _ => {}
        }
        let range = expr.span().byte_range();
        let chain = match expr {
            Expr::Binary(b) if matches!(b.op, BinOp::And(_)) => Some(("false", "true")),
            Expr::Binary(b) if matches!(b.op, BinOp::Or(_)) => Some(("true", "false")),
            _ => None,
        };
        // A chain as a whole is what no operand alone makes of it.
        let changes = match chain {
            Some(("false", _)) if changes.contains(&"false") => &["false"][..],
            Some(("true", _)) if changes.contains(&"true") => &["true"],
            Some(_) => &[],
            None => changes,
        };
        if !changes.is_empty() {
            let text = self.squeezed(&range);
            if let Some(number) = self.site(Kind::Condition, &range, text, changes) {
                self.edits.wrap(number, range, &format!("{HOOK}::holds({number}, "), ")");
            }
        }
        match (chain, expr) {
            (Some((_, neutral)), Expr::Binary(b)) => {
                let operand = if neutral == "true" { &["true"][..] } else { &["false"] };
                self.truth(&b.left, operand);
                self.truth(&b.right, operand);
            }
            (_, Expr::Unary(not)) if matches!(&*not.expr, Expr::Paren(_)) => visit::visit_expr(self, &not.expr),
            (_, Expr::Binary(b)) => {
                self.visit_expr(&b.left);
                self.edge(&b.op, &b.right);
                self.visit_expr(&b.right);
            }
            _ => visit::visit_expr(self, expr),
        }
    }

    /// What something is compared with: one more, or one less, so that equality goes to the other side.
    fn edge(&mut self, op: &BinOp, expr: &Expr) {
        let (op, how) = match op {
            BinOp::Lt(_) => ("<", "up"),
            BinOp::Ge(_) => (">=", "up"),
            BinOp::Le(_) => ("<=", "down"),
            BinOp::Gt(_) => (">", "down"),
            _ => return,
        };
        let range = expr.span().byte_range();
        if &self.source.text[range.clone()] == "0" {
            // Less than nothing is nothing; a condition of no number is made true or false.
            return;
        }
        let text = format!("{op} {}", self.squeezed(&range));
        if let Some(number) = self.site(Kind::Edge, &range, text, &["skipped"]) {
            self.edits.wrap(number, range, &format!("{HOOK}::{how}({number}, "), ")");
        }
    }

    /// The condition of an `if` or a `while`.
    fn condition(&mut self, expr: &Expr, word: &str) {
        let Expr::Let(pattern) = expr else { return self.truth(expr, BOTH) };
        let range = expr.span().byte_range();
        let text = format!("{word} {}", self.squeezed(&range));
        if let Some(number) = self.site(Kind::Condition, &range, text, &["skipped"]) {
            self.edits.before(number, range.start, &format!("{HOOK}::runs({number}) && "));
        }
        self.visit_expr(&pattern.expr);
    }

    fn operand(&mut self, op: &str, how: &str, expr: &Expr) {
        if !matches!(expr, Expr::Lit(_)) || how == "added" {
            let range = expr.span().byte_range();
            let text = format!("{op} {}", self.squeezed(&range));
            if let Some(number) = self.site(Kind::Operand, &range, text, &["skipped"]) {
                self.edits.wrap(number, range, &format!("{HOOK}::{how}({number}, "), ")");
            }
        }
        self.visit_expr(expr);
    }

    /// An expression whose value nobody takes.
    fn step(&mut self, expr: &Expr, whole: Range<usize>) {
        if is_step(expr) {
            let text = self.squeezed(&whole);
            if let Some(number) = self.site(Kind::Step, &whole, text, &["skipped"]) {
                self.edits.wrap(number, whole, &format!("if {HOOK}::runs({number}) {{ "), " }");
            }
        }
    }

    /// An expression in a place where it has no value.
    fn unit_expr(&mut self, expr: &Expr) {
        match expr {
            Expr::If(_) | Expr::Match(_) | Expr::Unsafe(_) | Expr::Block(_) => {
                self.unit = true;
                self.visit_expr(expr);
            }
            _ => {
                self.step(expr, expr.span().byte_range());
                self.visit_expr(expr);
            }
        }
    }

    /// Two neighbours, of which the second can come first.
    fn order(&mut self, first: &Stmt, second: &Stmt, unit: bool) -> Option<usize> {
        let moved = match second {
            Stmt::Expr(expr, Some(_)) => expr,
            Stmt::Expr(expr, None) if unit => expr,
            _ => return None,
        };
        if !is_step(moved) || matches!(first, Stmt::Item(_) | Stmt::Macro(_)) {
            return None;
        }
        if matches!(first, Stmt::Expr(Expr::MethodCall(call), _) if in_models_alone(&call.attrs)) {
            return None;
        }
        let ends = |e: &Expr| matches!(e, Expr::Return(_) | Expr::Break(_) | Expr::Continue(_));
        if matches!(first, Stmt::Expr(e, _) if ends(e)) {
            return None;
        }
        let range = second.span().byte_range();
        let text = self.squeezed(&range);
        if let Stmt::Local(local) = first {
            let names = idents(&self.source.code[local.pat.span().byte_range()]);
            let used = idents(&self.source.code[range.clone()]);
            if local.init.is_none() || names.iter().any(|name| used.contains(name)) {
                return None;
            }
        }
        if text.starts_with("drop(") || text.contains("return") {
            return None;
        }
        let number = self.site(Kind::Order, &range, text.clone(), &["swapped"])?;
        let end = if text.ends_with(';') { "" } else { ";" };
        self.edits.before(
            number,
            first.span().byte_range().start,
            &format!("if {HOOK}::early({number}) {{ {text}{end} }} "),
        );
        Some(number)
    }
}

/// What can be left out, or done earlier.
fn is_step(expr: &Expr) -> bool {
    let assigns = |op: &BinOp| {
        matches!(
            op,
            BinOp::AddAssign(_)
                | BinOp::SubAssign(_)
                | BinOp::BitOrAssign(_)
                | BinOp::BitAndAssign(_)
                | BinOp::BitXorAssign(_)
                | BinOp::ShrAssign(_)
                | BinOp::ShlAssign(_)
        )
    };
    match expr {
        Expr::Call(syn::ExprCall { attrs, .. }) | Expr::MethodCall(syn::ExprMethodCall { attrs, .. })
            if in_models_alone(attrs) =>
        {
            false
        }
        Expr::Call(call) => {
            !matches!(&*call.func, Expr::Path(p) if p.path.segments.last().is_some_and(|s| s.ident == "Some"))
        }
        Expr::MethodCall(_) | Expr::Assign(_) => true,
        Expr::Binary(b) => assigns(&b.op),
        Expr::Unsafe(block) => matches!(&block.block.stmts[..], [Stmt::Expr(inner, None)] if is_step(inner)),
        _ => false,
    }
}

fn idents(code: &str) -> BTreeSet<String> {
    let words = code.split(|c: char| !crate::source::is_word(c));
    words.filter(|w| w.starts_with(|c: char| c.is_lowercase())).map(str::to_owned).collect()
}

impl Rewriter<'_> {
    fn function(&mut self, signature: &syn::Signature, block: &Block) {
        let name = signature.ident.to_string();
        // A `const fn` that is needed as one cannot ask.
        let constant = signature.constness.is_some() && self.constants.contains(&name);
        let before = self.sites.len();
        self.functions.push((name, constant));
        self.unit = matches!(signature.output, syn::ReturnType::Default);
        self.visit_block(block);
        self.unit = false;
        self.functions.pop();
        if let (Some(word), true) = (&signature.constness, self.sites.len() > before && !constant) {
            self.edits.blank(word.span().byte_range());
        }
    }
}
