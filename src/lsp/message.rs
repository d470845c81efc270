//! Messages of the protocol: JSON with its length before it.

use std::io::{self, BufRead, ErrorKind, Read};

use lsp_server::Message;

use crate::{ceilings, files};

/// Bytes of a line of the head of a message, and lines of it.
const HEAD: (u64, usize) = (1024, 16);

/// The next message; `None` where they end.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Message>> {
    let mut length = None;
    let mut line = Vec::new();
    for number in 0..HEAD.1 {
        if files::read_line(input, &mut line, HEAD.0)? == 0 {
            return if number == 0 { Ok(None) } else { Err(cut()) };
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if text.is_empty() {
            break;
        }
        if let Some((name, value)) = text.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse::<u64>().ok();
        }
    }
    let length = length.ok_or_else(|| invalid("a message has no `Content-Length`"))?;
    if length > ceilings::EDITOR_MESSAGE {
        return Err(invalid("a message is longer than any file may be"));
    }
    let content = files::read_stream(&mut input.take(length), length)?;
    if (content.len() as u64) < length {
        return Err(cut());
    }
    let message = serde_json::from_slice(&content);
    message
        .map(Some)
        .map_err(|error| invalid(&format!("a message cannot be read: {error}")))
}

fn cut() -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, "the last message is cut off")
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::read;

    #[test]
    fn messages_are_read_one_after_the_other_and_have_an_end() {
        let body = r#"{"jsonrpc":"2.0","method":"exit"}"#;
        let one = format!("Content-Length: {}\r\nX: y\r\n\r\n{body}", body.len());
        let mut input = Cursor::new(format!("{one}{one}"));
        assert!(read(&mut input).unwrap().is_some());
        assert!(read(&mut input).unwrap().is_some());
        assert!(read(&mut input).unwrap().is_none());
        for wrong in [
            "Content-Length: 99999999999\r\n\r\n".to_owned(),
            "Content-Length: 10\r\n\r\n{}".to_owned(),
            "Content-Length: 2\r\n\r\n[]".to_owned(),
            "Other: 2\r\n\r\n{}".to_owned(),
            "Content-".to_owned(),
            "x".repeat(2000),
            "x: y\r\n".repeat(1000),
        ] {
            assert!(read(&mut Cursor::new(&wrong)).is_err(), "{wrong:.40}");
        }
    }
}
