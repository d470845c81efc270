//! Bodies of HTTP/1 that say themselves where they end (RFC 9112, 7.1).

use bytes::{Buf, BytesMut};
use httparse::Status;

use super::super::broken::Broken;
use crate::ceilings::{CHUNK_LINE, HEADERS};
use crate::numbers::size;

/// The longest line of a chunk without an extension: 16 digits and the end.
const PLAIN_LINE: usize = 18;

/// Takes a chunked body apart.
#[derive(Default)]
pub(super) struct Chunked {
    next: Next,
    /// Bytes that were extensions of chunks, which nobody reads.
    extensions: usize,
}

/// What comes next.
#[derive(Clone, Copy, Default)]
enum Next {
    /// The size of a chunk.
    #[default]
    Size,
    /// So much of a chunk.
    Data(u64),
    /// The end of a chunk's line.
    LineEnd,
    /// What follows the last chunk.
    Trailers,
    /// Nothing.
    Done,
}

impl Chunked {
    /// Takes what can be taken from `input`, and adds its data to `body`. True
    /// when everything was there.
    pub(super) fn decode(
        &mut self,
        input: &mut BytesMut,
        body: &mut Vec<u8>,
    ) -> Result<bool, Broken> {
        loop {
            self.next = match self.next {
                Next::Size => match httparse::parse_chunk_size(input) {
                    Ok(Status::Complete((length, size))) => {
                        self.extensions += length.saturating_sub(PLAIN_LINE);
                        if self.extensions > CHUNK_LINE {
                            return Err(too_long("the extensions of its chunks are"));
                        }
                        input.advance(length);
                        match size {
                            0 => Next::Trailers,
                            size => Next::Data(size),
                        }
                    }
                    Ok(Status::Partial) => return unless_long(input),
                    Err(_) => return Err(Broken::protocol("invalid size of a chunk")),
                },
                Next::Data(left) => {
                    if input.is_empty() {
                        return Ok(false);
                    }
                    let here = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                    body.extend_from_slice(&input[..here]);
                    input.advance(here);
                    match left - here as u64 {
                        0 => Next::LineEnd,
                        left => Next::Data(left),
                    }
                }
                Next::LineEnd => match input.get(..2) {
                    Some(b"\r\n") => {
                        input.advance(2);
                        Next::Size
                    }
                    Some(_) => return Err(Broken::protocol("a chunk is longer than its size")),
                    None => return Ok(false),
                },
                Next::Trailers => {
                    let mut space = [httparse::EMPTY_HEADER; HEADERS];
                    match httparse::parse_headers(input, &mut space) {
                        Ok(Status::Complete((length, _))) => {
                            input.advance(length);
                            Next::Done
                        }
                        Ok(Status::Partial) => return unless_long(input),
                        Err(_) => return Err(Broken::protocol("invalid trailers")),
                    }
                }
                Next::Done => return Ok(true),
            }
        }
    }
}

fn unless_long(input: &BytesMut) -> Result<bool, Broken> {
    if input.len() > CHUNK_LINE {
        return Err(too_long("a line of a chunk is"));
    }
    Ok(false)
}

fn too_long(what: &str) -> Broken {
    Broken::protocol(format!("{what} longer than {}", size(CHUNK_LINE as u64)))
}
