//! Reads what a scenario file says.

use minijinja::Value as Rendered;

use super::context::{Defaulted, Field, ReadContext};
use super::marks::{MARK_KEYS, Marks};
use super::model::{Document, Known, Place, ScenarioDoc, ThresholdDoc};
use super::sites::capture_sites;
use crate::expression::template::Template;
use crate::expression::types::Type;
use crate::expression::visible::Visible;
use crate::language::environment::Environment;
use crate::language::field::Table;
use crate::language::fields::{Fields, entries, read_as};
use crate::language::inline::inline;
use crate::language::meant::pairs;
use crate::language::names::nearest;
use crate::language::node::{Node, Text};
use crate::language::problem::Problem;
use crate::language::read::Read;
use crate::language::shape::{ANCHORS, Key, Shape, names};
use crate::language::source::Source;
use crate::language::yaml;
use crate::trace_context::Sampling;

/// Reads a scenario file. There may be a document although there are problems:
/// steps can then add theirs, so that a user sees all of them at once.
pub fn parse(
    source: &Source,
    known: &Known<'_>,
    environment: &Environment,
) -> (Option<Document>, ReadContext) {
    let mut cx = ReadContext::new(source, environment);
    cx.names.enter(Visible::in_variables());
    let root = yaml::load(source, &mut cx.problems);
    let document = root.and_then(|root| read_document(&root, source, known, &mut cx));
    if let Some(document) = &document {
        cx.names.elsewhere = document.places_of_captures();
    }
    (document, cx)
}

const NAME: Field<String> = Field::new(
    "name",
    "what reports call the plan; the file's name otherwise",
);
const TARGET: Field<Text> = Field::new(
    "target",
    "`simulator`, or the path of a target file, relative to this file; `simulator` otherwise",
)
.example("simulator");
const SEED: Field<u64> = Field::new(
    "seed",
    "number from which invented data follows; the command line's otherwise",
);
const TRACEPARENT: Defaulted<Sampling> = Field::new(
    "traceparent",
    "which iterations servers are asked to keep a trace of; `off` sends no `traceparent`",
)
.or(&Sampling::USUAL);
const SCENARIOS: Key = Key::new(
    "scenarios",
    "what is played, by name; all of them start together, unless they say `start_time`",
    || Shape::Named("scenario").entries(),
)
.required()
.also(&["scenario", "jobs", "tests"])
.example("{signup: {steps: [{login: {email: ada@example.org}}]}}");

/// Keys of a scenario file. What is below the last ones is read elsewhere.
const FILE: Table = Table {
    what: "a scenario file",
    keys: &[&[
        NAME.key(),
        TARGET.key(),
        SEED.key(),
        TRACEPARENT.key(),
        Key::new(
            "vars",
            "variables, each of which can use those above it",
            || Shape::Any.entries(),
        )
        .also(&["variables", "env", "environment"]),
        Key::new(
            "setup",
            "steps that are played once before all scenarios; what they capture is there for \
                 everybody",
            steps_shape,
        )
        .also(&["before", "before_all"]),
        Key::new(
            "teardown",
            "steps that are played once after all scenarios, also when the run was stopped early",
            steps_shape,
        )
        .also(&["after", "after_all"]),
        Key::new("rate_limits", "ceilings on requests", || {
            Shape::Named("rate_limit").list()
        })
        .example("[{rate: 100/s}]"),
        Key::new(
            "keys",
            "key pairs made in advance, for those who register",
            || Shape::Named("keys"),
        )
        .example("{pool: keys.pool}"),
        Key::new("feeders", "rows of data for virtual users, by name", || {
            Shape::Named("feeder").entries()
        })
        .example("{people: {csv: people.csv}}")
        .also(&["data", "payload", "datasets"]),
        SCENARIOS,
        Key::new(
            "thresholds",
            "what decides over the exit code: conditions by metric, such as \
                 `step_duration{step=register}: [p95 < 2s]`",
            || Shape::Named("condition").one_or_list().entries(),
        )
        .example("{step_duration: [p95 < 2s]}"),
        ANCHORS,
    ]],
};

fn read_document(
    root: &Node,
    source: &Source,
    known: &Known<'_>,
    cx: &mut ReadContext,
) -> Option<Document> {
    let mut fields = FILE.open(root, cx)?;
    let name = fields.get(&NAME, cx);
    let target = fields.get(&TARGET, cx);
    let seed = fields.get(&SEED, cx);
    let traceparent = fields.get_or(&TRACEPARENT, cx);
    let vars = fields.look("vars").map(|node| read_vars(node, cx));
    let parts = Parts::read(&fields, known, cx);
    let scenarios = if let Some(node) = fields.look("scenarios") {
        read_scenarios(node, known, cx)
    } else {
        let help = "add `scenarios:` with a name, and `steps:` below it";
        let message = "a scenario file needs `scenarios`";
        let problem = Problem::new(fields.span(), message, help);
        fields.lacks(&["scenarios"], problem, cx);
        Vec::new()
    };
    let thresholds = fields
        .look("thresholds")
        .map(|node| read_thresholds(node, cx));
    fields.finish_with(cx, |key| of_a_scenario(key, root));
    let mut found = Vec::new();
    let mut note = |place: Place, steps: &Option<Node>| {
        let steps = steps.as_ref();
        found.extend(steps.map(|steps| (place, capture_sites(steps, known))));
    };
    note(Place::Setup, &parts.setup);
    for scenario in &scenarios {
        note(Place::Scenario(scenario.name.text.clone()), &scenario.steps);
    }
    note(Place::Teardown, &parts.teardown);
    Some(Document {
        captures: found,
        name: name.unwrap_or_else(|| source.stem()),
        target,
        seed,
        traceparent,
        environment: cx.names.environment.clone(),
        vars: vars.unwrap_or_default(),
        setup: parts.setup,
        scenarios,
        teardown: parts.teardown,
        rate_limits: parts.rate_limits,
        keys: parts.keys,
        feeders: parts.feeders,
        thresholds: thresholds.unwrap_or_default(),
    })
}

/// Settings that other tools have for the whole file.
const OF_A_SCENARIO: [&str; 8] = [
    "executor",
    "vus",
    "iterations",
    "duration",
    "rate",
    "stages",
    "think_time",
    "feed",
];

/// How it is written when the setting of a scenario stands at the top.
fn of_a_scenario(key: &str, root: &Node) -> Option<String> {
    if ["base_url", "baseUrl", "api_url", "host", "url"].contains(&key) {
        let help = "addresses stand in a target file, there it is `api_url`";
        return Some(format!("{help}\n  target: target.yaml"));
    }
    let node = root.entry(key)?;
    let settings = if key == "options" {
        let settings = node.entries();
        let line = |(name, node): (&Text, &Node)| format!("{}: {}", name.text, inline(node));
        settings.map(line).collect()
    } else {
        let is_one = OF_A_SCENARIO.contains(&key);
        is_one
            .then(|| format!("{key}: {}", inline(node)))
            .into_iter()
            .collect::<Vec<_>>()
    };
    let scenario = root.entry("scenarios").and_then(|all| all.entries().next());
    let name = scenario.map_or("signup", |(name, _)| name.as_str());
    (!settings.is_empty()).then(|| {
        let settings = settings.join("\n      ");
        format!("each scenario has its own\n  scenarios:\n    {name}:\n      {settings}")
    })
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
    fn read(fields: &Fields<'_>, known: &Known<'_>, cx: &mut ReadContext) -> Self {
        let part = |name| fields.look(name).cloned();
        let parts = Self {
            setup: part("setup"),
            teardown: part("teardown"),
            rate_limits: part("rate_limits"),
            keys: part("keys"),
            feeders: part("feeders"),
        };
        // What setup captures is everybody's, as variables are.
        let setup = parts.setup.iter();
        for capture in setup.flat_map(|steps| capture_sites(steps, known)) {
            cx.names.declare(&capture.name, Type::Any);
        }
        let feeders = parts.feeders.as_ref();
        let feeders =
            feeders.and_then(|node| entries(node, "`feeders`", "people: {csv: people.csv}", cx));
        for (name, _) in feeders.into_iter().flatten() {
            cx.names.check(name, "a feeder", &mut cx.problems);
            cx.names.feeders.insert(name.text.clone());
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
    FILE.shape()
}

fn read_vars(node: &Node, cx: &mut ReadContext) -> Vec<(Text, Template)> {
    let Some(fields) = entries(node, "`vars`", "greeting: Hello", cx) else {
        // What was meant is there: one problem is enough.
        let meant = pairs(node).unwrap_or_default().into_iter();
        let meant = meant.map(|(name, _)| {
            cx.names.declare(&name, Type::Any);
            let name = Text {
                span: node.label(),
                ..Text::bare(name)
            };
            (name, Template::fixed(Rendered::from(())))
        });
        return meant.collect();
    };
    let mut vars = Vec::new();
    for (name, node) in fields {
        cx.names.check(name, "a variable", &mut cx.problems);
        // Declared in any case: one problem is enough.
        let template = Template::read(node, cx);
        let template = template.unwrap_or_else(|| Template::fixed(Rendered::from(())));
        cx.names.declare(&name.text, template.of());
        vars.push((name.clone(), template));
    }
    vars
}

fn read_scenarios(node: &Node, known: &Known<'_>, cx: &mut ReadContext) -> Vec<ScenarioDoc> {
    let Some(entries) = entries(node, "`scenarios`", "signup: {steps: […]}", cx) else {
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

/// Which executor a scenario has; its keys follow from it.
pub const EXECUTOR: Key = Key::new("executor", "when iterations start", || {
    Shape::Named("executor")
})
.example("constant_vus");
const FEED: Key = Key::new(
    "feed",
    "name of a feeder, or list of them: each iteration has a row of each, under its name",
    || Shape::Text.one_or_list(),
);
const STEPS: Key = Key::new("steps", "steps and blocks: one iteration", steps_shape)
    .also(&["flow", "tasks", "requests", "script"])
    .required();
const ONLY: Defaulted<bool> =
    Field::new("only", "of all scenarios, only those with this are played").or(&false);

/// Keys of a scenario beside `executor` and those that are the executor's.
pub const SCENARIO_KEYS: &[Key; 5] = &[FEED, STEPS, ONLY.key(), MARK_KEYS[0], MARK_KEYS[1]];
/// All that are not the executor's.
const NOT_THE_EXECUTORS: [&str; 6] = names(&[
    EXECUTOR,
    FEED,
    STEPS,
    MARK_KEYS[0],
    MARK_KEYS[1],
    ONLY.key(),
]);

fn read_scenario(
    name: &Text,
    node: &Node,
    known: &Known<'_>,
    cx: &mut ReadContext,
) -> Option<ScenarioDoc> {
    let keys = [EXECUTOR].iter().chain(SCENARIO_KEYS).copied().collect();
    let fields = Fields::of(node, "a scenario", keys, cx)?;
    let executor = fields
        .look("executor")
        .and_then(|node| read_as::<Text, _>(&EXECUTOR, node, cx));
    if let Some(executor) = &executor
        && !known.executors.contains(&executor.text.as_str())
    {
        cx.push(Problem::unknown(executor, "executor", known.executors));
    }
    let feed = fields.look("feed").map_or(&[][..], Node::items);
    let feed: Vec<Text> = feed
        .iter()
        .filter_map(|name| Text::read(name, cx))
        .collect();
    let mut settings = node.without(&NOT_THE_EXECUTORS);
    let steps = fields.look("steps").or_else(|| {
        let meant = |(key, _): &(&Text, &Node)| {
            STEPS.is_also_called(&key.text) || nearest(&key.text, &[STEPS.name]).is_some()
        };
        if let Some((key, steps)) = node.entries().find(meant) {
            settings.remove(&key.text);
            let mut problem = Problem::unknown_key(key, "a scenario", &[STEPS.name]);
            problem.help = Some(format!("here it is\n  steps: {}", inline(steps)));
            cx.push(problem);
            return Some(steps);
        }
        let message = format!("scenario `{}` needs `steps`", name.text);
        let help = "add `steps:` with a list of steps\n  steps:\n    - http: {url: /path}";
        cx.problem(name.span, message, help);
        None
    });
    let only = fields.get_or(&ONLY, cx);
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
        settings,
        steps: steps.cloned(),
        marks: Marks::read(node, &mut cx.problems),
        only,
        name: name.clone(),
    })
}

fn read_thresholds(node: &Node, cx: &mut ReadContext) -> Vec<ThresholdDoc> {
    let Some(entries) = entries(node, "`thresholds`", "step_duration: [p95 < 2s]", cx) else {
        return Vec::new();
    };
    entries
        .map(|(selector, node)| ThresholdDoc {
            selector: selector.clone(),
            conditions: node.items().to_vec(),
        })
        .collect()
}
