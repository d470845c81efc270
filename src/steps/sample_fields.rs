//! What the steps about data samples have in common: fields, and results.

use minijinja::Value;
use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer};
use serde_json::Map;

use super::StepError;
use super::arguments::{as_texts, codes, ids, text, value_of_texts};
use super::date::{Date, FuzzyDate, optional_date};
use super::described::{code_type, described};
use super::forms::{Codes, Identifiers, Ids, read_list};
use super::sample_content::{Content, judged};
use crate::document::{ReadContext, Record, record};
use crate::expression::{Scope, Template, TextTemplate, Type, Wanted};
use crate::icure::{NewSample, Sample, SampleChange};
use crate::language::{Node, Read, Shape, Table};
use crate::wire::{Code, Identifier};

record! {
    pub(super) struct Said of "a data sample" {
        /// what is encrypted: a mapping from language to content
        pub(super) content: Content, required, example("{en: {stringValue: Hello}}");
    }
}

record! {
    pub(super) struct SampleFields of "a data sample" {
        /// codes that say what it is
        labels: Codes;
        /// further codes
        codes: Codes;
        /// what it is called elsewhere
        identifiers: Identifiers;
        /// since when it holds, such as `20220929083400`
        opening_date: Date, example("20220929083400");
        /// when it was measured, such as `20220929083400`
        value_date: Date, example("20220929083400");
        /// a comment, in clear
        comment: TextTemplate;
    }
}

record! {
    pub(super) struct Sharing of "a data sample" {
        /// data owner id of the patient that it belongs to; one's own otherwise
        patient: TextTemplate, example(r#""{{ patient.data_owner_id }}""#);
        /// id of the health element that it is about, or list of them
        health_elements: Ids;
        /// data owner id of who can read it as well, or list of them
        share_with: Ids;
    }
}

/// A list of data samples.
pub(super) struct Samples(pub(super) Template);

const SAMPLE_FIELDS: Table = Table {
    what: "a data sample",
    keys: &[Said::TABLE.keys[0], SampleFields::TABLE.keys[0]],
};

impl Read<ReadContext> for Samples {
    const EXPECTED: &'static str =
        "a list of data samples such as `{content: {en: {stringValue: Hello}}}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        read_list(node, Self::EXPECTED, cx, |item, cx| {
            let mut fields = SAMPLE_FIELDS.open(item, cx)?;
            let said = Said::take(&mut fields, cx);
            let more = SampleFields::take(&mut fields, cx);
            fields.finish(cx);
            said.and(more).map(drop)
        })?;
        Template::of_kind(node, Wanted::List, cx).map(Self)
    }

    fn shape() -> Shape {
        let one = SAMPLE_FIELDS.shape().or(Shape::Expression);
        one.list().or(Shape::Expression)
    }
}

/// One of them, with its values.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleRow {
    content: Map<String, serde_json::Value>,
    #[serde(default, deserialize_with = "of_texts")]
    labels: Vec<Code>,
    #[serde(default, deserialize_with = "of_texts")]
    codes: Vec<Code>,
    #[serde(default, deserialize_with = "of_texts")]
    identifiers: Vec<Identifier>,
    opening_date: Option<FuzzyDate>,
    value_date: Option<FuzzyDate>,
    #[serde(default, deserialize_with = "of_texts")]
    comment: Option<String>,
}

/// What consists of texts, where numbers and booleans are texts, too.
fn of_texts<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<T, D::Error> {
    let mut json = serde_json::Value::deserialize(from)?;
    as_texts(&mut json);
    serde_json::from_value(json).map_err(de::Error::custom)
}

impl SampleRow {
    pub(super) fn about(self, health_elements: &[String]) -> Result<NewSample, StepError> {
        Ok(NewSample {
            labels: self.labels,
            codes: self.codes,
            identifiers: self.identifiers,
            health_elements: health_elements.to_vec(),
            content: judged(self.content)?,
            opening_date: self.opening_date.map(|date| date.0),
            value_date: self.value_date.map(|date| date.0),
            comment: self.comment,
        })
    }
}

impl SampleFields {
    /// What is said, and no more.
    pub(super) fn change(
        &self,
        content: Option<&Content>,
        scope: &Scope,
    ) -> Result<SampleChange, StepError> {
        let codes = |argument, template: &Option<Codes>| codes(argument, template.as_ref(), scope);
        let date =
            |argument, template: &Option<Date>| optional_date(argument, template.as_ref(), scope);
        let identifiers = self.identifiers.as_ref();
        let identifiers = identifiers.map(|Identifiers(template)| {
            value_of_texts("identifiers", Identifiers::EXPECTED, template, scope)
        });
        let content = content.map(|content| content.get(scope));
        Ok(SampleChange {
            labels: codes("labels", &self.labels)?,
            codes: codes("codes", &self.codes)?,
            identifiers: identifiers.transpose()?,
            content: content.transpose()?,
            opening_date: date("opening_date", &self.opening_date)?,
            value_date: date("value_date", &self.value_date)?,
            comment: text("comment", self.comment.as_ref(), scope)?,
        })
    }

    /// A new data sample.
    pub(super) fn sample(
        &self,
        content: &Content,
        health_elements: &[String],
        scope: &Scope,
    ) -> Result<NewSample, StepError> {
        let said = self.change(Some(content), scope)?;
        Ok(NewSample {
            labels: said.labels.unwrap_or_default(),
            codes: said.codes.unwrap_or_default(),
            identifiers: said.identifiers.unwrap_or_default(),
            health_elements: health_elements.to_vec(),
            content: said.content.unwrap_or_default(),
            opening_date: said.opening_date,
            value_date: said.value_date,
            comment: said.comment,
        })
    }
}

impl Sharing {
    pub(super) fn patient(&self, scope: &Scope) -> Result<Option<String>, StepError> {
        text("patient", self.patient.as_ref(), scope)
    }

    pub(super) fn health_elements(&self, scope: &Scope) -> Result<Vec<String>, StepError> {
        optional_ids("health_elements", self.health_elements.as_ref(), scope)
    }

    pub(super) fn share_with(&self, scope: &Scope) -> Result<Vec<String>, StepError> {
        optional_ids("share_with", self.share_with.as_ref(), scope)
    }
}

/// Ids, if there are any.
pub(super) fn optional_ids(
    argument: &'static str,
    written: Option<&Ids>,
    scope: &Scope,
) -> Result<Vec<String>, StepError> {
    written.map_or_else(|| Ok(Vec::new()), |with| ids(argument, &with.0, scope))
}

/// A data sample as a scenario sees it.
pub(super) fn describe(sample: &Sample) -> Value {
    let identifiers = sample
        .identifiers
        .iter()
        .map(|one| minijinja::context! { system => &one.system, value => &one.value });
    minijinja::context! {
        id => &sample.id,
        batch_id => &sample.batch_id,
        labels => described(&sample.labels),
        codes => described(&sample.codes),
        identifiers => identifiers.collect::<Vec<Value>>(),
        content => Value::from(minijinja::value::Serde(&sample.content)),
        opening_date => sample.opening_date,
        value_date => sample.value_date,
        comment => &sample.comment,
    }
}

/// What [`describe`] gives.
pub(super) fn result() -> Type {
    let identifier = Type::record([("system", Type::Text), ("value", Type::Text)]);
    Type::record([
        ("id", Type::Text),
        ("batch_id", Type::Text),
        ("labels", code_type().list()),
        ("codes", code_type().list()),
        ("identifiers", identifier.list()),
        ("content", Type::Any.entries()),
        ("opening_date", Type::Number),
        ("value_date", Type::Number),
        ("comment", Type::Text),
    ])
}

/// Ids of data samples.
pub(super) fn ids_of(samples: &[Sample]) -> Vec<String> {
    samples.iter().map(|sample| sample.id.clone()).collect()
}
