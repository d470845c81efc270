//! Who is calling.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::access::ShownKeys;
use super::digest::Digest;
use super::document::Head;
use super::jwt::{Claims, Purpose};
use super::state::{Shared, Simulation};
use super::store::{Store, Table, Tables};
use super::token::TokenRow;
use super::{Failure, accounts};
use crate::wire::{AccessLevel, DataOwnerKind, User};

/// The account that a request is made by, and what it asks.
pub(super) struct Caller {
    pub(super) simulation: Shared,
    pub(super) user_id: String,
    /// Id of the patient or practitioner.
    pub(super) owner_id: String,
    pub(super) kind: DataOwnerKind,
    /// What it shows to open documents that do not name it.
    pub(super) shown: ShownKeys,
    /// The claims, when it came with a JWT.
    pub(super) claims: Option<Claims>,
}

impl Caller {
    /// # Errors
    /// 401
    pub(super) fn by_jwt(simulation: &Shared, jwt: &str) -> Result<Self, Failure> {
        let claims = simulation.claims(jwt, Purpose::Access)?;
        Ok(Self {
            simulation: Shared::clone(simulation),
            user_id: claims.sub.clone(),
            owner_id: claims.data_owner_id.clone(),
            kind: claims.data_owner_type,
            shown: ShownKeys::default(),
            claims: Some(claims),
        })
    }

    fn by_password(simulation: &Shared, credentials: &str) -> Result<Self, Failure> {
        let decoded = Zeroizing::new(STANDARD.decode(credentials).map_err(|_| malformed())?);
        let (login, password) = std::str::from_utf8(&decoded)
            .ok()
            .and_then(|pair| pair.split_once(':'))
            .ok_or_else(malformed)?;
        let user = simulation.verify_password(login, password)?.user;
        let (owner_id, kind) = owner_of(&user)?;
        Ok(Self {
            simulation: Shared::clone(simulation),
            user_id: user.id,
            owner_id,
            kind,
            shown: ShownKeys::default(),
            claims: None,
        })
    }

    /// Where what it asks for is.
    pub(super) fn store(&self) -> &Store {
        &self.simulation.store
    }

    pub(super) fn may_read(&self, document: &Head) -> bool {
        document.level(&self.owner_id, &self.shown).is_some()
    }

    pub(super) fn may_write(&self, document: &Head) -> bool {
        document.level(&self.owner_id, &self.shown) == Some(AccessLevel::Write)
    }
}

/// A user who knew a password.
pub(super) struct Verified {
    pub(super) user: User,
    /// When the password ends, if it is a token; milliseconds since 1970.
    pub(super) token_expires_at: Option<i64>,
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, Failure> {
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .ok_or_else(|| Failure::unauthorized("credentials are missing"))?;
        let (scheme, credentials) = header
            .to_str()
            .ok()
            .and_then(|text| text.split_once(' '))
            .ok_or_else(malformed)?;
        let credentials = credentials.trim();
        let mut caller = if scheme.eq_ignore_ascii_case("Bearer") {
            Self::by_jwt(state, credentials)?
        } else if scheme.eq_ignore_ascii_case("Basic") {
            Self::by_password(state, credentials)?
        } else {
            return Err(malformed());
        };
        caller.shown = ShownKeys::read(&parts.headers)?;
        Ok(caller)
    }
}

impl Simulation {
    /// The claims of a JWT whose session was not logged out.
    ///
    /// # Errors
    /// 401
    pub(super) fn claims(&self, jwt: &str, purpose: Purpose) -> Result<Claims, Failure> {
        let claims = self.jwt.verify(jwt, purpose, self.clock.unix_millis())?;
        let ended = self
            .store
            .read(|tables| tables.get(Table::EndedSessions, &claims.session).is_some());
        if ended {
            return Err(Failure::unauthorized("the session was logged out"));
        }
        Ok(claims)
    }

    /// The account of a login whose password this is: a one-time password or
    /// a long-lived token.
    ///
    /// # Errors
    /// 401, the same for an unknown login and for a wrong password.
    pub(super) fn verify_password(&self, login: &str, password: &str) -> Result<Verified, Failure> {
        let refused = || Failure::unauthorized("login or password is wrong, or has expired");
        let now = self.clock.unix_millis();
        let (user, token, invited) = self.store.read(|tables| {
            let user = accounts::find(tables, login)?.ok_or_else(refused)?;
            let token = token(tables, password)?;
            let invited = accounts::invitation(tables, &user.id)?;
            Ok::<_, Failure>((user, token, invited))
        })?;
        let token = token.filter(|token| token.user_id == user.id && now < token.expires_at);
        let invited = invited.is_some_and(|invited| invited.accepts(password));
        if token.is_none() && !invited && !self.passwords.accepts(&user.id, password, now) {
            return Err(refused());
        }
        Ok(Verified {
            user,
            token_expires_at: token.map(|token| token.expires_at),
        })
    }
}

fn token(tables: &Tables, text: &str) -> Result<Option<TokenRow>, Failure> {
    tables.json(Table::Tokens, &Digest::of(text).to_hex())
}

/// The data owner that a user is.
///
/// # Errors
/// 500: every account is made with one.
pub(super) fn owner_of(user: &User) -> Result<(String, DataOwnerKind), Failure> {
    let owners = [
        (&user.patient_id, DataOwnerKind::Patient),
        (&user.healthcare_party_id, DataOwnerKind::Hcp),
        (&user.device_id, DataOwnerKind::Device),
    ];
    let mut owners = owners.into_iter();
    let owner = owners.find_map(|(id, kind)| Some((id.clone()?, kind)));
    owner.ok_or_else(|| Failure::internal("the account has no data owner"))
}

fn malformed() -> Failure {
    Failure::unauthorized("malformed credentials: expected `Bearer {JWT}` or `Basic {base64}`")
}
