//! Finding something in an answer: `jsonpath`, `regex`, `matching`.

use std::cell::RefCell;
use std::collections::HashMap;

use minijinja::value::Serde;
use minijinja::{Error, ErrorKind, Value};
use regex::{Captures, Regex};
use secrecy::{ExposeSecret, SecretString};
use serde_json_path::JsonPath;

use super::secret::{contains_secret, secret_value, take_secret};
use crate::ceilings;

/// Compiled patterns that a thread keeps. A scenario has a handful; more means
/// that they are made of data.
const KEPT: usize = 256;

/// Compiled patterns, by their text.
struct Cache<T>(RefCell<HashMap<String, T>>);

impl<T: Clone> Cache<T> {
    fn new() -> Self {
        Self(RefCell::default())
    }

    fn get(&self, text: &str, compile: impl FnOnce(&str) -> Result<T, Error>) -> Result<T, Error> {
        let mut kept = self.0.borrow_mut();
        if let Some(known) = kept.get(text) {
            return Ok(known.clone());
        }
        let compiled = compile(text)?;
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(text.to_owned(), compiled.clone());
        Ok(compiled)
    }
}

thread_local! {
    static PATHS: Cache<JsonPath> = Cache::new();
    static PATTERNS: Cache<Regex> = Cache::new();
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// `answer.json|jsonpath("$.rows[*].id")`: all that the path leads to, a list
/// (RFC 9535).
pub(crate) fn jsonpath(value: &Value, path: &str) -> Result<Value, Error> {
    if contains_secret(value) {
        return Err(wrong("jsonpath: there is a secret in the value".into()));
    }
    let compiled = PATHS.with(|paths| {
        paths.get(path, |path| {
            json_path(path).map_err(|(at, reason)| {
                wrong(format!("jsonpath: {reason} at character {}", at + 1))
            })
        })
    })?;
    let json = serde_json::to_value(value).map_err(|error| wrong(format!("jsonpath: {error}")))?;
    let found = compiled.query(&json).into_iter();
    Ok(found.map(|node| Value::from(Serde(node))).collect())
}

/// Longest path, in bytes.
const LONGEST_PATH: usize = 1000;
/// How deep its brackets may be.
const DEEPEST_PATH: usize = 12;

/// Compiles a path of JSON, or says where it is wrong and why. Its parser calls
/// itself for each bracket, and tries each of them in several ways.
pub fn json_path(path: &str) -> Result<JsonPath, (usize, String)> {
    if path.len() > LONGEST_PATH {
        return Err((
            0,
            format!("the path is longer than {LONGEST_PATH} characters"),
        ));
    }
    // Each may lead to every value below every value that the one before it found.
    if path.matches("..").count() > ceilings::DESCENTS {
        let many = format!("there are more than {} `..`", ceilings::DESCENTS);
        return Err((0, many));
    }
    let mut depth = 0_usize;
    for (at, letter) in path.char_indices() {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST_PATH {
            return Err((at, format!("brackets are more than {DEEPEST_PATH} deep")));
        }
    }
    JsonPath::parse(path).map_err(|error| (error.position(), error.message().to_owned()))
}

/// `answer.body|regex("code=([0-9]+)")`: what the first group matches, or all
/// of the match when there is no group; undefined when nothing matches. What is
/// found in a secret is a secret.
pub(crate) fn regex(value: &Value, pattern: &str) -> Result<Value, Error> {
    let pattern = compiled(pattern)?;
    let first = |found: &Captures<'_>| {
        let group = found.get(1).or_else(|| found.get(0));
        group.map_or_else(String::new, |group| group.as_str().to_owned())
    };
    if let Some(secret) = take_secret(value) {
        let found = pattern.captures(secret.expose_secret());
        let found = found.map(|found| SecretString::from(first(&found)));
        return Ok(found.map_or(Value::UNDEFINED, secret_value));
    }
    let found = pattern.captures(text(value, "regex")?);
    Ok(found.map_or(Value::UNDEFINED, |found| Value::from(first(&found))))
}

/// `answer.body is matching("^ok")`: whether the pattern is found somewhere.
pub(crate) fn matching(value: &Value, pattern: &str) -> Result<bool, Error> {
    let pattern = compiled(pattern)?;
    Ok(pattern.is_match(text(value, "matching")?))
}

fn compiled(pattern: &str) -> Result<Regex, Error> {
    let compile = |pattern: &str| {
        Regex::new(pattern).map_err(|error| {
            // The last line is the reason; those before show the pattern.
            let error = error.to_string();
            let reason = error.lines().last().unwrap_or_default();
            let reason = reason.trim_start_matches("error: ");
            wrong(format!("`{pattern}` is no regular expression: {reason}"))
        })
    };
    PATTERNS.with(|patterns| patterns.get(pattern, compile))
}

fn text<'a>(value: &'a Value, what: &str) -> Result<&'a str, Error> {
    value
        .as_str()
        .ok_or_else(|| wrong(format!("{what}: expected a text, got {}", value.kind())))
}

#[cfg(test)]
mod tests {
    use minijinja::{Value, context};
    use secrecy::ExposeSecret;

    use super::super::environment::ENVIRONMENT;
    use super::super::secret::{secret_value, take_secret};

    fn eval(expression: &str) -> Result<Value, String> {
        let json: serde_json::Value =
            serde_json::from_str(r#"{"rows": [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}]}"#)
                .unwrap();
        let values = context! {
            json => Value::from(minijinja::value::Serde(json)),
            body => "code=123456; x",
            sealed => secret_value("code=123456".into()),
        };
        let compiled = ENVIRONMENT.compile_expression_owned(expression.to_owned());
        let value = compiled.unwrap().eval(values);
        value.map_err(|error| error.detail().unwrap_or_default().to_owned())
    }

    fn json(expression: &str) -> String {
        serde_json::to_string(&eval(expression).unwrap()).unwrap()
    }

    #[test]
    fn a_path_finds_all_there_is() {
        assert_eq!(json("json|jsonpath('$.rows[*].id')"), "[1,2]");
        assert_eq!(json("json|jsonpath('$.rows[?@.n == \"b\"].id')|first"), "2");
        assert_eq!(json("json|jsonpath('$.nothing')"), "[]");
    }

    #[test]
    fn a_pattern_gives_its_first_group_or_all_of_it() {
        assert_eq!(json("body|regex('code=([0-9]+)')"), "\"123456\"");
        assert_eq!(json("body|regex('[0-9]+')"), "\"123456\"");
        assert!(eval("body|regex('z+')").unwrap().is_undefined());
        assert!(eval("body is matching('^code')").unwrap().is_true());
        assert!(!eval("body is matching('^x')").unwrap().is_true());
    }

    #[test]
    fn what_is_found_in_a_secret_is_one() {
        let found = eval("sealed|regex('code=([0-9]+)')").unwrap();
        assert_eq!(take_secret(&found).unwrap().expose_secret(), "123456");
        assert!(eval("sealed is matching('1')").is_err());
        assert!(eval("[sealed]|jsonpath('$[0]')").is_err());
    }

    #[test]
    fn what_is_wrong_with_a_path_or_pattern_is_told() {
        for (expression, expected) in [
            ("json|jsonpath('rows')", "at character 1"),
            ("json|jsonpath('$.rows[')", "jsonpath: "),
            (
                "body|regex('(')",
                "`(` is no regular expression: unclosed group",
            ),
            ("json|regex('a')", "regex: expected a text, got map"),
        ] {
            let message = eval(expression).unwrap_err();
            assert!(message.contains(expected), "{expression}: {message}");
        }
    }
}
