//! How an element looks, as far as it is seen and stands out.

use simplecss::Declaration;

/// Pixels of a text that says no size.
const SIZE: f64 = 16.0;
/// Largest size, in pixels, that nobody can read: a point.
const TINY: f64 = 1.4;
/// Pixels of sizes that have names, and of those of `<font>`.
const SIZES: [(&str, f64); 7] = [
    ("x-small", 10.0),
    ("small", 13.0),
    ("medium", 16.0),
    ("large", 18.0),
    ("x-large", 24.0),
    ("xx-large", 32.0),
    ("xxx-large", 48.0),
];

/// A colour, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Colour {
    Rgb([u8; 3]),
    Transparent,
    Unknown,
}

/// How heavy a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    Usual,
    Bold,
    Heading,
}

/// How the text of an element looks.
#[derive(Clone, Debug)]
pub(super) struct Look {
    /// Nothing in it is seen, whatever it says of itself.
    pub(super) is_hidden: bool,
    pub(super) weight: Weight,
    pub(super) is_quoted: bool,
    /// Spaces and lines are shown as they are.
    pub(super) is_verbatim: bool,
    /// In pixels.
    pub(super) size: f64,
    ink: Colour,
    paper: Colour,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            is_hidden: false,
            weight: Weight::Usual,
            is_quoted: false,
            is_verbatim: false,
            size: SIZE,
            ink: Colour::Rgb([0; 3]),
            paper: Colour::Rgb([255; 3]),
        }
    }
}

impl Look {
    /// Whether its text can be read.
    pub(super) fn is_seen(&self) -> bool {
        !self.is_hidden
            && self.size > TINY
            && self.ink != Colour::Transparent
            && (self.ink != self.paper || self.ink == Colour::Unknown)
    }

    /// The look of an element of this name in one of this look, before sheets are read.
    pub(super) fn within(&self, name: &str, attribute: impl Fn(&str) -> Option<String>) -> Self {
        let mut look = self.clone();
        match name {
            "h1" | "h2" | "h3" | "h4" => look.weight = Weight::Heading,
            "b" | "strong" | "th" => look.weight = look.weight.max(Weight::Bold),
            "big" => look.size *= 1.2,
            "small" => look.size /= 1.2,
            "blockquote" => look.is_quoted = true,
            "pre" | "xmp" | "listing" => look.is_verbatim = true,
            // No longer so.
            "s" | "strike" | "del" => look.is_hidden = true,
            "font" => {
                let number = attribute("size").and_then(|size| size.trim().parse().ok());
                let size = number.and_then(|number: usize| SIZES.get(number.checked_sub(1)?));
                look.size = size.map_or(look.size, |(_, size)| *size);
                look.ink = attribute("color").map_or(look.ink, |value| colour(&value));
            }
            _ => {}
        }
        look.is_hidden |= attribute("hidden").is_some();
        if let Some(value) = attribute("bgcolor") {
            look.paper = colour(&value);
        }
        if attribute("background").is_some() {
            look.paper = Colour::Unknown;
        }
        look
    }

    /// What is declared of it, what counts most last. `around` is the size of what it is in.
    pub(super) fn declare(&mut self, declarations: &[Declaration<'_>], around: f64) {
        // Later words on a property take back earlier ones.
        let mut hides: Vec<(&str, bool)> = Vec::new();
        for Declaration { name, value, .. } in declarations {
            let mut hide = |does: bool| {
                hides.retain(|(known, _)| known != name);
                hides.push((name, does));
            };
            match *name {
                "display" => hide(*value == "none"),
                "visibility" => hide(matches!(*value, "hidden" | "collapse")),
                "mso-hide" => hide(*value == "all"),
                "max-height" | "max-width" | "opacity" => hide(number(value) == Some(0.0)),
                "text-decoration" | "text-decoration-line" => hide(value.contains("line-through")),
                // Far off the page.
                "left" | "top" | "right" | "text-indent" | "margin-left" | "margin-top" => {
                    hide(number(value).is_some_and(|place| place <= -500.0));
                }
                "font-size" => self.size = size(value, around).unwrap_or(self.size),
                "font-weight" => {
                    let is_bold = match number(value) {
                        Some(weight) => weight >= 600.0,
                        None => value.starts_with("bold"),
                    };
                    self.weight = match self.weight {
                        Weight::Heading => Weight::Heading,
                        _ if is_bold => Weight::Bold,
                        _ => Weight::Usual,
                    };
                }
                "white-space" => self.is_verbatim = value.starts_with("pre"),
                "color" => self.ink = colour(value),
                "background-color" | "background" => {
                    self.paper = match paper(value) {
                        Colour::Transparent => self.paper,
                        paper => paper,
                    }
                }
                "background-image" if *value != "none" => self.paper = Colour::Unknown,
                _ => {}
            }
        }
        self.is_hidden |= hides.iter().any(|(_, does)| *does);
    }
}

/// A size in pixels, in a text of `around` pixels.
fn size(value: &str, around: f64) -> Option<f64> {
    if let Some((_, size)) = SIZES.iter().find(|(name, _)| *name == value) {
        return Some(*size);
    }
    let size = number(value)?;
    let unit = value.trim_start_matches(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    Some(match unit.trim_start() {
        "pt" => size * 4.0 / 3.0,
        "em" => size * around,
        "rem" => size * SIZE,
        "%" => size / 100.0 * around,
        _ => size,
    })
}

/// The number of a length.
fn number(value: &str) -> Option<f64> {
    let is_unit = |c: char| c.is_ascii_alphabetic() || c == '%';
    value.trim_end_matches(is_unit).trim_end().parse().ok()
}

/// The colour among the words of `background`.
fn paper(value: &str) -> Colour {
    if value.contains("url(") || value.contains("gradient") {
        return Colour::Unknown;
    }
    if value.contains('(') {
        return colour(value);
    }
    let mut words = value.split_whitespace().map(colour);
    words
        .find(|colour| *colour != Colour::Unknown)
        .unwrap_or(Colour::Unknown)
}

fn colour(value: &str) -> Colour {
    let value = value.trim();
    let hex = |text: &str| u8::from_str_radix(text, 16).ok();
    let known = match value {
        "transparent" => return Colour::Transparent,
        "white" => Some([255; 3]),
        "black" => Some([0; 3]),
        _ if value.starts_with('#') && value.is_ascii() => match value.len() {
            4 => {
                let digit = |at: usize| hex(&value[at..=at].repeat(2));
                parts([digit(1), digit(2), digit(3)])
            }
            9 if value.ends_with("00") => return Colour::Transparent,
            7 | 9 => parts([hex(&value[1..3]), hex(&value[3..5]), hex(&value[5..7])]),
            _ => None,
        },
        _ => match numbers(value)[..] {
            [_, _, _, Some(0.0)] => return Colour::Transparent,
            // It depends on what is below it.
            [_, _, _, Some(opacity)] if opacity < 1.0 => None,
            [red, green, blue, ..] => {
                // A part of a colour is a byte.
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let byte = |part: Option<f64>| part.map(|part| part as u8);
                parts([byte(red), byte(green), byte(blue)])
            }
            _ => None,
        },
    };
    known.map_or(Colour::Unknown, Colour::Rgb)
}

fn parts([red, green, blue]: [Option<u8>; 3]) -> Option<[u8; 3]> {
    Some([red?, green?, blue?])
}

/// The numbers of `rgb(…)` and `rgba(…)`.
fn numbers(value: &str) -> Vec<Option<f64>> {
    let inner = value
        .strip_prefix("rgba(")
        .or_else(|| value.strip_prefix("rgb("));
    let inner = inner
        .and_then(|inner| inner.strip_suffix(')'))
        .unwrap_or_default();
    let words = inner.split([',', ' ', '/']).filter(|word| !word.is_empty());
    words.map(|word| word.parse().ok()).collect()
}
