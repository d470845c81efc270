//! Collections of Postman (2.0 and 2.1), and its environments.

mod auth;
mod body;

use serde_json::Value;

use super::found::{Found, ImportError};
use super::request::{Request, with_part};
use super::scripts;
use super::text::{expression, without_expressions};
use super::variables::Variables;
use super::wanted::Wanted;

const HINT: &str = "expected a collection as Postman exports it (2.1)";

/// What is inherited from the folders around a request.
#[derive(Clone, Default)]
struct Around<'a> {
    /// Names of the folders, and a slash after each.
    folder: String,
    auth: Option<&'a Value>,
    /// Scripts of folders, which are played after each request in them.
    tests: Vec<String>,
}

struct Reader<'w> {
    variables: Variables,
    found: Found,
    wanted: &'w Wanted,
}

pub(super) fn read(text: &str, wanted: &Wanted) -> Result<Found, ImportError> {
    let fail = |place: String, message: String| ImportError {
        place,
        message,
        hint: HINT,
    };
    let root: Value = serde_json::from_str(text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        fail(place, "this is no collection: it is no JSON".into())
    })?;
    // The interface of Postman puts it into one more mapping.
    let root = root.get("collection").unwrap_or(&root);
    if !root.get("item").is_some_and(Value::is_array) {
        let message = "this is no collection: there is no list of items";
        return Err(fail("item".into(), message.into()));
    }
    let mut reader = Reader {
        variables: Variables::default(),
        found: Found::default(),
        wanted,
    };
    for (name, value) in &reader.wanted.variables {
        reader.variables.give(name, value);
    }
    reader.announce(root);
    reader.folder(root, &Around::default());
    Ok(reader.found)
}

/// Whether a JSON text is a collection, by what stands at its beginning or end.
pub(super) fn is_collection(text: &str) -> bool {
    let says = |key: &str| text.contains(key);
    says("\"item\"")
        && (says("schema.getpostman.com") || says("\"_postman_id\"") || says("\"request\""))
}

impl Reader<'_> {
    /// Names that scripts give to answers, before any of them is used.
    fn announce(&mut self, item: &Value) {
        for name in scripts::captured(&script(item, "test")) {
            self.variables.announce(&name);
        }
        for inner in list(item.get("item")) {
            self.announce(inner);
        }
    }

    fn folder(&mut self, folder: &Value, around: &Around<'_>) {
        for variable in list(folder.get("variable"))
            .iter()
            .filter(|entry| enabled(entry))
        {
            let name = match text(variable.get("key")) {
                name if name.is_empty() => text(variable.get("id")),
                name => name,
            };
            self.variables.give(&name, &text(variable.get("value")));
        }
        let mut around = around.clone();
        around.auth = auth_of(folder).or(around.auth);
        around.tests.push(script(folder, "test"));
        self.before(folder, &around.folder);
        for (index, item) in list(folder.get("item")).iter().enumerate() {
            let name = text(item.get("name"));
            let place = match name.as_str() {
                "" => format!("{}item {}", around.folder, index + 1),
                name => format!("{}{name}", around.folder),
            };
            if item.get("item").is_some() {
                let inner = Around {
                    folder: format!("{place} / "),
                    ..around.clone()
                };
                self.folder(item, &inner);
            } else {
                self.item(item, &place, &around);
            }
        }
    }

    /// Scripts before a request are not played.
    fn before(&mut self, item: &Value, place: &str) {
        let script = script(item, "prerequest");
        let says = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
        if script.lines().any(|line| says(&line)) {
            let place = place.trim_end_matches(" / ");
            let place = if place.is_empty() { "event" } else { place };
            let message = "its script before requests is left out";
            self.found.tell(place, message);
        }
    }

    fn item(&mut self, item: &Value, place: &str, around: &Around<'_>) {
        self.before(item, place);
        match self.request(item, place, around) {
            Ok(mut request) => {
                let mut tests: Vec<&str> = around.tests.iter().map(String::as_str).collect();
                let own = script(item, "test");
                tests.push(&own);
                for test in tests {
                    let left = scripts::after_answer(test, &mut request, &mut self.variables);
                    if let Some(message) = scripts::left_out(&left, "script after the answer") {
                        self.found.tell(place, message);
                    }
                }
                self.found.take(place, request);
            }
            Err(message) => self.found.tell(place, message),
        }
        for unknown in self.variables.unknown() {
            let message = format!("{unknown} has no counterpart: a variable stands for it");
            self.found.tell(place, message);
        }
    }

    fn expand(&mut self, text: &str) -> String {
        self.variables.expand(text, &mut self.found)
    }

    fn request(
        &mut self,
        item: &Value,
        place: &str,
        around: &Around<'_>,
    ) -> Result<Request, String> {
        let asked = item.get("request").ok_or("there is no `request`")?;
        let method = match text(asked.get("method")) {
            method if method.is_empty() => "GET".to_owned(),
            method => method.to_ascii_uppercase(),
        };
        let address = match asked {
            Value::String(address) => self.address(&Value::from(address.as_str())),
            asked => self.address(asked.get("url").unwrap_or(&Value::Null)),
        };
        if address.is_empty() {
            return Err("its request has no address".into());
        }
        let mut request = Request::to_written(&method, &address)?;
        request.name = Some(place.to_owned());
        for (name, value) in headers(asked.get("header")) {
            let (name, value) = (self.expand(&name), self.expand(&value));
            request.headers.push((name, value));
        }
        if let Some(body) = asked.get("body").filter(|body| enabled(body)) {
            self.body(body, &mut request, place);
        }
        let auth = auth_of(asked).or(around.auth);
        if let Some(auth) = auth {
            self.auth(auth, &mut request, place);
        }
        let off = item.pointer("/protocolProfileBehavior/followRedirects");
        request.redirects = match off {
            Some(Value::Bool(false)) => None,
            // As Postman does.
            _ => Some("follow".to_owned()),
        };
        Ok(request)
    }

    /// The address of a request: a text, or a mapping with its parts.
    fn address(&mut self, url: &Value) -> String {
        let raw = match url {
            Value::String(raw) => without_expressions(raw),
            url => text(url.get("raw")),
        };
        let joined = |key: &str, by: &str| match url.get(key) {
            Some(Value::Array(parts)) => {
                let parts: Vec<String> = parts
                    .iter()
                    .map(|part| text(Some(part.get("value").unwrap_or(part))))
                    .collect();
                parts.join(by)
            }
            part => text(part),
        };
        let mut base = raw.split(['?', '#']).next().unwrap_or_default().to_owned();
        if base.is_empty() {
            let scheme = match joined("protocol", "") {
                scheme if scheme.is_empty() => String::new(),
                scheme => format!("{scheme}://"),
            };
            let port = match joined("port", "") {
                port if port.is_empty() => port,
                port => format!(":{port}"),
            };
            let path = joined("path", "/");
            base = format!(
                "{scheme}{}{port}/{}",
                joined("host", "."),
                path.trim_start_matches('/')
            );
        }
        let mut base = self.variables.expand_address(&base, &mut self.found);
        for variable in list(url.get("variable")) {
            let name = match text(variable.get("key")) {
                name if name.is_empty() => text(variable.get("id")),
                name => name,
            };
            let value = match text(variable.get("value")) {
                value if value.is_empty() => expression(&super::text::variable_of(&name)),
                value => self.expand(&value),
            };
            base = with_part(&base, &name, &value);
        }
        let entries = url.get("query").and_then(Value::as_array);
        let query = if let Some(entries) = entries {
            let pairs = entries.iter().filter(|entry| enabled(entry)).map(|entry| {
                let value = entry.get("value").filter(|value| !value.is_null());
                let name = text(entry.get("key"));
                value.map_or(name.clone(), |value| {
                    format!("{name}={}", text(Some(value)))
                })
            });
            pairs.collect::<Vec<_>>().join("&")
        } else {
            let raw = raw.split('#').next().unwrap_or_default();
            let query = raw.split_once('?').map(|(_, query)| query);
            query.unwrap_or_default().to_owned()
        };
        if query.is_empty() {
            return base;
        }
        format!("{base}?{}", self.expand(&query))
    }
}

/// What identifies requests here, if that is said.
fn auth_of(item: &Value) -> Option<&Value> {
    item.get("auth").filter(|auth| auth.is_object())
}

/// Whether an entry is not switched off.
fn enabled(entry: &Value) -> bool {
    let is = |key: &str, value: bool| entry.get(key) == Some(&Value::Bool(value));
    !is("disabled", true) && !is("enabled", false)
}

fn headers(headers: Option<&Value>) -> Vec<(String, String)> {
    if let Some(Value::String(lines)) = headers {
        let lines = without_expressions(lines);
        let pairs = lines.lines().filter_map(|line| line.split_once(':'));
        return pairs
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect();
    }
    let all = list(headers).iter().filter(|entry| enabled(entry));
    all.map(|header| (text(header.get("key")), text(header.get("value"))))
        .filter(|(name, _)| !name.is_empty())
        .collect()
}

/// A script, its lines together.
fn script(item: &Value, when: &str) -> String {
    let events = list(item.get("event")).iter();
    let own = events.filter(|event| text(event.get("listen")) == when && enabled(event));
    let scripts = own.filter_map(|event| event.get("script")).map(|script| {
        let source = script.get("exec").unwrap_or(script);
        match source {
            Value::Array(lines) => {
                let lines: Vec<String> = lines.iter().map(|line| text(Some(line))).collect();
                lines.join("\n")
            }
            source => text(Some(source)),
        }
    });
    scripts.collect::<Vec<_>>().join("\n")
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The text of a value; nothing when there is none.
fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => without_expressions(text),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(bool)) => bool.to_string(),
        _ => String::new(),
    }
}
