//! Which text format somebody who scrapes wants.

use crate::report::exposition::Syntax;

/// The format that `accept` likes best, as Prometheus' own libraries choose it:
/// OpenMetrics only for those who name it, and whoever wants neither gets
/// Prometheus' own.
pub(super) fn choose(accept: &str) -> Syntax {
    let mut best = (Syntax::Prometheus, 0.0);
    for entry in accept.split(',') {
        if let Some((syntax, quality)) = wish(entry)
            && quality > best.1
        {
            best = (syntax, quality);
        }
    }
    best.0
}

/// A format of ours that an entry asks for, and how much it is liked.
fn wish(entry: &str) -> Option<(Syntax, f64)> {
    let mut parts = entry.split(';').map(str::trim);
    let kind = parts.next()?.to_ascii_lowercase();
    let (mut version, mut quality) = (None, 1.0);
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "version" => version = Some(value.to_owned()),
            // What is no number is not liked.
            "q" => quality = value.parse().unwrap_or(0.0),
            _ => {}
        }
    }
    let syntax = match (kind.as_str(), version.as_deref()) {
        ("application/openmetrics-text", None | Some("1.0.0")) => Syntax::OpenMetrics,
        ("text/plain", None | Some("0.0.4")) | ("text/*" | "*/*", None) => Syntax::Prometheus,
        _ => return None,
    };
    Some((syntax, quality))
}

#[cfg(test)]
mod tests {
    use super::{Syntax, choose};

    #[test]
    fn everybody_gets_what_they_like_best() {
        let prometheus_2 = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        let prometheus_3 = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        for (accept, expected) in [
            (prometheus_2, Syntax::OpenMetrics),
            (prometheus_3, Syntax::OpenMetrics),
            ("text/plain;version=0.0.4;q=1,*/*;q=0.1", Syntax::Prometheus),
            (
                "text/html,application/xhtml+xml,*/*;q=0.8",
                Syntax::Prometheus,
            ),
            ("*/*", Syntax::Prometheus),
            ("", Syntax::Prometheus),
            ("application/json", Syntax::Prometheus),
            (
                "application/openmetrics-text; version=\"1.0.0\"; charset=utf-8",
                Syntax::OpenMetrics,
            ),
            (
                "Application/OpenMetrics-Text;q=0.4, text/plain;q=0.5",
                Syntax::Prometheus,
            ),
            (
                "application/openmetrics-text;version=2.0.0, text/plain;q=0.1",
                Syntax::Prometheus,
            ),
            ("application/openmetrics-text;q=0", Syntax::Prometheus),
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,application/openmetrics-text;version=1.0.0;q=0.6",
                Syntax::OpenMetrics,
            ),
        ] {
            assert_eq!(choose(accept), expected, "{accept}");
        }
    }
}
