//! `data_sample.create`: encrypt a data sample and store it.

use minijinja::Value;
use serde_json::Map;

use super::arguments::{text, value};
use super::{BoxFuture, Step, StepError, StepKind, VirtualUser};
use crate::icure::{NewSample, Sample};
use crate::scenario::{
    Context, Fields, Key, Node, Presence, Read, Scope, Shape, StepDoc, Template, Text, TextTemplate,
};
use crate::wire::Code;

pub(super) const KIND: StepKind = StepKind {
    name: "data_sample.create",
    about: "encrypt a data sample and store it, shared with the user and the responsible",
    compile,
};

/// What a content can be (`Content` of the MedTech SDK 2.3.1, and
/// `medicationValue` of the DTO below it).
const CONTENT_KEYS: &[&str] = &[
    "stringValue",
    "numberValue",
    "booleanValue",
    "instantValue",
    "fuzzyDateValue",
    "binaryValue",
    "documentId",
    "measureValue",
    "medicationValue",
    "timeSeries",
    "compoundValue",
    "ratio",
    "range",
];

struct CreateSample {
    content: Template,
    labels: Option<Template>,
    codes: Option<Template>,
    opening_date: Option<Template>,
    value_date: Option<Template>,
    comment: Option<TextTemplate>,
    share_with: Option<Template>,
}

fn compile(document: &StepDoc, cx: &mut Context<'_>) -> Option<Box<dyn Step>> {
    let mut fields = Fields::open(&document.arguments, "`data_sample.create`", cx)?;
    if let Some(content) = fields.look("content") {
        check_content(content, cx);
    }
    let content = fields.required_as(
        "content",
        "what is encrypted: a mapping from language to content",
        content_shape,
        cx,
    );
    let labels = fields.optional_as("labels", "codes that say what it is", codes_shape, cx);
    let codes = fields.optional_as("codes", "further codes", codes_shape, cx);
    let opening_date = fields.optional_as(
        "opening_date",
        "since when it holds, such as `20220929083400`",
        date_shape,
        cx,
    );
    let value_date = fields.optional_as(
        "value_date",
        "when it was measured, such as `20220929083400`",
        date_shape,
        cx,
    );
    let comment = fields.optional("comment", "a comment, encrypted with the content", cx);
    let share_with = fields.optional_as(
        "share_with",
        "data owner ids of those who can read it as well",
        || Shape::Text.list().or(Shape::Expression),
        cx,
    );
    fields.finish(cx);
    Some(Box::new(CreateSample {
        content: content?,
        labels,
        codes,
        opening_date,
        value_date,
        comment,
        share_with,
    }))
}

fn content_shape() -> Shape {
    let keys = CONTENT_KEYS.iter();
    let keys = keys.map(|name| Key::new(name, "a content of this kind", || Shape::Any));
    let one = Shape::Mapping(keys.collect()).or(Shape::Expression);
    one.entries().or(Shape::Expression)
}

fn codes_shape() -> Shape {
    let code = Shape::Mapping(vec![
        Key::new("type", "the system of codes", Text::shape).present(Presence::Required),
        Key::new("code", "the code", Text::shape).present(Presence::Required),
        Key::new("version", "the version of the system", Text::shape),
    ]);
    code.or(Shape::Expression).list().or(Shape::Expression)
}

fn date_shape() -> Shape {
    Shape::Whole(0).or(Shape::Expression)
}

/// A misspelt `stringvalue` would be stored and never found again.
fn check_content(content: &Node, cx: &mut Context<'_>) {
    // The content may as well be one expression, known only at run time.
    for (_, by_language) in content.entries() {
        for (key, _) in by_language.entries() {
            cx.known_key(key, "a content", CONTENT_KEYS);
        }
    }
}

impl CreateSample {
    fn sample(&self, scope: &Scope) -> Result<NewSample, StepError> {
        let codes = "a list of codes such as `{type: IC-TEST, code: TEST}`";
        let date = "a date such as 20220929083400";
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
                "a mapping from language to content",
                &self.content,
                scope,
            )?,
            opening_date: dated("opening_date", &self.opening_date)?,
            value_date: dated("value_date", &self.value_date)?,
            comment: text("comment", self.comment.as_ref(), scope)?,
            share_with: match &self.share_with {
                Some(ids) => value("share_with", "a list of ids", ids, scope)?,
                None => Vec::new(),
            },
        })
    }
}

impl Step for CreateSample {
    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser) -> BoxFuture<'a, Result<Value, StepError>> {
        Box::pin(async move {
            let new = self.sample(&user.scope)?;
            let (services, session, meter) = user.authenticated()?;
            let sample = session
                .create_sample(&services.platform, new, meter)
                .await?;
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
