//! `register`: from an e-mail address or phone to an authenticated client.

use std::sync::Arc;

use super::authentication::{AUTHENTICATION, Authentication};
use super::process::Applicant;
use super::user::{Identity, result};
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{ReadContext, StepDoc};
use crate::icure::{KeySupply, Role, Session};
use crate::language::{Problem, Table};
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "register",
    about: "start an authentication process, receive and hand in its code, make a key pair, obtain a token",
    fields: FIELDS,
    result,
    compile,
};

const FIELDS: Table = Table {
    what: "`register`",
    keys: &AUTHENTICATION,
};

struct Register {
    authentication: Authentication,
    role: Role,
}

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    let mut fields = FIELDS.open(&document.arguments, cx)?;
    let authentication = Authentication::read(&mut fields, cx)?;
    let role = authentication.start.role.unwrap_or_default();
    if !fields.has("email") && !fields.has("phone") {
        let problem = Problem::new(
            document.kind.span,
            "`register` needs `email` or `phone`",
            "say where the code is sent, for example `email: \"{{ fake.email() }}\"`",
        );
        fields.lacks(&["email", "phone"], problem, cx);
    }
    let is_known = authentication.start.role.is_some() || !fields.has("role");
    if is_known && role == Role::Patient && !fields.has("responsible") {
        let problem = Problem::new(
            document.kind.span,
            "`register` of a patient needs `responsible`",
            "name the practitioner in charge, for example `responsible: \"{{ target.responsible }}\"`; \
             a practitioner has none: `role: practitioner`",
        );
        fields.lacks(&["responsible"], problem, cx);
    }
    fields.finish(cx);
    Some(Box::new(Register {
        authentication,
        role,
    }))
}

impl Step for Register {
    fn needs_vault(&self) -> bool {
        self.authentication.saves()
    }

    fn needs_key(&self) -> bool {
        true
    }

    fn enters(&self) -> bool {
        true
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let arguments = &self.authentication;
            let address = arguments.start.some_address(&user.scope)?;
            let responsible = arguments.start.responsible(&user.scope)?;
            let applicant = Applicant {
                address: address.clone(),
                role: self.role,
                responsible: responsible.clone(),
            };
            let code = arguments.obtain_code(user, applicant, cx).await?;
            let session = Session::complete(
                user.services.platform.of(cx),
                address.as_str(),
                &code,
                KeySupply::New(Arc::clone(&user.services.keys)),
                responsible.clone(),
            )
            .await?;
            arguments.save(user, &session, cx).await?;
            let identity = Identity::of(&session, self.role, responsible);
            Ok(user.enter(session, identity))
        })
    }
}
