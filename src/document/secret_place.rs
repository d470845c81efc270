//! Where secrets are: in the file itself, in the environment, in a
//! file of their own.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use secrecy::SecretString;

use super::context::{Field, ReadContext};
use crate::language::field::Table;
use crate::language::node::{Node, Text, Value};
use crate::language::read::Read;
use crate::language::shape::Shape;
use crate::{ceilings, files};

const ENV: Field<Text> =
    Field::new("env", "variable of the environment that holds it").example("PASSWORD");
const FILE: Field<Text> = Field::new(
    "file",
    "path of a file that holds it and nothing else, and that is its owner's alone",
)
.example("password.txt");

/// One of them.
const FIELDS: Table = Table {
    what: "a secret",
    keys: &[&[ENV.key(), FILE.key()]],
};

/// A text that may be `${NAME}`, or where else the secret is.
pub fn secret_shape() -> Shape {
    Shape::Text.or(FIELDS.shape())
}

/// A text, `${NAME}` or `{env: NAME}` for what the environment holds, or
/// `{file: PATH}` for what a file does.
impl Read<ReadContext> for SecretString {
    const EXPECTED: &'static str = "a text, `${NAME}`, `{env: NAME}` or `{file: PATH}`";

    fn shape() -> Shape {
        Shape::Named("secret")
    }

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        cx.files.secrets.push(node.span);
        match &node.value {
            Value::Scalar(scalar) => match scalar.text.text.strip_prefix("${") {
                None => Some(Self::from(scalar.text.text.as_str())),
                Some(rest) => short_form(&scalar.text, rest, cx),
            },
            Value::Map(_) => {
                let mut fields = FIELDS.open(node, cx)?;
                let file = fields.has("file");
                let (name, path) = if file {
                    (fields.get(&ENV, cx), fields.get(&FILE, cx))
                } else {
                    (fields.require(&ENV, cx), None)
                };
                if name.is_some() && file {
                    let message = "a secret has both `env` and `file`";
                    cx.problem(fields.span(), message, "remove one of them");
                }
                fields.finish(cx);
                match path {
                    Some(path) => in_file(&path, cx),
                    None => in_environment(&name?, cx),
                }
            }
            _ => {
                cx.mismatch(node, Self::EXPECTED);
                None
            }
        }
    }
}

/// What comes after `${`.
fn short_form(text: &Text, rest: &str, cx: &mut ReadContext) -> Option<SecretString> {
    let good = |name: &str| {
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
        !name.is_empty() && name.chars().all(letters)
    };
    let Some(name) = rest.strip_suffix('}').filter(|name| good(name)) else {
        cx.problem(
            text.span,
            "a variable of the environment is not written like this",
            "write `${NAME}` and nothing else, or `{env: NAME}`",
        );
        return None;
    };
    let name = Text {
        text: name.to_owned(),
        ..text.clone()
    };
    in_environment(&name, cx)
}

fn in_environment(name: &Text, cx: &mut ReadContext) -> Option<SecretString> {
    let environment = &cx.names.environment;
    match environment.get_for(&name.text, cx.files.is_own(name.span)) {
        Some(value) if !value.is_empty() => Some(SecretString::from(value)),
        _ => {
            environment.missing(name.span, &name.text, &mut cx.problems);
            // Nobody will see it.
            environment
                .is_only_checked()
                .then(|| SecretString::from("unset"))
        }
    }
}

fn in_file(path: &Text, cx: &mut ReadContext) -> Option<SecretString> {
    if !cx.may_open(path) {
        return None;
    }
    match read_file(Path::new(&path.text)) {
        Ok(secret) => Some(secret),
        Err((reason, help)) => {
            let message = format!("cannot take a secret from {}: {reason}", path.text);
            cx.problem(path.span, message, help);
            None
        }
    }
}

/// What such a file is.
const WHOLE: &str = "a file with the secret and nothing else";

/// The text of a file that is its owner's alone, without the end of its line.
pub(crate) fn read_file(path: &Path) -> Result<SecretString, (String, &'static str)> {
    let io = |error: std::io::Error| {
        let help = "the path is relative to the file that it is written in";
        (error.to_string(), help)
    };
    let file = files::open(path).map_err(io)?;
    let mode = file.metadata().map_err(io)?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        let reason = format!("others can read it or write to it (mode {mode:04o})");
        return Err((reason, "make it yours alone: `chmod 600`"));
    }
    let content = files::read_opened(file, ceilings::SECRET);
    let content = content.map_err(|error| (error.to_string(), WHOLE))?;
    let text = std::str::from_utf8(&content)
        .map_err(|error| (error.to_string(), "a secret is a text in UTF-8"))?;
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(("it is empty".to_owned(), WHOLE));
    }
    Ok(SecretString::from(line))
}
