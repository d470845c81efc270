//! `data_sample.create`: encrypt a data sample and store it.

use minijinja::Value;
use serde_json::Map;

use super::arguments::{ids, text, value};
use super::forms::{Codes, Content, Date, Ids};
use super::step::compile;
use super::{Played, Step, StepError, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::{Scope, TextTemplate, Type};
use crate::icure::{NewSample, Sample};
use crate::language::Read;
use crate::metrics::StepContext;
use crate::wire::Code;

pub(super) const KIND: StepKind = StepKind {
    name: "data_sample.create",
    about: "encrypt a data sample and store it, shared with the user and the responsible",
    fields: CreateSample::TABLE,
    result,
    compile: compile::<CreateSample>,
};

record! {
    struct CreateSample of "`data_sample.create`" {
        /// what is encrypted: a mapping from language to content
        content: Content, required, example("{en: {stringValue: Hello}}");
        /// codes that say what it is
        labels: Codes;
        /// further codes
        codes: Codes;
        /// since when it holds, such as `20220929083400`
        opening_date: Date, example("20220929083400");
        /// when it was measured, such as `20220929083400`
        value_date: Date, example("20220929083400");
        /// a comment, encrypted with the content
        comment: TextTemplate;
        /// data owner id of who can read it as well, or list of them
        share_with: Ids;
    }
}

impl CreateSample {
    fn sample(&self, scope: &Scope) -> Result<NewSample, StepError> {
        let codes = Codes::EXPECTED;
        let date = Date::EXPECTED;
        let optional = |argument, template: &Option<Codes>| {
            let template = template.as_ref();
            template
                .map(|template| value::<Vec<Code>>(argument, codes, &template.0, scope))
                .transpose()
        };
        let dated = |argument, template: &Option<Date>| {
            let template = template.as_ref();
            template
                .map(|template| value::<i64>(argument, date, &template.0, scope))
                .transpose()
        };
        Ok(NewSample {
            labels: optional("labels", &self.labels)?.unwrap_or_default(),
            codes: optional("codes", &self.codes)?.unwrap_or_default(),
            content: value::<Map<String, serde_json::Value>>(
                "content",
                Content::EXPECTED,
                &self.content.0,
                scope,
            )?,
            opening_date: dated("opening_date", &self.opening_date)?,
            value_date: dated("value_date", &self.value_date)?,
            comment: text("comment", self.comment.as_ref(), scope)?,
            share_with: match &self.share_with {
                Some(with) => ids("share_with", &with.0, scope)?,
                None => Vec::new(),
            },
        })
    }
}

impl Step for CreateSample {
    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::step::OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let new = self.sample(&user.scope)?;
            let (services, session) = user.authenticated()?;
            let sample = session.create_sample(services.platform.of(cx), new).await?;
            Ok(describe(&sample))
        })
    }
}

/// A data sample as a scenario sees it.
pub(super) fn describe(sample: &Sample) -> Value {
    let codes = |codes: &[Code]| {
        let codes = codes.iter().map(|code| {
            minijinja::context! {
                type => &code.kind,
                code => &code.code,
                version => &code.version,
            }
        });
        codes.collect::<Vec<Value>>()
    };
    minijinja::context! {
        id => &sample.id,
        batch_id => &sample.batch_id,
        labels => codes(&sample.labels),
        codes => codes(&sample.codes),
        content => Value::from(minijinja::value::Serde(&sample.content)),
        opening_date => sample.opening_date,
        value_date => sample.value_date,
        comment => &sample.comment,
    }
}

/// What [`describe`] gives.
pub(super) fn result() -> Type {
    let code = Type::record([
        ("type", Type::Text),
        ("code", Type::Text),
        ("version", Type::Text),
    ]);
    Type::record([
        ("id", Type::Text),
        ("batch_id", Type::Text),
        ("labels", code.clone().list()),
        ("codes", code.list()),
        ("content", Type::Any.entries()),
        ("opening_date", Type::Number),
        ("value_date", Type::Number),
        ("comment", Type::Text),
    ])
}
