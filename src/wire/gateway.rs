//! The message gateway: `POST /{specId}/process/{processId}/{requestId}`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use zeroize::Zeroizing;

/// Body that starts an authentication process
/// (`MessageGatewayApiImpl.startProcess`). The clients leave out the captcha
/// that they do not use, and the address that they do not have.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ProcessRequest {
    /// Answer of Google reCAPTCHA.
    #[serde(rename = "g-recaptcha-response")]
    #[schemars(with = "Option<String>")]
    pub recaptcha: Option<Zeroizing<String>>,
    /// Answer of Friendly Captcha.
    #[serde(rename = "friendly-captcha-response")]
    #[schemars(with = "Option<String>")]
    pub friendly_captcha: Option<Zeroizing<String>>,
    /// Answer of Kerberus, the proof of work of Cardinal.
    #[serde(rename = "kerberus-response")]
    pub kerberus: Option<KerberusSolution>,
    /// First name; the clients send an empty string when there is none.
    pub first_name: String,
    /// Last name; the clients send an empty string when there is none.
    pub last_name: String,
    /// The validated e-mail address or phone number. Cardinal leaves it out.
    pub from: String,
    /// E-mail address, when the process is by e-mail.
    pub email: Option<String>,
    /// Phone number, when the process is by SMS.
    pub mobile_phone: Option<String>,
    /// The responsible practitioner; mandatory for a patient.
    pub hcp_id: Option<String>,
}

/// Answer of `GET /{specId}/challenge`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KerberusChallenge {
    /// Id, to be named in the solution.
    pub id: String,
    /// Each needs a number of its own.
    pub salts: Vec<String>,
    /// How many numbers must be tried on average.
    pub difficulty_factor: u32,
}

/// A solved challenge.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct KerberusSolution {
    /// Id of the challenge.
    pub id: String,
    /// Decimal numbers, in the order of the salts.
    pub nonces: Vec<String>,
}

/// Which captcha a token comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CaptchaKind {
    /// Google reCAPTCHA, `g-recaptcha-response`.
    #[default]
    Recaptcha,
    /// Friendly Captcha, `friendly-captcha-response`.
    FriendlyCaptcha,
}

/// A message that the simulator has sent. Not part of the platform: it is how
/// a test mailbox is read when the mailbox is the simulator's own.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutboxMessage {
    /// Grows by one with each message of this simulator, from 1.
    pub sequence: u64,
    /// `email` or `sms`.
    pub channel: String,
    /// E-mail address or phone number.
    pub to: String,
    /// Milliseconds since 1970.
    pub sent_at: i64,
    /// Subject of an e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Text of the message; it holds the OTP, so this type has no `Debug`.
    #[schemars(with = "String")]
    pub body: Zeroizing<String>,
    /// Whether the text is HTML.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub html: bool,
}

/// Answer of `GET /_simulator/outbox?after={sequence}&instance={id}&wait={ms}`:
/// every message with a sequence above `after`; it waits up to `wait` for the
/// first one.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutboxPage {
    /// Sequence of the newest message, to pass as the next `after`.
    pub last: u64,
    /// Another one after each start of the simulator. An `instance` that is not
    /// this one is answered at once, with everything from the start.
    #[serde(default)]
    pub instance: String,
    /// In the order in which they were sent.
    pub messages: Vec<OutboxMessage>,
}
