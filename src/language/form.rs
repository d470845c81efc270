//! How a mapping is written, for whoever wrote something else: made of its declared
//! keys, with what the user wrote wherever it can be told where that belongs.

use super::inline::{inline, word};
use super::meant::{meant, pairs};
use super::names::list;
use super::node::{Node, Scalar, Text, Value};
use super::shape::{Key, Shape, shown};

/// Most lines of names of the user's own that are repeated.
const MOST: usize = 5;

/// What a mapping with these keys is. `written` is what stands in its place.
pub(crate) fn form(what: &str, keys: &[Key], written: Option<&Node>) -> String {
    if keys.is_empty() {
        return format!("{what} takes no arguments");
    }
    let placed = written.map(|node| place(keys, node)).unwrap_or_default();
    if placed.is_empty() {
        return general(what, keys, &lines(keys, &[]));
    }
    let placed = |key: &&Key| placed.iter().find(|(name, _)| *name == key.name);
    let all = keys.iter().filter_map(|key| match placed(&key) {
        Some((name, value)) => Some(format!("{name}: {value}")),
        None if shown(keys).iter().any(|other| other.name == key.name) => key.form(),
        None => None,
    });
    format!("write\n{}", below(what, &all.collect::<Vec<_>>()))
}

/// The same for whoever wrote a mapping with other keys.
pub(super) fn form_with(what: &str, keys: &[Key], entries: &[(Text, Node)]) -> String {
    let (lines, is_placed) = all_lines(keys, entries);
    if is_placed {
        return format!("write\n{}", below(what, &lines));
    }
    general(what, keys, &lines)
}

/// A key with the value that was meant, or else with an example.
pub(super) fn entry(key: &Key, node: &Node) -> Option<String> {
    let meant = meant(&key.shape(), node).map(|value| format!("{}: {value}", key.name));
    meant.or_else(|| key.form())
}

/// Its keys, and these lines.
fn general(what: &str, keys: &[Key], lines: &[String]) -> String {
    let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
    let keys_of_it = if names.len() == 1 { "key" } else { "keys" };
    let lines: Vec<String> = lines.iter().map(|line| format!("\n  {line}")).collect();
    format!(
        "{what} takes the {keys_of_it} {}:{}",
        list(&names),
        lines.concat()
    )
}

/// The key that a mapping stands at, when messages call it so.
pub(super) fn key_of(what: &str) -> Option<&str> {
    what.strip_prefix('`')?.strip_suffix('`')
}

/// Lines of a mapping, below the key that it stands at.
fn below(what: &str, lines: &[String]) -> String {
    match key_of(what) {
        Some(key) => format!("  {key}:\n    {}", lines.join("\n    ")),
        None => format!("  {}", lines.join("\n  ")),
    }
}

/// Each line of the mapping with these entries, and with those that it cannot be
/// without. What stands at a key that there is not goes to one of those.
pub(super) fn lines(keys: &[Key], entries: &[(Text, Node)]) -> Vec<String> {
    all_lines(keys, entries).0
}

/// The same, and whether what stands at a strange key has found its place.
fn all_lines(keys: &[Key], entries: &[(Text, Node)]) -> (Vec<String>, bool) {
    let is_key = |name: &Text| keys.iter().any(|key| key.is_called(&name.text));
    let (known, strange): (Vec<_>, Vec<_>) = entries.iter().partition(|(name, _)| is_key(name));
    let mut strange: Vec<&Node> = strange.into_iter().map(|(_, node)| node).collect();
    let before = strange.len();
    let is_there = |key: &&Key| known.iter().any(|(name, _)| name.text == key.name);
    let mut missing = shown(keys);
    missing.retain(|key| !is_there(key));
    let missing: Vec<String> = missing
        .into_iter()
        .filter_map(|key| {
            let fitting = strange.iter().position(|node| fits(key, node));
            match fitting.map(|at| strange.remove(at)) {
                Some(node) => Some(format!("{}: {}", key.name, inline(node))),
                None => key.form(),
            }
        })
        .collect();
    let known = known.into_iter();
    let known = known.map(|(name, node)| format!("{}: {}", name.text, inline(node)));
    (known.chain(missing).collect(), strange.len() < before)
}

/// Whether a value could be that of a key.
fn fits(key: &Key, node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => key.fits(scalar),
        Value::List(_) => matches!(key.shape(), Shape::Named("steps")),
        _ => false,
    }
}

/// Where the words belong that stand in place of a mapping: all of it at one key, or
/// each word at one; nothing when that cannot be told of every one of them.
pub(super) fn place(keys: &[Key], node: &Node) -> Vec<(&'static str, String)> {
    let shown = shown(keys);
    if let Some(scalar) = node.scalar_value().filter(|it| it.text.verbatim.is_some())
        && let Some(key) = shown.iter().find(|key| key.fits(scalar))
    {
        return vec![(key.name, word(scalar))];
    }
    if let Some(found) = named(keys, node) {
        return vec![found];
    }
    let is_of_steps = |key: &&&Key| node.list().is_some() && fits(key, node);
    if let Some(key) = shown.iter().find(is_of_steps) {
        return vec![(key.name, inline(node))];
    }
    let mut found: Vec<(&'static str, String)> = Vec::new();
    for part in parts(node) {
        let is_free = |key: &&&Key| !found.iter().any(|(name, _)| *name == key.name);
        let choice = keys
            .iter()
            .find_map(|key| Some((key.name, choice(key, &part)?)));
        let fitting = || shown.iter().filter(is_free).find(|key| key.fits(&part));
        match choice.or_else(|| fitting().map(|key| (key.name, word(&part)))) {
            Some(placed) if found.iter().all(|(name, _)| *name != placed.0) => found.push(placed),
            _ => return Vec::new(),
        }
    }
    found
}

/// `jsonpath "$.id"`, where a key and its value are one text.
fn named(keys: &[Key], node: &Node) -> Option<(&'static str, String)> {
    let text = &node.scalar().filter(|text| text.verbatim.is_some())?.text;
    let (name, value) = text.split_once(char::is_whitespace)?;
    let key = keys.iter().find(|key| key.name == name)?;
    let value = value.trim().trim_matches('"');
    (!value.is_empty()).then(|| (key.name, value.to_owned()))
}

/// The words of a text, or of a list.
fn parts(node: &Node) -> Vec<Scalar> {
    let Some(scalar) = node.scalar_value() else {
        let items = node.items().iter();
        let words: Option<Vec<&Scalar>> = items.map(Node::scalar_value).collect();
        return words.unwrap_or_default().into_iter().cloned().collect();
    };
    if scalar.text.verbatim.is_none() {
        return Vec::new();
    }
    let words = scalar.text.text.split_whitespace();
    let plain = words.map(|text| Scalar {
        text: Text {
            text: text.to_owned(),
            ..scalar.text.clone()
        },
        plain: true,
    });
    plain.collect()
}

/// The word of a choice, whatever the case of its letters.
fn choice(key: &Key, part: &Scalar) -> Option<String> {
    let Shape::Words(words) = key.shape() else {
        return None;
    };
    let word = words
        .into_iter()
        .find(|word| word.eq_ignore_ascii_case(&part.text.text));
    word.map(str::to_owned)
}

/// How a mapping from names of the user's own is written; `example` is one entry.
pub(super) fn entries_form(what: &str, example: &str, written: &Node) -> String {
    let Some(pairs) = pairs(written).filter(|_| key_of(what).is_some()) else {
        return format!("{what} takes names of your own:\n  {example}");
    };
    let mut lines: Vec<String> = pairs
        .iter()
        .take(MOST)
        .map(|(k, v)| format!("{k}: {v}"))
        .collect();
    if pairs.len() > MOST {
        lines.push("…".to_owned());
    }
    format!("write\n{}", below(what, &lines))
}

/// A mapping whose keys stand in it and beside it, where some are at the wrong level.
pub(crate) fn levels(key: &str, inside: &[String], beside: &[String]) -> String {
    let mut all = format!("  - {key}:");
    for line in inside {
        all.push_str("\n      ");
        all.push_str(line);
    }
    for line in beside {
        all.push_str("\n    ");
        all.push_str(line);
    }
    all
}
