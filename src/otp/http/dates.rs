//! Dates as mailboxes with an HTTP interface write them.

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use crate::otp::Sent;

/// Numbers from here on are milliseconds, not seconds: it is the year 5138 in
/// the latter, 1973 in the former.
const MILLISECONDS_FROM: u64 = 100_000_000_000;

/// Reads `2026-11-24T21:40:11.123Z`, `Tue, 24 Nov 2026 21:40:11 +0000`, or a
/// number of seconds or milliseconds since 1970.
pub(super) fn parse(text: &str) -> Option<Sent> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        return Some(if number.unsigned_abs() < MILLISECONDS_FROM {
            seconds(number * 1000)
        } else {
            exact(number)
        });
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        let at = time.as_millisecond();
        return Some(if at % 1000 == 0 {
            seconds(at)
        } else {
            exact(at)
        });
    }
    let time = rfc2822::parse(text).ok()?;
    Some(seconds(time.timestamp().as_millisecond()))
}

fn seconds(at: i64) -> Sent {
    Sent { at, within: 1000 }
}

fn exact(at: i64) -> Sent {
    Sent { at, within: 1 }
}

#[cfg(test)]
mod tests {
    use super::{exact, parse, seconds};

    #[test]
    fn every_usual_way_of_writing_is_read() {
        let second = 1_795_556_411_000;
        for text in [
            "2026-11-24T21:40:11Z",
            "2026-11-24T22:40:11+01:00",
            "Tue, 24 Nov 2026 21:40:11 +0000",
            "1795556411",
        ] {
            assert_eq!(parse(text), Some(seconds(second)), "{text}");
        }
        assert_eq!(
            parse("2026-11-24T21:40:11.123456Z"),
            Some(exact(second + 123))
        );
        assert_eq!(parse("1795556411123"), Some(exact(second + 123)));
        assert_eq!(parse("yesterday"), None);
    }
}
