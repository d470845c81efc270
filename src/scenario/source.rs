//! A file as it was read, and places in it.

use std::io;
use std::path::Path;
use std::sync::Arc;

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
    pub(super) fn moved(self, base: usize) -> Self {
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
}

impl Source {
    /// A text under a name.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }

    /// Reads a file; its name is the path as given.
    ///
    /// # Errors
    /// When the file cannot be read, or is not UTF-8: then the error says
    /// where.
    pub fn read(path: &Path) -> io::Result<Self> {
        let bytes = std::fs::read(path)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let (line, column) = position(good);
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("line {line}, column {column} is not UTF-8: save the file as UTF-8"),
            )
        })?;
        Ok(Self::new(path.display().to_string(), text))
    }

    /// The name that messages give it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Line and column, from 1, of a byte.
    pub fn position(&self, at: usize) -> (usize, usize) {
        let before = self.text.as_bytes().get(..at);
        position(before.unwrap_or(self.text.as_bytes()))
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
    fn a_file_keeps_the_name_it_was_asked_for_by() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "name: é").unwrap();
        let source = Source::read(file.path()).unwrap();
        assert_eq!(source.name(), file.path().display().to_string());
        assert_eq!(source.text(), "name: é");
    }
}
