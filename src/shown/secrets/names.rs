//! Names that say that a value is a secret.

/// Names of values that are nobody's to see, without `_`, `-` and `.`.
const NAMES: &[&str] = &[
    "accesstoken",
    "apikey",
    "authorization",
    "captcha",
    "clientsecret",
    "friendlycaptcha",
    "friendlycaptcharesponse",
    "frccaptchasolution",
    "grecaptcharesponse",
    "idtoken",
    "jwt",
    "onetimepassword",
    "otp",
    "passphrase",
    "passwd",
    "password",
    "passwordhash",
    "privatekey",
    "recaptcha",
    "refreshtoken",
    "secret",
    "session",
    "sessionid",
    "token",
    "xapikey",
    "xauthtoken",
    "xcsrftoken",
];

/// Names of values that may be secrets: a message does without them.
const DOUBTFUL: &[&str] = &[
    "code",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "key",
    "pin",
    "setcookie",
    "signature",
];

/// Whether values of this name are secrets.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let plain = plain(name);
    let ends = ["token", "password", "passphrase", "clientsecret", "apikey"];
    NAMES.contains(&plain.as_str()) || ends.iter().any(|end| plain.ends_with(end))
}

/// Whether a value that comes by this path, such as `answer.json.code`, may be a
/// secret.
pub(crate) fn may_lead_to_secret(path: &str) -> bool {
    let of_names = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let mut names = path.split(|c| !of_names(c));
    names.any(|name| {
        let plain = plain(name);
        is_secret_name(name)
            || DOUBTFUL.contains(&plain.as_str())
            || ["secret", "key", "secretkey"].iter().any(|end| {
                // `monkey` opens nothing.
                plain.ends_with(end) && name.contains(['_', '-', 'K', 'S'])
            })
    })
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '-' | '_' | '.'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{is_secret_name, may_lead_to_secret};

    #[test]
    fn names_of_secrets() {
        for name in ["Authorization", "X-Api-Key", "refresh_token", "newPassword"] {
            assert!(is_secret_name(name), "{name}");
        }
        for path in [
            "answer.json.code",
            "it.headers['set-cookie']",
            "row.privateKey|length",
            "a.json.rows[0].signing_key",
            "token",
        ] {
            assert!(may_lead_to_secret(path), "{path}");
        }
        for path in [
            "answer.status",
            "it.json.message",
            "found.id",
            "x.monkey",
            "a.token_count",
        ] {
            assert!(!may_lead_to_secret(path), "{path}");
        }
    }
}
