//! Bytes that were decrypted, or will be encrypted.

use std::io;
use std::ops::Deref;

/// Bytes that were decrypted or will be encrypted, wiped when dropped. One can be filled again and again: its
/// memory is kept.
///
/// `Zeroizing<Vec<u8>>` wipes one byte at a time, which takes longer than the
/// decryption did; this wipes all at once.
#[derive(Default)]
pub struct Plain {
    /// Never shorter than it has been: what lies behind `length` is wiped too.
    buffer: Vec<u8>,
    length: usize,
}

/// Room for what is written first, in bytes: a data sample.
const FIRST: usize = 2048;

impl Plain {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Room for so many bytes, with anything in it.
    pub(super) fn room(&mut self, length: usize) -> &mut [u8] {
        if length > self.buffer.len() {
            // Growing in place may move: that would leave a copy behind.
            zeroize::zeroize_bytes(&mut self.buffer);
            self.buffer = vec![0; length];
        }
        self.length = 0;
        &mut self.buffer[..length]
    }

    /// So many bytes of the room are plain text.
    pub(super) fn keep(&mut self, length: usize) {
        self.length = length.min(self.buffer.len());
    }
}

/// Appends. Growing leaves no copy behind.
impl io::Write for Plain {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.length + bytes.len();
        if length > self.buffer.len() {
            let mut larger = vec![0; length.next_power_of_two().max(FIRST)];
            larger[..self.length].copy_from_slice(&self.buffer[..self.length]);
            zeroize::zeroize_bytes(&mut self.buffer);
            self.buffer = larger;
        }
        self.buffer[self.length..length].copy_from_slice(bytes);
        self.length = length;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Deref for Plain {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.buffer[..self.length]
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        zeroize::zeroize_bytes(&mut self.buffer);
    }
}

impl PartialEq for Plain {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Plain {}

impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Plain({} bytes)", self.length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::Plain;

    #[test]
    fn what_is_written_is_there_however_long_it_gets() {
        let mut plain = Plain::new();
        let mut expected = Vec::new();
        for number in 0..2000_u32 {
            plain.write_all(&number.to_le_bytes()).unwrap();
            expected.extend(number.to_le_bytes());
        }
        assert_eq!(*plain, expected);
    }

    #[test]
    fn it_shows_what_was_kept_and_debug_shows_the_length_only() {
        let mut plain = Plain::new();
        plain.room(32).fill(7);
        plain.keep(5);
        assert_eq!(*plain, [7; 5]);
        assert_eq!(format!("{plain:?}"), "Plain(5 bytes)");
        // A shorter text does not show the longer one before it.
        plain.room(2).fill(1);
        assert!(plain.is_empty());
        plain.keep(2);
        assert_eq!(*plain, [1, 1]);
    }
}
