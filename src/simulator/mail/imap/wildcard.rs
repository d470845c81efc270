//! Names of mailboxes with wildcards.

/// Whether a name is what a pattern with `*` and `%` describes. There is no
/// hierarchy, so the two are the same.
pub(super) fn is_like(name: &[u8], pattern: &[u8]) -> bool {
    let (mut at, mut next) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at < name.len() {
        match pattern.get(next) {
            Some(b'*' | b'%') => {
                star = Some((at, next));
                next += 1;
            }
            Some(byte) if name.get(at) == Some(byte) => {
                at += 1;
                next += 1;
            }
            _ => {
                // The last wildcard takes one more.
                let Some((from, wildcard)) = star else {
                    return false;
                };
                star = Some((from + 1, wildcard));
                at = from + 1;
                next = wildcard + 1;
            }
        }
    }
    pattern
        .get(next..)
        .unwrap_or_default()
        .iter()
        .all(|byte| matches!(byte, b'*' | b'%'))
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn wildcards_stand_for_anything() {
        for pattern in ["INBOX", "*", "%", "IN*", "*BOX", "I*B*X", "INBOX*", "**"] {
            assert!(is_like(b"INBOX", pattern.as_bytes()), "{pattern}");
        }
        for pattern in ["", "INBO", "INBOXX", "*A*", "INBOX/*", "OUT%"] {
            assert!(!is_like(b"INBOX", pattern.as_bytes()), "{pattern}");
        }
    }
}
