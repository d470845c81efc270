//! Answers that come compressed (RFC 9110, 8.4).

use std::io::Read;

use brotli_decompressor::Decompressor;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use reqwest::header::CONTENT_ENCODING;
use ruzstd::decoding::StreamingDecoder;
use zeroize::Zeroizing;

use super::{Failure, Headers};
use crate::ceilings;
use crate::files::read_at_most;

/// Bytes that brotli is given at once.
const BROTLI: usize = 4096;

/// The body as it was before it was compressed. A coding that nobody asked for
/// and that is not known here is left as it is.
///
/// # Errors
/// When it is not what `Content-Encoding` says, or has more bytes than it may.
pub(super) fn decoded(
    headers: &Headers,
    mut body: Zeroizing<Vec<u8>>,
    max_body: u64,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let values = headers.values(&CONTENT_ENCODING);
    let codings: Vec<&[u8]> = values
        .flat_map(|value| value.split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
        .collect();
    if codings.len() > ceilings::CODINGS {
        let many = format!(
            "`Content-Encoding`: more than {} codings",
            ceilings::CODINGS
        );
        return Err(Failure::Decode(many));
    }
    for coding in codings.iter().rev() {
        // An answer without a body is not compressed either.
        if body.is_empty() {
            break;
        }
        let coding = String::from_utf8_lossy(coding).to_ascii_lowercase();
        body = match coding.as_str() {
            "gzip" | "x-gzip" => unpacked(MultiGzDecoder::new(&**body), &coding, max_body)?,
            // Some servers send it without the frame that RFC 9110 asks for.
            "deflate" if body[0] & 0x0f == 8 => {
                unpacked(ZlibDecoder::new(&**body), &coding, max_body)?
            }
            "deflate" => unpacked(DeflateDecoder::new(&**body), &coding, max_body)?,
            "br" => unpacked(Decompressor::new(&**body, BROTLI), &coding, max_body)?,
            "zstd" => {
                let opened = StreamingDecoder::new(&**body);
                let opened = opened.map_err(|error| undone(&coding, &error))?;
                unpacked(opened, &coding, max_body)?
            }
            "identity" | "" => body,
            _ => break,
        };
    }
    Ok(body)
}

fn undone(coding: &str, error: &dyn std::error::Error) -> Failure {
    Failure::Decode(format!("`Content-Encoding: {coding}`: {error}"))
}

fn unpacked(
    mut packed: impl Read,
    coding: &str,
    max_body: u64,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    read_at_most(&mut packed, max_body)
        .map_err(|error| undone(coding, &error))?
        .ok_or(Failure::TooLong(max_body))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use reqwest::header::{CONTENT_ENCODING, HeaderMap, HeaderValue};

    use super::decoded;

    fn read(codings: &[&'static str], body: &[u8]) -> Result<Vec<u8>, String> {
        let mut headers = HeaderMap::new();
        for coding in codings {
            headers.append(CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        let body = decoded(&headers.into(), body.to_vec().into(), 100);
        body.map(|body| body.to_vec())
            .map_err(|error| error.to_string())
    }

    macro_rules! packed {
        ($encoder:ident, $body:expr) => {{
            let mut encoder = $encoder::new(Vec::new(), Compression::default());
            encoder.write_all($body).unwrap();
            encoder.finish().unwrap()
        }};
    }

    #[test]
    fn what_is_compressed_is_read_as_it_was() {
        let gzip = packed!(GzEncoder, b"hello");
        for (codings, body) in [
            (&["gzip"][..], gzip.clone()),
            (&["X-GZIP"], gzip.clone()),
            (&["deflate"], packed!(ZlibEncoder, b"hello")),
            (&["deflate"], packed!(DeflateEncoder, b"hello")),
            (&["identity"], b"hello".to_vec()),
            // In the order in which they were applied.
            (
                &["deflate, gzip"],
                packed!(GzEncoder, &packed!(ZlibEncoder, b"hello")),
            ),
            (&["gzip", "identity"], gzip.clone()),
        ] {
            assert_eq!(read(codings, &body).unwrap(), b"hello", "{codings:?}");
        }
        assert_eq!(read(&["gzip"], b"").unwrap(), b"");
        assert_eq!(read(&["compress"], b"\x01").unwrap(), b"\x01");
        // As Node and the zstd program make them.
        let brotli = b"\x0b\x02\x80hello\x03";
        let zstd = b"\x28\xb5\x2f\xfd\x04\x58\x29\0\0hello\xa3\x6d\x9f\x88";
        for (coding, body) in [("br", &brotli[..]), ("zstd", zstd)] {
            assert_eq!(read(&[coding], body).unwrap(), b"hello");
            let error = read(&[coding], &body[..7]).unwrap_err();
            let begins = format!("unexpected answer at `Content-Encoding: {coding}`: ");
            assert!(error.starts_with(&begins), "{error}");
        }
    }

    #[test]
    fn what_unpacks_to_more_than_it_may_is_refused() {
        let zeros = vec![0; 10_000];
        for (coding, body) in [
            ("gzip", packed!(GzEncoder, &zeros)),
            ("deflate", packed!(ZlibEncoder, &zeros)),
            (
                "gzip, gzip",
                packed!(GzEncoder, &packed!(GzEncoder, &zeros)),
            ),
        ] {
            assert!(body.len() < 100);
            let error = read(&[coding], &body).unwrap_err();
            assert_eq!(error, "the answer is longer than `max_body`, 100 B");
        }
        let error = read(&["gzip, gzip, gzip", "gzip, gzip, gzip"], b"x").unwrap_err();
        assert!(
            error.ends_with("`Content-Encoding`: more than 5 codings"),
            "{error}"
        );
    }

    #[test]
    fn what_is_not_what_it_says_is_an_error() {
        let gzip = packed!(GzEncoder, b"hello");
        for body in [&b"hello"[..], &gzip[..gzip.len() - 4]] {
            let error = read(&["gzip"], body).unwrap_err();
            assert!(error.contains("`Content-Encoding: gzip`: "), "{error}");
        }
    }
}
