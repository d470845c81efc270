//! `auth.validate`: a code is handed in, and nothing more.

use super::arguments::{secret, text};
use super::forms::Sealed;
use super::step::{OF_CRYPTO, OF_OTPS, compile};
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::{TextTemplate, Type};
use crate::metrics::{Metric, StepContext};

pub(super) const KIND: StepKind = StepKind {
    name: "auth.validate",
    about: "hand in a code at the gateway, without logging in",
    fields: AuthValidate::TABLE,
    result: || Type::record([("request_id", Type::Text)]),
    compile: compile::<AuthValidate>,
};

record! {
    struct AuthValidate of "`auth.validate`" {
        /// `request_id` of the process, or of none that there is; the last one that was started otherwise
        of: TextTemplate, example("3f2b8c1e");
        /// the code
        code: Sealed, required, example(r#""123456""#);
    }
}

impl Step for AuthValidate {
    fn never_measures(&self, metric: Metric) -> bool {
        OF_OTPS.contains(&metric) || OF_CRYPTO.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let request_id = match text("of", self.of.as_ref(), &user.scope)? {
                Some(given) => given,
                None => user.processes.find(None)?.request_id,
            };
            let code = secret("code", &self.code.0, &user.scope)?;
            let platform = &user.services.platform;
            platform.validate_process(&request_id, &code, cx).await?;
            Ok(minijinja::context! { request_id => request_id })
        })
    }
}
