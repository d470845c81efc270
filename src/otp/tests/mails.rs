//! Mails as they come, and what is understood of them.

use std::fmt::Write;

use base64::Engine;
use secrecy::ExposeSecret;

use crate::otp::{Reading, Sent, mail};

fn code(raw: &str) -> Result<String, String> {
    code_of(raw.as_bytes())
}

fn code_of(raw: &[u8]) -> Result<String, String> {
    let message = mail::read(raw, None, 0);
    let code = Reading::default().code(&message.content, 6);
    code.map(|code| code.expose_secret().to_owned())
        .map_err(|error| error.to_string())
}

#[test]
fn the_plain_text_comes_first() {
    let raw = "Content-Type: multipart/alternative; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/plain\r\n\r\ncode 123456\r\n\
        --b\r\nContent-Type: text/html\r\n\r\n<p>code 654321 or 111111</p>\r\n--b--\r\n";
    assert_eq!(code(raw).unwrap(), "123456");
}

#[test]
fn encodings_and_charsets_are_undone() {
    let quoted = "Content-Type: text/plain; charset=iso-8859-1\r\n\
        Content-Transfer-Encoding: quoted-printable\r\n\r\nVotre code v=E9rifi=E9=20: 12=\r\n3456\r\n";
    assert_eq!(code(quoted).unwrap(), "123456");
    // `<p>code <b>123456</b></p>`
    let base64 = "Content-Type: text/html; charset=utf-8\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nPHA+Y29kZSA8Yj4xMjM0NTY8L2I+PC9wPg==\r\n";
    assert_eq!(code(base64).unwrap(), "123456");
    let mut utf16 =
        b"Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            .to_vec();
    // `123456` as UTF-16
    utf16.extend_from_slice(b"MQAyADMANAA1ADYA\r\n");
    assert_eq!(code_of(&utf16).unwrap(), "123456");
    let japanese =
        "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1b$B%3!<%I\x1b(B: 123456\r\n";
    assert_eq!(code(japanese).unwrap(), "123456");
}

#[test]
fn a_subject_with_another_code_is_not_read() {
    let raw = "Subject: ticket 999999\r\nTo: ada@example.org\r\n\r\nyour code is 123456\r\n";
    assert_eq!(code(raw).unwrap(), "123456");
    let raw = "Subject: your code is 123456\r\n\r\nsee above\r\n";
    assert!(code(raw).is_err());
}

/// A mail of 5 MB with the code at its start, cut off as when it is fetched.
fn cut(code: &str, head: &str, encode: fn(&str) -> String) -> String {
    let mut html = format!("<html><body><p>code <b>{code}</b></p>");
    while html.len() < 5 * 1024 * 1024 {
        let _ = write!(html, "<div class='filler'>lorem ipsum dolor</div>\r\n");
    }
    let mut raw = format!("{head}{}", encode(&html));
    raw.truncate(256 * 1024);
    raw
}

fn base64(text: &str) -> String {
    let all = base64::engine::general_purpose::STANDARD.encode(text);
    let lines: Vec<&str> = (0..all.len())
        .step_by(76)
        .map(|start| &all[start..(start + 76).min(all.len())])
        .collect();
    lines.join("\r\n")
}

#[test]
fn a_mail_of_five_megabytes_is_read_as_far_as_it_was_fetched() {
    let html = "Content-Type: text/html\r\n";
    let encoded = "Content-Transfer-Encoding: base64\r\n";
    let multipart = "Content-Type: multipart/alternative; boundary=\"b b\"\r\n\r\n--b b\r\nContent-Type: text/plain\r\n\r\nsee the HTML\r\n--b b\r\n";
    let plain: fn(&str) -> String = str::to_owned;
    for (head, encode) in [
        (format!("{html}\r\n"), plain),
        (format!("{html}{encoded}\r\n"), base64),
        (format!("{multipart}{html}\r\n"), plain),
        (format!("{multipart}{html}{encoded}\r\n"), base64),
    ] {
        assert_eq!(
            code(&cut("123456", &head, encode)).unwrap(),
            "123456",
            "{head}"
        );
        let error = code(&cut("soon", &head, encode));
        assert!(
            error.as_ref().is_err_and(|error| error.len() < 1500),
            "{error:?}"
        );
    }
}

#[test]
fn a_mail_is_read_wherever_it_was_cut_off() {
    let text = "code 123456, and much more that says nothing at all";
    let encoded = base64(text);
    for length in 20..encoded.len() {
        let raw = format!(
            "Content-Transfer-Encoding: base64\r\n\r\n{}",
            &encoded[..length]
        );
        assert_eq!(code(&raw).as_deref(), Ok("123456"), "{length}");
    }
    let quoted = "Content-Transfer-Encoding: quoted-printable\r\n\r\ncode =3123456=";
    for length in [quoted.len() - 1, quoted.len()] {
        assert_eq!(code(&quoted[..length]).as_deref(), Ok("123456"), "{length}");
    }
}

#[test]
fn broken_mime_is_read_as_far_as_it_goes() {
    let unclosed = "Content-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/plain\r\n\r\ncode 123456\r\n";
    assert_eq!(code(unclosed).unwrap(), "123456");
    let no_boundary = "Content-Type: multipart/mixed\r\n\r\ncode 123456\r\n";
    assert_eq!(code(no_boundary).unwrap(), "123456");
    let not_base64 = "Content-Transfer-Encoding: base64\r\n\r\n!!! code 123456 !!!\r\n";
    assert_eq!(code(not_base64).unwrap(), "123456");
    for junk in [&b""[..], b"\r\n\r\n", b"\xff\xfe\x00\x00", b":::\r\n:\r\n"] {
        assert!(code_of(junk).is_err());
    }
}

#[test]
fn everybody_whom_a_mail_may_be_for_is_found_the_surest_first() {
    let raw = "Delivered-To: box@example.org\r\nX-Original-To: <ada+1@example.org>\r\n\
        To: \"Lovelace, Ada\" <ada@example.org>, Friends: bob@example.org;\r\n\
        Cc: carol@example.org\r\nMessage-ID: <1@example.org>\r\n\
        Date: Tue, 24 Nov 2026 21:40:11 +0000\r\n\r\nhello\r\n";
    let message = mail::read(raw.as_bytes(), None, 7);
    assert_eq!(
        message.recipients,
        [
            "<ada+1@example.org>",
            "box@example.org",
            "ada@example.org",
            "bob@example.org",
            "carol@example.org"
        ]
    );
    assert_eq!(message.id.as_deref(), Some("1@example.org"));
    let at = 1_795_556_411_000;
    assert_eq!(message.sent, Some(Sent { at, within: 1000 }));
}

#[test]
fn a_mail_was_sent_before_it_arrived() {
    let raw = "Date: Tue, 24 Nov 2026 21:40:11 +0000\r\n\r\n";
    let at = |arrived| mail::read(raw.as_bytes(), arrived, 0).sent.unwrap().at;
    assert_eq!(at(Some(1_000)), 1_000);
    assert_eq!(at(Some(i64::MAX)), 1_795_556_411_000);
    assert_eq!(mail::read(b"\r\n", None, 0).sent, None);
}

const OLDER: &str = "From: Shop <shop@example.org>\r\nTo: ada+7@example.org\r\n\
    Date: Tue, 24 Nov 2026 21:39:00 +0000\r\nSubject: hello\r\n";

#[test]
fn an_attached_mail_is_read_and_its_own_recipient_is_one() {
    let raw = format!(
        "To: ada@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/plain\r\n\r\nsee below\r\n\
        --b\r\nContent-Type: message/rfc822\r\n\r\n{OLDER}\
        Content-Type: text/html; charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n\r\n\
        MQAyADMANAA1ADYA\r\n--b--\r\n"
    );
    assert_eq!(code(&raw).unwrap(), "123456");
    let own = raw.replace("see below", "your code is 654321");
    assert_eq!(code(&own).unwrap(), "654321");
    let message = mail::read(raw.as_bytes(), None, 0);
    assert_eq!(message.recipients, ["ada@example.org", "ada+7@example.org"]);
}

#[test]
fn what_a_program_answers_or_reports_is_not_searched() {
    for header in [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: Auto-Replied (vacation)",
        "X-Autoreply: yes",
        "X-Autorespond: away",
        "Precedence: auto_reply",
        "From: MAILER-DAEMON@example.org",
        "From: Mail Delivery System <mailer-daemon@example.org>",
        "Content-Type: multipart/report; boundary=b",
    ] {
        let error = code(&format!("{header}\r\n\r\nyour code is 123456\r\n")).unwrap_err();
        let name = header.split(':').next().unwrap();
        assert_eq!(
            error,
            format!(
                "the message is an automatic answer or report (`{name}`), and is not searched for a code"
            )
        );
    }
    for header in [
        "Auto-Submitted: auto-generated",
        "Auto-Submitted: no",
        "X-Auto-Response-Suppress: All",
        "Precedence: bulk",
        "Return-Path: <bounces@example.org>",
        // As the simulator sends them.
        "Return-Path: <>",
    ] {
        let raw = format!("{header}\r\n\r\nyour code is 123456\r\n");
        assert_eq!(code(&raw).as_deref(), Ok("123456"), "{header}");
    }
}

#[test]
fn servers_have_several_names_for_whom_a_mail_was_taken() {
    let raw = "X-Envelope-To: e@example.org, f@example.org\r\nDelivered-To: Ada <d@example.org>\r\n\
        X-Delivered-To: x@example.org\r\nEnvelope-To: <ada+1@example.org>\r\n\
        To: =?utf-8?q?Ad=C3=A4?= <ada+2@example.org>\r\n\r\nhello\r\n";
    assert_eq!(
        mail::read(raw.as_bytes(), None, 0).recipients,
        [
            "x@example.org",
            "<ada+1@example.org>",
            "e@example.org",
            "f@example.org",
            "<d@example.org>",
            "ada+2@example.org"
        ]
    );
}
