//! `data_sample.create_many`: several data samples in one request.

use super::arguments::value;
use super::sample_content::Content;
use super::sample_fields::{SampleFields, SampleRow, Samples, Sharing};
use super::times::Times;
use super::{Played, Step, StepError, StepKind, VirtualUser};
use crate::ceilings;
use crate::document::{ReadContext, Record, StepDoc, record};
use crate::expression::{Scope, Type};
use crate::icure::{Batch, StepPlatform};
use crate::language::{Fields, Problem, Read, Table};
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "data_sample.create_many",
    about: "encrypt several data samples and store them together, as one batch",
    fields: FIELDS,
    result: || {
        Type::record([
            ("batch_id", Type::Text),
            ("ids", Type::Text.list()),
            ("count", Type::Number),
        ])
    },
    compile,
};

record! {
    struct Which of "`data_sample.create_many`" {
        /// how many, 1000 at most; `round` counts them in the other fields
        count: Times;
        /// what is encrypted in each of `count`: a mapping from language to content
        content: Content, example(r#"{en: {stringValue: "note {{ round }}"}}"#);
        /// the data samples, each with a `content` and more, in place of `count`
        samples: Samples, example("[{content: {en: {stringValue: Hello}}}]");
    }
}

const FIELDS: Table = Table {
    what: "`data_sample.create_many`",
    keys: &[
        Which::TABLE.keys[0],
        SampleFields::TABLE.keys[0],
        Sharing::TABLE.keys[0],
    ],
};

/// Which data samples are stored.
enum Source {
    Counted {
        count: Times,
        content: Content,
        fields: Box<SampleFields>,
    },
    Listed(Samples),
}

struct CreateMany {
    source: Source,
    sharing: Sharing,
}

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    let mut fields = FIELDS.open(&document.arguments, cx)?;
    let source = if fields.has("samples") {
        listed(&mut fields, cx)
    } else {
        counted(document, &mut fields, cx)
    };
    let sharing = Sharing::take(&mut fields, cx);
    fields.finish(cx);
    Some(Box::new(CreateMany {
        source: source?,
        sharing: sharing?,
    }))
}

fn listed(fields: &mut Fields<'_>, cx: &mut ReadContext) -> Option<Source> {
    let others = ["count", "content"].into_iter();
    let of_each = SampleFields::TABLE.keys[0].iter().map(|key| key.name);
    for name in others.chain(of_each) {
        if let Some(span) = fields.span_of(name) {
            let help = "what each of them says stands in the list";
            cx.problem(span, format!("`{name}` beside `samples`"), help);
        }
    }
    Which::take(fields, cx)?.samples.map(Source::Listed)
}

fn counted(document: &StepDoc, fields: &mut Fields<'_>, cx: &mut ReadContext) -> Option<Source> {
    for name in ["count", "content"] {
        if !fields.has(name) {
            let problem = Problem::new(
                document.kind.span,
                "`data_sample.create_many` needs `count` and `content`, or `samples`",
                "for example `count: 10` and `content: {en: {stringValue: \"note {{ round }}\"}}`",
            );
            fields.lacks(&["count", "content", "samples"], problem, cx);
            break;
        }
    }
    let (which, fields) = cx.in_rounds(true, |cx| {
        (Which::take(fields, cx), SampleFields::take(fields, cx))
    });
    let Which { count, content, .. } = which?;
    Some(Source::Counted {
        count: count?,
        content: content?,
        fields: Box::new(fields?),
    })
}

impl Source {
    /// Adds them to a batch; gives their ids.
    async fn add(
        &self,
        batch: &mut Batch,
        platform: StepPlatform<'_>,
        scope: &mut Scope,
        elements: &[String],
    ) -> Result<Vec<String>, StepError> {
        let mut ids = Vec::new();
        match self {
            Self::Listed(samples) => {
                let rows: Vec<SampleRow> = value("samples", Samples::EXPECTED, &samples.0, scope)?;
                if rows.is_empty() || rows.len() > ceilings::SAMPLES {
                    return Err(StepError::Argument {
                        argument: "samples",
                        reason: format!(
                            "expected 1 to {} of them, got {}",
                            ceilings::SAMPLES,
                            rows.len()
                        ),
                    });
                }
                for row in rows {
                    ids.push(batch.add(platform, &row.about(elements)?)?);
                    tokio::task::yield_now().await;
                }
            }
            Self::Counted {
                count,
                content,
                fields,
            } => {
                let count = count.up_to(ceilings::SAMPLES as u64, "count", scope)?;
                for round in 1..=count.get() {
                    scope.set_round(Some(round));
                    let new = fields.sample(content, elements, scope)?;
                    ids.push(batch.add(platform, &new)?);
                    // Cryptography must not keep everybody else waiting.
                    tokio::task::yield_now().await;
                }
            }
        }
        Ok(ids)
    }
}

impl Step for CreateMany {
    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::step::OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let mut scope = user.scope.clone();
            let elements = self.sharing.health_elements(&scope)?;
            let patient = self.sharing.patient(&scope)?;
            let with = self.sharing.share_with(&scope)?;
            let (services, session) = user.authenticated()?;
            let platform = services.platform.of(cx);
            let mut batch = session.begin_batch(platform, patient, &with).await?;
            let adding = self.source.add(&mut batch, platform, &mut scope, &elements);
            let ids = adding.await?;
            let stored = session.store_batch(platform, batch).await?;
            Ok(minijinja::context! {
                batch_id => stored.id,
                count => ids.len(),
                ids => ids,
            })
        })
    }
}
