//! Ids of traces and of requests in them.

use std::fmt;

/// The id of a trace: one for each iteration, never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceId(u128);

/// The trace that an iteration's requests belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// Its id.
    pub id: TraceId,
    /// Whether the server is asked to keep it.
    pub sampled: bool,
}

impl TraceId {
    /// A new one.
    pub fn random() -> Self {
        loop {
            // Zero would say that there is no trace.
            if let id @ 1.. = rand::random() {
                return Self(id);
            }
        }
    }

    /// Its last 56 bits, which the standard wants to be random.
    pub(super) fn randomness(self) -> u64 {
        (self.0 & ((1 << 56) - 1)) as u64
    }
}

impl fmt::Display for TraceId {
    /// 32 hexadecimal digits, as backends show it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl TraceContext {
    /// Length of the header's value.
    const LENGTH: usize = 55;

    /// The value of a request's `traceparent`, with an id of its own.
    pub fn traceparent(self) -> [u8; Self::LENGTH] {
        let span = loop {
            if let id @ 1.. = rand::random::<u64>() {
                break id;
            }
        };
        let mut value = *b"00-................................-................-00";
        digits(&self.id.0.to_be_bytes(), &mut value[3..35]);
        digits(&span.to_be_bytes(), &mut value[36..52]);
        if self.sampled {
            value[54] = b'1';
        }
        value
    }
}

fn digits(bytes: &[u8], out: &mut [u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (byte, out) in bytes.iter().zip(out.chunks_exact_mut(2)) {
        out[0] = DIGITS[usize::from(byte >> 4)];
        out[1] = DIGITS[usize::from(byte & 15)];
    }
}

#[cfg(test)]
mod tests {
    use super::{TraceContext, TraceId};

    #[test]
    fn a_header_has_the_form_of_the_standard() {
        let id = TraceId(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
        let context = TraceContext { id, sampled: true };
        let header = String::from_utf8(context.traceparent().to_vec()).unwrap();
        let parts: Vec<&str> = header.split('-').collect();
        assert_eq!(parts[..2], ["00", "4bf92f3577b34da6a3ce929d0e0e4736"]);
        assert_eq!(parts[1], id.to_string());
        assert!(parts[2].len() == 16 && u64::from_str_radix(parts[2], 16).unwrap() > 0);
        assert_eq!(parts[3], "01");
        let other = TraceContext {
            sampled: false,
            ..context
        };
        assert!(other.traceparent().ends_with(b"-00"));
        assert_ne!(context.traceparent(), context.traceparent());
    }
}
