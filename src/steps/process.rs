//! The parts of an authentication process: start it, read its code. `register`
//! and `login` are made of them, and each is a step of its own.

use std::time::Duration;

use secrecy::SecretString;

use super::arguments::{secret, text};
use super::forms::Sealed;
use super::started::Started;
use super::{StepError, VirtualUser};
use crate::document::{ReadContext, Record, record};
use crate::expression::{Scope, TextTemplate};
use crate::icure::{Address, Captcha, ProcessStart, Role};
use crate::language::{Fields, Key, Node, Problem, Read, Shape};
use crate::metrics::{Counter, StepContext, Trend};
use crate::otp::{Otp, PendingOtp};
use crate::wire::CaptchaKind;

/// Digits of a code, unless the scenario says otherwise (`startAuthentication`
/// has the same default).
const USUAL_LENGTH: u64 = 6;
/// How long to wait for a code, unless the scenario says otherwise.
pub(super) const USUAL_TIMEOUT: Duration = Duration::from_secs(60);

record! {
    /// The arguments of `startAuthentication`, as templates.
    pub(super) struct Start of "an authentication process" {
        /// e-mail address that the code is sent to
        email: TextTemplate, example("ada@example.org"), shown;
        /// mobile phone that the code is sent to, instead of `email`
        phone: TextTemplate, example("+32470123456");
        /// answer to the captcha; `none` sends none
        captcha: CaptchaChoice;
        /// digits of the code, 4 to 12
        code_length: u64 = USUAL_LENGTH;
        /// who registers; a patient unless given
        pub(super) role: Role;
        /// data owner id of the practitioner in charge of a patient
        responsible: TextTemplate, example(r#""{{ target.responsible }}""#);
        /// first name of the person
        first_name: TextTemplate;
        /// last name of the person
        last_name: TextTemplate;
    }
}

record! {
    struct CaptchaDoc of "`captcha`" expected "the answer to a captcha such as `{token: …}`, or `none`" {
        /// which captcha
        kind as "type": CaptchaKind = CaptchaKind::Recaptcha;
        /// the answer; the target's `captcha_token` otherwise
        token: Sealed;
    }
}

/// `captcha: none` or `captcha: {type, token}`
enum CaptchaChoice {
    Nothing,
    Answer(CaptchaDoc),
}

impl Read<ReadContext> for CaptchaChoice {
    const EXPECTED: &'static str = CaptchaDoc::EXPECTED;

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        match node.scalar() {
            Some(word) if word.text == "none" => Some(Self::Nothing),
            Some(word) => {
                let message = format!("expected {}, found `{}`", Self::EXPECTED, word.text);
                cx.problem(node.label(), message, "");
                None
            }
            None => CaptchaDoc::read(node, cx).map(Self::Answer),
        }
    }

    fn shape() -> Shape {
        CaptchaDoc::shape().or(Shape::Words(vec!["none"]))
    }
}

/// Its keys, for those that have others besides.
pub(super) const START: &[Key] = Start::TABLE.keys[0];

/// Who starts a process.
pub(super) struct Applicant {
    pub(super) address: Address,
    pub(super) role: Role,
    pub(super) responsible: Option<String>,
}

/// What a scenario says of a process that clients make up themselves.
#[derive(Default)]
pub(super) struct Chosen {
    pub(super) process: Option<String>,
    pub(super) request_id: Option<String>,
}

impl Start {
    /// Reads the arguments out of `fields`.
    pub(super) fn read(fields: &mut Fields<'_>, cx: &mut ReadContext) -> Option<Self> {
        let read = Self::take(fields, cx)?;
        if let (Some(_), Some(span)) = (&read.email, fields.span_of("phone")) {
            cx.problem(
                span,
                "both `email` and `phone` are given",
                "a process goes by one of them: remove the other",
            );
        }
        if let Some(span) = fields.span_of("code_length")
            && !(4..=12).contains(&read.code_length)
        {
            cx.problem(
                span,
                "`code_length` is out of range",
                "a code has 4 to 12 digits",
            );
        }
        if let (Some(Role::Practitioner), Some(span)) = (read.role, fields.span_of("responsible")) {
            let message = "a practitioner has no `responsible`";
            let help = "remove it: the id is sent to the process (`hcpId`), and nothing that the \
                        practitioner writes is shared with it; for that there is `share`";
            cx.warn(Problem::new(span, message, help).of("without-effect"));
        }
        Some(read)
    }

    /// The address, rendered.
    pub(super) fn address(&self, scope: &Scope) -> Result<Option<Address>, StepError> {
        if let Some(email) = text("email", self.email.as_ref(), scope)? {
            return Ok(Some(Address::Email(email)));
        }
        Ok(text("phone", self.phone.as_ref(), scope)?.map(Address::Phone))
    }

    /// The same, where there must be one.
    pub(super) fn some_address(&self, scope: &Scope) -> Result<Address, StepError> {
        self.address(scope)?.ok_or(StepError::Argument {
            argument: "email",
            reason: "neither `email` nor `phone` is given".into(),
        })
    }

    /// The practitioner in charge, rendered.
    pub(super) fn responsible(&self, scope: &Scope) -> Result<Option<String>, StepError> {
        text("responsible", self.responsible.as_ref(), scope)
    }

    /// Starts the process. Its code is waited for from here on, if somebody reads
    /// it.
    pub(super) async fn start(
        &self,
        user: &VirtualUser,
        applicant: Applicant,
        chosen: Chosen,
        is_read: bool,
        cx: StepContext<'_>,
    ) -> Result<(Started, Option<PendingOtp>), StepError> {
        let scope = &user.scope;
        let code_length = usize::try_from(self.code_length).unwrap_or(usize::MAX);
        let start = ProcessStart {
            address: applicant.address,
            role: applicant.role,
            first_name: text("first_name", self.first_name.as_ref(), scope)?.unwrap_or_default(),
            last_name: text("last_name", self.last_name.as_ref(), scope)?.unwrap_or_default(),
            captcha: self.captcha(user)?,
            responsible: applicant.responsible,
            code_length,
            process_id: chosen.process,
            request_id: chosen.request_id,
        };
        let mailbox = &user.services.mailbox;
        // Announced first: a code that comes before we listen would be lost.
        let pending = is_read.then(|| mailbox.expect(start.address.as_str(), code_length));
        let request_id = user.services.platform.start_process(&start, cx).await?;
        let started = Started {
            request_id,
            address: start.address,
            role: start.role,
            responsible: start.responsible,
            accepted_at: cx.clock.unix_millis(),
        };
        Ok((started, pending))
    }

    fn captcha(&self, user: &VirtualUser) -> Result<Option<Captcha>, StepError> {
        let given = match &self.captcha {
            Some(CaptchaChoice::Nothing) => return Ok(None),
            Some(CaptchaChoice::Answer(given)) => Some(given),
            None => None,
        };
        let token = match given.and_then(|captcha| captcha.token.as_ref()) {
            Some(token) => secret("captcha.token", &token.0, &user.scope)?,
            None => user
                .services
                .platform
                .target()
                .captcha_token
                .clone()
                .ok_or_else(|| StepError::Argument {
                    argument: "captcha",
                    reason: "neither the step nor the target has a captcha token".into(),
                })?,
        };
        Ok(Some(Captcha {
            kind: given.map(|captcha| captcha.kind).unwrap_or_default(),
            token,
        }))
    }
}

impl Started {
    /// Waits for the code, which is a password for a short time once it was handed
    /// in.
    pub(super) async fn read_code(
        &self,
        pending: PendingOtp,
        timeout: Duration,
        cx: StepContext<'_>,
    ) -> Result<SecretString, StepError> {
        let began = cx.clock.now();
        let waiting = cx.waiting_for("a one-time password");
        let received = pending.wait(timeout).await;
        waiting.end();
        let Otp { code, sent_at } = received?;
        cx.record(Trend::OTP_WAIT, &[], cx.clock.since(began));
        if let Some(sent_at) = sent_at {
            // Dates have whole seconds: most mails are dated before.
            let took = u64::try_from(sent_at.saturating_sub(self.accepted_at)).unwrap_or_default();
            let took = Duration::from_millis(took);
            cx.record(Trend::OTP_DELIVERY, &[], took);
        }
        cx.record(Counter::OTPS_READ, &[], 1);
        Ok(code)
    }
}
