//! Dates as IMAP writes them.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::cursor::{Cursor, Malformed, Parsed};
use crate::simulator::mail::render::moment;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Reads `1-Feb-2024`, in quotes or not.
pub(super) fn read_date(cursor: &mut Cursor<'_>) -> Parsed<Date> {
    const BAD: Malformed = Malformed("expected a date such as `1-Feb-2024`");
    let text = cursor.astring().map_err(|_| BAD)?;
    let mut parts = text.splitn(3, '-');
    let (Some(day), Some(month), Some(year)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(BAD);
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let index = MONTHS
        .iter()
        .position(|name| name.eq_ignore_ascii_case(month));
    let month = index
        .and_then(|index| i8::try_from(index + 1).ok())
        .ok_or(BAD)?;
    if !digits(day) || !digits(year) || year.len() != 4 {
        return Err(BAD);
    }
    let (day, year) = (
        day.parse().map_err(|_| BAD)?,
        year.parse().map_err(|_| BAD)?,
    );
    Date::new(year, month, day).map_err(|_| BAD)
}

/// The day of a time, in UTC.
pub(super) fn day(sent_at: i64) -> Date {
    moment(sent_at).to_zoned_datetime(TimeZone::UTC).date()
}

/// A time as `INTERNALDATE`, in UTC.
pub(super) fn internal_date(sent_at: i64) -> String {
    let at = moment(sent_at).to_zoned_datetime(TimeZone::UTC);
    at.strftime("\"%e-%b-%Y %H:%M:%S +0000\"").to_string()
}

#[cfg(test)]
mod tests {
    use super::{Cursor, day, internal_date, read_date};

    #[test]
    fn dates_are_read_and_written() {
        let read = |text: &str| read_date(&mut Cursor::new(text.as_bytes())).ok();
        assert_eq!(read("14-Nov-2023"), Some(day(1_700_000_000_000)));
        assert_eq!(read("\"14-nov-2023\""), Some(day(1_700_000_000_000)));
        for text in [
            "14-Nov",
            "30-Feb-2023",
            "1-Foo-2023",
            "x-Nov-2023",
            "1-Nov-23",
            "+1-Nov-2023",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(
            internal_date(1_700_000_000_000),
            "\"14-Nov-2023 22:13:20 +0000\""
        );
        assert_eq!(internal_date(0), "\" 1-Jan-1970 00:00:00 +0000\"");
    }
}
