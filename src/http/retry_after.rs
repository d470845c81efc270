//! `Retry-After`: how long a server wants to be left alone.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// In whole seconds; told as such, or as a date. A date is counted from the
/// server's own, when it tells it, so that clocks that differ do no harm.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<u32> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let whole = match value.parse() {
        Ok(seconds) => seconds,
        Err(_) => until(value, headers, now)?,
    };
    Some(u32::try_from(whole).unwrap_or(u32::MAX))
}

fn until(moment: &str, headers: &HeaderMap, now: Timestamp) -> Option<u64> {
    let told = headers.get(DATE).and_then(|date| date.to_str().ok());
    let now = told.and_then(date).unwrap_or(now);
    let wait = Duration::try_from(date(moment)?.duration_since(now)).unwrap_or_default();
    Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

fn date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new()
        .parse_timestamp(text.trim())
        .ok()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use reqwest::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};

    use super::retry_after;

    fn wait(value: &'static str, date: Option<&'static str>) -> Option<u32> {
        let mut headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(value))]);
        headers.extend(date.map(|date| (DATE, HeaderValue::from_static(date))));
        let now = "1994-11-06T08:49:27.25Z".parse::<Timestamp>().unwrap();
        retry_after(&headers, now)
    }

    #[test]
    fn seconds_and_dates_are_understood() {
        assert_eq!(wait("120", None), Some(120));
        assert_eq!(wait(" 0 ", None), Some(0));
        assert_eq!(wait("99999999999", None), Some(u32::MAX));
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(wait(date, None), Some(10));
        assert_eq!(wait(date, Some("Sun, 06 Nov 1994 08:49:30 GMT")), Some(7));
        // One that is over asks for no wait.
        assert_eq!(wait(date, Some("Sun, 06 Nov 1994 09:49:30 GMT")), Some(0));
        for wrong in ["", "soon", "-1", "1.5", "99999999999999999999999"] {
            assert_eq!(wait(wrong, None), None, "{wrong}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), Timestamp::UNIX_EPOCH), None);
    }
}
