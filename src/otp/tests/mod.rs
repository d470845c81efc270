//! Sources as a target describes them, and what the dispatcher makes of what
//! they hand over.

mod command;
mod dispatcher;
mod http;
mod mails;
mod polled;
mod settings;
mod shipped;
mod simulator;

use super::{OtpSource, SOURCES};
use crate::language::{Look, Source, SourceMap};
use crate::target::{OtpDoc, Target};

/// The source that a target with this `otp` has, or what is wrong with it.
pub(super) fn source(otp: &str) -> Result<Box<dyn OtpSource>, String> {
    let text = format!(
        "api_url: http://127.0.0.1\ngateway_url: http://127.0.0.1\nspec_id: ic\notp: {otp}\n"
    );
    in_target(&Source::new("target.yaml", text))
}

/// The source of a whole target file.
pub(super) fn in_target(target: &Source) -> Result<Box<dyn OtpSource>, String> {
    let mut found = None;
    let parsed = Target::parse_with(target, |otp: &OtpDoc, cx| {
        let kind = SOURCES
            .iter()
            .find(|kind| kind.name == otp.source.text)
            .unwrap();
        found = (kind.compile)(&otp.arguments, cx);
    });
    match (parsed, found) {
        (Ok(_), Some(found)) => Ok(found),
        (Err(problems), _) => Err(problems.render(&SourceMap::new(target.clone()), Look::Plain)),
        (Ok(_), None) => panic!("no source, and no problem either"),
    }
}
