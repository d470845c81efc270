//! A request that was found somewhere.

use serde_json::Value;
use url::Url;

/// A request, as far as a scenario can say it.
#[derive(Clone, Debug)]
pub struct Request {
    /// What it is called, if it has a name.
    pub name: Option<String>,
    /// `GET`
    pub method: String,
    /// Where to; a path alone is below the target.
    pub url: String,
    /// The path with its variable parts in braces, if there are any.
    pub endpoint: Option<String>,
    /// What is added to the query.
    pub query: Vec<(String, String)>,
    /// Headers, all of them.
    pub headers: Vec<(String, String)>,
    /// What is sent, if anything is.
    pub body: Option<Body>,
    /// The status that is expected.
    pub status: Option<u16>,
    /// How long to wait, such as `5s`.
    pub timeout: Option<String>,
    /// Whether redirects are followed.
    pub follow: bool,
    /// What a person must decide.
    pub notes: Vec<String>,
}

/// What a request sends, in the form that `http` has for it.
#[derive(Clone, Debug)]
pub enum Body {
    /// As JSON.
    Json(Value),
    /// As a form.
    Form(Vec<(String, String)>),
    /// As it is.
    Text(String),
}

impl Request {
    /// A request without anything.
    pub fn new(method: &str, url: impl Into<String>) -> Self {
        Self {
            name: None,
            method: method.to_ascii_uppercase(),
            url: url.into(),
            endpoint: None,
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            status: None,
            timeout: None,
            follow: false,
            notes: Vec::new(),
        }
    }

    /// The same to an address whose query is taken apart.
    pub fn to(method: &str, mut url: Url) -> Self {
        let query = url.query_pairs().into_owned().collect();
        url.set_query(None);
        url.set_fragment(None);
        if !url.username().is_empty() || url.password().is_some() {
            let _ = url.set_username("");
            let _ = url.set_password(None);
        }
        Self {
            query,
            ..Self::new(method, url)
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Takes a body for what its type says, or what it looks like.
    pub fn set_body(&mut self, text: &str) {
        let kind = self.header("content-type").unwrap_or_default();
        let is_form = kind.starts_with("application/x-www-form-urlencoded");
        self.body = if text.is_empty() {
            None
        } else if let Ok(json) = serde_json::from_str::<Value>(text)
            && !is_form
            && !json.is_number()
        {
            Some(Body::Json(json))
        } else if is_form {
            let pairs = url::form_urlencoded::parse(text.as_bytes());
            Some(Body::Form(pairs.into_owned().collect()))
        } else {
            Some(Body::Text(text.to_owned()))
        };
    }
}
