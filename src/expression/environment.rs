//! The one minijinja environment: filters, tests and functions of expressions.

use std::sync::LazyLock;

use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, Value};

use super::compare;
use super::search;
use crate::clock::Clock;

/// Filters that a scenario can use: those of minijinja that make sense in an
/// argument or a condition.
pub(crate) const FILTERS: &[&str] = &[
    "abs",
    "bool",
    "capitalize",
    "d",
    "default",
    "dictsort",
    "first",
    "float",
    "format",
    "int",
    "items",
    "join",
    "jsonpath",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "regex",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "trim",
    "unique",
    "upper",
];

/// Tests that a scenario can use after `is`.
pub(crate) const TESTS: &[&str] = &[
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "even",
    "false",
    "float",
    "in",
    "integer",
    "iterable",
    "lower",
    "mapping",
    "matching",
    "none",
    "number",
    "odd",
    "sequence",
    "startingwith",
    "string",
    "true",
    "undefined",
    "upper",
];

/// Compiled expressions borrow it, so that it lives as long as the program.
pub(crate) static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // It shows everything there is.
    environment.remove_global("debug");
    environment.remove_global("namespace");
    environment.add_function("now", now);
    environment.add_filter("jsonpath", search::jsonpath);
    environment.add_filter("regex", search::regex);
    environment.add_test("matching", search::matching);
    compare::add_tests(&mut environment);
    environment.add_function("uuid", |state: &mut State| invent(state, "uuid", &[]));
    environment.add_function("random_int", |state: &mut State, min: i64, max: i64| {
        invent(state, "number", &[min.into(), max.into()])
    });
    environment
});

/// Short names for what `fake` has: they follow from the seed as well.
fn invent(state: &mut State<'_, '_>, method: &str, arguments: &[Value]) -> Result<Value, Error> {
    let fake = state.lookup("fake").unwrap_or_default();
    fake.call_method(state, method, arguments)
}

/// `now()` is milliseconds since 1970, `now("%Y%m%d%H%M%S")` a text, in UTC.
fn now(format: Option<&str>) -> Result<Value, Error> {
    let now = Clock::real().timestamp();
    let Some(format) = format else {
        return Ok(Value::from(now.as_millisecond()));
    };
    jiff::fmt::strtime::format(format, now)
        .map(Value::from)
        .map_err(|error| Error::new(ErrorKind::InvalidOperation, format!("now: {error}")))
}

#[cfg(test)]
mod tests {
    use super::{ENVIRONMENT, FILTERS, TESTS};

    fn eval(expression: &str) -> minijinja::Value {
        let compiled = ENVIRONMENT.compile_expression_owned(expression.to_owned());
        compiled.unwrap().eval(()).unwrap()
    }

    #[test]
    fn every_filter_and_test_of_the_tables_exists() {
        for name in FILTERS {
            assert!(eval(&format!("'{name}' is filter")).is_true(), "{name}");
        }
        for name in TESTS {
            assert!(eval(&format!("'{name}' is test")).is_true(), "{name}");
        }
    }

    #[test]
    fn the_time_can_be_had_as_a_date() {
        let text = eval("now('%Y%m%d%H%M%S')").to_string();
        assert!(text.len() == 14 && text.starts_with("20"), "{text}");
        assert!(i64::try_from(eval("now()")).unwrap() > 1_600_000_000_000);
    }
}
