//! Files of requests, `.http` and `.rest`, as the HTTP clients of editors have
//! them.

mod block;

use std::sync::LazyLock;

use regex::Regex;

use super::found::Found;
use super::multipart;
use super::request::{Body, Capture, PartContent, Request};
use super::scripts;
use super::text::without_expressions;
use super::variables::Variables;
use super::wanted::Wanted;
use block::Block;

/// `{{login.response.body.$.token}}`
static REFERENCE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\{\{\s*(([\w-]{1,100})\.response\.(body|headers)\.([^{}\n]{1,200}?))\s*\}\}").ok()
});
/// `@host = example.org`
static DEFINITION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*@([^\s=]{1,200})\s*=\s*(.*?)\s*$").ok());

/// A part of an answer that a later request names.
struct Reference {
    /// All of it, as it is written between the braces.
    written: String,
    request: String,
    kind: &'static str,
    path: String,
}

struct Reader {
    variables: Variables,
    references: Vec<Reference>,
    found: Found,
}

pub(super) fn read(text: &str, wanted: &Wanted) -> Found {
    let text = without_expressions(text);
    let mut reader = Reader {
        variables: Variables::default(),
        references: references(&text),
        found: Found::default(),
    };
    let definitions = text.lines().filter_map(definition);
    for (name, value) in definitions {
        reader.variables.give(name, value);
    }
    for (name, value) in &wanted.variables {
        reader.variables.give(name, value);
    }
    let blocks = block::blocks(&text);
    for block in &blocks {
        let handlers = scripts::captured(&block.handler);
        let referred = reader.references.iter().map(|known| known.written.clone());
        for name in handlers.into_iter().chain(referred) {
            reader.variables.announce(&name);
        }
    }
    for block in &blocks {
        reader.block(block);
    }
    reader.found
}

/// Whether a text is such a file: there is a line with a method and an address, or
/// an address alone, and none of curl before it.
pub(super) fn is_one(text: &str) -> bool {
    let lines = text.lines().map(str::trim);
    let own = |line: &&str| {
        !line.is_empty()
            && !line.starts_with('#')
            && !line.starts_with("//")
            && !line.starts_with('<')
    };
    let mut lines = lines.filter(own).filter(|line| definition(line).is_none());
    let first = lines.next().unwrap_or_default();
    let (method, rest) = first.split_once(' ').unwrap_or(("", first));
    let is_address = |text: &str| {
        ["http://", "https://", "{{"]
            .iter()
            .any(|start| text.trim_start().starts_with(start))
    };
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    let is_known = known.contains(&method) && !rest.contains("curl");
    is_known || is_address(first) || (block::is_method(method) && is_address(rest))
}

fn references(text: &str) -> Vec<Reference> {
    let mut all: Vec<Reference> = Vec::new();
    for found in REFERENCE.iter().flat_map(|form| form.captures_iter(text)) {
        let (written, path) = (found[1].to_owned(), found[4].trim());
        if all.iter().any(|known| known.written == written) {
            continue;
        }
        let place = if &found[3] == "headers" {
            Some(("header", path.to_owned()))
        } else if path.starts_with("$.") || path.starts_with("$[") {
            Some(("jsonpath", path.to_owned()))
        } else {
            scripts::json_path(&format!(".{path}")).map(|path| ("jsonpath", format!("${path}")))
        };
        let Some((kind, path)) = place else { continue };
        all.push(Reference {
            written,
            request: found[2].to_owned(),
            kind,
            path,
        });
    }
    all
}

/// The name and value of a line such as `@host = example.org`.
fn definition(line: &str) -> Option<(&str, &str)> {
    let found = DEFINITION.as_ref()?.captures(line)?;
    Some((found.get(1)?.as_str(), found.get(2)?.as_str()))
}

impl Reader {
    fn block(&mut self, block: &Block) {
        for (line, message) in &block.told {
            self.found.tell(&format!("line {line}"), message.clone());
        }
        if block.address.is_empty() {
            return;
        }
        let place = format!("line {}", block.line);
        match self.request(block, &place) {
            Ok(mut request) => {
                let left = scripts::after_answer(&block.handler, &mut request, &mut self.variables);
                if let Some(message) = scripts::left_out(&left, "script after the answer") {
                    self.found.tell(&place, message);
                }
                self.captures(block, &mut request);
                self.found.take(&place, request);
            }
            Err(message) => self.found.tell(&place, message),
        }
        for unknown in self.variables.unknown() {
            let message = format!("{unknown} has no counterpart: a variable stands for it");
            self.found.tell(&place, message);
        }
    }

    fn captures(&mut self, block: &Block, request: &mut Request) {
        let Some(name) = &block.name else { return };
        for reference in &self.references {
            if reference.request == *name {
                let variable = self.variables.capture(&reference.written);
                request.captures.push(Capture {
                    name: variable,
                    kind: reference.kind,
                    path: reference.path.clone(),
                });
            }
        }
    }

    fn expand(&mut self, text: &str) -> String {
        self.variables.expand(text, &mut self.found)
    }

    fn request(&mut self, block: &Block, place: &str) -> Result<Request, String> {
        let is_graphql = block.method == "GRAPHQL";
        let method = if is_graphql { "POST" } else { &block.method };
        let mut address = self
            .variables
            .expand_address(&block.address, &mut self.found);
        if address.starts_with('/')
            && let Some((_, host)) = block
                .headers
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case("host"))
        {
            address = format!("http://{}{address}", self.expand(host));
        }
        let mut request = Request::to_written(method, &address)?;
        request.name = block.name.clone().or(block.title.clone());
        request.timeout.clone_from(&block.timeout);
        request.redirects = block.redirects.then(|| "follow".to_owned());
        let mut is_graphql = is_graphql;
        for (name, value) in &block.headers {
            let (name, value) = (self.expand(name), self.expand(value));
            match name.to_ascii_lowercase().as_str() {
                "x-request-type" => is_graphql |= value.eq_ignore_ascii_case("graphql"),
                "authorization" => self.authorization(&name, &value, &mut request, place),
                _ => request.headers.push((name, value)),
            }
        }
        self.body(block, is_graphql, &mut request, place);
        Ok(request)
    }

    /// `Basic ada secret` is encoded; `Basic YWRhOnNlY3JldA==` is already.
    fn authorization(&mut self, name: &str, value: &str, request: &mut Request, place: &str) {
        let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
        let rest = rest.trim();
        let pair = rest.split_once([' ', ':']);
        match (scheme.to_ascii_lowercase().as_str(), pair) {
            ("basic", Some((login, password))) => request.basic(login, password.trim()),
            ("digest" | "aws", _) => {
                let message = "how it identifies itself has no counterpart, and is left out";
                self.found.tell(place, message);
            }
            _ => request.headers.push((name.to_owned(), value.to_owned())),
        }
    }

    fn body(&mut self, block: &Block, is_graphql: bool, request: &mut Request, place: &str) {
        let kind = request
            .header("content-type")
            .unwrap_or_default()
            .to_owned();
        let lower = kind.to_ascii_lowercase();
        let body = self.expand(&block.body);
        if body.is_empty() {
        } else if is_graphql {
            // The variables stand behind an empty line.
            let (query, variables) = match body.rsplit_once("\n\n") {
                Some((query, after)) if after.trim_start().starts_with('{') => (query, after),
                _ => (body.as_str(), ""),
            };
            request.set_graphql(query, variables);
        } else if lower.starts_with("multipart/form-data") {
            let mut parts = multipart::parts(&kind, &body);
            for part in &mut parts {
                if let PartContent::Text(text) = &part.content
                    && let Some(path) = sent_file(text)
                {
                    part.content = PartContent::File(path);
                }
            }
            if parts.is_empty() {
                self.found
                    .tell(place, "its body has no parts, and is left out");
            } else {
                request.body = Some(Body::Parts(parts));
            }
        } else if let Some(path) = sent_file(&body) {
            request.body = Some(Body::File(path));
        } else if body.lines().any(|line| line.starts_with("< ")) {
            let message = "its body has files in it, and is left out";
            self.found.tell(place, message);
        } else if lower.starts_with("application/x-www-form-urlencoded") {
            // Each pair may stand on a line of its own.
            let lines: Vec<&str> = body.lines().map(str::trim).collect();
            request.set_body(&lines.concat());
        } else {
            request.set_body(&body);
        }
    }
}

/// `< ./photo.jpg`: the file that is all of a body.
fn sent_file(body: &str) -> Option<String> {
    let body = body.trim();
    let rest = body.strip_prefix('<').filter(|_| !body.contains('\n'))?;
    // `<@latin1` says how its variables are read.
    let rest = match rest.strip_prefix('@') {
        Some(rest) => rest.trim_start_matches(|c: char| !c.is_whitespace()),
        None => rest,
    };
    let path = rest.starts_with(char::is_whitespace).then(|| rest.trim())?;
    let is_path = !path.is_empty() && !path.starts_with('<') && !path.contains('>');
    is_path.then(|| path.trim_start_matches("./").to_owned())
}
