//! The engine with steps that are test doubles: when iterations start, how
//! many there are, how they end.
//!
//! They run on tokio's paused clock, so that every time is exact and no test
//! waits. A few look at the thread of open models, in real time: of those,
//! counts are exact and times are not looked at.

mod closed;
mod open;
mod phases;
mod ramping;
mod rates;
mod reproducible;
mod stopping;
mod watching;

use std::sync::Arc;
use std::time::Duration;

use minijinja::Value;
use parking_lot::Mutex;

use super::executor::EXECUTORS;
use super::planned_scenario::plan_executor;
use super::progress::Progress;
use super::run::RunContext;
use super::thresholds::{Names, plan_thresholds};
use super::{Counts, Flow, Observer, Overrides, Plan, PlannedScenario, RunEvent, Stop};
use crate::clock::Clock;
use crate::crypto::ClientCrypto;
use crate::document::{Document, Known, ReadContext, parse};
use crate::expression::TextTemplate;
use crate::http::{Client, ClientSettings};
use crate::icure::{Platform, PlatformSettings};
use crate::language::{Environment, Node, Permissions, Read, Source};
use crate::metrics::{
    Counter, Meter, Metric, Phase, Recorder, Row, Snapshot, StepContext, TagKey, Tags,
};
use crate::otp::{Access, Dispatcher, News, OtpSource, PushSource};
use crate::record::Tripwires;
use crate::steps::{PlannedStep, Services, Step, StepError, VirtualUser};
use crate::target::{Target, TargetArguments, TargetChoice};
use crate::trace_context::{Sampler, Sampling};

const SECOND: Duration = Duration::from_secs(1);

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// An iteration as the double saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Play {
    scenario: String,
    phase: Phase,
    vu: u64,
    iteration: u64,
    /// From the start of the scenarios; zero in setup.
    start: Duration,
    name: String,
}

/// What becomes of a play.
#[derive(Clone, Copy)]
enum Act {
    /// Good after this time.
    Take(Duration),
    Fail,
    /// Never ends by itself.
    Hang,
}

/// A step that notes when it is played.
struct Double {
    log: Arc<Mutex<Vec<Play>>>,
    progress: Arc<Progress>,
    act: Arc<dyn Fn(&Play) -> Act + Send + Sync>,
    facts: TextTemplate,
}

impl Step for Double {
    fn play<'a>(
        &'a self,
        user: &'a mut VirtualUser,
        cx: StepContext<'a>,
    ) -> crate::steps::Played<'a> {
        let facts = self.facts.render(&user.scope).unwrap();
        let facts: Vec<String> = facts.split('|').map(Into::into).collect();
        let play = Play {
            scenario: facts[0].clone(),
            phase: cx.phase,
            vu: facts[1].parse().unwrap(),
            iteration: facts[2].parse().unwrap(),
            name: facts[3].clone(),
            start: self.progress.scenarios_elapsed().unwrap_or_default(),
        };
        self.log.lock().push(play.clone());
        Box::pin(async move {
            match (self.act)(&play) {
                Act::Take(time) => tokio::time::sleep(time).await,
                Act::Fail => return Err(StepError::NotAuthenticated),
                Act::Hang => std::future::pending().await,
            }
            Ok(Value::UNDEFINED)
        })
    }
}

/// A mailbox in which nothing arrives.
#[derive(Debug)]
struct Quiet;

impl OtpSource for Quiet {
    fn kind(&self) -> &'static str {
        "test"
    }

    fn connect<'a>(&'a self, _: &'a Clock) -> crate::otp::Reply<'a, Access> {
        Box::pin(async { Ok(Access::Watched(Box::new(Self))) })
    }
}

impl PushSource for Quiet {
    fn next(&mut self) -> crate::otp::Reply<'_, News> {
        Box::pin(std::future::pending())
    }
}

/// Reads `text`, whose steps are all `double`.
fn read(text: &str) -> Document {
    let executors: Vec<&str> = EXECUTORS.iter().map(|kind| kind.name).collect();
    let known = Known {
        beside: crate::steps::BESIDE_NAMES,
        steps: &["double"],
        blocks: &[],
        executors: &executors,
    };
    let source = Source::new("test.yaml", text);
    let (document, cx) = parse(
        &source,
        &known,
        &Environment::default().with(Permissions::all()),
    );
    assert!(cx.problems.is_empty(), "{}", cx.problems);
    document.unwrap()
}

/// A run in the making.
struct World {
    clock: Clock,
    text: String,
    act: Arc<dyn Fn(&Play) -> Act + Send + Sync>,
    stop: Stop,
    progress: Arc<Progress>,
    counts: Arc<Mutex<Counts>>,
    seed: u64,
    graceful_stop: Option<Duration>,
    fail_fast: bool,
}

/// What became of it.
struct Ended {
    plays: Vec<Play>,
    snapshot: Snapshot,
    took: Duration,
    counts: Counts,
    stop: Stop,
    rows: Vec<Row>,
    /// How often the watcher was told what it recorded itself.
    told: u64,
}

impl World {
    /// One scenario `s` of one step, with these settings, whose iterations do
    /// what `act` says.
    fn new(settings: &str, act: impl Fn(&Play) -> Act + Send + Sync + 'static) -> Self {
        Self::of(
            &format!("scenarios: {{s: {{{settings}, steps: [double]}}}}"),
            act,
        )
    }

    /// A whole file.
    fn of(text: &str, act: impl Fn(&Play) -> Act + Send + Sync + 'static) -> Self {
        let clock = Clock::paused();
        Self {
            progress: Arc::new(Progress::new(&clock)),
            counts: Arc::default(),
            clock,
            text: text.to_owned(),
            act: Arc::new(act),
            stop: Stop::new(),
            seed: 1,
            graceful_stop: None,
            fail_fast: false,
        }
    }

    /// With the thread that open models have outside tests.
    fn in_real_time(mut self) -> Self {
        self.clock = Clock::real();
        self.progress = Arc::new(Progress::new(&self.clock));
        self
    }

    fn seeded(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    fn plan(&self, document: Document, log: &Arc<Mutex<Vec<Play>>>) -> Plan {
        let steps = |list: Option<&Node>| -> Arc<Flow> {
            let count = list.map_or(0, |list| list.items().len());
            let double = || {
                let facts = "{{ scenario }}|{{ vu }}|{{ iteration }}|{{ fake.name() }}";
                let mut cx = ReadContext::default();
                cx.begin_setup(&document);
                Double {
                    log: Arc::clone(log),
                    progress: Arc::clone(&self.progress),
                    act: Arc::clone(&self.act),
                    facts: TextTemplate::read(&Node::text(facts), &mut cx).unwrap(),
                }
            };
            let steps = (0..count).map(|_| PlannedStep::double("double", Box::new(double())));
            Flow::of(steps).into()
        };
        let mut cx = ReadContext::default();
        let mut scenarios = Vec::new();
        for scenario in &document.scenarios {
            cx.begin_setup(&document);
            let planned = plan_executor(scenario, Overrides::default(), &mut cx).unwrap();
            scenarios.push(PlannedScenario {
                name: scenario.name.text.as_str().into(),
                executor: planned.executor,
                feed: Vec::new(),
                flow: steps(scenario.steps.as_ref()),
                timing: planned.timing,
                connections: planned.connections,
            });
        }
        let thresholds = plan_thresholds(&document, &Names::default(), &mut cx.problems);
        let thresholds = thresholds.into_iter().map(|(_, threshold)| threshold);
        assert!(cx.problems.is_empty(), "{}", cx.problems);
        let simulator = TargetArguments::default().load(
            &TargetChoice::Simulator,
            &Environment::default().with(Permissions::all()),
        );
        Plan {
            keys: super::PlannedKeys::default(),
            file: "test.yaml".into(),
            name: document.name.clone(),
            setup: steps(document.setup.as_ref()),
            teardown: steps(document.teardown.as_ref()),
            scenarios,
            skipped: Vec::new(),
            limits: Vec::new(),
            feeders: crate::engine::feed::Feeders::default(),
            thresholds: thresholds.collect(),
            target: simulator.unwrap().0,
            files: Vec::new(),
            document,
        }
    }

    /// Plays it to its end.
    async fn play(self) -> Ended {
        let log = Arc::default();
        let plan = self.plan(read(&self.text), &log);
        let services = Arc::new(services(&self.clock).await);
        let target = services.platform.target();
        let globals = plan
            .document
            .globals(&target.values(), self.seed, &self.clock)
            .unwrap();
        let context = RunContext {
            workers: super::workers::Workers::default(),
            clock: self.clock,
            services: Arc::clone(&services),
            errors: Arc::default(),
            log: Arc::default(),
            skips: Arc::default(),
            progress: Arc::clone(&self.progress),
            seed: self.seed,
            graceful_stop: self.graceful_stop,
            fail_fast: self.fail_fast,
            slowest: Mutex::default(),
            sampler: Arc::new(Sampler::new(Sampling::default())),
        };
        let mut watcher = Watcher {
            rows: Vec::new(),
            told: 0,
            counts: Arc::clone(&self.counts),
            tripwires: Tripwires::new(&plan.thresholds, &self.stop),
        };
        let played = Box::pin(context.play(&plan, globals, &self.stop, &mut watcher)).await;
        let plays = std::mem::take(&mut *log.lock());
        Ended {
            plays,
            snapshot: services.recorder.snapshot(played.windows),
            took: played.took,
            counts: *self.counts.lock(),
            stop: self.stop,
            rows: watcher.rows,
            told: watcher.told,
        }
    }
}

async fn services(clock: &Clock) -> Services {
    let recorder = Recorder::new();
    let http = Client::new(ClientSettings {
        tls: crate::http::TlsSettings::default(),
        connections: crate::http::ConnectionSettings::default(),
        network: crate::http::NetworkSettings::default(),
        memory: None,
        listener: None,
        connect_timeout: SECOND,
        request_timeout: SECOND,
        max_body: 1 << 20,
        limits: None,
        recorder: recorder.clone(),
        clock: clock.clone(),
    });
    let nowhere: url::Url = "http://127.0.0.1:9/".parse().unwrap();
    let settings = PlatformSettings {
        target: Target::new(nowhere.clone(), nowhere, Arc::new(Quiet)),
        first_login_attempts: 1,
        first_login_pause: Duration::ZERO,
        crypto: ClientCrypto::default(),
    };
    let mailbox = Dispatcher::start(&Quiet, clock).await.unwrap();
    let platform = Platform::new(http.unwrap(), settings);
    Services::new(platform, mailbox, None, recorder)
}

/// Keeps the time series, and records something itself in the moment between
/// two intervals.
struct Watcher {
    rows: Vec<Row>,
    told: u64,
    counts: Arc<Mutex<Counts>>,
    tripwires: Tripwires,
}

impl Observer for Watcher {
    fn hear(&mut self, event: &RunEvent<'_>) {
        let RunEvent::Tick(tick) = event else {
            return;
        };
        self.rows.push(tick.row.clone());
        for (_, series) in tick.measured {
            if series.metric == Metric::DataSent {
                self.told += series.measure.count();
            }
        }
        Meter::new(tick.recorder.clone(), Tags::new()).record(Counter::DATA_SENT, &[], 1);
        *self.counts.lock() = tick.counts;
        self.tripwires.look(tick);
    }
}

impl Ended {
    /// Sum of a counter over the series that have these tags.
    fn count(&self, metric: Metric, tags: &[(TagKey, &str)]) -> u64 {
        self.snapshot.count(metric, tags)
    }

    fn iterations(&self, outcome: &str) -> u64 {
        self.count(Metric::Iterations, &[(TagKey::Outcome, outcome)])
    }

    fn dropped(&self, why: &str) -> u64 {
        self.count(Metric::DroppedIterations, &[(TagKey::Kind, why)])
    }

    /// Good, failed, cut and dropped ones: what was due.
    fn due(&self) -> u64 {
        self.count(Metric::Iterations, &[]) + self.count(Metric::DroppedIterations, &[])
    }

    /// When the iterations of a user started.
    fn starts_of(&self, vu: u64) -> Vec<Duration> {
        let plays = self.plays.iter().filter(|play| play.vu == vu);
        plays.map(|play| play.start).collect()
    }

    fn threshold(&self, selector: &str, condition: &str) -> (bool, String) {
        let threshold = crate::metrics::Threshold::parse(selector, condition).unwrap();
        let verdict = threshold.judge(&self.snapshot);
        (verdict.passed, verdict.seen)
    }
}

/// Problems of a scenario with these settings.
fn problems(settings: &str) -> String {
    let document = read(&format!(
        "scenarios: {{s: {{{settings}, steps: [double]}}}}"
    ));
    let mut cx = ReadContext::default();
    cx.begin_setup(&document);
    plan_executor(&document.scenarios[0], Overrides::default(), &mut cx);
    cx.problems.to_string()
}
