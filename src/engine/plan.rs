//! A run before it starts: everything that can be wrong in the files is found
//! here, before a byte is sent.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::executor::{self, EXECUTORS, Executor, Overrides};
use super::feed::Feeders;
use super::keys::{self, PlannedKeys};
use super::limits;
use super::target::{LoadedTarget, TargetArguments, TargetChoice};
use super::thresholds::{PlannedThreshold, plan_thresholds};
use super::ticker::Tripwire;
use crate::crypto::CryptoBackend;
use crate::http::LimitRule;
use crate::otp::{OtpSource, SOURCES};
use crate::scenario::{
    self, Context, Document, Fields, Known, Layers, LayersError, Node, OtpDoc, Problem, Problems,
    ScenarioDoc, Source, StepDoc, Target,
};
use crate::steps::{self, PlannedStep, STEPS};

/// How long iterations under way may go on once no further one starts; k6 has
/// the same default.
pub(super) const GRACEFUL_STOP: Duration = Duration::from_secs(30);

/// A scenario file that was read, checked and turned into things that play.
pub struct Plan {
    /// Path of the file as given.
    pub file: PathBuf,
    /// Name of the plan.
    pub name: String,
    /// Variables, as templates.
    pub document: Document,
    /// Played once before all scenarios.
    pub setup: Arc<[PlannedStep]>,
    /// What is played.
    pub scenarios: Vec<PlannedScenario>,
    /// Played once after all scenarios.
    pub teardown: Arc<[PlannedStep]>,
    /// Ceilings on requests.
    pub limits: Vec<LimitRule>,
    /// Where the key pairs of those who register come from.
    pub keys: PlannedKeys,
    /// Rows of data, with who gets which.
    pub feeders: Feeders,
    /// What decides over the exit code.
    pub thresholds: Vec<PlannedThreshold>,
    /// Where the traffic goes.
    pub choice: TargetChoice,
    /// The target, unless it is the simulator in this process.
    pub target: Option<Target>,
    /// Changes to the simulator in this process.
    pub(super) over_simulator: Option<Layers>,
    /// What the target will be like: the simulator's addresses and ids are not
    /// known before it runs.
    pub preview: Option<Target>,
    /// The files that all this was read from.
    pub files: Vec<PathBuf>,
}

/// One scenario of a plan.
pub struct PlannedScenario {
    /// Its name.
    pub name: Arc<str>,
    /// When its iterations start.
    pub executor: Box<dyn Executor>,
    /// Feeders of which each iteration has a row.
    pub feed: Vec<Arc<str>>,
    /// What an iteration is.
    pub steps: Arc<[PlannedStep]>,
    /// When it starts and how it ends.
    pub timing: Timing,
}

/// When a scenario starts and how it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// From the start of the run.
    pub start_time: Duration,
    /// Iterations that start in this time are told apart as warm-up.
    pub warmup: Duration,
    /// How long iterations under way may go on after the scenario's end.
    pub graceful_stop: Duration,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A file cannot be read.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A file says things that cannot be.
    #[error("{} has problems", file.name())]
    Problems {
        /// The file.
        file: Source,
        /// All of them.
        problems: Problems,
    },
    /// Several files of one target, or what the command line sets, say things
    /// that cannot be.
    #[error("the target's files have problems")]
    Targets(Vec<(Source, Problems)>),
    /// `--var` names a variable that the file does not have.
    #[error(transparent)]
    Variable(#[from] scenario::UnknownVariable),
}

impl From<LayersError> for PlanError {
    fn from(error: LayersError) -> Self {
        match error {
            LayersError::Unreadable { path, reason } => Self::Unreadable { path, reason },
            LayersError::Problems(mut files) => match files.pop() {
                Some((file, problems)) if files.is_empty() => Self::Problems { file, problems },
                last => {
                    files.extend(last);
                    Self::Targets(files)
                }
            },
        }
    }
}

impl Plan {
    /// Whose cryptography the target asks for.
    pub fn crypto_backend(&self) -> Option<CryptoBackend> {
        self.preview.as_ref()?.crypto_backend
    }

    /// Reads a scenario file, and the target's file if it has one.
    ///
    /// # Errors
    /// With all problems of the file at once.
    pub fn load(
        file: &Path,
        target: Option<&str>,
        overrides: Overrides,
        vars: &[(String, String)],
    ) -> Result<Self, PlanError> {
        let target = TargetArguments {
            targets: target.map(str::to_owned).into_iter().collect(),
            ..TargetArguments::default()
        };
        Self::load_on(file, &target, overrides, vars)
    }

    /// Reads a scenario file, and the files that make its target.
    ///
    /// # Errors
    /// With all problems of the file at once.
    pub fn load_on(
        file: &Path,
        over: &TargetArguments,
        overrides: Overrides,
        vars: &[(String, String)],
    ) -> Result<Self, PlanError> {
        let target = over.targets.first().map(String::as_str);
        let source = read(file)?;
        let known = Known {
            steps: &STEPS.iter().map(|kind| kind.name).collect::<Vec<_>>(),
            executors: &EXECUTORS.iter().map(|kind| kind.name).collect::<Vec<_>>(),
        };
        let (document, mut problems) = scenario::parse(&source, &known);
        let Some(mut document) = document else {
            return Err(PlanError::Problems {
                file: source,
                problems,
            });
        };
        let here = Path::new("");
        let folder = file.parent().unwrap_or(here);
        let choice = match (target, &document.target) {
            (Some(given), _) => TargetChoice::parse(given, here),
            (None, Some(written)) => TargetChoice::parse(&written.text, folder),
            (None, None) => TargetChoice::Simulator,
        };
        let mut cx = Context::new(&mut problems, &document);
        let setup = plan_steps(&document.setup, &mut cx).unwrap_or_default();
        let feeders = Feeders::read(&document, folder, &mut problems);
        let mut scenarios = Vec::new();
        for scenario in &document.scenarios {
            let mut cx = after_setup(&document, &mut problems);
            for name in &scenario.feed {
                cx.declare(&name.text);
            }
            scenarios.extend(plan_scenario(scenario, overrides, &mut cx));
        }
        let mut cx = after_setup(&document, &mut problems);
        let teardown = plan_steps(&document.teardown, &mut cx).unwrap_or_default();
        let limits = limits::read(&document, &mut problems);
        let keys = keys::read(&document, folder, &mut problems);
        let thresholds = plan_thresholds(&document, &mut problems);
        if !problems.is_empty() {
            return Err(PlanError::Problems {
                file: source,
                problems,
            });
        }
        for (name, value) in vars {
            document.set_variable(name, value)?;
        }
        let check_otp = |otp: &OtpDoc, cx: &mut Context<'_>| drop(plan_otp_source(otp, cx));
        let (loaded, target_files) = over.load(&choice, check_otp)?;
        let mut files = vec![file.to_owned()];
        files.extend(target_files);
        files.extend(feeder_files(&document, folder));
        let (target, over_simulator, preview) = match loaded {
            LoadedTarget::Simulator => (None, None, None),
            LoadedTarget::Changed(layers, preview) => (None, Some(layers), Some(*preview)),
            LoadedTarget::Environment(target) => (Some((*target).clone()), None, Some(*target)),
        };
        Ok(Self {
            file: file.to_owned(),
            name: document.name.clone(),
            setup: setup.into(),
            scenarios,
            teardown: teardown.into(),
            limits,
            keys,
            feeders,
            thresholds,
            target,
            over_simulator,
            preview,
            files,
            choice,
            document,
        })
    }

    /// The same with one user who plays one iteration of each scenario in which
    /// `wanted` finds something to play, and nothing to be judged by.
    #[must_use]
    pub fn once(mut self, wanted: impl Fn(&str) -> bool) -> Self {
        let has = |steps: &[PlannedStep]| steps.iter().any(|step| wanted(&step.label));
        if !has(&self.setup) && !has(&self.teardown) {
            self.scenarios.retain(|scenario| has(&scenario.steps));
        }
        for scenario in &mut self.scenarios {
            scenario.executor = executor::once();
            scenario.timing.start_time = Duration::ZERO;
            scenario.timing.warmup = Duration::ZERO;
        }
        self.thresholds.clear();
        self
    }

    /// What reports call the steps, each once, in the order of the file.
    pub fn step_names(&self) -> Vec<&str> {
        let scenarios = self.scenarios.iter().flat_map(|scenario| &*scenario.steps);
        let all = self.setup.iter().chain(scenarios).chain(&*self.teardown);
        let mut names = Vec::new();
        for step in all {
            if !names.contains(&&*step.label) {
                names.push(&*step.label);
            }
        }
        names
    }

    /// Whether any step saves or reads credentials.
    pub fn needs_vault(&self) -> bool {
        let scenarios = self
            .scenarios
            .iter()
            .flat_map(|scenario| scenario.steps.iter());
        scenarios
            .chain(self.setup.iter())
            .chain(self.teardown.iter())
            .any(PlannedStep::needs_vault)
            || self.feeders.need_vault()
    }

    /// The seed that the file names, if it does.
    pub fn seed(&self) -> Option<u64> {
        self.document.seed
    }

    /// Thresholds that end the run early.
    pub fn tripwires(&self) -> Vec<Tripwire> {
        let thresholds = self.thresholds.iter();
        let wires = thresholds.filter_map(|planned| {
            Some(Tripwire {
                threshold: planned.threshold.clone(),
                delay: planned.abort_after?,
            })
        });
        wires.collect()
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

pub(super) fn read(file: &Path) -> Result<Source, PlanError> {
    Source::read(file).map_err(|error| PlanError::Unreadable {
        path: file.to_owned(),
        reason: error.to_string(),
    })
}

/// A context in which what setup captures is there.
fn after_setup<'a>(document: &'a Document, problems: &'a mut Problems) -> Context<'a> {
    let mut cx = Context::new(problems, document);
    document.set_up().for_each(|name| cx.declare(name));
    cx
}

/// Every step is read, so that all problems are told at once.
fn plan_steps(documents: &[StepDoc], cx: &mut Context<'_>) -> Option<Vec<PlannedStep>> {
    let steps: Vec<Option<PlannedStep>> = documents
        .iter()
        .map(|step| steps::compile(step, cx))
        .collect();
    steps.into_iter().collect()
}

fn plan_scenario(
    document: &ScenarioDoc,
    overrides: Overrides,
    cx: &mut Context<'_>,
) -> Option<PlannedScenario> {
    let played = plan_executor(document, overrides, cx);
    let steps = plan_steps(&document.steps, cx);
    let (timing, executor) = played?;
    Some(PlannedScenario {
        name: document.name.text.as_str().into(),
        executor,
        feed: document
            .feed
            .iter()
            .map(|name| name.text.as_str().into())
            .collect(),
        steps: steps?.into(),
        timing,
    })
}

/// Reads when iterations start: everything in a scenario but its steps.
pub(super) fn plan_executor(
    document: &ScenarioDoc,
    overrides: Overrides,
    cx: &mut Context<'_>,
) -> Option<(Timing, Box<dyn Executor>)> {
    let name = &document.executor;
    // An unknown executor was reported; its settings mean nothing then.
    let kind = EXECUTORS
        .iter()
        .find(|kind| kind.name == name.text.as_str())?;
    let what = format!("a `{}` scenario", name.text);
    let mut fields = Fields::open(&document.settings, &what, cx)?;
    let timing = Timing::read(&mut fields, cx);
    let executor = (kind.compile)(&mut fields, name, overrides, cx);
    fields.finish(cx);
    Some((timing, executor?))
}

impl Timing {
    fn read(fields: &mut Fields<'_>, cx: &mut Context<'_>) -> Self {
        Self {
            start_time: fields.optional("start_time", cx).unwrap_or_default(),
            warmup: fields.optional("warmup", cx).unwrap_or_default(),
            graceful_stop: fields
                .optional("graceful_stop", cx)
                .unwrap_or(GRACEFUL_STOP),
        }
    }
}

/// The source of one-time passwords that a target names. Problems go to the
/// context, and there is at least one when the result is `None`.
pub(super) fn plan_otp_source(
    document: &OtpDoc,
    cx: &mut Context<'_>,
) -> Option<Box<dyn OtpSource>> {
    let name = document.source.text.as_str();
    if let Some(kind) = SOURCES.iter().find(|kind| kind.name == name) {
        return (kind.compile)(&document.arguments, cx);
    }
    let known: Vec<_> = SOURCES.iter().map(|kind| kind.name).collect();
    let what = "source of one-time passwords";
    cx.push(Problem::unknown(&document.source, what, &known));
    None
}
