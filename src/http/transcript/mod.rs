//! What one iteration asked and was answered, cleared of secrets.
//!
//! It is shown only once the iteration is over: a secret that an answer brings
//! may have been in an earlier request, and is cut out there too.

mod show;

use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};

use super::text::text;
use super::{Exchange, TraceListener, learn};
use crate::shown::Secrets;

/// Takes requests and answers of some steps.
pub struct Transcript {
    steps: Vec<String>,
    taken: Mutex<Vec<Exchange>>,
    secrets: Mutex<Vec<SecretString>>,
}

/// Stands for every step.
const ALL: &str = "*";

impl Transcript {
    /// Of steps with these names; `*` is all of them.
    pub fn of(steps: &[String]) -> Self {
        Self {
            steps: steps.to_vec(),
            taken: Mutex::default(),
            secrets: Mutex::default(),
        }
    }

    /// Everything that was taken, without secrets, ready to be printed.
    pub fn show(&self) -> String {
        let taken = self.taken.lock();
        // Everything is searched first: what is a secret here is one everywhere.
        let mut secrets = Secrets::default();
        taken
            .iter()
            .for_each(|exchange| learn_from(exchange, &mut secrets));
        let told = self.secrets.lock();
        told.iter()
            .for_each(|secret| secrets.add(secret.expose_secret()));
        let wanted = taken.iter().filter(|exchange| self.names(&exchange.step));
        show::exchanges(wanted, &secrets)
    }

    fn names(&self, step: &str) -> bool {
        let mut steps = self.steps.iter();
        steps.any(|name| name == ALL || name == step)
    }
}

fn learn_from(exchange: &Exchange, secrets: &mut Secrets) {
    let body = exchange.body.as_ref().map(|body| body.as_slice());
    let Exchange { url, headers, .. } = exchange;
    learn::request(secrets, url, headers, body, &exchange.secrets);
    if let Ok(answer) = &exchange.answer {
        let whole = exchange.secret_answer;
        let text = text(&answer.headers, &answer.body);
        learn::answer(secrets, answer.headers.map(), &text, whole);
    }
}

impl TraceListener for Transcript {
    /// All of them: a secret of this step may come from another one.
    fn wants(&self, _: &str) -> bool {
        true
    }

    fn take(&self, exchange: Exchange) {
        let mut taken = self.taken.lock();
        taken.push(exchange);
    }

    fn keep_secret(&self, secret: SecretString) {
        let mut told = self.secrets.lock();
        told.push(secret);
    }
}

#[cfg(test)]
mod tests;
