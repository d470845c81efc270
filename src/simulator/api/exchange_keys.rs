//! `/{patient,hcparty,device}/{id}/aesExchangeKeys`: who has shared with a
//! delegate, and the keys for reading it.

use std::collections::{BTreeMap, HashSet};

use axum::Json;
use axum::extract::Path;
use serde::Deserialize;

use crate::simulator::auth::Caller;
use crate::simulator::endpoint::{Endpoint, get};
use crate::simulator::store::{Field, Query, Table};
use crate::wire::AesExchangeKeys;

/// Digits of a fingerprint: the last of a public key.
const FINGERPRINT: usize = 32;

/// Delegator → fingerprint of its key → fingerprint of the delegate's or the
/// delegator's key → exchange key.
type ByDelegator = BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>;

pub(super) fn endpoints() -> [Endpoint; 3] {
    [
        get("/patient/{id}/aesExchangeKeys", of_patients)
            .about("Patients who share with this data owner, and the exchange keys for it")
            .signed_in()
            .gives::<ByDelegator>(),
        get("/hcparty/{id}/aesExchangeKeys", of_practitioners)
            .about("Practitioners who share with this data owner, and the exchange keys for it")
            .signed_in()
            .gives::<ByDelegator>(),
        get("/device/{id}/aesExchangeKeys", of_devices)
            .about("Devices that share with this data owner, and the exchange keys for it")
            .signed_in()
            .gives::<ByDelegator>(),
    ]
}

/// The part of a data owner that this is about.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Delegator {
    id: String,
    public_key: Option<String>,
    aes_exchange_keys: AesExchangeKeys,
    hc_party_keys: BTreeMap<String, Vec<String>>,
}

/// `GET /patient/{id}/aesExchangeKeys`: patients who share with `id`, whatever
/// `id` is.
async fn of_patients(Path(delegate): Path<String>, caller: Caller) -> Json<ByDelegator> {
    exchange_keys_for(&caller, Table::Patients, &delegate)
}

/// `GET /hcparty/{id}/aesExchangeKeys`: the same of practitioners.
async fn of_practitioners(Path(delegate): Path<String>, caller: Caller) -> Json<ByDelegator> {
    exchange_keys_for(&caller, Table::Practitioners, &delegate)
}

/// `GET /device/{id}/aesExchangeKeys`: the same of devices.
async fn of_devices(Path(delegate): Path<String>, caller: Caller) -> Json<ByDelegator> {
    exchange_keys_for(&caller, Table::Devices, &delegate)
}

fn exchange_keys_for(caller: &Caller, table: Table, delegate: &str) -> Json<ByDelegator> {
    let owners: Vec<Delegator> = caller.store().read(|tables| {
        let shelf = tables.shelf(table);
        let found = shelf.find(&Query::Term(Field::Delegate, delegate.to_owned()));
        let rows = found.iter().filter_map(|row| shelf.row(*row));
        rows.filter_map(|row| serde_json::from_slice(&row.value).ok())
            .collect()
    });
    let found = owners.into_iter().filter_map(|owner| {
        let keys = keys_for(&owner, delegate);
        (!keys.is_empty()).then_some((owner.id, keys))
    });
    Json(found.collect())
}

/// As the platform's view `by_delegate_aes_exchange_keys` gives them: keys by
/// fingerprint, and those of `hcPartyKeys` under the empty one.
fn keys_for(owner: &Delegator, delegate: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut found: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    let mut known = HashSet::new();
    for (public_key, by_delegate) in &owner.aes_exchange_keys {
        let Some(sealed) = by_delegate.get(delegate) else {
            continue;
        };
        known.insert(public_key.as_str());
        let keys: &mut BTreeMap<String, String> = found.entry(fingerprint(public_key)).or_default();
        for (key, sealed) in sealed {
            keys.insert(fingerprint(key), sealed.clone());
        }
    }
    if let (Some(public_key), Some([_, sealed])) = (
        owner.public_key.as_deref(),
        owner.hc_party_keys.get(delegate).map(Vec::as_slice),
    ) && !known.contains(public_key)
    {
        let keys = found.entry(fingerprint(public_key)).or_default();
        keys.insert(String::new(), sealed.clone());
    }
    found
}

fn fingerprint(public_key: &str) -> String {
    let start = public_key.len().saturating_sub(FINGERPRINT);
    public_key.get(start..).unwrap_or(public_key).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Delegator, keys_for};

    #[test]
    fn keys_are_found_by_fingerprint_and_in_both_places() {
        let long = format!("30{}", "a".repeat(32));
        let owner: Delegator = serde_json::from_value(json!({
            "id": "ada",
            "publicKey": long,
            "aesExchangeKeys": {&long: {"bob": {&long: "1", "b".repeat(32): "2"}}},
            "hcPartyKeys": {"bob": ["3", "4"], "eve": ["5", "6"]},
        }))
        .unwrap();
        let (own, other) = ("a".repeat(32), "b".repeat(32));
        let bob = json!({&own: {&own: "1", other: "2"}});
        assert_eq!(json!(keys_for(&owner, "bob")), bob);
        assert_eq!(json!(keys_for(&owner, "eve")), json!({own: {"": "6"}}));
        assert!(keys_for(&owner, "zoe").is_empty());
    }
}
