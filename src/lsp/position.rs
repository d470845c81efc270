//! Places as editors count them: lines from 0, and in them units of UTF-16.

use lsp_types::{Position, Range};

use crate::language::{Source, Span};

/// The place of a byte.
fn position(source: &Source, at: usize) -> Position {
    let (line, _) = source.position(at);
    let start = source.line_at(at).start;
    let before = source.text().get(start..at).unwrap_or_default();
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Position::new(number(line - 1), number(before.encode_utf16().count()))
}

/// The places of a span.
pub(super) fn range(source: &Source, span: Span) -> Range {
    Range::new(position(source, span.start), position(source, span.end))
}

/// All of a text.
pub(super) fn whole(source: &Source) -> Range {
    let end = source.text().len();
    range(source, Span { start: 0, end })
}

/// The byte at a place; beyond the end of a line, that end.
pub(super) fn offset(text: &str, place: Position) -> usize {
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if number == place.line as usize {
            let line = line.trim_end_matches(['\n', '\r']);
            let mut units = 0;
            let after = line.char_indices().find(|(_, c)| {
                let here = units >= place.character as usize;
                units += c.len_utf16();
                here
            });
            return start + after.map_or(line.len(), |(at, _)| at);
        }
        start += line.len();
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{offset, position};
    use crate::language::Source;

    #[test]
    fn units_of_utf16_are_counted() {
        let source = Source::new("a", "é: 𝄞x\r\nb\n");
        for (at, line, character) in [
            (0, 0, 0),
            (2, 0, 1),
            (8, 0, 5),
            (9, 0, 6),
            (11, 1, 0),
            (13, 2, 0),
        ] {
            let place = position(&source, at);
            assert_eq!((place.line, place.character), (line, character), "{at}");
            assert_eq!(offset(source.text(), place), at);
        }
        let beyond = lsp_types::Position::new(0, 99);
        assert_eq!(offset(source.text(), beyond), 9);
        assert_eq!(offset(source.text(), lsp_types::Position::new(99, 0)), 13);
    }
}
