//! Types of contents.

use std::path::Path;

use reqwest::header::HeaderValue;

use crate::document::ReadContext;
use crate::expression::{Outline, TextTemplate};
use crate::language::Span;

/// What files are by the ends of their names. The list is for what people send
/// to servers; for everything else a scenario can say the type.
const BY_ENDING: &[(&str, &str)] = &[
    ("csv", "text/csv"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("html", "text/html"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("md", "text/markdown"),
    ("mp4", "video/mp4"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("txt", "text/plain"),
    ("webp", "image/webp"),
    ("xml", "application/xml"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
    ("zip", "application/zip"),
];

/// The type of a file, by its name.
pub(super) fn of_file(path: &str) -> &'static str {
    let ending = Path::new(path)
        .extension()
        .and_then(|ending| ending.to_str());
    let ending = ending.map(str::to_lowercase).unwrap_or_default();
    let known = BY_ENDING.iter().find(|(known, _)| *known == ending);
    known.map_or("application/octet-stream", |(_, kind)| kind)
}

/// A type as a header, or why it is none.
pub(super) fn header(kind: &str) -> Result<HeaderValue, String> {
    let (main, rest) = kind.split_once('/').unwrap_or_default();
    if main.trim().is_empty() || rest.trim().is_empty() {
        return Err(format!("`{kind}` is no content type"));
    }
    HeaderValue::from_str(kind).map_err(|_| "a content type holds no line breaks".to_owned())
}

/// What can be told of a type before its expressions have values.
pub(super) fn check(kind: &TextTemplate, span: Span, cx: &mut ReadContext) {
    let parts: Vec<Outline<'_>> = kind.outline().collect();
    let problem = match parts.as_slice() {
        [] => header("").err(),
        [Outline::Literal(text)] => header(text).err(),
        _ => None,
    };
    if let Some(message) = problem {
        cx.problem(span, message, "for example `image/png`");
    }
}

#[cfg(test)]
mod tests {
    use super::{BY_ENDING, header, of_file};

    #[test]
    fn a_file_is_what_its_name_ends_with() {
        assert_eq!(of_file("a/b.PNG"), "image/png");
        assert_eq!(of_file("a.png/b"), "application/octet-stream");
        for (_, kind) in BY_ENDING {
            assert!(header(kind).is_ok(), "{kind}");
        }
        assert!(header("png").is_err() && header("a/b\r\nX: y").is_err());
    }
}
