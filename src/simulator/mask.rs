//! Paths as they may be shown: in refusals and in the log of what is unknown.

use percent_encoding::percent_decode_str;

/// Longest word of a path that is shown.
const WORD_LIMIT: usize = 40;

/// What follows one of these in an unknown path may be a secret.
const SECRET_AFTER: [&str; 6] = ["token", "password", "validate", "otp", "secret", "login"];

/// A path that is served, with its secrets hidden: the code of
/// `process/validate`, the key of `user/token` and the token of a socket.
pub(super) fn known_path(path: &str) -> String {
    let mut shown: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        let secret = match shown.as_slice() {
            [.., "process", "validate"] => Some("{requestId}-{code}"),
            [.., "user", "token", _] => Some("{key}"),
            [.., "notification"] if segment.contains(';') => Some("subscribe;tokenid={token}"),
            _ => None,
        };
        shown.push(secret.unwrap_or(segment));
    }
    shown.join("/")
}

/// A path that nothing is known of. Only what looks like a word is shown, and
/// not after a word that announces a secret.
pub(super) fn unknown_path(path: &str) -> String {
    let mut hidden = false;
    let shown: Vec<_> = path
        .split('/')
        .map(|segment| {
            let text = percent_decode_str(segment).decode_utf8_lossy();
            let shown = if hidden && !text.is_empty() {
                "{hidden}".to_owned()
            } else {
                word(&text)
            };
            let lower = text.to_ascii_lowercase();
            hidden |= SECRET_AFTER.iter().any(|word| lower.contains(word));
            shown
        })
        .collect();
    shown.join("/")
}

/// The text, if it is a word; else what it looks like.
pub(super) fn word(text: &str) -> String {
    let is_word = text.len() <= WORD_LIMIT
        && text
            .chars()
            .all(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_' | '.' | '*'));
    if is_word || is_version(text) {
        text.to_owned()
    } else if uuid::Uuid::try_parse(text).is_ok() {
        "{uuid}".to_owned()
    } else if text.chars().all(|c| c.is_ascii_digit()) {
        "{number}".to_owned()
    } else {
        "{other}".to_owned()
    }
}

/// `v2`
fn is_version(text: &str) -> bool {
    text.strip_prefix('v').is_some_and(|number| {
        (1..=2).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, proptest};

    use super::{known_path, unknown_path};

    #[test]
    fn secrets_in_a_known_path_are_hidden() {
        assert_eq!(
            known_path("/gateway/spec/process/validate/0f0f-123456"),
            "/gateway/spec/process/validate/{requestId}-{code}"
        );
        assert_eq!(
            known_path("/rest/v2/user/token/u1/s3cret"),
            "/rest/v2/user/token/u1/{key}"
        );
        assert_eq!(
            known_path("/ws/v2/notification/subscribe;tokenid=s3cret"),
            "/ws/v2/notification/subscribe;tokenid={token}"
        );
    }

    #[test]
    fn other_known_paths_are_shown_as_they_are() {
        for path in [
            "/",
            "",
            "/rest/v2/user/current",
            "/rest/v1/contact/service/x",
        ] {
            assert_eq!(known_path(path), path);
        }
    }

    #[test]
    fn of_an_unknown_path_only_words_are_shown() {
        for (path, shown) in [
            ("/rest/v2/invoice/byIds", "/rest/v2/invoice/byIds"),
            ("/rest/v2/contact/", "/rest/v2/contact/"),
            ("//", "//"),
            ("*", "*"),
            (
                "/rest/v2/device/1b671a64-40d5-491e-99b0-da01ff1f3341/x",
                "/rest/v2/device/{uuid}/x",
            ),
            ("/code/123456", "/code/{number}"),
            ("/mail/ada@example.org", "/mail/{other}"),
            ("/mail/ada%40example.org", "/mail/{other}"),
            ("/v123/%FF/hunter2", "/{other}/{other}/{other}"),
            ("/user/tokens/u/hunter", "/user/tokens/{hidden}/{hidden}"),
            ("/user/%74oken/u/hunter", "/user/token/{hidden}/{hidden}"),
            ("/user//token/u/", "/user//token/{hidden}/"),
        ] {
            assert_eq!(unknown_path(path), shown);
        }
        let long = format!("/{}", "x".repeat(41));
        assert_eq!(unknown_path(&long), "/{other}");
    }

    proptest! {
        #[test]
        fn what_is_shown_is_plain(path in any::<String>()) {
            let shown = unknown_path(&path);
            prop_assert!(shown.chars().all(|c| !c.is_control() && c.is_ascii()), "{}", shown);
        }

        #[test]
        fn a_code_is_never_shown(before in "(/[a-z]{0,8}){0,4}", code in "[0-9]{4,12}") {
            let shown = unknown_path(&format!("{before}/{code}"));
            prop_assert!(!shown.contains(&code), "{}", shown);
        }
    }
}
