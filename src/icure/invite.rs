//! Inviting somebody: a patient and an account that a practitioner makes, and the
//! password that is sent to whom it is for.

use std::time::Duration;

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Map, json};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::entity::{PATIENT, seal_entity};
use super::{Address, IcureError, Session, StepPlatform};
use crate::wire::{DataOwner, FilterChain, Page, User};

/// Whom a practitioner invites.
pub struct Invitation {
    /// Where the password goes; the login of the account.
    pub address: Address,
    /// First name of a new patient; may be empty.
    pub first_name: String,
    /// Last name of a new patient; may be empty.
    pub last_name: String,
    /// Id of the patient, if there is one already.
    pub patient: Option<String>,
    /// How long the password is valid.
    pub validity: Duration,
}

/// What the gateway sends by e-mail.
#[derive(Serialize)]
struct Email<'a> {
    from: &'a str,
    subject: &'a str,
    html: Zeroizing<String>,
}

/// What the gateway sends by SMS.
#[derive(Serialize)]
struct Sms {
    message: Zeroizing<String>,
}

impl Session {
    /// Makes a patient, unless there is one, an account for it, and a password for
    /// that, and has the gateway send it (`createAndInviteUser`).
    ///
    /// # Errors
    /// When the patient has an account, this is no practitioner, or a request fails.
    pub async fn invite(
        &mut self,
        platform: StepPlatform<'_>,
        invitation: &Invitation,
    ) -> Result<User, IcureError> {
        let patient = match &invitation.patient {
            Some(patient) => patient.clone(),
            None => self.create_patient(platform, invitation).await?,
        };
        self.check_without_account(platform, &patient).await?;
        let user = new_user(&invitation.address, &patient, platform.now_ms());
        let call = platform
            .api_call(Method::POST, "/user", ["user"])
            .writes(&user.id)
            .json(&user)?;
        let user: User = self.auth.send(platform, call).await?.json()?;
        let password = self.password_of(platform, &user.id, invitation.validity);
        let password = password.await?;
        self.send_password(platform, &invitation.address, &password)
            .await?;
        Ok(user)
    }

    async fn create_patient(
        &mut self,
        platform: StepPlatform<'_>,
        invitation: &Invitation,
    ) -> Result<String, IcureError> {
        let id = Uuid::new_v4().to_string();
        let delegates = self.delegates_and(&[]);
        let secrets = self.new_secrets(platform, &id, None, &delegates).await?;
        let kind = match invitation.address {
            Address::Email(_) => "email",
            Address::Phone(_) => "mobile",
        };
        let telecom = json!({"telecomType": kind, "telecomNumber": invitation.address.as_str()});
        let addresses = json!([{"addressType": "home", "telecoms": [telecom]}]);
        let other = [
            ("responsible", json!(self.data_owner_id())),
            ("addresses", addresses),
        ];
        let mut patient = DataOwner {
            id,
            first_name: Some(invitation.first_name.clone()),
            last_name: Some(invitation.last_name.clone()),
            delegations: secrets.delegations,
            encryption_keys: secrets.encryption_keys,
            other: other
                .map(|(name, value)| (name.to_owned(), value))
                .into_iter()
                .collect(),
            ..DataOwner::default()
        };
        // The clients write the encrypted part even when empty.
        seal_entity(platform.crypto(), &secrets.key, &mut patient, &Map::new())?;
        let written = self.write_entity(platform, &PATIENT, Method::POST, &patient);
        Ok(written.await?.id)
    }

    /// `POST /user/filter`
    async fn check_without_account(
        &mut self,
        platform: StepPlatform<'_>,
        patient: &str,
    ) -> Result<(), IcureError> {
        let filter = json!({"$type": "UsersByPatientIdFilter", "patientId": patient});
        let call = platform
            .api_call(Method::POST, "/user/filter", ["user", "filter"])
            .json(&FilterChain { filter })?;
        let found: Page<User> = self.auth.send(platform, call).await?.json()?;
        if found.rows.is_empty() {
            return Ok(());
        }
        let patient = patient.to_owned();
        Err(IcureError::HasAccount { patient })
    }

    /// A token of the new account, which may be made a little later.
    async fn password_of(
        &mut self,
        platform: StepPlatform<'_>,
        user: &str,
        validity: Duration,
    ) -> Result<SecretString, IcureError> {
        let mut attempt = 1;
        loop {
            match self.token_of(platform, user, validity).await {
                Err(error)
                    if error.status().is_some()
                        && attempt < platform.settings.first_login_attempts =>
                {
                    attempt += 1;
                    tokio::time::sleep(platform.settings.first_login_pause).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// `POST {gw}/{specId}/email/to/{address}`, or the same by SMS.
    async fn send_password(
        &mut self,
        platform: StepPlatform<'_>,
        address: &Address,
        password: &SecretString,
    ) -> Result<(), IcureError> {
        let login = address.as_str();
        let text = format!(
            "You have been invited. Log in as {login} with this password: {}",
            password.expose_secret()
        );
        let text = Zeroizing::new(text);
        let call = match address {
            Address::Email(_) => {
                let endpoint = "gateway /email/to/{address}";
                let call = platform.gateway_call(Method::POST, endpoint, ["email", "to", login]);
                call.json(&Email {
                    from: self.login(),
                    subject: "Your invitation",
                    html: text,
                })?
            }
            Address::Phone(_) => {
                let endpoint = "gateway /sms/to/{number}";
                let call = platform.gateway_call(Method::POST, endpoint, ["sms", "to", login]);
                call.json(&Sms { message: text })?
            }
        };
        let call = call.secret(password);
        self.auth.send_with_basic(platform, call).await?;
        Ok(())
    }
}

fn new_user(address: &Address, patient: &str, now: i64) -> User {
    let (email, mobile_phone) = match address {
        Address::Email(email) => (Some(email.clone()), None),
        Address::Phone(phone) => (None, Some(phone.clone())),
    };
    let other = [("name", json!(address.as_str())), ("created", json!(now))];
    User {
        id: Uuid::new_v4().to_string(),
        login: Some(address.as_str().to_owned()),
        email,
        mobile_phone,
        patient_id: Some(patient.to_owned()),
        other: other
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect(),
        ..User::default()
    }
}
