//! Numbers as people read them.

use std::time::Duration;

/// Three significant digits and a unit: `85.1µs`, `1.23ms`, `120ms`, `2.34s`,
/// `3m 20s`.
pub fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if duration.is_zero() {
        "0".into()
    } else if seconds < 0.999_5e-6 {
        format!("{}ns", duration.as_nanos())
    } else if seconds < 0.999_5e-3 {
        format!("{}µs", three_digits(seconds * 1e6))
    } else if seconds < 0.999_5 {
        format!("{}ms", three_digits(seconds * 1e3))
    } else if seconds < 99.95 {
        format!("{}s", three_digits(seconds))
    } else {
        let whole = duration.as_secs();
        match (whole / 3600, whole / 60 % 60, whole % 60) {
            (0, minutes, seconds) => format!("{minutes}m {seconds}s"),
            (hours, minutes, _) => format!("{hours}h {minutes}m"),
        }
    }
}

/// `9.99`, `99.9`, `999`.
pub fn three_digits(value: f64) -> String {
    if value < 9.995 {
        format!("{value:.2}")
    } else if value < 99.95 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

/// How many per second: `0.25/s`, `47.6/s`, `1920/s`; `-` when nothing was
/// measured.
pub fn rate(per_second: Option<f64>) -> String {
    per_second.map_or_else(|| "-".into(), |rate| format!("{}/s", three_digits(rate)))
}

/// A count with its thousands apart: `12,345`.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let first = digits.len() % 3;
    let mut out = digits[..first].to_owned();
    for start in (first..digits.len()).step_by(3) {
        if !out.is_empty() {
            out.push(',');
        }
        out.push_str(&digits[start..start + 3]);
    }
    out
}

/// `512 B`, `1.5 KiB`, `12.3 MiB`.
#[expect(clippy::cast_precision_loss, reason = "shown to three digits")]
pub fn bytes(count: u64) -> String {
    let mut value = count as f64;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if value < 1023.5 || unit == "GiB" {
            return if unit == "B" {
                format!("{count} B")
            } else {
                format!("{} {unit}", three_digits(value))
            };
        }
        value /= 1024.0;
    }
    format!("{count} B")
}

/// A ceiling, which is mostly a whole number of its unit: `64 MiB`.
pub fn size(count: u64) -> String {
    let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    let whole = |(_, unit): &(&str, u64)| count >= *unit && count.is_multiple_of(*unit);
    match units.into_iter().find(whole) {
        Some((name, unit)) => format!("{} {name}", count / unit),
        None => format!("{count} B"),
    }
}

/// `1 user`, `2 users`.
pub fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// In milliseconds, with the precision of the clock, and no more digits than that.
pub fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e9).round() / 1e6
}

/// Whole nanoseconds; half a millennium fits.
pub fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// What a calculation with nanoseconds gives; zero when that is no duration.
pub fn from_nanoseconds(nanoseconds: f64) -> Duration {
    Duration::try_from_secs_f64(nanoseconds / 1e9).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{bytes, grouped, plural, rate, size, time};

    #[test]
    fn times_have_three_digits_and_a_unit() {
        let cases = [
            (0, "0"),
            (999, "999ns"),
            (1_000, "1.00µs"),
            (85_100, "85.1µs"),
            (999_700, "1.00ms"),
            (1_234_567, "1.23ms"),
            (119_900_000, "120ms"),
            (2_340_000_000, "2.34s"),
            (200_000_000_000, "3m 20s"),
            (7_260_000_000_000, "2h 1m"),
        ];
        for (nanoseconds, shown) in cases {
            assert_eq!(time(Duration::from_nanos(nanoseconds)), shown);
        }
    }

    #[test]
    fn counts_are_shown_with_their_unit() {
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(1536), "1.50 KiB");
        assert_eq!(bytes(1_048_576), "1.00 MiB");
        assert_eq!(size(64 << 20), "64 MiB");
        assert_eq!(size(1025), "1025 B");
        assert_eq!(size(0), "0 B");
        assert_eq!(rate(Some(200.0 / 4.2)), "47.6/s");
        assert_eq!(rate(None), "-");
        let counts = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(counts, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(plural(1, "user", "users"), "1 user");
        assert_eq!(plural(0, "user", "users"), "0 users");
    }
}
