//! Names as they may stand in the formats that have characters of their own.
//! A scenario may be called anything, `<script>` too.

use std::fmt::Write;

use crate::shown::{self, is_hidden};

/// For text and quoted attributes of XML and HTML.
pub(crate) fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Attributes would lose these.
            '\n' | '\t' => {
                let _ = write!(out, "&#{};", c as u32);
            }
            c if is_hidden(c) => out.extend(c.escape_unicode()),
            _ => out.push(c),
        }
    }
    out
}

/// For a cell of a Markdown table, where HTML counts too.
pub(crate) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '~' | '#' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            // An `@` would call somebody.
            '@' => out.push_str("&#64;"),
            '\n' | '\t' | '\r' => out.push(' '),
            c if is_hidden(c) => {
                out.push('\\');
                out.extend(c.escape_unicode());
            }
            _ => out.push(c),
        }
    }
    out
}

/// For the value of a label in the format of Prometheus and OpenMetrics.
pub(super) fn label(text: &str) -> String {
    shown::text(text)
        .replace('\\', r"\\")
        .replace('"', r#"\""#)
        .replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{label, markdown, markup};

    #[test]
    fn what_means_something_is_escaped() {
        assert_eq!(
            markup("<a href=\"x\">&'\n\u{1}"),
            r"&lt;a href=&quot;x&quot;&gt;&amp;&#39;&#10;\u{1}"
        );
        assert_eq!(markdown("a|b\n<i>@x"), r"a\|b &lt;i&gt;&#64;x");
        assert_eq!(label("a\\\"b\"\n"), r#"a\\\"b\"\n"#);
    }

    proptest! {
        #[test]
        fn nothing_gets_out(text in "\\PC*[<>\"'&|\n]{0,8}\\PC*") {
            let escaped = markup(&text);
            prop_assert!(!escaped.contains(['<', '>', '"', '\'', '\n']));
            prop_assert!(!markdown(&text).contains(['<', '>', '\n']));
            let label = label(&text);
            prop_assert!(!label.contains('\n'));
            prop_assert!(!label.replace(r"\\", "").replace(r#"\""#, "").contains('"'));
        }
    }
}
