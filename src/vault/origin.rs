//! The target that credentials belong to, and what is kept beside them.

use serde_json::{Map, Value};

use super::bytes::{Reader, put_bytes};

/// Where credentials were saved: the only place that they are sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedTarget {
    /// The API's host.
    pub api_url: String,
    /// The message gateway's host.
    pub gateway_url: String,
    /// Id of the application at the gateway; each simulator has one of its own.
    pub spec_id: String,
    /// A digest of what else decides who answers there, such as an address that
    /// is not looked up; empty when nothing does.
    pub route: String,
}

impl SavedTarget {
    fn fields(&self) -> [&String; 4] {
        [&self.api_url, &self.gateway_url, &self.spec_id, &self.route]
    }

    /// Bytes of its fields, without their lengths.
    pub(super) fn length(&self) -> usize {
        self.fields().map(String::len).iter().sum()
    }

    pub(super) fn put(out: &mut Vec<u8>, target: &Self) {
        for field in target.fields() {
            put_bytes(out, field.as_bytes());
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut text = || reader.text().map(str::to_owned);
        Some(Self {
            api_url: text()?,
            gateway_url: text()?,
            spec_id: text()?,
            route: text()?,
        })
    }
}

/// Values that a scenario keeps beside credentials, by name.
pub type Ids = Map<String, Value>;

/// Reads values as a record has them: JSON, or nothing at all.
pub(super) fn read_ids(reader: &mut Reader<'_>) -> Option<Ids> {
    match reader.bytes()? {
        [] => Some(Ids::new()),
        json => serde_json::from_slice(json).ok(),
    }
}

/// The same values, written.
pub(super) fn ids_json(ids: &Ids) -> String {
    if ids.is_empty() {
        String::new()
    } else {
        Value::from(ids.clone()).to_string()
    }
}
