//! Examples say hours; a test has moments.

use std::time::Duration;

use rehearse::language::parse_duration;

/// The longest that a value of this key may be, in a test.
fn most(key: &str, said: Duration) -> Option<Duration> {
    let milliseconds = match key {
        "duration" | "max_duration" => 900,
        "start_time" => 300,
        // What comes in it is not counted.
        "warmup" => 0,
        "sleep" => 100,
        // Of which none is longer than another because of this.
        "mean" | "stddev" | "min" | "max" | "pacing" | "think_time" => {
            return Some((said / 100).max(Duration::from_millis(1)));
        }
        _ => return None,
    };
    Some(Duration::from_millis(milliseconds))
}

/// The same scenario, over sooner.
pub fn scenario(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    // `key: value`, wherever it stands; everything else stays as it is.
    while let Some(colon) = rest.find(": ") {
        let (before, after) = rest.split_at(colon + 2);
        let key = before[..colon]
            .rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .next();
        let length = after
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(after.len());
        let (value, further) = after.split_at(length);
        out.push_str(before);
        let shorter = parse_duration(value).ok().and_then(|said| {
            let most = most(key.unwrap_or_default(), said)?;
            (most < said).then(|| format!("{}ms", most.as_millis()))
        });
        out.push_str(shorter.as_deref().unwrap_or(value));
        rest = further;
    }
    out + rest
}

/// The same commands, over sooner.
pub fn commands(text: &str) -> String {
    let mut parts = text.split("--duration ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
        out.push_str("--duration 1s");
        out.push_str(rest);
    }
    out
}

#[test]
fn only_durations_change() {
    let text = "stages:\n  - {duration: 5m, target: 30/m}\nduration: 300ms\nname: at 5m: x\nthink_time: {normal: {mean: 10s, stddev: 3s}}\nwarmup: 1m\np95: 2s\n";
    let shorter = "stages:\n  - {duration: 900ms, target: 30/m}\nduration: 300ms\nname: at 5m: x\nthink_time: {normal: {mean: 100ms, stddev: 30ms}}\nwarmup: 0ms\np95: 2s\n";
    assert_eq!(scenario(text), shorter);
    let line = "rehearse run a.yaml --duration 10m --vus 3\n";
    assert_eq!(
        commands(line),
        "rehearse run a.yaml --duration 1s --vus 3\n"
    );
}
