//! Thresholds of a scenario file, read into conditions over metrics.

use std::time::Duration;

use crate::document::{Document, ThresholdDoc};
use crate::language::inline::inline;
use crate::language::names::nearest;
use crate::language::{Defaulted, Field, Node, Problem, Problems, Read, Shape, Table, Text};
use crate::metrics::{Condition, Metric, Selector, SyntaxError, Threshold};

/// A threshold of a plan.
#[derive(Clone, Debug)]
pub struct PlannedThreshold {
    /// The threshold.
    pub threshold: Threshold,
    /// Set when it ends the run: how long the run goes on before it is looked
    /// at.
    pub abort_after: Option<Duration>,
}

/// `p95 < 2s`, or `{condition: p95 < 2s, abort_on_fail: true, delay: 10s}`.
struct ConditionDoc {
    condition: Text,
    abort_after: Option<Duration>,
}

const CONDITION: Field<Text> = Field::new("condition", "what must hold, such as `p95 < 2s`")
    .also(&["threshold"])
    .required()
    .example("p95 < 2s");
const ABORT_ON_FAIL: Defaulted<bool> = Field::new(
    "abort_on_fail",
    "whether the run ends as soon as it does not hold",
)
.example("true")
.shown()
.or(&false);
const DELAY: Field<Duration> = Field::new(
    "delay",
    "with `abort_on_fail`: how long the run goes on before it is looked at",
);

const FIELDS: Table = Table {
    what: "a condition",
    keys: &[&[CONDITION.key(), ABORT_ON_FAIL.key(), DELAY.key()]],
};

impl Read<Problems> for ConditionDoc {
    const EXPECTED: &'static str =
        "a condition such as `p95 < 2s`, or `{condition: …, abort_on_fail: true}`";

    fn read(node: &Node, cx: &mut Problems) -> Option<Self> {
        if node.scalar().is_some() {
            return Text::read(node, cx).map(|condition| Self {
                condition,
                abort_after: None,
            });
        }
        let mut fields = FIELDS.open(node, cx)?;
        let condition = fields.get(&CONDITION, cx);
        let abort = fields.get_or(&ABORT_ON_FAIL, cx);
        let delay = fields.get(&DELAY, cx);
        if let (false, Some(span)) = (abort, fields.span_of("delay")) {
            cx.problem(
                span,
                "`delay` without `abort_on_fail`",
                "add `abort_on_fail: true`",
            );
        }
        fields.finish(cx);
        Some(Self {
            condition: condition?,
            abort_after: abort.then(|| delay.unwrap_or_default()),
        })
    }

    fn shape() -> Shape {
        Shape::Text.or(FIELDS.shape())
    }
}

pub(super) fn shape() -> Shape {
    ConditionDoc::shape()
}

/// What a plan has that thresholds can be about.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// How reports call the steps.
    pub(super) steps: Vec<String>,
    /// Names of groups.
    pub(super) groups: Vec<String>,
    /// Names of scenarios.
    pub(super) scenarios: Vec<String>,
}

impl Names {
    /// The selector that was meant where something else stands: the name of a step,
    /// a part of a metric's name, a statistic.
    fn meant(&self, written: &str) -> Option<String> {
        let (metric, inside) = written.split_once('{').unwrap_or((written, ""));
        let (metric, inside) = (metric.trim(), inside.trim_end_matches('}').trim());
        if Metric::named(metric).is_some() {
            let step = find(inside, &self.steps)?;
            return Some(format!("did you mean `{metric}{{step={step}}}`?"));
        }
        let of = [
            ("step_duration", "step", &self.steps),
            ("group_duration", "group", &self.groups),
            ("iteration_duration", "scenario", &self.scenarios),
        ];
        for (of, tag, names) in of {
            if let Some(name) = find(metric, names) {
                return Some(format!("did you mean `{of}{{{tag}={name}}}`?"));
            }
        }
        if Condition::parse(&format!("{metric} < 1s"), Metric::StepDuration).is_ok() {
            return Some(format!(
                "a metric comes first, what must hold of it after the colon:\n  \
                 step_duration: [{metric} < 2s]"
            ));
        }
        let all = Metric::ALL.iter().map(|metric| metric.name());
        let all = all.filter(|name| name.split('_').any(|part| part == metric));
        let all: Vec<String> = all.map(|name| format!("`{name}`")).collect();
        (!all.is_empty()).then(|| format!("did you mean one of {}?", all.join(", ")))
    }
}

impl Names {
    /// What is wrong where a name or a statistic stands below the metric.
    fn below(&self, selector: &Text, metric: Metric, node: &Node) -> Option<Problem> {
        let (key, value) = node.entries().next()?;
        let selector = selector.as_str();
        let (tag, names) = match metric {
            Metric::GroupDuration => ("group", &self.groups),
            Metric::IterationDuration => ("scenario", &self.scenarios),
            _ => ("step", &self.steps),
        };
        let at_once: Option<Vec<String>> = node
            .entries()
            .map(|(statistic, limit)| condition(statistic, limit, metric))
            .collect();
        let (message, line) = if let Some(all) = at_once {
            let message = format!("`{}` and its limit are one condition", key.text);
            (message, format!("{selector}: [{}]", all.join(", ")))
        } else if let (Some(name), false) = (find(&key.text, names), selector.contains('{')) {
            let conditions = match value.scalar() {
                Some(_) => format!("[{}]", inline(value)),
                None => inline(value),
            };
            let message = format!("the {tag} `{name}` stands beside the metric, not below it");
            (message, format!("{selector}{{{tag}={name}}}: {conditions}"))
        } else {
            return None;
        };
        Some(Problem::new(key.span, message, format!("write\n  {line}")))
    }
}

/// `p95: 2s` and `p95: "< 2s"` as a condition.
fn condition(statistic: &Text, limit: &Node, metric: Metric) -> Option<String> {
    let limit = limit.scalar()?.as_str().trim();
    let comparisons = ["", "< ", "> "].iter();
    let mut written = comparisons.map(|it| format!("{} {it}{limit}", statistic.text));
    written.find(|written| Condition::parse(written, metric).is_ok())
}

/// The name that is written, or nearly.
fn find<'n>(written: &str, names: &'n [String]) -> Option<&'n str> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    nearest(written, &names)
}

/// Reads all thresholds of a document, each with its selector as written.
pub(super) fn plan_thresholds(
    document: &Document,
    names: &Names,
    problems: &mut Problems,
) -> Vec<(Text, PlannedThreshold)> {
    let documents = document.thresholds.iter();
    documents
        .flat_map(|document| {
            let planned = plan(document, names, problems).into_iter();
            planned.map(|threshold| (document.selector.clone(), threshold))
        })
        .collect()
}

fn plan(document: &ThresholdDoc, names: &Names, problems: &mut Problems) -> Vec<PlannedThreshold> {
    let selector = match Selector::parse(&document.selector.text) {
        Ok(selector) => selector,
        Err(mut error) => {
            // A metric that is misspelt is more likely than anything else.
            if !error.help.starts_with("did you mean") && !error.help.starts_with("k6 ") {
                error.help = names.meant(&document.selector.text).unwrap_or(error.help);
            }
            problems.push(problem(&document.selector, error));
            return Vec::new();
        }
    };
    let mut thresholds = Vec::new();
    for node in &document.conditions {
        if let Some(problem) = names.below(&document.selector, selector.metric(), node) {
            problems.push(problem);
            continue;
        }
        let Some(read) = ConditionDoc::read(node, problems) else {
            continue;
        };
        match Condition::parse(&read.condition.text, selector.metric()) {
            Ok(condition) => thresholds.push(PlannedThreshold {
                threshold: Threshold {
                    selector: selector.clone(),
                    condition,
                },
                abort_after: read.abort_after,
            }),
            Err(error) => problems.push(problem(&read.condition, error)),
        }
    }
    thresholds
}

fn problem(text: &Text, error: SyntaxError) -> Problem {
    Problem::inside(text, error.at, error.message, error.help)
}
