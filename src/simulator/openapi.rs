//! `GET /openapi.json`: what the simulator serves, for programs. The paths are
//! those that are registered ([`super::endpoint`]), the schemas those of
//! [`crate::wire`].

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::address;
use super::endpoint::{Access, Answer, Endpoints, Operation, Taken, get};
use super::failure::Refusal;
use super::state::Shared;

/// Bytes have no schema: OpenAPI 3.1 says so by leaving all out.
const BYTES: Value = Value::Bool(true);

/// The endpoints with their description.
pub(super) fn described(endpoints: Endpoints) -> Router<Shared> {
    let text = Arc::new(OnceLock::new());
    let served: Arc<OnceLock<Bytes>> = Arc::clone(&text);
    let read = move || async move {
        let text = served.get().cloned().unwrap_or_default();
        ([(CONTENT_TYPE, "application/json")], text)
    };
    let own = get("/openapi.json", read)
        .about("This description")
        .gives::<Map<String, Value>>();
    let endpoints = endpoints.below("", [own]);
    text.get_or_init(|| Bytes::from(document(endpoints.operations()).to_string()));
    endpoints.into_router()
}

/// The description, OpenAPI 3.1.
fn document(operations: &[Operation]) -> Value {
    // Of each type, what may be sent: an answer holds what somebody sent.
    let settings = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .with_transform(RecursiveTransform(bounded))
        .with_transform(RecursiveTransform(undefaulted));
    let mut generator = settings.into_generator();
    let refusal = generator.subschema_for::<Refusal>();
    let mut paths = Map::new();
    for operation in operations {
        let methods = paths.entry(&operation.path).or_insert_with(|| json!({}));
        methods[operation.method.as_str().to_lowercase()] = described_as(operation, &mut generator);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "rehearse simulator",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A stand-in for iCure's message gateway and API. `GET` implies `HEAD`; the API also takes `?ts=`, and ignores it. What is not described here is answered 501 (another path) or 405 (another method).",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "responses": {"Refusal": {
                "description": "Why not, in words for a developer",
                "content": {"application/json": {"schema": refusal}},
            }},
            "securitySchemes": security_schemes(),
        },
    })
}

fn security_schemes() -> Value {
    json!({
        "basic": {
            "type": "http",
            "scheme": "basic",
            "description": "Login and password: a long-lived token, or a one-time password for a short time",
        },
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "refresh": {"type": "apiKey", "in": "header", "name": "Refresh-Token"},
    })
}

fn described_as(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let mut described = json!({
        "operationId": operation_id(operation),
        "summary": operation.summary,
        "tags": [tag(&operation.path)],
        "security": match operation.access {
            Access::Anybody => json!([]),
            Access::Account => json!([{"basic": []}, {"bearer": []}]),
            Access::RefreshToken => json!([{"refresh": []}]),
        },
        "responses": responses(operation, generator),
    });
    let parameters = parameters(operation);
    if !parameters.is_empty() {
        described["parameters"] = parameters.into();
    }
    if let Some(takes) = &operation.takes {
        let content = match takes {
            Taken::Json(schema) => json!({"application/json": {"schema": schema(generator)}}),
            Taken::Described(schema) => json!({"application/json": {"schema": schema(generator)}}),
            Taken::Bytes => json!({"application/octet-stream": {"schema": BYTES}}),
        };
        described["requestBody"] = json!({"required": true, "content": content});
    }
    described
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let in_path = operation.path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        Some(json!({
            "name": name,
            "in": "path",
            "required": true,
            "schema": path_schema(name),
        }))
    });
    let in_query = operation.query.iter().map(|parameter| {
        json!({
            "name": parameter.name,
            "in": "query",
            "required": parameter.required,
            "description": parameter.about,
            "schema": parameter.schema,
        })
    });
    in_path.chain(in_query).collect()
}

/// What a parameter of the path must look like to be understood.
fn path_schema(name: &str) -> Value {
    match name {
        "address" => json!({
            "type": "string",
            "pattern": address::EMAIL_PATTERN,
            "maxLength": address::EMAIL_LIMIT,
        }),
        "number" => json!({"type": "string", "pattern": address::PHONE_PATTERN}),
        "attempt" => json!({
            "type": "string",
            "pattern": "^.+-.+$",
            "description": "`{requestId}-{code}`",
        }),
        _ => json!({"type": "string", "minLength": 1}),
    }
}

fn responses(operation: &Operation, generator: &mut SchemaGenerator) -> Map<String, Value> {
    let content = match operation.gives {
        Answer::Text => json!({"text/plain": {"schema": {"type": "string"}}}),
        Answer::Json(schema) => json!({"application/json": {"schema": schema(generator)}}),
        Answer::Bytes => json!({"application/octet-stream": {"schema": BYTES}}),
    };
    let done = json!({"description": "Done", "content": content});
    let refusals = operation.refusals.iter().map(|status| {
        let name = StatusCode::from_u16(*status).ok();
        let name = name.and_then(|status| status.canonical_reason());
        let reference = json!({
            "$ref": "#/components/responses/Refusal",
            "description": name.unwrap_or("Refused"),
        });
        (status.to_string(), reference)
    });
    std::iter::once(("200".to_owned(), done))
        .chain(refusals)
        .collect()
}

/// `getRestV2ContactId` of `GET /rest/v2/contact/{id}`.
fn operation_id(operation: &Operation) -> String {
    let mut id = operation.method.as_str().to_lowercase();
    for word in operation.path.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut letters = word.chars();
        id.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        id.push_str(letters.as_str());
    }
    if operation.path.ends_with('/') {
        id.push_str("Slash");
    }
    id
}

/// The part of the simulator that a path belongs to.
fn tag(path: &str) -> &'static str {
    match path.split('/').nth(1) {
        Some("gateway") => "message gateway",
        Some("rest" | "ws") => "API",
        _ => "simulator",
    }
}

/// Says of a whole number what its format means, for those who do not know it.
fn bounded(schema: &mut Schema) {
    let (least, most) = match schema.get("format").and_then(Value::as_str) {
        Some("int64") => (json!(i64::MIN), json!(i64::MAX)),
        Some("uint64") => (json!(0), json!(u64::MAX)),
        _ => return,
    };
    schema.insert("minimum".to_owned(), least);
    schema.insert("maximum".to_owned(), most);
}

/// What is required has no default.
fn undefaulted(schema: &mut Schema) {
    let required = schema.get("required").cloned().unwrap_or_default();
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    let (Some(properties), Value::Array(required)) = (properties, required) else {
        return;
    };
    for name in required.iter().filter_map(Value::as_str) {
        if let Some(Value::Object(property)) = properties.get_mut(name) {
            property.remove("default");
        }
    }
}
