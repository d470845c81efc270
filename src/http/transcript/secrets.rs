//! Finds secrets in requests and answers, and cuts them out of texts.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use regex::Regex;
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap, PROXY_AUTHORIZATION, SET_COOKIE};
use secrecy::ExposeSecret;
use serde_json::Value;
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::multipart;
use crate::http::Exchange;

/// What is shown in place of a secret.
pub(super) const SHOWN: &str = "[secret]";

/// Shorter ones are cut out where they are known to be, and not looked for
/// elsewhere: they would be found in everything.
const SHORTEST: usize = 4;

/// Names of values that are nobody's to see, without `_` and `-`.
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

/// A JSON Web Token, wherever it stands.
static JWT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*").ok());

/// Whether values of this name are secrets.
pub fn is_secret_name(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(|c| !matches!(c, '-' | '_' | '.'))
        .flat_map(char::to_lowercase)
        .collect();
    let ends = ["token", "password", "passphrase", "clientsecret", "apikey"];
    NAMES.contains(&plain.as_str()) || ends.iter().any(|end| plain.ends_with(end))
}

/// Whether a header of this name has a secret as its value.
pub(super) fn is_secret_header(name: &str) -> bool {
    [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE, SET_COOKIE]
        .iter()
        .any(|known| known == name)
        || is_secret_name(name)
}

/// Secrets that were found.
#[derive(Default)]
pub(super) struct Secrets {
    /// The longest first, so that none is cut out as a part of another.
    found: Vec<Zeroizing<String>>,
}

impl Secrets {
    /// Looks for secrets in a request and its answer.
    pub(super) fn learn(&mut self, exchange: &Exchange) {
        for secret in &exchange.secrets {
            self.add(secret.expose_secret());
        }
        self.headers(&exchange.headers);
        for (name, value) in exchange.url.query_pairs() {
            if is_secret_name(&name) {
                self.add(&value);
            }
        }
        if let Some(body) = &exchange.body {
            for part in multipart::parts(body, &exchange.headers).unwrap_or_default() {
                match std::str::from_utf8(part.content) {
                    Ok(text) if is_secret_name(part.name) => self.add(text),
                    _ => self.body(part.content),
                }
            }
            self.body(body);
        }
        let Ok(answer) = &exchange.answer else { return };
        self.headers(&answer.headers);
        self.body(&answer.body);
        if exchange.secret_answer {
            let text = String::from_utf8_lossy(&answer.body);
            self.add(text.trim());
            self.add(text.trim().trim_matches('"'));
            if let Ok(json) = serde_json::from_slice(&answer.body) {
                self.every_text(&json);
            }
        }
    }

    /// Cuts every secret out of a text.
    pub(super) fn cut(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.found {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), SHOWN);
            }
        }
        match &*JWT {
            Some(jwt) => jwt.replace_all(&text, SHOWN).into_owned(),
            None => text,
        }
    }

    fn headers(&mut self, headers: &HeaderMap) {
        for (name, value) in headers {
            let Ok(text) = value.to_str() else { continue };
            if name == COOKIE || name == SET_COOKIE {
                for pair in text
                    .split(';')
                    .take(if name == COOKIE { usize::MAX } else { 1 })
                {
                    let (_, value) = pair.split_once('=').unwrap_or_default();
                    self.add(value.trim());
                }
            } else if name == AUTHORIZATION || name == PROXY_AUTHORIZATION {
                let (scheme, rest) = text.split_once(' ').unwrap_or(("", text));
                self.add(rest);
                if scheme.eq_ignore_ascii_case("basic") {
                    self.basic(rest);
                }
            } else if value.is_sensitive() || is_secret_name(name.as_str()) {
                self.add(text);
            }
        }
    }

    /// The password in `Basic …`. The login is shown elsewhere as it is.
    fn basic(&mut self, encoded: &str) {
        let decoded = STANDARD.decode(encoded.trim()).map(Zeroizing::new);
        let Ok(decoded) = decoded else { return };
        let text = String::from_utf8_lossy(&decoded);
        if let Some((_, password)) = text.split_once(':') {
            self.add(password);
        }
    }

    fn body(&mut self, body: &[u8]) {
        if let Ok(json) = serde_json::from_slice::<Value>(body) {
            self.json(&json);
        } else if !body.contains(&b'\n') {
            for (name, value) in form_urlencoded::parse(body) {
                if is_secret_name(&name) {
                    self.add(&value);
                }
            }
        }
    }

    fn json(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.json(item)),
            Value::Object(entries) => {
                for (name, value) in entries {
                    if is_secret_name(name) {
                        self.every_text(value);
                    } else {
                        self.json(value);
                    }
                }
            }
            _ => {}
        }
    }

    fn every_text(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.add(text),
            Value::Number(number) => self.add(&number.to_string()),
            Value::Array(items) => items.iter().for_each(|item| self.every_text(item)),
            Value::Object(entries) => {
                entries.values().for_each(|value| self.every_text(value));
            }
            _ => {}
        }
    }

    /// A secret, as it is and as it stands in a URL.
    pub(super) fn add(&mut self, secret: &str) {
        if secret.chars().count() < SHORTEST {
            return;
        }
        let encoded = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        for text in [secret.to_owned(), encoded, form] {
            if !self.found.iter().any(|known| **known == text) {
                self.found.push(Zeroizing::new(text));
            }
        }
        self.found.sort_by_key(|text| std::cmp::Reverse(text.len()));
    }
}
