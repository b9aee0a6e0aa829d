//! Where in a file there are places: a walk through its items, blocks and expressions.

use super::*;

impl<'ast> Visit<'ast> for Rewriter<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Fn(i) => &i.attrs,
            syn::Item::Impl(i) => &i.attrs,
            syn::Item::Mod(i) => &i.attrs,
            syn::Item::Trait(i) => &i.attrs,
            // Nothing in it is run.
            _ => return,
        };
        let told = |i: &syn::ItemImpl| {
            let named = i.trait_.as_ref().and_then(|(_, path, _)| path.segments.last());
            named.is_some_and(|name| name.ident == "Debug" || name.ident == "Display")
        };
        if built(attributes) && !matches!(item, syn::Item::Impl(i) if told(i)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if built(&item.attrs) {
            self.function(&item.sig, &item.block);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if built(&item.attrs) {
            self.function(&item.sig, &item.block);
        }
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let (true, Some(block)) = (built(&item.attrs), &item.default) {
            self.function(&item.sig, block);
        }
    }

    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}

    fn visit_trait_item_const(&mut self, _: &'ast syn::TraitItemConst) {}

    fn visit_type(&mut self, _: &'ast syn::Type) {}

    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}

    fn visit_expr_repeat(&mut self, expr: &'ast syn::ExprRepeat) {
        self.visit_expr(&expr.expr);
    }

    fn visit_generic_argument(&mut self, _: &'ast syn::GenericArgument) {}

    fn visit_pat(&mut self, _: &'ast syn::Pat) {}

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.unit = false;
        self.visit_expr(&closure.body);
    }

    fn visit_block(&mut self, block: &'ast Block) {
        let unit = std::mem::take(&mut self.unit);
        let mut second_copy = None;
        for (at, stmt) in block.stmts.iter().enumerate() {
            let last = at + 1 == block.stmts.len();
            let next = block.stmts.get(at + 1);
            let swapped = next.and_then(|next| self.order(stmt, next, unit && at + 2 == block.stmts.len()));
            if let Some(number) = second_copy.take() {
                self.edits.wrap(number, stmt.span().byte_range(), &format!("if !{HOOK}::early({number}) {{ "), " }");
            }
            second_copy = swapped;
            match stmt {
                Stmt::Expr(expr, Some(_)) => {
                    self.step(expr, stmt.span().byte_range());
                    self.visit_expr(expr);
                }
                Stmt::Expr(expr, None) if !last || unit => self.unit_expr(expr),
                Stmt::Item(item) => self.visit_item(item),
                _ => visit::visit_stmt(self, stmt),
            }
            self.unit = false;
        }
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        let Some(init) = &local.init else { return };
        self.visit_expr(&init.expr);
        let Some((_, other)) = &init.diverge else { return };
        let range = local.span().byte_range();
        let condition = local.pat.span().byte_range().start..init.expr.span().byte_range().end;
        let text = format!("let {} else", self.squeezed(&condition));
        if let Some(number) = self.site(Kind::Condition, &range, text, &["skipped"]) {
            let other = self.squeezed(&other.span().byte_range());
            self.edits.before(number, range.start, &format!("if !{HOOK}::runs({number}) {other} "));
        }
        self.visit_expr(other);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        let unit = self.unit;
        self.unit = false;
        if let Some((_, guard)) = &arm.guard {
            self.truth(guard, BOTH);
        }
        if unit {
            self.unit_expr(&arm.body);
        } else {
            self.visit_expr(&arm.body);
        }
        self.unit = unit;
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        let unit = std::mem::take(&mut self.unit);
        match expr {
            Expr::If(e) => {
                self.condition(&e.cond, "if");
                self.unit = unit || e.else_branch.is_none();
                self.visit_block(&e.then_branch);
                if let Some((_, other)) = &e.else_branch {
                    self.unit = unit;
                    self.visit_expr(other);
                }
            }
            Expr::While(e) => {
                self.condition(&e.cond, "while");
                self.unit = true;
                self.visit_block(&e.body);
            }
            Expr::ForLoop(e) => {
                self.visit_expr(&e.expr);
                self.unit = true;
                self.visit_block(&e.body);
            }
            Expr::Loop(e) => {
                self.unit = true;
                self.visit_block(&e.body);
            }
            Expr::Match(e) => {
                self.visit_expr(&e.expr);
                for arm in e.arms.iter().filter(|arm| built(&arm.attrs)) {
                    self.unit = unit;
                    self.visit_arm(arm);
                }
            }
            Expr::Unsafe(e) => {
                self.unit = unit;
                self.visit_block(&e.block);
            }
            Expr::Block(e) => {
                self.unit = unit;
                self.visit_block(&e.block);
            }
            Expr::Binary(b) => match b.op {
                BinOp::And(_) => self.truth(expr, BOTH),
                BinOp::Or(_) => self.truth(expr, BOTH),
                BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_) => {
                    self.truth(expr, BOTH);
                }
                BinOp::BitOr(_) => {
                    // Of a chain each by itself.
                    if matches!(&*b.left, Expr::Binary(inner) if matches!(inner.op, BinOp::BitOr(_))) {
                        self.visit_expr(&b.left);
                    } else {
                        self.operand("|", "added", &b.left);
                    }
                    self.operand("|", "added", &b.right);
                }
                BinOp::BitAnd(_) => {
                    self.visit_expr(&b.left);
                    self.operand("&", "mask", &b.right);
                }
                BinOp::BitXor(_) | BinOp::Add(_) => {
                    self.visit_expr(&b.left);
                    self.operand("+", "added", &b.right);
                }
                BinOp::Sub(_) => {
                    self.visit_expr(&b.left);
                    self.operand("-", "added", &b.right);
                }
                _ => visit::visit_expr(self, expr),
            },
            _ => visit::visit_expr(self, expr),
        }
    }
}
