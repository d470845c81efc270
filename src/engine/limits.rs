//! `rate_limits` of a scenario file.

use std::num::{NonZeroU32, NonZeroU64};

use crate::document::{Document, ReadContext, Record, record};
use crate::http::{LimitRule, LimitScope, Pattern, RequestRate};
use crate::language::{Node, Problem, Read, Shape, Text};

record! {
    struct LimitDoc of "a rate limit" {
        /// requests in some time
        rate: RequestRate, required;
        /// how many may go at once after a pause
        burst: NonZeroU64 = NonZeroU64::MIN;
        /// whose requests it is about; all otherwise
        scenario: Text, example("signup");
        /// requests that it is about: a path as reports show it, with `*` for anything, and
        /// maybe a method before it; all otherwise
        endpoint: String, example("GET /rest/v2/user/*");
    }
}

/// A limit.
struct Limit(LimitDoc);

impl Read<ReadContext> for Limit {
    const EXPECTED: &'static str = "a ceiling such as `{rate: 100/s}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let mut fields = LimitDoc::TABLE.open(node, cx)?;
        let read = LimitDoc::take(&mut fields, cx);
        let both = fields.has("scenario").then(|| fields.span_of("endpoint"));
        if let Some(Some(span)) = both {
            cx.problem(
                span,
                "a rate limit is for a scenario or for an endpoint",
                "write two limits: a request waits for all that apply to it",
            );
        }
        fields.finish(cx);
        read.map(Self)
    }

    fn shape() -> Shape {
        LimitDoc::TABLE.shape()
    }
}

pub(super) fn shape() -> Shape {
    LimitDoc::TABLE.shape()
}

pub(super) fn read(document: &Document, cx: &mut ReadContext) -> Vec<LimitRule> {
    let Some(node) = &document.rate_limits else {
        return Vec::new();
    };
    let read = Vec::<Limit>::read(node, cx);
    let names: Vec<&str> = document
        .scenarios
        .iter()
        .map(|scenario| scenario.name.text.as_str())
        .collect();
    let mut rules = Vec::new();
    for Limit(limit) in read.unwrap_or_default() {
        let scope = match (limit.scenario, limit.endpoint) {
            (Some(name), _) => {
                if !names.contains(&name.text.as_str()) {
                    cx.push(Problem::unknown(&name, "scenario", &names));
                }
                LimitScope::Scenario(name.text.as_str().into())
            }
            (None, Some(pattern)) => LimitScope::Endpoint(Pattern::new(pattern)),
            (None, None) => LimitScope::Run,
        };
        rules.push(LimitRule {
            scope,
            rate: limit.rate,
            burst: limit.burst.try_into().unwrap_or(NonZeroU32::MAX),
        });
    }
    rules
}
