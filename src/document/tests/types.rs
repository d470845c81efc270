//! What is known of expressions before they are evaluated, and what comparisons
//! make of values that are not alike.

use minijinja::value::ValueKind;
use minijinja::{ErrorKind, Value};
use proptest::prelude::*;

use super::{SMALL, holds, read, scope};
use crate::expression::environment::ENVIRONMENT;
use crate::expression::{Template, Type, take_secret};
use crate::language::{Node, Read};

/// The expression alone, read where everything in [`scope`] is known.
fn template(expression: &str) -> Option<Template> {
    let (_, document, mut cx) = read(SMALL);
    cx.begin_setup(&document?);
    let session = Type::record([("login", Type::Text), ("token", Type::Secret)]);
    cx.names.capture("registered", session);
    cx.names.capture(
        "again",
        Type::record([("token", Type::Secret), ("n", Type::Number)]),
    );
    cx.names.capture("away", Type::Any);
    Template::read(&Node::text(format!("{{{{ {expression} }}}}")), &mut cx)
}

fn type_of(expression: &str) -> Type {
    template(expression).unwrap().of()
}

#[test]
fn the_type_of_an_expression_is_known_where_it_can_be() {
    for (expression, expected) in [
        ("n", Type::Number),
        ("greeting", Type::Text),
        ("registered.login", Type::Text),
        ("registered.token", Type::Secret),
        ("registered['login']", Type::Text),
        ("again.n + 1", Type::Number),
        ("vu * iteration / 2", Type::Number),
        ("n ~ 1", Type::Text),
        ("greeting + 'x'", Type::Text),
        ("greeting|float", Type::Number),
        ("greeting|int(default='x')", Type::Any),
        ("registered|length", Type::Number),
        ("n|string|upper", Type::Text),
        ("n|default('x')", Type::Any),
        ("n|default(1)", Type::Number),
        ("1 if n else 2", Type::Number),
        ("1 if n else 'x'", Type::Any),
        ("1 if n", Type::Number),
        ("n and greeting", Type::Any),
        ("n or 3", Type::Number),
        ("n == 7", Type::Bool),
        ("1 < n < 3", Type::Bool),
        ("not n", Type::Bool),
        ("-n", Type::Number),
        ("n is defined", Type::Bool),
        ("[1, 2][0]", Type::Number),
        ("[1, 'x'][0]", Type::Any),
        ("[1, none]|first", Type::Number),
        ("{'a': 1, 'b': 'x'}.b", Type::Text),
        ("{'a': 1, 'a': 'x'}.a", Type::Any),
        ("'abc'[1:]", Type::Text),
        ("greeting|split|last", Type::Text),
        ("fake.number(1, 2)", Type::Number),
        ("fake.email()", Type::Text),
        ("now()", Type::Number),
        ("now('%Y')", Type::Text),
        ("uuid()", Type::Text),
        ("range(3)|max", Type::Number),
        ("target.name", Type::Text),
        ("target.captcha_token", Type::Secret),
        ("env.HOME", Type::Text),
        ("run.seed", Type::Number),
        ("registered|items", Type::Any.list()),
    ] {
        assert_eq!(type_of(expression), expected, "{expression}");
    }
}

#[test]
fn a_text_and_a_number_are_never_quietly_different() {
    for operator in ["==", "!=", "<", "<=", ">", ">="] {
        for (one, other) in [
            ("again.n", "registered.login"),
            ("again.n", "'3'"),
            ("registered.login", "true"),
        ] {
            for condition in [
                format!("{one} {operator} {other}"),
                format!("({other}) {operator} ({one})"),
                format!("not {one} {operator} {other}"),
                format!("vu == 3 and {one} {operator} {other}"),
                format!("1 if {one} {operator} {other} else 2"),
                format!("[{one} {operator} {other}]|length"),
                format!("0 < {one} {operator} {other}"),
                format!("registered is defined and {one} {operator} {other}"),
            ] {
                assert!(holds(&condition).is_err(), "{condition}");
            }
        }
    }
    for condition in [
        "3 in 'a3'",
        "again.n in ['3', '4']",
        "'3' not in [again.n]",
        "again.n in {'3': 1}",
        "registered in 'abc'",
        "[again.n]|select('==', '3')|list",
        "[again]|selectattr('n', 'in', ['3'])|list",
        "again.n is in(['3'])",
    ] {
        assert!(holds(condition).is_err(), "{condition}");
    }
}

#[test]
fn what_has_no_order_is_not_more_or_less() {
    for condition in [
        "registered > 3",
        "[1] > 3",
        "again.none|default(none) < 3",
        "again.x is defined or again.x < 3",
        "registered.token is defined and registered.token < 'x'",
        "registered < again",
    ] {
        assert!(holds(condition).is_err(), "{condition}");
    }
    assert_eq!(
        holds("again.x is defined or again.x < 3").unwrap_err(),
        "`again.x` is not defined and `3` is a number: ask with `is defined`, or give another value with `default`"
    );
}

#[test]
fn what_can_be_compared_still_is() {
    for (condition, expected) in [
        ("again.n == 3.0", true),
        ("again.n == none or none != 'x'", true),
        ("true == 1 and false == 0 and true < 2", true),
        ("again.x is not defined or again.x == 3", true),
        ("again.x is defined or again.x != 3", true),
        ("[1, 2] == [1, 2] and [1] < [1, 2]", true),
        ("registered == 3", false),
        ("{'a': 1} != [1]", true),
        ("'a' < 'b'", true),
        ("1 < again.n < 4", true),
        ("1 < again.n < 3", false),
        ("1 < again.n not in [4, 5]", true),
        ("again.n in [1, '3', 3]", true),
        ("again.n in [1, '3']", false),
        ("again.n in []", false),
        ("'n' in again and 'x' not in again", true),
        ("[1, 5, 9]|select('gt', 4)|list == [5, 9]", true),
        ("none in [none, 1]", true),
        ("vu == 1 and again.n == 'x'", false),
        // A secret can be compared wherever it stands.
        ("vu == 3 and registered.token == 't0ken-s3cret'", true),
        ("registered.token in ['x', 't0ken-s3cret']", true),
        ("again.token in 'not other-s3crets'", true),
    ] {
        assert_eq!(holds(condition), Ok(expected), "{condition}");
    }
}

#[test]
fn an_expression_can_be_deep_but_not_endless() {
    let deep = |times: usize| format!("{}1{} == 1", "(0 + ".repeat(times), ")".repeat(times));
    assert!(holds(&deep(20)).is_ok());
    let long = |times: usize| format!("1{} > 1", " + 1".repeat(times));
    assert_eq!(holds(&long(150)), Ok(true));
    assert!(holds(&long(2000)).unwrap_err().contains("too deep"));
}

/// What an expression begins with.
const LEAVES: &[&str] = &[
    "n",
    "greeting",
    "vu",
    "registered.login",
    "3",
    "2.5",
    "'5'",
    "\"x\"",
    "true",
    "none",
    "[1, 2]",
    "['a', 'b']",
    "{'a': 1}",
    "again.n",
    "again",
    "scenario",
    "range(3)",
    "[]",
    "{'a': 'x'}.a",
    "again['n']",
    "'ab'[0]",
    "again.y|default(4)",
    "(1,)",
    "'a' 'b'",
];
/// What stands between two.
const OPERATORS: &[&str] = &[
    "+", "-", "*", "/", "//", "%", "~", "and", "or", "==", "!=", "<", "<=", ">", ">=", "in",
    "not in",
];
/// What stands after one.
const SUFFIXES: &[&str] = &[
    "|length",
    "|float",
    "|int",
    "|string",
    "|upper",
    "|first",
    "|last",
    "|list",
    "|sort",
    "|max",
    "|sum",
    "|default(1)",
    "|join",
    "|abs",
    "|round",
    "|reverse",
    "|unique|list",
    "|select('gt', 1)|list",
    "|map('int')|list",
    "[0]",
    ".a",
    "[1:]",
    " is defined",
    " is not none",
    " is number",
    " is in([1, 'x'])",
    "|bool",
    "|trim",
    "|replace('a', 'b')",
    "|split('a')",
    "|format",
    "|items|list",
    "|dictsort",
    "|regex('.')",
];

/// What an expression gives, or that it has no value.
fn value_of(expression: &str) -> Result<String, String> {
    let template = template(expression).unwrap();
    let value = template.render(&scope_once());
    value
        .map(|value| value.to_string())
        .map_err(|error| error.to_string())
}

#[test]
fn what_is_not_there_is_compared_only_where_it_is_asked_for() {
    for (expression, given) in [
        ("away == 4 or away is not defined", Ok("True")),
        ("away is defined and away.z == 4", Ok("False")),
        ("4 == away or away is undefined", Ok("True")),
        ("1 < 2 == away or away is undefined", Ok("True")),
        (
            "away == 4 or again.n is defined",
            Err("`away` is not defined"),
        ),
        ("again.y|default(4) == 4", Ok("True")),
        (
            "none|max == again.y|default(4)",
            Err("`none|max` is not defined"),
        ),
        (
            "again.y|default(4) != none|max",
            Err("`none|max` is not defined"),
        ),
        (
            "([])|first == 1 or again.y is defined",
            Err("`([])|first` is not defined"),
        ),
    ] {
        let given = given.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(value_of(expression), given, "{expression}");
    }
}

/// Expressions of all kinds, most of which mean something.
fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(LEAVES).prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let both = (
            inner.clone(),
            prop::sample::select(OPERATORS),
            inner.clone(),
        );
        let after = (inner.clone(), prop::sample::select(SUFFIXES));
        let two = (inner.clone(), inner.clone());
        let three = (inner.clone(), inner.clone(), inner.clone());
        prop_oneof![
            both.clone().prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            both.prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            after.clone().prop_map(|(a, f)| format!("({a}){f}")),
            after.prop_map(|(a, f)| format!("{a}{f}")),
            three
                .clone()
                .prop_map(|(a, b, c)| format!("{a} if {b} else {c}")),
            three.prop_map(|(a, b, c)| format!("{a} < {b} <= {c}")),
            two.clone().prop_map(|(a, b)| format!("[{a}, {b}]")),
            two.prop_map(|(a, b)| format!("{{'k': {a}, 'l': {b}}}.k")),
            inner.clone().prop_map(|a| format!("not {a}")),
            inner.prop_map(|a| format!("-{a}")),
        ]
    })
}

fn is(value: &Value, of: &Type) -> bool {
    let kind = value.kind();
    if matches!(kind, ValueKind::None | ValueKind::Undefined) {
        return true;
    }
    match of {
        Type::Any => true,
        Type::Null => false,
        Type::Bool => kind == ValueKind::Bool,
        Type::Number => kind == ValueKind::Number,
        Type::Text | Type::Secret => kind == ValueKind::String || take_secret(value).is_some(),
        Type::List(item) => {
            matches!(kind, ValueKind::Seq | ValueKind::Iterable)
                && value
                    .try_iter()
                    .is_ok_and(|mut items| items.all(|value| is(&value, item)))
        }
        Type::Record(fields) => {
            kind == ValueKind::Map
                && value.try_iter().is_ok_and(|mut names| {
                    names.all(|name| {
                        let mut fields = fields.iter();
                        let known = fields.find(|(known, _)| name.as_str() == Some(known));
                        let inside = value.get_item(&name).unwrap_or_default();
                        known.is_some_and(|(_, of)| is(&inside, of))
                    })
                })
        }
        Type::Entries(_) => kind == ValueKind::Map,
    }
}

/// There are many ways to write an expression.
fn many() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig {
        cases: usual.cases.max(1000),
        ..usual
    }
}

proptest! {
    #![proptest_config(many())]

    #[test]
    fn what_is_said_of_an_expression_is_so(expression in expressions()) {
        let Some(template) = template(&expression) else { return Ok(()) };
        if let Ok(value) = template.render(&scope_once()) {
            let of = template.of();
            prop_assert!(is(&value, &of), "{} is {:?}, not {:?}", expression, value, of);
        }
    }

    #[test]
    fn an_expression_gives_what_minijinja_gives_or_an_error(expression in expressions()) {
        let Some(template) = template(&expression) else { return Ok(()) };
        if let Ok(value) = template.render(&scope_once()) {
            let plain = ENVIRONMENT.compile_expression_owned(expression.clone()).unwrap();
            let plain = match plain.eval(scope_once().root()) {
                Ok(plain) => plain,
                // There, what is not defined is equal to nothing, asked for or not.
                Err(error) => {
                    prop_assert_eq!(error.kind(), ErrorKind::UndefinedError, "{}", expression);
                    let asks = ["defined", "default"].iter().any(|word| expression.contains(word));
                    prop_assert!(asks, "{}", expression);
                    return Ok(());
                }
            };
            prop_assert_eq!(value.kind(), plain.kind(), "{}", expression);
            prop_assert_eq!(value.to_string(), plain.to_string(), "{}", expression);
        }
    }
}

fn scope_once() -> crate::expression::Scope {
    thread_local!(static SCOPE: crate::expression::Scope = scope(SMALL));
    SCOPE.with(Clone::clone)
}
