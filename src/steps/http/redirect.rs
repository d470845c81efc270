//! Answers that send us elsewhere.

use reqwest::header::LOCATION;
use reqwest::{Method, StatusCode};

use super::address::absolute;
use crate::document::ReadContext;
use crate::http::{Call, Response};
use crate::language::{Node, Read, Shape};

/// How many redirects are followed, one after another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Redirects(u8);

impl Redirects {
    /// As many as browsers and curl allow, or fewer: more is a circle.
    const MOST: u8 = 20;
    /// What `follow` stands for; that of reqwest.
    const USUAL: u8 = 10;

    pub(super) fn limit(self) -> u8 {
        self.0
    }
}

/// `redirects: follow`
impl Read<ReadContext> for Redirects {
    const EXPECTED: &'static str = "`none`, `follow`, or how many are followed, up to 20";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let text = node.scalar().map(|text| text.text.as_str());
        let read = match text {
            Some("none") => Some(0),
            Some("follow") => Some(Self::USUAL),
            Some(number) => number.parse().ok().filter(|number| *number <= Self::MOST),
            None => None,
        };
        if read.is_none() {
            let message = format!("expected {}", Self::EXPECTED);
            cx.problem(node.label(), message, "");
        }
        read.map(Self)
    }

    fn shape() -> Shape {
        Shape::Words(vec!["none", "follow"]).or(Shape::Whole(0))
    }
}

/// How metrics call a request that an answer has sent elsewhere.
pub(super) fn endpoint(of: &str) -> String {
    format!("{of} (redirected)")
}

/// Whether an answer is a redirect that can be followed. Without a `Location` it
/// is an answer like any other.
pub(super) fn is_one(response: &Response) -> bool {
    matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308)
        && response.has_header(&LOCATION)
}

/// The request that an answer asks for. It is measured under the endpoint of
/// the first one and the word `redirected`: where it goes, the server says.
///
/// As in browsers, a `POST` becomes a `GET` but for 307 and 308 (RFC 9110,
/// 15.4). Credentials and secrets stay with the host that they were meant for.
pub(super) fn follow(call: Call, response: &Response, endpoint: &str) -> Result<Call, String> {
    let status = response.status();
    let location = response.headers().get(LOCATION);
    let location = location.and_then(|location| location.to_str().ok());
    let location = location.ok_or_else(|| format!("the `Location` of {status} is no text"))?;
    let url = call.url().join(location).map_err(|error| error.to_string());
    let url = url.and_then(|url| absolute(url.as_str()));
    let url = url.map_err(|reason| format!("the `Location` of {status} is no URL: {reason}"))?;
    let elsewhere = call.url().origin() != url.origin();
    let keeps = matches!(
        status,
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
    );
    let call = if keeps || (call.method() != Method::POST && status != StatusCode::SEE_OTHER) {
        call
    } else {
        call.without_body()
    };
    if !elsewhere {
        return Ok(call.moved(url, self::endpoint(endpoint)));
    }
    if call.has_secrets() {
        return Err(format!(
            "{status} to another host, and the request holds secrets: they go to nobody else"
        ));
    }
    let call = call.without_credentials();
    Ok(call.moved(url, self::endpoint(endpoint)))
}
