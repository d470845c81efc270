//! Variables in double braces, as files of other tools have them.

use std::collections::{HashMap, HashSet};

use super::found::Found;
use super::text::{expression, variable_of, word};
use crate::shown::is_secret_name;

/// Variables in the values of variables, and no further.
const MAX_DEPTH: usize = 8;
/// Longest text that is made of one.
const MAX_LENGTH: usize = 1 << 20;
/// Longest name between braces.
const MAX_NAME: usize = 200;

/// What names between braces stand for.
#[derive(Debug, Default)]
pub(super) struct Variables {
    values: HashMap<String, String>,
    /// What an earlier answer has given, by name: a variable of the scenario.
    captured: HashMap<String, String>,
    /// What some answer gives, maybe later.
    captures: HashSet<String>,
    /// What has no counterpart, to be told.
    unknown: Vec<String>,
}

impl Variables {
    /// Gives a variable a value, unless it has one. Whether it has this one then.
    pub fn give(&mut self, name: &str, value: &str) -> bool {
        let known = self.values.entry(name.to_owned());
        known.or_insert_with(|| value.to_owned()) == value
    }

    /// Says that some answer gives a variable: before that, it is another one.
    pub fn announce(&mut self, name: &str) {
        self.captures.insert(name.to_owned());
    }

    /// Says that an answer has given it, and what it is called from now on.
    pub fn capture(&mut self, name: &str) -> String {
        self.announce(name);
        let variable = variable_of(name);
        self.captured.insert(name.to_owned(), variable.clone());
        variable
    }

    /// A text with expressions in the place of what is between braces.
    pub fn expand(&mut self, text: &str, found: &mut Found) -> String {
        let mut out = String::new();
        self.expand_into(text, found, 0, &mut out);
        out
    }

    /// An address. What it begins with is written out, if it is known.
    pub fn expand_address(&mut self, address: &str, found: &mut Found) -> String {
        let mut address = address.trim().to_owned();
        for _ in 0..MAX_DEPTH {
            let Some((name, rest)) = address
                .strip_prefix("{{")
                .and_then(|rest| rest.split_once("}}"))
            else {
                break;
            };
            let known = self.values.get(name.trim());
            let Some(value) = known.filter(|value| !value.is_empty()) else {
                break;
            };
            address = format!("{}{rest}", value.trim());
        }
        self.expand(&address, found)
    }

    /// What had no counterpart since this was asked last.
    pub fn unknown(&mut self) -> Vec<String> {
        std::mem::take(&mut self.unknown)
    }

    fn expand_into(&mut self, text: &str, found: &mut Found, depth: usize, out: &mut String) {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            out.push_str(before);
            let inside = after.split_once("}}").filter(|(name, _)| {
                let name = name.trim();
                !name.is_empty() && name.len() <= MAX_NAME && !name.contains(['\n', '{'])
            });
            let Some((name, after)) = inside else {
                out.push_str("{{");
                rest = after;
                continue;
            };
            self.variable(name.trim(), found, depth, out);
            rest = after;
        }
        out.push_str(rest);
    }

    fn variable(&mut self, name: &str, found: &mut Found, depth: usize, out: &mut String) {
        if let Some(variable) = self.captured.get(name) {
            out.push_str(&expression(variable));
            return;
        }
        if let Some(dynamic) = name.strip_prefix('$') {
            let source = dynamic_value(dynamic).unwrap_or_else(|| {
                let end = dynamic.find([' ', '(']).unwrap_or(dynamic.len());
                let name = word(&dynamic[..end]);
                self.unknown.push(format!("`{{{{${name}}}}}`"));
                variable_of(&name)
            });
            out.push_str(&expression(&source));
            return;
        }
        let mut variable = variable_of(name);
        if self.captures.contains(name) {
            variable.push_str("_AT_START");
        }
        match self.values.get(name).cloned() {
            Some(value) if value.contains("{{") => {
                if depth < MAX_DEPTH && out.len() < MAX_LENGTH {
                    self.expand_into(&value, found, depth + 1, out);
                    return;
                }
                self.unknown.push(format!("`{}`", word(name)));
            }
            Some(value) if !value.is_empty() && !is_secret_name(name) => {
                found.given.insert(variable.clone(), value);
            }
            _ => {}
        }
        out.push_str(&expression(&variable));
    }
}

/// The expression for what other tools make up at each use.
fn dynamic_value(name: &str) -> Option<String> {
    let (name, arguments) = match name.split_once([' ', '(']) {
        Some((name, arguments)) => (name, arguments.trim_end_matches(')')),
        None => (name, ""),
    };
    let mut arguments = arguments.split([' ', ',']).filter(|text| !text.is_empty());
    let first = arguments.next();
    let fixed = match name {
        "guid" | "uuid" | "randomUUID" | "random.uuid" => "uuid()",
        "timestamp" => "(now() // 1000) | string",
        "isoTimestamp" | "datetime" | "localDatetime" => r#"now("%Y-%m-%dT%H:%M:%SZ")"#,
        "randomEmail" | "randomExampleEmail" | "random.email" => "fake.email()",
        "randomFirstName" => "fake.first_name()",
        "randomLastName" => "fake.last_name()",
        "randomFullName" | "randomUserName" => "fake.name()",
        "randomPhoneNumber" | "randomPhoneNumberExt" => "fake.phone()",
        "randomWord" | "randomNoun" | "randomVerb" | "randomAdjective" => "fake.words(1)",
        "randomWords" => "fake.words(3)",
        "randomLoremSentence" | "randomLoremWords" | "randomPhrase" => "fake.words(7)",
        "randomLoremParagraph" | "randomLoremText" => "fake.words(30)",
        "randomBoolean" => "random_int(0, 1) == 1",
        "randomInt" | "random.integer" => {
            let number = |text: Option<&str>| text?.parse::<i64>().ok();
            // When the end is said, it is not among them.
            let (least, most) = match (number(first), number(arguments.next())) {
                (Some(least), Some(end)) => (least, end.saturating_sub(1).max(least)),
                _ => (0, 1000),
            };
            return Some(format!("random_int({least}, {most}) | string"));
        }
        "processEnv" | "dotenv" => return Some(variable_of(first?.trim_start_matches('%'))),
        _ => return Some(variable_of(name.strip_prefix("env.")?)),
    };
    Some(fixed.to_owned())
}
