//! Where the platform is and how its URLs are made.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use url::Url;

use super::requests::is_known;
use super::{IcureError, MeteredCrypto};
use crate::crypto::{ClientCrypto, CryptoBackend};
use crate::http::{Call, Client};
use crate::metrics::StepContext;
use crate::target::Target;

/// Whether a user is a patient or a practitioner. The two have different
/// authentication processes and different documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// A patient; needs a responsible practitioner.
    #[default]
    Patient,
    /// A practitioner (`hcp` on the wire).
    Practitioner,
}

/// What the target says about the platform.
pub struct PlatformSettings {
    /// Hosts, ids and times.
    pub target: Target,
    /// How often the first log-in after an authentication process is tried:
    /// the account is created asynchronously (`retry(…, 5, 3000)` in
    /// `AuthenticationApiImpl`).
    pub first_login_attempts: u32,
    /// Pause between those attempts.
    pub first_login_pause: Duration,
    /// The users' own cryptography.
    pub crypto: ClientCrypto,
}

/// The platform as one step uses it: what it asks there is measured with it.
#[derive(Clone, Copy)]
pub struct StepPlatform<'a> {
    platform: &'a Platform,
    pub(super) cx: StepContext<'a>,
}

impl<'a> StepPlatform<'a> {
    /// The users' cryptography.
    pub(super) fn crypto(self) -> MeteredCrypto<'a> {
        MeteredCrypto::new(&self.platform.settings.crypto, self.cx)
    }
}

impl Deref for StepPlatform<'_> {
    type Target = Platform;

    fn deref(&self) -> &Platform {
        self.platform
    }
}

/// The platform as a virtual user reaches it. Clones use the same connections.
#[derive(Clone)]
pub struct Platform {
    pub(super) http: Client,
    pub(super) settings: Arc<PlatformSettings>,
    api: Arc<Url>,
}

impl Platform {
    /// A platform reached through `http`.
    pub fn new(http: Client, settings: PlatformSettings) -> Self {
        let mut api = settings.target.api_url.clone();
        push(&mut api, ["rest", settings.target.api_version.path()]);
        Self {
            http,
            settings: Arc::new(settings),
            api: Arc::new(api),
        }
    }

    /// The same platform, reached through `http`.
    #[must_use]
    pub fn through(&self, http: Client) -> Self {
        Self {
            http,
            ..self.clone()
        }
    }

    /// The target that this platform is.
    pub fn target(&self) -> &Target {
        &self.settings.target
    }

    /// What the users' keys are made with.
    pub fn crypto_backend(&self) -> CryptoBackend {
        self.settings.crypto.backend()
    }

    /// The platform as one step uses it.
    pub fn of<'a>(&'a self, cx: StepContext<'a>) -> StepPlatform<'a> {
        StepPlatform { platform: self, cx }
    }

    /// The HTTP client, for requests that are not the platform's.
    pub fn http(&self) -> &Client {
        &self.http
    }

    /// Milliseconds since 1970, as documents and `?ts=` have them.
    pub(super) fn now_ms(&self) -> i64 {
        self.http.clock().unix_millis()
    }

    /// A call to the API. `endpoint` is the template that metrics show,
    /// `segments` the same path with its values. The clients append the time
    /// to every call, so that no cache answers.
    pub(super) fn api_call<'a>(
        &self,
        method: Method,
        endpoint: &'static str,
        segments: impl IntoIterator<Item = &'a str>,
    ) -> Call {
        debug_assert!(is_known(method.as_str(), endpoint), "{method} {endpoint}");
        let mut url = Url::clone(&self.api);
        push(&mut url, segments);
        url.query_pairs_mut()
            .append_pair("ts", &self.now_ms().to_string());
        Call::new(method, endpoint, url)
    }

    /// A call to a socket of the API, which stands beside it (`/ws/v2`).
    pub(super) fn socket_call<'a>(
        &self,
        method: Method,
        endpoint: &'static str,
        segments: impl IntoIterator<Item = &'a str>,
    ) -> Call {
        debug_assert!(is_known(method.as_str(), endpoint), "{method} {endpoint}");
        let target = self.target();
        let mut url = target.api_url.clone();
        push(&mut url, ["ws", target.api_version.path()]);
        push(&mut url, segments);
        Call::new(method, endpoint, url)
    }

    /// A call to the message gateway, below the spec id.
    pub(super) fn gateway_call<'a>(
        &self,
        method: Method,
        endpoint: &'static str,
        segments: impl IntoIterator<Item = &'a str>,
    ) -> Call {
        debug_assert!(is_known(method.as_str(), endpoint), "{method} {endpoint}");
        let target = self.target();
        let mut url = target.gateway_url.clone();
        push(&mut url, [target.spec_id.as_str()]);
        push(&mut url, segments);
        Call::new(method, endpoint, url)
    }

    /// Asks both hosts for a sign of life.
    ///
    /// # Errors
    /// With the host that does not answer.
    pub async fn reach(&self) -> Result<(), (Url, IcureError)> {
        let target = self.target();
        for url in [&target.api_url, &target.gateway_url] {
            self.http
                .reach(url)
                .await
                .map_err(|error| (url.clone(), error.into()))?;
        }
        Ok(())
    }
}

fn push<'a>(url: &mut Url, segments: impl IntoIterator<Item = &'a str>) {
    // A target's URLs are http or https, which always have a path.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
}
