//! What the scripts beside a request do with its answer, as far as it is plain:
//! a part of the answer that becomes a variable, a status that is expected.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::request::{Capture, Request};
use super::variables::Variables;

/// Statements of a script that are looked at.
const MOST: usize = 5_000;

/// What is looked for in a statement.
struct Forms {
    /// `const json = pm.response.json();`
    alias: Regex,
    /// `pm.environment.set("name", json.token);`
    set: Regex,
    /// `pm.response.headers.get("X-Token")`
    header: Regex,
    /// `pm.response.to.have.status(200)`
    status: Regex,
    /// `pm.expect(pm.response.code).to.be.oneOf([200, 201])`
    statuses: Regex,
    /// A part of a value: `.a`, `[0]`, `["a b"]`.
    step: Regex,
    /// What does nothing to a request or variable.
    nothing: Regex,
}

static FORMS: LazyLock<Option<Forms>> = LazyLock::new(|| {
    let regex = |pattern: &str| Regex::new(pattern).ok();
    Some(Forms {
        alias: regex(r"^(?:const|let|var)?\s*([A-Za-z_$][\w$]*)\s*=\s*(.+)$")?,
        set: regex(
            r#"^(?:pm\.(?:environment|collectionVariables|globals|variables)\.set|postman\.set(?:Environment|Global)Variable|client\.global\.set|bru\.set(?:Env|Global|Collection)?(?:Env)?Var)\(\s*["'`]([^"'`]{1,200})["'`]\s*,\s*(.+)\)$"#,
        )?,
        header: regex(
            r#"^(?:pm\.response\.headers\.get|postman\.getResponseHeader|res\.getHeader|response\.headers\.valueOf)\(\s*["'`]([\w-]{1,200})["'`]\s*\)$"#,
        )?,
        status: regex(
            r#"(?:to\.have\.status\(|(?:pm\.response\.code|responseCode\.code|response\.status|res\.status|res\.getStatus\(\))\)?\.?\s*(?:===?|to\.(?:be\.)?(?:equals?|eql?|deep\.equal)\()\s*)["'`]?([\w ]+?)["'`]?\s*\)*(?:,.*)?$"#,
        )?,
        statuses: regex(
            r"(?:pm\.response\.code|res\.status|response\.status)\)\.to\.be\.oneOf\(\s*\[([\d,\s]+)\]",
        )?,
        step: regex(
            r#"^(?:\??\.([A-Za-z_$][\w$]*)|(?:\?\.)?\[(\d{1,6})\]|(?:\?\.)?\[["']([^"'\\\]]{1,200})["']\])"#,
        )?,
        nothing: regex(
            r#"^(?:[\s)}(\];]*|//.*|console\.\w+\(.*\)|(?:pm\.test|client\.test|test|it|describe)\(\s*(?:"[^"]*"|'[^']*'|`[^`]*`)\s*,\s*(?:async\s*)?(?:function\s*\w*\s*\([^)]*\)|\([^)]*\)\s*=>)\s*\{|.*\.to\.be\.ok|pm\.response\.to\.be\.(?:ok|success)|"use strict"|import .*)$"#,
        )?,
    })
});

/// Applies a script that is played after the answer to its request. Gives the
/// lines that were not understood.
pub(super) fn after_answer(
    script: &str,
    request: &mut Request,
    variables: &mut Variables,
) -> Vec<usize> {
    let mut aliases = HashMap::new();
    let mut left = Vec::new();
    for (line, statement) in statements(script) {
        if !apply(&statement, &mut aliases, request, variables) && !left.contains(&line) {
            left.push(line);
        }
    }
    left
}

/// The names that a script gives to parts of answers.
pub(super) fn captured(script: &str) -> Vec<String> {
    let set = FORMS.iter().map(|forms| &forms.set);
    let all = statements(script).flat_map(|(_, statement)| {
        let found = set
            .clone()
            .filter_map(move |set| Some(set.captures(&statement)?[1].to_owned()));
        found.collect::<Vec<_>>()
    });
    all.collect()
}

/// What is said of lines that were not understood.
pub(super) fn left_out(lines: &[usize], what: &str) -> Option<String> {
    let shown: Vec<String> = lines.iter().take(10).map(ToString::to_string).collect();
    let more = if lines.len() > 10 { " and more" } else { "" };
    let plural = if lines.len() == 1 { "" } else { "s" };
    (!lines.is_empty()).then(|| {
        format!(
            "line{plural} {}{more} of its {what} is left out",
            shown.join(", ")
        )
    })
}

/// Lines, each at its statements: what one begins and ends on the same line is
/// looked at by itself.
fn statements(script: &str) -> impl Iterator<Item = (usize, String)> {
    let lines = script.lines().enumerate().take(MOST);
    lines.flat_map(|(index, line)| {
        let line = line.trim();
        let inside = line
            .split_once('{')
            .filter(|(before, _)| before.contains("function") || before.contains("=>"));
        let pieces = match inside {
            Some((before, after)) if !line.starts_with("//") => {
                let after = after.trim_end().trim_end_matches(';');
                let after = after.strip_suffix("})").unwrap_or(after);
                vec![format!("{before}{{"), after.to_owned()]
            }
            _ => vec![line.to_owned()],
        };
        let pieces = pieces.into_iter().flat_map(|piece| {
            let comment = piece.trim_start().starts_with("//");
            let split = if comment {
                vec![piece.as_str()]
            } else {
                piece.split("; ").collect()
            };
            let plain = |text: &str| {
                text.trim()
                    .trim_end_matches([';', '}', ' '])
                    .trim()
                    .to_owned()
            };
            split.into_iter().map(plain).collect::<Vec<_>>()
        });
        pieces
            .map(move |piece| (index + 1, piece))
            .collect::<Vec<_>>()
    })
}

fn apply(
    statement: &str,
    aliases: &mut HashMap<String, String>,
    request: &mut Request,
    variables: &mut Variables,
) -> bool {
    let Some(forms) = FORMS.as_ref() else {
        return false;
    };
    if forms.nothing.is_match(statement) {
        return true;
    }
    if let Some(set) = forms.set.captures(statement) {
        let (name, value) = (&set[1], set[2].trim());
        if let Some((kind, path)) = place(value, aliases, forms) {
            let name = variables.capture(name);
            request.captures.retain(|known| known.name != name);
            request.captures.push(Capture { name, kind, path });
            return true;
        }
        return literal(value).is_some_and(|value| variables.give(name, value));
    }
    if let Some(found) = forms.statuses.captures(statement) {
        let all = found[1]
            .split(',')
            .filter_map(|one| one.trim().parse().ok());
        request.status = all.collect();
        return !request.status.is_empty();
    }
    if let Some(found) = forms.status.captures(statement) {
        request.status.extend(status(&found[1]));
        return status(&found[1]).is_some();
    }
    let Some(alias) = forms.alias.captures(statement) else {
        return false;
    };
    match place(alias[2].trim(), aliases, forms) {
        Some(("jsonpath", path)) => {
            aliases.insert(alias[1].to_owned(), path);
            true
        }
        _ => false,
    }
}

/// Where in the answer an expression looks.
fn place(
    source: &str,
    aliases: &HashMap<String, String>,
    forms: &Forms,
) -> Option<(&'static str, String)> {
    if let Some(header) = forms.header.captures(source) {
        return Some(("header", header[1].to_owned()));
    }
    let whole = [
        "pm.response.json()",
        "JSON.parse(responseBody)",
        "JSON.parse(pm.response.text())",
        "response.body",
        "res.getBody()",
        "res.body",
    ];
    let whole = whole.iter().find_map(|start| source.strip_prefix(start));
    let (mut path, rest) = if let Some(rest) = whole {
        ("$".to_owned(), rest)
    } else {
        let end = source.find(['.', '[', '?']).unwrap_or(source.len());
        (aliases.get(&source[..end])?.clone(), &source[end..])
    };
    path.push_str(&json_path(rest)?);
    Some(("jsonpath", path))
}

/// `.a[0]["b c"]` as a part of a path in JSON.
pub(super) fn json_path(source: &str) -> Option<String> {
    let forms = FORMS.as_ref()?;
    let (mut path, mut rest) = (String::new(), source.trim());
    while !rest.is_empty() {
        let step = forms.step.captures(rest)?;
        if let Some(index) = step.get(2) {
            path.extend(["[", index.as_str(), "]"]);
        } else {
            let name = step.get(1).or(step.get(3))?;
            path.extend(["['", name.as_str(), "']"]);
        }
        rest = &rest[step.get(0)?.end()..];
    }
    Some(path)
}

fn literal(source: &str) -> Option<&str> {
    let quote = source.chars().next()?;
    let inside = source.strip_prefix(quote)?.strip_suffix(quote)?;
    let plain = matches!(quote, '"' | '\'' | '`') && !inside.contains([quote, '\\', '$']);
    if plain {
        return Some(inside);
    }
    source.parse::<f64>().ok().map(|_| source)
}

/// A status by its number or its name.
fn status(text: &str) -> Option<u16> {
    text.trim().parse().ok().or_else(|| {
        (100..600).find(|code| {
            let known = http::StatusCode::from_u16(*code).ok();
            let name = known.and_then(|known| known.canonical_reason());
            name.is_some_and(|name| name.eq_ignore_ascii_case(text.trim()))
        })
    })
}
