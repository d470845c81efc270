//! One step for each request, and what stands before them.

use std::collections::HashSet;
use std::fmt::{self, Write};

use super::yaml::{one_line, quoted, template};
use crate::import::found::Found;
use crate::import::names::Names;
use crate::import::request::Request;
use crate::import::secrets::Secrets;
use crate::import::text::{has_expression, names, parts, shown};
use crate::shown::is_secret_name;

/// What stands where a secret was.
const NOT_COPIED: &str = "not-copied";

/// How much of what was not taken over is told in the file.
const TOLD: usize = 500;

/// What the steps stand below.
pub(super) const STEPS: &str = "\nscenarios:\n  imported:\n    steps:\n";

pub(super) struct Writer {
    api_url: Option<String>,
    secrets: Secrets,
    /// Variables that are used, and that nothing captures.
    pub(super) variables: Vec<String>,
    /// The same.
    noted: HashSet<String>,
    captured: HashSet<String>,
    /// Names of steps.
    names: Names,
    /// How many values the file may still have in bodies.
    pub(super) room: usize,
}

impl Writer {
    /// Requests to `api_url` are written as paths below it.
    pub fn new(found: &Found, api_url: Option<&str>) -> Self {
        let captures = found.requests.iter().flat_map(|request| &request.captures);
        Self {
            api_url: api_url.map(|url| url.trim_end_matches('/').to_owned()),
            secrets: found.secrets.clone(),
            variables: Vec::new(),
            noted: HashSet::new(),
            captured: captures.map(|capture| capture.name.clone()).collect(),
            names: Names::default(),
            room: 60_000,
        }
    }

    /// What stands before the steps. Last, when the variables are known.
    pub fn head(
        &self,
        found: &Found,
        name: &str,
        target: Option<&str>,
    ) -> Result<String, fmt::Error> {
        let mut out = String::new();
        writeln!(
            out,
            "# Imported by `rehearse import`. Where a comment says so, you must decide."
        )?;
        for note in &found.notes {
            writeln!(out, "# {}.", one_line(note))?;
        }
        for told in found.told.iter().take(TOLD) {
            writeln!(
                out,
                "# {}: {}.",
                one_line(&told.place),
                one_line(&told.message)
            )?;
        }
        if found.told.len() > TOLD {
            let more = found.told.len() - TOLD;
            writeln!(out, "# {more} more were told when this was imported.")?;
        }
        writeln!(out, "name: {}", quoted(name))?;
        if let Some(target) = target {
            writeln!(out, "target: {}", quoted(target))?;
        }
        self.vars(&mut out, found)?;
        out.push_str(STEPS);
        Ok(out)
    }

    /// The variables: those that the source gives a value, and secrets.
    fn vars(&self, out: &mut String, found: &Found) -> fmt::Result {
        if self.variables.is_empty() {
            return Ok(());
        }
        let mut secrets = self.secrets.clone();
        let mut given = |name: &String| {
            let value = found.given.get(name)?;
            // One that is a secret is as all secrets.
            let sealed = secrets.seal(value);
            (!has_expression(&sealed)).then_some(value)
        };
        let values: Vec<(&String, Option<&String>)> = self
            .variables
            .iter()
            .map(|name| (name, given(name)))
            .collect();
        out.push('\n');
        if values.iter().any(|(_, value)| value.is_none()) {
            writeln!(
                out,
                "# Secrets were not copied. Give them with `--var NAME=VALUE`, by the environment and `--env NAME`,"
            )?;
            writeln!(
                out,
                "# or let a step log in and use `auth: user`; a target's secret is `{{{{ target.captcha_token }}}}`."
            )?;
        }
        writeln!(out, "vars:")?;
        for (name, value) in values {
            let environment = name.to_ascii_uppercase();
            match value {
                Some(value) => writeln!(out, "  {name}: {}", template(value))?,
                None => writeln!(
                    out,
                    "  {name}: \"{{{{ env.{environment} | default('{NOT_COPIED}') }}}}\""
                )?,
            }
        }
        Ok(())
    }

    pub fn step(&mut self, request: &Request) -> Result<String, fmt::Error> {
        let mut out = String::new();
        if let Some(pause) = request.pause {
            writeln!(out, "      - sleep: {}ms", pause.as_millis())?;
        }
        for note in &request.notes {
            writeln!(out, "      # {}", one_line(note))?;
        }
        let (url, endpoint) = self.address(request);
        writeln!(out, "      - http:")?;
        writeln!(out, "          method: {}", quoted(&request.method))?;
        let written = self.text(&url);
        writeln!(out, "          url: {written}")?;
        if let Some(endpoint) = &endpoint {
            writeln!(
                out,
                "          # What metrics call it: ids would make each request another one."
            )?;
            writeln!(out, "          endpoint: {}", quoted(endpoint))?;
        }
        self.pairs(&mut out, "query", &request.query)?;
        self.headers(&mut out, request)?;
        self.body(&mut out, request)?;
        match request.status.as_slice() {
            [] => {}
            [status] => writeln!(out, "          status: {status}")?,
            several => writeln!(out, "          status: {several:?}")?,
        }
        if let Some(timeout) = &request.timeout {
            writeln!(out, "          timeout: {timeout}")?;
        }
        if let Some(redirects) = &request.redirects {
            writeln!(out, "          redirects: {redirects}")?;
        }
        if let Some(times) = request.retry {
            writeln!(out, "        retry: {times}")?;
        }
        if !request.captures.is_empty() {
            writeln!(out, "        capture:")?;
        }
        for capture in &request.captures {
            let path = quoted(&capture.path);
            writeln!(
                out,
                "          {}: {{{}: {path}}}",
                capture.name, capture.kind
            )?;
        }
        let path = endpoint.unwrap_or_else(|| shown(url.split('?').next().unwrap_or_default()));
        let name = request.name.clone();
        let name = name.unwrap_or_else(|| format!("{} {path}", request.method));
        // Those of one name would be measured as one.
        let name = one_line(&name);
        let unique = (self.names).unique(&name, |count| format!("{name} ({count})"));
        let name = quoted(&unique);
        writeln!(out, "        name: {name}")?;
        Ok(out)
    }

    /// The address as it is written, and a name for it when it has ids in it.
    fn address(&self, request: &Request) -> (String, Option<String>) {
        let below = self.api_url.as_ref().and_then(|api| {
            let rest = request.url.strip_prefix(api.as_str())?;
            (rest.is_empty() || rest.starts_with(['/', '?'])).then_some(rest)
        });
        let url = match below {
            Some(rest) if rest.starts_with('/') => rest.to_owned(),
            Some(rest) => format!("/{rest}"),
            None => request.url.clone(),
        };
        if request.endpoint.is_some() {
            return (url, request.endpoint.clone());
        }
        let path = url.split_once("://").map_or(url.as_str(), |(_, rest)| {
            rest.find('/').map_or("/", |slash| &rest[slash..])
        });
        let path = path.split('?').next().unwrap_or_default();
        let named: Vec<&str> = path
            .split('/')
            .map(|part| if is_id(part) { "{id}" } else { part })
            .collect();
        let named = named.join("/");
        let endpoint = (named != path).then_some(named);
        (url, endpoint)
    }

    /// A text as a template, with variables in the place of its secrets.
    pub fn text(&mut self, text: &str) -> String {
        let sealed = self.secrets.seal(text);
        self.sealed(&sealed)
    }

    fn sealed(&mut self, text: &str) -> String {
        for source in parts(text).filter_map(Result::err) {
            for variable in names(source) {
                if !self.captured.contains(variable) && self.noted.insert(variable.to_owned()) {
                    self.variables.push(variable.to_owned());
                }
            }
        }
        template(text)
    }

    /// A text under a name, or a variable in its place.
    pub fn value(&mut self, name: &str, value: &str) -> String {
        let is_secret = is_secret_name(name) || name.eq_ignore_ascii_case("cookie");
        if value.is_empty() || !is_secret || has_expression(value) {
            return self.text(value);
        }
        let scheme = value.split_once(' ');
        match scheme.filter(|_| name.eq_ignore_ascii_case("authorization")) {
            Some((scheme, secret)) => {
                let variable = self.secrets.variable(name, secret);
                let scheme = crate::import::text::word(scheme);
                self.sealed(&format!(
                    "{scheme} {}",
                    crate::import::text::expression(&variable)
                ))
            }
            None => self.secret(name, value),
        }
    }

    /// A variable in the place of a secret.
    pub fn secret(&mut self, name: &str, value: &str) -> String {
        let variable = self.secrets.variable(name, value);
        self.sealed(&crate::import::text::expression(&variable))
    }

    pub fn pairs(
        &mut self,
        out: &mut String,
        what: &str,
        pairs: &[(String, String)],
    ) -> fmt::Result {
        if !pairs.is_empty() {
            writeln!(out, "          {what}:")?;
        }
        for (name, value) in pairs {
            let value = self.value(name, value);
            writeln!(out, "            {}: {value}", quoted(name))?;
        }
        Ok(())
    }
}

/// A part of a path that is another one each time.
fn is_id(part: &str) -> bool {
    let is_uuid = part.len() == 36 && part.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let is_number = !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let is_hex = part.len() >= 24 && part.chars().all(|c| c.is_ascii_hexdigit());
    let is_token = part.len() >= 40 && part.contains(|c: char| c.is_ascii_digit());
    is_uuid || is_number || is_hex || is_token || has_expression(part)
}
