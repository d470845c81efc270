//! One simulated person.

use std::collections::HashMap;
use std::sync::Arc;

use minijinja::Value;
use reqwest::cookie::Jar;

use super::http::address::Addresses;
use super::started::Processes;
use super::subscriptions::Subscriptions;
use super::{Services, StepError};
use crate::crypto::KeyPair;
use crate::expression::{Scope, Type, secret_value};
use crate::icure::{Role, Session};
use crate::shown::Secrets;
use crate::vault::Vault;

/// A virtual user: own identity, keys, variables.
pub struct VirtualUser {
    /// What all users share, reached through connections of their own.
    pub services: Arc<Services>,
    /// Variables, captures and functions of this iteration.
    pub scope: Scope,
    /// The authenticated client, after `register`, `login` or `reinstantiate`.
    pub session: Option<Session>,
    /// Cookies that servers have set, for requests of the scenario's own.
    pub cookies: Arc<Jar>,
    /// What it has asked lately.
    pub(in crate::steps) addresses: Addresses,
    /// What is wrong with the scenario though the step has not failed by it, for
    /// whoever plays it to note.
    pub mistakes: Vec<StepError>,
    /// Other accounts that are logged in, by login.
    others: HashMap<String, Session>,
    identities: HashMap<String, Identity>,
    /// Authentication processes that were started in this iteration.
    pub(in crate::steps) processes: Processes,
    /// Subscriptions that were opened in this iteration.
    pub(in crate::steps) subscriptions: Subscriptions,
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
    pub fn new(services: &Services, scope: Scope) -> Self {
        Self {
            services: Arc::new(services.of_user()),
            scope,
            session: None,
            cookies: Arc::default(),
            addresses: Addresses::default(),
            mistakes: Vec::new(),
            others: HashMap::new(),
            identities: HashMap::new(),
            processes: Processes::default(),
            subscriptions: Subscriptions::default(),
        }
    }

    /// The same person in one of several branches that are played at once, as
    /// with two windows of one app open.
    #[must_use]
    pub fn branch(&self, number: u64) -> Self {
        Self {
            services: Arc::clone(&self.services),
            scope: self.scope.branch(number),
            session: self.session.clone(),
            cookies: Arc::clone(&self.cookies),
            addresses: Addresses::default(),
            mistakes: Vec::new(),
            others: self.others.clone(),
            identities: self.identities.clone(),
            processes: self.processes.clone(),
            subscriptions: self.subscriptions.clone(),
        }
    }

    /// Takes over what a branch has captured, and its session when that knows
    /// more of the data owner's document.
    pub fn join(&mut self, branch: Self) {
        self.scope.join(&branch.scope);
        let changes = |session: &Option<Session>| session.as_ref().map(Session::changes);
        if changes(&branch.session) > changes(&self.session) {
            self.session = branch.session;
        }
    }

    /// The authenticated client, with what its operations need.
    ///
    /// # Errors
    /// When nobody is logged in.
    pub fn authenticated(&mut self) -> Result<(&Services, &mut Session), StepError> {
        let session = self.session.as_mut().ok_or(StepError::NotAuthenticated)?;
        Ok((&self.services, session))
    }

    /// Begins another iteration. The current session is still there, as on a
    /// device; those of others are gone, as their number would only grow.
    pub fn begin(&mut self, iteration: u64) {
        self.scope.begin(iteration);
        self.others.clear();
        self.processes = Processes::default();
        self.services.platform.http().begin_iteration();
    }

    /// Ends an iteration: nothing is listened to between two.
    pub fn end(&mut self) {
        self.subscriptions.clear();
    }

    /// Makes another account the current one, and gives the login of the one
    /// before.
    ///
    /// # Errors
    /// When nobody is logged in under this login.
    pub(super) fn act_as(&mut self, login: &str) -> Result<Option<String>, StepError> {
        let current = self.session.as_ref().map(Session::login);
        if current == Some(login) {
            return Ok(None);
        }
        let Some(other) = self.others.remove(login) else {
            let mut others: Vec<String> = self.others.keys().cloned().collect();
            others.extend(current.map(str::to_owned));
            others.sort();
            return Err(StepError::NotLoggedIn {
                login: login.to_owned(),
                others,
            });
        };
        Ok(self.put_aside(other))
    }

    /// Goes back to whom [`VirtualUser::act_as`] has given.
    pub(super) fn act_again_as(&mut self, before: Option<String>) {
        if let Some(session) = before.and_then(|login| self.others.remove(&login)) {
            self.put_aside(session);
        }
    }

    /// Makes a session the current one and keeps the one before, whose login it
    /// gives.
    fn put_aside(&mut self, session: Session) -> Option<String> {
        self.others.remove(session.login());
        let before = self.session.replace(session)?;
        let login = before.login().to_owned();
        let is_same = self.session.as_ref().map(Session::login) == Some(&login);
        if !is_same {
            self.others.insert(login.clone(), before);
        }
        Some(login)
    }

    /// Makes `session` the current one and remembers its keys. Returns what
    /// the step gives to `as`: everything that the tutorial's result holds.
    pub fn enter(&mut self, session: Session, identity: Identity) -> Value {
        self.services.note_user(&session.user().id);
        self.identities.insert(session.login().to_owned(), identity);
        let result = describe(&session);
        self.put_aside(session);
        result
    }

    /// A message without what is a secret of this user: that of a step may repeat
    /// what another one has sent.
    pub fn without_secrets(&self, message: &str) -> String {
        let mut known = Secrets::default();
        self.scope.tell_secrets(&mut known);
        for session in self.session.iter().chain(self.others.values()) {
            session.tell_secrets(&mut known);
        }
        known.cut(message)
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
        self.services.vault.as_deref().ok_or(StepError::Argument {
            argument: "save",
            reason: "this run has no vault".into(),
        })
    }
}

/// `AuthenticationResult`: user id, group id, key pairs, token. Secrets can be
/// compared and passed on, not printed.
pub(super) fn describe(session: &Session) -> Value {
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

/// What [`describe`] gives.
pub(super) fn result() -> Type {
    let key_pair = Type::record([("public_key", Type::Text), ("fingerprint", Type::Text)]);
    Type::record([
        ("login", Type::Text),
        ("user_id", Type::Text),
        ("group_id", Type::Text),
        ("data_owner_id", Type::Text),
        ("key_pairs", key_pair.list()),
        ("token", Type::Secret),
        ("token_expires_at", Type::Number),
    ])
}
