//! Secrets in texts of any kind, and the variables that stand for them.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::names::Names;
use super::text::{expression, has_expression, parts, word};
use crate::shown::is_secret_name;

/// Values shorter than this are not looked for where no name leads to them.
const SHORTEST: usize = 8;

/// Names with values: in JSON, in JSON within JSON, in XML, in forms and queries.
/// The last two groups of each are the name and the value.
/// Each with what a text must have, so that long ones are not looked through for
/// nothing.
static NAMED: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    [
        (
            "\":",
            r#"((?-u:[\w.-]){1,64})\\*"\s*:\s*\\*"((?:[^"\\]|\\[^"])+)\\*""#,
        ),
        (
            "\" :",
            r#"((?-u:[\w.-]){1,64})\\*"\s*:\s*\\*"((?:[^"\\]|\\[^"])+)\\*""#,
        ),
        (
            "</",
            r"<(?:\w+:)?([\w.-]{1,64})(?:\s[^<>]*)?>\s*([^<>\s][^<>]*?)\s*</",
        ),
        ("=", r#"((?-u:[\w.-]){1,64})\s?=\s?["']([^"'<>]+)["']"#),
        (
            "=",
            r#"(?:^|[?&;\s])((?-u:[\w.\[\]-]){1,64})=([^&;\s"'<>]+)"#,
        ),
        (
            "/",
            r#"/(?i:((?:[a-z]+[_-])?(?:token|password|api[_-]?key)))/([^/?&\s"'<>]{6,})"#,
        ),
        (" ", r"\b(?i:(Bearer|Basic))\s+([A-Za-z0-9+/=._~-]{8,})"),
    ]
    .iter()
    .filter_map(|(needed, pattern)| Some((*needed, Regex::new(pattern).ok()?)))
    .collect()
});

/// Values that are secrets whatever they are called: JSON Web Tokens, and keys
/// of services that begin as those do.
static KNOWN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"\b(eyJ[\w-]{6,}\.[\w-]+\.[\w-]*|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|[sr]k_(?:live|test)_\w{10,}|xox[abprs]-[\w-]{10,}|AKIA[A-Z0-9]{16}|AIza[\w-]{30,}|SG\.[\w-]{16,}\.[\w-]{16,}|npm_\w{30,})",
    )
    .ok()
});

/// Secrets by their values.
#[derive(Clone, Debug, Default)]
pub(super) struct Secrets {
    /// Each with its variable.
    known: HashMap<String, String>,
    /// Those that are looked for in texts, by their first bytes.
    by_start: HashMap<Vec<u8>, Vec<String>>,
    names: Names,
}

impl Secrets {
    /// The variable that stands for a value of this name: the same for the same
    /// value.
    pub fn variable(&mut self, name: &str, value: &str) -> String {
        if let Some(variable) = self.known.get(value) {
            return variable.clone();
        }
        // Not a word that expressions know already.
        let variable = self.names.variable(&format!("secret_{}", word(name)));
        self.known.insert(value.to_owned(), variable.clone());
        if let Some(start) = value.as_bytes().get(..SHORTEST) {
            let known = self.by_start.entry(start.to_owned()).or_default();
            known.push(value.to_owned());
        }
        variable
    }

    /// A text with variables in the place of its secrets.
    pub fn seal(&mut self, text: &str) -> String {
        let mut out = String::new();
        for part in parts(text) {
            match part {
                Ok(text) => out.push_str(&self.seal_plain(text)),
                Err(source) => out.push_str(&expression(source)),
            }
        }
        out
    }

    fn seal_plain(&mut self, text: &str) -> String {
        let mut places: Vec<(usize, usize, String)> = Vec::new();
        let needed = NAMED.iter().filter(|(needed, _)| text.contains(needed));
        for (_, pattern) in needed {
            for found in pattern.captures_iter(text) {
                let (Some(name), Some(value)) = (found.get(1), found.get(2)) else {
                    continue;
                };
                let scheme = matches!(name.as_str(), "Bearer" | "Basic" | "bearer" | "basic");
                if (scheme || is_secret_name(name.as_str())) && !is_word_of_form(value.as_str()) {
                    let name = if scheme { "token" } else { name.as_str() };
                    let variable = self.variable(name, value.as_str());
                    places.push((value.start(), value.end(), variable));
                }
            }
        }
        let known = KNOWN.iter().flat_map(|pattern| pattern.find_iter(text));
        for found in known {
            let variable = self.variable("token", found.as_str());
            places.push((found.start(), found.end(), variable));
        }
        self.known_in(text, &mut places);
        replace(text, places)
    }

    /// Where secrets that are known stand in a text.
    fn known_in(&self, text: &str, places: &mut Vec<(usize, usize, String)>) {
        if self.by_start.is_empty() {
            return;
        }
        for (at, start) in text.as_bytes().windows(SHORTEST).enumerate() {
            for value in self.by_start.get(start).into_iter().flatten() {
                if text.as_bytes()[at..].starts_with(value.as_bytes())
                    && let Some(variable) = self.known.get(value)
                {
                    places.push((at, at + value.len(), variable.clone()));
                }
            }
        }
    }
}

/// What stands in a text of a protocol, and is nobody's secret.
fn is_word_of_form(value: &str) -> bool {
    matches!(value, "true" | "false" | "null" | "none") || has_expression(value)
}

/// A text with expressions in some places; where they overlap, the first and
/// longest one counts.
pub(super) fn replace(text: &str, mut places: Vec<(usize, usize, String)>) -> String {
    places.sort_by_key(|(start, end, _)| (*start, usize::MAX - end));
    let mut out = String::new();
    let mut at = 0;
    for (start, end, source) in places {
        if start < at {
            continue;
        }
        out.push_str(&text[at..start]);
        out.push_str(&expression(&source));
        at = end;
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::Secrets;

    #[test]
    fn secrets_are_found_in_texts_of_any_kind() {
        for text in [
            r#"{"user": "ada", "password": "hunter22"}"#,
            r#"{"a": "{\"password\": \"hunter22\", \"b\": 1}"}"#,
            "{\"a\":1}\n{\"api_key\":\"hunter22\"}\n",
            "<login><user>ada</user><password>hunter22</password></login>",
            "<x password=\"hunter22\"/>",
            "a=b&access_token=hunter22&c=d",
            "/reset/token/hunter22/now",
            "Authorization: Bearer hunter22",
        ] {
            let mut secrets = Secrets::default();
            let sealed = secrets.seal(text);
            assert!(!sealed.contains("hunter22"), "{sealed}");
            assert!(!secrets.seal("x hunter22 y").contains("hunter22"));
        }
        let mut secrets = Secrets::default();
        for text in [
            "/x/eyJhbGciOiJI.eyJzdWIiOiIx.c2ln",
            "k=ghp_0123456789012345678901234567890",
        ] {
            assert!(secrets.seal(text).contains('\u{fdd0}'), "{text}");
        }
        assert_eq!(secrets.seal("token_type=x&a=b"), "token_type=x&a=b");
    }
}
