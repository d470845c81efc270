//! What `register` and `login` have in common: ask for a code, wait for it,
//! hand it in, and maybe save what comes of it.

use std::time::Duration;

use secrecy::SecretString;

use super::arguments::{secret, text};
use super::credentials::save;
use super::forms::Sealed;
use super::user::Identity;
use super::{StepError, VirtualUser};
use crate::document::{ReadContext, Record, record};
use crate::expression::{Scope, TextTemplate};
use crate::icure::{Address, Captcha, ProcessStart, Role, Session};
use crate::language::{Fields, Key};
use crate::metrics::{Counter, StepContext, Trend};
use crate::otp::Otp;
use crate::vault::Ids;
use crate::wire::CaptchaKind;

/// Digits of a code, unless the scenario says otherwise (`startAuthentication`
/// has the same default).
const USUAL_LENGTH: u64 = 6;
/// How long to wait for a code, unless the scenario says otherwise.
const USUAL_TIMEOUT: Duration = Duration::from_secs(60);

record! {
    /// The arguments of `startAuthentication`, as templates, and what becomes of
    /// its result.
    pub(super) struct Authentication of "an authentication" {
        /// e-mail address that the code is sent to
        pub(super) email: TextTemplate, example("ada@example.org"), shown;
        /// mobile phone that the code is sent to, instead of `email`
        pub(super) phone: TextTemplate, example("+32470123456");
        /// answer to the captcha
        captcha: CaptchaDoc;
        /// digits of the code, 4 to 12
        code_length: u64 = USUAL_LENGTH;
        /// who registers; a patient unless given
        pub(super) role: Role;
        /// data owner id of the practitioner in charge of a patient
        pub(super) responsible: TextTemplate, example(r#""{{ target.responsible }}""#);
        /// first name of the person
        first_name: TextTemplate;
        /// last name of the person
        last_name: TextTemplate;
        /// how long to wait for the code
        otp_timeout: Duration = USUAL_TIMEOUT;
        /// name under which the credentials go into the vault
        save: TextTemplate;
    }
}

record! {
    struct CaptchaDoc of "`captcha`" expected "the answer to a captcha such as `{token: …}`" {
        /// which captcha
        kind as "type": CaptchaKind = CaptchaKind::Recaptcha;
        /// the answer; the target's `captcha_token` otherwise
        token: Sealed;
    }
}

/// Its keys, for those that have others besides.
pub(super) const AUTHENTICATION: &[Key] = Authentication::TABLE.keys[0];

impl Authentication {
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
        Some(read)
    }

    /// True when the result goes into the vault.
    pub(super) fn saves(&self) -> bool {
        self.save.is_some()
    }

    /// The address, rendered.
    pub(super) fn address(&self, scope: &Scope) -> Result<Option<Address>, StepError> {
        if let Some(email) = text("email", self.email.as_ref(), scope)? {
            return Ok(Some(Address::Email(email)));
        }
        Ok(text("phone", self.phone.as_ref(), scope)?.map(Address::Phone))
    }

    /// Starts the process, waits for the code and hands it in. Gives the code,
    /// which is a password for a short time.
    pub(super) async fn obtain_code(
        &self,
        user: &VirtualUser,
        address: &Address,
        role: Role,
        responsible: Option<String>,
        cx: StepContext<'_>,
    ) -> Result<SecretString, StepError> {
        let scope = &user.scope;
        let platform = &user.services.platform;
        let code_length = usize::try_from(self.code_length).unwrap_or(usize::MAX);
        let start = ProcessStart {
            address: address.clone(),
            role,
            first_name: text("first_name", self.first_name.as_ref(), scope)?.unwrap_or_default(),
            last_name: text("last_name", self.last_name.as_ref(), scope)?.unwrap_or_default(),
            captcha: self.captcha(user)?,
            responsible,
            code_length,
        };
        // Announced first: a code that comes before we listen would be lost.
        let pending = user.services.mailbox.expect(address.as_str(), code_length);
        let process = platform.start_process(&start, cx).await?;
        let accepted = cx.clock.now();
        let accepted_at = cx.clock.unix_millis();
        let waiting = cx.waiting_for("a one-time password");
        let received = pending.wait(self.otp_timeout).await;
        waiting.end();
        let Otp { code, sent_at } = received?;
        cx.record(Trend::OTP_WAIT, &[], cx.clock.since(accepted));
        if let Some(sent_at) = sent_at {
            // Dates have whole seconds: most mails are dated before.
            let took = u64::try_from(sent_at.saturating_sub(accepted_at)).unwrap_or_default();
            let took = Duration::from_millis(took);
            cx.record(Trend::OTP_DELIVERY, &[], took);
        }
        cx.record(Counter::OTPS_READ, &[], 1);
        platform.validate_process(&process, &code, cx).await?;
        Ok(code)
    }

    fn captcha(&self, user: &VirtualUser) -> Result<Captcha, StepError> {
        let given = self.captcha.as_ref();
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
        Ok(Captcha {
            kind: given.map(|captcha| captcha.kind).unwrap_or_default(),
            token,
        })
    }

    /// Saves the session's credentials when the step says so.
    pub(super) async fn save(
        &self,
        user: &VirtualUser,
        session: &Session,
        cx: StepContext<'_>,
    ) -> Result<(), StepError> {
        match text("save", self.save.as_ref(), &user.scope)? {
            Some(name) => save(user, session, name, Ids::new(), cx).await,
            None => Ok(()),
        }
    }
}

impl Identity {
    /// What is known of an account by its login alone.
    pub(super) fn unknown() -> Self {
        Self {
            key_pairs: Vec::new(),
            role: Role::default(),
            responsible: None,
        }
    }

    /// What to remember of a session.
    pub(super) fn of(session: &Session, role: Role, responsible: Option<String>) -> Self {
        Self {
            key_pairs: session.key_pairs().to_vec(),
            role,
            responsible,
        }
    }
}
