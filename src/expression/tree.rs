//! The tree of an expression: minijinja's own, with what it takes to walk it,
//! and to write it again with its comparisons turned into tests.

use std::fmt::Write;
use std::ops::Range;

use minijinja::machinery::ast::{BinOpKind, CallArg, CompareOpKind, Expr, UnaryOpKind};

use super::compare::{self, CHAIN, Operator};
use super::tokens;
use crate::language::names::is_keyword;

/// How deep a tree can be: it is walked by functions that call themselves.
const DEEPEST: usize = 200;

/// Whether a tree is not too deep to be walked.
pub(crate) fn fits(expression: &Expr<'_>) -> bool {
    fn fits(expression: &Expr<'_>, room: usize) -> bool {
        let mut inside = children(expression).into_iter();
        room > 0 && inside.all(|child| fits(child, room - 1))
    }
    fits(expression, DEEPEST)
}

/// A word of the language that stands where a name does: `x < not (y)` is a call
/// of a function `not`.
pub(crate) fn stray_keyword<'a>(expression: &Expr<'a>) -> Option<&'a str> {
    match expression {
        Expr::Var(it) if is_keyword(it.id) => Some(it.id),
        _ => children(expression).into_iter().find_map(stray_keyword),
    }
}

/// What is on a side of a comparison that is made whenever the expression is
/// evaluated.
pub(crate) fn certainly_compared<'s>(source: &'s str, expression: &Expr<'_>) -> Vec<&'s str> {
    let written = |side| source.get(place(source, side)).unwrap_or_default();
    match expression {
        Expr::Compare(_) => children(expression).into_iter().map(written).collect(),
        Expr::BinOp(it) if comparing(it.op).is_some() => {
            vec![written(&it.left), written(&it.right)]
        }
        Expr::BinOp(it) if matches!(it.op, BinOpKind::ScAnd | BinOpKind::ScOr) => {
            certainly_compared(source, &it.left)
        }
        Expr::UnaryOp(it) => certainly_compared(source, &it.expr),
        _ => Vec::new(),
    }
}

/// The parts of an expression.
pub(crate) fn children<'e, 'a>(expression: &'e Expr<'a>) -> Vec<&'e Expr<'a>> {
    match expression {
        Expr::Var(_) | Expr::Const(_) => Vec::new(),
        Expr::Slice(it) => {
            let bounds = [&it.start, &it.stop, &it.step];
            let bounds = bounds.into_iter().filter_map(Option::as_ref);
            std::iter::once(&it.expr).chain(bounds).collect()
        }
        Expr::UnaryOp(it) => vec![&it.expr],
        Expr::BinOp(it) => vec![&it.left, &it.right],
        Expr::Compare(it) => {
            let others = it.ops.iter().map(|link| &link.expr);
            std::iter::once(&it.expr).chain(others).collect()
        }
        Expr::IfExpr(it) => {
            let otherwise = it.false_expr.as_ref();
            let both = [&it.true_expr, &it.test_expr];
            both.into_iter().chain(otherwise).collect()
        }
        Expr::Filter(it) => it.expr.iter().chain(it.args.iter().map(argument)).collect(),
        Expr::Test(it) => {
            let arguments = it.args.iter().map(argument);
            std::iter::once(&it.expr).chain(arguments).collect()
        }
        Expr::GetAttr(it) => vec![&it.expr],
        Expr::GetItem(it) => vec![&it.expr, &it.subscript_expr],
        Expr::Call(it) => {
            let arguments = it.args.iter().map(argument);
            std::iter::once(&it.expr).chain(arguments).collect()
        }
        Expr::List(it) => it.items.iter().collect(),
        Expr::Tuple(it) => it.items.iter().collect(),
        Expr::Map(it) => it.keys.iter().chain(&it.values).collect(),
    }
}

/// What is given, by place or by name.
pub(crate) fn argument<'e, 'a>(argument: &'e CallArg<'a>) -> &'e Expr<'a> {
    match argument {
        CallArg::Pos(it)
        | CallArg::Kwarg(_, it)
        | CallArg::PosSplat(it)
        | CallArg::KwargSplat(it) => it,
    }
}

/// The operator of a comparison; `true` with `not in`.
pub(crate) fn link(operator: CompareOpKind) -> (Operator, bool) {
    match operator {
        CompareOpKind::Eq => (Operator::Equal, false),
        CompareOpKind::Ne => (Operator::Different, false),
        CompareOpKind::Lt => (Operator::Less, false),
        CompareOpKind::Lte => (Operator::LessOrEqual, false),
        CompareOpKind::Gt => (Operator::Greater, false),
        CompareOpKind::Gte => (Operator::GreaterOrEqual, false),
        CompareOpKind::In => (Operator::In, false),
        CompareOpKind::NotIn => (Operator::In, true),
    }
}

/// The operator, where it compares.
pub(crate) fn comparing(operator: BinOpKind) -> Option<Operator> {
    Some(match operator {
        BinOpKind::Eq => Operator::Equal,
        BinOpKind::Ne => Operator::Different,
        BinOpKind::Lt => Operator::Less,
        BinOpKind::Lte => Operator::LessOrEqual,
        BinOpKind::Gt => Operator::Greater,
        BinOpKind::Gte => Operator::GreaterOrEqual,
        BinOpKind::In => Operator::In,
        _ => return None,
    })
}

/// Where an expression is in its source. The parser knows the place of each
/// part only roughly, and not of the brackets around it.
pub(crate) fn place(source: &str, expression: &Expr<'_>) -> Range<usize> {
    let rough = rough(expression);
    let inside = source.get(rough.clone()).unwrap_or_default();
    let mut open = 0_usize;
    let mut missing = 0;
    for token in tokens::tokens(inside) {
        if token.is("(") {
            open += 1;
        } else if token.is(")") {
            match open.checked_sub(1) {
                Some(rest) => open = rest,
                None => missing += 1,
            }
        }
    }
    let mut start = rough.start;
    for _ in 0..missing {
        let before = source.get(..start).unwrap_or_default();
        start = before.rfind('(').unwrap_or(start);
    }
    start..rough.end
}

fn rough(expression: &Expr<'_>) -> Range<usize> {
    let span = expression.span();
    let own = span.start_offset as usize..span.end_offset as usize;
    let inside = children(expression).into_iter().map(rough);
    // Of these two, the parser knows no beginning.
    let known = !matches!(expression, Expr::Compare(_) | Expr::IfExpr(_))
        && !matches!(expression, Expr::BinOp(it) if comparing(it.op).is_some());
    inside
        .fold(None, |whole: Option<Range<usize>>, part| {
            let whole = whole.unwrap_or_else(|| {
                let start = if known { own.start } else { part.start };
                start..own.end
            });
            Some(whole.start.min(part.start)..whole.end.max(part.end))
        })
        .unwrap_or(own)
}

/// An expression whose comparisons are tests, and what is on their sides.
pub(crate) struct Rewritten {
    /// The expression.
    pub(crate) source: String,
    /// Both sides of each comparison, by its number.
    pub(crate) sides: Vec<[String; 2]>,
}

/// Writes an expression again with its comparisons turned into tests. `lax`
/// says that it asks itself what is there: a comparison may have a side that is
/// not, if it is that which is asked for.
pub(crate) fn rewrite(source: &str, expression: &Expr<'_>, lax: bool) -> Rewritten {
    let mut writer = Writer {
        source,
        asked: if lax { asked(expression) } else { Vec::new() },
        out: String::with_capacity(source.len() * 2),
        sides: Vec::new(),
    };
    writer.write(expression, Level::If);
    Rewritten {
        source: writer.out,
        sides: writer.sides,
    }
}

/// How strongly an expression holds together, from the weakest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    If,
    Or,
    And,
    Not,
    Sum,
    Join,
    Product,
    Power,
    /// A sign, a filter, a test.
    Sign,
    /// A name, a call, something in brackets.
    Whole,
}

/// The paths that an expression asks for with `is defined` or `default`.
fn asked(expression: &Expr<'_>) -> Vec<Vec<String>> {
    let own = match expression {
        Expr::Test(it) if matches!(it.name, "defined" | "undefined") => path(&it.expr),
        Expr::Filter(it) if matches!(it.name, "default" | "d") => it.expr.as_ref().and_then(path),
        _ => None,
    };
    let inside = children(expression).into_iter().flat_map(asked);
    own.into_iter().chain(inside).collect()
}

/// The words of a path such as `found.content["en"]`.
fn path(expression: &Expr<'_>) -> Option<Vec<String>> {
    let (inside, last) = match expression {
        Expr::Var(it) => return Some(vec![it.id.to_owned()]),
        Expr::GetAttr(it) => (&it.expr, it.name.to_owned()),
        Expr::GetItem(it) => match &it.subscript_expr {
            Expr::Const(word) => (&it.expr, word.value.to_string()),
            _ => return None,
        },
        _ => return None,
    };
    let mut words = path(inside)?;
    words.push(last);
    Some(words)
}

struct Writer<'s> {
    source: &'s str,
    /// What it asks for with `is defined` or `default`.
    asked: Vec<Vec<String>>,
    out: String,
    sides: Vec<[String; 2]>,
}

impl Writer<'_> {
    /// Writes something, in brackets unless it holds together strongly enough.
    fn write(&mut self, expression: &Expr<'_>, least: Level) {
        if level(expression) < least {
            self.out.push('(');
            self.plain(expression);
            self.out.push(')');
        } else {
            self.plain(expression);
        }
    }

    fn plain(&mut self, expression: &Expr<'_>) {
        match expression {
            Expr::Var(it) => self.out.push_str(it.id),
            Expr::Const(_) => {
                let literal = self.source.get(rough(expression)).unwrap_or("none");
                self.out.push_str(literal);
            }
            Expr::UnaryOp(it) => match it.op {
                UnaryOpKind::Not => {
                    self.out.push_str("not ");
                    self.write(&it.expr, Level::Not);
                }
                UnaryOpKind::Neg => {
                    self.out.push('-');
                    self.write(&it.expr, Level::Whole);
                }
            },
            Expr::BinOp(it) => match comparing(it.op) {
                Some(operator) => self.comparison(operator, &it.left, &it.right),
                None => self.binary(it.op, &it.left, &it.right),
            },
            Expr::Compare(it) => self.chain(it),
            Expr::IfExpr(it) => {
                self.write(&it.true_expr, Level::Or);
                self.out.push_str(" if ");
                self.write(&it.test_expr, Level::Or);
                if let Some(otherwise) = &it.false_expr {
                    self.out.push_str(" else ");
                    self.write(otherwise, Level::If);
                }
            }
            Expr::Filter(it) => {
                if let Some(value) = &it.expr {
                    self.write(value, Level::Sign);
                }
                self.out.push('|');
                self.out.push_str(it.name);
                self.arguments(&it.args);
            }
            Expr::Test(it) => {
                self.write(&it.expr, Level::Sign);
                self.out.push_str(" is ");
                self.out.push_str(it.name);
                // Without brackets, a word that follows could be an argument.
                self.arguments(&it.args);
            }
            _ => self.whole(expression),
        }
    }

    /// Something that holds together by itself.
    fn whole(&mut self, expression: &Expr<'_>) {
        match expression {
            Expr::GetAttr(it) => {
                self.write(&it.expr, Level::Whole);
                self.out.push('.');
                self.out.push_str(it.name);
            }
            Expr::GetItem(it) => {
                self.write(&it.expr, Level::Whole);
                self.list("[", std::iter::once(&it.subscript_expr), "]");
            }
            Expr::Slice(it) => {
                self.write(&it.expr, Level::Whole);
                self.out.push('[');
                for (place, bound) in [&it.start, &it.stop, &it.step].into_iter().enumerate() {
                    if place > 0 {
                        self.out.push(':');
                    }
                    if let Some(bound) = bound {
                        self.write(bound, Level::If);
                    }
                }
                self.out.push(']');
            }
            Expr::Call(it) => {
                self.write(&it.expr, Level::Whole);
                self.arguments(&it.args);
            }
            Expr::List(it) => self.list("[", it.items.iter(), "]"),
            // One with a comma is a list of one, not something in brackets.
            Expr::Tuple(it) if it.items.len() == 1 => self.list("(", it.items.iter(), ",)"),
            Expr::Tuple(it) => self.list("(", it.items.iter(), ")"),
            Expr::Map(it) => {
                self.out.push('{');
                for (key, value) in it.keys.iter().zip(&it.values) {
                    self.write(key, Level::If);
                    self.out.push_str(": ");
                    self.write(value, Level::If);
                    self.out.push_str(", ");
                }
                self.out.push('}');
            }
            _ => {}
        }
    }

    fn binary(&mut self, operator: BinOpKind, left: &Expr<'_>, right: &Expr<'_>) {
        let (level, stronger, word) = strength(operator);
        self.write(left, level);
        self.out.push_str(word);
        self.write(right, stronger);
    }

    /// `(a is lt(b, 0, false))`
    fn comparison(&mut self, operator: Operator, left: &Expr<'_>, right: &Expr<'_>) {
        let number = self.note(left, right);
        self.out.push('(');
        self.write(left, Level::Sign);
        self.out.push_str(" is ");
        self.out.push_str(operator.test());
        self.out.push('(');
        self.write(right, Level::If);
        self.end(number, &[left, right]);
    }

    /// `(a is chain("lt", b, "le", c, 0, false))`
    fn chain(&mut self, chain: &minijinja::machinery::ast::Compare<'_>) {
        let first = self.sides.len();
        let mut left = &chain.expr;
        for link in &chain.ops {
            self.note(left, &link.expr);
            left = &link.expr;
        }
        self.out.push('(');
        self.write(&chain.expr, Level::Sign);
        self.out.push_str(" is ");
        self.out.push_str(CHAIN);
        self.out.push('(');
        for (place, it) in chain.ops.iter().enumerate() {
            if place > 0 {
                self.out.push_str(", ");
            }
            let (operator, negated) = link(it.op);
            let not = if negated { "not " } else { "" };
            let _ = write!(self.out, "\"{not}{}\", ", operator.test());
            self.write(&it.expr, Level::If);
        }
        let others = chain.ops.iter().map(|link| &link.expr);
        let sides: Vec<&Expr<'_>> = std::iter::once(&chain.expr).chain(others).collect();
        self.end(first, &sides);
    }

    fn end(&mut self, number: usize, sides: &[&Expr<'_>]) {
        let is_asked = |side: &Expr<'_>| {
            let path = path(side);
            path.is_some_and(|path| self.asked.iter().any(|asked| path.starts_with(asked)))
        };
        let lax = sides.iter().map(|side| is_asked(side));
        let lax = compare::lax_sides(lax);
        let _ = write!(self.out, ", {number}, {lax}))");
    }

    /// Takes down both sides of a comparison, whose number it gives.
    fn note(&mut self, left: &Expr<'_>, right: &Expr<'_>) -> usize {
        let written = |side| {
            let written = self.source.get(place(self.source, side));
            written.unwrap_or_default().to_owned()
        };
        self.sides.push([written(left), written(right)]);
        self.sides.len() - 1
    }

    fn arguments(&mut self, arguments: &[CallArg<'_>]) {
        self.out.push('(');
        for (place, given) in arguments.iter().enumerate() {
            if place > 0 {
                self.out.push_str(", ");
            }
            match given {
                CallArg::Pos(_) => {}
                CallArg::Kwarg(name, _) => {
                    self.out.push_str(name);
                    self.out.push('=');
                }
                CallArg::PosSplat(_) => self.out.push('*'),
                CallArg::KwargSplat(_) => self.out.push_str("**"),
            }
            self.write(argument(given), Level::If);
        }
        self.out.push(')');
    }

    fn list<'e, 'a: 'e>(
        &mut self,
        open: &str,
        items: impl Iterator<Item = &'e Expr<'a>>,
        close: &str,
    ) {
        self.out.push_str(open);
        for (place, item) in items.enumerate() {
            if place > 0 {
                self.out.push_str(", ");
            }
            self.write(item, Level::If);
        }
        self.out.push_str(close);
    }
}

fn level(expression: &Expr<'_>) -> Level {
    match expression {
        Expr::IfExpr(_) => Level::If,
        // A comparison is written with brackets of its own.
        Expr::BinOp(it) if comparing(it.op).is_none() => strength(it.op).0,
        Expr::UnaryOp(it) => match it.op {
            UnaryOpKind::Not => Level::Not,
            UnaryOpKind::Neg => Level::Sign,
        },
        Expr::Filter(_) | Expr::Test(_) => Level::Sign,
        _ => Level::Whole,
    }
}

/// How strongly an operator holds its sides together, how strong its right side
/// must be, and how it is written.
fn strength(operator: BinOpKind) -> (Level, Level, &'static str) {
    match operator {
        BinOpKind::ScOr => (Level::Or, Level::And, " or "),
        BinOpKind::ScAnd => (Level::And, Level::Not, " and "),
        BinOpKind::Add => (Level::Sum, Level::Join, " + "),
        BinOpKind::Sub => (Level::Sum, Level::Join, " - "),
        BinOpKind::Concat => (Level::Join, Level::Product, " ~ "),
        BinOpKind::Mul => (Level::Product, Level::Power, " * "),
        BinOpKind::Div => (Level::Product, Level::Power, " / "),
        BinOpKind::FloorDiv => (Level::Product, Level::Power, " // "),
        BinOpKind::Rem => (Level::Product, Level::Power, " % "),
        // Those that compare are written as tests.
        _ => (Level::Power, Level::Sign, " ** "),
    }
}
