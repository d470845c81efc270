//! Arguments that several steps take.

use minijinja::Value;
use secrecy::SecretString;
use serde::de::DeserializeOwned;

use super::StepError;
use super::forms::{Codes, Ids};
use crate::expression::{Scope, Template, TextTemplate, take_secret};
use crate::icure::Role;
use crate::language::{Choice, Read};
use crate::wire::{CaptchaKind, Code};

/// `role: patient | practitioner`
impl Choice for Role {
    const EXPECTED: &'static str = "`patient` or `practitioner`";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("patient", Self::Patient),
        ("practitioner", Self::Practitioner),
    ];
    const ALSO: &'static [(&'static str, &'static str)] = &[
        ("doctor", "practitioner"),
        ("hcp", "practitioner"),
        ("user", "patient"),
    ];
}

/// `captcha.type: recaptcha | friendly-captcha`
impl Choice for CaptchaKind {
    const EXPECTED: &'static str = "`recaptcha` or `friendly-captcha`";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("recaptcha", Self::Recaptcha),
        ("friendly-captcha", Self::FriendlyCaptcha),
    ];
}

/// Renders an optional text.
pub(super) fn text(
    argument: &'static str,
    template: Option<&TextTemplate>,
    scope: &Scope,
) -> Result<Option<String>, StepError> {
    template
        .map(|template| required(argument, template, scope))
        .transpose()
}

/// Renders a text that must be there.
pub(super) fn required(
    argument: &'static str,
    template: &TextTemplate,
    scope: &Scope,
) -> Result<String, StepError> {
    template
        .render(scope)
        .map_err(StepError::argument(argument))
}

/// Renders a value that may be a secret.
pub(super) fn secret(
    argument: &'static str,
    template: &Template,
    scope: &Scope,
) -> Result<SecretString, StepError> {
    let value = template
        .render(scope)
        .map_err(StepError::argument(argument))?;
    if let Some(secret) = take_secret(&value) {
        return Ok(secret);
    }
    match value.as_str() {
        Some(text) => Ok(SecretString::from(text)),
        None => Err(StepError::Argument {
            argument,
            reason: format!("expected a text, got {}", value.kind()),
        }),
    }
}

/// Renders a value of a certain shape.
pub(super) fn value<T: DeserializeOwned>(
    argument: &'static str,
    expected: &str,
    template: &Template,
    scope: &Scope,
) -> Result<T, StepError> {
    let value = template
        .render_open(scope)
        .map_err(StepError::argument(argument))?;
    from_value(argument, expected, &value)
}

/// The same where all that is not a list or mapping is a text.
pub(super) fn value_of_texts<T: DeserializeOwned>(
    argument: &'static str,
    expected: &str,
    template: &Template,
    scope: &Scope,
) -> Result<T, StepError> {
    let mut json: serde_json::Value = value(argument, expected, template, scope)?;
    as_texts(&mut json);
    serde_json::from_value(json).map_err(|error| unexpected(argument, expected, &error))
}

/// Puts numbers and booleans as texts.
pub(super) fn as_texts(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::Array(items) => items.iter_mut().for_each(as_texts),
        serde_json::Value::Object(entries) => entries.values_mut().for_each(as_texts),
        serde_json::Value::Number(_) | serde_json::Value::Bool(_) => {
            *json = json.to_string().into();
        }
        serde_json::Value::Null | serde_json::Value::String(_) => {}
    }
}

/// Renders a list of codes.
pub(super) fn codes(
    argument: &'static str,
    template: Option<&Codes>,
    scope: &Scope,
) -> Result<Option<Vec<Code>>, StepError> {
    template
        .map(|Codes(template)| value_of_texts(argument, Codes::EXPECTED, template, scope))
        .transpose()
}

fn from_value<T: DeserializeOwned>(
    argument: &'static str,
    expected: &str,
    value: &Value,
) -> Result<T, StepError> {
    serde_json::to_value(value)
        .and_then(serde_json::from_value)
        .map_err(|error| unexpected(argument, expected, &error))
}

fn unexpected(argument: &'static str, expected: &str, error: &serde_json::Error) -> StepError {
    StepError::Argument {
        argument,
        reason: format!("expected {expected}: {error}"),
    }
}

/// One id, or several; there must be one at least.
pub(super) fn some_ids(
    argument: &'static str,
    written: &Template,
    scope: &Scope,
) -> Result<Vec<String>, StepError> {
    let ids = ids(argument, written, scope)?;
    if ids.is_empty() {
        return Err(none(argument));
    }
    Ok(ids)
}

fn none(argument: &'static str) -> StepError {
    StepError::Argument {
        argument,
        reason: format!("expected {}, got none", Ids::EXPECTED),
    }
}

/// One id, several, or none at all.
pub(super) fn ids(
    argument: &'static str,
    written: &Template,
    scope: &Scope,
) -> Result<Vec<String>, StepError> {
    let rendered = written.render_open(scope);
    let rendered = rendered.map_err(StepError::argument(argument))?;
    let mut json = serde_json::to_value(&rendered).unwrap_or_default();
    as_texts(&mut json);
    let all = if json.is_string() {
        vec![json].into()
    } else {
        json
    };
    let ids: Vec<String> =
        serde_json::from_value(all).map_err(|error| unexpected(argument, Ids::EXPECTED, &error))?;
    if ids.iter().any(String::is_empty) {
        return Err(none(argument));
    }
    Ok(ids)
}
