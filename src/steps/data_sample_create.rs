//! `data_sample.create`: encrypt a data sample and store it.

use minijinja::Value;
use serde_json::Map;

use super::arguments::{ids, text, value};
use super::forms::{Codes, Content, Date, Ids};
use super::{Played, Step, StepError, StepKind, VirtualUser};
use crate::document::{Field, ReadContext, StepDoc};
use crate::expression::{Scope, Template, TextTemplate, Type};
use crate::icure::{NewSample, Sample};
use crate::language::{Read, Table};
use crate::metrics::StepContext;
use crate::wire::Code;

pub(super) const KIND: StepKind = StepKind {
    name: "data_sample.create",
    about: "encrypt a data sample and store it, shared with the user and the responsible",
    fields: FIELDS,
    result,
    compile,
};

const CONTENT: Field<Content> = Field::new(
    "content",
    "what is encrypted: a mapping from language to content",
)
.required()
.example("{en: {stringValue: Hello}}");
const LABELS: Field<Codes> = Field::new("labels", "codes that say what it is");
const CODES: Field<Codes> = Field::new("codes", "further codes");
const OPENING_DATE: Field<Date> = Field::new(
    "opening_date",
    "since when it holds, such as `20220929083400`",
)
.example("20220929083400");
const VALUE_DATE: Field<Date> = Field::new(
    "value_date",
    "when it was measured, such as `20220929083400`",
)
.example("20220929083400");
const COMMENT: Field<TextTemplate> = Field::new("comment", "a comment, encrypted with the content");
const SHARE_WITH: Field<Ids> = Field::new(
    "share_with",
    "data owner id of who can read it as well, or list of them",
);

const FIELDS: Table = Table {
    what: "`data_sample.create`",
    keys: &[&[
        CONTENT.key(),
        LABELS.key(),
        CODES.key(),
        OPENING_DATE.key(),
        VALUE_DATE.key(),
        COMMENT.key(),
        SHARE_WITH.key(),
    ]],
};

struct CreateSample {
    content: Template,
    labels: Option<Template>,
    codes: Option<Template>,
    opening_date: Option<Template>,
    value_date: Option<Template>,
    comment: Option<TextTemplate>,
    share_with: Option<Template>,
}

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    let mut fields = FIELDS.open(&document.arguments, cx)?;
    let content = fields.get(&CONTENT, cx);
    let labels = fields.get(&LABELS, cx);
    let codes = fields.get(&CODES, cx);
    let opening_date = fields.get(&OPENING_DATE, cx);
    let value_date = fields.get(&VALUE_DATE, cx);
    let comment = fields.get(&COMMENT, cx);
    let share_with = fields.get(&SHARE_WITH, cx);
    fields.finish(cx);
    Some(Box::new(CreateSample {
        content: content?.0,
        labels: labels.map(|codes| codes.0),
        codes: codes.map(|codes| codes.0),
        opening_date: opening_date.map(|date| date.0),
        value_date: value_date.map(|date| date.0),
        comment,
        share_with: share_with.map(|ids| ids.0),
    }))
}

impl CreateSample {
    fn sample(&self, scope: &Scope) -> Result<NewSample, StepError> {
        let codes = Codes::EXPECTED;
        let date = Date::EXPECTED;
        let optional = |argument, template: &Option<Template>| {
            template
                .as_ref()
                .map(|template| value::<Vec<Code>>(argument, codes, template, scope))
                .transpose()
        };
        let dated = |argument, template: &Option<Template>| {
            template
                .as_ref()
                .map(|template| value::<i64>(argument, date, template, scope))
                .transpose()
        };
        Ok(NewSample {
            labels: optional("labels", &self.labels)?.unwrap_or_default(),
            codes: optional("codes", &self.codes)?.unwrap_or_default(),
            content: value::<Map<String, serde_json::Value>>(
                "content",
                Content::EXPECTED,
                &self.content,
                scope,
            )?,
            opening_date: dated("opening_date", &self.opening_date)?,
            value_date: dated("value_date", &self.value_date)?,
            comment: text("comment", self.comment.as_ref(), scope)?,
            share_with: match &self.share_with {
                Some(with) => ids("share_with", with, scope)?,
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
            let sample = session.create_sample(&services.platform, new, cx).await?;
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
