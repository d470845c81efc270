//! `otp.read`: the code of a process, out of the mailbox.

use std::time::Duration;

use super::arguments::text;
use super::process::USUAL_TIMEOUT;
use super::step::{OF_CRYPTO, compile};
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::{TextTemplate, Type, secret_value};
use crate::http::Asked;
use crate::metrics::{Metric, StepContext};

pub(super) const KIND: StepKind = StepKind {
    name: "otp.read",
    about: "wait for the code of an authentication process, and keep it as a secret",
    fields: OtpRead::TABLE,
    result: || Type::record([("code", Type::Secret), ("request_id", Type::Text)]),
    compile: compile::<OtpRead>,
};

record! {
    struct OtpRead of "`otp.read`" {
        /// `request_id` of the process; the last one that was started otherwise
        of: TextTemplate, example("3f2b8c1e");
        /// how long to wait for the code
        timeout: Duration = USUAL_TIMEOUT;
    }
}

impl Step for OtpRead {
    fn requests(&self) -> Vec<Asked> {
        Vec::new()
    }

    fn never_measures(&self, metric: Metric) -> bool {
        OF_CRYPTO.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let of = text("of", self.of.as_ref(), &user.scope)?;
            let (started, pending) = user.processes.take(of.as_deref())?;
            let code = started.read_code(pending, self.timeout, cx).await?;
            Ok(minijinja::context! {
                code => secret_value(code),
                request_id => started.request_id,
            })
        })
    }
}
