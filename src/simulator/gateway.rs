//! The message gateway: processes that end with a code, and messages that
//! users send.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::Uri;
use schemars::JsonSchema;
use serde::Deserialize;

use super::accounts::{self, Applicant};
use super::address::Address;
use super::auth::Caller;
use super::endpoint::{Endpoint, get, post};
use super::identity::Channel;
use super::otp::CodeLength;
use super::outbox::Draft;
use super::state::{Shared, Simulation};
use super::store::Table;
use super::{Failure, message, request};
use crate::wire::{DataOwnerKind, KerberusChallenge, ProcessRequest};

/// Where the gateway is below the simulator's address.
pub(super) const PREFIX: &str = "/gateway";

/// The one captcha token that is not taken.
const INVALID_CAPTCHA: &str = "invalid";

/// The gateway, below [`PREFIX`].
pub(super) fn endpoints() -> [Endpoint; 7] {
    [
        get("", alive).about("A sign of life"),
        get("/", alive).about("A sign of life"),
        post("/{specId}/process/{processId}/{requestId}", start)
            .about("Start an authentication process: sends a code")
            .number("codeLength", 4..=12, "Digits of the code")
            .takes::<ProcessRequest>()
            .refuses(&[403, 404, 409])
            .writes(),
        get("/{specId}/challenge", challenge)
            .about("A proof of work that can stand in for a captcha")
            .gives::<KerberusChallenge>()
            .refuses(&[404]),
        get("/{specId}/process/validate/{attempt}", validate)
            .about("Hand a code in; makes the account when the login is new")
            .refuses(&[403, 404, 410])
            .writes(),
        post("/{specId}/email/to/{address}", send_email)
            .about("Send an e-mail")
            .signed_in()
            .takes::<Email>()
            .refuses(&[404])
            .writes(),
        post("/{specId}/sms/to/{number}", send_sms)
            .about("Send an SMS")
            .signed_in()
            .takes::<Sms>()
            .refuses(&[404])
            .writes(),
    ]
}

async fn alive() -> &'static str {
    "message gateway of the rehearse simulator\n"
}

/// `POST /{specId}/process/{processId}/{requestId}?codeLength=…`
async fn start(
    State(simulation): State<Shared>,
    Path((spec, process, request_id)): Path<(String, String, String)>,
    uri: Uri,
    body: Bytes,
) -> Result<&'static str, Failure> {
    simulation.check_spec(&spec)?;
    let (kind, channel) = simulation
        .identity
        .processes
        .find(&process)
        .ok_or_else(|| Failure::not_found("there is no such authentication process"))?;
    let length = CodeLength::new(request::number(&uri, "codeLength")?)?;
    let body: ProcessRequest = request::json(&body)?;
    simulation.check_captcha(&body)?;
    let address = address(&body, channel)?;
    let login = address.login();
    let is_new = simulation
        .store
        .read(|tables| accounts::find(tables, &login))?
        .is_none();
    // Only a new patient has a responsible. The form of Cardinal has no place
    // for one, and no `from`.
    let responsible = if kind == DataOwnerKind::Patient && is_new {
        simulation.responsible(body.hcp_id, !body.from.is_empty())?
    } else {
        None
    };
    let applicant = Applicant {
        address: address.clone(),
        kind,
        first_name: body.first_name.clone(),
        last_name: body.last_name,
        responsible,
    };
    let now = simulation.clock.unix_millis();
    let expires_at = simulation.clock.unix_millis_in(simulation.lifetimes.otp);
    let code = simulation
        .processes
        .start(&request_id, applicant, length, now, expires_at)?;
    let draft = Draft {
        subject: matches!(address, Address::Email(_)).then(|| message::SUBJECT.to_owned()),
        to: address,
        body: message::text(&body.first_name, &code, simulation.lifetimes.otp),
        html: false,
    };
    simulation
        .outbox
        .post(&simulation.store, draft, now)
        .await?;
    Ok("the code was sent")
}

async fn challenge(
    State(simulation): State<Shared>,
    Path(spec): Path<String>,
) -> Result<Json<KerberusChallenge>, Failure> {
    simulation.check_spec(&spec)?;
    Ok(Json(
        simulation.challenges.make(simulation.clock.unix_millis()),
    ))
}

/// `GET /{specId}/process/validate/{requestId}-{code}`
async fn validate(
    State(simulation): State<Shared>,
    Path((spec, attempt)): Path<(String, String)>,
) -> Result<&'static str, Failure> {
    simulation.check_spec(&spec)?;
    let attempt = zeroize::Zeroizing::new(attempt);
    let (request_id, code) = attempt
        .rsplit_once('-')
        .ok_or_else(|| Failure::bad_request("expected `{requestId}-{code}`"))?;
    let now = simulation.clock.unix_millis();
    let applicant = simulation.processes.validate(request_id, code, now)?;
    let group = &simulation.identity.group_id;
    let (user, is_new) = simulation
        .store
        .write(|tx| accounts::find_or_create(tx, &applicant, group, now))
        .await?;
    let lifetimes = &simulation.lifetimes;
    let valid_from = if is_new {
        simulation.clock.unix_millis_in(lifetimes.account_delay)
    } else {
        now
    };
    let valid_until = simulation.clock.unix_millis_in(lifetimes.otp);
    simulation
        .passwords
        .add(&user.id, code, now, valid_from, valid_until);
    Ok("the code is right")
}

/// What users send each other, as the SDK's `sendEmail` does; its other fields
/// (`from`, `attachments`) are not kept.
#[derive(Deserialize, JsonSchema)]
struct Email {
    /// Line above the text.
    subject: Option<String>,
    /// The text, in HTML.
    html: String,
}

/// What users send each other, as the SDK's `sendSMS` does.
#[derive(Deserialize, JsonSchema)]
struct Sms {
    /// The text.
    message: String,
}

async fn send_email(
    State(simulation): State<Shared>,
    Path((spec, address)): Path<(String, String)>,
    _caller: Caller,
    body: Bytes,
) -> Result<&'static str, Failure> {
    let to = Address::email(&address)?;
    let Email { subject, html } = request::json(&body)?;
    simulation.send(&spec, to, subject, html).await
}

async fn send_sms(
    State(simulation): State<Shared>,
    Path((spec, number)): Path<(String, String)>,
    _caller: Caller,
    body: Bytes,
) -> Result<&'static str, Failure> {
    let to = Address::phone(&number)?;
    let Sms { message } = request::json(&body)?;
    simulation.send(&spec, to, None, message).await
}

impl Simulation {
    fn check_spec(&self, spec: &str) -> Result<(), Failure> {
        if spec == self.identity.spec_id {
            return Ok(());
        }
        Err(Failure::not_found("there is no such spec id"))
    }

    async fn send(
        &self,
        spec: &str,
        to: Address,
        subject: Option<String>,
        body: String,
    ) -> Result<&'static str, Failure> {
        self.check_spec(spec)?;
        let draft = Draft {
            html: matches!(to, Address::Email(_)),
            to,
            subject,
            body,
        };
        self.outbox
            .post(&self.store, draft, self.clock.unix_millis())
            .await?;
        Ok("sent")
    }

    /// Some captcha must be there, and not be the one that is wrong.
    fn check_captcha(&self, body: &ProcessRequest) -> Result<(), Failure> {
        if let Some(solution) = &body.kerberus {
            let spec = &self.identity.spec_id;
            return self
                .challenges
                .spend(solution, spec, self.clock.unix_millis());
        }
        let tokens = [&body.recaptcha, &body.friendly_captcha];
        let mut tokens = tokens
            .into_iter()
            .flatten()
            .filter(|token| !token.is_empty());
        match tokens.next() {
            None => Err(Failure::bad_request(
                "no captcha: expected `g-recaptcha-response`, `friendly-captcha-response` or `kerberus-response`",
            )),
            Some(token) if token.as_str() == INVALID_CAPTCHA => {
                Err(Failure::forbidden("the captcha is wrong"))
            }
            Some(_) => Ok(()),
        }
    }

    /// The practitioner named in a process.
    fn responsible(&self, id: Option<String>, must_name: bool) -> Result<Option<String>, Failure> {
        let Some(id) = id.filter(|id| !id.is_empty()) else {
            return if must_name {
                Err(missing("hcpId"))
            } else {
                Ok(None)
            };
        };
        let exists = self
            .store
            .read(|tables| tables.get(Table::Practitioners, &id).is_some());
        if exists {
            Ok(Some(id))
        } else {
            Err(Failure::bad_request("`hcpId` is no practitioner's id"))
        }
    }
}

fn address(body: &ProcessRequest, channel: Channel) -> Result<Address, Failure> {
    let given = |field: &Option<String>| field.clone().filter(|text| !text.trim().is_empty());
    match channel {
        Channel::Email => Address::email(&given(&body.email).ok_or_else(|| missing("email"))?),
        Channel::Sms => {
            let phone = given(&body.mobile_phone).ok_or_else(|| missing("mobilePhone"))?;
            Address::phone(&phone)
        }
    }
}

fn missing(field: &str) -> Failure {
    Failure::bad_request(format!("`{field}` is missing"))
}
