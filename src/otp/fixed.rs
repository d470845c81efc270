//! `source: static`: the same code for everybody, for environments with a back
//! door.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::queue::code_alone;
use super::{Access, Message, OtpSource, PollSource, Reply};
use crate::clock::Clock;
use crate::document::{ReadContext, Record, record};
use crate::language::{Node, Table};

record! {
    /// `otp: {source: static, code: {env: OTP_BACK_DOOR}}`
    #[derive(Debug)]
    struct Fixed of "`otp`" {
        /// the code, the same each time
        code: SecretString, required;
    }
}

pub(super) const FIELDS: Table = Fixed::TABLE;

pub(super) fn compile(arguments: &Node, cx: &mut ReadContext) -> Option<Arc<dyn OtpSource>> {
    Some(Arc::new(Fixed::read_only(arguments, cx)?))
}

impl OtpSource for Fixed {
    fn kind(&self) -> &'static str {
        "static"
    }

    fn connect<'a>(&'a self, _: &'a Clock) -> Reply<'a, Access> {
        let desk = Arc::new(Always(self.code.clone()));
        Box::pin(async move { Ok(Access::Asked(desk)) })
    }
}

struct Always(SecretString);

impl PollSource for Always {
    fn ask<'a>(&'a self, recipient: &'a str, _since: i64) -> Reply<'a, Vec<Message>> {
        Box::pin(async move { Ok(vec![code_alone(recipient, self.0.clone())]) })
    }

    fn pause(&self) -> Duration {
        // The first answer is the right one.
        Duration::from_secs(1)
    }

    fn name(&self) -> String {
        "the fixed code".to_owned()
    }
}
