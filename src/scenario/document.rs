//! The model of a scenario file, and how it is read.

use minijinja::Value as Rendered;

use super::context::{BUILT_INS, Context, FUNCTIONS, ROUND};
use super::fields::Fields;
use super::item::{Capture, MARK_KEYS, Marks, captures};
use super::names::{is_identifier, suggestion};
use super::node::{Node, Scalar, Text};
use super::problem::{Problem, Problems};
use super::read::Read;
use super::shape::{Key, Shape};
use super::source::Source;
use super::template::Template;
use super::yaml;

/// What exists beyond the language: names of steps, blocks and executors.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Every kind of step.
    pub steps: &'a [&'a str],
    /// Every kind of block.
    pub blocks: &'a [&'a str],
    /// Every kind of executor; the first is the default.
    pub executors: &'a [&'a str],
}

/// A scenario file. What belongs to steps and executors is kept as it was
/// written, for them to read.
#[derive(Debug)]
pub struct Document {
    /// Name of the plan; that of the file when it says none.
    pub name: String,
    /// `simulator`, or the path of a target file.
    pub target: Option<Text>,
    /// Makes invented names and addresses the same again; the command line may
    /// say another.
    pub seed: Option<u64>,
    /// Variables in the order of the file.
    pub(super) vars: Vec<(Text, Template)>,
    /// Played once before all scenarios, a list of steps.
    pub setup: Option<Node>,
    /// What is played.
    pub scenarios: Vec<ScenarioDoc>,
    /// Played once after all scenarios, a list of steps.
    pub teardown: Option<Node>,
    /// Ceilings on requests, a list.
    pub rate_limits: Option<Node>,
    /// Where key pairs come from, a mapping.
    pub keys: Option<Node>,
    /// Rows of data by name, a mapping.
    pub feeders: Option<Node>,
    /// What decides over the exit code.
    pub thresholds: Vec<ThresholdDoc>,
    /// Which captures there are, by the place that they are in.
    pub(super) captures: Vec<(Place, Vec<Capture>)>,
}

/// A list of steps of a scenario file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Setup,
    /// The scenario of this name.
    Scenario(String),
    Teardown,
}

/// One scenario.
#[derive(Debug)]
pub struct ScenarioDoc {
    /// Its name.
    pub name: Text,
    /// The executor's kind.
    pub executor: Text,
    /// Feeders of which each iteration has a row, under their names.
    pub feed: Vec<Text>,
    /// The other keys of the scenario, which are the executor's.
    pub settings: Node,
    /// What an iteration is, a list of steps.
    pub steps: Option<Node>,
    /// What decides whether it is played.
    pub marks: Marks,
    /// When some scenarios have this, only they are played.
    pub only: bool,
}

/// Conditions on one metric.
#[derive(Debug)]
pub struct ThresholdDoc {
    /// Which metric, such as `step_duration{step=register}`.
    pub selector: Text,
    /// What must hold, such as `p95 < 2s`, each for the engine to read.
    pub conditions: Vec<Node>,
}

/// A variable was set that the scenario file does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the scenario has no variable `{name}`: {help}")]
pub struct UnknownVariable {
    name: String,
    help: String,
}

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
    let vars = fields
        .node(
            "vars",
            "variables, each of which can use those above it",
            || Shape::Any.entries(),
        )
        .map(|node| read_vars(node, cx))
        .unwrap_or_default();
    let setup = fields.node(
        "setup",
        "steps that are played once before all scenarios; what they capture is there for everybody",
        steps_shape,
    );
    let setup = setup.cloned();
    let teardown = fields.node(
        "teardown",
        "steps that are played once after all scenarios, also when the run was stopped early",
        steps_shape,
    );
    let teardown = teardown.cloned();
    let rate_limits = fields.node("rate_limits", "ceilings on requests", || {
        Shape::Named("rate_limit").list()
    });
    let rate_limits = rate_limits.cloned();
    let keys = fields.node(
        "keys",
        "key pairs made in advance, for those who register",
        || Shape::Named("keys"),
    );
    let keys = keys.cloned();
    // What setup captures is everybody's, as variables are.
    for capture in setup.iter().flat_map(|steps| captures(steps, known)) {
        cx.declare(&capture.name);
    }
    let feeders = fields.node("feeders", "rows of data for virtual users, by name", || {
        Shape::Named("feeder").entries()
    });
    let feeders = feeders.cloned();
    if let Some(node) = &feeders
        && let Some(entries) = mapping(node, "`feeders`", cx)
    {
        for (name, _) in entries {
            check_name(name, "a feeder", cx);
        }
    }
    let scenarios = if let Some(node) = fields.needed(
        "scenarios",
        "what is played, by name; all of them start together, unless they say `start_time`",
        || Shape::Named("scenario").entries(),
    ) {
        read_scenarios(node, known, cx)
    } else {
        let help = "add `scenarios:` with a name, and `steps:` below it";
        cx.problem(fields.span(), "a scenario file needs `scenarios`", help);
        Vec::new()
    };
    let thresholds = fields
        .node(
            "thresholds",
            "what decides over the exit code: conditions by metric, such as \
             `step_duration{step=register}: [p95 < 2s]`",
            || Shape::Named("condition").one_or_list().entries(),
        )
        .map(|node| read_thresholds(node, cx))
        .unwrap_or_default();
    fields.finish(cx);
    let mut found = Vec::new();
    let mut note = |place: Place, steps: &Option<Node>| {
        let steps = steps.as_ref();
        found.extend(steps.map(|steps| (place, captures(steps, known))));
    };
    note(Place::Setup, &setup);
    for scenario in &scenarios {
        note(Place::Scenario(scenario.name.text.clone()), &scenario.steps);
    }
    note(Place::Teardown, &teardown);
    Some(Document {
        captures: found,
        name: name.unwrap_or_else(|| stem(source)),
        target,
        seed,
        vars,
        setup,
        scenarios,
        teardown,
        rate_limits,
        keys,
        feeders,
        thresholds,
    })
}

/// A list of steps.
pub fn steps_shape() -> Shape {
    Shape::Named("steps")
}

/// For who only asks which keys there are.
const NOTHING: Known<'_> = Known {
    steps: &[],
    blocks: &[],
    executors: &[],
};

/// Keys of a scenario file.
pub fn file_shape() -> Shape {
    let source = Source::new("", "");
    Shape::asked_for(|root, cx| read_document(root, &source, &NOTHING, cx))
}

/// Keys of a scenario, without those of its executor.
pub fn scenario_keys() -> Vec<Key> {
    let own = Shape::asked_for(|node, cx| read_scenario(&Text::bare(""), node, &NOTHING, cx));
    own.keys().iter().chain(MARK_KEYS).cloned().collect()
}

/// The name of the file without folder and extension.
pub(super) fn stem(source: &Source) -> String {
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
        vars.push((name.clone(), template));
        cx.declare(&name.text);
    }
    vars
}

/// Checks a name that expressions will use.
pub(super) fn check_name(name: &Text, what: &str, cx: &mut Context<'_>) -> bool {
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
    let executor: Option<Text> = fields.optional_as(
        "executor",
        "when iterations start",
        || Shape::Named("executor"),
        cx,
    );
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

impl Document {
    /// Names that setup captures, which scenarios and teardown can use.
    pub fn set_up(&self) -> impl Iterator<Item = &str> {
        self.captures_in(&Place::Setup)
            .map(|capture| capture.name.as_str())
    }

    /// The captures of a list of steps.
    pub(super) fn captures_in(&self, place: &Place) -> impl Iterator<Item = &Capture> {
        let lists = self.captures.iter();
        lists
            .filter(move |(other, _)| other == place)
            .flat_map(|(_, captures)| captures)
    }

    /// Names of the variables.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.vars.iter().map(|(name, _)| name.text.as_str())
    }

    /// Warns of variables that nothing uses, once everything was read.
    pub fn warn_of_unused(&self, problems: &mut Problems) {
        for (name, _) in &self.vars {
            if !problems.is_used(&name.text) {
                let message = format!("the variable `{}` is never used", name.text);
                let warning = Problem::new(name.span, message, "use it, or remove it");
                problems.warn(warning.of("unused-variable"));
            }
        }
    }

    /// Gives a variable another value, as `--var NAME=VALUE` does. The value
    /// is no template; `3` is a number and `true` a boolean, as in the file.
    ///
    /// # Errors
    /// When the file has no such variable.
    pub fn set_variable(&mut self, name: &str, value: &str) -> Result<(), UnknownVariable> {
        let names: Vec<&str> = self.variables().collect();
        let help = suggestion(name, &names).unwrap_or_else(|| "it has no `vars` at all".into());
        let Some((_, template)) = self.vars.iter_mut().find(|(known, _)| known.text == name) else {
            return Err(UnknownVariable {
                name: name.to_owned(),
                help,
            });
        };
        let scalar = Scalar {
            text: Text::bare(value),
            plain: true,
        };
        let read = Template::constant(&scalar);
        // `1.10` would be written back as `1.1`: an id must stay what it is.
        let changed = read.is_number() && read.to_string() != value;
        *template = Template::fixed(if changed { Rendered::from(value) } else { read });
        Ok(())
    }

    /// Where else a capture of this name is, in words.
    pub(super) fn capture_elsewhere(&self, name: &str) -> Option<String> {
        let (place, _) = self
            .captures
            .iter()
            .find(|(_, captures)| captures.iter().any(|capture| capture.name == name))?;
        Some(match place {
            Place::Setup => "in `setup`".to_owned(),
            Place::Scenario(name) => format!("in scenario `{name}`"),
            Place::Teardown => "in `teardown`".to_owned(),
        })
    }
}
