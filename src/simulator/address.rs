//! E-mail addresses and phone numbers: where codes are sent, and what people
//! log in with.

use super::Failure;

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// A well-formed e-mail address, as it was given.
    Email(String),
    /// A well-formed phone number, as it was given.
    Phone(String),
}

/// Longest e-mail address, in bytes (RFC 5321, 4.5.3.1.3).
pub(super) const EMAIL_LIMIT: usize = 254;

/// Addresses that are taken, for the description; so are others, such as those
/// with letters that are not ASCII.
pub(super) const EMAIL_PATTERN: &str =
    "^[!-?A-~]+@[A-Za-z0-9]+(-[A-Za-z0-9]+)*([.][A-Za-z0-9]+(-[A-Za-z0-9]+)*)+$";

/// Phone numbers that are taken, for the description.
pub(super) const PHONE_PATTERN: &str = "^[+]?[ .()-]*([0-9][ .()-]*){6,15}$";

impl Address {
    /// Reads an e-mail address: `local@domain.tld`.
    pub(super) fn email(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        if text.len() <= EMAIL_LIMIT && is_email(text) {
            Ok(Self::Email(text.to_owned()))
        } else {
            Err(Failure::bad_request(
                "malformed e-mail address: expected `name@example.org`",
            ))
        }
    }

    /// Reads a phone number: 6 to 15 digits (E.164 has at most 15), a `+`
    /// before them, spaces and `.-()` between them.
    pub(super) fn phone(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        if phone_digits(text).is_some() {
            Ok(Self::Phone(text.to_owned()))
        } else {
            Err(Failure::bad_request(
                "malformed phone number: expected 6 to 15 digits, as in `+32 475 12 34 56`",
            ))
        }
    }

    /// The address as it was given.
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Email(text) | Self::Phone(text) => text,
        }
    }

    /// `email` or `sms`.
    pub(super) fn channel(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            Self::Phone(_) => "sms",
        }
    }

    /// The account's login in the form in which logins are compared.
    pub(super) fn login(&self) -> String {
        normalise_login(self.as_str())
    }
}

/// The form in which logins are compared: e-mail addresses without regard to
/// case, phone numbers without regard to spacing.
pub(super) fn normalise_login(text: &str) -> String {
    let text = text.trim();
    phone_digits(text).unwrap_or_else(|| text.to_lowercase())
}

fn phone_digits(text: &str) -> Option<String> {
    let national = text.strip_prefix('+').unwrap_or(text);
    let mut digits = String::new();
    for c in national.chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '.' | '-' | '(' | ')' => {}
            _ => return None,
        }
    }
    let prefix = if text.starts_with('+') { "+" } else { "" };
    (6..=15)
        .contains(&digits.len())
        .then(|| format!("{prefix}{digits}"))
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let local_is_good = !local.is_empty()
        && !local
            .chars()
            .any(|c| c == '@' || c.is_whitespace() || c.is_control());
    let labels: Vec<&str> = domain.split('.').collect();
    let label_is_good = |label: &&str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    local_is_good && labels.len() >= 2 && labels.iter().all(label_is_good)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
    use proptest::string::string_regex;

    use super::{Address, EMAIL_LIMIT, EMAIL_PATTERN, PHONE_PATTERN, normalise_login};

    #[test]
    fn usual_addresses_are_taken() {
        for text in [
            "ada@example.org",
            " a.b+c@mail.example.co.uk ",
            "élan@bücher.example",
        ] {
            assert!(Address::email(text).is_ok(), "{text}");
        }
        for text in ["+32475123456", "0475 12.34-56", "(02) 555 12 12"] {
            assert!(Address::phone(text).is_ok(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_described_is_taken(
            email in string_regex(EMAIL_PATTERN.trim_matches(['^', '$'])).unwrap(),
            phone in string_regex(PHONE_PATTERN.trim_matches(['^', '$'])).unwrap(),
        ) {
            prop_assert_eq!(Address::email(&email).is_ok(), email.len() <= EMAIL_LIMIT, "{}", email);
            prop_assert!(Address::phone(&phone).is_ok(), "{}", phone);
        }
    }

    #[test]
    fn malformed_addresses_are_refused() {
        for text in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "ada@localhost",
            "a b@example.org",
            "a@b@example.org",
            "ada@-example.org",
            "ada@example..org",
        ] {
            assert!(Address::email(text).is_err(), "{text}");
        }
        for text in [
            "",
            "+",
            "12345",
            "1234567890123456",
            "+32x475123456",
            "32+475123456",
        ] {
            assert!(Address::phone(text).is_err(), "{text}");
        }
    }

    #[test]
    fn logins_that_mean_the_same_are_the_same() {
        assert_eq!(
            normalise_login("Ada@Example.ORG"),
            normalise_login("ada@example.org")
        );
        assert_eq!(
            normalise_login("+32 475 12 34 56"),
            normalise_login("+32475123456")
        );
        assert_ne!(
            normalise_login("0475123456"),
            normalise_login("+0475123456")
        );
    }
}
