//! What a request of the scenario's own carries: query, headers, body. Secrets
//! may be in all of them; they are collected, so that nobody shows them.

use minijinja::Value;
use minijinja::value::ValueKind;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

use super::attachment::Attachment;
use super::multipart::Multipart;
use crate::document::{ReadContext, Record, record};
use crate::expression::{Scope, Template, Wanted, exposed, take_secret};
use crate::http::{Call, Payload};
use crate::language::inline::inline;
use crate::language::{Fields, Key, Node, Read, Shape};
use crate::steps::StepError;
use crate::wiped::{WipedJson, secret_header};

/// Texts by name.
pub(super) struct Entries(Template);

/// A text that is sent.
pub(super) struct Sent {
    text: SecretString,
    secret: bool,
}

impl Sent {
    pub(super) fn as_str(&self) -> &str {
        self.text.expose_secret()
    }
}

/// A mapping from names to texts, or an expression that gives one.
impl Read<ReadContext> for Entries {
    const EXPECTED: &'static str = "a mapping from names to texts";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let template = node.scalar().is_some_and(|text| text.text.contains("{{"));
        if node.kind() != "a mapping" && !template {
            let message = format!("expected a mapping, found {}", node.kind());
            cx.problem(node.label(), message, "");
            return None;
        }
        Template::entries_of_kind(node, Wanted::Text, cx).map(Self)
    }

    fn shape() -> Shape {
        Shape::Text.entries().or(Shape::Expression)
    }
}

impl Entries {
    /// The texts of an argument. Secrets go to `secrets` as well.
    pub(super) fn render(
        &self,
        argument: &'static str,
        scope: &Scope,
        secrets: &mut Vec<SecretString>,
    ) -> Result<Vec<(String, Sent)>, StepError> {
        let all = self.0.render_sealed(scope, secrets);
        let all = all.map_err(StepError::argument(argument))?;
        let names = match all.kind() {
            ValueKind::Map => all.try_iter().ok(),
            _ => None,
        };
        let names = names.ok_or_else(|| StepError::Argument {
            argument,
            reason: format!("expected a mapping, got {}", all.kind()),
        })?;
        let entry = |name: Value| {
            let value = all.get_item(&name).unwrap_or_default();
            let name = name.to_string();
            let sent = sent(&value, secrets).ok_or_else(|| StepError::Argument {
                argument,
                reason: format!("`{name}`: expected a text, got {}", value.kind()),
            })?;
            Ok((name, sent))
        };
        names.map(entry).collect()
    }
}

/// A value that can be sent as a text.
pub(super) fn sent(value: &Value, secrets: &mut Vec<SecretString>) -> Option<Sent> {
    if let Some(text) = take_secret(value) {
        secrets.push(text.clone());
        return Some(Sent { text, secret: true });
    }
    let text = match value.kind() {
        ValueKind::String | ValueKind::Number | ValueKind::Bool => value.to_string(),
        _ => return None,
    };
    Some(Sent {
        text: SecretString::from(text),
        secret: false,
    })
}

/// A header, sensitive when its value is a secret.
pub(super) fn header(name: &str, value: &Sent) -> Result<(HeaderName, HeaderValue), StepError> {
    let refuse = |what: &str| StepError::Argument {
        argument: "headers",
        reason: format!("`{name}`: {what}"),
    };
    let parsed = HeaderName::from_bytes(name.as_bytes());
    let parsed = parsed.map_err(|_| refuse("this is not the name of a header"))?;
    let text = if value.secret {
        secret_header(value.as_str())
    } else {
        HeaderValue::from_bytes(value.as_str().as_bytes()).ok()
    };
    let text = text.ok_or_else(|| refuse("a header holds no line breaks"))?;
    Ok((parsed, text))
}

/// The body of a request.
pub(super) enum Body {
    Json(Template),
    Text(Template),
    Form(Entries),
    Multipart(Multipart),
    File(Attachment),
}

record! {
    struct Bodies of "`http`" {
        /// body, sent as JSON
        json: Template, also(&["data", "payload"]);
        /// body, sent as a form
        form: Entries, also(&["form_params", "form_data"]);
        /// body of several parts, texts and files
        multipart: Multipart, example("{title: a text, photo: {text: …}}");
        /// body, sent as it is in a file
        file: Attachment, example("photo.jpg");
        /// body, sent as the text that it is
        body: Template;
    }
}

/// Arguments that make a body.
pub(super) const BODIES: &[Key] = Bodies::TABLE.keys[0];

impl Body {
    /// Reads whichever of the arguments is given.
    pub(super) fn read(fields: &mut Fields<'_>, cx: &mut ReadContext) -> Option<Self> {
        let read = Bodies::take(fields, cx)?;
        let mut given = BODIES
            .iter()
            .map(|key| key.name)
            .filter(|name| fields.has(name));
        if let (Some(first), Some(second)) = (given.next(), given.next())
            && let Some(span) = fields.span_of(second)
        {
            cx.problem(
                span,
                format!("both `{first}` and `{second}` are given"),
                "a request has one body: remove the other",
            );
        }
        if let Some(body) = fields.look("body")
            && body.scalar().is_none()
            && !body.is_nothing()
        {
            let message = format!("expected a text, found {}", body.kind());
            let help = format!("as JSON it is written\n  json: {}", inline(body));
            cx.problem(body.label(), message, help);
        }
        let body = read.json.map(Self::Json);
        let body = body.or(read.form.map(Self::Form));
        let body = body.or(read.multipart.map(Self::Multipart));
        let body = body.or(read.file.map(Self::File));
        body.or(read.body.map(Self::Text))
    }

    /// Sets the body and its type.
    pub(super) fn put_into(
        &self,
        call: Call,
        scope: &Scope,
        secrets: &mut Vec<SecretString>,
    ) -> Result<Call, StepError> {
        match self {
            Self::Json(template) => {
                let value = template.render_sealed(scope, secrets);
                let value = value.map_err(StepError::argument("json"))?;
                let refuse = |error: serde_json::Error| StepError::Argument {
                    argument: "json",
                    reason: format!("not a JSON value: {error}"),
                };
                let value = WipedJson(exposed(&value, secrets).map_err(refuse)?);
                let bytes = serde_json::to_vec(&value.0).map_err(refuse)?;
                Ok(with_type(call, "application/json").body(Payload::wiped(bytes)))
            }
            Self::Text(template) => {
                let value = template.render_sealed(scope, secrets);
                let value = value.map_err(StepError::argument("body"))?;
                let sent = sent(&value, secrets).ok_or_else(|| StepError::Argument {
                    argument: "body",
                    reason: format!(
                        "expected a text, got {}; for a value of any shape there is `json`",
                        value.kind()
                    ),
                })?;
                Ok(call.body(Payload::wiped(sent.as_str().as_bytes().to_vec())))
            }
            Self::Form(entries) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, value) in entries.render("form", scope, secrets)? {
                    form.append_pair(&name, value.as_str());
                }
                let call = with_type(call, "application/x-www-form-urlencoded");
                Ok(call.body(Payload::wiped(form.finish().into_bytes())))
            }
            Self::Multipart(parts) => {
                let (body, kind) = parts.render(scope, secrets)?;
                // Made of letters, digits and dashes.
                let kind = HeaderValue::from_str(&kind);
                let kind = kind.unwrap_or(HeaderValue::from_static("multipart/form-data"));
                Ok(call.header(CONTENT_TYPE, kind).body(body))
            }
            Self::File(file) => file.put_into(call, scope),
        }
    }
}

fn with_type(call: Call, content_type: &'static str) -> Call {
    call.header(CONTENT_TYPE, HeaderValue::from_static(content_type))
}

/// The ways in which a server can write secrets back: as they are, in JSON, in
/// a query.
pub(super) fn disguises(secrets: &[SecretString]) -> Vec<SecretString> {
    let mut all = Vec::new();
    for secret in secrets {
        let plain = secret.expose_secret();
        let in_json = serde_json::to_string(plain).unwrap_or_default();
        let in_query: String = form_urlencoded::byte_serialize(plain.as_bytes()).collect();
        all.push(secret.clone());
        for other in [in_json.trim_matches('"'), in_query.as_str()] {
            if other != plain {
                all.push(SecretString::from(other));
            }
        }
    }
    all
}
