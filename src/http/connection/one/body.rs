//! Bodies of HTTP/1 that say themselves where they end (RFC 9112, 7.1).

use bytes::{Buf, BytesMut};
use httparse::Status;

use super::super::broken::Broken;
use super::head::MOST_HEADERS;

/// The longest line of a chunk, and the longest trailers, in bytes.
const LONGEST_LINE: usize = 16 * 1024;

/// Takes a chunked body apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunks {
    /// The next thing is the size of a chunk.
    Size,
    /// So much of a chunk is still to come.
    Data(u64),
    /// The next thing is the end of a chunk's line.
    LineEnd,
    /// The last chunk was there.
    Trailers,
    /// Everything was there.
    Done,
}

impl Chunks {
    /// Takes what can be taken from `input`, and gives data to `take`.
    pub(super) fn decode(
        mut self,
        input: &mut BytesMut,
        mut take: impl FnMut(&[u8]),
    ) -> Result<Self, Broken> {
        loop {
            self = match self {
                Self::Size => match httparse::parse_chunk_size(input) {
                    Ok(Status::Complete((length, size))) => {
                        input.advance(length);
                        match size {
                            0 => Self::Trailers,
                            size => Self::Data(size),
                        }
                    }
                    Ok(Status::Partial) => return self.unless_long(input),
                    Err(_) => return Err(Broken::protocol("invalid size of a chunk")),
                },
                Self::Data(left) => {
                    if input.is_empty() {
                        return Ok(self);
                    }
                    let here = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                    take(&input[..here]);
                    input.advance(here);
                    match left - here as u64 {
                        0 => Self::LineEnd,
                        left => Self::Data(left),
                    }
                }
                Self::LineEnd => match input.get(..2) {
                    Some(b"\r\n") => {
                        input.advance(2);
                        Self::Size
                    }
                    Some(_) => return Err(Broken::protocol("a chunk is longer than its size")),
                    None => return Ok(self),
                },
                Self::Trailers => {
                    let mut space = [httparse::EMPTY_HEADER; MOST_HEADERS];
                    match httparse::parse_headers(input, &mut space) {
                        Ok(Status::Complete((length, _))) => {
                            input.advance(length);
                            Self::Done
                        }
                        Ok(Status::Partial) => return self.unless_long(input),
                        Err(_) => return Err(Broken::protocol("invalid trailers")),
                    }
                }
                Self::Done => return Ok(self),
            }
        }
    }

    fn unless_long(self, input: &BytesMut) -> Result<Self, Broken> {
        if input.len() > LONGEST_LINE {
            return Err(Broken::protocol("a line of a chunk is longer than 16 KiB"));
        }
        Ok(self)
    }
}
