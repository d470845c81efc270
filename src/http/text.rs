//! The body of an answer as a text or as JSON, in whatever way it is written.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;

use super::Headers;

/// The text of a body: in the charset that `Content-Type` names, else in UTF-8.
/// A byte order mark says it better and is no part of the text (WHATWG
/// Encoding, 6). What cannot be read is U+FFFD.
pub(super) fn text<'b>(headers: &Headers, body: &'b [u8]) -> Cow<'b, str> {
    let charset = headers.values(&CONTENT_TYPE).find_map(charset);
    charset.unwrap_or(UTF_8).decode(body).0
}

fn charset(content_type: &[u8]) -> Option<&'static Encoding> {
    let mut parameters = content_type.split(|&byte| byte == b';').skip(1);
    parameters.find_map(|parameter| {
        let equals = parameter.iter().position(|&byte| byte == b'=')?;
        let (name, value) = parameter.split_at(equals);
        let is_charset = name.trim_ascii().eq_ignore_ascii_case(b"charset");
        let value = value[1..].trim_ascii();
        let quoted = value.strip_prefix(b"\"");
        let value = quoted
            .and_then(|value| value.strip_suffix(b"\""))
            .unwrap_or(value);
        Encoding::for_label(value).filter(|_| is_charset)
    })
}

/// The document that a text is. Where JSON allows what our numbers and texts
/// cannot hold (RFC 8259, 6 and 8.2), the nearest that they can is taken: `1e400`
/// is the largest number, half of a pair of surrogates U+FFFD.
pub(super) fn json(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text).or_else(|error| {
        let nearest = nearest(text);
        // What the error is about stands in the text that came.
        serde_json::from_str(&nearest).map_err(|_| error)
    })
}

/// The same with numbers and texts that can be held.
fn nearest(mut json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    while let Some(first) = json.chars().next() {
        let (length, instead) = match first {
            '"' => {
                json = quoted(json, &mut out);
                continue;
            }
            '-' | '0'..='9' => {
                let is_part =
                    |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
                let length = json.find(|c| !is_part(c)).unwrap_or(json.len());
                let number: f64 = json[..length].parse().unwrap_or_default();
                let largest = number.is_infinite().then_some(f64::MAX.copysign(number));
                (length, largest.map(|number| format!("{number:e}")))
            }
            other => (other.len_utf8(), None),
        };
        out.push_str(instead.as_deref().unwrap_or(&json[..length]));
        json = &json[length..];
    }
    out
}

/// Takes a text with its quotes, and returns what comes after it.
fn quoted<'j>(json: &'j str, out: &mut String) -> &'j str {
    out.push('"');
    let mut rest = &json[1..];
    while let Some(first) = rest.chars().next() {
        let length = match (first, unit(rest)) {
            ('"', _) => {
                out.push('"');
                return &rest[1..];
            }
            (_, Some(0xd800..=0xdbff)) if matches!(unit(&rest[6..]), Some(0xdc00..=0xdfff)) => 12,
            (_, Some(0xd800..=0xdfff)) => {
                out.push('\u{fffd}');
                rest = &rest[6..];
                continue;
            }
            ('\\', _) => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            _ => first.len_utf8(),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    rest
}

/// The code unit of an escape such as `\ud83d`, if one stands here.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let all_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u16::from_str_radix(digits, 16).ok().filter(|_| all_hex)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

    use super::{json, nearest, text};

    fn read(kind: &'static str, body: &[u8]) -> String {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        text(&headers.into(), body).into_owned()
    }

    #[test]
    fn a_text_is_read_in_its_charset() {
        for (kind, body, expected) in [
            ("text/plain; charset=iso-8859-1", &b"caf\xe9"[..], "café"),
            (
                "text/plain;format=flowed ; Charset = \"ISO-8859-15\"",
                b"\xa4",
                "€",
            ),
            ("text/html; charset=Shift_JIS", b"\x83R\x81[\x83h", "コード"),
            ("application/json", "é".as_bytes(), "é"),
            ("text/plain; charset=unheard-of", "é".as_bytes(), "é"),
            ("text/plain", b"\xff\xfea\0b\0", "ab"),
            (
                "text/plain; charset=iso-8859-1",
                b"\xef\xbb\xbf\xc3\xa9",
                "é",
            ),
            ("text/plain", b"a\xffb", "a\u{fffd}b"),
        ] {
            assert_eq!(read(kind, body), expected, "{kind}");
        }
    }

    #[test]
    fn what_no_number_or_text_can_hold_is_the_nearest() {
        let value = json(
            r#"{"a": [1e400, -1E+999, 1e-400, 5], "b": "\ud83d \ud83d\ude00 \udc00", "a2": "1e400"}"#,
        );
        let value = value.unwrap();
        assert_eq!(value["a"], serde_json::json!([f64::MAX, f64::MIN, 0.0, 5]));
        assert_eq!(value["b"], "\u{fffd} 😀 \u{fffd}");
        assert_eq!(value["a2"], "1e400");
        assert_eq!(json(r#"{"a": 1, "a": 2}"#).unwrap()["a"], 2);
    }

    #[test]
    fn what_is_no_json_stays_so() {
        for text in [
            "", "{", "NaN", "1e400x", "\"\\ud83", "\"\\", "[1e400", "<p>",
        ] {
            let error = serde_json::from_str::<serde_json::Value>(text).unwrap_err();
            let ours = json(text).unwrap_err();
            assert_eq!(ours.to_string(), error.to_string(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_can_be_held_is_left_as_it_is(text: String, number: f64) {
            let json = serde_json::json!({"text": text, "number": number, "list": [number, 1]});
            let written = json.to_string();
            prop_assert_eq!(nearest(&written), written);
            let _ = nearest(&text);
        }
    }
}
