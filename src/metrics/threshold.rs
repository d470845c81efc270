//! Thresholds: conditions over measurements, which decide over the exit code.

use std::fmt;
use std::time::Duration;

use super::condition::Condition;
use super::measured::Measured;
use super::statistic::Statistic;
use super::{Selector, Snapshot, SyntaxError};

/// A condition over some measurements.
#[derive(Clone, Debug)]
pub struct Threshold {
    /// Which measurements.
    pub selector: Selector,
    /// What must hold.
    pub condition: Condition,
}

/// What became of a threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it holds.
    pub passed: bool,
    /// False when there was nothing to look at.
    pub measured: bool,
    /// The value that was seen, with its unit, or why there is none.
    pub seen: String,
}

impl Threshold {
    /// Reads a selector, and a condition over its metric.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn parse(selector: &str, condition: &str) -> Result<Self, SyntaxError> {
        let selector = Selector::parse(selector)?;
        Ok(Self {
            condition: Condition::parse(condition, selector.metric())?,
            selector,
        })
    }

    /// Holds the condition against what was measured.
    ///
    /// Only the main part of the run counts, unless the selector names a
    /// `phase`. Time spans of failed steps and requests are left out, unless it
    /// names an `outcome` or a `status`; what was cut took longer than all that
    /// was finished. `error_rate` looks at all. A threshold over nothing has not
    /// been met, unless it is about a count.
    pub fn judge(&self, snapshot: &Snapshot) -> Verdict {
        let measured = Measured::of(&self.selector, snapshot);
        let statistic = self.condition.statistic;
        let rate = || snapshot.rate(self.selector.metric(), self.selector.tags());
        match statistic.of(&measured, rate) {
            Some(seen) => Verdict {
                passed: self.condition.holds(seen),
                measured: true,
                seen: seen.to_string(),
            },
            None => Verdict {
                passed: false,
                measured: false,
                seen: match measured.left_out {
                    0 => "nothing was measured".into(),
                    failed => format!("nothing was measured but {failed} that failed"),
                },
            },
        }
    }

    /// Whether it can be judged already, in the middle of a run. Of less than a
    /// second there is no rate: one count would be a thousand per second.
    pub fn is_due(&self, snapshot: &Snapshot) -> bool {
        let (metric, tags) = (self.selector.metric(), self.selector.tags());
        self.condition.statistic != Statistic::PerSecond
            || snapshot.window(metric, tags).length() >= Duration::from_secs(1)
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.selector, self.condition)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::Threshold;
    use crate::metrics::{
        Condition, Counter, Meter, Metric, Outcome, Rate, Recorder, Snapshot, Span, TagKey, Tags,
        Trend, Windows,
    };

    fn threshold(selector: &str, condition: &str) -> Threshold {
        Threshold::parse(selector, condition).unwrap()
    }

    fn main(length: Duration) -> Windows {
        let start = Duration::from_secs(7);
        Windows::default().with("s", "main", Span { start, length })
    }

    /// 99 good steps of 1 to 99 ms and one failed step of 5 s, in 10 s.
    fn measured() -> Snapshot {
        let recorder = Recorder::new();
        let meter = Meter::new(recorder.clone(), Tags::new().with(TagKey::Step, "login"));
        for ms in 1..100 {
            let tags = [Outcome::Ok.tag()];
            meter.record(Trend::STEP_DURATION, &tags, Duration::from_millis(ms));
            meter.record(Rate::CHECKS, &[], ms > 1);
        }
        let tags = [Outcome::Failed.tag()];
        meter.record(Trend::STEP_DURATION, &tags, Duration::from_secs(5));
        meter.record(Counter::ERRORS, &[], 1);
        recorder.snapshot(main(Duration::from_secs(10)))
    }

    #[test]
    fn conditions_are_judged_by_their_value() {
        let snapshot = measured();
        let cases = [
            ("step_duration{step=login}", "p50 < 51ms", true),
            ("step_duration{step=login}", "p50 < 49ms", false),
            ("step_duration", "max <= 99ms", true),
            ("step_duration{outcome=failed}", "min >= 5s", true),
            ("step_duration", "error_rate <= 1%", true),
            ("step_duration", "error_rate < 1%", false),
            ("step_duration", "count == 99", true),
            ("checks", "rate == 100%", false),
            ("checks", "rate > 98%", true),
            ("checks", "count == 99", true),
            ("errors", "count == 1", true),
            ("errors", "rate == 0.1/s", true),
            ("errors", "rate == 6/m", true),
            ("errors{step=register}", "count == 0", true),
        ];
        for (selector, condition, passed) in cases {
            let verdict = threshold(selector, condition).judge(&snapshot);
            assert_eq!(
                verdict.passed, passed,
                "{selector} {condition}: {}",
                verdict.seen
            );
        }
    }

    #[test]
    fn a_failed_step_is_never_among_the_good_ones() {
        let verdict = threshold("step_duration", "max < 1s").judge(&measured());
        assert_eq!((verdict.passed, verdict.seen.as_str()), (true, "99.0ms"));
    }

    /// 90 good requests of 1 to 90 ms, 20 answers of 503 after 5 ms each, ten
    /// that were cut after 30 s, and one that the user cut.
    fn hung() -> Snapshot {
        let recorder = Recorder::new();
        let meter = Meter::new(recorder.clone(), Tags::new().with(TagKey::Phase, "main"));
        let request = |status, ended: Outcome, milliseconds| {
            let tags = [(TagKey::Status, status), ended.tag()];
            let took = Duration::from_millis(milliseconds);
            meter.record(Trend::HTTP_REQ_DURATION, &tags, took);
            let tags = [ended.tag()];
            meter.record(Trend::ITERATION_DURATION, &tags, took);
        };
        (1..=90).for_each(|ms| request("200", Outcome::Ok, ms));
        (0..20).for_each(|_| request("503", Outcome::Failed, 5));
        (0..10).for_each(|_| request("unfinished", Outcome::Cut, 30_000));
        request("unfinished", Outcome::Interrupted, 1);
        meter.record(Counter::DROPPED_ITERATIONS, &[(TagKey::Kind, "no_vu")], 100);
        recorder.snapshot(main(Duration::from_secs(60)))
    }

    #[test]
    fn what_was_not_finished_took_longer_than_all_that_was() {
        let snapshot = hung();
        let cases = [
            ("http_req_duration", "p90 <= 91ms", true, "90.0ms"),
            ("http_req_duration", "p91 < 1h", false, "> 30.00s"),
            ("http_req_duration", "max < 1h", false, "> 30.00s"),
            ("http_req_duration", "mean == 3s", false, "> 3.04s"),
            ("http_req_duration", "p99 > 29s", true, "> 30.00s"),
            ("http_req_duration", "p99 != 29s", true, "> 30.00s"),
            ("http_req_duration", "p99 > 31s", false, "> 30.00s"),
            ("http_req_duration", "stddev < 1h", false, "> 0.0µs"),
            ("http_req_duration", "min < 2ms", true, "1.0ms"),
            // 20 that failed and 10 that were cut, of 120.
            ("http_req_duration", "error_rate == 25%", true, "25%"),
            ("http_req_duration", "count == 90", true, "90"),
            ("http_req_duration{outcome=cut}", "count == 10", true, "10"),
            (
                "http_req_duration{outcome=ok}",
                "max < 91ms",
                true,
                "90.0ms",
            ),
            (
                "http_req_duration{status=unfinished}",
                "count == 11",
                true,
                "11",
            ),
            (
                "http_req_duration{status=unfinished}",
                "p95 < 1h",
                false,
                "> 30.00s",
            ),
        ];
        for (selector, condition, passed, seen) in cases {
            let verdict = threshold(selector, condition).judge(&snapshot);
            let found = (verdict.passed, verdict.seen.as_str());
            assert_eq!(found, (passed, seen), "{selector} {condition}");
        }
    }

    #[test]
    fn a_status_means_all_that_were_answered_so() {
        for (condition, passed, seen) in [
            ("count < 5", false, "20"),
            ("p95 < 6ms", true, "5.0ms"),
            ("error_rate < 1%", false, "100%"),
        ] {
            let verdict = threshold("http_req_duration{status=503}", condition).judge(&hung());
            assert_eq!((verdict.passed, verdict.seen.as_str()), (passed, seen));
        }
        let none = threshold("http_req_duration{status=404}", "count < 5").judge(&hung());
        assert!(none.passed);
    }

    #[test]
    fn iterations_that_found_no_user_falsify_the_durations_of_the_others() {
        // 90 of 200 that were due were finished.
        for (condition, passed, seen) in [
            ("p45 <= 91ms", true, "90.0ms"),
            ("p46 < 1h", false, "> 0.0µs"),
            ("p99 < 1h", false, "> 30.00s"),
        ] {
            let verdict = threshold("iteration_duration", condition).judge(&hung());
            assert_eq!((verdict.passed, verdict.seen.as_str()), (passed, seen));
        }
    }

    #[test]
    fn failed_ones_that_were_left_out_are_told() {
        let recorder = Recorder::new();
        let meter = Meter::new(recorder.clone(), Tags::new());
        let tags = [Outcome::Failed.tag()];
        meter.record(Trend::STEP_DURATION, &tags, Duration::from_secs(1));
        let snapshot = recorder.snapshot(main(Duration::from_secs(1)));
        let verdict = threshold("step_duration", "p95 < 2s").judge(&snapshot);
        assert_eq!(verdict.seen, "nothing was measured but 1 that failed");
        assert!(!verdict.passed && !verdict.measured);
    }

    #[test]
    fn a_share_is_not_rounded_up_to_its_limit() {
        let recorder = Recorder::new();
        let meter = Meter::new(recorder.clone(), Tags::new());
        for held in std::iter::once(false).chain(std::iter::repeat_n(true, 999_999)) {
            meter.record(Rate::CHECKS, &[], held);
        }
        let snapshot = recorder.snapshot(Windows::default());
        let verdict = threshold("checks", "rate == 100%").judge(&snapshot);
        assert_eq!((verdict.passed, verdict.seen.as_str()), (false, "99.999%"));
    }

    #[test]
    fn a_rate_is_of_the_main_part_and_of_what_has_ended() {
        let recorder = Recorder::new();
        for (phase, outcome, count) in [
            ("setup", Outcome::Ok, 1000),
            ("warmup", Outcome::Ok, 100),
            ("main", Outcome::Ok, 18),
            ("main", Outcome::Failed, 2),
            ("main", Outcome::Cut, 5),
        ] {
            let tags = [(TagKey::Phase, phase), outcome.tag()];
            let meter = Meter::new(recorder.clone(), Tags::new().with(TagKey::Scenario, "s"));
            meter.record(Counter::ITERATIONS, &tags, count);
        }
        Meter::new(recorder.clone(), Tags::new()).record(Counter::MAILS_SEEN, &[], 6);
        let second = Duration::from_secs(1);
        let warmup = Span {
            start: second * 2,
            length: second * 5,
        };
        let windows = main(second * 5).with("s", "warmup", warmup);
        let snapshot = recorder.snapshot(windows);
        for (selector, seen) in [
            ("iterations", "4.00/s"),
            ("iterations{scenario=s}", "4.00/s"),
            ("iterations{outcome=cut}", "1.00/s"),
            ("iterations{phase=warmup}", "20.00/s"),
            ("errors", "0.00/s"),
            // Of no part of the run: over all of its time.
            ("mails_seen", "0.50/s"),
            ("iterations{phase=setup}", "nothing was measured"),
            ("iterations{scenario=t}", "nothing was measured"),
        ] {
            let verdict = threshold(selector, "rate >= 0/s").judge(&snapshot);
            assert_eq!(verdict.seen, seen, "{selector}");
            assert_eq!(verdict.passed, seen != "nothing was measured", "{selector}");
        }
        // All of it was warm-up.
        let nothing = recorder.snapshot(Windows::default());
        let rate = threshold("iterations", "rate < 1000/s");
        assert!(!rate.judge(&nothing).passed);
    }

    #[test]
    fn a_rate_is_not_due_within_its_first_second() {
        let of = |milliseconds| {
            let length = Duration::from_millis(milliseconds);
            Recorder::new().snapshot(main(length))
        };
        let rate = threshold("errors", "rate < 1/s");
        assert!(!rate.is_due(&of(999)) && rate.is_due(&of(1000)));
        assert!(threshold("errors", "count < 1").is_due(&of(0)));
    }

    #[test]
    fn a_threshold_over_nothing_is_not_met() {
        let verdict = threshold("otp_wait", "p95 < 1s").judge(&measured());
        assert_eq!(
            (verdict.passed, verdict.seen.as_str()),
            (false, "nothing was measured")
        );
    }

    #[test]
    fn errors_say_what_is_expected() {
        let cases = [
            (
                Metric::StepDuration,
                "p95 < 800",
                "expected a time span, found `800`",
                " 800",
            ),
            (
                Metric::StepDuration,
                "p95 << 1s",
                "unknown comparison `<<`",
                "<<",
            ),
            (Metric::StepDuration, "p95 1s", "no comparison", "p95 1s"),
            (
                Metric::StepDuration,
                "p101 < 1s",
                "`step_duration` has no statistic `p101`",
                "p101 ",
            ),
            (
                Metric::Checks,
                "p95 < 1s",
                "`checks` has no statistic `p95`",
                "p95 ",
            ),
            (
                Metric::Checks,
                "rate > 0.9",
                "expected a percentage, found `0.9`",
                " 0.9",
            ),
            (
                Metric::Errors,
                "count < 1%",
                "expected a number, found `1%`",
                " 1%",
            ),
        ];
        for (metric, text, message, part) in cases {
            let error = Condition::parse(text, metric).unwrap_err();
            assert_eq!((error.message.as_str(), &text[error.at]), (message, part));
            assert!(!error.help.is_empty());
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(p95|rate|count)?[ <>=!0-9.%a-zµ/]{0,16}", metric in 0..Metric::ALL.len()) {
            if let Err(error) = Condition::parse(&text, Metric::ALL[metric]) {
                prop_assert!(text.get(error.at).is_some());
            }
        }
    }
}
