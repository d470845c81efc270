//! The one minijinja environment: filters, tests and functions of expressions.

use std::sync::LazyLock;

use minijinja::value::Object;
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, Value};

use super::coding::{self, CODINGS};
use super::compare;
use super::search;
use crate::ceilings;
use crate::clock::Clock;

/// Under what expressions find the run's [`Time`]; no name that a file can use.
pub(crate) const CLOCK: &str = "the run's clock";

/// A clock as a value of expressions.
#[derive(Debug)]
pub(crate) struct Time(pub(crate) Clock);

impl Object for Time {}

/// Filters that a scenario can use: those of minijinja that make sense in an
/// argument or a condition.
pub(crate) const FILTERS: &[&str] = &[
    "abs",
    "base64decode",
    "base64encode",
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
    "sha256",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "tojson",
    "trim",
    "unique",
    "upper",
    "urldecode",
    "urlencode",
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
    environment.set_fuel(Some(ceilings::EXPRESSION));
    // It shows everything there is.
    environment.remove_global("debug");
    environment.remove_global("namespace");
    environment.add_function("now", now);
    environment.add_filter("jsonpath", search::jsonpath);
    environment.add_filter("regex", search::regex);
    for (name, coding) in CODINGS {
        environment.add_filter(name, move |value: &Value| {
            coding::apply(name, coding, value)
        });
    }
    environment.add_filter("tojson", coding::to_json);
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
fn now(state: &State<'_, '_>, format: Option<&str>) -> Result<Value, Error> {
    let clock = state.lookup(CLOCK).unwrap_or_default();
    let Some(Time(clock)) = clock.downcast_object_ref() else {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            "now: there is no clock here",
        ));
    };
    let now = clock.timestamp();
    let Some(format) = format else {
        return Ok(Value::from(now.as_millisecond()));
    };
    jiff::fmt::strtime::format(format, now)
        .map(Value::from)
        .map_err(|error| Error::new(ErrorKind::InvalidOperation, format!("now: {error}")))
}

#[cfg(test)]
mod tests {
    use minijinja::Value;

    use super::{CLOCK, ENVIRONMENT, FILTERS, TESTS, Time};
    use crate::clock::Clock;

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
        let clock = Clock::manual();
        let eval = |expression: &str| {
            let compiled = ENVIRONMENT.compile_expression_owned(expression.to_owned());
            let time = Value::from_object(Time(clock.clone()));
            let scope = Value::from(std::collections::BTreeMap::from([(CLOCK, time)]));
            compiled.unwrap().eval(scope).unwrap()
        };
        let text = eval("now('%Y%m%d%H%M%S')").to_string();
        assert!(text.len() == 14 && text.starts_with("20"), "{text}");
        let before = i64::try_from(eval("now()")).unwrap();
        assert_eq!(before, clock.unix_millis());
        clock.advance(std::time::Duration::from_secs(5));
        assert_eq!(i64::try_from(eval("now()")).unwrap(), before + 5000);
    }
}
