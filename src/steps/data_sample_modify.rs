//! `data_sample.modify`: change a data sample.

use super::arguments::required;
use super::sample_content::Content;
use super::sample_fields::{SampleFields, describe, result};
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{ReadContext, Record, StepDoc, record};
use crate::expression::TextTemplate;
use crate::language::{Problem, Table};
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "data_sample.modify",
    about: "change what a data sample says, in this session or a later one; what is not named stays",
    fields: FIELDS,
    result,
    compile,
};

record! {
    struct Which of "`data_sample.modify`" {
        /// id of the data sample
        id: TextTemplate, required;
        /// what is encrypted in place of what was: a mapping from language to content
        content: Content, example("{en: {stringValue: Hello again}}");
    }
}

const FIELDS: Table = Table {
    what: "`data_sample.modify`",
    keys: &[Which::TABLE.keys[0], SampleFields::TABLE.keys[0]],
};

struct ModifySample {
    which: Which,
    fields: SampleFields,
}

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    let mut fields = FIELDS.open(&document.arguments, cx)?;
    let which = Which::take(&mut fields, cx);
    let more = SampleFields::take(&mut fields, cx);
    let of_each = SampleFields::TABLE.keys[0].iter().map(|key| key.name);
    let names: Vec<&'static str> = ["content"].into_iter().chain(of_each).collect();
    if !names.iter().any(|name| fields.has(name)) {
        let problem = Problem::new(
            document.kind.span,
            "`data_sample.modify` changes nothing",
            "say what is another one, for example `content: {en: {stringValue: Hello again}}`",
        );
        fields.lacks(&names, problem, cx);
    }
    fields.finish(cx);
    Some(Box::new(ModifySample {
        which: which?,
        fields: more?,
    }))
}

impl Step for ModifySample {
    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::step::OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let scope = &user.scope;
            let id = required("id", &self.which.id, scope)?;
            let change = self.fields.change(self.which.content.as_ref(), scope)?;
            let (services, session) = user.authenticated()?;
            let platform = services.platform.of(cx);
            let sample = session.modify_sample(platform, &id, change).await?;
            Ok(describe(&sample))
        })
    }
}
