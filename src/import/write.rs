//! Writes requests as a scenario file.

use std::collections::HashMap;
use std::fmt::Write;

use serde_json::Value;

use super::{Body, Found, Request};
use crate::shown::{is_hidden, is_secret_name};

/// What stands where a secret was.
const NOT_COPIED: &str = "not-copied";

/// Headers that the connection, the browser or rehearse itself makes.
const MADE: &[&str] = &[
    "accept-encoding",
    "cache-control",
    "connection",
    "content-length",
    "cookie",
    "dnt",
    "host",
    "if-modified-since",
    "if-none-match",
    "origin",
    "pragma",
    "priority",
    "referer",
    "te",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "upgrade-insecure-requests",
    "user-agent",
];

/// A scenario file of these requests. Those to `api_url` are written as paths
/// below it; `target` is the target file that the scenario names.
pub fn scenario(found: &Found, name: &str, target: Option<&str>, api_url: Option<&str>) -> String {
    let mut writer = Writer {
        api_url: api_url.map(|url| url.trim_end_matches('/').to_owned()),
        secrets: Vec::new(),
        names: HashMap::new(),
    };
    let mut steps = String::new();
    for request in &found.requests {
        // Writing to a string never fails.
        let _ = writer.step(&mut steps, request);
    }
    let mut out = String::new();
    let _ = writer.head(&mut out, found, name, target);
    out + &steps
}

struct Writer {
    api_url: Option<String>,
    /// Names of variables that stand for secrets.
    secrets: Vec<String>,
    /// How often each name of a step was given.
    names: HashMap<String, usize>,
}

impl Writer {
    fn head(
        &self,
        out: &mut String,
        found: &Found,
        name: &str,
        target: Option<&str>,
    ) -> std::fmt::Result {
        writeln!(
            out,
            "# Imported by `rehearse import`. Where a comment says so, you must decide."
        )?;
        for note in &found.notes {
            writeln!(out, "# {}.", one_line(note))?;
        }
        writeln!(out, "name: {}", quoted(name))?;
        if let Some(target) = target {
            writeln!(out, "target: {}", quoted(target))?;
        }
        if !self.secrets.is_empty() {
            writeln!(
                out,
                "\n# Secrets were not copied. Give them with `--var NAME=VALUE`, or let a step log in and use"
            )?;
            writeln!(
                out,
                "# `auth: user`; a target's secret is `{{{{ target.captcha_token }}}}`."
            )?;
            writeln!(out, "vars:")?;
            for name in &self.secrets {
                writeln!(out, "  {name}: {NOT_COPIED}")?;
            }
        }
        writeln!(out, "\nscenarios:\n  imported:\n    steps:")
    }

    fn step(&mut self, out: &mut String, request: &Request) -> std::fmt::Result {
        for note in &request.notes {
            writeln!(out, "      # {}", one_line(note))?;
        }
        let (url, endpoint) = self.address(request);
        writeln!(out, "      - http:")?;
        writeln!(out, "          method: {}", quoted(&request.method))?;
        writeln!(out, "          url: {}", template(&url))?;
        if let Some(endpoint) = &endpoint {
            writeln!(
                out,
                "          # What metrics call it: ids would make each request another one."
            )?;
            writeln!(out, "          endpoint: {}", quoted(endpoint))?;
        }
        self.pairs(out, "query", &request.query)?;
        self.headers(out, request)?;
        match &request.body {
            None => {}
            Some(Body::Json(json)) => {
                if has_template_key(json) {
                    let note = "A key with `{{` or `{%` in it cannot be written, and is left out.";
                    writeln!(out, "          # {note}")?;
                }
                let json = self.json(json);
                writeln!(out, "          json: {json}")?;
            }
            Some(Body::Form(pairs)) => self.pairs(out, "form", pairs)?,
            Some(Body::Text(text)) => writeln!(out, "          body: {}", template(text))?,
        }
        if let Some(status) = request.status {
            writeln!(out, "          status: {status}")?;
        }
        if let Some(timeout) = &request.timeout {
            writeln!(out, "          timeout: {timeout}")?;
        }
        if request.follow {
            writeln!(out, "          redirects: follow")?;
        }
        let path = endpoint.as_deref().unwrap_or(&url);
        let name = request.name.clone();
        let name = name.unwrap_or_else(|| format!("{} {path}", request.method));
        writeln!(
            out,
            "        name: {}",
            quoted(&self.unique(&one_line(&name)))
        )
    }

    /// The address as it is written, and a name for it when it has ids in it.
    fn address(&self, request: &Request) -> (String, Option<String>) {
        let below = self.api_url.as_ref().and_then(|api| {
            let rest = request.url.strip_prefix(api.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then_some(rest)
        });
        let url = match below {
            Some("") => "/".to_owned(),
            Some(rest) => rest.to_owned(),
            None => request.url.clone(),
        };
        if request.endpoint.is_some() {
            return (url, request.endpoint.clone());
        }
        let path = url.split_once("://").map_or(url.as_str(), |(_, rest)| {
            rest.find('/').map_or("/", |slash| &rest[slash..])
        });
        let named: Vec<&str> = path
            .split('/')
            .map(|part| if is_id(part) { "{id}" } else { part })
            .collect();
        let named = named.join("/");
        let endpoint = (named != path).then_some(named);
        (url, endpoint)
    }

    fn headers(&mut self, out: &mut String, request: &Request) -> std::fmt::Result {
        let is_json = matches!(request.body, Some(Body::Json(_)));
        let is_form = matches!(request.body, Some(Body::Form(_)));
        let mut kept: Vec<(String, String)> = Vec::new();
        let mut cookies = false;
        for (name, value) in &request.headers {
            let lower = name.to_ascii_lowercase();
            cookies |= lower == "cookie";
            let follows = lower == "content-type"
                && (request.body.is_none()
                    || (is_json && value.starts_with("application/json"))
                    || is_form);
            let made = MADE.contains(&lower.as_str()) || lower.starts_with("sec-");
            let any = lower == "accept" && value == "*/*";
            if !made
                && !follows
                && !any
                && !lower.starts_with(':')
                && !kept
                    .iter()
                    .any(|(known, _)| known.eq_ignore_ascii_case(name))
            {
                kept.push((name.clone(), value.clone()));
            }
        }
        if cookies {
            writeln!(
                out,
                "          # Cookies were not copied: those that answers set are kept and sent again."
            )?;
        }
        self.pairs(out, "headers", &kept)
    }

    fn pairs(
        &mut self,
        out: &mut String,
        what: &str,
        pairs: &[(String, String)],
    ) -> std::fmt::Result {
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in pairs {
            if is_template(name) {
                writeln!(
                    out,
                    "          # A name with `{{{{` or `{{%` in it cannot be written, and is left out."
                )?;
                continue;
            }
            if seen.contains(&name.as_str()) {
                writeln!(
                    out,
                    "          # `{}` was given again, which a mapping cannot say.",
                    one_line(name)
                )?;
                continue;
            }
            if seen.is_empty() {
                writeln!(out, "          {what}:")?;
            }
            seen.push(name);
            writeln!(
                out,
                "            {}: {}",
                quoted(name),
                self.value(name, value)
            )?;
        }
        Ok(())
    }

    /// A text under a name, or a variable in its place.
    fn value(&mut self, name: &str, value: &str) -> String {
        let is_secret =
            is_secret_name(name) || name.eq_ignore_ascii_case("cookie") || is_token(value);
        if value.is_empty() || !is_secret {
            return template(value);
        }
        let scheme = value.split_once(' ').map(|(scheme, _)| scheme);
        let scheme = scheme.or(Some(value).filter(|value| *value == "Basic"));
        let variable = self.secret(name);
        match scheme.filter(|_| name.eq_ignore_ascii_case("authorization")) {
            Some(scheme) => format!("\"{} {{{{ {variable} }}}}\"", word(scheme)),
            None => format!("\"{{{{ {variable} }}}}\""),
        }
    }

    /// The variable that stands for secrets of this name.
    fn secret(&mut self, name: &str) -> String {
        // Not a word that expressions know already.
        let variable = format!("secret_{}", word(name));
        if !self.secrets.contains(&variable) {
            self.secrets.push(variable.clone());
        }
        variable
    }

    /// A JSON document in YAML's flow form, which is nearly JSON.
    fn json(&mut self, value: &Value) -> String {
        match value {
            // Nothing after a colon would be a mistake.
            Value::Null => "\"{{ none }}\"".to_owned(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::String(text) if is_token(text) => self.value("token", text),
            Value::String(text) => template(text),
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| self.json(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Object(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .filter(|(name, _)| !is_template(name))
                    .map(|(name, value)| {
                        let secret = is_secret_name(name) && !value.is_null();
                        let value = match value {
                            Value::String(text) => self.value(name, text),
                            _ if secret => format!("\"{{{{ {} }}}}\"", self.secret(name)),
                            other => self.json(other),
                        };
                        format!("{}: {value}", quoted(name))
                    })
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    /// A name that no other step has: they would be measured as one.
    fn unique(&mut self, name: &str) -> String {
        let count = self.names.entry(name.to_owned()).or_default();
        *count += 1;
        match *count {
            1 => name.to_owned(),
            count => format!("{name} ({count})"),
        }
    }
}

/// Whether a scenario would take a name for a template, which no key can be.
fn is_template(name: &str) -> bool {
    name.contains("{{") || name.contains("{%")
}

fn has_template_key(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_template_key),
        Value::Object(entries) => entries
            .iter()
            .any(|(name, value)| is_template(name) || has_template_key(value)),
        _ => false,
    }
}

/// A part of a path that is another one each time.
fn is_id(part: &str) -> bool {
    let is_uuid = part.len() == 36 && part.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let is_number = !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let is_hex = part.len() >= 24 && part.chars().all(|c| c.is_ascii_hexdigit());
    is_uuid || is_number || is_hex
}

/// A JSON Web Token, whatever it is called.
fn is_token(value: &str) -> bool {
    let bare = value.strip_prefix("Bearer ").unwrap_or(value);
    bare.starts_with("eyJ") && bare.matches('.').count() >= 2
}

/// Letters and digits of a name, as a variable's.
fn word(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    name.chars().map(letter).collect()
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().filter(|c| !is_hidden(*c)).collect()
}

/// A text in double quotes, which YAML and JSON write alike.
fn quoted(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    // JSON lets some of these stand as they are; YAML and terminals do not.
    let mut out = String::new();
    for c in quoted.chars() {
        if is_hidden(c) {
            let code = u32::from(c);
            let _ = if code > 0xffff {
                write!(out, "\\U{code:08x}")
            } else {
                write!(out, "\\u{code:04x}")
            };
        } else {
            out.push(c);
        }
    }
    out
}

/// A text that is not taken for a template.
fn template(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        // One brace is harmless, if no other one follows.
        let after = &from[1..];
        if after.starts_with(['{', '%', '#']) {
            out.push_str("{{ '{' }}");
        } else {
            out.push('{');
        }
        rest = after;
    }
    out.push_str(rest);
    quoted(&out)
}
