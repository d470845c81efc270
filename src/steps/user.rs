//! One simulated person.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use minijinja::Value;
use reqwest::cookie::Jar;

use super::{Services, StepError};
use crate::crypto::KeyPair;
use crate::icure::{Role, Session};
use crate::metrics::Meter;
use crate::scenario::{Scope, secret_value};
use crate::vault::Vault;

/// A virtual user: own identity, keys, variables.
pub struct VirtualUser {
    /// What all users share.
    pub services: Arc<Services>,
    /// Variables, captures and functions of this iteration.
    pub scope: Scope,
    /// Records under the step that is being played.
    pub meter: Meter,
    /// When the step that comes next should have begun, in an open model and at
    /// the start of an iteration.
    pub due: Option<Instant>,
    /// The authenticated client, after `register`, `login` or `reinstantiate`.
    pub session: Option<Session>,
    /// Cookies that servers have set, for requests of the scenario's own.
    pub cookies: Jar,
    identities: HashMap<String, Identity>,
}

/// What a user's device remembers of an account.
#[derive(Clone)]
pub struct Identity {
    /// Key pairs, which outlive tokens.
    pub key_pairs: Vec<KeyPair>,
    /// Patient or practitioner.
    pub role: Role,
    /// Responsible practitioner.
    pub responsible: Option<String>,
}

impl VirtualUser {
    /// A user who has done nothing yet.
    pub fn new(services: Arc<Services>, scope: Scope, meter: Meter) -> Self {
        Self {
            services,
            scope,
            meter,
            due: None,
            session: None,
            cookies: Jar::default(),
            identities: HashMap::new(),
        }
    }

    /// The authenticated client, with what its operations need.
    ///
    /// # Errors
    /// When nobody is logged in.
    pub fn authenticated(&mut self) -> Result<(&Services, &mut Session, &Meter), StepError> {
        let session = self.session.as_mut().ok_or(StepError::NotAuthenticated)?;
        Ok((&self.services, session, &self.meter))
    }

    /// Makes `session` the current one and remembers its keys. Returns what
    /// the step gives to `as`: everything that the tutorial's result holds.
    pub fn enter(&mut self, session: Session, identity: Identity) -> Value {
        self.services.note_user(&session.user().id);
        self.identities.insert(session.login().to_owned(), identity);
        let result = describe(&session);
        self.session = Some(session);
        result
    }

    /// What is remembered of an account.
    pub fn identity(&self, login: &str) -> Option<&Identity> {
        self.identities.get(login)
    }

    /// The vault.
    ///
    /// # Errors
    /// Never, in a plan that was checked: a step that needs the vault says so.
    pub fn vault(&self) -> Result<&Vault, StepError> {
        self.services.vault.as_ref().ok_or(StepError::Argument {
            argument: "save",
            reason: "this run has no vault".into(),
        })
    }
}

/// `AuthenticationResult`: user id, group id, key pairs, token. Secrets can be
/// compared and passed on, not printed.
fn describe(session: &Session) -> Value {
    let user = session.user();
    let key_pairs: Vec<Value> = session
        .key_pairs()
        .iter()
        .map(|pair| {
            minijinja::context! {
                public_key => pair.public().spki_hex(),
                fingerprint => pair.public().fingerprint().as_str(),
            }
        })
        .collect();
    minijinja::context! {
        login => session.login(),
        user_id => &user.id,
        group_id => &user.group_id,
        data_owner_id => session.data_owner_id(),
        key_pairs => key_pairs,
        token => secret_value(session.token().clone()),
        token_expires_at => session.token_expires_at(),
    }
}
