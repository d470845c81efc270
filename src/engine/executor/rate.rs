//! `time_unit`, and arrival rates as people read them.

use std::time::Duration;

use super::kind::Settings;
use crate::document::{Defaulted, Field};

pub(super) const TIME_UNIT: Defaulted<Duration> =
    Field::new("time_unit", "what a rate without a unit is meant per").or(&Duration::from_secs(1));

/// Reads `time_unit`, a second unless the file says otherwise.
pub(super) fn time_unit(settings: &mut Settings<'_, '_>) -> Duration {
    let unit = settings.get_or(&TIME_UNIT);
    if unit.is_zero() {
        let help = "for example `1s` or `1m`";
        settings.problem("time_unit", "`time_unit` is zero", help);
        return *TIME_UNIT.default();
    }
    unit
}

/// A rate as people read it: per second, or per minute when it is slow.
pub(super) fn show(per_second: f64) -> String {
    let number = |value: f64| format!("{}", (value * 1000.0).round() / 1000.0);
    if per_second > 0.0 && per_second < 1.0 {
        format!("{}/m", number(per_second * 60.0))
    } else {
        format!("{}/s", number(per_second))
    }
}

#[cfg(test)]
mod tests {
    use super::show;

    #[test]
    fn a_slow_rate_is_shown_per_minute() {
        assert_eq!(show(100.0), "100/s");
        assert_eq!(show(0.5), "30/m");
        assert_eq!(show(0.0), "0/s");
    }
}
