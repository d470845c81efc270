use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::json;

use super::{SHOWN, Secrets};

fn knowing(secrets: &[&str]) -> Secrets {
    let mut all = Secrets::default();
    for secret in secrets {
        all.add(secret);
    }
    all
}

#[test]
fn a_secret_is_cut_out_and_what_is_around_it_stays() {
    let secrets = knowing(&["S3cr\"t/+ä", "hunter22"]);
    for (text, left) in [
        ("a S3cr\"t/+ä b", "a [secret] b"),
        ("a S3CR\"T/+ä b", "a [secret] b"),
        (r#"a "S3cr\"t\/+\u00e4" b"#, r#"a "[secret]" b"#),
        (r#"a \"S3cr\\\"t\\/+\\u00e4\" b"#, r#"a \"[secret]\" b"#),
        ("q=S3cr%22t%2F%2B%C3%A4&x", "q=[secret]&x"),
        ("q=S3cr%2522t%252f%252B%25c3%25A4&x", "q=[secret]&x"),
        ("<b>S3cr&quot;t/+&#228;</b>", "<b>[secret]</b>"),
        ("<b>S3cr&#x22;t/+&#xE4;</b>", "<b>[secret]</b>"),
        ("hunter22hunter22", SHOWN),
        ("hunter2 hunter22a", "hunter2 [secret]a"),
        (
            "nothing at all: 100 % of \\u12 &amp; %zz",
            "nothing at all: 100 % of \\u12 &amp; %zz",
        ),
    ] {
        assert_eq!(secrets.cut(text), left, "{text}");
    }
}

#[test]
fn the_beginning_of_a_secret_is_one() {
    let secrets = knowing(&["0123456789abcdefghij"]);
    assert_eq!(secrets.cut("x 01234567"), "x [secret]");
    assert_eq!(secrets.cut("x 0123456789abcde… y"), "x [secret]… y");
    assert_eq!(secrets.cut("x 0123456 y"), "x 0123456 y");
    let hex = hex::encode("0123456789abcdefghij");
    assert_eq!(secrets.cut(&hex[..20]), SHOWN);
    assert_eq!(
        secrets.cut(&STANDARD.encode("0123456789abcdefghij")[..14]),
        SHOWN
    );
}

#[test]
fn what_looks_like_a_secret_is_one() {
    let none = Secrets::default();
    for (text, left) in [
        ("x eyJhbGciOiJI.eyJzdWIiOiIx.c2ln y", "x [secret] y"),
        (
            "authorization: Bearer abcdefgh123 z",
            "authorization: Bearer [secret] z",
        ),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", SHOWN),
        (
            "GET /x?access_token=abcdef&n=1",
            "GET /x?access_token=[secret]&n=1",
        ),
        (
            r#"{\"newPassword\": \"hunter22\", "n"#,
            r#"{\"newPassword\": \"[secret]\", "n"#,
        ),
        (
            "the token: it is expired, basic needs",
            "the token: it is expired, basic needs",
        ),
    ] {
        assert_eq!(none.cut(text), left, "{text}");
    }
}

/// Every way of writing a secret, and the same in the middle of others.
fn written(secret: &str, before: &str) -> Vec<String> {
    let whole = format!("{before}{secret}{before}");
    let url: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let percent = percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC);
    let html = secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;");
    vec![
        whole.clone(),
        STANDARD.encode(&whole),
        URL_SAFE_NO_PAD.encode(&whole),
        hex::encode(&whole),
        hex::encode_upper(&whole),
        url,
        percent.to_string(),
        json!(whole).to_string(),
        json!(json!(whole).to_string()).to_string(),
        html,
        secret.chars().take(8).collect(),
    ]
}

#[test]
fn what_looks_like_an_escape_may_belong_to_the_secret() {
    for secret in [r"0\N&aaäé", "pass%41&amp;word", r"a\u0041&lt;b%20c"] {
        let secrets = knowing(&[secret]);
        for text in written(secret, "") {
            assert!(secrets.cut(&text).contains(SHOWN), "{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_way_of_writing_a_secret_hides_it(
        secret in "[!-~äé]{8,40}", before in "[a-z]{0,4}", around in "[ -~]{0,20}",
    ) {
        let secrets = knowing(&[&secret]);
        for text in written(&secret, &before) {
            let cut = secrets.cut(&format!("{around} {text} {around}"));
            prop_assert!(cut.contains(SHOWN), "{}", text);
            prop_assert!(!cut.contains(&text), "{}", text);
        }
    }

    #[test]
    fn any_text_is_cut(secret in any::<String>(), text in any::<String>()) {
        let cut = knowing(&[&secret]).cut(&text);
        prop_assert!(secret.chars().count() < 4 || secret.contains(['\r', '\n']) || !cut.replace(SHOWN, "").contains(&secret) || SHOWN.contains(&secret));
    }
}
