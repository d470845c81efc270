//! Sources as a target describes them, and what the dispatcher makes of what
//! they hand over.

mod command;
mod corpus;
mod dispatcher;
pub(super) mod http;
mod jmap;
mod looks;
mod mails;
mod oauth;
mod polled;
mod pop3;
mod settings;
mod shipped;
mod simulator;

use std::sync::Arc;

use super::OtpSource;
use crate::language::{Environment, Look, Permissions, Source, SourceMap};
use crate::target::Target;

/// The source that a target with this `otp` has, or what is wrong with it.
pub(super) fn source(otp: &str) -> Result<Arc<dyn OtpSource>, String> {
    source_with(otp, &Environment::default().with(Permissions::all()))
}

/// The same where the environment holds something.
fn source_with(otp: &str, environment: &Environment) -> Result<Arc<dyn OtpSource>, String> {
    let text = format!(
        "api_url: http://127.0.0.1\ngateway_url: http://127.0.0.1\nspec_id: ic\notp: {otp}\n"
    );
    read(&Source::new("target.yaml", text), environment)
}

/// The source of a whole target file.
pub(super) fn in_target(target: &Source) -> Result<Arc<dyn OtpSource>, String> {
    read(target, &Environment::default().with(Permissions::all()))
}

fn read(target: &Source, environment: &Environment) -> Result<Arc<dyn OtpSource>, String> {
    match Target::parse(target, environment) {
        Ok(parsed) => Ok(parsed.otp),
        Err(problems) => Err(problems.render(&SourceMap::new(target.clone()), Look::Plain)),
    }
}
