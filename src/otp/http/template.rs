//! Addresses with places that are filled in for each request.

use jiff::Timestamp;
use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::document::ReadContext;
use crate::language::{Problem, Text};

/// What can stand in braces in an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Who waits.
    Recipient,
    /// From when on, as `2026-11-24T21:40:11Z`.
    Since,
    /// Id of a message.
    Id,
    /// How many messages of the list were read already.
    Offset,
    /// Number of the page, from 1.
    Page,
}

const PLACES: &[(&str, Place)] = &[
    ("recipient", Place::Recipient),
    ("since", Place::Since),
    ("id", Place::Id),
    ("offset", Place::Offset),
    ("page", Place::Page),
];

/// What is filled in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fill<'a> {
    pub(super) recipient: &'a str,
    /// Milliseconds since 1970.
    pub(super) since: i64,
    pub(super) id: &'a str,
    pub(super) offset: usize,
    pub(super) page: usize,
}

/// An address with places.
#[derive(Clone, Debug)]
pub(super) struct UrlTemplate(String);

impl UrlTemplate {
    /// Reads an address; everything in braces must be a place that is known.
    pub(super) fn read(text: &Text, cx: &mut ReadContext) -> Option<Self> {
        let template = Self(text.text.clone());
        let mut rest = text.text.as_str();
        while let Some(start) = rest.find('{') {
            let from = text.text.len() - rest.len() + start;
            let end = rest[start..]
                .find('}')
                .map_or(rest.len(), |end| start + end + 1);
            let name = rest[start..end].trim_matches(['{', '}']);
            if !PLACES.iter().any(|(known, _)| *known == name) {
                let known: Vec<String> = PLACES
                    .iter()
                    .map(|(name, _)| format!("`{{{name}}}`"))
                    .collect();
                let message = format!("`{{{name}}}` cannot be filled in");
                let help = format!("one of {}", known.join(", "));
                let at = from..from + (end - start);
                cx.push(Problem::inside(text, at, message, help));
                return None;
            }
            rest = &rest[end..];
        }
        let example = template.fill(Fill::default());
        match example.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
            Some(url) if url.username().is_empty() && url.password().is_none() => Some(template),
            Some(_) => {
                cx.problem(
                    text.span,
                    "an address must hold no user name and no password",
                    "addresses are shown: write `user` and `password` beside it",
                );
                None
            }
            None => {
                let message = format!("`{}` is not an address of a mailbox", text.text);
                let help = "expected an address such as `https://mail.example.org/api/messages`";
                cx.problem(text.span, message, help);
                None
            }
        }
    }

    /// One that is known to be good.
    pub(super) fn known(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether a place is in it.
    pub(super) fn has(&self, place: Place) -> bool {
        let mut known = PLACES.iter().filter(|(_, known)| *known == place);
        known.any(|(name, _)| self.0.contains(&format!("{{{name}}}")))
    }

    /// The address with all places filled in.
    pub(super) fn fill(&self, fill: Fill<'_>) -> Option<Url> {
        let mut text = self.0.clone();
        for (name, place) in PLACES {
            let value = match place {
                Place::Recipient => encoded(fill.recipient),
                Place::Since => encoded(&since(fill.since)),
                Place::Id => encoded(fill.id),
                Place::Offset => fill.offset.to_string(),
                Place::Page => fill.page.to_string(),
            };
            text = text.replace(&format!("{{{name}}}"), &value);
        }
        text.parse().ok()
    }

    /// What messages say: without what is filled in.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A space as `%20`: `+` means one in queries only.
fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

fn since(at: i64) -> String {
    let time = Timestamp::from_second(at.div_euclid(1000));
    time.map(|time| time.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Fill, UrlTemplate};

    #[test]
    fn what_is_filled_in_cannot_change_the_address() {
        let template = UrlTemplate::known("http://host/m/{recipient}?since={since}&o={offset}");
        let fill = Fill {
            recipient: "a+b/../c?d@x.org",
            since: 1_795_556_411_999,
            offset: 7,
            ..Fill::default()
        };
        assert_eq!(
            template.fill(fill).unwrap().as_str(),
            "http://host/m/a%2Bb%2F..%2Fc%3Fd%40x.org?since=2026-11-24T21%3A40%3A11Z&o=7"
        );
    }
}
