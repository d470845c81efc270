//! Takes a body of several parts apart, to show it.

use reqwest::header::{CONTENT_TYPE, HeaderMap};

/// One part.
pub(super) struct Part<'b> {
    /// Its headers, as they are.
    pub(super) head: &'b str,
    /// What the form calls the part.
    pub(super) name: &'b str,
    pub(super) content: &'b [u8],
}

/// The parts of a body; `None` when it has none.
pub(super) fn parts<'b>(body: &'b [u8], headers: &HeaderMap) -> Option<Vec<Part<'b>>> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    if !kind.starts_with("multipart/form-data") {
        return None;
    }
    let (_, boundary) = kind.split_once("boundary=")?;
    let boundary = format!("--{}", boundary.trim_matches('"'));
    let mut rest = after(body, boundary.as_bytes())?;
    let mut parts = Vec::new();
    let end = format!("\r\n{boundary}");
    while let Some(inside) = rest.strip_prefix(b"\r\n") {
        let length = find(inside, end.as_bytes())?;
        parts.push(part(inside.get(..length)?)?);
        rest = inside.get(length + end.len()..)?;
    }
    Some(parts)
}

fn part(part: &[u8]) -> Option<Part<'_>> {
    let blank = find(part, b"\r\n\r\n")?;
    let head = std::str::from_utf8(part.get(..blank)?).ok()?;
    let (_, name) = head.split_once("; name=\"")?;
    let (name, _) = name.split_once('"')?;
    Some(Part {
        head,
        name,
        content: part.get(blank + 4..)?,
    })
}

fn after<'b>(body: &'b [u8], text: &[u8]) -> Option<&'b [u8]> {
    body.get(find(body, text)? + text.len()..)
}

fn find(body: &[u8], text: &[u8]) -> Option<usize> {
    body.windows(text.len()).position(|window| window == text)
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue};

    use super::parts;

    #[test]
    fn parts_are_told_apart_and_what_is_cut_short_is_none() {
        let mut headers = HeaderMap::new();
        let kind = HeaderValue::from_static("multipart/form-data; boundary=b");
        headers.insert("content-type", kind);
        let whole = b"--b\r\nX: form-data; name=\"a\"\r\n\r\n1\r\n2\r\n--b\r\nX: y; name=\"b\"\r\n\r\n\r\n--b--\r\n";
        let read = parts(whole, &headers).unwrap();
        let read: Vec<_> = read.iter().map(|part| (part.name, part.content)).collect();
        assert_eq!(read, [("a", &b"1\r\n2"[..]), ("b", &b""[..])]);
        for length in 3..whole.len() - 6 {
            // No panic, whatever is missing.
            let _ = parts(&whole[..length], &headers);
        }
        assert!(parts(b"--b\r\nrubbish", &headers).is_none());
        assert!(parts(whole, &HeaderMap::new()).is_none());
    }
}
