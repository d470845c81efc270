//! Who is calling: a short-lived JWT, renewed; Basic when that fails.
//!
//! The SDK's `EnsembleAuthService` tries a JWT, then the browser's session,
//! then Basic. A virtual user has no browser session, so here it is JWT, then
//! Basic.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::{IcureError, StepPlatform};
use crate::http::{Call, RequestError, Response, Socket};
use crate::shown::Secrets;
use crate::wiped::secret_header;
use crate::wire::{AuthenticationResponse, LoginCredentials};

/// How long Basic is used without trying for a JWT again, after a JWT was
/// refused (`jwtTimeout` of `EnsembleAuthenticationProvider`).
const SUSPENSION: Duration = Duration::from_secs(3600);

/// A login with its password (an OTP or a long-lived token), and the JWTs had
/// with it.
#[derive(Clone)]
pub struct Authenticator {
    login: String,
    password: SecretString,
    access: Option<Jwt>,
    refresh: Option<Jwt>,
    /// Milliseconds since 1970; until then no JWT is asked for.
    basic_until: i64,
}

#[derive(Clone)]
struct Jwt {
    text: SecretString,
    /// Milliseconds since 1970.
    expires_at: i64,
}

impl Jwt {
    /// `None` when the text is no JWT with an `exp`, which the SDK takes for
    /// expired.
    fn parse(text: &str) -> Option<Self> {
        let payload = text.split('.').nth(1)?;
        let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
        let claims: serde_json::Value = serde_json::from_slice(&payload).ok()?;
        let expires_at = claims.get("exp")?.as_i64()?.checked_mul(1000)?;
        Some(Self {
            text: SecretString::from(text),
            expires_at,
        })
    }

    fn is_valid(&self, now: i64) -> bool {
        self.expires_at >= now
    }
}

impl Authenticator {
    /// Nothing is sent yet.
    pub fn new(login: impl Into<String>, password: SecretString) -> Self {
        Self {
            login: login.into(),
            password,
            access: None,
            refresh: None,
            basic_until: 0,
        }
    }

    /// E-mail address or telephone number of the account.
    pub fn login(&self) -> &str {
        &self.login
    }

    /// Adds the credentials to those secrets that nobody shows.
    pub(crate) fn tell_secrets(&self, known: &mut Secrets) {
        known.add_named(self.password.expose_secret());
        for jwt in self.access.iter().chain(&self.refresh) {
            known.add_named(jwt.text.expose_secret());
        }
    }

    /// Sends an API call with credentials: first by JWT, and once more with
    /// Basic when that is refused.
    ///
    /// # Errors
    /// [`IcureError::CredentialsRefused`] when both are refused, else whatever
    /// the call failed with.
    pub async fn send(
        &mut self,
        platform: StepPlatform<'_>,
        call: Call,
    ) -> Result<Response, IcureError> {
        if let Some(attempt) = self.with_jwt(platform, &call).await? {
            let sent = platform.http.send(attempt, platform.cx).await;
            if let Some(answer) = self.unless_refused(platform, sent)? {
                return Ok(answer);
            }
        }
        self.send_with_basic(platform, call).await
    }

    /// Sends a call by Basic alone, which is what the message gateway takes.
    ///
    /// # Errors
    /// As with [`Authenticator::send`].
    pub(super) async fn send_with_basic(
        &self,
        platform: StepPlatform<'_>,
        call: Call,
    ) -> Result<Response, IcureError> {
        let sent = platform.http.send(self.with_basic(call), platform.cx).await;
        sent.map_err(|error| self.refused(error))
    }

    /// Opens a WebSocket with credentials, in the same way.
    ///
    /// # Errors
    /// As with [`Authenticator::send`].
    pub(super) async fn open_socket(
        &mut self,
        platform: StepPlatform<'_>,
        call: Call,
    ) -> Result<Socket, IcureError> {
        if let Some(attempt) = self.with_jwt(platform, &call).await? {
            let opened = platform.http.open_socket(attempt, platform.cx).await;
            if let Some(socket) = self.unless_refused(platform, opened)? {
                return Ok(socket);
            }
        }
        let call = self.with_basic(call);
        let opened = platform.http.open_socket(call, platform.cx).await;
        opened.map_err(|error| self.refused(error))
    }

    /// The call with a valid JWT; `None` when none can be had.
    async fn with_jwt(
        &mut self,
        platform: StepPlatform<'_>,
        call: &Call,
    ) -> Result<Option<Call>, IcureError> {
        let Some(header) = self.bearer(platform).await? else {
            return Ok(None);
        };
        let attempt = call.duplicate().header(AUTHORIZATION, header);
        let jwt = self.access.iter().map(|jwt| &jwt.text);
        Ok(Some(jwt.fold(attempt, Call::secret)))
    }

    /// What came of an attempt with a JWT; `None` when that is refused, and then it
    /// is not used for a while.
    fn unless_refused<T>(
        &mut self,
        platform: StepPlatform<'_>,
        outcome: Result<T, RequestError>,
    ) -> Result<Option<T>, IcureError> {
        match outcome {
            Err(error) if error.status() == Some(StatusCode::UNAUTHORIZED) => {
                self.suspend(platform.now_ms());
                Ok(None)
            }
            outcome => Ok(Some(outcome?)),
        }
    }

    fn with_basic(&self, call: Call) -> Call {
        call.header(AUTHORIZATION, self.basic())
            .secret(&self.password)
    }

    fn refused(&self, error: RequestError) -> IcureError {
        if error.status() == Some(StatusCode::UNAUTHORIZED) {
            IcureError::CredentialsRefused {
                login: self.login.clone(),
                reason: error,
            }
        } else {
            error.into()
        }
    }

    fn suspend(&mut self, now: i64) {
        self.access = None;
        self.refresh = None;
        self.basic_until =
            now.saturating_add_unsigned(u64::try_from(SUSPENSION.as_millis()).unwrap_or(u64::MAX));
    }

    /// A header with a valid JWT, or `None` when none can be had.
    async fn bearer(
        &mut self,
        platform: StepPlatform<'_>,
    ) -> Result<Option<HeaderValue>, IcureError> {
        let now = platform.now_ms();
        if !self.access.as_ref().is_some_and(|jwt| jwt.is_valid(now)) {
            if now < self.basic_until {
                return Ok(None);
            }
            self.renew(platform).await?;
        }
        Ok(self.access.as_ref().and_then(|jwt| {
            let header = Zeroizing::new(format!("Bearer {}", jwt.text.expose_secret()));
            secret_header(&header)
        }))
    }

    /// Renews the JWT, or logs in when there is nothing to renew it with.
    /// A refusal leaves no JWT; only a host that does not answer is an error.
    async fn renew(&mut self, platform: StepPlatform<'_>) -> Result<(), IcureError> {
        let now = platform.now_ms();
        let refresh = self.refresh.take().filter(|jwt| jwt.is_valid(now));
        let (call, keep_refresh) = match refresh {
            Some(refresh) => (refresh_call(platform, &refresh), Some(refresh)),
            None => (self.login_call(platform)?, None),
        };
        let answer = match platform.http.send(call, platform.cx).await {
            Ok(response) => response.json::<AuthenticationResponse>()?,
            Err(error) if error.status().is_some() => {
                self.access = None;
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        self.access = answer.token.and_then(|text| Jwt::parse(&text));
        self.refresh = keep_refresh.or_else(|| {
            let text = answer.refresh_token?;
            Jwt::parse(&text)
        });
        Ok(())
    }

    fn login_call(&self, platform: StepPlatform<'_>) -> Result<Call, IcureError> {
        let credentials = LoginCredentials {
            username: self.login.clone(),
            password: Zeroizing::new(self.password.expose_secret().to_owned()),
        };
        let call = platform.api_call(Method::POST, "/auth/login", ["auth", "login"]);
        Ok(call.json(&credentials)?.secret(&self.password))
    }

    fn basic(&self) -> HeaderValue {
        let pair = Zeroizing::new(format!("{}:{}", self.login, self.password.expose_secret()));
        let pair = Zeroizing::new(STANDARD.encode(&*pair));
        let header = Zeroizing::new(format!("Basic {}", *pair));
        // Base64 is always a valid header.
        secret_header(&header).unwrap_or(HeaderValue::from_static(""))
    }
}

fn refresh_call(platform: StepPlatform<'_>, refresh: &Jwt) -> Call {
    let call = platform
        .api_call(Method::POST, "/auth/refresh", ["auth", "refresh"])
        .secret(&refresh.text);
    match secret_header(refresh.text.expose_secret()) {
        Some(value) => call.header(HeaderName::from_static("refresh-token"), value),
        None => call,
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::Jwt;

    fn jwt(claims: &str) -> String {
        format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn expiry_is_read_from_the_claims() {
        assert!(
            Jwt::parse(&jwt(r#"{"exp":99999999999}"#))
                .unwrap()
                .is_valid(2_000)
        );
        assert!(!Jwt::parse(&jwt(r#"{"exp":1}"#)).unwrap().is_valid(2_000));
    }

    #[test]
    fn what_is_no_jwt_is_not_used() {
        for text in [
            "",
            "a.b.c",
            "nonsense",
            &jwt("{}"),
            &jwt(r#"{"exp":"soon"}"#),
        ] {
            assert!(Jwt::parse(text).is_none(), "{text}");
        }
    }
}
