//! Texts in answers.

/// A text that may be anything: quoted when it can be, a literal otherwise.
pub(super) fn string(text: &str, out: &mut Vec<u8>) {
    let plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\';
    if text.bytes().all(plain) {
        out.push(b'"');
        out.extend(text.as_bytes());
        out.push(b'"');
    } else {
        literal(text.as_bytes(), out);
    }
}

/// Bytes as a literal.
pub(super) fn literal(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend(format!("{{{}}}\r\n", bytes.len()).as_bytes());
    out.extend(bytes);
}

/// A line of an answer.
pub(super) fn line(text: &str, out: &mut Vec<u8>) {
    out.extend(text.as_bytes());
    out.extend(b"\r\n");
}
