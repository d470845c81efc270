//! Reads what a scenario file says.

use minijinja::Value as Rendered;

use super::model::{Document, Known, Place, ScenarioDoc, ThresholdDoc};
use crate::document::item::{MARK_KEYS, Marks, captures};
use crate::expression::context::{BUILT_INS, Context, FUNCTIONS, ROUND};
use crate::expression::template::Template;
use crate::language::fields::Fields;
use crate::language::names::is_identifier;
use crate::language::node::{Node, Text};
use crate::language::problem::{Problem, Problems};
use crate::language::read::Read;
use crate::language::shape::{Key, Shape};
use crate::language::source::Source;
use crate::language::yaml;
use crate::trace_context::Sampling;

/// Reads a scenario file. There may be a document although there are problems:
/// steps can then add theirs, so that a user sees all of them at once.
pub fn parse(source: &Source, known: &Known<'_>) -> (Option<Document>, Problems) {
    parse_into(source, known, Problems::of(source))
}

/// The same for a file that is only checked, maybe on another machine: what the
/// environment lacks is a warning.
pub fn parse_to_check(source: &Source, known: &Known<'_>) -> (Option<Document>, Problems) {
    parse_into(source, known, Problems::to_check(source))
}

fn parse_into(
    source: &Source,
    known: &Known<'_>,
    mut problems: Problems,
) -> (Option<Document>, Problems) {
    let document = yaml::load(source, &mut problems).and_then(|root| {
        let mut cx = Context::for_variables(&mut problems);
        read_document(&root, source, known, &mut cx)
    });
    (document, problems)
}

fn read_document(
    root: &Node,
    source: &Source,
    known: &Known<'_>,
    cx: &mut Context<'_>,
) -> Option<Document> {
    let mut fields = Fields::open(root, "a scenario file", cx)?;
    let name: Option<String> = fields.optional(
        "name",
        "what reports call the plan; the file's name otherwise",
        cx,
    );
    let target = fields.optional(
        "target",
        "`simulator`, or the path of a target file, relative to this file; `simulator` otherwise",
        cx,
    );
    let seed = fields.optional(
        "seed",
        "number from which invented data follows; the command line's otherwise",
        cx,
    );
    let traceparent = read_traceparent(&mut fields, cx);
    let vars = fields.node(
        "vars",
        "variables, each of which can use those above it",
        || Shape::Any.entries(),
    );
    let vars = vars.map(|node| read_vars(node, cx)).unwrap_or_default();
    let parts = Parts::read(&mut fields, known, cx);
    let scenarios = fields.needed(
        "scenarios",
        "what is played, by name; all of them start together, unless they say `start_time`",
        || Shape::Named("scenario").entries(),
    );
    let scenarios = if let Some(node) = scenarios {
        read_scenarios(node, known, cx)
    } else {
        let help = "add `scenarios:` with a name, and `steps:` below it";
        cx.problem(fields.span(), "a scenario file needs `scenarios`", help);
        Vec::new()
    };
    let thresholds = fields.node(
        "thresholds",
        "what decides over the exit code: conditions by metric, such as \
         `step_duration{step=register}: [p95 < 2s]`",
        || Shape::Named("condition").one_or_list().entries(),
    );
    let thresholds = thresholds.map(|node| read_thresholds(node, cx));
    fields.finish(cx);
    let mut found = Vec::new();
    let mut note = |place: Place, steps: &Option<Node>| {
        let steps = steps.as_ref();
        found.extend(steps.map(|steps| (place, captures(steps, known))));
    };
    note(Place::Setup, &parts.setup);
    for scenario in &scenarios {
        note(Place::Scenario(scenario.name.text.clone()), &scenario.steps);
    }
    note(Place::Teardown, &parts.teardown);
    Some(Document {
        captures: found,
        name: name.unwrap_or_else(|| stem(source)),
        target,
        seed,
        traceparent,
        vars,
        setup: parts.setup,
        scenarios,
        teardown: parts.teardown,
        rate_limits: parts.rate_limits,
        keys: parts.keys,
        feeders: parts.feeders,
        thresholds: thresholds.unwrap_or_default(),
    })
}

fn read_traceparent(fields: &mut Fields<'_>, cx: &mut Context<'_>) -> Sampling {
    fields.or(
        "traceparent",
        "which iterations servers are asked to keep a trace of; `off` sends no `traceparent`",
        Sampling::default(),
        cx,
    )
}

/// What is kept as it is written.
struct Parts {
    setup: Option<Node>,
    teardown: Option<Node>,
    rate_limits: Option<Node>,
    keys: Option<Node>,
    feeders: Option<Node>,
}

impl Parts {
    fn read(fields: &mut Fields<'_>, known: &Known<'_>, cx: &mut Context<'_>) -> Self {
        let mut part = |name, about, shape| fields.node(name, about, shape).cloned();
        let parts = Self {
            setup: part(
                "setup",
                "steps that are played once before all scenarios; what they capture is there for \
                 everybody",
                steps_shape,
            ),
            teardown: part(
                "teardown",
                "steps that are played once after all scenarios, also when the run was stopped early",
                steps_shape,
            ),
            rate_limits: part("rate_limits", "ceilings on requests", || {
                Shape::Named("rate_limit").list()
            }),
            keys: part(
                "keys",
                "key pairs made in advance, for those who register",
                || Shape::Named("keys"),
            ),
            feeders: part("feeders", "rows of data for virtual users, by name", || {
                Shape::Named("feeder").entries()
            }),
        };
        // What setup captures is everybody's, as variables are.
        let setup = parts.setup.iter();
        for capture in setup.flat_map(|steps| captures(steps, known)) {
            cx.declare(&capture.name);
        }
        let feeders = parts.feeders.as_ref();
        let feeders = feeders.and_then(|node| mapping(node, "`feeders`", cx));
        for (name, _) in feeders.into_iter().flatten() {
            check_name(name, "a feeder", cx);
        }
        parts
    }
}

/// A list of steps.
pub fn steps_shape() -> Shape {
    Shape::Named("steps")
}

/// Keys of a scenario file.
pub fn file_shape() -> Shape {
    let source = Source::new("", "");
    Shape::asked_for(|root, cx| read_document(root, &source, &Known::NOTHING, cx))
}

/// Keys of a scenario, without those of its executor.
pub fn scenario_keys() -> Vec<Key> {
    let own =
        Shape::asked_for(|node, cx| read_scenario(&Text::bare(""), node, &Known::NOTHING, cx));
    own.keys().iter().chain(MARK_KEYS).cloned().collect()
}

/// The name of the file without folder and extension.
pub(crate) fn stem(source: &Source) -> String {
    let name = std::path::Path::new(source.name());
    let stem = name.file_stem().unwrap_or(name.as_os_str());
    stem.to_string_lossy().into_owned()
}

fn read_vars(node: &Node, cx: &mut Context<'_>) -> Vec<(Text, Template)> {
    let Some(fields) = mapping(node, "`vars`", cx) else {
        return Vec::new();
    };
    let mut vars = Vec::new();
    for (name, node) in fields {
        check_name(name, "a variable", cx);
        // Declared in any case: one problem is enough.
        let template = Template::read(node, cx);
        let template = template.unwrap_or_else(|| Template::fixed(Rendered::from(())));
        cx.declare_as(&name.text, template.of());
        vars.push((name.clone(), template));
    }
    vars
}

/// Checks a name that expressions will use.
pub(crate) fn check_name(name: &Text, what: &str, cx: &mut Context<'_>) -> bool {
    let text = name.text.as_str();
    let problem = if !is_identifier(text) {
        let help = "letters, digits and `_`, and no digit first, so that expressions can use it";
        Problem::new(name.span, format!("`{text}` cannot name {what}"), help)
    } else if text == ROUND || BUILT_INS.contains(&text) || FUNCTIONS.contains(&text) {
        Problem::new(
            name.span,
            format!("`{text}` is built in already"),
            format!("give {what} another name"),
        )
    } else if cx.is_variable(text) {
        Problem::new(
            name.span,
            format!("`{text}` is a variable already"),
            format!("give {what} another name, or `vars` would be out of reach"),
        )
    } else {
        return true;
    };
    cx.push(problem);
    false
}

fn read_scenarios(node: &Node, known: &Known<'_>, cx: &mut Context<'_>) -> Vec<ScenarioDoc> {
    let Some(entries) = mapping(node, "`scenarios`", cx) else {
        return Vec::new();
    };
    let scenarios: Vec<ScenarioDoc> = entries
        .filter_map(|(name, node)| read_scenario(name, node, known, cx))
        .collect();
    if node.entries().next().is_none() {
        cx.problem(
            node.label(),
            "there is no scenario",
            "add a name, and `steps:` below it",
        );
    }
    scenarios
}

/// Keys of a scenario that are not the executor's.
const SCENARIO_KEYS: &[&str] = &["executor", "feed", "steps", "tags", "skip", "only"];

fn read_scenario(
    name: &Text,
    node: &Node,
    known: &Known<'_>,
    cx: &mut Context<'_>,
) -> Option<ScenarioDoc> {
    let mut fields = Fields::open(node, "a scenario", cx)?;
    let executor = fields.node("executor", "when iterations start", || {
        Shape::Named("executor")
    });
    let executor = executor.and_then(|node| Text::read(node, cx));
    if let Some(executor) = &executor
        && !known.executors.contains(&executor.text.as_str())
    {
        cx.push(Problem::unknown(executor, "executor", known.executors));
    }
    let feed = fields
        .node(
            "feed",
            "name of a feeder, or list of them: each iteration has a row of each, under its name",
            || Shape::Text.one_or_list(),
        )
        .map_or(&[][..], Node::items);
    let feed: Vec<Text> = feed
        .iter()
        .filter_map(|name| Text::read(name, cx))
        .collect();
    let steps = fields.needed("steps", "steps and blocks: one iteration", steps_shape);
    if steps.is_none() {
        let message = format!("scenario `{}` needs `steps`", name.text);
        cx.problem(name.span, message, "add `steps:` with a list of steps");
    }
    let only = fields.or(
        "only",
        "of all scenarios, only those with this are played",
        false,
        cx,
    );
    fields.leave(cx);
    Some(ScenarioDoc {
        executor: executor.unwrap_or_else(|| Text {
            text: known
                .executors
                .first()
                .copied()
                .unwrap_or_default()
                .to_owned(),
            ..name.clone()
        }),
        feed,
        settings: node.without(SCENARIO_KEYS),
        steps: steps.cloned(),
        marks: Marks::read(node, cx),
        only,
        name: name.clone(),
    })
}

fn read_thresholds(node: &Node, cx: &mut Context<'_>) -> Vec<ThresholdDoc> {
    let Some(entries) = mapping(node, "`thresholds`", cx) else {
        return Vec::new();
    };
    entries
        .map(|(selector, node)| ThresholdDoc {
            selector: selector.clone(),
            conditions: node.items().to_vec(),
        })
        .collect()
}

/// The entries of a mapping with keys of the user's own.
fn mapping<'n>(
    node: &'n Node,
    what: &str,
    cx: &mut Context<'_>,
) -> Option<impl Iterator<Item = (&'n Text, &'n Node)> + use<'n>> {
    Fields::open(node, what, cx)?;
    Some(node.entries())
}
