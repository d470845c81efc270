//! What a page is made of, and what others have put into it: no API.

use std::collections::BTreeSet;

use serde_json::Value;

use super::entry::{text, url};
use crate::import::found::Found;

/// Kinds of resources, as browsers name them.
const STATIC: &[&str] = &[
    "csp-violation-report",
    "font",
    "image",
    "imageset",
    "manifest",
    "media",
    "ping",
    "preflight",
    "script",
    "stylesheet",
    "texttrack",
    "websocket",
    "beacon",
    "signed-exchange",
    "eventsource",
];
const ENDINGS: &[&str] = &[
    "avif",
    "css",
    "eot",
    "gif",
    "ico",
    "jpeg",
    "jpg",
    "js",
    "map",
    "mjs",
    "mp3",
    "mp4",
    "otf",
    "png",
    "svg",
    "ttf",
    "wasm",
    "webm",
    "webmanifest",
    "webp",
    "woff",
    "woff2",
];

/// What was left out, for the notes.
#[derive(Default)]
pub(super) struct LeftOut {
    resources: usize,
    others: usize,
    hosts: BTreeSet<String>,
}

impl LeftOut {
    /// Whether an entry is left out.
    pub fn takes(&mut self, entry: &Value, site: Option<&str>, everything: bool) -> bool {
        let address = url(entry);
        let method = text(entry.pointer("/request/method"));
        let is_http = address.is_empty()
            || address
                .get(..4)
                .is_some_and(|start| start.eq_ignore_ascii_case("http"));
        let of_browser = ["CONNECT", "OPTIONS"]
            .iter()
            .any(|known| method.eq_ignore_ascii_case(known));
        if !is_http || of_browser {
            self.resources += 1;
            return true;
        }
        if everything {
            return false;
        }
        if is_static(entry, &address, &method) {
            self.resources += 1;
            return true;
        }
        let own = site_of(&address);
        if let (Some(site), Some(own)) = (site, own.as_deref())
            && site != own
        {
            self.others += 1;
            self.hosts.insert(own.to_owned());
            return true;
        }
        false
    }

    pub fn tell(self, found: &mut Found) {
        if self.resources > 0 {
            let note = format!(
                "{} of the requests were for images, styles and the like, and are left out",
                self.resources
            );
            found.notes.push(note);
        }
        if self.others > 0 {
            let hosts: Vec<String> = self.hosts.into_iter().take(20).collect();
            let note = format!(
                "{} of the requests went to other sites, and are left out ({}); `--all` keeps them",
                self.others,
                hosts.join(", ")
            );
            found.notes.push(note);
        }
    }
}

fn is_static(entry: &Value, address: &str, method: &str) -> bool {
    let named = text(entry.get("_resourceType")).to_ascii_lowercase();
    if STATIC.contains(&named.as_str()) {
        return true;
    }
    if named == "xhr" || named == "fetch" || named == "document" {
        return false;
    }
    let kind = text(entry.pointer("/response/content/mimeType")).to_ascii_lowercase();
    let starts = [
        "image/",
        "font/",
        "text/css",
        "video/",
        "audio/",
        "application/font",
        "application/x-font",
        "application/wasm",
    ];
    if starts.iter().any(|start| kind.starts_with(start)) || kind.contains("javascript") {
        return true;
    }
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let ending = path
        .rsplit('/')
        .next()
        .and_then(|name| name.rsplit_once('.'));
    let is_get = method.is_empty() || method.eq_ignore_ascii_case("get");
    let unknown = kind.is_empty()
        || kind.starts_with("x-unknown")
        || kind.starts_with("application/octet-stream")
        || kind.starts_with("text/plain");
    is_get
        && unknown
        && ending.is_some_and(|(_, ending)| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}

/// The site that was recorded: that of the first page, else of the first request.
pub(super) fn site(entries: &[Value]) -> Option<String> {
    let is_page = |entry: &&Value| {
        let kind = text(entry.pointer("/response/content/mimeType"));
        text(entry.get("_resourceType")) == "document" || kind.starts_with("text/html")
    };
    let kept = |entry: &&Value| {
        let (address, method) = (url(entry), text(entry.pointer("/request/method")));
        site_of(&address).is_some() && !is_static(entry, &address, &method)
    };
    let page = entries.iter().filter(kept).find(is_page);
    let first = page.or_else(|| entries.iter().find(kept))?;
    site_of(&url(first))
}

/// The part of a host that one owner has: `example.org`, `example.co.uk`. An
/// address of digits is one of its own.
fn site_of(address: &str) -> Option<String> {
    let parsed = url::Url::parse(address).ok()?;
    let host = parsed.host()?;
    let url::Host::Domain(name) = host else {
        return Some(host.to_string());
    };
    let labels: Vec<&str> = name.trim_end_matches('.').split('.').collect();
    let short = |label: &str| label.len() <= 3;
    let count = match labels.as_slice() {
        [.., second, last] if last.len() == 2 && short(second) => 3,
        _ => 2,
    };
    let start = labels.len().saturating_sub(count);
    Some(labels[start..].join("."))
}

#[cfg(test)]
mod tests {
    use super::site_of;

    #[test]
    fn a_site_is_what_one_owner_has() {
        for (address, site) in [
            ("https://api.example.org/x", "example.org"),
            ("https://a.b.example.co.uk/", "example.co.uk"),
            ("http://localhost:1/", "localhost"),
            ("http://127.0.0.1:8/", "127.0.0.1"),
        ] {
            assert_eq!(site_of(address).unwrap(), site);
        }
    }
}
