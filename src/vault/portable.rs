//! Credentials as JSON: the form in which users of the JavaScript SDK keep
//! them, out of the vault and into it.
//!
//! The tutorial's `saveSecurely` and `getBackCredentials` (icure/medtech-docs,
//! `how-to/authenticate-user`) hold `login`, `token`, `userId`, `groupId` and,
//! depending on the version, `keyPairs` or `keys` (a list of
//! `{privateKey, publicKey}`), `keyPair` (one of them), or `pubKey` and
//! `privKey`. All of these are read; `keyPairs` is written. Public keys are
//! SPKI, private ones PKCS#8, both DER in hexadecimal.

use std::collections::HashMap;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;
use zeroize::Zeroizing;

use super::{Ids, SavedCredentials, SavedTarget};
use crate::crypto::{CryptoBackend, CryptoError, KeyPair};
use crate::wiped::WipedJson;

/// What is written of one name. It holds secrets, so it has no `Debug`; it
/// lives as long as the writing.
#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Exported<'a> {
    name: &'a str,
    login: &'a str,
    token: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    user_id: &'a str,
    group_id: Option<&'a str>,
    data_owner_id: Option<&'a str>,
    key_pairs: Vec<ExportedPair<'a>>,
    token_expires_at: Option<i64>,
    saved_at: i64,
    target: Option<ExportedTarget<'a>>,
    #[serde(skip_serializing_if = "Ids::is_empty")]
    ids: &'a Ids,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExportedTarget<'a> {
    api_url: &'a str,
    gateway_url: &'a str,
    spec_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    route: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExportedPair<'a> {
    public_key: &'a str,
    private_key: &'a str,
}

/// Room for everything in the JSON of one user but its keys, in bytes.
const FRAME: usize = 1024;

/// A JSON list of credentials, secrets included.
///
/// # Errors
/// When a private key cannot be encoded.
pub fn export(
    credentials: &[(String, SavedCredentials)],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let mut privates: Vec<Vec<SecretString>> = Vec::with_capacity(credentials.len());
    for (_, saved) in credentials {
        let pairs = saved.key_pairs.iter();
        privates.push(pairs.map(KeyPair::to_pkcs8_hex).collect::<Result<_, _>>()?);
    }
    let list: Vec<Exported<'_>> = credentials
        .iter()
        .zip(&privates)
        .map(|((name, saved), privates)| exported(name, saved, privates))
        .collect();
    let length = |one: &Exported<'_>| {
        let texts = one.name.len() + one.login.len() + one.token.len();
        let pairs = one.key_pairs.iter();
        let keys: usize = pairs
            .map(|pair| pair.public_key.len() + pair.private_key.len() + 128)
            .sum();
        let target = one.target.as_ref();
        let target = target.map_or(0, |to| {
            to.api_url.len() + to.gateway_url.len() + to.spec_id.len() + to.route.len()
        });
        let ids = serde_json::to_vec_pretty(one.ids).map_or(0, |ids| ids.len());
        FRAME + 6 * (texts + target) + 4 * ids + keys
    };
    // Never grown: growing would leave a copy of the secrets behind.
    let capacity = list.iter().map(length).sum::<usize>() + 2;
    let mut json = Zeroizing::new(Vec::with_capacity(capacity));
    serde_json::to_writer_pretty(&mut *json, &list)
        .map_err(|_| CryptoError::Failed("writing JSON"))?;
    json.push(b'\n');
    Ok(json)
}

fn exported<'a>(
    name: &'a str,
    saved: &'a SavedCredentials,
    privates: &'a [SecretString],
) -> Exported<'a> {
    let pairs = saved.key_pairs.iter().zip(privates);
    Exported {
        name,
        login: &saved.login,
        token: saved.token.expose_secret(),
        user_id: &saved.user_id,
        group_id: saved.group_id.as_deref(),
        data_owner_id: saved.data_owner_id.as_deref(),
        key_pairs: pairs
            .map(|(pair, private)| ExportedPair {
                public_key: pair.public().spki_hex(),
                private_key: private.expose_secret(),
            })
            .collect(),
        token_expires_at: saved.token_expires_at,
        saved_at: saved.saved_at,
        target: saved.target.as_ref().map(|target| ExportedTarget {
            api_url: &target.api_url,
            gateway_url: &target.gateway_url,
            spec_id: &target.spec_id,
            route: &target.route,
        }),
        ids: &saved.ids,
    }
}

/// Why a JSON document holds no credentials. It repeats nothing of the
/// document but names of its keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {what}")]
pub struct ImportError {
    /// Where: a JSON path such as `$[2].keyPairs[0].privateKey`, or a line and
    /// a column.
    pub at: String,
    /// What is expected there.
    pub what: String,
}

/// Reads one object of credentials or a list of them. The name is what `name`
/// says, else the login; `now` (milliseconds since 1970) is the time of saving
/// of those that say none.
///
/// # Errors
/// At the first thing that is not as it must be.
pub fn import(json: &[u8], now: i64) -> Result<Vec<(String, SavedCredentials)>, ImportError> {
    let document = serde_json::from_slice(json).map(WipedJson);
    let document = document.map_err(|error| ImportError {
        at: format!("line {}, column {}", error.line(), error.column()),
        what: "this is not JSON".into(),
    })?;
    let root = At {
        value: &document.0,
        path: "$".into(),
    };
    let read: Vec<(String, SavedCredentials)> = match &document.0 {
        Value::Array(_) => {
            let items = root.items("a list")?;
            items
                .iter()
                .map(|item| credentials(item, now))
                .collect::<Result<_, _>>()?
        }
        _ => vec![credentials(&root, now)?],
    };
    let mut seen = HashMap::new();
    for (index, (name, _)) in read.iter().enumerate() {
        if let Some(first) = seen.insert(name, index) {
            return Err(ImportError {
                at: format!("$[{index}]"),
                what: format!("it has the name of $[{first}]: give each a `name` of its own"),
            });
        }
    }
    Ok(read)
}

/// A value and how to find it.
struct At<'a> {
    value: &'a Value,
    path: String,
}

impl<'a> At<'a> {
    fn expected<T>(&self, what: impl Into<String>) -> Result<T, ImportError> {
        Err(ImportError {
            at: self.path.clone(),
            what: what.into(),
        })
    }

    /// The first of these keys that is there and not null.
    fn find(&self, names: &[&str]) -> Option<At<'a>> {
        names.iter().find_map(|name| {
            let value = self.value.get(name).filter(|value| !value.is_null())?;
            let path = format!("{}.{name}", self.path);
            Some(At { value, path })
        })
    }

    fn text(&self) -> Result<&'a str, ImportError> {
        match self.value.as_str() {
            Some(text) if !text.is_empty() => Ok(text),
            _ => self.expected("expected a text that is not empty"),
        }
    }

    fn required(&self, names: &[&str]) -> Result<&'a str, ImportError> {
        match self.find(names) {
            Some(found) => found.text(),
            None => self.expected(format!("`{}` is missing", names.join("` or `"))),
        }
    }

    fn optional(&self, names: &[&str]) -> Result<Option<String>, ImportError> {
        let found = self.find(names);
        let text = found.map(|found| found.text().map(str::to_owned));
        text.transpose()
    }

    fn time(&self, name: &str) -> Result<Option<i64>, ImportError> {
        let Some(found) = self.find(&[name]) else {
            return Ok(None);
        };
        match found.value.as_i64() {
            Some(time) => Ok(Some(time)),
            None => found.expected("expected a whole number of milliseconds since 1970"),
        }
    }

    fn items(&self, what: &str) -> Result<Vec<At<'a>>, ImportError> {
        let Some(items) = self.value.as_array().filter(|items| !items.is_empty()) else {
            return self.expected(format!("expected {what} that is not empty"));
        };
        let at = |(index, value)| At {
            value,
            path: format!("{}[{index}]", self.path),
        };
        Ok(items.iter().enumerate().map(at).collect())
    }
}

fn credentials(one: &At<'_>, now: i64) -> Result<(String, SavedCredentials), ImportError> {
    if !one.value.is_object() {
        return one.expected("expected an object with `login`, `token` and `keyPairs`");
    }
    let login = one.required(&["login", "username", "userName"])?;
    let saved = SavedCredentials {
        login: login.to_owned(),
        token: SecretString::from(one.required(&["token", "password"])?),
        user_id: one.optional(&["userId"])?.unwrap_or_default(),
        group_id: one.optional(&["groupId"])?,
        data_owner_id: one.optional(&["dataOwnerId"])?,
        key_pairs: key_pairs(one)?,
        token_expires_at: one.time("tokenExpiresAt")?,
        saved_at: one.time("savedAt")?.unwrap_or(now),
        target: target(one)?,
        ids: ids(one)?,
    };
    let name = one.optional(&["name"])?;
    Ok((name.unwrap_or_else(|| login.to_owned()), saved))
}

fn target(one: &At<'_>) -> Result<Option<SavedTarget>, ImportError> {
    let Some(target) = one.find(&["target"]) else {
        return Ok(None);
    };
    let text = |name| {
        let found = target.find(&[name]);
        found.map_or(Ok(String::new()), |found| match found.value.as_str() {
            Some(text) => Ok(text.to_owned()),
            None => found.expected("expected a text"),
        })
    };
    Ok(Some(SavedTarget {
        api_url: target.required(&["apiUrl"])?.to_owned(),
        gateway_url: target.required(&["gatewayUrl"])?.to_owned(),
        spec_id: text("specId")?,
        route: text("route")?,
    }))
}

fn ids(one: &At<'_>) -> Result<Ids, ImportError> {
    let Some(ids) = one.find(&["ids"]) else {
        return Ok(Ids::new());
    };
    match ids.value.as_object() {
        Some(values) => Ok(values.clone()),
        None => ids.expected("expected an object with values by their names"),
    }
}

fn key_pairs(one: &At<'_>) -> Result<Vec<KeyPair>, ImportError> {
    if let Some(list) = one.find(&["keyPairs", "keys"]) {
        let items = list.items("a list of key pairs")?;
        return items.iter().map(key_pair).collect();
    }
    if let Some(pair) = one.find(&["keyPair"]) {
        return Ok(vec![key_pair(&pair)?]);
    }
    if one.find(PRIVATE).is_some() {
        return Ok(vec![key_pair(one)?]);
    }
    one.expected("a key pair is missing: `keyPairs`, `keyPair`, or `pubKey` and `privKey`")
}

const PRIVATE: &[&str] = &["privateKey", "privKey"];
const PUBLIC: &[&str] = &["publicKey", "pubKey"];

fn key_pair(at: &At<'_>) -> Result<KeyPair, ImportError> {
    // `keyPairs: [{keyPair: {…}}]`: one level more says the same.
    if let Some(inner) = at.find(&["keyPair"]) {
        return key_pair(&inner);
    }
    let Some(private) = at.find(PRIVATE) else {
        return at.expected("`privateKey` or `privKey` is missing");
    };
    let pair = KeyPair::from_pkcs8_hex(
        CryptoBackend::default(),
        &SecretString::from(private.text()?),
    );
    let pair = match pair {
        Ok(pair) => pair,
        Err(error) => return private.expected(error.to_string()),
    };
    if let Some(public) = at.find(PUBLIC)
        && !public
            .text()?
            .eq_ignore_ascii_case(pair.public().spki_hex())
    {
        return public.expected(format!(
            "this public key is not that of the private key beside it, whose fingerprint is {}",
            pair.public().fingerprint()
        ));
    }
    Ok(pair)
}

#[cfg(test)]
mod tests;
