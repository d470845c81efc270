//! What an expression gives, as far as that is known before it is evaluated, and
//! which of its comparisons and names cannot be meant.

use std::ops::Range;

use minijinja::Value;
use minijinja::machinery::ast::{BinOpKind, Call, CallArg, Expr, Filter, Test, UnaryOpKind};

use super::coding::CODINGS;
use super::compare::{self, Clash, Kind, NO_ORDER, Operator, Side};
use super::names::Names;
use super::tree::{argument, comparing, link, place};
use super::types::Type;
use crate::language::names::{list, nearest};

/// Something that cannot be meant.
#[derive(Debug)]
pub(crate) struct Finding {
    /// Where it is in the expression.
    pub(crate) at: Range<usize>,
    pub(crate) message: String,
    pub(crate) help: String,
    /// Which of the rules.
    pub(crate) rule: &'static str,
    /// It may be meant all the same.
    pub(crate) doubtful: bool,
}

/// Rule of comparisons.
pub(crate) const MIXED: &str = "mixed-types";

/// What an expression gives, and what is wrong with it.
pub(crate) fn infer(source: &str, expression: &Expr<'_>, known: &Names) -> (Type, Vec<Finding>) {
    let mut inference = Inference {
        source,
        known,
        findings: Vec::new(),
    };
    let of = inference.infer(expression);
    (of, inference.findings)
}

struct Inference<'a> {
    source: &'a str,
    known: &'a Names,
    findings: Vec<Finding>,
}

impl Inference<'_> {
    fn infer(&mut self, expression: &Expr<'_>) -> Type {
        match expression {
            Expr::Var(it) => self.known.type_of(it.id),
            Expr::Const(it) => Type::of(&it.value),
            Expr::Slice(it) => {
                let of = self.infer(&it.expr);
                let bounds = [&it.start, &it.stop, &it.step];
                let bounds = bounds.into_iter().filter_map(Option::as_ref);
                bounds.for_each(|bound| drop(self.infer(bound)));
                match of {
                    Type::List(_) | Type::Text => of,
                    _ => Type::Any,
                }
            }
            Expr::UnaryOp(it) => {
                self.infer(&it.expr);
                match it.op {
                    UnaryOpKind::Not => Type::Bool,
                    UnaryOpKind::Neg => Type::Number,
                }
            }
            Expr::BinOp(it) => {
                let (left, right) = (self.infer(&it.left), self.infer(&it.right));
                match comparing(it.op) {
                    Some(operator) => {
                        self.compare(operator, (&it.left, &left), (&it.right, &right));
                        Type::Bool
                    }
                    None => combined(it.op, left, right),
                }
            }
            Expr::Compare(it) => {
                let mut left = (&it.expr, self.infer(&it.expr));
                for next in &it.ops {
                    let right = (&next.expr, self.infer(&next.expr));
                    let (operator, _) = link(next.op);
                    self.compare(operator, (left.0, &left.1), (right.0, &right.1));
                    left = right;
                }
                Type::Bool
            }
            Expr::IfExpr(it) => {
                self.infer(&it.test_expr);
                let otherwise = it.false_expr.as_ref();
                let otherwise = otherwise.map_or(Type::Null, |it| self.infer(it));
                self.infer(&it.true_expr).or(otherwise)
            }
            Expr::Filter(it) => self.filter(it),
            Expr::Test(it) => self.test(it),
            Expr::GetAttr(it) => {
                let of = self.infer(&it.expr);
                self.field((&it.expr, &of), it.name, expression, false)
            }
            Expr::GetItem(it) => {
                let of = self.infer(&it.expr);
                self.infer(&it.subscript_expr);
                self.item((&it.expr, &of), &it.subscript_expr, expression, false)
            }
            Expr::Call(it) => self.call(it),
            Expr::List(it) => Type::joined(it.items.iter().map(|item| self.infer(item))).list(),
            Expr::Tuple(it) => Type::joined(it.items.iter().map(|item| self.infer(item))).list(),
            Expr::Map(it) => {
                it.keys.iter().for_each(|key| drop(self.infer(key)));
                let values: Vec<Type> = it.values.iter().map(|value| self.infer(value)).collect();
                let names = it.keys.iter().map(constant_text);
                let fields = names.zip(values).map(|(name, of)| Some((name?, of)));
                fields
                    .collect::<Option<Vec<_>>>()
                    .map_or(Type::Any, Type::row)
            }
        }
    }

    /// The same for what is asked for with `is defined` or `default`, which may
    /// well not be there.
    fn asked(&mut self, expression: &Expr<'_>) -> Type {
        match expression {
            Expr::GetAttr(it) => {
                let of = self.infer(&it.expr);
                self.field((&it.expr, &of), it.name, expression, true)
            }
            Expr::GetItem(it) => {
                let of = self.infer(&it.expr);
                self.infer(&it.subscript_expr);
                self.item((&it.expr, &of), &it.subscript_expr, expression, true)
            }
            _ => self.infer(expression),
        }
    }

    /// `x.name`, of which all is `whole`.
    fn field(
        &mut self,
        (inside, of): (&Expr<'_>, &Type),
        name: &str,
        whole: &Expr<'_>,
        asked: bool,
    ) -> Type {
        let message = |what: &str| format!("`{what}` has no `{name}`");
        let owner = place(self.source, inside);
        let owner = self.source.get(owner).unwrap_or_default();
        let (message, help) = match of {
            Type::Entries(value) => return (**value).clone(),
            Type::Any | Type::Null => return Type::Any,
            Type::Record(fields) => {
                if let Some((_, of)) = fields.iter().find(|(known, _)| known == name) {
                    return of.clone();
                }
                let known: Vec<&str> = fields.iter().map(|(name, _)| &**name).collect();
                (message(owner), names(name, &known))
            }
            Type::List(item) => {
                let message = format!("`{owner}` is a list, which has no `{name}`");
                let known = matches!(&**item, Type::Record(fields)
                    if fields.iter().any(|(known, _)| known == name));
                let help = if known {
                    format!(
                        "say of which item, `{owner}[0].{name}`, or of all, `{owner}|map(attribute=\"{name}\")|list`"
                    )
                } else {
                    "an item is `[0]`, `[1]`, …".to_owned()
                };
                (message, help)
            }
            Type::Bool | Type::Number | Type::Text | Type::Secret => {
                let kind = Kind::of_type(of).unwrap_or(Kind::Other);
                let message = format!("`{owner}` is {kind}, which has no `{name}`");
                (message, String::new())
            }
        };
        self.findings.push(Finding {
            at: place(self.source, whole),
            message,
            help,
            rule: "undefined",
            // The command line may give a variable another value.
            doubtful: asked
                || root(inside).is_some_and(|name| self.known.visible.is_settable(name)),
        });
        Type::Any
    }

    /// `x[…]`, of which all is `whole`.
    fn item(
        &mut self,
        (inside, of): (&Expr<'_>, &Type),
        subscript: &Expr<'_>,
        whole: &Expr<'_>,
        asked: bool,
    ) -> Type {
        match constant_text(subscript) {
            Some(name) => self.field((inside, of), &name, whole, asked),
            None => match of {
                Type::Entries(value) => (**value).clone(),
                _ => of.item(),
            },
        }
    }

    fn filter(&mut self, filter: &Filter<'_>) -> Type {
        let arguments: Vec<Type> = filter
            .args
            .iter()
            .map(|it| self.infer(argument(it)))
            .collect();
        let may_be_away = matches!(filter.name, "default" | "d");
        let Some(value) = &filter.expr else {
            return Type::Any;
        };
        let of = if may_be_away {
            self.asked(value)
        } else {
            self.infer(value)
        };
        let first = arguments.first();
        if filter.name == "string" {
            self.text_of(value, &of);
        }
        match filter.name {
            name if CODINGS.iter().any(|(coding, _)| *coding == name) => Type::Text,
            "bool" => Type::Bool,
            "capitalize" | "lower" | "title" | "tojson" | "trim" | "upper" | "replace"
            | "string" => Type::Text,
            "default" | "d" => of.or(first.cloned().unwrap_or(Type::Text)),
            "int" | "float" | "length" if filter.args.is_empty() => Type::Number,
            "abs" | "round" if of == Type::Number => Type::Number,
            "sum" if of == Type::Number.list() && filter.args.is_empty() => Type::Number,
            "first" | "last" => of.item(),
            "max" | "min" => match of {
                Type::List(_) => of.item(),
                _ => Type::Any,
            },
            "split" => Type::Text.list(),
            "regex" if of == Type::Text => Type::Text,
            "jsonpath" | "map" | "dictsort" | "items" => Type::Any.list(),
            "reject" | "select" => {
                self.select((&of, value), &filter.args, &arguments);
                listed(of)
            }
            "rejectattr" | "selectattr" => {
                self.select_by((&of, value), &filter.args, &arguments);
                listed(of)
            }
            "list" | "sort" | "unique" => listed(of),
            "reverse" if matches!(of, Type::Text | Type::List(_)) => of,
            _ => Type::Any,
        }
    }

    /// `x|string` of a list or mapping, which is hardly what was meant.
    fn text_of(&mut self, value: &Expr<'_>, of: &Type) {
        if !matches!(of, Type::List(_) | Type::Record(_) | Type::Entries(_)) {
            return;
        }
        let at = place(self.source, value);
        let source = self.source.get(at.clone()).unwrap_or_default();
        self.findings.push(Finding {
            at,
            message: format!("`{source}|string` is no JSON: it has its texts in single quotes"),
            help: format!("write `{source}|tojson`"),
            rule: "no-json",
            doubtful: true,
        });
    }

    /// `x|select("gt", 5)`
    fn select(
        &mut self,
        (of, value): (&Type, &Expr<'_>),
        arguments: &[CallArg<'_>],
        types: &[Type],
    ) {
        if let ([test, other @ CallArg::Pos(_)], [_, known]) = (arguments, types)
            && let Some(operator) = test_name(test)
        {
            self.compare_items(operator, (value, &of.item()), (argument(other), known));
        }
    }

    /// `x|selectattr("n", "gt", 5)`
    fn select_by(
        &mut self,
        (of, value): (&Type, &Expr<'_>),
        arguments: &[CallArg<'_>],
        types: &[Type],
    ) {
        if let ([name, test, other @ CallArg::Pos(_)], [_, _, known]) = (arguments, types)
            && let Some(operator) = test_name(test)
            && let Some(name) = constant_text(argument(name))
            && let Type::Record(fields) = of.item()
            && let Some((_, field)) = fields.iter().find(|(known, _)| *known == name)
        {
            self.compare_items(operator, (value, field), (argument(other), known));
        }
    }

    fn test(&mut self, test: &Test<'_>) -> Type {
        let types: Vec<Type> = test
            .args
            .iter()
            .map(|it| self.infer(argument(it)))
            .collect();
        let of = match test.name {
            "defined" | "undefined" => self.asked(&test.expr),
            _ => self.infer(&test.expr),
        };
        if let (Some(operator), [other @ CallArg::Pos(_)], [known]) = (
            Operator::of_test(test.name),
            test.args.as_slice(),
            types.as_slice(),
        ) {
            self.compare(operator, (&test.expr, &of), (argument(other), known));
        }
        Type::Bool
    }

    fn call(&mut self, call: &Call<'_>) -> Type {
        for it in &call.args {
            self.infer(argument(it));
        }
        match &call.expr {
            Expr::Var(function) => match function.id {
                "now" if call.args.is_empty() => Type::Number,
                "now" | "uuid" => Type::Text,
                "random_int" => Type::Number,
                "range" => Type::Number.list(),
                _ => Type::Any,
            },
            Expr::GetAttr(method) => match (&method.expr, method.name) {
                (Expr::Var(it), "number") if it.id == "fake" => Type::Number,
                (Expr::Var(it), _) if it.id == "fake" => Type::Text,
                (owner, _) => {
                    self.infer(owner);
                    Type::Any
                }
            },
            other => {
                self.infer(other);
                Type::Any
            }
        }
    }

    /// What a filter makes of each item of the left side.
    fn compare_items(
        &mut self,
        operator: Operator,
        left: (&Expr<'_>, &Type),
        right: (&Expr<'_>, &Type),
    ) {
        self.compare_sides(operator, left, right, true);
    }

    fn compare(&mut self, operator: Operator, left: (&Expr<'_>, &Type), right: (&Expr<'_>, &Type)) {
        self.compare_sides(operator, left, right, false);
    }

    fn compare_sides(
        &mut self,
        operator: Operator,
        (left, left_type): (&Expr<'_>, &Type),
        (right, right_type): (&Expr<'_>, &Type),
        of_items: bool,
    ) {
        let (Some(one), Some(other)) = (Kind::of_type(left_type), Kind::of_type(right_type)) else {
            self.order_of(operator, left, left_type);
            self.order_of(operator, right, right_type);
            return;
        };
        let at = [place(self.source, left), place(self.source, right)];
        let [left, right] = at.clone().map(|at| self.source.get(at).unwrap_or_default());
        let at = at[0].start.min(at[1].start)..at[0].end.max(at[1].end);
        let side = |source, kind, item| Side {
            source,
            kind,
            value: None,
            item,
        };
        let item = Kind::of_type(&right_type.item()).filter(|item| *item != Kind::Null);
        let item = item.filter(|_| operator == Operator::In && other == Kind::List);
        let left = side(left, one, of_items);
        let (clash, right) = if let Some(clash) = compare::clash(operator, one, other) {
            (clash, side(right, other, false))
        } else if let Some(item) = item
            && let Some(clash) = compare::clash(Operator::Equal, one, item)
        {
            (clash, side(right, item, true))
        } else if never_equal(operator, one, other) {
            (Clash::Senseless, side(right, other, false))
        } else {
            return self.letters(operator, at, &left, &side(right, other, false));
        };
        let finding = match clash {
            Clash::SecretOrder => (NO_ORDER.to_owned(), String::new()),
            Clash::Hidden => return,
            _ => (
                format!("{left} and {right}"),
                compare::advice(operator, &left, &right),
            ),
        };
        self.findings.push(Finding {
            at,
            message: finding.0,
            help: finding.1,
            rule: MIXED,
            // It is false, as it says, and hardly what was meant.
            doubtful: clash == Clash::Senseless && operator.is_equality(),
        });
    }

    /// What has no order, whatever stands on the other side.
    fn order_of(&mut self, operator: Operator, side: &Expr<'_>, of: &Type) {
        let kind = Kind::of_type(of);
        let orderless = matches!(kind, Some(Kind::Secret | Kind::Mapping | Kind::Null));
        if !operator.is_order() || !orderless {
            return;
        }
        let at = place(self.source, side);
        let source = self.source.get(at.clone()).unwrap_or_default();
        let message = match kind {
            Some(Kind::Secret) | None => NO_ORDER.to_owned(),
            Some(kind) => format!("`{source}` is {kind}, which is not more or less than anything"),
        };
        self.findings.push(Finding {
            at,
            message,
            help: String::new(),
            rule: MIXED,
            doubtful: false,
        });
    }

    /// `p.temp > "38"`: the order of texts is that of their letters.
    fn letters(&mut self, operator: Operator, at: Range<usize>, left: &Side<'_>, right: &Side<'_>) {
        let both = left.kind == Kind::Text && right.kind == Kind::Text;
        let (text, number) = match (left.quoted_number(), right.quoted_number()) {
            (None, Some(number)) => (left, number),
            (Some(number), None) => (right, number),
            _ => return,
        };
        if !both || !operator.is_order() {
            return;
        }
        self.findings.push(Finding {
            at,
            message: format!(
                "{left} and {right}: texts are ordered by their letters, \"9\" after \"38\""
            ),
            help: format!(
                "for an order of numbers, compare {} with `{number}`",
                text.filtered("float")
            ),
            rule: MIXED,
            doubtful: true,
        });
    }
}

/// The variable that a path begins with.
fn root<'a>(expression: &Expr<'a>) -> Option<&'a str> {
    match expression {
        Expr::Var(it) => Some(it.id),
        Expr::GetAttr(it) => root(&it.expr),
        Expr::GetItem(it) => root(&it.expr),
        _ => None,
    }
}

/// A list or mapping and something else, which is no mistake of the run: a
/// server may send either.
fn never_equal(operator: Operator, one: Kind, other: Kind) -> bool {
    let inside = |kind| matches!(kind, Kind::List | Kind::Mapping);
    operator.is_equality()
        && one != other
        && (inside(one) || inside(other))
        && one != Kind::Null
        && other != Kind::Null
}

/// What two sides give with an operator that does not compare.
fn combined(operator: BinOpKind, left: Type, right: Type) -> Type {
    let number = left == Type::Number && right == Type::Number;
    match operator {
        BinOpKind::ScAnd | BinOpKind::ScOr => left.or(right),
        BinOpKind::Concat => Type::Text,
        BinOpKind::Sub | BinOpKind::Div | BinOpKind::FloorDiv | BinOpKind::Rem | BinOpKind::Pow => {
            Type::Number
        }
        BinOpKind::Add if left == Type::Text && right == Type::Text => Type::Text,
        _ if number => Type::Number,
        _ => Type::Any,
    }
}

fn listed(of: Type) -> Type {
    match of {
        Type::List(_) => of,
        _ => Type::Any.list(),
    }
}

fn constant_text(expression: &Expr<'_>) -> Option<String> {
    match expression {
        Expr::Const(it) => it.value.as_str().map(str::to_owned),
        _ => None,
    }
}

fn test_name(given: &CallArg<'_>) -> Option<Operator> {
    match given {
        CallArg::Pos(Expr::Const(it)) => Value::as_str(&it.value).and_then(Operator::of_test),
        _ => None,
    }
}

/// Which name was meant, and all that there are.
fn names(written: &str, known: &[&str]) -> String {
    let all = match known {
        [] => return "there is nothing in it".to_owned(),
        [one] => format!("there is only `{one}`"),
        many => format!("there are {}", list(many)),
    };
    match nearest(written, known) {
        Some(name) if known.len() > 1 => format!("did you mean `{name}`? {all}"),
        _ => all,
    }
}
