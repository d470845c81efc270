//! Where the traffic goes: hosts, process ids, mailbox.

use std::sync::Arc;
use std::time::Duration;

use minijinja::Value;
use secrecy::SecretString;
use url::Url;

use super::permitted;
use crate::ceilings;
use crate::crypto::CryptoBackend;
use crate::document::{ReadContext, Record, record};
use crate::expression::scope::{self, PROCESS_KEYS, TARGET_KEYS};
use crate::expression::secret_value;
use crate::http::{ConnectionSettings, NetworkSettings, RequestRate, TlsSettings, Version};
use crate::language::environment::Environment;
use crate::language::field::Table;
use crate::language::node::{Node, Text};
use crate::language::problem::{Problem, Problems};
use crate::language::read::{Choice, Read};
use crate::language::shape::{ANCHORS, Shape};
use crate::language::size::Size;
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
    /// So many bytes may the body of an answer have.
    pub max_body: u64,
    /// Whose cryptography is used, unless the command line says so.
    pub crypto_backend: Option<CryptoBackend>,
    /// Where one-time passwords are read.
    pub otp: Arc<dyn OtpSource>,
    /// Domain of invented e-mail addresses, all of whose mail arrives in the
    /// mailbox.
    pub mail_domain: Option<String>,
    /// How connections are protected, and which HTTP is spoken.
    pub tls: TlsSettings,
    /// How connections are used.
    pub connections: ConnectionSettings,
    /// How connections leave this machine.
    pub network: NetworkSettings,
    /// Requests of a whole run, at most.
    pub max_rate: Option<RequestRate>,
    /// Variables of the environment that scenarios may read, when the command
    /// line names the target.
    pub env: Vec<String>,
    /// Whether it is the user's own, and not one that a scenario names.
    pub is_own: bool,
    /// Whether it is the simulator in this process.
    pub is_in_process: bool,
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

record! {
    /// Ids of the authentication processes at the message gateway. A scenario
    /// needs those that its steps go through.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    pub struct Processes of "`processes`" expected "a mapping of process ids" {
        /// patients, by e-mail
        pub patient_by_email: String;
        /// patients, by SMS
        pub patient_by_sms: String;
        /// practitioners, by e-mail
        pub hcp_by_email: String;
        /// practitioners, by SMS
        pub hcp_by_sms: String;
    }
}

impl Processes {
    /// What expressions can name of them.
    fn values(&self) -> Value {
        let ids = [
            &self.patient_by_email,
            &self.patient_by_sms,
            &self.hcp_by_email,
            &self.hcp_by_sms,
        ];
        let all = PROCESS_KEYS.into_iter().zip(ids);
        let known = all.filter_map(|(key, id)| Some((key, id.as_deref()?)));
        Value::from_pairs(known)
    }
}

record! {
    /// How long requests may take.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Timeouts of "`timeouts`" expected "`{connect: 10s, request: 60s}`" {
        /// until there is a connection
        pub connect: Duration = Timeouts::USUAL.connect, shown;
        /// until the answer is complete
        pub request: Duration = Timeouts::USUAL.request, shown;
    }
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
            max_body: ceilings::BODY,
            crypto_backend: None,
            otp,
            mail_domain: None,
            tls: TlsSettings::default(),
            connections: ConnectionSettings::default(),
            network: NetworkSettings::default(),
            max_rate: None,
            env: Vec::new(),
            is_own: true,
            is_in_process: false,
        }
    }

    /// Reads a target file that stands alone.
    ///
    /// # Errors
    /// With all problems of the file.
    pub fn parse(source: &Source, environment: &Environment) -> Result<Self, Problems> {
        let mut cx = ReadContext::new(source, environment);
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
            Some(self.processes.values()),
        ];
        let keys = TARGET_KEYS.iter().zip(values);
        keys.filter_map(|(key, value)| Some(((*key).to_owned(), value?)))
            .collect()
    }
}

record! {
    struct TargetDoc of "a target" {
        /// what reports call it; the file's name otherwise
        name: String;
        /// the API's host
        api_url: Url, required;
        /// the message gateway's host
        gateway_url: Url, required, example("https://msg-gw.example.org");
        /// which API is used
        api_version: ApiVersion = ApiVersion::V2;
        /// id of the application at the message gateway
        spec_id: String, required;
        /// ids of the authentication processes
        processes: Processes;
        /// data owner id of the practitioner in charge
        responsible: String;
        /// what is sent as the captcha's answer when a step gives none
        captcha_token: SecretString, example(r#""${CAPTCHA_TOKEN}""#);
        /// how long the token of a user is asked for
        token_validity: Duration = TOKEN_VALIDITY;
        /// how long requests may take
        timeouts: Timeouts;
        /// most bytes of the body of an answer, packed and unpacked
        max_body: Size = Size(ceilings::BODY);
        /// whose cryptography is used
        crypto: CryptoDoc;
        /// domain of invented e-mail addresses, all of whose mail arrives in the mailbox
        mail_domain: Domain, example("mail.example.org");
        /// how connections are protected
        tls: TlsSettings;
        /// which HTTP is spoken
        http_version: Version = Version::Agreed;
        /// who shares connections, and how long they are kept
        connections: ConnectionSettings, example("{shared: 20}");
        /// how connections leave this machine: addresses of hosts, own addresses, proxies
        network: NetworkSettings;
        /// its owner agrees to load: without it nothing is played against hosts that are not this machine
        load_test_allowed: bool = false;
        /// requests of a whole run at most, whatever a scenario says
        max_rate: RequestRate, example("50/s");
        /// names of variables of the environment that scenarios may read as `env.NAME`, when this file is given with `--target`
        env: Vec<String>, example("[BUILD_NUMBER]");
        /// where one-time passwords are read
        otp: Arc<dyn OtpSource>, required,
            example(r#"{source: imap, host: imap.example.org, user: ada, password: "${PASSWORD}"}"#);
    }
}

record! {
    struct CryptoDoc of "`crypto`" expected "`{backend: auto}`, `{backend: rustcrypto}` or `{backend: aws-lc}`" {
        /// `auto` unless given, which takes the faster library for each operation
        backend: CryptoBackend;
    }
}

/// Keys of a target file.
pub const TARGET: Table = Table {
    what: TargetDoc::TABLE.what,
    keys: &[TargetDoc::TABLE.keys[0], &[ANCHORS]],
};

/// Reads a target that `source` is, or is the upmost file of.
pub(super) fn read_target(root: &Node, source: &Source, cx: &mut ReadContext) -> Option<Target> {
    let mut fields = TARGET.open(root, cx)?;
    let read = TargetDoc::take(&mut fields, cx);
    fields.finish(cx);
    let read = read?;
    let target = Target {
        name: read.name.unwrap_or_else(|| source.stem()),
        api_version: read.api_version,
        spec_id: read.spec_id,
        processes: read.processes.unwrap_or_default(),
        responsible: read.responsible,
        captcha_token: read.captcha_token,
        token_validity: read.token_validity,
        timeouts: read.timeouts.unwrap_or_default(),
        max_body: read.max_body.0,
        crypto_backend: read.crypto.and_then(|crypto| crypto.backend),
        mail_domain: read.mail_domain.map(|Domain(domain)| domain),
        tls: TlsSettings {
            version: read.http_version,
            ..read.tls.unwrap_or_default()
        },
        connections: read.connections.unwrap_or_default(),
        network: read.network.unwrap_or_default(),
        max_rate: read.max_rate,
        env: read.env.unwrap_or_default(),
        is_own: permitted::is_own(root, cx),
        is_in_process: false,
        ..Target::new(read.api_url, read.gateway_url, read.otp)
    };
    permitted::check(root, &target, cx);
    if !read.load_test_allowed {
        permitted::check_load(root, &target, cx);
    }
    Some(target)
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

impl Read<ReadContext> for CryptoBackend {
    const EXPECTED: &'static str = Self::EXPECTED;

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let choices = Self::ALL.map(|backend| (backend.name(), backend));
        cx.choice(node, Self::EXPECTED, &choices)
    }

    fn shape() -> Shape {
        Shape::Words(Self::ALL.map(Self::name).to_vec())
    }
}
