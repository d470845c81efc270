//! Requests of Bruno: a `.bru` file, or a folder of them.

mod file;

use file::{Block, block, blocks, said};

use super::found::Found;
use super::request::{Body, Part, PartContent, Request, with_part};
use super::scripts;
use super::text::without_expressions;
use super::variables::Variables;
use super::wanted::Wanted;

const METHODS: &[&str] = &[
    "get", "post", "put", "patch", "delete", "head", "options", "http", "connect", "trace",
];

/// A file of the folder.
struct File {
    /// The folders that it is in, each with a slash after it.
    folder: String,
    name: String,
    blocks: Vec<Block>,
}

struct Reader {
    variables: Variables,
    found: Found,
    /// Of `collection.bru` and the files `folder.bru`.
    around: Vec<File>,
}

/// Whether a text is a `.bru` file.
pub(super) fn is_one(text: &str) -> bool {
    let starts = |line: &str| line.trim_end() == "meta {" || line.starts_with("vars {");
    text.lines()
        .find(|line| !line.trim().is_empty())
        .is_some_and(starts)
}

/// The variables of an environment.
pub(super) fn environment(text: &str) -> Vec<(String, String)> {
    let blocks = blocks(&without_expressions(text));
    block(&blocks, "vars")
        .map(Block::entries)
        .unwrap_or_default()
}

/// Files by their paths below the folder of the collection.
pub(super) fn read(files: &[(String, String)], wanted: &Wanted) -> Found {
    let mut reader = Reader {
        variables: Variables::default(),
        found: Found::default(),
        around: Vec::new(),
    };
    let mut requests: Vec<File> = Vec::new();
    let mut environments = Vec::new();
    for (path, text) in files {
        let text = without_expressions(text);
        let (folder, name) = match path.rfind('/') {
            Some(at) => path.split_at(at + 1),
            None => ("", path.as_str()),
        };
        if folder == "environments/" {
            environments.push(environment(&text));
            continue;
        }
        let file = File {
            folder: folder.to_owned(),
            name: name.to_owned(),
            blocks: blocks(&text),
        };
        match name {
            "collection.bru" | "folder.bru" => reader.around.push(file),
            _ => requests.push(file),
        }
    }
    requests.sort_by_cached_key(|file| {
        let number = said(&file.blocks, "meta", "seq")
            .parse()
            .unwrap_or(u32::MAX);
        (file.folder.clone(), number, file.name.clone())
    });
    reader.around.sort_by_key(|file| file.folder.len());
    reader.give(&wanted.variables, environments);
    for file in &requests {
        reader.announce(file);
    }
    for file in &requests {
        reader.file(file);
    }
    reader.found
}

impl Reader {
    fn give(&mut self, given: &[(String, String)], mut environments: Vec<Vec<(String, String)>>) {
        let only = match environments.len() {
            1 => environments.pop().unwrap_or_default(),
            0 => Vec::new(),
            _ if given.is_empty() => {
                let message = "there are several: say one by `--environment`";
                self.found.tell("environments", message);
                Vec::new()
            }
            _ => Vec::new(),
        };
        for (name, value) in given.iter().chain(&only) {
            self.variables.give(name, value);
        }
        for file in self.around.iter().rev() {
            for (name, value) in entries(&file.blocks, "vars:pre-request") {
                self.variables.give(&name, &value);
            }
        }
    }

    fn announce(&mut self, file: &File) {
        for name in scripts::captured(&after_answer(&file.blocks)) {
            self.variables.announce(&name);
        }
    }

    fn file(&mut self, file: &File) {
        let own = |name: &str| block(&file.blocks, name).is_some();
        let Some(method) = METHODS.iter().find(|method| own(method)) else {
            // What has no request, such as an environment beside it.
            if own("ws") || own("grpc") || own("meta") {
                let place = format!("{}{}", file.folder, file.name);
                self.found.tell(&place, "there is no request of HTTP in it");
            }
            return;
        };
        let name = match said(&file.blocks, "meta", "name") {
            name if name.is_empty() => file.name.trim_end_matches(".bru").to_owned(),
            name => name,
        };
        let place = format!("{}{name}", file.folder);
        match self.request(file, method, &place) {
            Ok(mut request) => {
                let script = after_answer(&file.blocks);
                let left = scripts::after_answer(&script, &mut request, &mut self.variables);
                if !left.is_empty() {
                    let message = "a part of its scripts or assertions is left out";
                    self.found.tell(&place, message);
                }
                self.found.take(&place, request);
            }
            Err(message) => self.found.tell(&place, message),
        }
        if own("script:pre-request") {
            self.found
                .tell(&place, "its script before requests is left out");
        }
        for unknown in self.variables.unknown() {
            let message = format!("{unknown} has no counterpart: a variable stands for it");
            self.found.tell(&place, message);
        }
    }

    fn expand(&mut self, text: &str) -> String {
        self.variables.expand(text, &mut self.found)
    }

    /// The files around one, the nearest first.
    fn around(&self, folder: &str) -> impl Iterator<Item = &File> {
        let files = self.around.iter().rev();
        files.filter(move |file| folder.starts_with(&file.folder))
    }

    fn request(&mut self, file: &File, method: &str, place: &str) -> Result<Request, String> {
        let blocks = &file.blocks;
        let verb = match method {
            "http" => said(blocks, method, "method"),
            method => method.to_owned(),
        };
        for (name, value) in entries(blocks, "vars:pre-request") {
            self.variables.give(&name, &value);
        }
        let address = said(blocks, method, "url");
        if address.is_empty() {
            return Err("its request has no address".into());
        }
        let mut address = self.variables.expand_address(&address, &mut self.found);
        for (name, value) in entries(blocks, "params:path") {
            let value = self.expand(&value);
            address = with_part(&address, &name, &value);
        }
        let mut request = Request::to_written(&verb.to_ascii_uppercase(), &address)?;
        request.name = Some(place.to_owned());
        // As Bruno does.
        request.redirects = Some("follow".to_owned());
        let mut headers = entries(blocks, "headers");
        for outer in self.around(&file.folder) {
            for (name, value) in entries(&outer.blocks, "headers") {
                let known = headers
                    .iter()
                    .any(|(own, _)| own.eq_ignore_ascii_case(&name));
                if !known {
                    headers.push((name, value));
                }
            }
        }
        for (name, value) in headers {
            let (name, value) = (self.expand(&name), self.expand(&value));
            request.headers.push((name, value));
        }
        self.body(blocks, &said(blocks, method, "body"), &mut request, place);
        self.auth(file, &said(blocks, method, "auth"), &mut request, place);
        Ok(request)
    }

    fn auth(&mut self, file: &File, mode: &str, request: &mut Request, place: &str) {
        let mut of: Vec<(String, String)> = entries(&file.blocks, &format!("auth:{mode}"));
        let mut mode = mode.to_owned();
        if mode == "inherit" {
            let outer = self.around(&file.folder).find_map(|file| {
                let mode = said(&file.blocks, "auth", "mode");
                let here = !mode.is_empty() && mode != "inherit";
                here.then(|| (entries(&file.blocks, &format!("auth:{mode}")), mode))
            });
            let Some(outer) = outer else { return };
            (of, mode) = outer;
        }
        let mut said = |name: &str| {
            let value = of.iter().find(|(known, _)| known == name);
            self.variables
                .expand(value.map_or("", |(_, value)| value), &mut self.found)
        };
        match mode.as_str() {
            "none" | "" => {}
            "basic" => {
                let (login, password) = (said("username"), said("password"));
                request.basic(&login, &password);
            }
            "bearer" => {
                let value = format!("Bearer {}", said("token"));
                request.headers.push(("Authorization".into(), value));
            }
            "apikey" => {
                let (name, value) = (said("key"), said("value"));
                request.add_key(&name, value, said("placement").starts_with("query"));
            }
            _ => {
                let message = "how it identifies itself has no counterpart, and is left out";
                self.found.tell(place, message);
            }
        }
    }

    fn body(&mut self, blocks: &[Block], mode: &str, request: &mut Request, place: &str) {
        let text = |name: &str| block(blocks, name).map(Block::text).unwrap_or_default();
        let kind = match mode {
            "json" => "application/json",
            "xml" => "application/xml",
            "sparql" => "application/sparql-query",
            _ => "text/plain",
        };
        match mode {
            "none" | "" => {}
            "json" | "text" | "xml" | "sparql" => {
                // Once there was no name for what is JSON.
                let name = format!("body:{mode}");
                let name = if mode == "json" && block(blocks, &name).is_none() {
                    "body"
                } else {
                    &name
                };
                let body = self.expand(&text(name));
                request.set_kind(kind);
                request.set_body(&body);
            }
            "graphql" => {
                let query = self.expand(&text("body:graphql"));
                let variables = self.expand(&text("body:graphql:vars"));
                request.set_graphql(&query, &variables);
            }
            "formUrlEncoded" | "form-urlencoded" => {
                let pairs = entries(blocks, "body:form-urlencoded").into_iter();
                let pairs: Vec<(String, String)> = pairs
                    .map(|(name, value)| (self.expand(&name), self.expand(&value)))
                    .collect();
                request.set_form(&pairs);
            }
            "multipartForm" | "multipart-form" => {
                let parts = entries(blocks, "body:multipart-form").into_iter();
                let parts: Vec<Part> = parts
                    .flat_map(|(name, value)| self.parts(&name, &value))
                    .collect();
                request.body = (!parts.is_empty()).then_some(Body::Parts(parts));
            }
            "file" => {
                let files = entries(blocks, "body:file");
                let file = files
                    .iter()
                    .find_map(|(_, value)| files_of(value).into_iter().next());
                request.body = file.map(Body::File);
            }
            _ => self
                .found
                .tell(place, "its body has no counterpart, and is left out"),
        }
    }

    /// `text`, or `@file(a.png|b.png) @contentType(image/png)`
    fn parts(&mut self, name: &str, value: &str) -> Vec<Part> {
        let name = self.expand(name);
        let kind = value
            .split_once("@contentType(")
            .and_then(|(_, kind)| kind.split_once(')'));
        let kind = kind.map(|(kind, _)| kind.to_owned());
        let text = value
            .split("@contentType(")
            .next()
            .unwrap_or_default()
            .trim();
        let contents: Vec<PartContent> = match files_of(text) {
            files if files.is_empty() => vec![PartContent::Text(self.expand(text))],
            files => files.into_iter().map(PartContent::File).collect(),
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

/// The paths of `@file(a.png|b.png)`.
fn files_of(value: &str) -> Vec<String> {
    let inside = value
        .strip_prefix("@file(")
        .and_then(|rest| rest.split_once(')'));
    let paths = inside.map_or("", |(paths, _)| paths).split('|');
    paths
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect()
}

fn entries(blocks: &[Block], name: &str) -> Vec<(String, String)> {
    block(blocks, name).map(Block::entries).unwrap_or_default()
}

/// All that looks at the answer, as a script.
fn after_answer(blocks: &[Block]) -> String {
    let mut script = String::new();
    for (name, value) in entries(blocks, "vars:post-response") {
        script.extend(["bru.setVar(\"", &name, "\", ", &value, ")\n"]);
    }
    for (subject, value) in entries(blocks, "assert") {
        let line = match (subject.as_str(), value.strip_prefix("eq ")) {
            ("res.status", Some(status)) => format!("res.status === {status}\n"),
            _ => "assert\n".to_owned(),
        };
        script.push_str(&line);
    }
    for name in ["script:post-response", "tests"] {
        if let Some(block) = block(blocks, name) {
            script.extend([&block.text(), "\n"]);
        }
    }
    script
}
