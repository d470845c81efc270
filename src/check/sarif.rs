//! For code hosts, which show it beside the line: SARIF 2.1.0.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{Finding, Form, findings};
use crate::engine::Inspected;
use crate::language::{Look, RULES};
use crate::shown;

pub(super) const FORM: Form = Form {
    name: "sarif",
    render,
};

fn render(inspected: &[Inspected], _: Look) -> String {
    let rules = RULES
        .iter()
        .map(|(id, about)| json!({"id": id, "shortDescription": {"text": about}}));
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "rehearse",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.collect::<Vec<Value>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": findings(inspected).iter().map(result).collect::<Vec<Value>>(),
        }],
    });
    shown::json(format!("{log:#}\n"))
}

fn result(finding: &Finding) -> Value {
    let text = match &finding.help {
        Some(help) => format!("{}: {help}", finding.message),
        None => finding.message.clone(),
    };
    json!({
        "ruleId": finding.rule,
        "level": finding.severity,
        "message": {"text": text},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(&finding.file)},
            "region": {
                "startLine": finding.line,
                "startColumn": finding.column,
                "endLine": finding.end_line,
                "endColumn": finding.end_column,
                "snippet": {"text": finding.excerpt},
            },
        }}],
    })
}

/// A path as a reference: what has a meaning in a URI is written as `%XX`.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a text does not fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_is_a_reference() {
        assert_eq!(uri("a/b.yaml"), "a/b.yaml");
        assert_eq!(uri("my file:é.yaml"), "my%20file%3A%C3%A9.yaml");
    }
}
