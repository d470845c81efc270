//! Events: what others write, told over a WebSocket.

use reqwest::Method;
use serde_json::{Value, json};

use super::{IcureError, Session, StepPlatform};
use crate::http::Socket;
use crate::wire::{EventType, FilterChain, Subscription};

/// What events are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Data samples: services of contacts.
    DataSample,
    /// Health elements.
    HealthElement,
    /// Notifications: maintenance tasks.
    Notification,
    /// Patients.
    Patient,
    /// Accounts.
    User,
}

impl Subject {
    /// What the platform calls it (`subscribeToEntityEvents`).
    fn class(self) -> &'static str {
        match self {
            Self::DataSample => "org.taktik.icure.entities.embed.Service",
            Self::HealthElement => "org.taktik.icure.entities.HealthElement",
            Self::Notification => "org.taktik.icure.entities.MaintenanceTask",
            Self::Patient => "org.taktik.icure.entities.Patient",
            Self::User => "org.taktik.icure.entities.User",
        }
    }

    /// The filter that finds all that a data owner may read.
    fn everything(self, owner: &str) -> Value {
        match self {
            Self::DataSample => json!({"$type": "ServiceByHcPartyFilter", "hcpId": owner}),
            Self::HealthElement => json!({"$type": "HealthElementByHcPartyFilter", "hcpId": owner}),
            Self::Notification => json!({
                "$type": "MaintenanceTaskAfterDateFilter", "healthcarePartyId": owner, "date": 0,
            }),
            Self::Patient => json!({"$type": "PatientByHcPartyFilter", "healthcarePartyId": owner}),
            Self::User => json!({"$type": "AllUsersFilter"}),
        }
    }
}

impl Session {
    /// Opens the socket of events.
    ///
    /// # Errors
    /// When the credentials are refused, or the request fails.
    pub async fn open_events(&mut self, platform: StepPlatform<'_>) -> Result<Socket, IcureError> {
        let call = platform.socket_call(
            Method::GET,
            "/notification/subscribe",
            ["notification", "subscribe"],
        );
        self.auth.open_socket(platform, call).await
    }

    /// What is said first on that socket: which events are wanted. Without a
    /// filter, those about everything that this data owner may read.
    pub fn wanted(&self, subject: Subject, events: &[EventType], filter: Option<Value>) -> String {
        let everything = || subject.everything(self.data_owner_id());
        let filter = filter.unwrap_or_else(everything);
        json!(Subscription {
            event_types: events.to_vec(),
            entity_class: subject.class().to_owned(),
            filter: Some(FilterChain { filter }),
            access_control_keys: None,
        })
        .to_string()
    }
}
