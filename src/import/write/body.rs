//! Bodies of requests.

use std::fmt::{self, Write};

use serde_json::Value;

use super::writer::Writer;
use super::yaml::{one_line, quoted, template};
use crate::import::lossless::is_template;
use crate::import::request::{Body, PartContent, Request};
use crate::shown::is_secret_name;

impl Writer {
    pub(super) fn body(&mut self, out: &mut String, request: &Request) -> fmt::Result {
        match &request.body {
            None => Ok(()),
            Some(Body::Json(json)) => {
                let size = size(json, 0);
                if let Some(size) = size.filter(|size| *size <= self.room) {
                    self.room -= size;
                    let json = self.json(json);
                    return writeln!(out, "          json: {json}");
                }
                let text = self.text(&json.to_string());
                writeln!(
                    out,
                    "          # A mapping cannot be as large, or have such keys."
                )?;
                if request
                    .header("content-type")
                    .is_none_or(|kind| kind == "application/json")
                {
                    let headers = out.contains("\n          headers:\n");
                    if !headers {
                        writeln!(
                            out,
                            "          headers:\n            \"Content-Type\": \"application/json\""
                        )?;
                    }
                }
                writeln!(out, "          body: {text}")
            }
            Some(Body::Form(pairs)) => self.pairs(out, "form", pairs),
            Some(Body::Text(text)) => {
                let text = self.text(text);
                writeln!(out, "          body: {text}")
            }
            Some(Body::File(path)) => {
                let kind = request.header("content-type");
                let kind = kind.unwrap_or("application/octet-stream");
                writeln!(out, "          # The file is looked for beside this one.")?;
                let (path, kind) = (quoted(path), template(kind));
                writeln!(out, "          file: {{path: {path}, type: {kind}}}")
            }
            Some(Body::Parts(_)) => self.parts(out, request),
        }
    }

    fn parts(&mut self, out: &mut String, request: &Request) -> fmt::Result {
        let Some(Body::Parts(parts)) = &request.body else {
            return Ok(());
        };
        writeln!(out, "          multipart:")?;
        for part in parts {
            let name = template(&part.name);
            match &part.content {
                PartContent::Text(text) => {
                    let text = self.value(&part.name, text);
                    write!(out, "            - {{name: {name}, text: {text}")?;
                }
                PartContent::File(path) => {
                    writeln!(out, "            # The file is looked for beside this one.")?;
                    write!(out, "            - {{name: {name}, file: {}", quoted(path))?;
                }
            }
            if let Some(filename) = &part.filename {
                write!(out, ", filename: {}", template(&one_line(filename)))?;
            }
            if let Some(kind) = part.kind.as_ref().filter(|kind| kind.contains('/')) {
                write!(out, ", type: {}", template(&one_line(kind)))?;
            }
            writeln!(out, "}}")?;
        }
        Ok(())
    }

    /// A JSON document in YAML's flow form, which is nearly JSON.
    fn json(&mut self, value: &Value) -> String {
        match value {
            // Nothing after a colon would be a mistake.
            Value::Null => "\"{{ none }}\"".to_owned(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::String(text) => self.text(text),
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| self.json(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Object(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(name, value)| {
                        let value = match value {
                            Value::String(text) => self.value(name, text),
                            Value::Null | Value::Bool(_) => self.json(value),
                            other if is_secret_name(name) => self.secret(name, &other.to_string()),
                            other => self.json(other),
                        };
                        format!("{}: {value}", quoted(name))
                    })
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }
}

/// How many values a document has, if it can be written at all.
fn size(value: &Value, depth: usize) -> Option<usize> {
    const MAX_DEPTH: usize = 40;
    let inside: Option<usize> = match value {
        _ if depth > MAX_DEPTH => None,
        Value::Array(items) => items.iter().map(|item| size(item, depth + 1)).sum(),
        Value::Object(entries) => entries
            .iter()
            // Its name is a value to the reader, too.
            .map(|(name, value)| Some(size(value, depth + 1).filter(|_| !is_template(name))? + 1))
            .sum(),
        _ => Some(0),
    };
    inside.map(|inside| inside + 1)
}
