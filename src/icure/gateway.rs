//! The message gateway: start an authentication process, hand in its code.

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{IcureError, Platform, Role};
use crate::http::Call;
use crate::metrics::StepContext;
use crate::wire::{CaptchaKind, ProcessRequest};

/// Where the code is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// By e-mail.
    Email(String),
    /// By SMS, to a mobile phone.
    Phone(String),
}

impl Address {
    /// The address as text; it is also the login of the account.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(text) | Self::Phone(text) => text,
        }
    }
}

/// Proof that a person asks.
#[derive(Clone)]
pub struct Captcha {
    /// Which captcha.
    pub kind: CaptchaKind,
    /// Its answer.
    pub token: SecretString,
}

/// The arguments of `startAuthentication`.
pub struct ProcessStart {
    /// Who asks, and where the code is sent.
    pub address: Address,
    /// Patient or practitioner.
    pub role: Role,
    /// First name; may be empty.
    pub first_name: String,
    /// Last name; may be empty.
    pub last_name: String,
    /// Proof that a person asks, unless that is left out.
    pub captcha: Option<Captcha>,
    /// Id of the responsible practitioner; a patient must have one.
    pub responsible: Option<String>,
    /// Digits of the code.
    pub code_length: usize,
    /// Id of the process, when it is not the target's for role and address.
    pub process_id: Option<String>,
    /// What the process is called, unless a new id does.
    pub request_id: Option<String>,
}

impl Platform {
    /// `POST {gw}/{specId}/process/{processId}/{requestId}?codeLength=…`; gives the
    /// id of the request.
    ///
    /// # Errors
    /// When the target has no such process or the gateway refuses to start it.
    pub async fn start_process(
        &self,
        start: &ProcessStart,
        cx: StepContext<'_>,
    ) -> Result<String, IcureError> {
        let process_id = match &start.process_id {
            Some(given) => given,
            None => self.process_id(start)?,
        };
        let new = || Uuid::new_v4().to_string();
        let id = start.request_id.clone().unwrap_or_else(new);
        let mut call = self.gateway_call(
            Method::POST,
            "gateway /process/{processId}/{requestId}",
            ["process", process_id, &id],
        );
        call = call.query("codeLength", &start.code_length.to_string());
        let captcha = start.captcha.as_ref();
        let token = captcha.map(|captcha| Zeroizing::new(captcha.token.expose_secret().to_owned()));
        let (recaptcha, friendly_captcha) = match captcha.map(|captcha| captcha.kind) {
            Some(CaptchaKind::FriendlyCaptcha) => (None, token),
            _ => (token, None),
        };
        let (email, mobile_phone) = match &start.address {
            Address::Email(email) => (Some(email.clone()), None),
            Address::Phone(phone) => (None, Some(phone.clone())),
        };
        let body = ProcessRequest {
            recaptcha,
            friendly_captcha,
            first_name: start.first_name.clone(),
            last_name: start.last_name.clone(),
            from: start.address.as_str().to_owned(),
            email,
            mobile_phone,
            hcp_id: start.responsible.clone(),
            ..ProcessRequest::default()
        };
        let call = call.json(&body)?;
        let secrets = captcha.map(|captcha| &captcha.token).into_iter();
        let call = secrets.fold(call, Call::secret);
        self.http.send(call, cx).await?;
        Ok(id)
    }

    /// `GET {gw}/{specId}/process/validate/{requestId}-{code}`
    ///
    /// # Errors
    /// When the code is wrong, spent or expired.
    pub async fn validate_process(
        &self,
        request_id: &str,
        code: &SecretString,
        cx: StepContext<'_>,
    ) -> Result<(), IcureError> {
        let last = format!("{request_id}-{}", code.expose_secret());
        let last = Zeroizing::new(last);
        let call = self
            .gateway_call(
                Method::GET,
                "gateway /process/validate/{requestId}-{code}",
                ["process", "validate", &last],
            )
            .secret(code);
        self.http.send(call, cx).await?;
        Ok(())
    }

    fn process_id(&self, start: &ProcessStart) -> Result<&str, IcureError> {
        let processes = &self.target().processes;
        let (id, setting) = match (start.role, &start.address) {
            (Role::Patient, Address::Email(_)) => {
                (&processes.patient_by_email, "processes.patient_by_email")
            }
            (Role::Patient, Address::Phone(_)) => {
                (&processes.patient_by_sms, "processes.patient_by_sms")
            }
            (Role::Practitioner, Address::Email(_)) => {
                (&processes.hcp_by_email, "processes.hcp_by_email")
            }
            (Role::Practitioner, Address::Phone(_)) => {
                (&processes.hcp_by_sms, "processes.hcp_by_sms")
            }
        };
        id.as_deref().ok_or(IcureError::Setting {
            setting,
            purpose: "this authentication process",
        })
    }
}
