//! A run before it starts: everything that can be wrong in the files is found
//! here, before a byte is sent.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::executor::{self, Overrides};
use super::feed::Feeders;
use super::flow::Flow;
use super::keys::PlannedKeys;
use super::parsed_plan::{ParsedPlan, check_hosts};
use super::planned_scenario::PlannedScenario;
use super::selection::{Selection, SkipReason};
use super::thresholds::PlannedThreshold;
use crate::crypto::CryptoBackend;
use crate::document::{self, Document};
use crate::http::{LimitRule, LimitScope};
use crate::language::{Environment, FilesError, Node, Source};
use crate::steps::PlannedStep;
use crate::target::{PlannedTarget, TargetArguments, TargetChoice};
use crate::trace_context::Sampling;

/// A scenario file that was read, checked and turned into things that play.
pub struct Plan {
    /// Path of the file as given.
    pub file: PathBuf,
    /// Name of the plan.
    pub name: String,
    /// Variables, as templates.
    pub document: Document,
    /// Played once before all scenarios.
    pub setup: Arc<Flow>,
    /// What is played.
    pub scenarios: Vec<PlannedScenario>,
    /// Scenarios of the file that are not played, and why.
    pub skipped: Vec<(String, SkipReason)>,
    /// Played once after all scenarios.
    pub teardown: Arc<Flow>,
    /// Ceilings on requests.
    pub limits: Vec<LimitRule>,
    /// Where the key pairs of those who register come from.
    pub keys: PlannedKeys,
    /// Rows of data, with who gets which.
    pub feeders: Feeders,
    /// What decides over the exit code.
    pub thresholds: Vec<PlannedThreshold>,
    /// Where the traffic goes.
    pub target: PlannedTarget,
    /// The files that all this was read from.
    pub files: Vec<PathBuf>,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A file cannot be read, or says things that cannot be.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// Every scenario is left out.
    #[error("no scenario of {} is played: all are left out by tags, `only` or `skip`", .0.display())]
    NothingSelected(PathBuf),
    /// `--var` names a variable that the file does not have.
    #[error(transparent)]
    Variable(#[from] document::UnknownVariable),
}

impl Plan {
    /// Whose cryptography the target asks for.
    pub fn crypto_backend(&self) -> Option<CryptoBackend> {
        self.target.preview().crypto_backend
    }

    /// Of a scenario file that was read, and the files that make its target:
    /// paths in it are relative to the folder that its name has.
    ///
    /// # Errors
    /// With all problems of the file at once.
    pub fn of_source(
        source: &Source,
        environment: &Environment,
        over: &TargetArguments,
        overrides: Overrides,
        vars: &[(String, String)],
        selection: &Selection,
    ) -> Result<Self, PlanError> {
        let file = Path::new(source.name());
        let given = over.targets.first().map(String::as_str);
        // A target of the command line says what the scenario may read; what is
        // wrong with it is told after what is wrong with the scenario.
        let own = given.map(|given| {
            let choice = TargetChoice::parse(given, Path::new(""));
            over.load(&choice, environment)
        });
        let named = own.as_ref().and_then(|own| own.as_ref().ok());
        let named = named.map_or(&[][..], |(target, _)| &target.preview().env);
        let environment = &environment.clone().permitting(named);
        let (parsed, mut cx) = ParsedPlan::read(source, given, overrides, selection, environment);
        let parsed = match parsed {
            Some(parsed) if cx.problems.is_empty() => parsed,
            _ => return Err(FilesError::problems(cx.files.sources, cx.problems).into()),
        };
        let ParsedPlan {
            mut document,
            choice,
            setup,
            scenarios,
            skipped,
            teardown,
            mut limits,
            keys,
            feeders,
            thresholds,
        } = parsed;
        if scenarios.is_empty() {
            return Err(PlanError::NothingSelected(file.to_owned()));
        }
        for (name, value) in vars {
            document.set_variable(name, value)?;
        }
        let (target, target_files) = own.unwrap_or_else(|| over.load(&choice, environment))?;
        check_hosts(target.preview(), &mut cx);
        if !cx.problems.is_empty() {
            return Err(FilesError::problems(cx.files.sources, cx.problems).into());
        }
        let mut files = vec![file.to_owned()];
        files.extend(cx.files.included().map(Path::to_owned));
        files.extend(target_files);
        // What the target says no scenario lifts: a request waits for all limits.
        limits.extend(target.preview().max_rate.map(|rate| LimitRule {
            scope: LimitScope::Run,
            rate,
            burst: NonZeroU32::MIN,
        }));
        let folder = file.parent().unwrap_or(Path::new(""));
        files.extend(feeder_files(&document, folder));
        Ok(Self {
            file: file.to_owned(),
            name: document.name.clone(),
            setup: setup.into(),
            scenarios,
            skipped: skipped
                .into_iter()
                .map(|(scenario, why)| (scenario.name.to_string(), why))
                .collect(),
            teardown: teardown.into(),
            limits,
            keys,
            feeders,
            thresholds,
            target,
            files,
            document,
        })
    }

    /// The same with one user who plays one iteration of each scenario, judged by
    /// those thresholds that one iteration can meet.
    #[must_use]
    pub fn once(mut self) -> Self {
        for scenario in &mut self.scenarios {
            scenario.executor = executor::once();
            scenario.timing.start_time = Duration::ZERO;
            scenario.timing.warmup = Duration::ZERO;
        }
        self.thresholds
            .retain(|planned| planned.threshold.condition.is_of_any_load());
        self
    }

    /// The same with those scenarios alone in which there is a step that is
    /// `wanted`, and nothing to be judged by.
    #[must_use]
    pub fn only(mut self, wanted: impl Fn(&str) -> bool) -> Self {
        let has = |flow: &Flow| flow.labels().iter().any(|label| wanted(label));
        if !has(&self.setup) && !has(&self.teardown) {
            self.scenarios.retain(|scenario| has(&scenario.flow));
        }
        self.thresholds.clear();
        self
    }

    /// What reports call the steps, each once, in the order of the file.
    pub fn step_names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for label in self.flows().flat_map(Flow::labels) {
            if !names.contains(&&**label) {
                names.push(&**label);
            }
        }
        names
    }

    /// Whether any step saves or reads credentials.
    pub fn needs_vault(&self) -> bool {
        self.flows().any(Flow::needs_vault) || self.feeders.need_vault()
    }

    /// How many new key pairs scenarios will ask for, as far as is known: a
    /// scenario that ends by time counts once for each user. One that is played
    /// once counts not at all, and measures the search where it happens.
    pub(super) fn keys_asked(&self) -> u64 {
        let asked = self.scenarios.iter().map(|scenario| {
            let mut in_iteration = 0;
            let mut count = |step: &PlannedStep| in_iteration += u64::from(step.needs_key());
            scenario.flow.each_step(&mut count);
            let extent = scenario.executor.extent();
            match extent.iterations.unwrap_or(extent.max_vus) {
                1 => 0,
                iterations => in_iteration.saturating_mul(iterations),
            }
        });
        asked.fold(0, u64::saturating_add)
    }

    /// Everything that is played.
    fn flows(&self) -> impl Iterator<Item = &Flow> {
        let scenarios = self.scenarios.iter().map(|scenario| &*scenario.flow);
        scenarios.chain([&*self.setup, &*self.teardown])
    }

    /// Trace sampling in `traceparent`: as given, or else as the file says.
    pub fn traceparent(&self, given: Option<Sampling>) -> Sampling {
        given.unwrap_or(self.document.traceparent)
    }

    /// The seed that the file names, if it does.
    pub fn seed(&self) -> Option<u64> {
        self.document.seed
    }
}

/// Files with rows, below the folder of a scenario file.
fn feeder_files(document: &Document, folder: &Path) -> Vec<PathBuf> {
    let feeders = document.feeders.iter().flat_map(Node::entries);
    let settings = feeders.flat_map(|(_, feeder)| feeder.entries());
    let files = settings.filter(|(key, _)| matches!(key.as_str(), "csv" | "json_lines"));
    let paths = files.filter_map(|(_, node)| Some(folder.join(&node.scalar()?.text)));
    paths.collect()
}
