//! Bodies of a collection's requests.

use serde_json::Value;

use super::{Reader, enabled, list, text};
use crate::import::request::{Body, Part, PartContent, Request};

impl Reader<'_> {
    pub(super) fn body(&mut self, body: &Value, request: &mut Request, place: &str) {
        let mode = text(body.get("mode"));
        let content = body.get(&mode);
        match mode.as_str() {
            "raw" => {
                let raw = self.expand(&text(content));
                let language = text(body.pointer("/options/raw/language"));
                let kind = match language.as_str() {
                    "json" => Some("application/json"),
                    "xml" => Some("application/xml"),
                    "html" => Some("text/html"),
                    "javascript" => Some("application/javascript"),
                    "text" => Some("text/plain"),
                    _ => None,
                };
                if raw.is_empty() {
                    return;
                }
                if let Some(kind) = kind {
                    request.set_kind(kind);
                }
                request.set_body(&raw);
            }
            "urlencoded" => {
                let pairs: Vec<(String, String)> = list(content)
                    .iter()
                    .filter(|entry| enabled(entry))
                    .map(|entry| {
                        let (name, value) = (text(entry.get("key")), text(entry.get("value")));
                        (self.expand(&name), self.expand(&value))
                    })
                    .collect();
                request.set_form(&pairs);
            }
            "formdata" => {
                let parts: Vec<Part> = list(content)
                    .iter()
                    .filter(|entry| enabled(entry))
                    .flat_map(|entry| self.parts(entry))
                    .collect();
                request.body = (!parts.is_empty()).then_some(Body::Parts(parts));
            }
            "graphql" => {
                let said = |key| text(content.and_then(|content| content.get(key)));
                let (query, variables) = (said("query"), said("variables"));
                let (query, variables) = (self.expand(&query), self.expand(&variables));
                request.set_graphql(&query, &variables);
            }
            "file" => match content.map(file).as_deref() {
                None | Some("") => self
                    .found
                    .tell(place, "the file that it sends is not named"),
                Some(file) => request.body = Some(Body::File(file.to_owned())),
            },
            "" => {}
            _ => self
                .found
                .tell(place, "its body has no counterpart, and is left out"),
        }
    }

    /// A part; several, when it has several files.
    fn parts(&mut self, entry: &Value) -> Vec<Part> {
        let name = self.expand(&text(entry.get("key")));
        let kind = Some(self.expand(&text(entry.get("contentType"))));
        let kind = kind.filter(|kind| !kind.is_empty());
        let contents: Vec<PartContent> = match entry.get("src") {
            Some(Value::Array(files)) => files
                .iter()
                .map(|file| PartContent::File(base_name(&text(Some(file)))))
                .collect(),
            Some(file @ Value::String(_)) if text(entry.get("type")) == "file" => {
                vec![PartContent::File(base_name(&text(Some(file))))]
            }
            _ => vec![PartContent::Text(self.expand(&text(entry.get("value"))))],
        };
        let part = |content| Part {
            name: name.clone(),
            content,
            filename: None,
            kind: kind.clone(),
        };
        contents.into_iter().map(part).collect()
    }
}

fn file(content: &Value) -> String {
    match content {
        Value::String(path) => base_name(path),
        content => base_name(&text(content.get("src"))),
    }
}

/// The name of a file, whose folder is somebody else's.
fn base_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned()
}
