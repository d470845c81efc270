//! What was probably meant by a value of another kind than the one that belongs there.

use regex::Regex;

use super::inline::{inline, word};
use super::names::nearest;
use super::node::{Meaning, Node, Scalar, Text, Value};
use super::shape::Shape;

/// The value of this shape that was probably meant, as it would be written; `None`
/// where that cannot be told.
pub(crate) fn meant(shape: &Shape, node: &Node) -> Option<String> {
    match shape {
        Shape::Any => Some(inline(node)),
        // A mapping is what it may be: what is wrong is in it.
        Shape::Either(shapes) if node.is_mapping() && shapes.iter().any(is_entries) => {
            Some(inline(node))
        }
        Shape::Either(shapes) => shapes.iter().find_map(|shape| meant(shape, node)),
        Shape::Condition => condition(node),
        Shape::Entries(_) => {
            let all: Vec<String> = pairs(node)?
                .iter()
                .map(|(k, v)| format!("{k}: {v}"))
                .collect();
            Some(format!("{{{}}}", all.join(", ")))
        }
        // What may be anything, and what a template gives, need not be an item.
        Shape::List(item) if node.list().is_none() => {
            let is_word = node.scalar().is_some_and(|text| !text.text.contains("{{"));
            let is_word = is_word && **item != Shape::Any;
            let one = is_word.then(|| meant(item, node)).flatten()?;
            Some(format!("[{one}]"))
        }
        Shape::List(item) => {
            let items = node.items().iter();
            let all: Option<Vec<String>> = items.map(|node| meant(item, node)).collect();
            all.map(|all| format!("[{}]", all.join(", ")))
        }
        _ => words(node)
            .into_iter()
            .find_map(|(name, scalar)| corrected(shape, name, scalar)),
    }
}

fn is_entries(shape: &Shape) -> bool {
    matches!(shape, Shape::Entries(_) | Shape::Mapping(_))
}

/// The words of a value, each with the key that it stands at.
fn words(node: &Node) -> Vec<(&str, &Scalar)> {
    let all: Vec<(&str, &Node)> = match &node.value {
        Value::Map(map) => map
            .entries
            .iter()
            .map(|(key, node)| (key.as_str(), node))
            .collect(),
        _ => node.items().iter().map(|node| ("", node)).collect(),
    };
    // What is not in the file letter by letter may be a secret.
    all.iter()
        .filter_map(|(name, node)| Some((*name, node.scalar_value()?)))
        .filter(|(_, scalar)| scalar.text.verbatim.is_some())
        .collect()
}

/// A word made one of this shape; it stands at the key `name`, if at any.
fn corrected(shape: &Shape, name: &str, scalar: &Scalar) -> Option<String> {
    let text = scalar.text.text.trim();
    let is_template = text.contains("{{");
    match shape {
        Shape::Text if !text.is_empty() => Some(word(scalar)),
        Shape::Expression if is_template => Some(word(scalar)),
        _ if is_template => None,
        Shape::Whole(least) => whole(text)
            .filter(|it| it >= least)
            .map(|it| it.to_string()),
        Shape::Number => text
            .replace(['_', '%'], "")
            .parse::<f64>()
            .ok()
            .map(|it| it.to_string()),
        Shape::Bool => match text.to_lowercase().as_str() {
            "yes" | "y" | "on" | "true" => Some("true".to_owned()),
            "no" | "n" | "off" | "false" => Some("false".to_owned()),
            _ => None,
        },
        Shape::Words(words) => chosen(words, text).map(str::to_owned),
        Shape::Form(pattern, ..) => of_form(pattern, name, text),
        _ => None,
    }
}

/// The one of these words that was meant.
fn chosen<'w>(words: &[&'w str], text: &str) -> Option<&'w str> {
    let text = text.to_lowercase();
    let is_off = ["no", "off", "false", "null", "never"].contains(&text.as_str());
    let none = words.iter().find(|word| is_off && **word == "none");
    let begins = || {
        words
            .iter()
            .find(|word| text.len() > 2 && word.starts_with(&text))
    };
    let near = none.or_else(begins).copied();
    near.or_else(|| nearest(&text, words))
}

/// Numbers in words.
const NUMBERS: [&str; 11] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
];

/// `1_000`, `1k`, `+5`, `007`, `30%`, `10.0`, `ten`
fn whole(text: &str) -> Option<u64> {
    let text = text.to_lowercase().replace(['_', ' ', '\''], "");
    if let Some(number) = NUMBERS.iter().position(|word| *word == text) {
        return u64::try_from(number).ok();
    }
    let text = text.trim_start_matches('+').trim_end_matches('%');
    let text = text.strip_suffix(".0").unwrap_or(text);
    let (digits, factor) = match text.strip_suffix('k') {
        Some(digits) => (digits, 1000),
        None => (text, 1),
    };
    let number = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(digits)?;
    number.parse::<u64>().ok()?.checked_mul(factor)
}

/// How other tools and people call units, and how they are written here.
const UNITS: &[(&str, &str)] = &[
    ("milliseconds", "ms"),
    ("millis", "ms"),
    ("msec", "ms"),
    ("seconds", "s"),
    ("second", "s"),
    ("secs", "s"),
    ("sec", "s"),
    ("minutes", "m"),
    ("minute", "m"),
    ("mins", "m"),
    ("min", "m"),
    ("hours", "h"),
    ("hour", "h"),
    ("persecond", "/s"),
    ("/second", "/s"),
    ("/sec", "/s"),
    ("rps", "/s"),
    ("req/s", "/s"),
    ("requests/s", "/s"),
    ("perminute", "/m"),
    ("/minute", "/m"),
    ("rpm", "/m"),
    ("perhour", "/h"),
    ("/hour", "/h"),
    ("k", "KiB"),
    ("kb", "KiB"),
    ("kib", "KiB"),
    ("m", "MiB"),
    ("mb", "MiB"),
    ("mib", "MiB"),
    ("gb", "GiB"),
    ("gib", "GiB"),
];

/// From here on a number without a unit is milliseconds, as other tools count.
const MILLISECONDS: u64 = 200;

/// A number with a unit, as this pattern has them.
fn of_form(pattern: &str, name: &str, text: &str) -> Option<String> {
    // Candidates begin with a digit, and `regex` looks at nothing ahead.
    let pattern = Regex::new(&pattern.replace("(?=[0-9])", "")).ok()?;
    let plain: String = text.to_lowercase().split_whitespace().collect();
    let end = plain
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(plain.len());
    let (number, unit) = plain.split_at(end);
    if number.is_empty() {
        return None;
    }
    let unit = if unit.is_empty() { name } else { unit };
    let known = UNITS.iter().filter(|(other, _)| *other == unit);
    let mut candidates = vec![text.to_owned(), plain.clone(), format!("{number}{unit}")];
    candidates.extend(known.map(|(_, unit)| format!("{number}{unit}")));
    if let (Ok(number), "s") = (number.parse::<f64>(), unit) {
        candidates.push(format!("{}ms", number * 1000.0));
    }
    let many = number
        .parse::<u64>()
        .is_ok_and(|number| number >= MILLISECONDS);
    if plain.len() == number.len() {
        candidates.push(format!("{number}{}", if many { "ms" } else { "s" }));
    }
    candidates.into_iter().find(|it| pattern.is_match(it))
}

/// `{status: 401}` as a condition.
fn condition(node: &Node) -> Option<String> {
    let is_path = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._".contains(c))
    };
    let Value::Map(map) = &node.value else {
        return None;
    };
    let parts: Option<Vec<String>> = map
        .entries
        .iter()
        .map(|(name, node)| {
            let scalar = node
                .scalar_value()
                .filter(|it| it.text.verbatim.is_some())?;
            let text = &scalar.text.text;
            let value = match scalar.meaning() {
                Meaning::Text => format!("{text:?}"),
                _ => text.clone(),
            };
            (is_path(&name.text) && !text.contains("{{"))
                .then(|| format!("{} == {value}", name.text))
        })
        .collect();
    parts
        .filter(|parts| !parts.is_empty())
        .map(|parts| parts.join(" and "))
}

/// Names and their values where a mapping of names should stand: `a: b` and `a = b`
/// as a text, `[{a: b}]`, `[{name: a, value: b}]`, and the mapping itself.
pub(crate) fn pairs(node: &Node) -> Option<Vec<(String, String)>> {
    if let Value::Map(map) = &node.value {
        let entries = map.entries.iter();
        return Some(
            entries
                .map(|(name, node)| (name.text.clone(), inline(node)))
                .collect(),
        );
    }
    let found: Option<Vec<_>> = node.items().iter().map(pair).collect();
    found.filter(|found| !found.is_empty())
}

fn pair(item: &Node) -> Option<(String, String)> {
    if let Some(scalar) = item.scalar_value() {
        let text = scalar.text.verbatim.map(|_| scalar.text.text.as_str())?;
        let (name, value) = text.split_once(": ").or_else(|| text.split_once('='))?;
        let (name, value) = (name.trim(), value.trim());
        let is_name = !name.is_empty() && !name.contains(char::is_whitespace);
        return (is_name && !value.is_empty()).then(|| (name.to_owned(), value.to_owned()));
    }
    let Value::Map(map) = &item.value else {
        return None;
    };
    if let [(name, value)] = map.entries.as_slice() {
        return Some((name.text.clone(), inline(value)));
    }
    let named = |keys: &[&str]| {
        let mut entries = map.entries.iter();
        entries.position(|(key, _)| keys.contains(&key.as_str()))
    };
    let name = named(&["name", "key"])?;
    let text: &Text = map.entries[name].1.scalar()?;
    text.verbatim?;
    let rest: Vec<_> = map
        .entries
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != name)
        .collect();
    let value = match rest.as_slice() {
        [(_, (key, value))] if key.text == "value" => inline(value),
        _ => {
            let rest = rest.into_iter().map(|(_, entry)| entry.clone()).collect();
            inline(&Node::empty(item.span).holding(rest))
        }
    };
    Some((text.text.clone(), value))
}

#[cfg(test)]
mod tests {
    use super::{of_form, whole};
    use crate::language::duration::pattern;
    use crate::language::problem::Problems;
    use crate::language::rate::WrittenRate;
    use crate::language::read::Read;
    use crate::language::shape::Shape;

    #[test]
    fn a_duration_gets_the_unit_that_was_meant() {
        let of = |name, text| of_form(&pattern(), name, text);
        for (name, text, meant) in [
            ("", "5", "5s"),
            ("", "500", "500ms"),
            ("seconds", "500", "500s"),
            ("", "30 seconds", "30s"),
            ("", "2min", "2m"),
            ("", "2 S", "2s"),
            ("", "1.5s", "1500ms"),
            ("", "1m30s", "1m30s"),
        ] {
            assert_eq!(of(name, text).as_deref(), Some(meant), "{name} {text}");
        }
        for text in ["", "soon", "1s-3s", "-5s", "2 parsecs"] {
            assert_eq!(of("", text), None, "{text}");
        }
    }

    #[test]
    fn a_rate_gets_the_form_that_was_meant() {
        let Shape::Either(shapes) = <WrittenRate as Read<Problems>>::shape() else {
            unreachable!();
        };
        let Some(Shape::Form(pattern, ..)) = shapes.first() else {
            unreachable!();
        };
        for text in ["100 per second", "100rps", "100 req/s", "100/sec", "100 /s"] {
            let meant = of_form(pattern, "", text).unwrap();
            assert!(["100/s", "100 /s"].contains(&&*meant), "{text}: {meant}");
        }
    }

    #[test]
    fn a_number_is_read_as_people_write_it() {
        for (text, number) in [
            ("1_000", 1000),
            ("1k", 1000),
            ("+5", 5),
            ("007", 7),
            ("30%", 30),
            ("10.0", 10),
            ("ten", 10),
        ] {
            assert_eq!(whole(text), Some(number), "{text}");
        }
        for text in ["many", "", "-1", "10.5", "99999999999999999999"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }
}
