//! A text as people read it, and what is special about places in it.

use std::ops::Range;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// The first of ten digits, in scripts that have their own (Unicode, Nd).
const ZEROS: [u32; 19] = [
    0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66,
    0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x17e0, 0x1810, 0xff10,
];

/// A text as people read it: one kind of digits, of spaces and of dashes, and
/// nothing that has no width.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub struct Body {
    text: String,
    #[zeroize(skip)]
    marks: Vec<(Range<usize>, Mark)>,
}

/// What is special about a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// In a heading, larger than the rest, or bold with no letter beside it.
    Emphasised,
    /// Quoted from another mail.
    Quoted,
}

impl<S: AsRef<str>> From<S> for Body {
    fn from(text: S) -> Self {
        let mut read = Self::default();
        read.push(text.as_ref());
        read
    }
}

impl Body {
    /// The text itself.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether there is nothing to read.
    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Adds a text as people read it.
    pub(super) fn push(&mut self, text: &str) {
        self.text.reserve(text.len());
        for c in text.chars() {
            let number = u32::from(c);
            let zero = ZEROS
                .iter()
                .find(|zero| (**zero..**zero + 10).contains(&number));
            match c {
                '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
                | '\u{feff}' | '\u{ad}' | '\u{34f}'
                // and what makes keys of digits
                | '\u{fe0f}' | '\u{20e3}' => {}
                '\u{2010}'..='\u{2013}' | '\u{2212}' => self.text.push('-'),
                '\n' | '\r' | '\t' => self.text.push(c),
                _ if c.is_whitespace() => self.text.push(' '),
                _ => match zero.and_then(|zero| char::from_digit(number - zero, 10)) {
                    Some(digit) => self.text.push(digit),
                    None => self.text.push(c),
                },
            }
        }
    }

    /// Adds another text on lines of its own, with all its marks.
    pub(super) fn append(&mut self, other: &Self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let start = self.text.len();
        self.text.push_str(&other.text);
        let moved = other.marks.iter();
        self.marks
            .extend(moved.map(|(place, mark)| (place.start + start..place.end + start, *mark)));
    }

    /// Says something of a place.
    pub(super) fn mark(&mut self, place: Range<usize>, mark: Mark) {
        self.marks.push((place, mark));
    }

    /// Whether something of a place is marked so.
    pub(super) fn is_marked(&self, place: &Range<usize>, mark: Mark) -> bool {
        self.marks
            .iter()
            .any(|(it, its)| *its == mark && it.start < place.end && place.start < it.end)
    }
}
