//! The heads of HTTP/1 messages (RFC 9112, 2 to 6).

use std::io::Write;
use std::mem::MaybeUninit;

use bytes::{Bytes, BytesMut};
use httparse::{ParserConfig, Status};
use reqwest::header::{
    CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING,
};
use reqwest::{Method, StatusCode};
use url::Position;

use super::super::broken::Broken;
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
    pub(super) headers: HeaderMap,
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

/// Whether the other side keeps the connection when a message has these
/// headers.
pub(super) fn keeps(headers: &HeaderMap, by_default: bool) -> bool {
    let says =
        |word: &str| tokens(headers, &CONNECTION).any(|token| token.eq_ignore_ascii_case(word));
    !says("close") && (by_default || says("keep-alive"))
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
    // One copy for all values, which then share it.
    let copy = Bytes::copy_from_slice(&input[..length]);
    let start = input.as_ptr() as usize;
    let mut headers = HeaderMap::with_capacity(parsed.headers.len());
    for header in parsed.headers.iter() {
        let at = header.value.as_ptr() as usize - start;
        let value = HeaderValue::from_maybe_shared(copy.slice(at..at + header.value.len()));
        let name = HeaderName::from_bytes(header.name.as_bytes());
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(Broken::protocol("invalid header in the head of the answer"));
        };
        headers.append(name, value);
    }
    let framing = framing(method, status, &headers, persistent)?;
    let _ = input.split_to(length);
    Ok(Some(Head {
        status,
        persistent: keeps(&headers, persistent) && framing != Framing::UntilClose,
        framing,
        headers,
    }))
}

/// How the body ends, in the order of RFC 9112, 6.3.
fn framing(
    method: &Method,
    status: StatusCode,
    headers: &HeaderMap,
    is_1_1: bool,
) -> Result<Framing, Broken> {
    let bare = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if *method == Method::HEAD || bare || status.is_informational() {
        return Ok(Framing::Length(0));
    }
    if headers.contains_key(TRANSFER_ENCODING) {
        if !is_1_1 {
            return Err(Broken::protocol(
                "`Transfer-Encoding` in an answer of HTTP/1.0",
            ));
        }
        let last = tokens(headers, &TRANSFER_ENCODING).last();
        return Ok(match last {
            Some(coding) if coding.eq_ignore_ascii_case("chunked") => Framing::Chunked,
            _ => Framing::UntilClose,
        });
    }
    let mut lengths = tokens(headers, &CONTENT_LENGTH).map(|text| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| digits)
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
fn tokens<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    let values = headers.get_all(name).into_iter();
    // What is no text is no member that anybody knows.
    values.flat_map(|value| value.to_str().unwrap_or("?").split(',').map(str::trim))
}
