//! `patient.modify`: change a patient's record.

use super::arguments::text;
use super::date::{Date, optional_date};
use super::patient_fields::{describe, result, whose};
use super::{Played, Step, StepError, StepKind, VirtualUser};
use crate::document::{ReadContext, Record, StepDoc, record};
use crate::expression::{Scope, TextTemplate};
use crate::icure::PatientChange;
use crate::language::Problem;
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "patient.modify",
    about: "change a patient's record, its encrypted note too; what is not named stays",
    fields: ModifyPatient::TABLE,
    result,
    compile,
};

record! {
    struct ModifyPatient of "`patient.modify`" {
        /// data owner id of the patient; the user's own otherwise
        id: TextTemplate;
        /// revision that the change was made from, such as `{{ patient.rev }}`: an older one than the platform's is refused; the current one otherwise
        rev: TextTemplate, example(r#""{{ patient.rev }}""#);
        /// first name
        first_name: TextTemplate;
        /// last name
        last_name: TextTemplate;
        /// such as `19700131`
        date_of_birth: Date, example("19700131");
        /// `male`, `female`, `unknown` and others
        gender: TextTemplate, example("female");
        /// a note, which is encrypted
        note: TextTemplate;
    }
}

/// What can be another one.
const CHANGES: [&str; 5] = ["first_name", "last_name", "date_of_birth", "gender", "note"];

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    let mut fields = ModifyPatient::TABLE.open(&document.arguments, cx)?;
    let step = ModifyPatient::take(&mut fields, cx);
    if !CHANGES.iter().any(|name| fields.has(name)) {
        let problem = Problem::new(
            document.kind.span,
            "`patient.modify` changes nothing",
            "say what is another one, for example `note: a text`",
        );
        fields.lacks(&CHANGES, problem, cx);
    }
    fields.finish(cx);
    Some(Box::new(step?))
}

impl ModifyPatient {
    fn change(&self, scope: &Scope) -> Result<PatientChange, StepError> {
        Ok(PatientChange {
            rev: text("rev", self.rev.as_ref(), scope)?,
            first_name: text("first_name", self.first_name.as_ref(), scope)?,
            last_name: text("last_name", self.last_name.as_ref(), scope)?,
            date_of_birth: optional_date("date_of_birth", self.date_of_birth.as_ref(), scope)?,
            gender: text("gender", self.gender.as_ref(), scope)?,
            note: text("note", self.note.as_ref(), scope)?,
        })
    }
}

impl Step for ModifyPatient {
    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::step::OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let id = text("id", self.id.as_ref(), &user.scope)?;
            let change = self.change(&user.scope)?;
            let (services, session) = user.authenticated()?;
            let id = whose(id, session)?;
            let platform = services.platform.of(cx);
            let patient = session.modify_patient(platform, &id, change).await?;
            Ok(describe(&patient))
        })
    }
}
