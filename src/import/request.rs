//! A request that was found somewhere.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::lossless;
use super::text;

/// A request, as far as a scenario can say it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Where it was found.
    pub place: String,
    /// What it is called, if it has a name.
    pub name: Option<String>,
    /// How long nothing happened before it.
    pub pause: Option<Duration>,
    /// `GET`
    pub method: String,
    /// Where to; a path alone is below the target.
    pub url: String,
    /// The path with its variable parts in braces, if there are any.
    pub endpoint: Option<String>,
    /// What is added to the query.
    pub query: Vec<(String, String)>,
    /// Headers, all of them.
    pub headers: Vec<(String, String)>,
    /// Whether a browser has made it, which adds headers of its own.
    pub of_browser: bool,
    /// What is sent, if anything is.
    pub body: Option<Body>,
    /// The statuses that are expected; any good one, when there are none.
    pub status: Vec<u16>,
    /// How long to wait, such as `5s`.
    pub timeout: Option<String>,
    /// `follow`, or how many redirects are followed.
    pub redirects: Option<String>,
    /// How often it is sent again when it fails.
    pub retry: Option<u32>,
    /// Variables that take parts of the answer.
    pub captures: Vec<Capture>,
    /// What a person must decide.
    pub notes: Vec<String>,
}

/// A variable that takes a part of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// The variable.
    pub name: String,
    /// `jsonpath` or `header`.
    pub kind: &'static str,
    /// Where the value is.
    pub path: String,
}

/// What a request sends, in the form that `http` has for it.
#[derive(Clone, Debug)]
pub enum Body {
    /// As JSON.
    Json(Value),
    /// As a form.
    Form(Vec<(String, String)>),
    /// As it is.
    Text(String),
    /// What is in a file.
    File(String),
    /// In several parts.
    Parts(Vec<Part>),
}

/// A part of a body.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its text, or the path of the file that has it.
    pub content: PartContent,
    /// The name of the file that the server sees.
    pub filename: Option<String>,
    /// Its content type.
    pub kind: Option<String>,
}

/// What a part holds.
#[derive(Clone, Debug)]
pub enum PartContent {
    /// A text.
    Text(String),
    /// What is in a file.
    File(String),
}

impl Default for PartContent {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Request {
    /// A request without anything.
    pub fn new(method: &str, url: impl Into<String>) -> Self {
        Self {
            method: method.to_owned(),
            url: url.into(),
            ..Self::default()
        }
    }

    /// The same to an address, which is taken apart: the query as pairs when the
    /// same bytes come of them. Login and password are given back.
    pub(super) fn to(method: &str, address: &str) -> Result<(Self, Option<String>), String> {
        let address = address
            .split_once('#')
            .map_or(address, |(before, _)| before);
        let (base, query) = match address.split_once('?') {
            Some((base, query)) => (base, Some(query)),
            None => (address, None),
        };
        let (base, login) = parse(base)?;
        let mut request = Self::new(method, base);
        match query {
            Some(query) if !query.is_empty() && lossless::is_form(query) => {
                request.query = lossless::pairs(query);
            }
            Some(query) => request.url.extend(["?", query]),
            None => {}
        }
        Ok((request, login))
    }

    /// Whether a file that the source names is sent.
    pub(super) fn needs_file(&self) -> bool {
        match &self.body {
            Some(Body::File(_)) => true,
            Some(Body::Parts(parts)) => parts
                .iter()
                .any(|part| matches!(part.content, PartContent::File(_))),
            _ => false,
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The same to an address as a collection of requests has it.
    pub(super) fn to_written(method: &str, address: &str) -> Result<Self, String> {
        let address = text::in_address(address);
        let starts = address.starts_with('/')
            || text::parts(&address)
                .next()
                .is_some_and(|part| part.is_err());
        let address = if address.contains("://") || starts {
            address
        } else {
            format!("http://{address}")
        };
        let (mut request, login) = Self::to(method, &address)?;
        if let Some((login, password)) = login.as_deref().and_then(|login| login.split_once(':')) {
            request.basic(login, password);
        }
        Ok(request)
    }

    /// Identifies by a login and a password.
    pub(super) fn basic(&mut self, login: &str, password: &str) {
        use base64::Engine;
        let pair = format!("{login}:{password}");
        let value = if text::has_expression(&pair) {
            let pieces = text::parts(&pair).map(|part| match part {
                Ok(text) => serde_json::Value::from(text).to_string(),
                Err(source) => format!("({source})"),
            });
            let joined: Vec<String> = pieces.collect();
            text::expression(&format!("({}) | base64encode", joined.join(" ~ ")))
        } else {
            base64::engine::general_purpose::STANDARD.encode(pair)
        };
        self.headers
            .push(("Authorization".into(), format!("Basic {value}")));
    }

    /// Adds a key that identifies: to the query, or to the headers.
    pub(super) fn add_key(&mut self, name: &str, value: String, in_query: bool) {
        if !in_query {
            self.headers.push((name.to_owned(), value));
        } else if self.url.contains('?') {
            let pair = [text::urlencoded(name), text::urlencoded(&value)];
            self.url.extend(["&", &pair.join("=")]);
        } else {
            self.query.push((name.to_owned(), value));
        }
    }

    /// Sends a form; names may be there twice.
    pub(super) fn set_form(&mut self, pairs: &[(String, String)]) {
        self.set_kind("application/x-www-form-urlencoded");
        let mut names = HashSet::new();
        let plain = |name: &str| !lossless::is_template(name) && !text::has_expression(name);
        if !pairs.is_empty()
            && pairs
                .iter()
                .all(|(name, _)| plain(name) && names.insert(name))
        {
            self.body = Some(Body::Form(pairs.to_vec()));
            return;
        }
        let encoded = pairs
            .iter()
            .map(|(name, value)| format!("{}={}", text::urlencoded(name), text::urlencoded(value)));
        let encoded: Vec<String> = encoded.collect();
        self.body = Some(Body::Text(encoded.join("&")));
    }

    /// A query to GraphQL, with its variables as JSON.
    pub(super) fn set_graphql(&mut self, query: &str, variables: &str) {
        let variables = match variables.trim() {
            "" => "{}",
            variables => variables,
        };
        self.set_kind("application/json");
        let query = Value::from(query);
        self.set_body(&format!("{{\"query\":{query},\"variables\":{variables}}}"));
    }

    /// The type of the body, unless it is said.
    pub(super) fn set_kind(&mut self, kind: &str) {
        if self.header("content-type").is_none() {
            self.headers.push(("Content-Type".into(), kind.into()));
        }
    }

    /// Takes a body for what its type says, as long as the same is sent then.
    pub fn set_body(&mut self, text: &str) {
        let kind = self.header("content-type").unwrap_or_default();
        let kind = kind
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let is_json = kind == "application/json" || kind.ends_with("+json");
        let is_form = kind == "application/x-www-form-urlencoded";
        self.body = Some(if is_json && let Some(json) = lossless::json(text) {
            Body::Json(json)
        } else if is_form && lossless::is_form(text) && !text.is_empty() {
            Body::Form(lossless::pairs(text))
        } else {
            Body::Text(text.to_owned())
        });
    }
}

/// An address with a value in the place of `:name`.
pub(super) fn with_part(address: &str, name: &str, value: &str) -> String {
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address.find('?').unwrap_or(address.len()).max(start);
    let part = |part: &str| match part.strip_prefix(':') {
        Some(known) if known == name => value.to_owned(),
        _ => part.to_owned(),
    };
    let parts: Vec<String> = address[start..end].split('/').map(part).collect();
    format!(
        "{}{}{}",
        &address[..start],
        parts.join("/"),
        &address[end..]
    )
}

/// An address without its query as it will be sent, and the login that was in it.
fn parse(base: &str) -> Result<(String, Option<String>), String> {
    let (scheme, rest) = base.split_once("://").unwrap_or(("", base));
    if text::has_expression(scheme) || scheme.is_empty() {
        return Ok((base.to_owned(), None));
    }
    let slash = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(slash);
    let (login, host) = match authority.rsplit_once('@') {
        Some((login, host)) => (Some(login), host),
        None => (None, authority),
    };
    let decoded = login.map(|login| {
        let bytes = percent_encoding::percent_decode_str(login);
        bytes.decode_utf8_lossy().into_owned()
    });
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        // The rest is not repeated: it may hold a secret.
        return Err("the address is not of `http` or `https`".to_owned());
    }
    let in_host = text::has_expression(host);
    let known = if in_host { "host" } else { host };
    let mut url = Url::parse(&format!("{scheme}://{known}/"))
        .map_err(|error| format!("the address is none: {error}"))?;
    let origin = if in_host {
        format!("{scheme}://{host}")
    } else {
        url.as_str().trim_end_matches('/').to_owned()
    };
    if path.is_empty() && !in_host {
        return Ok((url.into(), decoded));
    }
    if !text::has_expression(path) {
        url.set_path(path);
        return Ok((format!("{origin}{}", url.path()), decoded));
    }
    Ok((format!("{origin}{path}"), decoded))
}
