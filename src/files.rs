//! The one door to what is read from files and streams: up to a ceiling.

use std::io::{self, Read};

use zeroize::Zeroizing;

/// Reads a stream to its end; `None` when it has more than so many bytes. It may
/// be secret, so it is wiped.
///
/// # Errors
/// When it cannot be read.
pub fn read_at_most(stream: &mut impl Read, most: u64) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut content = Zeroizing::new(Vec::new());
    stream
        .take(most.saturating_add(1))
        .read_to_end(&mut content)?;
    Ok((content.len() as u64 <= most).then_some(content))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::read_at_most;

    #[test]
    fn a_stream_is_read_up_to_its_ceiling() {
        let all = |most| read_at_most(&mut Cursor::new(b"12345"), most).unwrap();
        assert_eq!(all(5).as_deref(), Some(&b"12345".to_vec()));
        assert_eq!(all(4), None);
    }
}
