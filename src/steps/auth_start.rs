//! `auth.start`: an authentication process, whose code is sent.

use super::arguments::text;
use super::process::{Applicant, Chosen, START, Start};
use super::step::{OF_CRYPTO, OF_OTPS};
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{ReadContext, Record, StepDoc, record};
use crate::expression::{TextTemplate, Type};
use crate::language::{Problem, Table};
use crate::metrics::{Metric, StepContext};

pub(super) const KIND: StepKind = StepKind {
    name: "auth.start",
    about: "start an authentication process, whose code is sent",
    fields: FIELDS,
    result: || Type::record([("request_id", Type::Text), ("login", Type::Text)]),
    compile,
};

record! {
    struct Choices of "`auth.start`" {
        /// id of the process; the target's for role and address otherwise
        process: TextTemplate, example(r#""{{ target.processes.patient_by_email }}""#);
        /// what this process is called at the gateway; a new one otherwise
        request_id: TextTemplate;
    }
}

const FIELDS: Table = Table {
    what: "`auth.start`",
    keys: &[START, Choices::TABLE.keys[0]],
};

struct AuthStart {
    start: Start,
    choices: Choices,
}

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    let mut fields = FIELDS.open(&document.arguments, cx)?;
    let start = Start::read(&mut fields, cx);
    let choices = Choices::take(&mut fields, cx);
    if !fields.has("email") && !fields.has("phone") {
        let problem = Problem::new(
            document.kind.span,
            "`auth.start` needs `email` or `phone`",
            "say where the code is sent, for example `email: \"{{ fake.email() }}\"`",
        );
        fields.lacks(&["email", "phone"], problem, cx);
    }
    fields.finish(cx);
    Some(Box::new(AuthStart {
        start: start?,
        choices: choices?,
    }))
}

impl Step for AuthStart {
    fn never_measures(&self, metric: Metric) -> bool {
        OF_OTPS.contains(&metric) || OF_CRYPTO.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let scope = &user.scope;
            let applicant = Applicant {
                address: self.start.some_address(scope)?,
                role: self.start.role.unwrap_or_default(),
                responsible: self.start.responsible(scope)?,
            };
            let chosen = Chosen {
                process: text("process", self.choices.process.as_ref(), scope)?,
                request_id: text("request_id", self.choices.request_id.as_ref(), scope)?,
            };
            let started = self.start.start(user, applicant, chosen, true, cx);
            let (started, pending) = started.await?;
            let result = minijinja::context! {
                request_id => &started.request_id,
                login => started.address.as_str(),
            };
            user.processes.add(started, pending);
            Ok(result)
        })
    }
}
