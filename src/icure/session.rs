//! An authenticated user: account, data owner, key pairs, token.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use secrecy::SecretString;
use uuid::Uuid;

use super::error::CryptoFault;
use super::exchange::{self, ExchangeKey, ExchangeKeys};
use super::secure::Opened;
use super::written::Written;
use super::{Authenticator, IcureError, StepPlatform};
use crate::crypto::{AesKey, KeyPair};
use crate::http::{Call, Response};
use crate::keys::KeyProvider;
use crate::shown::Secrets;
use crate::vault::SavedCredentials;
use crate::wire::{DataOwner, DataOwnerKind, DataOwnerWithType, User};

/// Where the key pairs of a session come from.
pub enum KeySupply {
    /// A new pair, from a pool or generated; its public key is published, beside
    /// those that there are. Those with whom data was shared are asked for
    /// access with it (`createMaintenanceTasksForNewKeypair`).
    New(Arc<KeyProvider>),
    /// These; at least one must be known to the platform.
    Given(Vec<KeyPair>),
}

/// An authenticated user, as `AuthenticationResult` describes it: the API is
/// this value itself.
#[derive(Clone)]
pub struct Session {
    pub(super) auth: Authenticator,
    pub(super) user: User,
    pub(super) owner: DataOwnerWithType,
    pub(super) key_pairs: Vec<KeyPair>,
    pub(super) exchange_keys: ExchangeKeys,
    /// Exchange data of version 8 and Cardinal, once it was asked for.
    pub(super) exchange_data: Option<Vec<Opened>>,
    /// Practitioner chosen when the process was started, if any.
    pub(super) responsible: Option<String>,
    token: SecretString,
    token_expires_at: Option<i64>,
    /// The data owner's document has changes that were not sent.
    pub(super) unsaved: bool,
    /// How often that document was changed.
    pub(super) changes: u64,
    /// Contacts that this session has stored.
    pub(super) written: Written,
}

impl Session {
    /// What follows a validated code: log in with it, make or check the key
    /// pair, obtain the long-lived token (`_initUserAuthTokenAndCrypto`).
    ///
    /// # Errors
    /// When the account does not appear, the keys do not fit, or a request
    /// fails.
    pub async fn complete(
        platform: StepPlatform<'_>,
        login: &str,
        code: &SecretString,
        keys: KeySupply,
        responsible: Option<String>,
    ) -> Result<Self, IcureError> {
        let (auth, user) = first_login(platform, login, code).await?;
        let mut session = Self::load(platform, auth, user).await?;
        session.responsible = responsible;
        match keys {
            KeySupply::New(supply) => {
                let pair = platform.crypto().new_key_pair(&supply).await?;
                session.key_pairs = vec![pair];
                session.publish_key(platform).await?;
                session.announce_key(platform).await?;
            }
            KeySupply::Given(pairs) => session.adopt(pairs)?,
        }
        session.obtain_token(platform).await?;
        Ok(session)
    }

    /// From saved credentials: no code, just login, token and key pairs.
    ///
    /// # Errors
    /// When the token has expired or is another user's, or the keys do not fit.
    pub async fn reinstantiate(
        platform: StepPlatform<'_>,
        saved: SavedCredentials,
    ) -> Result<Self, IcureError> {
        let mut auth = Authenticator::new(&saved.login, saved.token.clone());
        let user = current_user(&mut auth, platform).await;
        let user = user.map_err(|error| refused_token(error, &saved, platform.now_ms()))?;
        // Ours are asked for by name: going on would measure somebody else.
        if !saved.user_id.is_empty() && saved.user_id != user.id {
            return Err(IcureError::AnotherUser {
                login: saved.login,
                saved: saved.user_id,
                found: user.id,
            });
        }
        let mut session = Self::load(platform, auth, user).await?;
        session.adopt(saved.key_pairs)?;
        session.token = saved.token;
        session.token_expires_at = saved.token_expires_at;
        Ok(session)
    }

    async fn load(
        platform: StepPlatform<'_>,
        mut auth: Authenticator,
        user: User,
    ) -> Result<Self, IcureError> {
        let owner = current_owner(&mut auth, platform).await?;
        Ok(Self {
            auth,
            user,
            owner,
            key_pairs: Vec::new(),
            exchange_keys: ExchangeKeys::default(),
            exchange_data: None,
            responsible: None,
            token: SecretString::default(),
            token_expires_at: None,
            unsaved: false,
            changes: 0,
            written: Written::default(),
        })
    }

    /// Sends a request of the scenario's own with this session's credentials.
    ///
    /// # Errors
    /// When the credentials are refused or the request fails.
    pub async fn send(
        &mut self,
        platform: StepPlatform<'_>,
        call: Call,
    ) -> Result<Response, IcureError> {
        self.auth.send(platform, call).await
    }

    /// How often this session has changed the data owner's document.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Login of the account.
    pub fn login(&self) -> &str {
        self.auth.login()
    }

    /// Adds the credentials to those secrets that nobody shows.
    pub(crate) fn tell_secrets(&self, known: &mut Secrets) {
        self.auth.tell_secrets(known);
    }

    /// The account.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// Id of the patient or practitioner.
    pub fn data_owner_id(&self) -> &str {
        &self.owner.data_owner.id
    }

    /// Key pairs in use; the first one seals.
    pub fn key_pairs(&self) -> &[KeyPair] {
        &self.key_pairs
    }

    /// The long-lived token, which is the password from now on.
    pub fn token(&self) -> &SecretString {
        &self.token
    }

    /// When the token expires, milliseconds since 1970, if that is known.
    pub fn token_expires_at(&self) -> Option<i64> {
        self.token_expires_at
    }

    /// Data owners with whom new data is shared, besides this one: the user's
    /// automatic delegations for medical data, and the responsible.
    pub(super) fn default_delegates(&self) -> Vec<String> {
        let automatic = &self.user.auto_delegations;
        let mut delegates: Vec<String> = Vec::new();
        let all = automatic
            .all
            .iter()
            .chain(&automatic.medical_information)
            .chain(
                self.is_patient()
                    .then_some(&self.responsible)
                    .into_iter()
                    .flatten(),
            );
        for id in all {
            if id != self.data_owner_id() && !delegates.contains(id) {
                delegates.push(id.clone());
            }
        }
        delegates
    }

    pub(super) fn is_patient(&self) -> bool {
        self.owner.kind == DataOwnerKind::Patient
    }

    fn adopt(&mut self, pairs: Vec<KeyPair>) -> Result<(), IcureError> {
        let owner = &self.owner.data_owner;
        if !pairs
            .iter()
            .any(|pair| exchange::knows(owner, pair.public().fingerprint()))
        {
            return Err(IcureError::crypto(
                format!(
                    "matching the key pairs at hand with those of `{}`",
                    owner.id
                ),
                CryptoFault::NoKey,
            ));
        }
        self.key_pairs = pairs;
        Ok(())
    }

    /// Publishes the public key, with exchange keys to ourselves and to our
    /// delegates and, for a patient, the secret id by which its contacts will
    /// be found: one write.
    async fn publish_key(&mut self, platform: StepPlatform<'_>) -> Result<(), IcureError> {
        let Some(public) = self.key_pairs.first().map(|pair| pair.public().clone()) else {
            return Ok(());
        };
        let owner = &mut self.owner.data_owner;
        if owner.public_key.as_deref().unwrap_or_default().is_empty() {
            owner.public_key = Some(public.spki_hex().to_owned());
        }
        let id = self.data_owner_id().to_owned();
        let mut delegates = vec![id.clone()];
        delegates.extend(self.default_delegates());
        for delegate in &delegates {
            self.exchange_key_to(platform, delegate).await?;
        }
        if self.is_patient() {
            self.ensure_secret_id(platform, delegates).await?;
        }
        self.unsaved = true;
        self.save_owner(platform).await
    }

    /// The exchange key from this data owner to `delegate`; made when there is
    /// none, which [`Session::save_owner`] must then send.
    pub(super) async fn exchange_key_to(
        &mut self,
        platform: StepPlatform<'_>,
        delegate: &str,
    ) -> Result<AesKey, IcureError> {
        let own_id = self.data_owner_id().to_owned();
        let Some(own) = self.key_pairs.first().map(|pair| pair.public().clone()) else {
            return Err(IcureError::crypto(
                "making an exchange key",
                CryptoFault::NoKey,
            ));
        };
        // One that was made with another key pair, maybe a lost one, opens what
        // there is and seals nothing new.
        let known = self.exchange_keys_from(platform, &own_id, delegate).await?;
        if let Some(found) = known.iter().find(|key| key.is_of(own.fingerprint())) {
            return Ok(found.key.clone());
        }
        let other = if delegate == own_id {
            self.owner.data_owner.clone()
        } else {
            exchange::fetch_data_owner(&mut self.auth, platform, delegate)
                .await?
                .data_owner
        };
        let crypto = platform.crypto();
        let made = exchange::create_key(&mut self.owner.data_owner, &other, &own, crypto).await?;
        let key = made.key.clone();
        self.exchange_keys.add(&own_id, delegate, vec![made]);
        self.unsaved = true;
        Ok(key)
    }

    /// The exchange keys from `delegator` to `delegate` that we can open, of
    /// whom one must be us.
    pub(super) async fn exchange_keys_from(
        &mut self,
        platform: StepPlatform<'_>,
        delegator: &str,
        delegate: &str,
    ) -> Result<Vec<ExchangeKey>, IcureError> {
        if let Some(keys) = self.exchange_keys.get(delegator, delegate) {
            return Ok(keys.to_vec());
        }
        let fetched: DataOwner;
        let document = if delegator == self.data_owner_id() {
            &self.owner.data_owner
        } else {
            let auth = &mut self.auth;
            fetched = exchange::fetch_data_owner(auth, platform, delegator)
                .await?
                .data_owner;
            &fetched
        };
        let crypto = platform.crypto();
        let keys = exchange::open_keys(document, delegate, &self.key_pairs, crypto).await?;
        if !keys.is_empty() {
            self.exchange_keys.add(delegator, delegate, keys.clone());
        }
        Ok(keys)
    }

    /// Sends the data owner's document when it has changed.
    ///
    /// # Errors
    /// 409 when somebody else changed it meanwhile.
    pub(super) async fn save_owner(
        &mut self,
        platform: StepPlatform<'_>,
    ) -> Result<(), IcureError> {
        if !self.unsaved {
            return Ok(());
        }
        let auth = &mut self.auth;
        self.owner.data_owner = exchange::put_data_owner(auth, platform, &self.owner).await?;
        self.unsaved = false;
        self.changes += 1;
        Ok(())
    }

    /// Forgets what was read of this user and data owner, and reads it again:
    /// others may have changed it (`forceReload`).
    ///
    /// # Errors
    /// When a request fails.
    pub async fn reload(&mut self, platform: StepPlatform<'_>) -> Result<(), IcureError> {
        self.user = current_user(&mut self.auth, platform).await?;
        self.owner = current_owner(&mut self.auth, platform).await?;
        self.exchange_keys = ExchangeKeys::default();
        self.unsaved = false;
        self.changes += 1;
        Ok(())
    }

    /// A token of our own, which is the password from then on.
    async fn obtain_token(&mut self, platform: StepPlatform<'_>) -> Result<(), IcureError> {
        let validity = platform.target().token_validity;
        let asked_at = platform.now_ms();
        let user = self.user.id.clone();
        self.token = self.token_of(platform, &user, validity).await?;
        self.token_expires_at = Some(expiry(asked_at, validity));
        self.auth = Authenticator::new(self.auth.login(), self.token.clone());
        Ok(())
    }

    /// `POST /user/token/{userId}/{key}?tokenValidity=…`
    pub(super) async fn token_of(
        &mut self,
        platform: StepPlatform<'_>,
        user: &str,
        validity: Duration,
    ) -> Result<SecretString, IcureError> {
        let key = Uuid::new_v4().to_string();
        let call = platform
            .api_call(
                Method::POST,
                "/user/token/{userId}/{key}",
                ["user", "token", user, &key],
            )
            .query("tokenValidity", &validity.as_secs().to_string())
            .secret_answer();
        let answer = self.auth.send(platform, call).await?;
        let token = super::token::read(answer.body()).ok_or_else(|| IcureError::Document {
            document: "the answer of /user/token/{userId}/{key}".into(),
            expected: "a token",
        })?;
        Ok(SecretString::from(token.as_str()))
    }
}

/// Whether a token has expired is the platform's to say; that it has is then
/// known here.
fn refused_token(error: IcureError, saved: &SavedCredentials, now: i64) -> IcureError {
    match (error, saved.token_expires_at) {
        (IcureError::CredentialsRefused { login, .. }, Some(expired_at)) if expired_at <= now => {
            IcureError::TokenExpired { login, expired_at }
        }
        (error, _) => error,
    }
}

fn expiry(from: i64, validity: Duration) -> i64 {
    let validity = i64::try_from(validity.as_millis()).unwrap_or(i64::MAX);
    from.saturating_add(validity)
}

/// The first log-in with a code, tried again while the account is being made.
async fn first_login(
    platform: StepPlatform<'_>,
    login: &str,
    code: &SecretString,
) -> Result<(Authenticator, User), IcureError> {
    let mut attempt = 1;
    loop {
        let mut auth = Authenticator::new(login, code.clone());
        match current_user(&mut auth, platform).await {
            Ok(user) => return Ok((auth, user)),
            Err(IcureError::CredentialsRefused { .. })
                if attempt < platform.settings.first_login_attempts =>
            {
                attempt += 1;
                tokio::time::sleep(platform.settings.first_login_pause).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// `GET /user/current`
pub(super) async fn current_user(
    auth: &mut Authenticator,
    platform: StepPlatform<'_>,
) -> Result<User, IcureError> {
    let call = platform.api_call(Method::GET, "/user/current", ["user", "current"]);
    Ok(auth.send(platform, call).await?.json()?)
}

/// `GET /dataowner/current`
async fn current_owner(
    auth: &mut Authenticator,
    platform: StepPlatform<'_>,
) -> Result<DataOwnerWithType, IcureError> {
    let call = platform.api_call(Method::GET, "/dataowner/current", ["dataowner", "current"]);
    Ok(auth.send(platform, call).await?.json()?)
}
