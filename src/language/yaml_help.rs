//! What most often is the reason when a file is no YAML, and how it is written.

use serde_yaml::granit_parser::{ErrorKind, ScanError};

/// Most characters of a value that is repeated.
const MOST: usize = 80;

/// The value in quotes that begins with a template whose second brace is here; a
/// short one is repeated whole.
pub(super) fn quoted(source: &str, second: usize) -> String {
    let rest = source.get(second + 1..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    in_quotes("{{", line).unwrap_or_else(|| "\"{{ … }}\"".to_owned())
}

/// A value in quotes: what stands before the template's inside, and the rest of the
/// line, of which what follows the value is left out.
fn in_quotes(before: &str, rest: &str) -> Option<String> {
    let (inside, after) = rest.split_once("}}")?;
    let end = after.find([',', '}', ']']).unwrap_or(after.len());
    let after = after[..end].split(" #").next().unwrap_or_default();
    let value = format!("{before}{inside}}}}}{}", after.trim_end());
    let is_short = value.chars().count() <= MOST && !value.contains(['"', '\\']);
    is_short.then(|| format!("\"{value}\""))
}

/// A value of a mapping or list in braces that has a template in it, and no quotes.
fn unquoted(line: &str) -> Option<String> {
    let (before, rest) = line.split_once("{{")?;
    let start = before.rfind(['{', '[', ','])? + 1;
    let entry = before[start..].trim_start();
    let value = entry.split_once(": ").map_or(entry, |(_, value)| value);
    let is_text = !value.is_empty() && !value.contains(['"', '\'', ':']);
    is_text.then(|| in_quotes(&format!("{value}{{{{"), rest))?
}

/// How to write it, as far as the line tells.
pub(super) fn hint(error: &ScanError, line: &str) -> String {
    let is_second_colon = error
        .kind()
        .to_string()
        .contains("mapping values are not allowed");
    if let Some((key, value)) = line.split_once(": ").filter(|_| is_second_colon)
        && value.contains(": ")
        && !value.contains(['"', '\\'])
    {
        let (key, value) = (key.trim_start(), value.trim());
        return format!("a text with `: ` in it needs quotes\n  {key}: \"{value}\"");
    }
    if let Some(value) = unquoted(line) {
        return format!("a text with a template in it needs quotes\n  {value}");
    }
    usual_hint(error, line).to_owned()
}

fn usual_hint(error: &ScanError, line: &str) -> &'static str {
    let indentation = line.len() - line.trim_start().len();
    let value = line
        .split_once(": ")
        .map_or(line, |(_, value)| value)
        .trim();
    let value = value.trim_start_matches("- ").trim_start();
    if line[..indentation].contains('\t') {
        "indent with spaces: YAML takes no tabs"
    } else if value.starts_with("{{") || (value.starts_with('[') && value.contains("{{")) {
        "put templates in quotes: \"{{ … }}\""
    } else if value.starts_with(['"', '\'']) && value.contains("==") {
        "put the whole condition in quotes, of the other kind"
    } else if matches!(error.kind(), ErrorKind::UnknownAnchor) {
        "a value that begins with `*` is an alias to YAML: put a text in quotes"
    } else {
        "look at the indentation, at brackets and quotes that are not closed, \
         and at texts with `: ` or ` #` in them that need quotes"
    }
}
