//! `schema`: what the JSON of an answer must look like.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::Answer;
use crate::document::ReadContext;
use crate::language::{Node, Read, Shape, Text};
use crate::steps::StepError;

/// A compiled JSON Schema.
pub(super) struct Schema(Validator);

/// How many ways in which an answer differs are told.
const MOST: usize = 3;
/// How many more are counted: an answer of megabytes may differ everywhere.
const MOST_COUNTED: usize = 100;
/// Names longer than this are not told.
const LONGEST_NAME: usize = 32;

const HELP: &str = "JSON Schema, 2020-12 unless `$schema` says another draft; \
                    nothing is fetched, so `$ref` stays within the schema";

/// `schema: FILE`, or the schema itself.
impl Read<ReadContext> for Schema {
    const EXPECTED: &'static str = "a JSON Schema";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let Some(path) = node.scalar() else {
            if node.entries().next().is_none() {
                let message = format!("expected {}, found {}", Self::EXPECTED, node.kind());
                let help =
                    "the path of a file, or a mapping such as `{type: object, required: [id]}`";
                cx.problem(node.label(), message, help);
                return None;
            }
            return compile_yaml(node, cx);
        };
        let is_yaml = [".yaml", ".yml"].iter().any(|end| path.text.ends_with(end));
        if is_yaml {
            let root = cx.files.attached_yaml(path, &mut cx.problems)?;
            return compile_yaml(&root, cx);
        }
        let content = cx.files.attached(path, &mut cx.problems)?;
        in_json(path, &content, cx)
    }

    fn shape() -> Shape {
        Shape::Text.or(Shape::Any.entries())
    }
}

fn in_json(path: &Text, content: &[u8], cx: &mut ReadContext) -> Option<Schema> {
    let schema: Value = match serde_json::from_slice(content) {
        Ok(schema) => schema,
        Err(error) => {
            let message = format!("{} is not JSON: {error}", path.text);
            cx.problem(path.span, message, "");
            return None;
        }
    };
    match compile(&schema) {
        Ok(schema) => Some(schema),
        Err((pointer, reason)) => {
            let place = if pointer.is_empty() { "/" } else { &pointer };
            let message = format!("{} is no JSON Schema: at `{place}`: {reason}", path.text);
            cx.problem(path.span, message, HELP);
            None
        }
    }
}

/// A schema with places, at which problems are told.
fn compile_yaml(node: &Node, cx: &mut ReadContext) -> Option<Schema> {
    match compile(&node.to_json()) {
        Ok(schema) => Some(schema),
        Err((pointer, reason)) => {
            let place = node.at_pointer(&pointer).label();
            cx.problem(place, format!("this is no JSON Schema: {reason}"), HELP);
            None
        }
    }
}

/// The schema, or where it is wrong and why.
fn compile(schema: &Value) -> Result<Schema, (String, String)> {
    let compiled = jsonschema::options().build(schema);
    compiled.map(Schema).map_err(|error| {
        let pointer = error.instance_path().as_str().to_owned();
        let mut reason = error.to_string();
        if let ValidationErrorKind::Referencing(_) = error.kind() {
            // The rest is about ways of fetching it.
            let end = reason.find(" is not present in a registry");
            let what = reason.get(..end.unwrap_or(reason.len()));
            reason = format!(
                "it refers to what is not in it: {}",
                what.unwrap_or_default()
            );
        }
        (pointer, reason)
    })
}

impl Schema {
    /// Holds an answer against the schema.
    ///
    /// # Errors
    /// With the places in which it differs. What is there is not repeated: it
    /// may be a secret, and so may be names that are none of a program's.
    pub(super) fn check(&self, answer: &Answer) -> Result<(), StepError> {
        let Some(document) = answer.document() else {
            return Err(StepError::Schema(answer.described()));
        };
        // Good answers are looked at once, and nothing is collected.
        if self.0.is_valid(document) {
            return Ok(());
        }
        let mut errors = self.0.iter_errors(document);
        let told: Vec<String> = errors.by_ref().take(MOST).map(|one| tell(&one)).collect();
        let more = match errors.take(MOST_COUNTED).count() {
            0 => String::new(),
            MOST_COUNTED => format!("; and {MOST_COUNTED} more or above"),
            more => format!("; and {more} more"),
        };
        let told = format!("{}{more}", told.join("; "));
        Err(StepError::Schema(answer.cut(&told)))
    }
}

/// One way in which an answer differs.
fn tell(error: &ValidationError<'_>) -> String {
    let pointer = error.instance_path().as_str();
    let place: Vec<&str> = pointer.split('/').map(told_name).collect();
    let place = match place.as_slice() {
        [_] => "/".to_owned(),
        place => place.join("/"),
    };
    let what = match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let names: Vec<String> = unexpected
                .iter()
                .take(MOST)
                .map(|name| format!("`{}`", told_name(name)))
                .collect();
            let more = unexpected.len().saturating_sub(MOST);
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            format!("the schema has no {}{more}", names.join(", "))
        }
        _ => error.masked_with("what is there").to_string(),
    };
    format!("at `{place}`: {what}")
}

/// A name as it is when a program may have it; others could be anything, an id
/// or a token.
fn told_name(name: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$' | '.');
    let good = name.len() <= LONGEST_NAME && name.chars().all(plain);
    if good { name } else { "…" }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{compile, tell};

    #[test]
    fn names_that_could_be_secrets_are_not_told() {
        let schema = json!({
            "additionalProperties": false,
            "properties": {"sessions": {"additionalProperties": {"type": "integer"}}}
        });
        let schema = compile(&schema).unwrap();
        let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
        let answer = json!({"sessions": {token: "x"}, token: 1, "nmae": 2});
        let told: Vec<String> = schema
            .0
            .iter_errors(&answer)
            .map(|one| tell(&one))
            .collect();
        let told = told.join("; ");
        assert!(!told.contains("eyJ"), "{told}");
        assert!(
            told.contains("`/sessions/…`") && told.contains("`nmae`"),
            "{told}"
        );
    }

    #[test]
    fn a_schema_that_refers_to_itself_comes_to_an_end() {
        for (schema, good) in [
            (json!({"$ref": "#"}), json!(1)),
            (
                json!({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}),
                json!({"a": [1]}),
            ),
            (
                json!({"type": "object", "additionalProperties": {"$ref": "#"}}),
                json!({"a": {"b": {}}}),
            ),
        ] {
            if let Ok(compiled) = compile(&schema) {
                assert!(compiled.0.is_valid(&good), "{schema}");
                assert_eq!(compiled.0.iter_errors(&good).count(), 0, "{schema}");
            }
        }
    }

    #[test]
    fn drafts_are_told_apart_and_nothing_is_fetched() {
        assert!(compile(&json!({"prefixItems": [{"type": "string"}]})).is_ok());
        let old = json!({"$schema": "http://json-schema.org/draft-07/schema#", "items": [{}]});
        assert!(compile(&old).is_ok());
        for bad in [
            json!({"type": "objec"}),
            json!({"items": [{}]}),
            json!({"pattern": "("}),
            json!({"$ref": "https://example.org/x.json"}),
            json!({"$ref": "other.json"}),
            json!({"$ref": "file:///etc/passwd"}),
            json!({"$schema": "https://example.org/mine"}),
        ] {
            assert!(compile(&bad).is_err(), "{bad}");
        }
    }
}
