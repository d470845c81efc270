//! What of a request and its answer is a secret: for traces and for errors alike.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap, PROXY_AUTHORIZATION, SET_COOKIE};
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::multipart;
use super::text::json;
use crate::shown::{Secrets, is_secret_name};
use crate::wiped::WipedJson;

/// Parts of addresses at which tokens are had.
const OF_TOKENS: &[&str] = &[
    "token",
    "tokens",
    "login",
    "signin",
    "refresh",
    "authenticate",
];

/// Whether what a good answer from there says is a secret as a whole.
pub(super) fn tells_secrets(url: &Url) -> bool {
    let mut parts = url.path_segments().into_iter().flatten();
    parts.any(|part| OF_TOKENS.contains(&part.to_ascii_lowercase().as_str()))
}

/// Whether a header of this name has a secret as its value.
pub(super) fn is_secret_header(name: &str) -> bool {
    [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE, SET_COOKIE]
        .iter()
        .any(|known| known == name)
        || is_secret_name(name)
}

/// Learns the secrets of a request, of which some were named.
pub(super) fn request(
    secrets: &mut Secrets,
    url: &Url,
    headers: &HeaderMap,
    body: Option<&[u8]>,
    named: &[SecretString],
) {
    for secret in named {
        secrets.add_named(secret.expose_secret());
    }
    self::headers(secrets, headers);
    secrets.add(url.password().unwrap_or_default());
    for (name, value) in url.query_pairs() {
        if is_secret_name(&name) {
            secrets.add(&value);
        }
    }
    let Some(body) = body else { return };
    for part in multipart::parts(body, headers).unwrap_or_default() {
        match std::str::from_utf8(part.content) {
            Ok(text) if is_secret_name(part.name) => secrets.add(text),
            _ => self::body(secrets, part.content),
        }
    }
    self::body(secrets, body);
}

/// Learns the secrets of an answer, which may be one as a whole.
pub(super) fn answer(secrets: &mut Secrets, headers: &HeaderMap, body: &str, whole: bool) {
    self::headers(secrets, headers);
    self::body(secrets, body.as_bytes());
    if whole {
        secrets.add(body.trim());
        secrets.add(body.trim().trim_matches('"'));
        if let Ok(json) = json(body) {
            secrets.add_all_in(&WipedJson(json).0);
        }
    }
}

fn headers(secrets: &mut Secrets, headers: &HeaderMap) {
    for (name, value) in headers {
        let Ok(text) = value.to_str() else { continue };
        if name == COOKIE || name == SET_COOKIE {
            let all = if name == COOKIE { usize::MAX } else { 1 };
            for pair in text.split(';').take(all) {
                let (_, value) = pair.split_once('=').unwrap_or_default();
                secrets.add(value.trim());
            }
        } else if name == AUTHORIZATION || name == PROXY_AUTHORIZATION {
            let (scheme, rest) = text.split_once(' ').unwrap_or(("", text));
            secrets.add(rest);
            if scheme.eq_ignore_ascii_case("basic") {
                basic(secrets, rest);
            }
        } else if value.is_sensitive() || is_secret_name(name.as_str()) {
            secrets.add(text);
        }
    }
}

/// The password in `Basic …`. The login is shown elsewhere as it is.
fn basic(secrets: &mut Secrets, encoded: &str) {
    let decoded = STANDARD.decode(encoded.trim()).map(Zeroizing::new);
    let Ok(decoded) = decoded else { return };
    let text = String::from_utf8_lossy(&decoded);
    if let Some((_, password)) = text.split_once(':') {
        secrets.add(password);
    }
}

fn body(secrets: &mut Secrets, body: &[u8]) {
    if let Ok(json) = serde_json::from_slice(body) {
        secrets.add_named_in(&WipedJson(json).0);
    } else if !body.contains(&b'\n') {
        for (name, value) in form_urlencoded::parse(body) {
            if is_secret_name(&name) {
                secrets.add(&value);
            }
        }
    }
}
