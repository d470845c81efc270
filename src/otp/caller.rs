//! Requests to mailboxes with an HTTP interface: who we are, and what becomes of
//! answers that are none.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder, StatusCode, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::oauth::Account;
use super::{Prospect, SourceError};
use crate::ceilings;
use crate::clock::Clock;
use crate::document::{ReadContext, record};
use crate::http::{client_builder, read_body};
use crate::language::{Fields, Node, Read, Shape, entries};

/// How long one request may take, and how long it may stand still.
const TIMEOUT: Duration = Duration::from_secs(30);
const SILENCE: Duration = Duration::from_secs(10);

record! {
    /// Who we are to a mailbox with an HTTP interface.
    #[derive(Debug)]
    pub(super) struct Login of "`otp`" {
        /// headers of every request
        headers: Headers, example(r#"{X-Api-Key: "${API_KEY}"}"#);
        /// user name for the mailbox
        pub(super) user: SecretString;
        /// password for the mailbox
        password: SecretString;
        /// where access tokens are asked for, instead of `password`
        oauth2: Arc<Account>;
    }
}

impl Login {
    /// Finds out what does not go together.
    pub(super) fn check(&self, fields: &Fields<'_>, cx: &mut ReadContext) {
        // Not where the password is: that line would be shown.
        if self.user.is_none() && fields.has("password") {
            let message = "`otp` has a `password` but no `user`";
            cx.problem(fields.span(), message, "add `user:`");
        }
        if self.oauth2.is_some() && fields.has("password") {
            let message = "`otp` has both `password` and `oauth2`";
            cx.problem(fields.span(), message, "remove one of them");
        }
    }
}

/// Names, and secrets.
#[derive(Debug)]
struct Headers(Vec<(String, SecretString)>);

impl Read<ReadContext> for Headers {
    const EXPECTED: &'static str = "a mapping from names to texts";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let mut headers = Vec::new();
        for (name, value) in entries(node, "`headers`", "X-Api-Key: ${API_KEY}", cx)? {
            if HeaderName::try_from(name.as_str()).is_err() {
                let message = format!("`{}` is not the name of a header", name.as_str());
                cx.problem(name.span, message, "");
            }
            headers.extend(SecretString::read(value, cx).map(|value| (name.text.clone(), value)));
        }
        Some(Self(headers))
    }

    fn shape() -> Shape {
        SecretString::shape().entries()
    }
}

/// Asks a mailbox.
pub(super) struct Caller {
    client: Client,
    login: Option<(SecretString, SecretString)>,
    account: Option<Arc<Account>>,
    clock: Clock,
}

impl Caller {
    /// `name`: what messages call the mailbox.
    pub(super) fn new(login: &Login, clock: &Clock, name: &str) -> Result<Self, SourceError> {
        let mut headers = HeaderMap::new();
        for (header, value) in login.headers.iter().flat_map(|Headers(headers)| headers) {
            let header = HeaderName::try_from(header.as_str());
            let value = HeaderValue::try_from(value.expose_secret());
            let (Ok(header), Ok(mut value)) = (header, value) else {
                let reason = "a header has a letter that is not allowed";
                return Err(SourceError::new(name, reason));
            };
            value.set_sensitive(true);
            headers.append(header, value);
        }
        let client = client_builder()
            .default_headers(headers)
            .timeout(TIMEOUT)
            .connect_timeout(SILENCE)
            .read_timeout(SILENCE)
            // Secrets in headers would go wherever it leads.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|error| SourceError::new(name, error.to_string()))?;
        let user = login.user.clone().filter(|_| login.oauth2.is_none());
        Ok(Self {
            client,
            login: user.map(|user| (user, login.password.clone().unwrap_or_default())),
            account: login.oauth2.clone(),
            clock: clock.clone(),
        })
    }

    /// The body of what is there.
    pub(super) async fn get(&self, name: &str, url: &Url) -> Result<Vec<u8>, SourceError> {
        self.ask(name, &|| self.client.get(url.clone())).await
    }

    /// The body of the answer to this JSON.
    pub(super) async fn post(
        &self,
        name: &str,
        url: &Url,
        body: &Value,
    ) -> Result<Vec<u8>, SourceError> {
        let request = || {
            let request = self.client.post(url.clone());
            request
                .header(CONTENT_TYPE, "application/json")
                .body(body.to_string())
        };
        self.ask(name, &request).await
    }

    async fn ask(
        &self,
        name: &str,
        request: &(dyn Fn() -> RequestBuilder + Sync),
    ) -> Result<Vec<u8>, SourceError> {
        let Some(account) = &self.account else {
            let request = match &self.login {
                None => request(),
                Some((user, password)) => {
                    request().basic_auth(user.expose_secret(), Some(password.expose_secret()))
                }
            };
            return read(name, request).await;
        };
        loop {
            let token = account.token(&self.clock).await?;
            let request = request().bearer_auth(token.token.expose_secret());
            let refused = match read(name, request).await {
                // It may have ended before its time.
                Err(error) if error.prospect == Prospect::Permanent => error,
                done => return done,
            };
            if token.is_new {
                return Err(refused.with_hint(
                    "may the account of `oauth2` read this mailbox, and is its `scope` the right one?",
                ));
            }
            account.refuse(&token);
        }
    }
}

async fn read(name: &str, request: RequestBuilder) -> Result<Vec<u8>, SourceError> {
    let broken = |error| SourceError::of_request(name, error);
    let answer = request.send().await.map_err(broken)?;
    let status = answer.status();
    if !status.is_success() {
        let error = SourceError::of_status(name, status);
        return Err(match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                error.with_hint("are `user`, `password` or `headers` of the target's `otp` right?")
            }
            _ if status.is_redirection() => {
                error.with_hint("redirections are not followed: write the address it leads to")
            }
            _ => error,
        });
    }
    let body = read_body(answer, ceilings::CONTROL_BODY).await;
    body.map_err(|error| SourceError::of_body(name, error))
}
