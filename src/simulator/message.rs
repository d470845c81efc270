//! The text that carries a code.

use std::time::Duration;

/// Subject of the e-mail.
pub(super) const SUBJECT: &str = "Your verification code";

/// What a person reads. The code is the only run of digits of its length: a
/// reader that looks for one finds it, whatever the person is called.
pub(super) fn text(first_name: &str, code: &str, lifetime: Duration) -> String {
    format!(
        "Hello{},\n\nyour verification code is {code}. It is valid for {}.\n",
        greeted(first_name),
        in_words(lifetime)
    )
}

/// A name that holds digits is not used: they could be taken for the code.
fn greeted(first_name: &str) -> String {
    let name = first_name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().any(|c| c.is_numeric() || c.is_control()) {
        String::new()
    } else {
        format!(" {name}")
    }
}

/// At most three digits, which is shorter than every code.
fn in_words(lifetime: Duration) -> String {
    let seconds = lifetime.as_secs();
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..60_000 => (seconds / 60, "minute"),
        60_000..3_600_000 => (seconds / 3600, "hour"),
        _ => return "a long time".to_owned(),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::text;

    #[test]
    fn reads_like_a_mail() {
        assert_eq!(
            text("Daenerys", "123456", Duration::from_secs(300)),
            "Hello Daenerys,\n\nyour verification code is 123456. It is valid for 5 minutes.\n"
        );
        assert!(text("", "1234", Duration::from_secs(60)).starts_with("Hello,"));
    }

    proptest! {
        #[test]
        fn the_code_is_the_only_run_of_its_length(
            name in ".{0,20}|[0-9]{4,12}",
            code in "[0-9]{4,12}",
            seconds in any::<u64>(),
        ) {
            let text = text(&name, &code, Duration::from_secs(seconds));
            let runs: Vec<&str> = text
                .split(|c: char| !c.is_ascii_digit())
                .filter(|run| run.len() == code.len())
                .collect();
            prop_assert_eq!(runs, vec![code.as_str()]);
        }
    }
}
