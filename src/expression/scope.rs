//! The variables of a run and of an iteration.

use std::fmt;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object};

use super::environment::{CLOCK, Time};
use super::fake::{Fake, Origin};
use super::mapping::mapping;
use super::secret::tell_secrets;
use super::types::Type;
use crate::clock::Clock;
use crate::language::environment::Environment;
use crate::shown::Secrets;

/// Domain of invented e-mail addresses, unless the target has one: reserved by RFC 2606, so that no mail
/// reaches anybody.
pub(crate) const MAIL_DOMAIN: &str = "example.org";

/// Settings of a target that expressions can name.
pub(crate) const TARGET_KEYS: &[&str] = &[
    "name",
    "api_url",
    "gateway_url",
    "api_version",
    "spec_id",
    "responsible",
    "captcha_token",
    "mail_domain",
    "processes",
];

/// Authentication processes of a target, of which it may have some only.
pub(crate) const PROCESS_KEYS: [&str; 4] = [
    "patient_by_email",
    "patient_by_sms",
    "hcp_by_email",
    "hcp_by_sms",
];

/// What expressions can name of `run`.
pub(crate) const RUN_KEYS: &[&str] = &["seed"];

/// What all iterations of a run have in common: variables and target.
#[derive(Clone)]
pub struct Globals {
    run: Arc<Run>,
}

#[derive(Clone)]
struct Run {
    seed: u64,
    clock: Value,
    environment: Value,
    domain: Arc<str>,
    target: Value,
    vars: Vec<(Arc<str>, Value)>,
    scenarios: Vec<(String, Origin)>,
}

impl Globals {
    /// Makes the variables of a run of these scenarios, each once, in the order
    /// of the file. `target` has what expressions can name of it.
    ///
    /// # Errors
    /// With the name of the variable that cannot be made.
    pub(crate) fn new<'a, V, E>(
        scenarios: impl Iterator<Item = &'a str>,
        vars: impl Iterator<Item = (&'a str, V)>,
        target: &[(String, Value)],
        environment: &Environment,
        seed: u64,
        clock: &Clock,
    ) -> Result<Self, (String, E)>
    where
        V: FnOnce(&Scope) -> Result<Value, E>,
    {
        let origin = |(place, name)| (String::from(name), Origin::new(seed, name, place));
        let mut domains = target.iter().filter(|(key, _)| key == "mail_domain");
        let domain = domains.find_map(|(_, value)| value.as_str());
        let mut run = Run {
            seed,
            clock: Value::from_object(Time(clock.clone())),
            environment: Value::from_object(environment.clone()),
            domain: Arc::from(domain.unwrap_or(MAIL_DOMAIN)),
            target: mapping(target),
            vars: Vec::new(),
            scenarios: scenarios.enumerate().map(origin).collect(),
        };
        // Users are numbered from 1: what variables invent is user 0's. The
        // fake is one for all of them, so that no two get the same address.
        let origin = Origin::new(seed, "", 0);
        let fake = Fake::new(origin, seed, Arc::clone(&run.domain), 0, 0);
        let fake = Arc::new(fake);
        for (name, make) in vars {
            let scope = Scope(Arc::new(Data {
                run: Arc::new(run.clone()),
                scenario: Arc::from(""),
                vu: 0,
                iteration: 0,
                fake: Arc::clone(&fake),
                round: None,
                parameters: Vec::new(),
                captures: Vec::new(),
                of_branch: None,
            }));
            let value = make(&scope).map_err(|error| (name.to_owned(), error))?;
            run.vars.push((Arc::from(name), value));
        }
        Ok(Self { run: Arc::new(run) })
    }

    /// Makes everything that was captured in a scope a variable of all that are
    /// made from now on.
    pub fn share(&mut self, scope: &Scope) {
        let run = Arc::make_mut(&mut self.run);
        for (name, value) in &scope.0.captures {
            run.vars.retain(|(known, _)| known != name);
            run.vars.push((Arc::clone(name), value.clone()));
        }
    }

    /// The scope of one iteration. `vu` counts from 1; so does `iteration`.
    pub fn scope(&self, scenario: &Arc<str>, vu: u64, iteration: u64) -> Scope {
        let run = &self.run;
        let known = run.scenarios.iter().find(|(name, _)| **name == **scenario);
        let origin = known.map_or_else(
            || Origin::new(run.seed, scenario, run.scenarios.len()),
            |(_, origin)| *origin,
        );
        let fake = Fake::new(origin, run.seed, Arc::clone(&run.domain), vu, iteration);
        Scope(Arc::new(Data {
            run: Arc::clone(run),
            scenario: Arc::clone(scenario),
            vu,
            iteration,
            fake: Arc::new(fake),
            round: None,
            parameters: Vec::new(),
            captures: Vec::new(),
            of_branch: None,
        }))
    }
}

/// Everything that expressions can name at one point of an iteration.
#[derive(Clone)]
pub struct Scope(Arc<Data>);

#[derive(Clone)]
struct Data {
    run: Arc<Run>,
    scenario: Arc<str>,
    vu: u64,
    iteration: u64,
    fake: Arc<Fake>,
    /// Which play of a step or pass of a block this is, in one.
    round: Option<u64>,
    /// Parameters of the library whose steps are played.
    parameters: Parameters,
    /// In the order in which they were made; there are few.
    captures: Vec<(Arc<str>, Value)>,
    /// In one of several branches: which of them were made in it.
    of_branch: Option<Vec<Arc<str>>>,
}

/// Values by their names.
pub type Parameters = Vec<(Arc<str>, Value)>;

impl Scope {
    /// Begins a further iteration of the same user, in which nothing is captured
    /// yet.
    pub fn begin(&mut self, iteration: u64) {
        // A value that an expression has made may still know the last one.
        let data = Arc::make_mut(&mut self.0);
        data.iteration = iteration;
        match Arc::get_mut(&mut data.fake) {
            Some(fake) => fake.begin(iteration),
            None => data.fake = Arc::new(data.fake.of_iteration(iteration)),
        }
        data.round = None;
        data.parameters.clear();
        data.captures.clear();
    }

    /// Sets a variable of this iteration.
    pub fn set(&mut self, name: &Arc<str>, value: Value) {
        let data = Arc::make_mut(&mut self.0);
        if let Some(names) = &mut data.of_branch {
            names.push(Arc::clone(name));
        }
        let captures = &mut data.captures;
        match captures.iter_mut().find(|(known, _)| known == name) {
            Some((_, place)) => *place = value,
            None => captures.push((Arc::clone(name), value)),
        }
    }

    /// What was captured under a name.
    pub fn captured(&self, name: &str) -> Option<Value> {
        let mut captures = self.0.captures.iter();
        let (_, value) = captures.find(|(known, _)| **known == *name)?;
        Some(value.clone())
    }

    /// Says which play of a step or pass of a block this is, from 1. Gives what
    /// was said before.
    pub fn set_round(&mut self, round: Option<u64>) -> Option<u64> {
        std::mem::replace(&mut Arc::make_mut(&mut self.0).round, round)
    }

    /// The scope of one of several branches that are played at once. What it
    /// invents depends on its number, not on which branch is faster.
    #[must_use]
    pub fn branch(&self, number: u64) -> Self {
        let mut data = (*self.0).clone();
        data.fake = Arc::new(data.fake.branch(number));
        data.of_branch = Some(Vec::new());
        Self(Arc::new(data))
    }

    /// Takes over what a branch has captured.
    pub fn join(&mut self, branch: &Self) {
        let made = branch.0.of_branch.as_deref().unwrap_or_default();
        for (name, value) in &branch.0.captures {
            if made.contains(name) {
                self.set(name, value.clone());
            }
        }
    }

    /// Sets the parameters of a library, whose steps come next. Gives those that
    /// were there before.
    pub fn set_parameters(&mut self, parameters: Parameters) -> Parameters {
        std::mem::replace(&mut Arc::make_mut(&mut self.0).parameters, parameters)
    }

    /// Adds everything that is a secret here to those that nobody shows.
    pub(crate) fn tell_secrets(&self, known: &mut Secrets) {
        let Data {
            run,
            parameters,
            captures,
            ..
        } = &*self.0;
        let all = parameters.iter().chain(captures).chain(&run.vars);
        let values = all.map(|(_, value)| value);
        for value in values.chain(std::iter::once(&run.target)) {
            tell_secrets(value, 0, known);
        }
    }

    /// A variable, or what has the name of one.
    pub(crate) fn variable(&self, name: &str) -> Option<Value> {
        self.0.get_value_by_str(name)
    }

    /// What an expression is evaluated in.
    pub(crate) fn root(&self) -> Value {
        Value::from_dyn_object(Arc::clone(&self.0))
    }
}

/// Values may be personal; secrets among them would show as `[secret]`.
impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[scope of user {} of {}]", self.vu, self.scenario)
    }
}

impl Object for Data {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "vu" => return Some(Value::from(self.vu)),
            "iteration" => return Some(Value::from(self.iteration)),
            "scenario" => return Some(Value::from(&*self.scenario)),
            "run" => return Some(mapping(&[("seed".to_owned(), Value::from(self.run.seed))])),
            "env" => return Some(self.run.environment.clone()),
            "target" => return Some(self.run.target.clone()),
            CLOCK => return Some(self.run.clock.clone()),
            "round" => return self.round.map(Value::from),
            "fake" => return Some(Value::from_dyn_object(Arc::clone(&self.fake))),
            _ => {}
        }
        let own = self.parameters.iter().chain(&self.captures);
        let mut all = own.chain(&self.run.vars);
        all.find(|(name, _)| **name == *key)
            .map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}

/// What is not set is not defined.
impl Object for Environment {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get(key.as_str()?).map(Value::from)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}

/// What is known of a target before it is there.
pub(crate) fn target_type() -> Type {
    let of = |name: &&'static str| match *name {
        "captcha_token" => Type::Secret,
        "processes" => Type::record(PROCESS_KEYS.map(|key| (key, Type::Text))),
        _ => Type::Text,
    };
    let fields = TARGET_KEYS.iter().map(|name| ((*name).into(), of(name)));
    Type::Record(fields.collect())
}
