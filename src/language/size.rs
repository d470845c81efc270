//! Sizes as a user writes them: `512KiB`, `64MiB`, `1GiB`.

use serde_json::Value as Json;

use super::node::Node;
use super::problem::Report;
use super::read::{Read, scalar};
use super::shape::{Shape, Written};
use crate::numbers::size;

/// Units, longest name first, in bytes.
const UNITS: &[(&str, u64)] = &[
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub u64);

impl Size {
    /// Reads `64MiB`.
    fn parse(text: &str) -> Option<Self> {
        let found = UNITS.iter().find_map(|(unit, factor)| {
            let number = text.strip_suffix(unit)?;
            Some((number.trim_end(), *factor))
        });
        let (number, factor) = found?;
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let number: u64 = number.parse().ok().filter(|_| digits)?;
        number.checked_mul(factor).map(Self)
    }
}

impl Written for Size {
    fn written(&self) -> Json {
        Json::from(size(self.0).replace(' ', ""))
    }
}

impl<C: Report> Read<C> for Size {
    const EXPECTED: &'static str = "a size such as `512KiB` or `64MiB`";

    fn read(node: &Node, cx: &mut C) -> Option<Self> {
        let text = &scalar::<Self, C>(node, cx)?.text.text;
        let read = Self::parse(text);
        if read.is_none() {
            cx.problems().problem(
                node.span,
                format!("`{text}` is not a size"),
                "a whole number and its unit: `B`, `KiB`, `MiB` or `GiB`, as in `64MiB`",
            );
        }
        read
    }

    fn shape() -> Shape {
        let units: Vec<&str> = UNITS.iter().map(|(unit, _)| *unit).collect();
        let pattern = format!("^[0-9]+ ?({})$", units.join("|"));
        Shape::Form(pattern, "size such as `64MiB`", "64MiB")
    }
}

#[cfg(test)]
mod tests {
    use super::{Size, Written};

    #[test]
    fn sizes_are_read_as_written() {
        for (text, expected) in [
            ("0B", Some(0)),
            ("7B", Some(7)),
            ("512KiB", Some(512 << 10)),
            ("64 MiB", Some(64 << 20)),
            ("1GiB", Some(1 << 30)),
            ("64", None),
            ("64MB", None),
            ("1.5MiB", None),
            ("+1MiB", None),
            ("-1B", None),
            ("MiB", None),
            ("", None),
            ("99999999999999GiB", None),
        ] {
            assert_eq!(Size::parse(text).map(|size| size.0), expected, "{text}");
        }
        for (bytes, expected) in [(0, "0B"), (1 << 20, "1MiB"), (1025, "1025B")] {
            assert_eq!(Size(bytes).written(), expected);
        }
    }
}
