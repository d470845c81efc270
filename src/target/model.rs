//! Where the traffic goes: hosts, process ids, mailbox.

use std::sync::Arc;
use std::time::Duration;

use minijinja::Value;
use secrecy::SecretString;
use url::Url;

use crate::crypto::CryptoBackend;
use crate::document::{Defaulted, Field, ReadContext};
use crate::expression::scope::{self, TARGET_KEYS};
use crate::expression::secret_value;
use crate::http::{TlsSettings, Version};
use crate::language::field::Table;
use crate::language::node::{Node, Text};
use crate::language::problem::{Problem, Problems};
use crate::language::read::{Choice, Read};
use crate::language::shape::Shape;
use crate::language::source::Source;
use crate::language::yaml;
use crate::otp::OtpSource;

/// How long a token is asked for, unless the target says otherwise: ten years,
/// as the SDK does.
pub(super) const TOKEN_VALIDITY: Duration = Duration::from_secs(3650 * 24 * 60 * 60);

/// An environment of the platform.
#[derive(Clone, Debug)]
pub struct Target {
    /// What reports call it.
    pub name: String,
    /// The API's host; paths below `/rest/v1` or `/rest/v2` are added.
    pub api_url: Url,
    /// The message gateway's host.
    pub gateway_url: Url,
    /// Which API is used.
    pub api_version: ApiVersion,
    /// Id of the application at the message gateway.
    pub spec_id: String,
    /// Ids of the authentication processes.
    pub processes: Processes,
    /// Data owner id of the practitioner in charge.
    pub responsible: Option<String>,
    /// What is sent as the captcha's answer when a step gives none.
    pub captcha_token: Option<SecretString>,
    /// How long the token of a user is asked for.
    pub token_validity: Duration,
    /// How long requests may take.
    pub timeouts: Timeouts,
    /// Whose cryptography is used, unless the command line says so.
    pub crypto_backend: Option<CryptoBackend>,
    /// Where one-time passwords are read.
    pub otp: Arc<dyn OtpSource>,
    /// Domain of invented e-mail addresses, all of whose mail arrives in the
    /// mailbox.
    pub mail_domain: Option<String>,
    /// How connections are protected, and which HTTP is spoken.
    pub tls: TlsSettings,
}

/// Version of the API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApiVersion {
    /// `/rest/v1`
    V1,
    /// `/rest/v2`
    #[default]
    V2,
}

impl ApiVersion {
    /// Its part of a path.
    pub fn path(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }
}

/// Ids of the authentication processes at the message gateway. A scenario
/// needs those that its steps go through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Processes {
    /// Patients, by e-mail.
    pub patient_by_email: Option<String>,
    /// Patients, by SMS.
    pub patient_by_sms: Option<String>,
    /// Practitioners, by e-mail.
    pub hcp_by_email: Option<String>,
    /// Practitioners, by SMS.
    pub hcp_by_sms: Option<String>,
}

/// How long requests may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Until there is a connection.
    pub connect: Duration,
    /// Until the answer is complete.
    pub request: Duration,
}

impl Timeouts {
    const USUAL: Self = Self {
        connect: Duration::from_secs(10),
        request: Duration::from_secs(60),
    };
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::USUAL
    }
}

impl Target {
    /// A target with nothing but hosts and mailbox.
    pub fn new(api_url: Url, gateway_url: Url, otp: Arc<dyn OtpSource>) -> Self {
        Self {
            name: api_url.host_str().unwrap_or_default().to_owned(),
            api_url,
            gateway_url,
            api_version: ApiVersion::default(),
            spec_id: String::new(),
            processes: Processes::default(),
            responsible: None,
            captcha_token: None,
            token_validity: TOKEN_VALIDITY,
            timeouts: Timeouts::default(),
            crypto_backend: None,
            otp,
            mail_domain: None,
            tls: TlsSettings::default(),
        }
    }

    /// Reads a target file that stands alone.
    ///
    /// # Errors
    /// With all problems of the file.
    pub fn parse(source: &Source) -> Result<Self, Problems> {
        let mut cx = ReadContext::new(source);
        let root = yaml::load(source, &mut cx.problems);
        match root.and_then(|root| read_target(&root, source, &mut cx)) {
            Some(target) if cx.problems.is_empty() => Ok(target),
            _ => Err(cx.problems),
        }
    }

    /// What expressions can name of it; what it does not say is not defined.
    pub fn values(&self) -> Vec<(String, Value)> {
        let text = |text: &str| Some(Value::from(text));
        let domain = self.mail_domain.as_deref().unwrap_or(scope::MAIL_DOMAIN);
        let values = [
            text(&self.name),
            text(self.api_url.as_str()),
            text(self.gateway_url.as_str()),
            text(self.api_version.path()),
            text(&self.spec_id),
            self.responsible.as_deref().map(Value::from),
            self.captcha_token.clone().map(secret_value),
            text(domain),
        ];
        let keys = TARGET_KEYS.iter().zip(values);
        keys.filter_map(|(key, value)| Some(((*key).to_owned(), value?)))
            .collect()
    }
}

const NAME: Field<String> = Field::new("name", "what reports call it; the file's name otherwise");
const API_URL: Field<Url> = Field::new("api_url", "the API's host").required();
const GATEWAY_URL: Field<Url> = Field::new("gateway_url", "the message gateway's host")
    .required()
    .example("https://msg-gw.example.org");
const API_VERSION: Defaulted<ApiVersion> =
    Field::new("api_version", "which API is used").or(&ApiVersion::V2);
const SPEC_ID: Field<String> =
    Field::new("spec_id", "id of the application at the message gateway").required();
const PROCESSES: Field<Processes> = Field::new("processes", "ids of the authentication processes");
const RESPONSIBLE: Field<String> =
    Field::new("responsible", "data owner id of the practitioner in charge");
const CAPTCHA_TOKEN: Field<SecretString> = Field::new(
    "captcha_token",
    "what is sent as the captcha's answer when a step gives none",
)
.example(r#""${CAPTCHA_TOKEN}""#);
const VALIDITY: Defaulted<Duration> = Field::new(
    "token_validity",
    "how long the token of a user is asked for",
)
.or(&TOKEN_VALIDITY);
const TIMEOUTS: Field<Timeouts> = Field::new("timeouts", "how long requests may take");
const CRYPTO: Field<CryptoDoc> = Field::new("crypto", "whose cryptography is used");
const MAIL_DOMAIN: Field<Domain> = Field::new(
    "mail_domain",
    "domain of invented e-mail addresses, all of whose mail arrives in the mailbox",
)
.example("mail.example.org");
const TLS: Field<TlsSettings> = Field::new("tls", "how connections are protected");
const HTTP_VERSION: Defaulted<Version> =
    Field::new("http_version", "which HTTP is spoken").or(&Version::Agreed);
const OTP: Field<Arc<dyn OtpSource>> = Field::new("otp", "where one-time passwords are read")
    .required()
    .example(r#"{source: imap, host: imap.example.org, user: ada, password: "${PASSWORD}"}"#);

/// Keys of a target file.
pub const TARGET: Table = Table {
    what: "a target",
    keys: &[&[
        NAME.key(),
        API_URL.key(),
        GATEWAY_URL.key(),
        API_VERSION.key(),
        SPEC_ID.key(),
        PROCESSES.key(),
        RESPONSIBLE.key(),
        CAPTCHA_TOKEN.key(),
        VALIDITY.key(),
        TIMEOUTS.key(),
        CRYPTO.key(),
        MAIL_DOMAIN.key(),
        TLS.key(),
        HTTP_VERSION.key(),
        OTP.key(),
    ]],
};

/// Reads a target that `source` is, or is the upmost file of.
pub(super) fn read_target(root: &Node, source: &Source, cx: &mut ReadContext) -> Option<Target> {
    let mut fields = TARGET.open(root, cx)?;
    let name = fields.get(&NAME, cx);
    let api_url = fields.get(&API_URL, cx);
    let gateway_url = fields.get(&GATEWAY_URL, cx);
    let api_version = fields.get_or(&API_VERSION, cx);
    let spec_id = fields.get(&SPEC_ID, cx);
    let processes = fields.get(&PROCESSES, cx);
    let responsible = fields.get(&RESPONSIBLE, cx);
    let captcha_token = fields.get(&CAPTCHA_TOKEN, cx);
    let token_validity = fields.get_or(&VALIDITY, cx);
    let timeouts = fields.get(&TIMEOUTS, cx);
    let crypto = fields.get(&CRYPTO, cx);
    let mail_domain = fields.get(&MAIL_DOMAIN, cx);
    let tls = fields.get(&TLS, cx);
    let version = fields.get_or(&HTTP_VERSION, cx);
    let otp = fields.get(&OTP, cx);
    fields.finish(cx);
    Some(Target {
        name: name.unwrap_or_else(|| source.stem()),
        api_version,
        spec_id: spec_id?,
        processes: processes.unwrap_or_default(),
        responsible,
        captcha_token,
        token_validity,
        timeouts: timeouts.unwrap_or_default(),
        crypto_backend: crypto.and_then(|crypto| crypto.backend),
        mail_domain: mail_domain.map(|Domain(domain)| domain),
        tls: TlsSettings {
            version,
            ..tls.unwrap_or_default()
        },
        ..Target::new(api_url?, gateway_url?, otp?)
    })
}

/// What comes after the `@`.
struct Domain(String);

impl Read<ReadContext> for Domain {
    const EXPECTED: &'static str = "a domain such as `mail.example.org`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let domain = Text::read(node, cx)?;
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if domain.text.is_empty() || !domain.text.chars().all(good) {
            let help = "write what comes after the `@`, such as `mail.example.org`";
            let message = format!("`{}` is not a domain", domain.text);
            cx.push(Problem::new(domain.span, message, help));
            return None;
        }
        Some(Self(domain.text))
    }

    fn shape() -> Shape {
        Shape::Text
    }
}

impl Choice for ApiVersion {
    const EXPECTED: &'static str = "`v1` or `v2`";
    const CHOICES: &'static [(&'static str, Self)] = &[("v1", Self::V1), ("v2", Self::V2)];
}

const PATIENT_BY_EMAIL: Field<String> = Field::new("patient_by_email", "patients, by e-mail");
const PATIENT_BY_SMS: Field<String> = Field::new("patient_by_sms", "patients, by SMS");
const HCP_BY_EMAIL: Field<String> = Field::new("hcp_by_email", "practitioners, by e-mail");
const HCP_BY_SMS: Field<String> = Field::new("hcp_by_sms", "practitioners, by SMS");

const PROCESSES_FIELDS: Table = Table {
    what: "`processes`",
    keys: &[&[
        PATIENT_BY_EMAIL.key(),
        PATIENT_BY_SMS.key(),
        HCP_BY_EMAIL.key(),
        HCP_BY_SMS.key(),
    ]],
};

impl Read<ReadContext> for Processes {
    const EXPECTED: &'static str = "a mapping of process ids";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let mut fields = PROCESSES_FIELDS.open(node, cx)?;
        let processes = Self {
            patient_by_email: fields.get(&PATIENT_BY_EMAIL, cx),
            patient_by_sms: fields.get(&PATIENT_BY_SMS, cx),
            hcp_by_email: fields.get(&HCP_BY_EMAIL, cx),
            hcp_by_sms: fields.get(&HCP_BY_SMS, cx),
        };
        fields.finish(cx);
        Some(processes)
    }

    fn shape() -> Shape {
        PROCESSES_FIELDS.shape()
    }
}

const CONNECT: Defaulted<Duration> = Field::new("connect", "until there is a connection")
    .shown()
    .or(&Timeouts::USUAL.connect);
const REQUEST: Defaulted<Duration> = Field::new("request", "until the answer is complete")
    .shown()
    .or(&Timeouts::USUAL.request);

const TIMEOUTS_FIELDS: Table = Table {
    what: "`timeouts`",
    keys: &[&[CONNECT.key(), REQUEST.key()]],
};

impl Read<ReadContext> for Timeouts {
    const EXPECTED: &'static str = "`{connect: 10s, request: 60s}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let fields = TIMEOUTS_FIELDS.open(node, cx)?;
        let timeouts = Self {
            connect: fields.get_or(&CONNECT, cx),
            request: fields.get_or(&REQUEST, cx),
        };
        fields.finish(cx);
        Some(timeouts)
    }

    fn shape() -> Shape {
        TIMEOUTS_FIELDS.shape()
    }
}

/// Settings of cryptography.
struct CryptoDoc {
    backend: Option<CryptoBackend>,
}

const BACKEND: Field<CryptoBackend> = Field::new("backend", "`rustcrypto` unless given");

const CRYPTO_FIELDS: Table = Table {
    what: "`crypto`",
    keys: &[&[BACKEND.key()]],
};

impl Read<ReadContext> for CryptoDoc {
    const EXPECTED: &'static str = "`{backend: rustcrypto}` or `{backend: aws-lc}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let mut fields = CRYPTO_FIELDS.open(node, cx)?;
        let backend = fields.get(&BACKEND, cx);
        fields.finish(cx);
        Some(Self { backend })
    }

    fn shape() -> Shape {
        CRYPTO_FIELDS.shape()
    }
}

impl Read<ReadContext> for CryptoBackend {
    const EXPECTED: &'static str = "`rustcrypto` or `aws-lc`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let choices = Self::ALL.map(|backend| (backend.name(), backend));
        cx.choice(node, Self::EXPECTED, &choices)
    }

    fn shape() -> Shape {
        Shape::Words(Self::ALL.map(Self::name).to_vec())
    }
}
