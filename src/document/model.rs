//! The model of a scenario file.

use std::collections::HashMap;

use minijinja::Value as Rendered;

use super::marks::Marks;
use crate::clock::Clock;
use crate::expression::captures::CaptureSite;
use crate::expression::compiled::TemplateError;
use crate::expression::names::Names;
use crate::expression::scope::{Globals, Scope};
use crate::expression::template::Template;
use crate::language::environment::Environment;
use crate::language::names::{is_identifier, list, suggestion};
use crate::language::node::{Node, Scalar, Text};
use crate::language::problem::{Problem, Problems};
use crate::trace_context::Sampling;

/// What exists beyond the language: names of steps, blocks and executors.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Every kind of step.
    pub steps: &'a [&'a str],
    /// Every kind of block.
    pub blocks: &'a [&'a str],
    /// Every kind of executor; the first is the default.
    pub executors: &'a [&'a str],
    /// Every key that can stand beside a step.
    pub beside: &'static [&'static str],
}

impl Known<'_> {
    /// Whether a key can stand beside a step.
    pub(crate) fn is_beside(&self, key: &Text) -> bool {
        self.beside.contains(&key.text.as_str())
    }
}

impl<'a> Known<'a> {
    /// What an item of `steps` can be.
    pub(crate) fn words(&self) -> Vec<&'a str> {
        self.steps.iter().chain(self.blocks).copied().collect()
    }

    pub(crate) fn one_of(&self) -> String {
        format!("a step is one of {}", list(&self.words()))
    }
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
    /// Trace sampling in `traceparent`; the command line may say something else.
    pub traceparent: Sampling,
    /// What expressions can see of the environment.
    pub(crate) environment: Environment,
    /// Variables in the order of the file.
    pub(crate) vars: Vec<(Text, Template)>,
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
    pub(crate) captures: Vec<(Place, Vec<CaptureSite>)>,
}

/// A list of steps of a scenario file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
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

impl Document {
    /// The captures of a list of steps.
    pub(crate) fn captures_in(&self, place: &Place) -> impl Iterator<Item = &CaptureSite> {
        let lists = self.captures.iter();
        lists
            .filter(move |(other, _)| other == place)
            .flat_map(|(_, captures)| captures)
    }

    /// Names of the variables.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.vars.iter().map(|(name, _)| name.text.as_str())
    }

    /// Warns of variables and captures that nothing uses, once everything was
    /// read.
    pub fn warn_of_unused(&self, names: &Names, problems: &mut Problems) {
        for (name, _) in &self.vars {
            if !names.is_used(&name.text) {
                let message = format!("the variable `{}` is never used", name.text);
                let warning = Problem::new(name.span, message, "use it, or remove it");
                problems.warn(warning.of("unused-variable"));
            }
        }
        let captures = self.captures.iter().flat_map(|(_, captures)| captures);
        for capture in captures.filter(|capture| capture.part) {
            if is_identifier(&capture.name) && !names.is_used(&capture.name) {
                let (what, help) = if capture.is_set {
                    ("variable", "use it, or remove it")
                } else {
                    let help =
                        "use it, or remove it: that something is there is for `expect` to say";
                    ("capture", help)
                };
                let message = format!("the {what} `{}` is never used", capture.name);
                let warning = Problem::new(capture.at, message, help);
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

    /// The variables of a run; `target` has what expressions can name of it.
    ///
    /// # Errors
    /// With the name of the variable that cannot be made.
    pub fn globals(
        &self,
        target: &[(String, Rendered)],
        seed: u64,
        clock: &Clock,
    ) -> Result<Globals, (String, TemplateError)> {
        let scenarios = self.scenarios.iter();
        let names = scenarios.map(|scenario| scenario.name.as_str());
        let vars = self.vars.iter().map(|(name, template)| {
            let make = |scope: &Scope| template.render(scope);
            (name.text.as_str(), make)
        });
        Globals::new(names, vars, target, &self.environment, seed, clock)
    }

    /// Where captures are, by their names: in words. The first place counts.
    pub(crate) fn places_of_captures(&self) -> HashMap<String, String> {
        let mut places = HashMap::new();
        for (place, sites) in &self.captures {
            for site in sites {
                let place = || match place {
                    Place::Setup => "in `setup`".to_owned(),
                    Place::Scenario(name) => format!("in scenario `{name}`"),
                    Place::Teardown => "in `teardown`".to_owned(),
                };
                places.entry(site.name.clone()).or_insert_with(place);
            }
        }
        places
    }
}
