//! `rate_limits` of a scenario file.

use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use super::executor::WrittenRate;
use crate::document::Document;
use crate::http::{LimitRule, LimitScope, Pattern, RequestRate};
use crate::language::{Defaulted, Field, Node, Problem, Problems, Read, Shape, Table, Text};

/// `{rate: 100/s, burst: 5, scenario: login}`
struct LimitDoc {
    rate: RequestRate,
    burst: NonZeroU32,
    scenario: Option<Text>,
    endpoint: Option<String>,
}

const RATE: Field<WrittenRate> = Field::new("rate", "requests in some time").required();
const BURST: Defaulted<NonZeroU64> =
    Field::new("burst", "how many may go at once after a pause").or(&NonZeroU64::MIN);
const SCENARIO: Field<Text> =
    Field::new("scenario", "whose requests it is about; all otherwise").example("signup");
const ENDPOINT: Field<String> = Field::new(
    "endpoint",
    "requests that it is about: a path as reports show it, with `*` for anything, and \
     maybe a method before it; all otherwise",
)
.example("GET /rest/v2/user/*");

const FIELDS: Table = Table {
    what: "a rate limit",
    keys: &[&[RATE.key(), BURST.key(), SCENARIO.key(), ENDPOINT.key()]],
};

impl Read<Problems> for LimitDoc {
    const EXPECTED: &'static str = "a ceiling such as `{rate: 100/s}`";

    fn read(node: &Node, cx: &mut Problems) -> Option<Self> {
        let mut fields = FIELDS.open(node, cx)?;
        let rate = fields.get(&RATE, cx);
        let burst = fields.get_or(&BURST, cx);
        let scenario = fields.get(&SCENARIO, cx);
        let endpoint = fields.get(&ENDPOINT, cx);
        if let (Some(_), Some(span)) = (&scenario, fields.span_of("endpoint")) {
            cx.problem(
                span,
                "a rate limit is for a scenario or for an endpoint",
                "write two limits: a request waits for all that apply to it",
            );
        }
        let at = fields.span_of("rate");
        fields.finish(cx);
        let per_second = rate?.per_second(Duration::from_secs(1));
        let rate = RequestRate::per_second(per_second);
        if let (None, Some(at)) = (rate, at) {
            cx.problem(
                at,
                "a rate limit of zero lets nothing through",
                "write a rate such as `100/s`",
            );
        }
        let burst = u32::try_from(burst.get()).unwrap_or(u32::MAX);
        Some(Self {
            rate: rate?,
            burst: NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN),
            scenario,
            endpoint,
        })
    }

    fn shape() -> Shape {
        FIELDS.shape()
    }
}

pub(super) fn shape() -> Shape {
    LimitDoc::shape()
}

pub(super) fn read(document: &Document, problems: &mut Problems) -> Vec<LimitRule> {
    let Some(node) = &document.rate_limits else {
        return Vec::new();
    };
    let read = Vec::<LimitDoc>::read(node, problems);
    let names: Vec<&str> = document
        .scenarios
        .iter()
        .map(|scenario| scenario.name.text.as_str())
        .collect();
    let mut rules = Vec::new();
    for limit in read.unwrap_or_default() {
        let scope = match (limit.scenario, limit.endpoint) {
            (Some(name), _) => {
                if !names.contains(&name.text.as_str()) {
                    problems.push(Problem::unknown(&name, "scenario", &names));
                }
                LimitScope::Scenario(name.text.as_str().into())
            }
            (None, Some(pattern)) => LimitScope::Endpoint(Pattern::new(pattern)),
            (None, None) => LimitScope::Run,
        };
        rules.push(LimitRule {
            scope,
            rate: limit.rate,
            burst: limit.burst,
        });
    }
    rules
}
