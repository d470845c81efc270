//! What is encrypted in a data sample: a mapping from language to content, each of
//! one kind.

use serde_json::{Map, Value};

use super::StepError;
use super::arguments::value;
use super::date::{Date, FuzzyDate};
use super::forms::is_expression;
use crate::document::ReadContext;
use crate::expression::{Scope, Template, TextTemplate, Wanted};
use crate::language::{Key, Node, Problem, Read, Shape, Table, Text, entries, show_form};

/// What is encrypted: a mapping from language to content.
pub(super) struct Content(Template);

/// What a content can be (`Content` of the MedTech SDK 2.3.1, and
/// `medicationValue` of the DTO below it).
const CONTENT: Table = Table {
    what: "a content",
    keys: &[&[
        one("stringValue", "a text", || Shape::Text).example("Hello"),
        one("numberValue", "a number", || {
            Shape::Number.or(Shape::Expression)
        })
        .example("36.6"),
        one("booleanValue", "`true` or `false`", || {
            Shape::Bool.or(Shape::Expression)
        })
        .example("true"),
        one(
            "instantValue",
            "a moment, in milliseconds since 1970",
            || Shape::Whole(0).or(Shape::Expression),
        )
        .example("1664440440000"),
        one(
            "fuzzyDateValue",
            "a date",
            <Date as Read<ReadContext>>::shape,
        )
        .example("20220929"),
        one("binaryValue", "bytes, in base64", || Shape::Text).example("SGVsbG8="),
        one("documentId", "id of a document", || Shape::Text)
            .example(r#""{{ attached.document_id }}""#),
        one("measureValue", "a number with its unit", mapping).example("{value: 36.6, unit: °C}"),
        one("medicationValue", "a medication", mapping)
            .example("{medicinalProduct: {intendedname: Aspirin}}"),
        one("timeSeries", "numbers by field and time", mapping)
            .example("{fields: [x], samples: [[1, 2]]}"),
        one("compoundValue", "a list of data samples", list)
            .example("[{content: {en: {numberValue: 36.6}}}]"),
        one("ratio", "a list of measures", list).example("[{value: 1}, {value: 2}]"),
        one("range", "a list of measures", list).example("[{value: 1}, {value: 2}]"),
    ]],
};

/// What is beside another kind when bytes were attached.
const DOCUMENT_ID: &str = "documentId";

const fn one(name: &'static str, about: &'static str, shape: fn() -> Shape) -> Key {
    Key::new(name, about, shape).expecting(about)
}

fn mapping() -> Shape {
    Shape::Any.entries().or(Shape::Expression)
}

fn list() -> Shape {
    Shape::Any.list().or(Shape::Expression)
}

/// What a kind of content takes; nothing is known of others.
fn wanted(name: &str) -> Option<Wanted> {
    Some(match name {
        "stringValue" | "binaryValue" | DOCUMENT_ID => Wanted::Text,
        "numberValue" => Wanted::Number,
        "booleanValue" => Wanted::Bool,
        "instantValue" => Wanted::Whole,
        "fuzzyDateValue" => Wanted::Date,
        "measureValue" | "medicationValue" | "timeSeries" => Wanted::Mapping,
        "compoundValue" | "ratio" | "range" => Wanted::List,
        _ => return None,
    })
}

impl Read<ReadContext> for Content {
    const EXPECTED: &'static str =
        "a mapping from language to content such as `{en: {stringValue: Hello}}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        Template::of_kind(&as_written(node, cx)?, Wanted::Mapping, cx).map(Self)
    }

    fn shape() -> Shape {
        let one = CONTENT.shape().or(Shape::Expression);
        one.entries().or(Shape::Expression)
    }
}

/// The same with texts where texts are meant. A misspelt `stringvalue` would be
/// stored and never found again, and so would a number that is none.
fn as_written(node: &Node, cx: &mut ReadContext) -> Option<Node> {
    if is_expression(node) {
        return Some(node.clone());
    }
    let languages = entries(node, "`content`", "en: {stringValue: Hello}", cx)?;
    let languages: Vec<Option<(Text, Node)>> = languages
        .map(|(language, content)| Some((language.clone(), read_content(content, cx)?)))
        .collect();
    let languages: Option<Vec<(Text, Node)>> = languages.into_iter().collect();
    Some(node.clone().holding(languages?))
}

fn read_content(node: &Node, cx: &mut ReadContext) -> Option<Node> {
    if is_expression(node) {
        let read = Template::of_kind(node, Wanted::Mapping, cx);
        if read.is_none() {
            let form = ["en: {stringValue: Hello}".to_owned()];
            cx.problems.show_form(node.label(), None, &form);
        }
        return read.map(|_| node.clone());
    }
    CONTENT.open(node, cx)?.finish(cx);
    let mut good = true;
    let mut kept = Vec::new();
    let mut kinds = node.entries().filter(|(name, _)| name.text != DOCUMENT_ID);
    if let (Some((first, _)), Some((second, _))) = (kinds.next(), kinds.next()) {
        cx.push(Problem::new(
            second.span,
            two(&first.text, &second.text),
            ONE,
        ));
        good = false;
    }
    for (name, value) in node.entries() {
        match read_value(&name.text, value, cx) {
            Some(value) => kept.push((name.clone(), value)),
            None => good = false,
        }
    }
    good.then(|| node.clone().holding(kept))
}

const ONE: &str =
    "a content has one kind of value: remove the other, or store it as a data sample of its own";

fn two(first: &str, second: &str) -> String {
    format!("both `{first}` and `{second}` are given")
}

fn read_value(name: &str, node: &Node, cx: &mut ReadContext) -> Option<Node> {
    let read = match wanted(name) {
        None => Some(node.clone()),
        Some(Wanted::Text) => TextTemplate::read(node, cx).map(|_| node.as_texts()),
        Some(Wanted::Date) => Date::read(node, cx).map(|_| node.clone()),
        Some(wanted) => Template::of_kind(node, wanted, cx).map(|_| node.clone()),
    };
    let key = CONTENT.keys().into_iter().find(|key| key.name == name);
    if let (None, Some(key)) = (&read, key) {
        show_form(&key, node, cx);
    }
    let number = node.entry("value").filter(|_| name == "measureValue");
    if let Some(number) = number {
        Template::of_kind(number, Wanted::Number, cx)?;
    }
    read
}

impl Content {
    /// It, with its values.
    pub(super) fn get(&self, scope: &Scope) -> Result<Map<String, Value>, StepError> {
        let content = value("content", Self::EXPECTED, &self.0, scope)?;
        judged(content)
    }
}

/// A content of which each value is what its kind says.
///
/// # Errors
/// When one is not, or there are two kinds in one.
pub(super) fn judged(mut content: Map<String, Value>) -> Result<Map<String, Value>, StepError> {
    let refuse = |reason: String| StepError::Argument {
        argument: "content",
        reason,
    };
    for (language, values) in &mut content {
        let Some(values) = values.as_object_mut() else {
            let reason = "expected a mapping such as `{stringValue: Hello}`";
            return Err(refuse(format!("`{language}`: {reason}")));
        };
        let mut first: Option<&str> = None;
        for (name, value) in values {
            let Some(wanted) = wanted(name).filter(|_| is_there(value)) else {
                continue;
            };
            if !fits(wanted, value) {
                let key = CONTENT.keys().into_iter().find(|key| key.name == name);
                let form = key.and_then(|key| key.form()).unwrap_or_default();
                let (expected, found) = (wanted.name(), kind(value));
                return Err(refuse(format!(
                    "`{language}.{name}`: expected {expected}, as in `{form}`, got {found}"
                )));
            }
            if name == DOCUMENT_ID {
                continue;
            }
            if let Some(first) = first {
                return Err(refuse(format!("`{language}`: {}: {ONE}", two(first, name))));
            }
            first = Some(name);
        }
    }
    Ok(content)
}

/// Clients write what there is not as null, or as an empty list.
fn is_there(value: &Value) -> bool {
    !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty())
}

/// Whether a value is what is wanted; what is the same in another form is put into
/// that.
fn fits(wanted: Wanted, value: &mut Value) -> bool {
    match wanted {
        Wanted::Text => {
            if value.is_number() || value.is_boolean() {
                *value = value.to_string().into();
            }
            value.is_string()
        }
        Wanted::Date => {
            let date = FuzzyDate::parse(
                &value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned),
            );
            if let Some(date) = date {
                *value = date.0.into();
            }
            date.is_some()
        }
        Wanted::Number => value.is_number(),
        Wanted::Whole => value.is_i64() || value.is_u64(),
        Wanted::Bool => value.is_boolean(),
        Wanted::Mapping => value.is_object(),
        Wanted::List | Wanted::Ids => value.is_array(),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}
