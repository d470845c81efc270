//! The answer to `POST /user/token/{userId}/{key}`.

use zeroize::Zeroizing;

/// Reads a token. The platform writes it as it is, whatever type it claims for
/// the answer (`FluxStringJsonEncoder` of icure/kraken-common); a server that
/// writes a JSON string is understood too.
pub(super) fn read(body: &[u8]) -> Option<Zeroizing<String>> {
    let token: Zeroizing<String> = if body.starts_with(b"\"") {
        serde_json::from_slice(body).ok()?
    } else {
        Zeroizing::new(std::str::from_utf8(body).ok()?.to_owned())
    };
    let is_token = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    is_token.then_some(token)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_token_is_read_bare_or_quoted() {
        for body in ["2c9-f1", "\"2c9-f1\""] {
            assert_eq!(read(body.as_bytes()).unwrap().as_str(), "2c9-f1");
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for body in ["", "\"\"", "\"open", "<!doctype html> <p>", "a\nb", "ü"] {
            assert!(read(body.as_bytes()).is_none(), "{body}");
        }
        assert!(read(&[0xff]).is_none());
    }
}
