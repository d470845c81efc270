//! `expect` as a mapping beside `http`: what status, JSON and headers of the answer
//! must be. Each is a condition with a name of its own.
//!
//! To add a matcher: a field of [`Matchers`], and what it asks in
//! [`Matchers::asked`].

use minijinja::Value;
use minijinja::value::ValueKind;
use regex::Regex;

use super::matcher::{Asked, Looked};
use crate::document::{ReadContext, Record, record};
use crate::expression::{Scope, Template, TextTemplate, json_path};
use crate::http::Statuses;
use crate::language::{Node, Problem, Read, Shape, Text};
use crate::steps::capture::Source;

record! {
    pub(super) struct Asserts of "`expect`" expected "what the answer must be" {
        /// the status of the answer, in place of `status` of `http`
        pub(super) status: Stated, example("200");
        /// values of the answer's JSON by their paths, such as `$.rows[0].id` or `rows[0].id`
        json: JsonAsserts, example("{name: Ada, rows: {count: 3}}");
        /// headers of the answer, by their names
        header: HeaderAsserts, example("{Content-Type: {starts_with: text/}}");
    }
}

record! {
    struct Matchers of "a matcher" {
        /// it is this, and of the same kind: 1 is not "1"
        equals: Template, example("Ada");
        /// it is something else
        not_equals: Template, example("Bob");
        /// a text has this part, a list this item, a mapping this name
        contains: Template, example("da");
        /// a text begins so
        starts_with: TextTemplate, example("A");
        /// a text ends so
        ends_with: TextTemplate, example("a");
        /// a text has a match of this regular expression
        matches: Regex, example("^A");
        /// whether there is such a value; null is one
        exists: bool, example("true");
        /// a list or mapping has so many
        count: Template, example("3");
        /// more than this
        gt: Template, example("0");
        /// this or more
        ge: Template, example("1");
        /// less than this
        lt: Template, example("10");
        /// this or less
        le: Template, example("9");
    }
}

/// Matchers that are about the order of numbers, or of what is in a list.
const NOT_OF_TEXTS: &[&str] = &["count", "gt", "ge", "lt", "le"];

/// The status stands there; whoever sends the request has read it.
pub(super) struct Stated;

impl Read<ReadContext> for Stated {
    const EXPECTED: &'static str = <Statuses as Read<ReadContext>>::EXPECTED;

    fn read(_: &Node, _: &mut ReadContext) -> Option<Self> {
        Some(Self)
    }

    fn shape() -> Shape {
        <Statuses as Read<ReadContext>>::shape()
    }
}

/// Values of the JSON.
pub(super) struct JsonAsserts(Vec<Assert>);

/// Headers.
pub(super) struct HeaderAsserts(Vec<Assert>);

/// What must be at one place of an answer.
#[derive(Debug)]
pub struct Assert {
    /// What reports call it.
    pub(super) name: String,
    source: Source,
    /// The path may lead to several values, which are a list then.
    several: bool,
    asked: Vec<Asked>,
}

/// What can be asked of a value.
pub fn matchers_shape() -> Shape {
    Matchers::TABLE.shape()
}

fn shape() -> Shape {
    Shape::Any.or(Shape::Named("matchers")).entries()
}

impl Read<ReadContext> for JsonAsserts {
    const EXPECTED: &'static str = "a mapping from paths to values";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        entries(node, Self::EXPECTED, json, cx).map(Self)
    }

    fn shape() -> Shape {
        shape()
    }
}

impl Read<ReadContext> for HeaderAsserts {
    const EXPECTED: &'static str = "a mapping from names of headers to values";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        entries(node, Self::EXPECTED, header, cx).map(Self)
    }

    fn shape() -> Shape {
        shape()
    }
}

/// What must be at each place of a mapping. Every one is read, so that all problems
/// are told at once.
fn entries(
    node: &Node,
    expected: &str,
    read: fn(&Text, &Node, &mut ReadContext) -> Option<Assert>,
    cx: &mut ReadContext,
) -> Option<Vec<Assert>> {
    if node.entries().next().is_none() {
        cx.mismatch(node, expected);
        return None;
    }
    let asserts = node.entries().map(|(place, node)| read(place, node, cx));
    let asserts: Vec<Option<Assert>> = asserts.collect();
    asserts.into_iter().collect()
}

impl Asserts {
    /// All of them but the status.
    pub(super) fn of_values(self) -> impl Iterator<Item = Assert> {
        let json = self.json.map_or_else(Vec::new, |json| json.0);
        let header = self.header.map_or_else(Vec::new, |header| header.0);
        json.into_iter().chain(header)
    }
}

fn json(path: &Text, node: &Node, cx: &mut ReadContext) -> Option<Assert> {
    let asked = asked(node, false, cx);
    let whole = rooted(&path.text);
    match json_path(&whole) {
        Ok(compiled) => Some(Assert {
            name: format!("json {}", path.text),
            source: Source::JsonPath(compiled),
            several: leads_to_several(&whole),
            asked: asked?,
        }),
        Err((_, reason)) => {
            let message = format!("this is no path of JSON: {reason}");
            let help = "for example `$.rows[0].id` (RFC 9535), or `rows[0].id`";
            cx.problem(path.span, message, help);
            None
        }
    }
}

fn header(name: &Text, node: &Node, cx: &mut ReadContext) -> Option<Assert> {
    let asked = asked(node, true, cx);
    let Ok(header) = reqwest::header::HeaderName::from_bytes(name.text.as_bytes()) else {
        let message = format!("`{}` is not the name of a header", name.text);
        cx.problem(name.span, message, "for example `ETag`");
        return None;
    };
    Some(Assert {
        name: format!("header {header}"),
        source: Source::Header(header),
        several: false,
        asked: asked?,
    })
}

/// A value that it must be, or matchers.
fn asked(node: &Node, of_header: bool, cx: &mut ReadContext) -> Option<Vec<Asked>> {
    if !node.is_mapping() {
        let value = value(node, of_header, cx)?;
        return Some(vec![Asked::Equals(value)]);
    }
    let mut fields = Matchers::TABLE.open(node, cx)?;
    let matchers = Matchers::take(&mut fields, cx);
    let before = cx.problems.len();
    if of_header {
        for name in NOT_OF_TEXTS {
            if let Some(span) = fields.span_of(name) {
                let message = format!("a header is a text, of which `{name}` says nothing");
                let help = "write a condition:\n  as: answer\n  \
                            expect: answer.headers[\"content-length\"]|int > 5";
                cx.problem(span, message, help);
            }
        }
        for name in ["equals", "not_equals", "contains"] {
            if let Some(node) = fields.look(name) {
                is_text(node, cx);
            }
        }
    }
    if node.entries().next().is_none() {
        let help = "for example `{exists: true}`; a mapping as a whole is `{equals: {…}}`";
        cx.problem(node.label(), "no matcher", help);
    }
    fields.finish_with(cx, |name| {
        let known = Matchers::TABLE.keys();
        let known: Vec<&str> = known.iter().map(|key| key.name).collect();
        let near = Problem::suggest(name, &known);
        let whole = format!("{near}; a mapping as a whole is compared so:\n  equals: {{…}}");
        (!near.starts_with("did you mean")).then_some(whole)
    });
    (cx.problems.len() == before).then_some(matchers?.asked())
}

fn value(node: &Node, of_header: bool, cx: &mut ReadContext) -> Option<Template> {
    if node.is_nothing() {
        return Some(Template::fixed(Value::from(())));
    }
    if of_header && !is_text(node, cx) {
        return None;
    }
    Template::read(node, cx)
}

/// Says that a header is never a number.
fn is_text(node: &Node, cx: &mut ReadContext) -> bool {
    let json = node.to_json();
    if json.is_string() {
        return true;
    }
    let message = format!("a header is a text, found {}", kind(&json));
    let help = match node.scalar() {
        Some(word) => format!("in quotes it is one: `\"{}\"`", word.text),
        None => "for example `Content-Type: text/plain`".to_owned(),
    };
    cx.problem(node.label(), message, help);
    false
}

fn kind(json: &serde_json::Value) -> &'static str {
    match json {
        serde_json::Value::Number(_) => "a number",
        serde_json::Value::Bool(_) => "a boolean",
        serde_json::Value::Array(_) => "a list",
        _ => "something else",
    }
}

impl Matchers {
    fn asked(self) -> Vec<Asked> {
        let all = [
            self.exists.map(Asked::Exists),
            self.equals.map(Asked::Equals),
            self.not_equals.map(Asked::NotEquals),
            self.contains.map(Asked::Contains),
            self.starts_with.map(Asked::StartsWith),
            self.ends_with.map(Asked::EndsWith),
            self.matches.map(Asked::Matches),
            self.count.map(Asked::Count),
            self.gt.map(Asked::more),
            self.ge.map(Asked::at_least),
            self.lt.map(Asked::less),
            self.le.map(Asked::at_most),
        ];
        all.into_iter().flatten().collect()
    }
}

impl Assert {
    /// Whether all that is asked is so of a result; if not, what was wanted and what
    /// is there. `cut` cuts secrets out.
    pub(super) fn look(
        &self,
        result: &Value,
        scope: &Scope,
        cut: &dyn Fn(&str) -> String,
    ) -> Result<(), String> {
        let mut found = self.source.find(result, self.several);
        let found = if self.several && !found.is_empty() {
            Some(Value::from(found))
        } else if found.is_empty() {
            None
        } else {
            Some(found.swap_remove(0))
        };
        for asked in &self.asked {
            let looked = Looked {
                found: found.as_ref(),
                hidden: self.source.is_secret(),
                cut,
            };
            asked.look(&looked, scope).map_err(|(wanted, seen)| {
                let seen = seen.unwrap_or_else(|| self.source.missing(result));
                format!(" {wanted}, but {seen}")
            })?;
        }
        Ok(())
    }
}

/// A path from the root. `rows[0].user-name` is `$.rows[0]['user-name']`.
fn rooted(path: &str) -> String {
    if path.starts_with('$') {
        return path.to_owned();
    }
    let mut whole = String::from("$");
    for part in path.split('.') {
        let at = part.find('[').unwrap_or(part.len());
        let (name, rest) = part.split_at(at);
        let plain = |c: char| c.is_alphanumeric() || c == '_';
        let is_plain = name.chars().all(plain) && !name.starts_with(|c: char| c.is_ascii_digit());
        match name {
            "" => {}
            name if name == "*" || is_plain => whole.extend([".", name]),
            name => {
                let quoted = name.replace('\\', "\\\\").replace('\'', "\\'");
                whole.extend(["['", &quoted, "']"]);
            }
        }
        whole.push_str(rest);
    }
    whole
}

/// Whether a path may lead to more than one value: it has a wildcard, a slice, a
/// filter, a list of names, or goes to any depth.
fn leads_to_several(path: &str) -> bool {
    let mut quote = None;
    let mut last = ' ';
    for letter in path.chars() {
        let begins_or_ends = match quote {
            Some(open) => letter == open && last != '\\',
            None => matches!(letter, '\'' | '"'),
        };
        if begins_or_ends {
            quote = quote.xor(Some(letter));
        } else if quote.is_none()
            && (matches!(letter, '*' | '?' | ':' | ',') || (letter == '.' && last == '.'))
        {
            return true;
        }
        last = letter;
    }
    false
}

/// How many a list or mapping has.
pub(super) fn length(value: &Value) -> Option<usize> {
    let counted = matches!(
        value.kind(),
        ValueKind::Seq | ValueKind::Iterable | ValueKind::Map
    );
    value.len().filter(|_| counted)
}

#[cfg(test)]
mod tests {
    use super::{leads_to_several, rooted};

    #[test]
    fn a_path_of_names_is_one_of_json() {
        for (written, path, several) in [
            ("name", "$.name", false),
            ("rows[0].id", "$.rows[0].id", false),
            ("rows[*].id", "$.rows[*].id", true),
            ("a.user-name", "$.a['user-name']", false),
            ("it's", "$['it\\'s']", false),
            ("7", "$['7']", false),
            ("[0].id", "$[0].id", false),
            ("$.a", "$.a", false),
            ("$..a", "$..a", true),
            ("$['a:b']", "$['a:b']", false),
            ("$.a[1:]", "$.a[1:]", true),
        ] {
            assert_eq!(rooted(written), path);
            assert_eq!(leads_to_several(path), several, "{path}");
            assert!(crate::expression::json_path(path).is_ok(), "{path}");
        }
    }
}
