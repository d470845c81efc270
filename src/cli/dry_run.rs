//! `rehearse run --dry-run`: the plan in words. Nothing is sent, and nothing
//! is written.

use std::fmt::Write;

use clap::ValueEnum;
use serde::Serialize;

use super::output::KeptArguments;
use super::scenario::ScenarioArguments;
use crate::engine::{Extent, Flow, Model, OutlineLine, Plan, PlannedScenario, RunOptions};
use crate::http::{LimitRule, LimitScope};
use crate::language::{Node, format_duration};
use crate::numbers::plural;
use crate::report::run_folder_name;
use crate::shown;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// A plan, as it is shown.
#[derive(Debug, Serialize)]
pub(super) struct Sketch {
    name: String,
    file: String,
    target: TargetLine,
    seed: Option<u64>,
    crypto: String,
    keys: String,
    limits: Vec<String>,
    feeders: Vec<String>,
    parts: Vec<Part>,
    thresholds: Vec<String>,
    writes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct TargetLine {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    one_time_passwords: Option<String>,
}

/// Setup, a scenario, or teardown.
#[derive(Debug, Serialize)]
struct Part {
    name: String,
    when: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<String>,
    steps: Vec<StepLine>,
}

/// A step; or, of the kind `block`, when and how often those below it are played.
#[derive(Debug, Serialize)]
struct StepLine {
    name: String,
    kind: &'static str,
    /// How many blocks it stands in.
    depth: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

impl Sketch {
    /// Of a plan that would be played with these options, and of which this would be kept.
    pub(super) fn new(
        plan: &Plan,
        arguments: &ScenarioArguments,
        options: &RunOptions,
        kept: &KeptArguments,
    ) -> Self {
        let document = &plan.document;
        let once = |name: &str, flow: &Flow| Part {
            name: name.to_owned(),
            when: "once, one user".to_owned(),
            details: Vec::new(),
            steps: lines(flow),
        };
        let mut parts = Vec::new();
        if !plan.setup.is_empty() {
            parts.push(once("setup", &plan.setup));
        }
        parts.extend(plan.scenarios.iter().map(part));
        if !plan.teardown.is_empty() {
            parts.push(once("teardown", &plan.teardown));
        }
        let pool = options.keys.as_ref().or(plan.keys.pool.as_ref());
        let folder = kept.reports.join(run_folder_name("<time>", &plan.name));
        let formats = kept.formats();
        let formats = formats.iter().filter(|_| !kept.no_report);
        let mut writes: Vec<String> = formats
            .map(|format| folder.join(format.file).display().to_string())
            .collect();
        if plan.needs_vault() {
            writes.push(arguments.vault().display().to_string());
        }
        Self {
            name: plan.name.clone(),
            file: plan.file.display().to_string(),
            target: target(plan),
            seed: arguments.seed(plan),
            crypto: arguments.backend(plan).in_words().to_owned(),
            keys: pool.map_or_else(
                || "each generated".to_owned(),
                |pool| format!("from {}", pool.display()),
            ),
            limits: plan
                .limits
                .iter()
                .chain(&options.limits)
                .map(limit)
                .collect(),
            feeders: document.feeders.as_ref().map(feeders).unwrap_or_default(),
            parts,
            thresholds: plan
                .thresholds
                .iter()
                .map(|planned| {
                    let aborts = planned.abort_after.map_or("", |_| ", or the run ends");
                    format!("{}{aborts}", planned.threshold)
                })
                .collect(),
            writes,
        }
    }

    pub(super) fn show(&self, format: Format) -> String {
        match format {
            Format::Json => {
                let json = serde_json::to_string_pretty(self);
                json.map_or_else(|error| error.to_string(), |json| shown::json(json) + "\n")
            }
            Format::Text => {
                let mut out = String::new();
                // Writing to a string never fails.
                let _ = self.write(&mut out);
                out
            }
        }
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out)?;
        row(out, format_args!("  {}, from {}", self.name, self.file))?;
        writeln!(out)?;
        let TargetLine {
            name,
            api_url,
            gateway_url,
            one_time_passwords,
        } = &self.target;
        match api_url {
            None => row(out, format_args!("  target      {name}, in this process"))?,
            Some(url) => row(out, format_args!("  target      {name} at {url}"))?,
        }
        if let Some(url) = gateway_url {
            row(out, format_args!("  gateway     {url}"))?;
        }
        if let Some(source) = one_time_passwords {
            row(out, format_args!("  codes       from {source}"))?;
        }
        match self.seed {
            Some(seed) => writeln!(out, "  seed        {seed}")?,
            None => writeln!(out, "  seed        random")?,
        }
        row(out, format_args!("  crypto      {}", self.crypto))?;
        row(out, format_args!("  keys        {}", self.keys))?;
        for limit in &self.limits {
            row(out, format_args!("  limit       {limit}"))?;
        }
        for feeder in &self.feeders {
            row(out, format_args!("  feeder      {feeder}"))?;
        }
        for part in &self.parts {
            part.write(out)?;
        }
        if !self.thresholds.is_empty() {
            writeln!(out, "\n  it fails unless")?;
            for threshold in &self.thresholds {
                row(out, format_args!("    {threshold}"))?;
            }
        }
        writeln!(out, "\n  it would write")?;
        for file in &self.writes {
            row(out, format_args!("    {file}"))?;
        }
        writeln!(out, "\n  nothing was sent, and nothing was written")
    }
}

impl Part {
    fn write(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out)?;
        row(out, format_args!("  {}: {}", self.name, self.when))?;
        for detail in &self.details {
            row(out, format_args!("    {detail}"))?;
        }
        let mut number = 0;
        for StepLine {
            name,
            kind,
            depth,
            notes,
        } in &self.steps
        {
            let indent = "  ".repeat(*depth);
            if *kind == BLOCK {
                row(out, format_args!("        {indent}{name}"))?;
                continue;
            }
            number += 1;
            let mut line = format!("    {number:>2}. {indent}{name}");
            if name != kind {
                write!(line, " ({kind})")?;
            }
            for note in notes {
                write!(line, ", {note}")?;
            }
            row(out, format_args!("{line}"))?;
        }
        Ok(())
    }
}

/// A line of text, whatever is in it.
fn row(out: &mut String, text: std::fmt::Arguments<'_>) -> std::fmt::Result {
    writeln!(out, "{}", shown::line(&text.to_string()))
}

fn target(plan: &Plan) -> TargetLine {
    let file = plan.target.environment();
    TargetLine {
        name: plan.target.preview().name.clone(),
        api_url: file.map(|target| target.api_url.to_string()),
        gateway_url: file.map(|target| target.gateway_url.to_string()),
        one_time_passwords: file.map(|target| target.otp.kind().to_owned()),
    }
}

fn part(scenario: &PlannedScenario) -> Part {
    let (executor, timing) = (&scenario.executor, scenario.timing);
    let model = match executor.model() {
        Model::Closed => "closed model: a waiting user sends no further requests",
        Model::Open => "open model: iterations start when they are due, however slow the target is",
    };
    let mut details = vec![model.to_owned(), extent(executor.extent())];
    if !timing.start_time.is_zero() {
        details.push(format!(
            "starts after {}",
            format_duration(timing.start_time)
        ));
    }
    if !timing.warmup.is_zero() {
        let warmup = format_duration(timing.warmup);
        details.push(format!("the first {warmup} are warm-up"));
    }
    if !scenario.feed.is_empty() {
        details.push(format!(
            "each iteration has a row of {}",
            scenario.feed.join(", ")
        ));
    }
    Part {
        name: scenario.name.to_string(),
        when: executor.describe(),
        details,
        steps: lines(&scenario.flow),
    }
}

fn extent(extent: Extent) -> String {
    let mut text = match extent.iterations {
        Some(iterations) => plural(iterations, "iteration", "iterations"),
        None => "as many iterations as there is time for".to_owned(),
    };
    if let Some(duration) = extent.duration {
        let _ = write!(text, " in {}", format_duration(duration));
    }
    let users = plural(extent.max_vus, "user", "users");
    let _ = write!(text, ", at most {users} at once");
    text
}

/// The kind of a line that stands for a block.
const BLOCK: &str = "block";

fn lines(flow: &Flow) -> Vec<StepLine> {
    let outline = flow.outline();
    let mut next = outline
        .iter()
        .skip(1)
        .map(|(depth, _)| Some(*depth))
        .chain([None]);
    let mut lines = Vec::new();
    for (depth, line) in &outline {
        // One that has steps ends as it does in the file.
        let has_steps = next.next().flatten().is_some_and(|next| next > *depth);
        let (name, kind, notes) = match line {
            OutlineLine::Step(step) => (step.label.to_string(), step.kind, step.remarks()),
            OutlineLine::Block(words) if has_steps => (format!("{words}:"), BLOCK, Vec::new()),
            OutlineLine::Block(words) => (words.clone(), BLOCK, Vec::new()),
            OutlineLine::Skipped(name) => (format!("not played: {name}"), BLOCK, Vec::new()),
        };
        lines.push(StepLine {
            name,
            kind,
            depth: *depth,
            notes,
        });
    }
    lines
}

fn limit(rule: &LimitRule) -> String {
    let rate = rule.rate.each_second();
    let whose = match &rule.scope {
        LimitScope::Run => "all requests".to_owned(),
        LimitScope::Scenario(name) => format!("the requests of {name}"),
        LimitScope::Endpoint(pattern) => format!("requests to {pattern}"),
    };
    format!("{rate}/s for {whose}, {} at once", rule.burst)
}

fn feeders(node: &Node) -> Vec<String> {
    let feeder = |name: &str, node: &Node| {
        let settings = node.entries().map(|(key, value)| match value.scalar() {
            Some(text) => format!("{} {}", key.text, text.text),
            None => key.text.clone(),
        });
        format!("{name}: {}", settings.collect::<Vec<_>>().join(", "))
    };
    let entries = node.entries();
    entries
        .map(|(name, node)| feeder(&name.text, node))
        .collect()
}
