//! Access tokens for mailboxes (OAuth 2.0, RFC 6749): asked for with a refresh
//! token or with the client's own secret, and asked for again before they end, or
//! when they are refused.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::CONTENT_TYPE;
use reqwest::{Response, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;
use url::form_urlencoded::Serializer;

use super::link::shown;
use super::{Prospect, SourceError};
use crate::ceilings;
use crate::clock::Clock;
use crate::document::{ReadContext, Record, record};
use crate::http::{client_builder, read_body};
use crate::language::permissions::is_this_machine;
use crate::language::{Node, Read, Shape};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// A token is renewed so long before its end, or a tenth of its life.
const EARLY: Duration = Duration::from_secs(60);
/// Refusals that may pass (RFC 6749, section 5.2; RFC 8628).
const PASSING: &[&str] = &["temporarily_unavailable", "slow_down", "server_error"];

record! {
    struct Written of "`oauth2`" {
        /// address of the token endpoint
        token_url: Url, required, example("https://oauth2.googleapis.com/token");
        /// id of the client, as the provider has registered it
        client_id: SecretString, required, example("{env: CLIENT_ID}");
        /// secret of the client, where it has one
        client_secret: SecretString, example("{env: CLIENT_SECRET}");
        /// a refresh token of the mailbox's user; without one, the client asks for itself (client credentials)
        refresh_token: SecretString, shown, example("{env: REFRESH_TOKEN}");
        /// what the token is for
        scope: String, example("https://outlook.office365.com/.default");
    }
}

/// `oauth2: {token_url: …, client_id: …, refresh_token: …}`
#[derive(Debug)]
pub(super) struct Account {
    token_url: Url,
    client_id: SecretString,
    client_secret: Option<SecretString>,
    scope: Option<String>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The provider may give another one with each token.
    refresh_token: Option<SecretString>,
    token: Option<SecretString>,
    until: Option<Instant>,
}

/// An access token.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) token: SecretString,
    /// It has just been given: who refuses it will refuse the next one, too.
    pub(super) is_new: bool,
}

impl Read<ReadContext> for Arc<Account> {
    const EXPECTED: &'static str =
        "a mapping with `token_url`, `client_id`, and `refresh_token` or `client_secret`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let written = Written::read_only(node, cx)?;
        // Not where a secret is: that line would be shown.
        let at = node.entry("token_url").map_or(node.span, |url| url.span);
        if written.refresh_token.is_none() && written.client_secret.is_none() {
            let message = "`oauth2` has neither a `refresh_token` nor a `client_secret`";
            let help = "add `refresh_token:` to read a user's mailbox, or `client_secret:` for the client's own rights";
            cx.problem(at, message, help);
        }
        let url = written.token_url;
        if url.scheme() != "https" && !url.host().is_some_and(|host| is_this_machine(&host)) {
            let message = "without TLS, secrets would cross the network in the clear";
            let help = "write `token_url: https://…`; `http` is for this machine, `127.0.0.1` or `localhost`";
            cx.problem(at, message, help);
        }
        Some(Self::new(Account {
            token_url: url,
            client_id: written.client_id,
            client_secret: written.client_secret,
            scope: written.scope,
            state: Mutex::new(State {
                refresh_token: written.refresh_token,
                token: None,
                until: None,
            }),
        }))
    }

    fn shape() -> Shape {
        Written::TABLE.shape()
    }
}

impl Account {
    /// A token that is good for a while, as far as is known.
    pub(super) async fn token(&self, clock: &Clock) -> Result<Token, SourceError> {
        let mut state = self.state.lock().await;
        let now = clock.now();
        if let Some(token) = &state.token
            && state.until.is_none_or(|until| now < until)
        {
            let token = token.clone();
            let is_new = false;
            return Ok(Token { token, is_new });
        }
        let answer = self.ask(&state).await?;
        let text = |name: &str| answer[name].as_str().map(SecretString::from);
        // It goes into headers and log-ins: nothing in it may end them.
        let token = text("access_token").filter(|token| {
            let token = token.expose_secret();
            !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
        });
        let token = token.ok_or_else(|| self.error("there is no `access_token` in its answer"))?;
        let seconds = match &answer["expires_in"] {
            Value::String(text) => text.parse().ok(),
            number => number.as_u64(),
        };
        state.until = seconds.and_then(|seconds: u64| {
            let life = Duration::from_secs(seconds);
            now.checked_add(life.saturating_sub(EARLY.min(life / 10)))
        });
        state.token = Some(token.clone());
        if let Some(next) = text("refresh_token") {
            state.refresh_token = Some(next);
        }
        let is_new = true;
        Ok(Token { token, is_new })
    }

    /// The same for a thread that may wait.
    pub(super) fn token_now(&self, clock: &Clock) -> Result<Token, SourceError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| self.error(error.to_string()))?;
        runtime.block_on(self.token(clock))
    }

    /// This token was refused: another one is asked for next time.
    pub(super) fn refuse(&self, refused: &Token) {
        // Whoever holds it is asking for another one.
        if let Ok(mut state) = self.state.try_lock() {
            let same =
                |token: &SecretString| token.expose_secret() == refused.token.expose_secret();
            state.token = state.token.take().filter(|token| !same(token));
        }
    }

    async fn ask(&self, state: &State) -> Result<Value, SourceError> {
        let client = client_builder()
            .timeout(TIMEOUT)
            // Secrets in the body would go wherever it leads.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|error| SourceError::of_request(self.name(), error))?;
        let answer = client
            .post(self.token_url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(self.form(state))
            .send()
            .await
            .map_err(|error| SourceError::of_request(self.name(), error))?;
        let status = answer.status();
        let body = self.body(answer).await?;
        let answer: Option<Value> = serde_json::from_slice(&body).ok();
        match answer {
            Some(answer) if status.is_success() => Ok(answer),
            Some(answer) if answer["error"].is_string() => Err(self.refusal(&answer, state)),
            None if status.is_success() => Err(self.error("its answer is not JSON")),
            _ => Err(SourceError::of_status(self.name(), status)),
        }
    }

    async fn body(&self, answer: Response) -> Result<Vec<u8>, SourceError> {
        let body = read_body(answer, ceilings::CONTROL_BODY).await;
        body.map_err(|error| SourceError::of_body(self.name(), error))
    }

    fn form(&self, state: &State) -> String {
        let mut form = Serializer::new(String::new());
        match &state.refresh_token {
            Some(token) => form
                .append_pair("grant_type", "refresh_token")
                .append_pair("refresh_token", token.expose_secret()),
            None => form.append_pair("grant_type", "client_credentials"),
        };
        form.append_pair("client_id", self.client_id.expose_secret());
        if let Some(secret) = &self.client_secret {
            form.append_pair("client_secret", secret.expose_secret());
        }
        if let Some(scope) = &self.scope {
            form.append_pair("scope", scope);
        }
        form.finish()
    }

    /// What the endpoint says, without what is ours.
    fn refusal(&self, answer: &Value, state: &State) -> SourceError {
        let error = answer["error"].as_str().unwrap_or_default();
        let about = answer["error_description"].as_str().unwrap_or_default();
        let about = about.lines().next().unwrap_or_default();
        let own = [&self.client_secret, &state.refresh_token];
        let mut own = own.into_iter().flatten().chain([&self.client_id]);
        let said = if own.any(|secret| about.contains(secret.expose_secret())) {
            error.to_owned()
        } else {
            format!("{error} {about}")
        };
        let refusal = self.error(format!("it refuses us: {}", shown(said.trim())));
        if PASSING.contains(&error) {
            return refusal;
        }
        let hint = if error == "invalid_grant" {
            "the `refresh_token` of `oauth2` has ended or was withdrawn: make another one"
        } else {
            "are `client_id`, `client_secret` and `scope` of `oauth2` right?"
        };
        refusal.lasting(Prospect::Permanent).with_hint(hint)
    }

    fn error(&self, reason: impl Into<String>) -> SourceError {
        SourceError::new(self.name(), reason)
    }

    fn name(&self) -> String {
        format!("the token endpoint {}", self.token_url)
    }
}
