//! `login`: a new code and a new token for a user who has key pairs already, or
//! a new one on another device.

use std::sync::Arc;

use super::arguments::text;
use super::authentication::{AUTHENTICATION, Authentication};
use super::credentials::saved;
use super::process::Applicant;
use super::user::{Identity, result};
use super::{Played, Step, StepError, StepKind, VirtualUser};
use crate::document::{ReadContext, Record, StepDoc, record};
use crate::expression::TextTemplate;
use crate::icure::{Address, KeySupply, Role, Session};
use crate::language::{Problem, Table};
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "login",
    about: "start an authentication process again, keep the key pair or make another, obtain a new token",
    fields: FIELDS,
    result,
    compile,
};

record! {
    struct Device of "`login`" {
        /// name of saved credentials, whose key pairs are taken
        from: TextTemplate;
        /// whether a new key pair is made, as on another device
        new_key: bool = false;
    }
}

const FIELDS: Table = Table {
    what: "`login`",
    keys: &[AUTHENTICATION[0], AUTHENTICATION[1], Device::TABLE.keys[0]],
};

struct Login {
    authentication: Authentication,
    device: Device,
}

/// Who logs in: one of these says it.
const WHO: [&str; 3] = ["email", "phone", "from"];

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    let mut fields = FIELDS.open(&document.arguments, cx)?;
    let authentication = Authentication::read(&mut fields, cx)?;
    let device = Device::take(&mut fields, cx)?;
    if !WHO.iter().any(|name| fields.has(name)) {
        let problem = Problem::new(
            document.kind.span,
            "`login` needs `email`, `phone` or `from`",
            "say who logs in, for example `email: \"{{ registered.login }}\"`, \
             or `from:` with the name of saved credentials",
        );
        fields.lacks(&WHO, problem, cx);
    }
    fields.finish(cx);
    Some(Box::new(Login {
        authentication,
        device,
    }))
}

impl Step for Login {
    fn needs_vault(&self) -> bool {
        self.authentication.saves() || self.device.from.is_some()
    }

    fn needs_key(&self) -> bool {
        self.device.new_key
    }

    fn enters(&self) -> bool {
        true
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let arguments = &self.authentication;
            let (address, known) = self.who(user, cx).await?;
            let role = arguments.start.role.unwrap_or(known.role);
            let responsible = match arguments.start.responsible(&user.scope)? {
                Some(given) => Some(given),
                None => known.responsible.or_else(|| {
                    let target = user.services.platform.target();
                    target.responsible.clone().filter(|_| role == Role::Patient)
                }),
            };
            let applicant = Applicant {
                address: address.clone(),
                role,
                responsible: responsible.clone(),
            };
            let code = arguments.obtain_code(user, applicant, cx).await?;
            let keys = if self.device.new_key {
                KeySupply::New(Arc::clone(&user.services.keys))
            } else {
                KeySupply::Given(known.key_pairs)
            };
            let session = Session::complete(
                user.services.platform.of(cx),
                address.as_str(),
                &code,
                keys,
                // With whom data is shared was settled before, and may have
                // changed: the account says.
                None,
            )
            .await?;
            arguments.save(user, &session, cx).await?;
            let identity = Identity::of(&session, role, responsible);
            Ok(user.enter(session, identity))
        })
    }
}

impl Login {
    /// Who logs in, and what is known of it: from the vault when the step says
    /// so, else from earlier in this scenario.
    async fn who(
        &self,
        user: &VirtualUser,
        cx: StepContext<'_>,
    ) -> Result<(Address, Identity), StepError> {
        let address = self.authentication.start.address(&user.scope)?;
        if let Some(name) = text("from", self.device.from.as_ref(), &user.scope)? {
            let saved = saved(user, name, cx).await?;
            let address = address.unwrap_or_else(|| {
                if saved.login.contains('@') {
                    Address::Email(saved.login)
                } else {
                    Address::Phone(saved.login)
                }
            });
            let identity = Identity {
                key_pairs: saved.key_pairs,
                ..Identity::unknown()
            };
            return Ok((address, identity));
        }
        let address = address.ok_or(StepError::NotAuthenticated)?;
        match user.identity(address.as_str()) {
            Some(identity) => Ok((address, identity.clone())),
            // Another device knows nothing of the account but its login.
            None if self.device.new_key => Ok((address, Identity::unknown())),
            None => Err(StepError::NoKeyPair {
                login: address.as_str().to_owned(),
            }),
        }
    }
}
