//! Several files, one behind the other, so that each place belongs to one of them.

use super::source::{Source, Span};

/// The file that was read first, and those that it names, each with its places
/// behind those of the files before it.
#[derive(Clone, Debug)]
pub struct SourceMap {
    first: Source,
    /// Each with the place of its first byte.
    others: Vec<(usize, Source)>,
}

impl SourceMap {
    /// One file.
    pub fn new(first: Source) -> Self {
        Self {
            first,
            others: Vec::new(),
        }
    }

    /// The file that was read first.
    pub fn first(&self) -> &Source {
        &self.first
    }

    /// The files, in the order in which they were read.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Source> {
        let others = self.others.iter().map(|(_, source)| source);
        std::iter::once(&self.first).chain(others)
    }

    /// Adds a file. Gives the place of its first byte.
    pub(crate) fn add(&mut self, source: Source) -> usize {
        let base = self.end();
        self.others.push((base, source));
        base
    }

    /// The place that the first byte of the next file will have.
    pub(crate) fn end(&self) -> usize {
        let (base, last) = self
            .others
            .last()
            .map_or((0, &self.first), |(base, last)| (*base, last));
        // One more, so that the end of a file is not the start of the next.
        base + last.text().len() + 1
    }

    /// The file that a place is in, and the place there.
    pub fn place(&self, span: Span) -> (&Source, Span) {
        let mut others = self.others.iter().rev();
        match others.find(|(base, _)| *base <= span.start) {
            Some((base, source)) => {
                let place = Span {
                    start: span.start - base,
                    end: span.end - base,
                };
                (source, place)
            }
            None => (&self.first, span),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SourceMap;
    use crate::language::source::{Source, Span};

    #[test]
    fn a_place_belongs_to_one_file() {
        let mut sources = SourceMap::new(Source::new("a", "12345"));
        let bases = [
            sources.add(Source::new("b", "")),
            sources.add(Source::new("c", "1")),
        ];
        assert_eq!(bases, [6, 7]);
        let found = [0, 5, 6, 7, 8].map(|start| {
            let (source, place) = sources.place(Span { start, end: start });
            (source.name().to_owned(), place.start)
        });
        let found: Vec<_> = found.iter().map(|(name, at)| (&**name, *at)).collect();
        assert_eq!(found, [("a", 0), ("a", 5), ("b", 0), ("c", 0), ("c", 1)]);
    }
}
