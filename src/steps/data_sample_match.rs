//! `data_sample.match`: ids of data samples.

use super::sample_filter::FilterFields;
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{ReadContext, Record, StepDoc};
use crate::expression::Type;
use crate::language::Table;
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "data_sample.match",
    about: "find the ids of all data samples that the user can read, deleted ones too",
    fields: FIELDS,
    result: || Type::record([("ids", Type::Text.list()), ("count", Type::Number)]),
    compile,
};

const FIELDS: Table = Table {
    what: "`data_sample.match`",
    keys: FilterFields::TABLE.keys,
};

struct MatchSamples(FilterFields);

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    let mut fields = FIELDS.open(&document.arguments, cx)?;
    let filter = FilterFields::take(&mut fields, cx);
    fields.finish(cx);
    Some(Box::new(MatchSamples(filter?)))
}

impl Step for MatchSamples {
    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::step::OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let filter = self.0.filter(user)?;
            let (services, session) = user.authenticated()?;
            let ids = session
                .match_samples(services.platform.of(cx), filter)
                .await?;
            Ok(minijinja::context! { count => ids.len(), ids })
        })
    }
}
