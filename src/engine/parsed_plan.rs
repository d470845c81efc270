//! A scenario file that was read, with whatever is wrong in it.

use std::path::Path;
use std::sync::Arc;

use super::executor::{EXECUTORS, Overrides};
use super::feed::Feeders;
use super::flow::{BLOCKS, Compiler, Flow};
use super::keys::{self, PlannedKeys};
use super::limits;
use super::measured::Measured;
use super::planned_scenario::{PlannedScenario, plan_executor};
use super::selection::{Selection, SkipReason};
use super::thresholds::{Names, PlannedThreshold, plan_thresholds};
use crate::document::{self, Document, Known, ReadContext, ScenarioDoc};
use crate::http::LimitRule;
use crate::language::permissions::refused_host;
use crate::language::{Environment, Node, Source, Span};
use crate::metrics::TagKey;
use crate::steps::{BESIDE_NAMES, STEPS};
use crate::target::{Target, TargetChoice};

/// Everything that a scenario file says.
pub(super) struct ParsedPlan {
    pub(super) document: Document,
    pub(super) choice: TargetChoice,
    pub(super) setup: Flow,
    pub(super) scenarios: Vec<PlannedScenario>,
    pub(super) skipped: Vec<(PlannedScenario, SkipReason)>,
    pub(super) teardown: Flow,
    pub(super) limits: Vec<LimitRule>,
    pub(super) keys: PlannedKeys,
    pub(super) feeders: Feeders,
    pub(super) thresholds: Vec<PlannedThreshold>,
}

impl ParsedPlan {
    /// Reads all of it, so that all problems are told at once. There may be a
    /// plan although there are problems; it lacks something then.
    pub(super) fn read(
        source: &Source,
        target: Option<&str>,
        overrides: Overrides,
        selection: &Selection,
        environment: &Environment,
    ) -> (Option<Self>, ReadContext) {
        let (document, mut cx) = document::parse(source, &KNOWN, environment);
        let Some(document) = document else {
            return (None, cx);
        };
        let here = Path::new("");
        let folder = &cx.files.folder.clone();
        let choice = match (target, &document.target) {
            (Some(given), _) => TargetChoice::parse(given, here),
            (None, Some(written)) => TargetChoice::parse(&written.text, folder),
            (None, None) => TargetChoice::Simulator,
        };
        let flow = |steps: Option<&Node>, cx: &mut ReadContext| {
            Compiler::new(cx, BLOCKS, KNOWN, selection).flow(steps?)
        };
        let once = |part, steps: Option<&Node>, cx: &mut ReadContext| {
            let compiler = Compiler::new(cx, BLOCKS, KNOWN, selection).once(part);
            compiler.flow(steps?)
        };
        if let (None, Some(written), TargetChoice::File(path)) = (target, &document.target, &choice)
        {
            (cx.files).may_open(path, written.span, &mut cx.problems);
        }
        cx.begin_setup(&document);
        let setup = once("setup", document.setup.as_ref(), &mut cx);
        let mut whole = setup.is_some() || document.setup.is_none();
        cx.names.share_captures();
        let feeders = Feeders::read(&document, folder, &mut cx);
        let mut scenarios = Vec::new();
        let mut skipped = Vec::new();
        for scenario in &document.scenarios {
            cx.begin_after_setup(&document);
            for name in &scenario.feed {
                cx.names.declare(&name.text, feeders.row_type(&name.text));
            }
            let executor = plan_executor(scenario, overrides, &mut cx);
            let flow = flow(scenario.steps.as_ref(), &mut cx);
            let Some((planned, flow)) = executor.zip(flow) else {
                whole = false;
                continue;
            };
            let planned = PlannedScenario {
                name: scenario.name.text.as_str().into(),
                executor: planned.executor,
                feed: feed(scenario),
                flow: flow.into(),
                timing: planned.timing,
                connections: planned.connections,
            };
            match selection.leaves_out(scenario, &document) {
                Some(why) => skipped.push((planned, why)),
                None => scenarios.push(planned),
            }
        }
        cx.begin_after_setup(&document);
        let teardown = once("teardown", document.teardown.as_ref(), &mut cx);
        whole &= teardown.is_some() || document.teardown.is_none();
        let mut parsed = Self {
            choice,
            setup: setup.unwrap_or_default(),
            scenarios,
            skipped,
            teardown: teardown.unwrap_or_default(),
            limits: limits::read(&document, &mut cx),
            keys: keys::read(&document, folder, &mut cx),
            feeders,
            thresholds: Vec::new(),
            document,
        };
        parsed.read_thresholds(whole, &mut cx);
        let document = &parsed.document;
        document.warn_of_unused(&cx.names, &mut cx.problems);
        (Some(parsed), cx)
    }

    /// What thresholds can be about.
    fn names(&self) -> Names {
        let skipped = self.skipped.iter().map(|(scenario, _)| scenario);
        let scenarios: Vec<&PlannedScenario> = self.scenarios.iter().chain(skipped).collect();
        let flows = scenarios.iter().map(|scenario| &*scenario.flow);
        let flows: Vec<&Flow> = flows.chain([&self.setup, &self.teardown]).collect();
        let all = |of: fn(&Flow) -> &[Arc<str>]| {
            let names = flows.iter().flat_map(|flow| of(flow));
            names.map(ToString::to_string).collect()
        };
        Names {
            steps: all(Flow::labels),
            groups: all(Flow::groups),
            scenarios: scenarios.iter().map(|it| it.name.to_string()).collect(),
        }
    }

    /// Thresholds over something that nothing is measured by are problems;
    /// those over what is left out this time are left out as well. Unless the plan
    /// is `whole`, it has no steps of what cannot be read, which was reported.
    fn read_thresholds(&mut self, whole: bool, cx: &mut ReadContext) {
        let thresholds = plan_thresholds(&self.document, &self.names(), &mut cx.problems);
        let played: Vec<&PlannedScenario> = self.scenarios.iter().collect();
        let skipped = self.skipped.iter().map(|(scenario, _)| scenario);
        let all: Vec<&PlannedScenario> = played.iter().copied().chain(skipped).collect();
        let measured = |scenarios| Measured {
            setup: &self.setup,
            scenarios,
            teardown: &self.teardown,
        };
        let (played, all) = (measured(played), measured(all));
        let written = (!whole).then(|| Mentions::of(&self.document, cx));
        let mut kept = Vec::new();
        for (selector, threshold) in thresholds {
            if played.find(&selector, &threshold).is_ok() {
                kept.push(threshold);
            } else if let Err(mut problem) = all.find(&selector, &threshold)
                && written.as_ref().is_none_or(|it| it.lacks(&threshold))
            {
                // What there is is not all known then.
                let is_near = |help: &String| help.starts_with("did you mean");
                problem.help = problem.help.filter(|help| whole || is_near(help));
                cx.push(problem.of("not-measured"));
            }
        }
        self.thresholds = kept;
    }
}

/// What files say besides thresholds, where some of it cannot be read.
struct Mentions(String);

impl Mentions {
    fn of(document: &Document, cx: &ReadContext) -> Self {
        let mut texts = cx.files.sources.all().map(Source::text);
        let mut first = texts.next().unwrap_or_default().to_owned();
        for threshold in &document.thresholds {
            let Span { start, end } = threshold.selector.span;
            if first.get(start..end).is_some() {
                first.replace_range(start..end, &" ".repeat(end - start));
            }
        }
        Self(texts.fold(first, |all, text| all + "\n" + text))
    }

    /// Whether a threshold is about a scenario, step or group that is written
    /// nowhere. The name of a step can be made of words of several places.
    fn lacks(&self, threshold: &PlannedThreshold) -> bool {
        let tags = threshold.threshold.selector.tags();
        let keys = [TagKey::Scenario, TagKey::Step, TagKey::Group];
        let names = keys.into_iter().filter_map(|key| tags.get(key));
        let mut words = names.flat_map(str::split_whitespace);
        words.any(|word| !self.0.contains(word))
    }
}

fn feed(scenario: &ScenarioDoc) -> Vec<std::sync::Arc<str>> {
    let names = scenario.feed.iter();
    names.map(|name| name.text.as_str().into()).collect()
}

macro_rules! names {
    ($table:ident) => {{
        let mut names = [""; $table.len()];
        let mut index = 0;
        while index < names.len() {
            names[index] = $table[index].name;
            index += 1;
        }
        names
    }};
}

/// What scenarios and libraries can name.
pub(crate) const KNOWN: Known<'static> = Known {
    steps: &names!(STEPS),
    blocks: &names!(BLOCKS),
    executors: &names!(EXECUTORS),
    beside: BESIDE_NAMES,
};

/// Holds the hosts that steps name against those of the target.
pub(super) fn check_hosts(target: &Target, cx: &mut ReadContext) {
    for (url, at) in std::mem::take(&mut cx.asked) {
        if let Some(host) = url.host()
            && !target.may_ask(&host, cx.permissions())
        {
            cx.refuse(refused_host(&host, at));
        }
    }
}

/// What is wrong with a library that is read by itself.
pub(super) fn check_library(source: &Source, environment: &Environment) -> ReadContext {
    let (library, mut cx) = document::parse_library(source, environment);
    if let Some(library) = library {
        let selection = Selection::default();
        Compiler::new(&mut cx, BLOCKS, KNOWN, &selection).check_library(&library);
    }
    cx
}
