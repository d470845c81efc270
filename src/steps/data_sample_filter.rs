//! `data_sample.filter`: find data samples, page by page.

use std::num::NonZeroU64;

use super::arguments::text;
use super::sample_fields::{describe, ids_of, result};
use super::sample_filter::FilterFields;
use super::{Played, Step, StepKind, VirtualUser};
use crate::ceilings;
use crate::document::{ReadContext, Record, StepDoc, record};
use crate::expression::{TextTemplate, Type};
use crate::icure;
use crate::language::Table;
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "data_sample.filter",
    about: "find data samples that the user can read, and decrypt a page of them",
    fields: FIELDS,
    result: || {
        Type::record([
            ("samples", result().list()),
            ("ids", Type::Text.list()),
            ("count", Type::Number),
            ("next", Type::Text),
        ])
    },
    compile,
};

record! {
    struct Page of "`data_sample.filter`" {
        /// most data samples of this page, 1000 at most
        limit: NonZeroU64 = MOST;
        /// where the page begins: `next` of the page before; at the first otherwise
        start: TextTemplate, example(r#""{{ page.next }}""#);
    }
}

const MOST: NonZeroU64 = NonZeroU64::new(ceilings::SAMPLES as u64).unwrap();

const FIELDS: Table = Table {
    what: "`data_sample.filter`",
    keys: &[FilterFields::TABLE.keys[0], Page::TABLE.keys[0]],
};

struct FilterSamples {
    filter: FilterFields,
    page: Page,
}

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    let mut fields = FIELDS.open(&document.arguments, cx)?;
    let filter = FilterFields::take(&mut fields, cx);
    let page = Page::take(&mut fields, cx);
    if let (Some(page), Some(span)) = (&page, fields.span_of("limit"))
        && page.limit > MOST
    {
        cx.problem(
            span,
            format!("expected {MOST} at most, found {}", page.limit),
            "",
        );
    }
    fields.finish(cx);
    Some(Box::new(FilterSamples {
        filter: filter?,
        page: page?,
    }))
}

impl Step for FilterSamples {
    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::step::OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let filter = self.filter.filter(user)?;
            let page = icure::Page {
                start: text("start", self.page.start.as_ref(), &user.scope)?,
                limit: self.page.limit.get(),
            };
            let (services, session) = user.authenticated()?;
            let platform = services.platform.of(cx);
            let found = session.find_samples(platform, filter, &page);
            let found = found.await?;
            Ok(minijinja::context! {
                samples => found.samples.iter().map(describe).collect::<Vec<_>>(),
                ids => ids_of(&found.samples),
                count => found.samples.len(),
                next => found.next,
            })
        })
    }
}
