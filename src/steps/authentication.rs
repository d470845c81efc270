//! What `register` and `login` have in common: start a process, read its code,
//! hand it in, and maybe save what comes of it.

use std::time::Duration;

use secrecy::SecretString;

use super::arguments::{secret, text};
use super::credentials::save;
use super::forms::Sealed;
use super::process::{Applicant, Chosen, START, Start, USUAL_TIMEOUT};
use super::user::Identity;
use super::{StepError, VirtualUser};
use crate::document::{ReadContext, Record, record};
use crate::expression::TextTemplate;
use crate::icure::{Role, Session};
use crate::language::{Fields, Key};
use crate::metrics::StepContext;
use crate::vault::Ids;

record! {
    struct Rest of "an authentication" {
        /// code that is handed in, instead of the one that is sent
        code: Sealed, example(r#""000000""#);
        /// how long to wait for the code
        otp_timeout: Duration = USUAL_TIMEOUT;
        /// name under which the credentials go into the vault
        save: TextTemplate;
    }
}

/// A process from its start to its end, and what becomes of its result.
pub(super) struct Authentication {
    pub(super) start: Start,
    rest: Rest,
}

/// Its keys, for those that have others besides.
pub(super) const AUTHENTICATION: [&[Key]; 2] = [START, Rest::TABLE.keys[0]];

impl Authentication {
    /// Reads the arguments out of `fields`.
    pub(super) fn read(fields: &mut Fields<'_>, cx: &mut ReadContext) -> Option<Self> {
        let start = Start::read(fields, cx);
        let rest = Rest::take(fields, cx)?;
        Some(Self {
            start: start?,
            rest,
        })
    }

    /// True when the result goes into the vault.
    pub(super) fn saves(&self) -> bool {
        self.rest.save.is_some()
    }

    /// Starts the process, reads the code and hands it in. Gives the code, which is
    /// a password for a short time.
    pub(super) async fn obtain_code(
        &self,
        user: &VirtualUser,
        applicant: Applicant,
        cx: StepContext<'_>,
    ) -> Result<SecretString, StepError> {
        let given = match &self.rest.code {
            Some(Sealed(code)) => Some(secret("code", code, &user.scope)?),
            None => None,
        };
        let is_read = given.is_none();
        let started = self
            .start
            .start(user, applicant, Chosen::default(), is_read, cx);
        let (started, pending) = started.await?;
        let code = match pending {
            Some(pending) => {
                started
                    .read_code(pending, self.rest.otp_timeout, cx)
                    .await?
            }
            None => given.unwrap_or_default(),
        };
        let platform = &user.services.platform;
        platform
            .validate_process(&started.request_id, &code, cx)
            .await?;
        Ok(code)
    }

    /// Saves the session's credentials when the step says so.
    pub(super) async fn save(
        &self,
        user: &VirtualUser,
        session: &Session,
        cx: StepContext<'_>,
    ) -> Result<(), StepError> {
        match text("save", self.rest.save.as_ref(), &user.scope)? {
            Some(name) => save(user, session, name, Ids::new(), cx).await,
            None => Ok(()),
        }
    }
}

impl Identity {
    /// What is known of an account by its login alone.
    pub(super) fn unknown() -> Self {
        Self {
            key_pairs: Vec::new(),
            role: Role::default(),
            responsible: None,
        }
    }

    /// What to remember of a session.
    pub(super) fn of(session: &Session, role: Role, responsible: Option<String>) -> Self {
        Self {
            key_pairs: session.key_pairs().to_vec(),
            role,
            responsible,
        }
    }
}
