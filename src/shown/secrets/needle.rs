//! The forms in which a secret is looked for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::level::compared;

/// So many characters of a secret's beginning are a secret: a server may cut it.
const LEAST: usize = 8;

/// One form of a secret.
pub(super) struct Needle {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// So much of it is enough.
    pub(super) least: usize,
    /// Characters on both sides may hold bits of it.
    pub(super) is_base64: bool,
}

impl Needle {
    fn new(text: &[u8], least: usize, is_base64: bool) -> Option<Self> {
        let bytes: Vec<u8> = text.iter().copied().filter_map(compared).collect();
        let least = least.min(bytes.len());
        (least >= super::INDEXED).then(|| Self {
            bytes: Zeroizing::new(bytes),
            least,
            is_base64,
        })
    }
}

/// A secret as it is, and in base64 and hex, wherever in them it stands; in these
/// also as a URL or JSON has it. Escapes around all that are undone in the text.
pub(super) fn needles(secret: &str) -> Vec<Needle> {
    let json = Zeroizing::new(serde_json::to_string(secret).unwrap_or_default());
    let json = json
        .get(1..json.len().saturating_sub(1))
        .unwrap_or_default();
    let url = utf8_percent_encode(secret, NON_ALPHANUMERIC);
    let url = Zeroizing::new(url.to_string());
    let form = form_urlencoded::byte_serialize(secret.as_bytes());
    let form = Zeroizing::new(form.collect::<String>());
    let mut written = vec![secret, json, &url, &form];
    written.sort_unstable();
    written.dedup();
    let mut all: Vec<_> = Needle::new(secret.as_bytes(), LEAST, false)
        .into_iter()
        .collect();
    for text in written {
        let hex = Zeroizing::new(hex::encode(text));
        all.extend(Needle::new(hex.as_bytes(), LEAST * 2, false));
        for before in 0..3 {
            let inside = base64_inside(text, before);
            all.extend(Needle::new(inside.as_bytes(), LEAST * 3 / 2, true));
        }
    }
    all
}

/// The part of base64 that a text alone decides, with so many bytes before it.
fn base64_inside(text: &str, before: usize) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new(vec![0; before]);
    bytes.extend_from_slice(text.as_bytes());
    let encoded = Zeroizing::new(STANDARD_NO_PAD.encode(&*bytes));
    let (start, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
    Zeroizing::new(encoded.get(start..end).unwrap_or_default().to_owned())
}
