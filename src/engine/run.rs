//! A run, from the target's start to its outcome.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use url::Url;

use super::ending::Ending;
use super::errors::{ErrorGroup, ErrorLog};
use super::event::{Observer, RunEvent};
use super::executor::{BoxFuture, Model};
use super::feed::{Feeders, Feeds};
use super::flow::Flow;
use super::keys::PlannedKeys;
use super::log::{Log, LogItem};
use super::part::Part;
use super::phase::{PhaseMeters, ScenarioMeters};
use super::plan::Plan;
use super::planned_scenario::{GRACEFUL_STOP, PlannedScenario};
use super::progress::Progress;
use super::skips::{SkipGroup, SkipLog};
use super::slowest::{SlowIteration, Slowest};
use super::stop::{Stop, StopReason};
use super::ticker::{Ticker, Told};
use super::vu::{Shared, VuGroup};
use super::workers::Workers;
use crate::clock::{Busy, CENTURY, Clock};
use crate::crypto::{ClientCrypto, CryptoBackend};
use crate::expression::Globals;
use crate::http::{Client, ClientError, ClientSettings, LimitRule, RateLimits, TraceListener};
use crate::icure::{IcureError, Platform, PlatformSettings};
use crate::language::{FilesError, format_duration};
use crate::metrics::{Origin, OwnShortage, Phase, Recorder, Windows};
use crate::numbers::plural;
use crate::otp::{Dispatcher, SourceError};
use crate::simulator::{Config, Simulator, SimulatorError};
use crate::steps::Services;
use crate::target::{PlannedTarget, SimulatorOtp, Target};
use crate::trace_context::{Sampler, Sampling};
use crate::vault::{Given, KeySource, Vault, VaultError};

/// How the command line shapes a run.
#[derive(Default)]
pub struct RunOptions {
    /// The time.
    pub clock: Clock,
    /// Ceilings on requests, besides those of the file.
    pub limits: Vec<LimitRule>,
    /// Where credentials are saved.
    pub vault: Option<PathBuf>,
    /// Where one-time passwords are read when the target is the simulator.
    pub simulator_otp: SimulatorOtp,
    /// A key pool, instead of the one that the file names.
    pub keys: Option<PathBuf>,
    /// Where the passphrase of vault and key pool is.
    pub passphrase: Given,
    /// Whose cryptography the users have.
    pub crypto_backend: CryptoBackend,
    /// Makes names, addresses and the like the same again.
    pub seed: u64,
    /// How long iterations under way may go on once no further one starts,
    /// instead of what the scenarios say.
    pub graceful_stop: Option<Duration>,
    /// Who sees requests and answers as they are, if anybody does.
    pub listener: Option<Arc<dyn TraceListener>>,
    /// Trace sampling in `traceparent`, instead of what the file says.
    pub traceparent: Option<Sampling>,
    /// The first failed iteration ends the run.
    pub fail_fast: bool,
    /// How long the target is asked until it answers, before setup.
    pub wait_for_target: Duration,
}

impl RunOptions {
    /// The secret behind the sealed file at `path`.
    fn secret(&self, path: &Path) -> Result<KeySource, VaultError> {
        KeySource::choose(&self.passphrase, path)
    }
}

/// Why a run did not take place.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The simulator did not start.
    #[error(transparent)]
    Simulator(#[from] SimulatorError),
    /// TLS is unusable on this machine.
    #[error("cannot make an HTTP client: {0}")]
    Client(ClientError),
    /// A host does not answer.
    #[error("the target does not answer at {url}: {reason}")]
    Unreachable {
        /// The host.
        url: Url,
        /// Why not.
        reason: IcureError,
    },
    /// A host has not answered in the time that it was given.
    #[error("the target has not answered at {url} within {}, asked {}{}", format_duration(*.waited), plural(*.times, "time", "times"), last(reason.as_ref()))]
    Waited {
        /// The host.
        url: Url,
        /// Why not, the last time; unknown when it has said nothing the only time.
        reason: Option<IcureError>,
        /// How long it was waited for.
        waited: Duration,
        /// How often it was asked.
        times: u64,
    },
    /// The user did not wait for it.
    #[error("stopped before the target answered at {url}")]
    Stopped {
        /// The host.
        url: Url,
    },
    /// This machine lacks what asking a host needs.
    #[error("nothing can be sent: this machine has no {} left", .0.what())]
    Own(OwnShortage),
    /// The mailbox cannot be read.
    #[error(transparent)]
    PushSource(#[from] SourceError),
    /// The vault or the key pool cannot be opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// What the target changes of the simulator does not fit the one that runs.
    #[error("the target: {0}")]
    Target(#[from] FilesError),
    /// A variable cannot be made.
    #[error("variable `{name}`: {reason}")]
    Variable {
        /// Its name.
        name: String,
        /// Why not.
        reason: String,
    },
}

impl RunError {
    /// How to correct it, when the message does not say so itself.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unreachable { .. } | Self::Waited { .. } => Some(
                "is the server running, and are `api_url` and `gateway_url` of the target right?",
            ),
            Self::PushSource(error) => error.hint.or(Some(
                "is the server running, and is `otp` of the target right?",
            )),
            Self::Own(shortage) => Some(shortage.hint()),
            Self::Variable { .. } => Some("change it under `vars`, or give it with `--var`"),
            Self::Simulator(_)
            | Self::Client(_)
            | Self::Target(_)
            | Self::Vault(_)
            | Self::Stopped { .. } => None,
        }
    }

    /// True when the files or the command line must change, not the world.
    pub fn is_user_error(&self) -> bool {
        match self {
            Self::Variable { .. } | Self::Target(_) => true,
            Self::Vault(error) => error.is_user_error(),
            _ => false,
        }
    }
}

/// Why a target did not answer the last time, in words.
fn last(reason: Option<&IcureError>) -> String {
    reason.map_or_else(String::new, |reason| format!("; the last time: {reason}"))
}

/// What a run has given.
pub struct RunOutcome {
    /// How long they took.
    pub took: Duration,
    /// When each part of the run was measured.
    pub windows: Windows,
    /// Everything measured.
    pub recorder: Recorder,
    /// What failed.
    pub errors: Vec<ErrorGroup>,
    /// What scenarios have said by `log`.
    pub log: Vec<LogItem>,
    /// Why iterations were skipped.
    pub skips: Vec<SkipGroup>,
    /// How many different accounts were authenticated.
    pub users: u64,
    /// Why it ended before its time, if it did.
    pub stopped: Option<StopReason>,
    /// The slowest iterations of each scenario, by scenario.
    pub slowest: Vec<SlowIteration>,
}

/// Plays a plan.
///
/// # Errors
/// When it cannot start: nothing was measured then.
pub async fn run(
    plan: &Plan,
    options: RunOptions,
    stop: &Stop,
    observer: &mut dyn Observer,
) -> Result<RunOutcome, RunError> {
    let (simulator, services) = open(plan, &options, stop).await?;
    let target = services.platform.target().values();
    let globals = plan.document.globals(&target, options.seed, &options.clock);
    let globals = globals.map_err(|(name, error)| RunError::Variable {
        name,
        reason: error.to_string(),
    })?;
    let target = services.platform.target();
    observer.hear(&RunEvent::Started {
        target,
        at: options.clock.timestamp(),
        recorder: &services.recorder,
    });
    let stage = RunContext {
        clock: options.clock.clone(),
        services,
        errors: Arc::default(),
        log: Arc::default(),
        skips: Arc::default(),
        progress: Arc::new(Progress::new(&options.clock)),
        seed: options.seed,
        graceful_stop: options.graceful_stop,
        fail_fast: options.fail_fast,
        slowest: Mutex::default(),
        sampler: Arc::new(Sampler::new(plan.traceparent(options.traceparent))),
        workers: Workers::of(&options.clock),
    };
    let played = Box::pin(stage.play(plan, globals, stop, observer)).await;
    let outcome = RunOutcome {
        took: played.took,
        windows: played.windows,
        recorder: stage.services.recorder.clone(),
        errors: stage.errors.groups(),
        log: stage.log.all(),
        skips: stage.skips.groups(),
        users: stage.services.distinct_users(),
        stopped: stop.reason().cloned(),
        slowest: stage.kept_slowest(),
    };
    if let Some(simulator) = simulator {
        simulator.shutdown().await;
    }
    Ok(outcome)
}

pub(super) struct RunContext {
    pub(super) clock: Clock,
    pub(super) services: Arc<Services>,
    pub(super) errors: Arc<ErrorLog>,
    pub(super) log: Arc<Log>,
    pub(super) skips: Arc<SkipLog>,
    pub(super) progress: Arc<Progress>,
    pub(super) workers: Workers,
    pub(super) seed: u64,
    pub(super) graceful_stop: Option<Duration>,
    pub(super) fail_fast: bool,
    pub(super) slowest: Mutex<Vec<Arc<Slowest>>>,
    pub(super) sampler: Arc<Sampler>,
}

pub(super) struct Played {
    pub(super) took: Duration,
    pub(super) windows: Windows,
}

impl RunContext {
    pub(super) async fn play(
        &self,
        plan: &Plan,
        mut globals: Globals,
        stop: &Stop,
        observer: &mut dyn Observer,
    ) -> Played {
        let mut ticker = Ticker::new(
            &self.clock,
            Arc::clone(&self.services),
            Told {
                errors: Arc::clone(&self.errors),
                log: Arc::clone(&self.log),
                skips: Arc::clone(&self.skips),
            },
            Arc::clone(&self.progress),
            self.busy(),
        );
        let setting_up = self.set_up(plan, &mut globals, stop);
        let set_up = ticker.during(observer, setting_up).await;
        observer.hear(&scenarios_started(&plan.scenarios));
        let start = self.progress.scenarios_start();
        if set_up == Ending::Good {
            let globals = Arc::new(globals.clone());
            let playing = plan.scenarios.iter().map(|scenario| -> BoxFuture<'_, ()> {
                let globals = Arc::clone(&globals);
                Box::pin(self.play_scenario(scenario, globals, &plan.feeders, stop, start))
            });
            ticker.during(observer, join_all(playing)).await;
        }
        let took = self.clock.since(start);
        self.progress.scenarios_end();
        observer.hear(&RunEvent::ScenariosEnded);
        if set_up == Ending::Good {
            let stop = stop.child();
            let ending = self.play_once(Phase::Teardown, &plan.teardown, &mut globals, stop);
            ticker.during(observer, ending).await;
        }
        let windows = self.progress.windows(ticker.start(), self.clock.now());
        // What was measured since the last second.
        ticker.tick(observer);
        Played { took, windows }
    }

    /// Plays setup, unless the run was stopped before it began. Once the run is
    /// to end, setup has as long as an iteration to finish.
    async fn set_up(&self, plan: &Plan, globals: &mut Globals, run: &Stop) -> Ending {
        if run.is_draining() {
            return Ending::Cut;
        }
        let grace = self.graceful_stop.unwrap_or(GRACEFUL_STOP);
        let stop = run.child();
        let playing = self.play_once(Phase::Setup, &plan.setup, globals, stop.clone());
        cut_after(grace, &stop, playing).await
    }

    /// Plays setup or teardown: one user, one pass. What it captures becomes
    /// variables for everybody. Teardown is played also after a polite stop:
    /// it puts back what setup has made.
    async fn play_once(
        &self,
        phase: Phase,
        flow: &Arc<Flow>,
        globals: &mut Globals,
        stop: Stop,
    ) -> Ending {
        if flow.is_empty() {
            return Ending::Good;
        }
        let name: Arc<str> = phase.name().into();
        let meters = Arc::new(PhaseMeters::new(
            &self.services.recorder,
            &name,
            phase,
            Origin::Start,
            flow.labels(),
        ));
        let part = self.progress.follow(Part::once(&self.clock, phase));
        let group = VuGroup::new(Shared {
            clock: self.clock.clone(),
            scenario: name,
            flow: Arc::clone(flow),
            services: Arc::clone(&self.services),
            globals: Arc::new(globals.clone()),
            feeds: Feeds::default(),
            meters: ScenarioMeters {
                warmup: Arc::clone(&meters),
                main: meters,
            },
            errors: Arc::clone(&self.errors),
            log: Arc::clone(&self.log),
            skips: Arc::clone(&self.skips),
            progress: Arc::default(),
            slowest: Arc::default(),
            sampler: Arc::clone(&self.sampler),
            stop,
            // What follows setup is not begun, and nothing follows teardown.
            fail_fast: None,
            seed: self.seed,
            part: Arc::clone(&part),
            workers: self.workers.clone(),
        });
        let mut user = group.user();
        let ending = user.play(None).await;
        part.end();
        globals.share(user.scope());
        ending
    }

    /// What the users of a scenario use: connections in a way of their own, if
    /// it says so.
    fn services_of(&self, scenario: &PlannedScenario) -> Arc<Services> {
        match scenario.connections {
            None => Arc::clone(&self.services),
            Some(connections) => Arc::new(self.services.of_scenario(connections)),
        }
    }

    /// Plays a scenario of a run whose scenarios began at `start`.
    async fn play_scenario(
        &self,
        scenario: &PlannedScenario,
        globals: Arc<Globals>,
        feeders: &Feeders,
        run: &Stop,
        start: Instant,
    ) {
        let extent = scenario.executor.extent();
        let timing = scenario.timing;
        tokio::select! {
            biased;
            () = run.draining() => return,
            () = self.clock.sleep_until(start + timing.start_time) => {}
        }
        let origin = match scenario.executor.model() {
            Model::Closed => Origin::Start,
            Model::Open => Origin::Intended,
        };
        let (recorder, name) = (&self.services.recorder, &scenario.name);
        let meters = |phase| {
            Arc::new(PhaseMeters::new(
                recorder,
                name,
                phase,
                origin,
                scenario.flow.labels(),
            ))
        };
        let stop = run.child();
        let part = Part::scenario(&self.clock, &scenario.name, timing.warmup, extent.duration);
        let part = self.progress.follow(part);
        let group = VuGroup::new(Shared {
            clock: self.clock.clone(),
            scenario: Arc::clone(&scenario.name),
            flow: Arc::clone(&scenario.flow),
            services: self.services_of(scenario),
            globals,
            // Now, since what is saved may be what it is fed with.
            feeds: feeders.open(
                &scenario.name,
                &scenario.feed,
                self.services.vault.as_deref(),
            ),
            meters: ScenarioMeters {
                warmup: meters(Phase::Warmup),
                main: meters(Phase::Main),
            },
            errors: Arc::clone(&self.errors),
            log: Arc::clone(&self.log),
            skips: Arc::clone(&self.skips),
            progress: Arc::clone(&self.progress),
            slowest: self.slowest(),
            sampler: Arc::clone(&self.sampler),
            stop: stop.clone(),
            fail_fast: self.fail_fast.then(|| run.clone()),
            seed: self.seed,
            part: Arc::clone(&part),
            workers: self.workers.clone(),
        });
        let grace = self.graceful_stop.unwrap_or(timing.graceful_stop);
        let playing = part.watch(stop.draining(), scenario.executor.execute(&group));
        cut_after(grace, &stop, playing).await;
    }

    /// Where a further scenario's slowest iterations are kept.
    fn slowest(&self) -> Arc<Slowest> {
        let slowest = Arc::new(Slowest::default());
        let mut all = self.slowest.lock();
        all.push(Arc::clone(&slowest));
        slowest
    }

    /// The threads that play users, and those of everything else: the simulator,
    /// mails, the report.
    fn busy(&self) -> Busy {
        if !self.clock.is_real() {
            return Busy::of([]);
        }
        let here = Handle::current();
        Busy::of(self.workers.runtimes().iter().chain([&here]))
    }

    fn kept_slowest(&self) -> Vec<SlowIteration> {
        let all = self.slowest.lock();
        all.iter().flat_map(|slowest| slowest.kept()).collect()
    }
}

/// What the scenarios plan together.
fn scenarios_started(scenarios: &[PlannedScenario]) -> RunEvent<'static> {
    let extents = scenarios
        .iter()
        .map(|it| (it.timing.start_time, it.executor.extent()));
    let (iterations, ends): (Vec<u64>, Vec<Option<Duration>>) = extents
        .map(|(start, it)| {
            let end = it.duration.map(|duration| start + duration);
            (it.iterations.unwrap_or(0), end)
        })
        .unzip();
    RunEvent::ScenariosStarted {
        iterations: iterations.into_iter().sum(),
        time: ends.into_iter().flatten().max(),
    }
}

/// Plays to the end. Once the scenario starts no further iterations, those
/// under way have `grace` to finish.
async fn cut_after<T>(grace: Duration, stop: &Stop, playing: impl Future<Output = T>) -> T {
    tokio::pin!(playing);
    let over = async {
        stop.draining().await;
        tokio::select! {
            () = tokio::time::sleep(grace) => {}
            () = stop.cutting() => {}
        }
    };
    tokio::select! {
        biased;
        done = &mut playing => done,
        () = over => {
            stop.cut();
            playing.await
        }
    }
}

/// Starts the target, when it is the simulator, and opens everything that a
/// run needs.
async fn open(
    plan: &Plan,
    options: &RunOptions,
    stop: &Stop,
) -> Result<(Option<Simulator>, Arc<Services>), RunError> {
    // First, so that nothing was sent when there is no pool.
    let secret = |path: &Path| options.secret(path);
    let keys = PlannedKeys {
        pool: options.keys.clone().or_else(|| plan.keys.pool.clone()),
        on_exhausted: plan.keys.on_exhausted,
    };
    let keys = keys.open(secret)?;
    let keys = keys.ahead_of(plan.keys_asked(), options.crypto_backend);
    let recorder = Recorder::new();
    let (simulator, target) = match &plan.target {
        PlannedTarget::Environment(target) => (None, Target::clone(target)),
        PlannedTarget::Simulator { changes, .. } => {
            let over_imap = options.simulator_otp == SimulatorOtp::Imap;
            let config = Config {
                clock: options.clock.clone(),
                imap: over_imap.then_some((Ipv4Addr::LOCALHOST, 0).into()),
                ..Config::default()
            };
            let simulator = Simulator::start(config).await?;
            let target = changes.over(&simulator, options.simulator_otp)?;
            (Some(simulator), target)
        }
    };
    let otp = Arc::clone(&target.otp);
    let rules: Vec<LimitRule> = plan.limits.iter().chain(&options.limits).cloned().collect();
    let http = Client::new(ClientSettings {
        connect_timeout: target.timeouts.connect,
        request_timeout: target.timeouts.request,
        max_body: target.max_body,
        limits: (!rules.is_empty()).then(|| RateLimits::new(&rules, &options.clock)),
        tls: target.tls.clone(),
        listener: options.listener.clone(),
        connections: target.connections,
        network: target.network.clone(),
        memory: None,
        recorder: recorder.clone(),
        clock: options.clock.clone(),
    })
    .map_err(RunError::Client)?;
    let settings = PlatformSettings {
        target,
        first_login_attempts: 5,
        first_login_pause: Duration::from_secs(3),
        crypto: ClientCrypto::new(options.crypto_backend, &options.clock),
    };
    let platform = Platform::new(http, settings);
    reach(&platform, options, stop).await?;
    let mailbox = Dispatcher::start(otp.as_ref(), &options.clock).await?;
    let vault = if plan.needs_vault() {
        let path = options
            .vault
            .clone()
            .unwrap_or_else(crate::vault::default_path);
        let key = options.secret(&path)?;
        Some(Vault::open(path, key)?)
    } else {
        None
    };
    let services = Services::new(platform, mailbox, vault, recorder).with_keys(keys);
    Ok((simulator, Arc::new(services)))
}

/// Between two times that a target is asked which does not answer yet.
const BETWEEN_ASKING: Duration = Duration::from_secs(1);

/// Asks the target until it answers, whatever it says, its time is over, or the user
/// has had enough.
async fn reach(platform: &Platform, options: &RunOptions, stop: &Stop) -> Result<(), RunError> {
    let (clock, patience) = (&options.clock, options.wait_for_target);
    let began = clock.now();
    let over = async {
        if patience.is_zero() {
            return std::future::pending().await;
        }
        clock.sleep_until(began + patience.min(CENTURY)).await;
    };
    tokio::pin!(over);
    let mut last: Option<(Url, IcureError)> = None;
    let mut times = 0;
    loop {
        let waits = last.is_some();
        let ask = async {
            if waits {
                clock.sleep_until(clock.now() + BETWEEN_ASKING).await;
            }
            platform.reach().await
        };
        let url = |last: Option<&(Url, IcureError)>| {
            let first = || platform.target().api_url.clone();
            last.map_or_else(first, |(url, _)| url.clone())
        };
        let answer = tokio::select! {
            biased;
            () = stop.draining() => return Err(RunError::Stopped { url: url(last.as_ref()) }),
            () = &mut over => {
                let waited = Duration::from_secs(clock.since(began).as_secs());
                return Err(RunError::Waited {
                    url: url(last.as_ref()),
                    reason: last.map(|(_, reason)| reason),
                    waited,
                    times: times.max(1),
                });
            }
            answer = ask => answer,
        };
        times += 1;
        let Err((url, reason)) = answer else {
            return Ok(());
        };
        if let Some(shortage) = reason.own_shortage() {
            return Err(RunError::Own(shortage));
        }
        if patience.is_zero() {
            return Err(RunError::Unreachable { url, reason });
        }
        last = Some((url, reason));
    }
}
