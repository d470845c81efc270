//! Finding a password that is a UUID: what somebody is invited with.

use std::sync::LazyLock;

use regex::Regex;
use secrecy::SecretString;

use super::extract::{Wanted, only};
use super::{Content, ExtractError};

static UUID: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b").ok()
});

/// The one UUID in a message: in the plain text, else in what is seen of the HTML.
pub(super) fn token(content: &Content) -> Result<SecretString, ExtractError> {
    let (plain, html) = match content {
        Content::Code(code) => return Ok(code.clone()),
        Content::Automatic { by } => return Err(ExtractError::Automatic { by: by.clone() }),
        Content::Text { plain, html } => (plain, html),
    };
    let texts = [plain, html].into_iter().flatten();
    let mut found = texts.map(|text| {
        let text = text.as_str();
        let all = UUID.iter().flat_map(|uuid| uuid.find_iter(text));
        only(
            all.map(|found| found.as_str()).collect(),
            text,
            Wanted::Token,
        )
    });
    let first = found.next();
    let nothing = || ExtractError::NoCode {
        wanted: Wanted::Token,
        shown: String::new(),
    };
    match first {
        Some(Err(ExtractError::NoCode { .. })) => found.next().or(first),
        first => first,
    }
    .unwrap_or_else(|| Err(nothing()))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::token;
    use crate::otp::Content;

    #[test]
    fn the_one_uuid_of_a_message_is_found_in_either_part() {
        let uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
        let found = |plain: &str, html: &str| {
            let part = |text: &str| (!text.is_empty()).then(|| text.into());
            let content = Content::Text {
                plain: part(plain),
                html: part(html),
            };
            let token = token(&content).ok()?;
            Some(token.expose_secret().to_owned())
        };
        let text = format!("Log in with {uuid}.");
        assert_eq!(found(&text, "").as_deref(), Some(uuid));
        assert_eq!(found("see below, 123456", &text).as_deref(), Some(uuid));
        assert_eq!(found("", "nothing"), None);
        assert_eq!(found("", ""), None);
        let other = uuid.replace('0', "1");
        assert_eq!(found(&format!("{uuid} {other}"), ""), None);
    }
}
