//! A description of an API (`OpenAPI` 3), as JSON or YAML.

use serde_json::{Map, Value, json};

use super::found::{Found, ImportError};
use super::request::{Body, Request};

const METHODS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options"];
/// How deep examples are made from schemas: some refer to themselves.
const MAX_DEPTH: usize = 3;
const HINT: &str = "expected an OpenAPI 3 document, as JSON or YAML";

pub(super) fn read(text: &str, _: super::wanted::Wanted) -> Result<Found, ImportError> {
    let root = parse(text)?;
    let version = root.get("openapi").and_then(Value::as_str);
    if !version.is_some_and(|version| version.starts_with("3.")) {
        let message = match root.get("swagger").and_then(Value::as_str) {
            Some(version) => format!("this is Swagger {version}, and `openapi: 3…` is expected"),
            None => "`openapi` must be a text such as `3.1.0`".to_owned(),
        };
        return Err(fail("openapi", message));
    }
    let paths = root.get("paths").and_then(Value::as_object);
    let paths = paths.ok_or_else(|| fail("paths", "there must be a mapping from paths".into()))?;
    let server = root
        .pointer("/servers/0/url")
        .and_then(Value::as_str)
        .unwrap_or("")
        .trim_end_matches('/');
    let mut found = Found::default();
    for (path, item) in paths {
        let Some(operations) = item.as_object() else {
            let message = format!("expected a mapping from methods, found {}", kind(item));
            return Err(fail(&format!("paths.{path}"), message));
        };
        let common = operations.get("parameters");
        for (method, operation) in operations {
            if !METHODS.contains(&method.as_str()) {
                continue;
            }
            let place = format!("paths.{path}.{method}");
            let Some(operation) = operation.as_object() else {
                let message = format!("expected an operation, found {}", kind(operation));
                return Err(fail(&place, message));
            };
            let reader = Reader { root: &root };
            let request = reader.request(method, &format!("{server}{path}"), operation, common);
            found.requests.push(request);
        }
    }
    found.notes.push(
        "Bodies and values are made from the description: read them before you play them".into(),
    );
    Ok(found)
}

fn parse(text: &str) -> Result<Value, ImportError> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| ImportError {
            place: format!("line {}, column {}", error.line(), error.column()),
            message: format!("this is not JSON ({:?})", error.classify()),
            hint: HINT,
        });
    }
    serde_yaml::from_str(text).map_err(|error: serde_yaml::Error| {
        let place = error.location();
        ImportError {
            place: place.map_or_else(
                || "the whole of it".to_owned(),
                |place| format!("line {}, column {}", place.line(), place.column()),
            ),
            message: format!("this is not YAML: {}", error.without_snippet()),
            hint: HINT,
        }
    })
}

fn fail(place: &str, message: String) -> ImportError {
    ImportError {
        place: place.to_owned(),
        message,
        hint: HINT,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

struct Reader<'a> {
    root: &'a Value,
}

impl<'a> Reader<'a> {
    fn request(
        &self,
        method: &str,
        url: &str,
        operation: &'a Map<String, Value>,
        common: Option<&'a Value>,
    ) -> Request {
        let mut request = Request::new(&method.to_ascii_uppercase(), url);
        let text = |name: &str| operation.get(name).and_then(Value::as_str);
        request.name = text("operationId").or(text("summary")).map(str::to_owned);
        if url.contains('{') {
            let path = url.split_once("://").map_or(url, |(_, rest)| {
                rest.find('/').map_or("/", |slash| &rest[slash..])
            });
            request.endpoint = Some(path.to_owned());
        }
        let lists = [common, operation.get("parameters")];
        for parameter in lists
            .into_iter()
            .flatten()
            .filter_map(Value::as_array)
            .flatten()
        {
            self.parameter(self.resolve(parameter), &mut request);
        }
        if let Some(content) = operation.get("requestBody").map(|body| self.resolve(body)) {
            self.body(content, &mut request);
        }
        request.status = operation.get("responses").and_then(good_status);
        let secured = operation.get("security").or(self.root.get("security"));
        if secured
            .and_then(Value::as_array)
            .is_some_and(|list| !list.is_empty())
        {
            let note = "it needs credentials: `auth: user`, after a `login` or `register`";
            request.notes.push(note.into());
        }
        request
    }

    fn parameter(&self, parameter: &'a Value, request: &mut Request) {
        let Some(name) = parameter.get("name").and_then(Value::as_str) else {
            return;
        };
        let required = parameter.get("required") == Some(&Value::Bool(true));
        let value = self.example(parameter, 0);
        let value = match &value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match parameter.get("in").and_then(Value::as_str) {
            Some("path") => {
                let value: String =
                    url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
                request.url = request.url.replace(&format!("{{{name}}}"), &value);
                request.notes.push(format!(
                    "`{value}` stands for `{name}`: put a real one there"
                ));
            }
            Some("query") if required => request.query.push((name.to_owned(), value)),
            Some("header") if required => request.headers.push((name.to_owned(), value)),
            _ => {}
        }
    }

    fn body(&self, content: &'a Value, request: &mut Request) {
        let kinds = content.get("content").and_then(Value::as_object);
        let Some((kind, content)) = kinds.and_then(|kinds| {
            let json = kinds.iter().find(|(kind, _)| kind.contains("json"));
            json.or_else(|| kinds.iter().next())
        }) else {
            return;
        };
        let example = self.example(content, 0);
        if kind.contains("json") {
            request.body = Some(Body::Json(example));
        } else if kind == "application/x-www-form-urlencoded" {
            let fields = example.as_object().into_iter().flatten();
            let fields = fields.map(|(name, value)| {
                let text = value.as_str().map(str::to_owned);
                (name.clone(), text.unwrap_or_else(|| value.to_string()))
            });
            request.body = Some(Body::Form(fields.collect()));
        } else {
            request
                .notes
                .push(format!("its body is `{kind}`: write it as `body`"));
        }
    }

    /// What is referred to, or the value itself.
    fn resolve(&self, value: &'a Value) -> &'a Value {
        let mut value = value;
        // References to references, and no further.
        for _ in 0..MAX_DEPTH {
            let reference = value.get("$ref").and_then(Value::as_str);
            let Some(found) = reference
                .and_then(|reference| reference.strip_prefix('#'))
                .and_then(|pointer| self.root.pointer(pointer))
            else {
                break;
            };
            value = found;
        }
        value
    }

    /// The example of a parameter, a body or a schema; made if there is none.
    fn example(&self, value: &'a Value, depth: usize) -> Value {
        let value = self.resolve(value);
        if let Some(example) = value
            .get("example")
            .or(value.get("default"))
            .or(value.get("const"))
        {
            return example.clone();
        }
        if let Some(example) = value.pointer("/examples/0").or(value.pointer("/enum/0")) {
            return example.clone();
        }
        let first = value.get("examples").and_then(Value::as_object);
        let first = first.and_then(|examples| examples.values().next());
        if let Some(example) = first.and_then(|it| self.resolve(it).get("value")) {
            return example.clone();
        }
        if depth > MAX_DEPTH {
            return json!({});
        }
        if let Some(schema) = value.get("schema") {
            return self.example(schema, depth + 1);
        }
        for all in ["oneOf", "anyOf"] {
            if let Some(first) = value.get(all).and_then(|list| list.get(0)) {
                return self.example(first, depth + 1);
            }
        }
        if let Some(parts) = value.get("allOf").and_then(Value::as_array) {
            let mut merged = Map::new();
            for part in parts {
                if let Value::Object(fields) = self.example(part, depth + 1) {
                    merged.extend(fields);
                }
            }
            return Value::Object(merged);
        }
        self.of_type(value, depth)
    }

    fn of_type(&self, schema: &'a Value, depth: usize) -> Value {
        let kind = match schema.get("type") {
            Some(Value::Array(kinds)) => kinds.iter().find(|kind| *kind != "null"),
            other => other,
        };
        match kind.and_then(Value::as_str) {
            Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
            Some("boolean") => json!(true),
            Some("array") => match schema.get("items") {
                Some(items) if depth < MAX_DEPTH => json!([self.example(items, depth + 1)]),
                _ => json!([]),
            },
            Some("string") => json!(of_format(schema.get("format").and_then(Value::as_str))),
            _ => self.fields(schema, depth),
        }
    }

    /// The fields that must be there; all of them when none must.
    fn fields(&self, schema: &'a Value, depth: usize) -> Value {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            return match schema.get("type") {
                Some(_) => json!({}),
                None => json!("text"),
            };
        };
        let required = schema.get("required").and_then(Value::as_array);
        let wanted = |name: &str| required.is_none_or(|list| list.iter().any(|it| it == name));
        let fields = properties.iter().filter(|(name, _)| wanted(name));
        let fields = fields.map(|(name, field)| (name.clone(), self.example(field, depth + 1)));
        Value::Object(fields.collect())
    }
}

fn of_format(format: Option<&str>) -> &'static str {
    match format {
        Some("uuid") => "00000000-0000-0000-0000-000000000000",
        Some("date") => "2024-01-31",
        Some("date-time") => "2024-01-31T12:00:00Z",
        Some("email") => "ada@example.org",
        Some("uri") => "https://example.org/",
        _ => "text",
    }
}

/// The first status that is a good one.
fn good_status(responses: &Value) -> Option<u16> {
    let statuses = responses.as_object()?.keys();
    let mut numbers = statuses.filter_map(|status| status.parse::<u16>().ok());
    numbers.find(|status| (200..300).contains(status))
}
