//! A file as it was read, and places in it.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use zeroize::Zeroizing;

use crate::{ceilings, files};

/// Most of a line that is shown, in bytes.
const SHOWN: usize = 400;

/// A range of bytes in a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The same place in a file that comes after `base` bytes of others.
    pub(crate) fn moved(self, base: usize) -> Self {
        Self {
            start: self.start + base,
            end: self.end + base,
        }
    }
}

/// The text of a file, with the name that messages give it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Source {
    name: Arc<str>,
    text: Arc<str>,
    /// Where lines begin, once somebody asks.
    lines: Arc<OnceLock<Vec<usize>>>,
}

impl Source {
    /// A text under a name.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
            lines: Arc::default(),
        }
    }

    /// Reads a file; its name is the path as given.
    ///
    /// # Errors
    /// When the file cannot be read, is longer than anybody would write it, or is
    /// not UTF-8: then the error says where.
    pub fn read(path: &Path) -> io::Result<Self> {
        let bytes = files::read(path, ceilings::YAML)?;
        Self::of_bytes(path.display().to_string(), bytes)
    }

    /// Reads a stream to its end, such as standard input, under a name.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn read_stream(name: &str, stream: &mut impl io::Read) -> io::Result<Self> {
        Self::of_bytes(name.to_owned(), files::read_stream(stream, ceilings::YAML)?)
    }

    fn of_bytes(name: String, mut bytes: Zeroizing<Vec<u8>>) -> io::Result<Self> {
        let text = String::from_utf8(std::mem::take(&mut *bytes)).map_err(|error| {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let (line, column) = position(good);
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("line {line}, column {column} is not UTF-8: save the file as UTF-8"),
            )
        })?;
        Ok(Self::new(name, text))
    }

    /// The name that messages give it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name without folder and extension.
    pub(crate) fn stem(&self) -> String {
        let name = std::path::Path::new(&*self.name);
        let stem = name.file_stem().unwrap_or(name.as_os_str());
        stem.to_string_lossy().into_owned()
    }

    /// Line and column, from 1, of a byte.
    pub fn position(&self, at: usize) -> (usize, usize) {
        let at = at.min(self.text.len());
        let starts = self.starts();
        let line = starts.partition_point(|start| *start <= at);
        let start = starts.get(line - 1).copied().unwrap_or_default();
        let before = self.text.as_bytes().get(start..at).unwrap_or_default();
        (line, String::from_utf8_lossy(before).chars().count() + 1)
    }

    /// The line that a byte is in, without its end.
    pub(crate) fn line_at(&self, at: usize) -> Range<usize> {
        let starts = self.starts();
        let line = starts.partition_point(|start| *start <= at);
        let start = starts.get(line - 1).copied().unwrap_or_default();
        let end = starts.get(line).map_or(self.text.len(), |next| next - 1);
        start..end
    }

    /// What is shown of the line that a byte is in: all of it, or what is around
    /// that byte when it is long.
    pub fn excerpt(&self, at: usize) -> &str {
        let range = self.shown_at(at..at);
        let line = self.text.get(range).unwrap_or_default();
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// The part of the first line of a place that is shown.
    pub(crate) fn shown_at(&self, place: Range<usize>) -> Range<usize> {
        let line = self.line_at(place.start);
        if line.len() <= SHOWN {
            return line;
        }
        let mut start = place.start.saturating_sub(SHOWN / 2).max(line.start);
        let mut end = (place.start + SHOWN / 2).min(line.end);
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        start..end
    }

    fn starts(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let ends = self.text.match_indices('\n');
            std::iter::once(0)
                .chain(ends.map(|(end, _)| end + 1))
                .collect()
        })
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Line and column, from 1, of what comes after `before`.
fn position(before: &[u8]) -> (usize, usize) {
    let mut lines = before.split(|byte| *byte == b'\n').rev();
    let last = String::from_utf8_lossy(lines.next().unwrap_or_default());
    (lines.count() + 1, last.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn a_file_that_is_not_utf8_is_refused_with_the_place() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"name: a\nvars: {b: \xff}\n").unwrap();
        let error = Source::read(file.path()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2, column 11 is not UTF-8: save the file as UTF-8"
        );
    }

    #[test]
    fn a_place_has_a_line_a_column_and_an_excerpt() {
        let source = Source::new("a", "é: 1\r\nbc\n\nd");
        let places: Vec<_> = [0, 2, 8, 10, 11, 12, 99]
            .map(|at| source.position(at))
            .into();
        assert_eq!(
            places,
            [(1, 1), (1, 2), (2, 2), (3, 1), (4, 1), (4, 2), (4, 2)]
        );
        assert_eq!(source.excerpt(3), "é: 1");
        assert_eq!(source.excerpt(10), "");
        assert_eq!(source.excerpt(12), "d");
        let long = Source::new("a", format!("x\n{}y", "é".repeat(4000)));
        assert!((400..404).contains(&long.excerpt(4001).len()));
        assert!(long.excerpt(8002).ends_with("éy"));
    }

    #[test]
    fn a_file_without_end_is_refused() {
        let error = Source::read(std::path::Path::new("/dev/zero")).unwrap_err();
        assert_eq!(error.to_string(), "it is a device, not a file");
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(16 * 1024 * 1024 + 1).unwrap();
        let error = Source::read(file.path()).unwrap_err();
        assert_eq!(error.to_string(), "it has more than 16 MiB");
    }

    #[test]
    fn a_file_keeps_the_name_it_was_asked_for_by() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "name: é").unwrap();
        let source = Source::read(file.path()).unwrap();
        assert_eq!(source.name(), file.path().display().to_string());
        assert_eq!(source.text(), "name: é");
    }
}
