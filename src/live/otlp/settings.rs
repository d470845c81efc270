//! Where exports go, and with which credentials.

use std::time::Duration;

use percent_encoding::percent_decode_str;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

/// Variables that hold headers, as the OpenTelemetry specification names them;
/// what the later one says is stronger.
const VARIABLES: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
];

/// The path of metrics below a collector's address, as whole segments.
const PATH: &str = "/v1/metrics";

/// Who is exported to.
#[derive(Clone)]
pub struct Collector {
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) interval: Duration,
}

/// What is wrong with it. Holds no value of a header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    #[error("expected the address of a collector, such as http://127.0.0.1:4318")]
    Address,
    /// The address holds a password, which others on the machine can see.
    #[error(
        "credentials do not belong into the address: give them as a header, in `OTEL_EXPORTER_OTLP_HEADERS`"
    )]
    Credentials,
    /// The address has a query or a fragment, in which keys are given.
    #[error(
        "a query or a fragment does not belong into the address: give keys as headers, in `OTEL_EXPORTER_OTLP_HEADERS`"
    )]
    Query,
    #[error("`{variable}`: entry {place} is not `name=value`")]
    Header {
        variable: &'static str,
        /// Number of the entry, from 1.
        place: usize,
    },
}

impl Collector {
    /// The one at `url`, told every `interval`. `headers` go with each export.
    pub fn new(mut url: Url, headers: HeaderMap, interval: Duration) -> Self {
        let path = url.path().trim_end_matches('/');
        let path = if path.ends_with(PATH) {
            path.to_owned()
        } else {
            format!("{path}{PATH}")
        };
        url.set_path(&path);
        Self {
            url,
            headers,
            interval,
        }
    }

    /// Where exports go, to be shown: scheme, host, port and path, and nothing
    /// that may be a key.
    pub fn place(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        url.set_fragment(None);
        // They fail for addresses that can have neither.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.into()
    }

    /// Reads the address of a collector.
    ///
    /// # Errors
    /// When it is no address, or has a part in which credentials are given.
    pub fn parse(text: &str) -> Result<Url, SettingsError> {
        let url = Url::parse(text).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let url = url.ok_or(SettingsError::Address)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(SettingsError::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(SettingsError::Query);
        }
        Ok(url)
    }
}

/// Headers from the environment.
///
/// # Errors
/// With the entry that is none.
pub fn from_environment() -> Result<HeaderMap, SettingsError> {
    let mut all = HeaderMap::new();
    for variable in VARIABLES {
        if let Ok(text) = std::env::var(variable) {
            all.extend(headers(variable, &text)?);
        }
    }
    Ok(all)
}

/// Reads `name=value,name=value`, with values that are percent-encoded.
fn headers(variable: &'static str, text: &str) -> Result<HeaderMap, SettingsError> {
    let mut all = HeaderMap::new();
    let entries = text.split(',').map(str::trim).enumerate();
    for (place, entry) in entries.filter(|(_, entry)| !entry.is_empty()) {
        let refuse = SettingsError::Header {
            variable,
            place: place + 1,
        };
        let (name, value) = header(entry).ok_or(refuse)?;
        all.insert(name, value);
    }
    Ok(all)
}

fn header(entry: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = entry.split_once('=')?;
    let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
    let value: Vec<u8> = percent_decode_str(value.trim()).collect();
    let mut value = HeaderValue::from_bytes(&value).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::header::HeaderMap;

    use super::{Collector, SettingsError, headers};

    #[test]
    fn an_address_is_completed_by_the_path_of_metrics() {
        for (given, expected) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/metrics"),
            ("http://h:1/", "http://h:1/v1/metrics"),
            ("https://h/api/v1/otlp", "https://h/api/v1/otlp/v1/metrics"),
            ("http://h/v1/metrics", "http://h/v1/metrics"),
            ("http://h/v1/metrics/", "http://h/v1/metrics"),
            ("http://h/otlp/v1/metrics", "http://h/otlp/v1/metrics"),
            ("http://h/xv1/metrics", "http://h/xv1/metrics/v1/metrics"),
        ] {
            let url = Collector::parse(given).unwrap();
            let collector = Collector::new(url, HeaderMap::new(), Duration::from_secs(1));
            assert_eq!(collector.place(), expected);
        }
        for wrong in ["127.0.0.1:4318", "ftp://h", "x", ""] {
            assert_eq!(Collector::parse(wrong), Err(SettingsError::Address));
        }
        let secret = Collector::parse("http://ada:hunter2@h").unwrap_err();
        assert_eq!(secret, SettingsError::Credentials);
        assert!(!secret.to_string().contains("hunter2"));
        for wrong in [
            "https://h/otlp?api-key=hunter2",
            "http://h#hunter2",
            "http://h?",
        ] {
            assert_eq!(Collector::parse(wrong), Err(SettingsError::Query));
        }
    }

    #[test]
    fn an_address_is_shown_without_what_may_be_a_key() {
        let url = "https://ada:hunter2@h:1/otlp?api-key=hunter2#hunter2";
        let url = url::Url::parse(url).unwrap();
        let collector = Collector::new(url, HeaderMap::new(), Duration::from_secs(1));
        assert_eq!(collector.place(), "https://h:1/otlp/v1/metrics");
    }

    #[test]
    fn headers_are_read_as_opentelemetry_has_them() {
        let read = headers("V", "authorization=Bearer%20s3cr3t, x-scope = team=a ,").unwrap();
        assert_eq!(read["authorization"], "Bearer s3cr3t");
        assert!(read["authorization"].is_sensitive());
        assert_eq!(read["x-scope"], "team=a");
        for wrong in ["a=1,hunter2", "a=1,b b=hunter2", "a=1,b=%0Ahunter2"] {
            let error = headers("V", wrong).unwrap_err();
            assert_eq!(error.to_string(), "`V`: entry 2 is not `name=value`");
        }
    }
}
