//! From an operation to a request.

use serde_json::Value;

use super::document::References;
use super::links::{Link, Operation};
use super::schema::Samples;
use super::style;
use super::tree::Tree;
use crate::import::lossless;
use crate::import::request::{Body, Part, PartContent, Request};
use crate::import::text::{expression, word};

pub(super) struct Reader<'r, 'a> {
    pub references: &'r References<'a>,
    pub root: &'a Tree,
    pub links: &'r [Link],
    pub required_only: bool,
}

/// What is gathered for a request before it is one.
#[derive(Default)]
struct Gathered {
    path: String,
    query: Vec<String>,
    cookies: Vec<String>,
    /// Optional parameters that were left out.
    left: Vec<String>,
    notes: Vec<String>,
}

impl<'a> Reader<'_, 'a> {
    /// The request of an operation, and what should be known of its server.
    pub fn request(&self, index: usize, operation: &Operation<'a>) -> (Request, Vec<String>) {
        let tree = operation.tree;
        let (server, of_server) = References::server(&[tree, operation.item, self.root]);
        let mut request = Request::new(&operation.method.to_ascii_uppercase(), String::new());
        request.name = tree
            .text_of("operationId")
            .or(tree.text_of("summary"))
            .map(str::to_owned);
        let mut gathered = Gathered {
            path: operation.path.to_owned(),
            ..Gathered::default()
        };
        for parameter in self.parameters(operation) {
            self.parameter(index, parameter, &mut request, &mut gathered);
        }
        Self::undescribed(&mut gathered);
        if let Some(body) = tree.get("requestBody") {
            self.body(self.references.resolve(body), &mut request);
        }
        self.secure(tree, &mut request, &mut gathered);
        let Gathered {
            path,
            query,
            cookies,
            left,
            notes,
        } = gathered;
        request.url = format!("{server}{path}");
        let query = query.join("&");
        if !query.is_empty() && lossless::is_form(&query) {
            request.query = lossless::pairs(&query);
        } else if !query.is_empty() {
            request.url.extend(["?", &query]);
        }
        if operation.path.contains('{') {
            let base = server
                .split_once("://")
                .map_or(server.as_str(), |(_, rest)| {
                    rest.find('/').map_or("", |slash| &rest[slash..])
                });
            request.endpoint = Some(format!("{base}{}", operation.path));
        }
        if !cookies.is_empty() {
            request.headers.push(("Cookie".into(), cookies.join("; ")));
        }
        request.notes.splice(0..0, notes);
        if !left.is_empty() {
            request
                .notes
                .push(format!("optional, and left out: {}", left.join(", ")));
        }
        self.answers(tree, &mut request);
        let captures = self.links.iter().filter(|link| link.is_from(index));
        for link in captures {
            if !request.captures.contains(&link.capture) {
                request.captures.push(link.capture.clone());
            }
        }
        (request, of_server)
    }

    /// Parameters of the path and the operation; those of the operation count.
    fn parameters(&self, operation: &Operation<'a>) -> Vec<&'a Tree> {
        let mut all: Vec<&Tree> = Vec::new();
        for holder in [operation.item, operation.tree] {
            for parameter in holder
                .get("parameters")
                .map(Tree::items)
                .unwrap_or_default()
            {
                let parameter = self.references.resolve(parameter);
                let same = |known: &&Tree| {
                    ["name", "in"]
                        .iter()
                        .all(|key| known.text_of(key) == parameter.text_of(key))
                };
                match all.iter().position(same) {
                    Some(at) => all[at] = parameter,
                    None => all.push(parameter),
                }
            }
        }
        all
    }

    fn parameter(
        &self,
        index: usize,
        parameter: &'a Tree,
        request: &mut Request,
        to: &mut Gathered,
    ) {
        let (Some(name), Some(place)) = (parameter.text_of("name"), parameter.text_of("in")) else {
            return;
        };
        let linked = self
            .links
            .iter()
            .find(|link| link.is_for(index, name, place));
        let json = parameter
            .get("content")
            .and_then(|content| content.entries().first());
        let holder = json.map_or(parameter, |(_, content)| content);
        let (value, is_named) = Samples::new(self.references, self.required_only).of(holder);
        let value = match json {
            Some((kind, _)) if kind.contains("json") => Value::String(value.to_string()),
            _ => value,
        };
        let required = parameter.is("required") || place == "path";
        let wanted = required || linked.is_some() || (is_named && !self.required_only);
        if !wanted {
            to.left.push(format!("`{name}`"));
            return;
        }
        let linked = linked.map(|link| expression(&link.capture.name));
        match (place, linked) {
            ("path", Some(linked)) => to.path = to.path.replace(&format!("{{{name}}}"), &linked),
            ("path", None) => {
                let written = style::in_path(name, &value, parameter);
                to.path = to.path.replace(&format!("{{{name}}}"), &written);
                to.notes.push(format!(
                    "`{written}` stands for `{name}`: put a real one there"
                ));
            }
            ("query", Some(linked)) => to.query.push(format!("{name}={linked}")),
            ("query", None) => to.query.extend(style::in_query(name, &value, parameter)),
            ("cookie", _) => to
                .cookies
                .push(format!("{name}={}", style::in_header(&value))),
            ("header", linked) => {
                // These three are said elsewhere (OpenAPI, Parameter Object).
                let elsewhere = ["accept", "content-type", "authorization"];
                if !elsewhere.contains(&name.to_ascii_lowercase().as_str()) {
                    let value = linked.unwrap_or_else(|| style::in_header(&value));
                    request.headers.push((name.to_owned(), value));
                }
            }
            _ => {}
        }
    }

    /// Parts of the path that no parameter describes.
    fn undescribed(to: &mut Gathered) {
        while let Some(start) = to.path.find('{') {
            let Some(length) = to.path[start..].find('}') else {
                break;
            };
            let name = to.path[start + 1..start + length].to_owned();
            to.path.replace_range(start..=start + length, "1");
            to.notes.push(format!(
                "`1` stands for `{name}`, which is not described: put a real one there"
            ));
        }
    }

    fn body(&self, body: &'a Tree, request: &mut Request) {
        if self.required_only && !body.is("required") && body.get("required").is_some() {
            return;
        }
        let kinds = body.get("content").map(Tree::entries).unwrap_or_default();
        let rank = |kind: &str| match kind.split(';').next().unwrap_or_default().trim() {
            "application/json" => 0,
            kind if kind.ends_with("json") => 1,
            "application/x-www-form-urlencoded" => 2,
            "multipart/form-data" => 3,
            "*/*" | "application/*" => 4,
            kind if kind.starts_with("text/") || kind.ends_with("xml") => 5,
            _ => 6,
        };
        let Some((kind, content)) = kinds.iter().min_by_key(|(kind, _)| rank(kind)) else {
            return;
        };
        let (value, is_named) = Samples::new(self.references, self.required_only).of(content);
        let any = kind.contains('*');
        let sent = if any {
            "application/json"
        } else {
            kind.as_str()
        };
        let rank = rank(kind);
        if rank != 3 {
            request
                .headers
                .push(("Content-Type".into(), sent.to_owned()));
        }
        match (rank, value) {
            (0 | 1 | 4, value) => request.body = Some(Body::Json(value)),
            (2, value) => {
                let encoding = content.get("encoding");
                let nothing = Tree::Map(Vec::new());
                let fields = value.as_object().into_iter().flatten();
                let fields = fields.flat_map(|(name, value)| {
                    let own = encoding.and_then(|all| all.get(name)).unwrap_or(&nothing);
                    style::in_query(name, value, own)
                });
                let written: Vec<String> = fields.collect();
                request.set_body(&written.join("&"));
            }
            (3, value) => request.body = self.parts(content, &value),
            (_, Value::String(text)) if is_named => request.body = Some(Body::Text(text)),
            _ => {
                request
                    .notes
                    .push(format!("its body is `{kind}`: write it as `body`"));
            }
        }
    }

    fn parts(&self, content: &'a Tree, value: &Value) -> Option<Body> {
        let schema = content
            .get("schema")
            .map(|schema| self.references.resolve(schema));
        let properties = schema.and_then(|schema| schema.get("properties"));
        let encoding = content.get("encoding");
        let mut parts = Vec::new();
        for (name, value) in value.as_object().into_iter().flatten() {
            let property = properties
                .and_then(|all| all.get(name))
                .map(|it| self.references.resolve(it));
            let items = property
                .and_then(|property| property.get("items"))
                .map(|it| self.references.resolve(it));
            let is_file = |schema: Option<&Tree>| {
                schema.is_some_and(|schema| {
                    schema.text_of("format") == Some("binary")
                        || schema.get("contentMediaType").is_some()
                })
            };
            let kind = encoding.and_then(|all| all.get(name)?.text_of("contentType"));
            let kind = kind
                .and_then(|kinds| kinds.split(',').next())
                .map(str::trim)
                .filter(|kind| !kind.contains('*'));
            let values = match value {
                Value::Array(items) => items.as_slice(),
                one => std::slice::from_ref(one),
            };
            for value in values {
                let file = is_file(property) || is_file(items);
                let kind = kind.or(value.is_object().then_some("application/json"));
                let kind = kind.or(file.then_some("application/octet-stream"));
                parts.push(Part {
                    name: name.clone(),
                    content: PartContent::Text(style::plain(value)),
                    filename: file.then(|| format!("{}.bin", word(name))),
                    kind: kind.map(str::to_owned),
                });
            }
        }
        (!parts.is_empty()).then_some(Body::Parts(parts))
    }

    /// Credentials as variables.
    fn secure(&self, operation: &'a Tree, request: &mut Request, to: &mut Gathered) {
        let note = "it needs credentials: `auth: user`, after a `login` or `register`";
        let schemes = self.references.security(operation);
        for (name, scheme) in &schemes {
            let variable = format!("secret_{}", word(name));
            let value = expression(&variable);
            let Some(scheme) = scheme else { continue };
            let said = |key| scheme.text_of(key).unwrap_or_default();
            let is_basic = said("scheme").eq_ignore_ascii_case("basic");
            let header = |request: &mut Request, value: String| {
                request.headers.push(("Authorization".into(), value));
            };
            match (said("type"), said("in")) {
                ("http", _) if is_basic => {
                    header(
                        request,
                        format!(
                            "Basic {}",
                            expression(&format!("{variable} | base64encode"))
                        ),
                    );
                    request
                        .notes
                        .push(format!("`{variable}` is `LOGIN:PASSWORD`"));
                }
                ("http" | "oauth2" | "openIdConnect", _) => {
                    header(request, format!("Bearer {value}"));
                }
                ("apiKey", "header") => request.headers.push((said("name").to_owned(), value)),
                ("apiKey", "query") => to.query.push(format!("{}={value}", said("name"))),
                ("apiKey", "cookie") => to.cookies.push(format!("{}={value}", said("name"))),
                _ => {}
            }
        }
        if !schemes.is_empty()
            && request
                .header("authorization")
                .is_none_or(|value| value.starts_with("Bearer"))
        {
            request.notes.push(note.into());
        }
    }

    /// The status of a good answer, and the type that is asked for.
    fn answers(&self, operation: &'a Tree, request: &mut Request) {
        let answers = operation
            .get("responses")
            .map(Tree::entries)
            .unwrap_or_default();
        let good = |first: char| {
            let mut found = answers
                .iter()
                .filter(|(status, _)| status.starts_with(first));
            found.next()
        };
        let Some((status, answer)) = good('2').or_else(|| good('3')) else {
            return;
        };
        request.status = status.parse().into_iter().collect();
        let content = self.references.resolve(answer).get("content");
        let kinds = content.map(Tree::entries).unwrap_or_default();
        let is_json = kinds
            .iter()
            .any(|(kind, _)| kind == "application/json" || kind.contains('*'));
        if let (false, Some((kind, _))) = (is_json, kinds.first()) {
            request.headers.push(("Accept".into(), kind.clone()));
        }
    }
}
