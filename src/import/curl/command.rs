//! From the words of a curl command to requests.

use super::form::{self, urlencode};
use super::globs;
use super::options::{self, Effect, Known};
use super::words::{Command, Input};
use crate::import::request::{Body, Part, PartContent, Request};
use crate::import::secrets::Secrets;
use crate::import::text::{expression, has_expression};

const FORM: &str = "application/x-www-form-urlencoded";

/// The requests of a command, or why there are none.
pub(super) struct Requests {
    pub requests: Vec<Request>,
    pub told: Vec<String>,
}

/// Reads what comes after `curl`. Words until `--next` are of one transfer.
pub(super) fn requests(
    command: &Command,
    words: &[String],
    secrets: &mut Secrets,
) -> Result<Requests, String> {
    let mut all = Requests {
        requests: Vec::new(),
        told: Vec::new(),
    };
    let mut said = Said::default();
    let mut words = words.iter();
    let mut options_end = false;
    while let Some(word) = words.next() {
        if options_end || !word.starts_with('-') || word == "-" {
            said.urls.push(word.clone());
            continue;
        }
        if word == "--" {
            options_end = true;
            continue;
        }
        for (known, value) in split(word, &mut words)? {
            match known.effect {
                Effect::Harmless => {}
                Effect::Told(why) => all
                    .told
                    .push(format!("`--{}` is left out: {why}", known.name)),
                Effect::Taken if known.name == "next" => {
                    std::mem::take(&mut said).finish(secrets, &mut all)?;
                }
                Effect::Taken => said.take(known.name, value.unwrap_or_default(), command)?,
            }
        }
    }
    said.finish(secrets, &mut all)?;
    Ok(all)
}

/// The options of a word: `--long`, `--long=value`, or letters of which the last
/// can have a value, in the same word or the next.
fn split<'w>(
    word: &str,
    words: &mut impl Iterator<Item = &'w String>,
) -> Result<Vec<(Known, Option<String>)>, String> {
    let unknown = |name: &str| format!("`{name}` is no option of curl that is known here");
    let mut next = |name: &str| {
        let value = words.next().cloned();
        value.ok_or_else(|| format!("`{name}` needs a value"))
    };
    if let Some(long) = word.strip_prefix("--") {
        let (name, joined) = match long.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (long, None),
        };
        let written = format!("--{name}");
        let known = options::long(name).ok_or_else(|| unknown(&written))?;
        let value = match (known.takes_value, joined) {
            (true, None) => Some(next(&written)?),
            (_, joined) => joined,
        };
        return Ok(vec![(known, value)]);
    }
    let mut found = Vec::new();
    for (at, letter) in word[1..].char_indices() {
        let written = format!("-{letter}");
        let known = options::short(letter).ok_or_else(|| unknown(&written))?;
        if !known.takes_value {
            found.push((known, None));
            continue;
        }
        let joined = &word[1 + at + letter.len_utf8()..];
        let value = match joined {
            "" => next(&written)?,
            joined => joined.to_owned(),
        };
        found.push((known, Some(value)));
        break;
    }
    Ok(found)
}

/// What the words of a transfer say.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of curl")]
struct Said {
    method: Option<String>,
    urls: Vec<String>,
    headers: Vec<(String, String)>,
    /// Headers of curl's own that are taken away, in lower case.
    removed: Vec<String>,
    data: Option<String>,
    /// The file that the body is in, and whether its line breaks are kept.
    file: Option<(String, bool)>,
    is_json: bool,
    parts: Vec<Part>,
    uploads: Vec<String>,
    query: Vec<String>,
    user: Option<String>,
    bearer: Option<String>,
    cookies: Vec<String>,
    as_query: bool,
    head: bool,
    literal: bool,
    follow: bool,
    most_redirects: Option<String>,
    timeout: Option<String>,
    retry: Option<u32>,
    notes: Vec<String>,
}

impl Said {
    fn take(&mut self, name: &str, value: String, command: &Command) -> Result<(), String> {
        match name {
            "request" => self.method = Some(value),
            "url" => self.urls.push(value),
            "header" => self.header(&value)?,
            "data" | "data-ascii" => self.data(&value, false, command)?,
            "data-binary" => self.data(&value, true, command)?,
            "data-raw" => self.join(&value),
            "json" => {
                self.is_json = true;
                let joined = std::mem::take(&mut self.data).unwrap_or_default();
                self.data(&value, true, command)?;
                self.data = self.data.take().map(|data| joined + &data);
            }
            "data-urlencode" => {
                let encoded = urlencode(&value)?;
                self.join(&encoded);
            }
            "url-query" => self.query.push(match value.strip_prefix('+') {
                Some(as_it_is) => as_it_is.to_owned(),
                None => urlencode(&value)?,
            }),
            "form" => self.parts.push(form::part(&value)?),
            "form-string" => {
                let (name, text) = value
                    .split_once('=')
                    .ok_or("`--form-string` needs `NAME=TEXT`")?;
                self.parts.push(Part {
                    name: name.to_owned(),
                    content: PartContent::Text(text.to_owned()),
                    ..Part::default()
                });
            }
            "user" => self.user = Some(value),
            "oauth2-bearer" => self.bearer = Some(value),
            "cookie" if value.contains('=') || has_expression(&value) => self.cookies.push(value),
            "cookie" => self.notes.push(
                "cookies came from a file: those that answers set are kept and sent again".into(),
            ),
            "get" => self.as_query = true,
            "head" => self.head = true,
            "globoff" => self.literal = true,
            "location" | "location-trusted" => self.follow = true,
            "max-redirs" => self.most_redirects = Some(value),
            "max-time" => self.timeout = Some(time(&value)?),
            "retry" => self.retry = value.parse().ok(),
            "user-agent" => self.header(&format!("User-Agent: {value}"))?,
            "referer" => self.header(&format!("Referer: {}", value.trim_end_matches(";auto")))?,
            "range" => self.header(&format!("Range: bytes={value}"))?,
            "upload-file" => self.uploads.push(value),
            // `options.rs` names no other one as taken.
            _ => {}
        }
        Ok(())
    }

    /// `Name: value`, `Name;` for an empty one, `Name:` to take one away.
    fn header(&mut self, header: &str) -> Result<(), String> {
        if header.starts_with('@') {
            return Err("its headers are in a file: write them out with `-H`".into());
        }
        let (name, value) = match header.split_once(':') {
            Some((name, value)) if value.trim().is_empty() => {
                self.removed.push(name.trim().to_ascii_lowercase());
                return Ok(());
            }
            Some((name, value)) => (name, value),
            None => match header.strip_suffix(';') {
                Some(name) => (name, ""),
                // curl sends nothing for it.
                None => return Ok(()),
            },
        };
        let pair = (name.trim().to_owned(), value.trim().to_owned());
        self.headers.push(pair);
        Ok(())
    }

    fn has_header(&self, name: &str) -> bool {
        let named = |known: &String| known.eq_ignore_ascii_case(name);
        self.headers.iter().any(|(known, _)| named(known)) || self.removed.iter().any(named)
    }

    /// More of the body, after what is there.
    fn join(&mut self, more: &str) {
        match &mut self.data {
            Some(data) => data.extend(["&", more]),
            None => self.data = Some(more.to_owned()),
        }
    }

    /// A body, or with `@` the file that has it.
    fn data(&mut self, value: &str, binary: bool, command: &Command) -> Result<(), String> {
        let Some(path) = value.strip_prefix('@') else {
            self.join(value);
            return Ok(());
        };
        match (path, &command.input) {
            ("-", Some(Input::Text(text))) if binary => self.join(&text.clone()),
            ("-", Some(Input::Text(text))) => self.join(&text.replace(['\r', '\n', '\0'], "")),
            ("-", Some(Input::File(path))) => self.file = Some((path.clone(), binary)),
            ("-", None) => {
                return Err("its body came from another command: write it out with `-d`".into());
            }
            (path, _) => self.file = Some((path.to_owned(), binary)),
        }
        Ok(())
    }

    fn finish(self, secrets: &mut Secrets, all: &mut Requests) -> Result<(), String> {
        if self.urls.is_empty() {
            return Err("there is no address".into());
        }
        let mut count = 0;
        let mut uploads = self.uploads.iter();
        for pattern in &self.urls {
            let upload = uploads.next();
            let addresses = if self.literal {
                vec![pattern.clone()]
            } else {
                globs::expand(pattern)?
            };
            for address in addresses {
                count += 1;
                let request = self.request(address, upload, secrets)?;
                all.requests.push(request);
            }
        }
        if count > 1 {
            all.told
                .push(format!("it has {count} addresses, of which each is a step"));
        }
        Ok(())
    }

    fn request(
        &self,
        address: String,
        upload: Option<&String>,
        secrets: &mut Secrets,
    ) -> Result<Request, String> {
        let mut address = if address.contains("://") || has_expression(&address) {
            address
        } else {
            format!("http://{address}")
        };
        if let Some(upload) = upload
            && address.ends_with('/')
        {
            // As curl does.
            address.push_str(upload.rsplit('/').next().unwrap_or_default());
        }
        let mut query = self.query.clone();
        query.extend(self.data.clone().filter(|_| self.as_query));
        if let Some(at) = address.find('#') {
            address.truncate(at);
        }
        for more in query {
            let join = if address.contains('?') { "&" } else { "?" };
            address.extend([join, &more]);
        }
        let has_body = (self.data.is_some() || self.file.is_some()) && !self.as_query;
        let method = self.method.as_deref().unwrap_or(match () {
            () if upload.is_some() => "PUT",
            () if self.head => "HEAD",
            () if has_body || !self.parts.is_empty() => "POST",
            () => "GET",
        });
        let (mut request, login) = Request::to(method, &address)?;
        request.headers.clone_from(&self.headers);
        request.of_browser = self.headers.iter().any(|(name, value)| {
            let name = name.to_ascii_lowercase();
            name.starts_with("sec-") || (name == "user-agent" && value.starts_with("Mozilla/"))
        });
        self.credentials(&mut request, login, secrets);
        self.body(&mut request, has_body, upload)?;
        request.timeout.clone_from(&self.timeout);
        request.retry = self.retry.filter(|times| *times > 0);
        if self.follow {
            let most = self.most_redirects.as_deref();
            let most = most.and_then(|most| most.parse::<u8>().ok());
            request.redirects = Some(most.map_or("follow".into(), |most| most.min(20).to_string()));
        }
        request.notes.clone_from(&self.notes);
        Ok(request)
    }

    fn credentials(&self, request: &mut Request, login: Option<String>, secrets: &mut Secrets) {
        let user = self.user.clone().or(login);
        if let Some(token) = &self.bearer {
            let variable = secrets.variable("token", token);
            let value = format!("Bearer {}", expression(&variable));
            request.headers.push(("Authorization".into(), value));
        } else if let Some(user) = user
            && !self.has_header("authorization")
        {
            let user = if user.contains(':') {
                user
            } else {
                format!("{user}:")
            };
            let variable = secrets.variable("user", &user);
            let value = format!(
                "Basic {}",
                expression(&format!("{variable} | base64encode"))
            );
            request.headers.push(("Authorization".into(), value));
            let note = format!("`{variable}` is `LOGIN:PASSWORD`");
            request.notes.push(note);
        }
        if !self.cookies.is_empty() {
            let cookies = self.cookies.join("; ");
            request.headers.push(("Cookie".into(), cookies));
        }
    }

    fn body(
        &self,
        request: &mut Request,
        has_body: bool,
        upload: Option<&String>,
    ) -> Result<(), String> {
        if let Some(upload) = upload {
            if upload == "-" || upload == "." {
                return Err("its body came from another command".into());
            }
            request.body = Some(Body::File(upload.clone()));
            if request.header("content-type").is_none() {
                let note =
                    "curl sends no content type with the file, the step `application/octet-stream`";
                request.notes.push(note.into());
            }
            return Ok(());
        }
        if !self.parts.is_empty() {
            request.body = Some(Body::Parts(self.parts.clone()));
            return Ok(());
        }
        if !has_body {
            return Ok(());
        }
        let kind = if self.is_json {
            "application/json"
        } else {
            FORM
        };
        if !self.has_header("content-type") {
            request.headers.push(("Content-Type".into(), kind.into()));
        }
        if self.is_json && !self.has_header("accept") {
            request
                .headers
                .push(("Accept".into(), "application/json".into()));
        }
        match (&self.file, &self.data) {
            (Some(_), Some(_)) => {
                return Err("its body is in a file and beside it: make one file of it".into());
            }
            (Some((path, binary)), None) => {
                request.body = Some(Body::File(path.clone()));
                if !binary {
                    let note = "curl sends the file without its line breaks, the step as it is";
                    request.notes.push(note.into());
                }
            }
            (None, data) => {
                let data = data.as_deref().unwrap_or_default();
                request.set_body(data);
                // Spaces and line breaks are sent too.
                if let Some(Body::Json(json)) = &request.body {
                    let written = json.to_string();
                    if written != data {
                        request.body = Some(Body::Text(data.to_owned()));
                    }
                }
            }
        }
        Ok(())
    }
}

fn time(seconds: &str) -> Result<String, String> {
    let parsed = seconds.parse().ok();
    let time = parsed.and_then(|seconds| std::time::Duration::try_from_secs_f64(seconds).ok());
    let time = time.ok_or("`--max-time` needs seconds")?;
    Ok(format!("{}ms", time.as_millis().max(1)))
}
