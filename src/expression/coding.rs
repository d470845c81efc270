//! Texts in the form that a URL, a header or a signature wants: `urlencode` and
//! its kind. What is made of a secret is one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::{Error, ErrorKind, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::compare::names_secrets;
use super::secret::{contains_secret, exposed, secret_value, take_secret};
use crate::wiped::WipedJson;

/// `None` when a text is not in the form that is to be decoded.
pub(crate) type Coding = fn(&str) -> Option<String>;

/// Names of the filters here, each of which makes a text of a text or a number.
pub(crate) const CODINGS: [(&str, Coding); 5] = [
    ("urlencode", |text| {
        Some(utf8_percent_encode(text, &RESERVED).to_string())
    }),
    ("urldecode", |text| {
        Some(percent_decode_str(text).decode_utf8().ok()?.into_owned())
    }),
    ("base64encode", |text| Some(STANDARD.encode(text))),
    ("base64decode", |text| {
        String::from_utf8(STANDARD.decode(text).ok()?).ok()
    }),
    ("sha256", |text| Some(hex::encode(Sha256::digest(text)))),
];

/// All but what means itself anywhere in a URL (RFC 3986, 2.3). `/` is encoded,
/// too: an id may have one.
const RESERVED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Applies one of them.
///
/// # Errors
/// When the value is no text or number, or is not in the form to be decoded.
pub(crate) fn apply(name: &str, coding: Coding, value: &Value) -> Result<Value, Error> {
    let wrong = |what: String| Error::new(ErrorKind::InvalidOperation, what);
    let unread = || wrong(format!("{name}: the text is not in that form"));
    if let Some(secret) = take_secret(value) {
        let made = coding(secret.expose_secret()).ok_or_else(unread)?;
        return Ok(secret_value(SecretString::from(made)));
    }
    if value.as_str().is_none() && !value.is_number() || contains_secret(value) {
        let kind = value.kind();
        return Err(wrong(format!("{name}: expected a text, got {kind}")));
    }
    let text = value.to_string();
    coding(&text).map(Value::from).ok_or_else(unread)
}

/// A value of any shape as JSON: a secret where one is in it, or something under the
/// name of one.
///
/// # Errors
/// When there is no value, or one that JSON has not.
pub(crate) fn to_json(value: &Value) -> Result<Value, Error> {
    let wrong = |what: &str| Error::new(ErrorKind::InvalidOperation, format!("tojson: {what}"));
    if value.is_undefined() {
        return Err(wrong("expected a value, got undefined"));
    }
    let mut secrets = Vec::new();
    let json = exposed(value, &mut secrets).map_err(|error| wrong(&error.to_string()))?;
    let json = WipedJson(json);
    let text = Zeroizing::new(json.0.to_string());
    Ok(if secrets.is_empty() && !names_secrets(&json.0) {
        Value::from(text.as_str())
    } else {
        secret_value(SecretString::from(text.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use minijinja::{Value, context};
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::super::environment::ENVIRONMENT;
    use super::super::secret::{secret_value, take_secret};

    fn eval(expression: &str, it: Value) -> Result<Value, String> {
        let compiled = ENVIRONMENT.compile_expression_owned(expression.to_owned());
        let value = compiled.unwrap().eval(context! { it => it });
        value.map_err(|error| error.detail().unwrap_or_default().to_owned())
    }

    #[test]
    fn each_makes_what_others_make() {
        for (expression, it, expected) in [
            (
                "it|urlencode",
                "user/1?x#y %é~",
                "user%2F1%3Fx%23y%20%25%C3%A9~",
            ),
            ("it|urldecode", "a%2Fb+c", "a/b+c"),
            // RFC 4648, 10.
            ("it|base64encode", "foob", "Zm9vYg=="),
            ("it|base64decode", "Zm9vYg==", "foob"),
            // FIPS 180-2, B.1.
            (
                "it|sha256",
                "abc",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
        ] {
            assert_eq!(
                eval(expression, it.into()).unwrap().as_str(),
                Some(expected)
            );
        }
        assert_eq!(eval("it|urlencode", 5.into()).unwrap().as_str(), Some("5"));
    }

    #[test]
    fn a_value_of_any_shape_is_json() {
        let value = context! {
            name => "it's \"so\"", list => vec![Value::from(1), Value::from(())],
            whole => u64::MAX, small => 1e-7, yes => true, none => (),
        };
        assert_eq!(
            eval("it|tojson", value).unwrap().as_str(),
            Some(
                r#"{"name":"it's \"so\"","list":[1,null],"whole":18446744073709551615,"small":1e-7,"yes":true,"none":null}"#
            )
        );
        assert_eq!(
            eval("it|tojson", "x".into()).unwrap().as_str(),
            Some("\"x\"")
        );
        assert!(eval("it|tojson", Value::UNDEFINED).is_err());
    }

    #[test]
    fn json_of_secrets_is_a_secret() {
        let of = |value| take_secret(&eval("it|tojson", value).unwrap());
        let inside = of(context! { a => vec![secret_value("hunter22".into())] }).unwrap();
        assert_eq!(inside.expose_secret(), r#"{"a":["hunter22"]}"#);
        // Nobody knows what stands under such a name.
        assert!(of(context! { a => context! { password => "hunter22" } }).is_some());
        assert!(of(context! { password => () }).is_none());
    }

    #[test]
    fn what_is_made_of_a_secret_is_one() {
        let made = eval("it|base64encode", secret_value("hunter22".into())).unwrap();
        assert_eq!(made.to_string(), "[secret]");
        assert_eq!(take_secret(&made).unwrap().expose_secret(), "aHVudGVyMjI=");
        let inside = Value::from(vec![secret_value("hunter22".into())]);
        assert!(eval("it|urlencode", inside).is_err());
    }

    #[test]
    fn what_cannot_be_read_is_told_without_it() {
        let error = eval("it|base64decode", "hunter22!".into()).unwrap_err();
        assert_eq!(error, "base64decode: the text is not in that form");
        let error = eval("it|urlencode", Value::from(vec![1])).unwrap_err();
        assert_eq!(error, "urlencode: expected a text, got sequence");
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(text: String) {
            for expression in ["it|urlencode|urldecode", "it|base64encode|base64decode"] {
                let back = eval(expression, text.clone().into()).unwrap();
                prop_assert_eq!(back.as_str(), Some(&*text));
            }
        }
    }
}
