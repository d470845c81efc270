//! Characters that are not what they look like, made visible.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character is a command or cannot be seen: control characters (C0,
/// DEL, C1), marks of direction, what Unicode lets displays leave out, and what
/// is no character. Those that choose the picture of the one before them
/// (`U+FE00` to `U+FE0F`) are a part of it.
pub(crate) fn is_hidden(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
        // The last two of each plane.
        || u32::from(c) & 0xfffe == 0xfffe
}

/// A text of several lines: line ends and tabs stay.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    escaped(text, |c| is_hidden(c) && !matches!(c, '\n' | '\t'))
}

/// A text that must stay on its line: a line end in a name would begin a line of
/// its own making.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    escaped(text, is_hidden)
}

fn escaped(text: &str, hidden: impl Fn(char) -> bool + Copy) -> Cow<'_, str> {
    let Some(first) = text.find(hidden) else {
        return text.into();
    };
    let (before, rest) = text.split_at(first);
    let mut out = before.to_owned();
    for c in rest.chars() {
        match c {
            '\n' | '\r' | '\t' if hidden(c) => out.extend(c.escape_default()),
            _ if hidden(c) => out.extend(c.escape_unicode()),
            _ => out.push(c),
        }
    }
    out.into()
}

/// A JSON text in which nothing is hidden. Between its strings there are line
/// ends at most, and in them such a character is `\uXXXX`.
pub(crate) fn json(text: String) -> String {
    let hidden = |c: char| is_hidden(c) && c != '\n';
    if !text.contains(hidden) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a text does not fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// The first `most` characters of a text, and `…` for the others where there are some.
pub(crate) fn clipped(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{is_hidden, json, line, text};

    #[test]
    fn what_commands_or_hides_is_shown() {
        let bad = "\u{1b}]0;t\u{7}\u{9b}31m\u{7f}\r\u{202e}\u{2066}\u{200f}\u{61c}\u{200b}\u{feff}\u{e0041}";
        assert_eq!(
            text(bad),
            r"\u{1b}]0;t\u{7}\u{9b}31m\u{7f}\r\u{202e}\u{2066}\u{200f}\u{61c}\u{200b}\u{feff}\u{e0041}"
        );
        assert_eq!(text("a\n\tb"), "a\n\tb");
        assert_eq!(line("a\n\tb"), r"a\n\tb");
        for good in ["✓ é 日本 العربية ⚠\u{fe0f} 👍🏽", ""] {
            assert_eq!(line(good), good);
        }
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(given in any::<String>()) {
            prop_assert!(!line(&given).contains(is_hidden));
            prop_assert!(!text(&given).contains(|c| is_hidden(c) && c != '\n' && c != '\t'));
            let written = json(serde_json::to_string(&given).unwrap());
            prop_assert!(!written.contains(is_hidden));
            prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), given);
        }
    }
}
