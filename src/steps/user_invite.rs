//! `user.invite`: a patient and an account for it, whose password is sent.

use std::time::Duration;

use uuid::Uuid;

use super::arguments::text;
use super::started::Started;
use super::step::OF_OTPS;
use super::{Played, Step, StepError, StepKind, VirtualUser};
use crate::document::{ReadContext, Record, StepDoc, record};
use crate::expression::{Scope, TextTemplate, Type};
use crate::icure::{Address, Invitation, Role};
use crate::language::Problem;
use crate::metrics::{Metric, StepContext};

pub(super) const KIND: StepKind = StepKind {
    name: "user.invite",
    about: "make a patient and an account for it, and have its password sent; `otp.read` reads that, `auth.complete` logs in with it",
    fields: InviteUser::TABLE,
    result: || {
        Type::record([
            ("login", Type::Text),
            ("user_id", Type::Text),
            ("patient_id", Type::Text),
            ("request_id", Type::Text),
        ])
    },
    compile,
};

/// How long the password is valid, as the clients have it: two days.
const USUAL_VALIDITY: Duration = Duration::from_secs(48 * 3600);

record! {
    struct InviteUser of "`user.invite`" {
        /// e-mail address that the password is sent to
        email: TextTemplate, example("ada@example.org"), shown;
        /// mobile phone that the password is sent to, instead of `email`
        phone: TextTemplate, example("+32470123456");
        /// first name of the person
        first_name: TextTemplate;
        /// last name of the person
        last_name: TextTemplate;
        /// data owner id of a patient that there is; a new one is made otherwise
        patient: TextTemplate;
        /// how long the password is valid
        validity: Duration = USUAL_VALIDITY;
    }
}

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    let mut fields = InviteUser::TABLE.open(&document.arguments, cx)?;
    let read = InviteUser::take(&mut fields, cx);
    let both = [fields.span_of("email"), fields.span_of("phone")];
    if let [Some(_), Some(phone)] = both {
        cx.problem(
            phone,
            "both `email` and `phone` are given",
            "an invitation goes by one of them: remove the other",
        );
    }
    if both == [None, None] {
        let problem = Problem::new(
            document.kind.span,
            "`user.invite` needs `email` or `phone`",
            "say where the password is sent, for example `email: \"{{ fake.email() }}\"`",
        );
        fields.lacks(&["email", "phone"], problem, cx);
    }
    fields.finish(cx);
    Some(Box::new(read?))
}

impl InviteUser {
    fn invitation(&self, scope: &Scope) -> Result<Invitation, StepError> {
        let name = |argument, name: &Option<TextTemplate>| {
            text(argument, name.as_ref(), scope).map(Option::unwrap_or_default)
        };
        let address = match text("email", self.email.as_ref(), scope)? {
            Some(email) => Address::Email(email),
            None => Address::Phone(name("phone", &self.phone)?),
        };
        Ok(Invitation {
            address,
            first_name: name("first_name", &self.first_name)?,
            last_name: name("last_name", &self.last_name)?,
            patient: text("patient", self.patient.as_ref(), scope)?,
            validity: self.validity,
        })
    }
}

impl Step for InviteUser {
    fn never_measures(&self, metric: Metric) -> bool {
        OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let invitation = self.invitation(&user.scope)?;
            let (services, session) = user.authenticated()?;
            // Announced first: what comes before we listen would be lost.
            let pending = services.mailbox.expect_token(invitation.address.as_str());
            let invited = session
                .invite(services.platform.of(cx), &invitation)
                .await?;
            let started = Started {
                request_id: Uuid::new_v4().to_string(),
                address: invitation.address,
                role: Role::Patient,
                responsible: Some(session.data_owner_id().to_owned()),
                accepted_at: cx.clock.unix_millis(),
            };
            let result = minijinja::context! {
                login => started.address.as_str(),
                user_id => &invited.id,
                patient_id => &invited.patient_id,
                request_id => &started.request_id,
            };
            user.processes.add(started, Some(pending));
            Ok(result)
        })
    }
}
