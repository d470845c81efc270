//! The heads of HTTP/1 messages (RFC 9112, 2 to 6).

use std::io::Write;
use std::mem::MaybeUninit;

use bytes::{Buf, BytesMut};
use httparse::{ParserConfig, Status};
use reqwest::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderName, TRANSFER_ENCODING};
use reqwest::{Method, StatusCode};
use url::Position;

use super::super::broken::Broken;
use super::super::headers::Headers;
use super::super::message::Outgoing;
use crate::ceilings::{HEAD, HEADERS};
use crate::numbers::size;

/// How the end of a body is known (RFC 9112, 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// After so many bytes.
    Length(u64),
    /// It says so itself.
    Chunked,
    /// The connection ends with it.
    UntilClose,
}

/// What stands before a body.
pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) headers: Headers,
    pub(super) framing: Framing,
    /// Whether the server means to keep the connection.
    pub(super) persistent: bool,
}

/// Writes the head of a request, with the whole URL if a proxy is to have it.
pub(super) fn write(request: &Outgoing<'_>, in_full: bool, out: &mut Vec<u8>) {
    let url = request.url;
    let target = if in_full {
        &url[..Position::AfterQuery]
    } else {
        &url[Position::BeforePath..Position::AfterQuery]
    };
    for part in [request.method.as_str(), " ", target, " HTTP/1.1\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
    if !request.headers.contains_key(HOST) {
        let host = &url[Position::BeforeHost..Position::AfterPort];
        field(out, &HOST, host.as_bytes());
    }
    for (name, value) in request.fields() {
        field(out, name, value.as_bytes());
    }
    if let Some(length) = request.told_length()
        && !request.headers.contains_key(CONTENT_LENGTH)
    {
        // A vector takes everything that is written.
        let _ = write!(out, "{CONTENT_LENGTH}: {length}\r\n");
    }
    out.extend_from_slice(b"\r\n");
}

fn field(out: &mut Vec<u8>, name: &HeaderName, value: &[u8]) {
    out.extend_from_slice(name.as_str().as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// Whether a message that has these values of `Connection` keeps it.
pub(super) fn keeps<'h>(values: impl Iterator<Item = &'h [u8]>, by_default: bool) -> bool {
    let (mut closes, mut stays) = (false, by_default);
    for token in tokens(values) {
        closes |= token.eq_ignore_ascii_case(b"close");
        stays |= token.eq_ignore_ascii_case(b"keep-alive");
    }
    stays && !closes
}

/// Takes the head of an answer to `method` from the start of `input`. `None`
/// when it is not whole yet.
pub(super) fn read(method: &Method, input: &mut BytesMut) -> Result<Option<Head>, Broken> {
    let mut space = [const { MaybeUninit::uninit() }; HEADERS];
    let mut parsed = httparse::Response::new(&mut []);
    let found =
        ParserConfig::default().parse_response_with_uninit_headers(&mut parsed, input, &mut space);
    let length = match found {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) if input.len() > HEAD as usize => {
            let most = size(HEAD.into());
            let long = format!("the head of the answer is longer than {most}");
            return Err(Broken::protocol(long));
        }
        Ok(Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            let many = format!("the answer has more than {HEADERS} headers");
            return Err(Broken::protocol(many));
        }
        Err(error) => {
            return Err(Broken::protocol(format!(
                "{error} in the head of the answer"
            )));
        }
    };
    let persistent = parsed.version == Some(1);
    let status = parsed.code.and_then(|code| StatusCode::from_u16(code).ok());
    let status =
        status.ok_or_else(|| Broken::protocol("invalid status in the head of the answer"))?;
    let headers = Headers::of_head(&input[..length], parsed.headers);
    let framing = framing(method, status, &headers, persistent)?;
    input.advance(length);
    Ok(Some(Head {
        status,
        persistent: keeps(headers.values(&CONNECTION), persistent)
            && framing != Framing::UntilClose,
        framing,
        headers,
    }))
}

/// How the body ends, in the order of RFC 9112, 6.3.
fn framing(
    method: &Method,
    status: StatusCode,
    headers: &Headers,
    is_1_1: bool,
) -> Result<Framing, Broken> {
    let bare = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if *method == Method::HEAD || bare || status.is_informational() {
        return Ok(Framing::Length(0));
    }
    if headers.contains(&TRANSFER_ENCODING) {
        if !is_1_1 {
            return Err(Broken::protocol(
                "`Transfer-Encoding` in an answer of HTTP/1.0",
            ));
        }
        let last = tokens(headers.values(&TRANSFER_ENCODING)).last();
        return Ok(match last {
            Some(coding) if coding.eq_ignore_ascii_case(b"chunked") => Framing::Chunked,
            _ => Framing::UntilClose,
        });
    }
    let mut lengths = tokens(headers.values(&CONTENT_LENGTH)).map(|text| {
        // Nothing but digits: a sign is none.
        let digits = text.iter().all(u8::is_ascii_digit).then_some(text)?;
        str::from_utf8(digits).ok()?.parse().ok()
    });
    let Some(first) = lengths.next() else {
        return Ok(Framing::UntilClose);
    };
    match first {
        Some(length) if lengths.all(|other| other == first) => Ok(Framing::Length(length)),
        _ => Err(Broken::protocol("invalid `Content-Length`")),
    }
}

/// The members of a header that is a list.
fn tokens<'h>(values: impl Iterator<Item = &'h [u8]>) -> impl Iterator<Item = &'h [u8]> {
    values.flat_map(|value| value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii))
}
