//! Which measurements a threshold is about: `step_duration{step=register}`.

use std::fmt;
use std::ops::Range;

use super::{Metric, TagKey, Tags};

/// A metric, and the tags that its series must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    metric: Metric,
    tags: Tags,
}

/// A selector or condition that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Bytes of the text that are wrong.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// How to correct it.
    pub help: String,
}

impl Selector {
    /// Reads `metric` or `metric{key=value,…}`. A colon does for the equals
    /// sign, and a value may stand in double quotes.
    ///
    /// # Errors
    /// With the part that is wrong.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let (name, braces) = match text.find('{') {
            Some(open) => (&text[..open], Some(open)),
            None => (text, None),
        };
        let metric = Metric::named(name.trim()).ok_or_else(|| unknown_metric(text, name))?;
        let mut tags = Tags::new();
        if let Some(open) = braces {
            let Some(inside) = text[open + 1..].trim_end().strip_suffix('}') else {
                return Err(SyntaxError {
                    at: open..text.len(),
                    message: "`{` is not closed".into(),
                    help: format!("write the tags as in `{metric}{{step=register}}`"),
                });
            };
            for part in split(inside) {
                let at = open + 1 + part.start..open + 1 + part.end;
                let (key, value) = read_tag(&text[at.clone()], &at)?;
                tags = tags.with(key, value);
            }
        }
        Ok(Self { metric, tags })
    }

    /// The metric.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// The tags that a series must have.
    pub fn tags(&self) -> &Tags {
        &self.tags
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.metric, self.tags)
    }
}

/// The parts between commas that stand outside quotes; none for blank text.
fn split(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (index, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(start..index);
                start = index + 1;
            }
            _ => {}
        }
    }
    if !text[start..].trim().is_empty() || !parts.is_empty() {
        parts.push(start..text.len());
    }
    parts
}

fn read_tag<'a>(part: &'a str, at: &Range<usize>) -> Result<(TagKey, &'a str), SyntaxError> {
    let problem = |message: String, help: String| SyntaxError {
        at: at.clone(),
        message,
        help,
    };
    let Some((key, value)) = part.split_once(['=', ':']) else {
        return Err(problem(
            format!("`{}` is no tag", part.trim()),
            "a tag is written `key=value`, for example `step=register`".into(),
        ));
    };
    let key = key.trim();
    let known = TagKey::named(key).ok_or_else(|| {
        let names: Vec<&str> = TagKey::ALL.iter().map(|key| key.name()).collect();
        problem(format!("unknown tag `{key}`"), nearest(key, &names))
    })?;
    let value = value.trim();
    let value = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .unwrap_or(value);
    if value.is_empty() {
        return Err(problem(
            format!("tag `{key}` has no value"),
            format!("write `{key}=` and the value to select"),
        ));
    }
    Ok((known, value))
}

fn unknown_metric(text: &str, name: &str) -> SyntaxError {
    let names: Vec<&str> = Metric::ALL.iter().map(|metric| metric.name()).collect();
    let name = name.trim();
    let foreign = FOREIGN.iter().find(|(foreign, _)| *foreign == name);
    SyntaxError {
        at: 0..text.find('{').unwrap_or(text.len()),
        message: format!("unknown metric `{name}`"),
        help: match foreign {
            Some((_, here)) => format!("k6 calls it so; here it is {here}"),
            None => nearest(name, &names),
        },
    }
}

/// What k6 calls its metrics (<https://grafana.com/docs/k6/latest/using-k6/metrics/reference/>),
/// where that is not what we do.
const FOREIGN: &[(&str, &str)] = &[
    ("http_req_failed", "`http_req_duration: [error_rate < 1%]`"),
    ("http_req_waiting", "`http_req_ttfb`"),
    ("http_req_connecting", "`http_connect`, TLS included"),
    ("http_req_tls_handshaking", "`http_connect`, TCP included"),
    ("http_req_blocked", "`rate_limit_wait` and `http_connect`"),
    ("vus_max", "`vus`"),
];

/// The nearest name, or all of them.
pub(super) fn nearest(given: &str, names: &[&str]) -> String {
    let best = names
        .iter()
        .map(|name| (strsim::jaro_winkler(given, name), name))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match best {
        Some((likeness, name)) if likeness > 0.85 => format!("did you mean `{name}`?"),
        _ => format!("one of: {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Selector;
    use crate::metrics::{Metric, TagKey};

    #[test]
    fn tags_are_read_with_either_sign_and_with_quotes() {
        for text in [
            r#"checks{step=register,check="a, b == c"}"#,
            r#"checks{ step : register , check : "a, b == c" }"#,
        ] {
            let selector = Selector::parse(text).unwrap();
            assert_eq!(selector.metric(), Metric::Checks);
            assert_eq!(selector.tags().get(TagKey::Step), Some("register"));
            assert_eq!(selector.tags().get(TagKey::Check), Some("a, b == c"));
        }
        assert!(Selector::parse("errors{}").unwrap().tags().is_empty());
    }

    #[test]
    fn errors_point_at_their_cause() {
        let cases = [
            (
                "step_duratoin",
                "unknown metric `step_duratoin`",
                "step_duratoin",
            ),
            ("errors{stp=x}", "unknown tag `stp`", "stp=x"),
            ("errors{step=}", "tag `step` has no value", "step="),
            ("errors{step=x", "`{` is not closed", "{step=x"),
            ("errors{step=x,}", "`` is no tag", ""),
        ];
        for (text, message, part) in cases {
            let error = Selector::parse(text).unwrap_err();
            assert_eq!((error.message.as_str(), &text[error.at]), (message, part));
        }
    }

    #[test]
    fn the_nearest_metric_is_proposed() {
        let error = Selector::parse("step_durations").unwrap_err();
        assert_eq!(error.help, "did you mean `step_duration`?");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in r#"(checks|errors)?[{}="a-z, é]{0,20}"#) {
            match Selector::parse(&text) {
                Ok(selector) => prop_assert_eq!(&Selector::parse(&selector.to_string()).map(|s| s.metric()), &Ok(selector.metric())),
                Err(error) => prop_assert!(text.get(error.at).is_some()),
            }
        }
    }
}
