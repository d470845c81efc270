//! Requests that the platform's client sends, as metrics call them.

use crate::http::{Asked, Statuses};

/// Method and template of the path.
const REQUESTS: &[(&str, &str)] = &[
    ("GET", "/contact/service/{id}"),
    ("POST", "/contact/service"),
    ("POST", "/contact/service/filter"),
    ("POST", "/contact/service/match"),
    ("GET", "/contact/{id}"),
    ("POST", "/contact"),
    ("PUT", "/contact"),
    ("POST", "/document"),
    ("PUT", "/document"),
    ("GET", "/document/{id}"),
    ("PUT", "/document/{id}/attachment"),
    ("GET", "/document/{id}/attachment"),
    ("GET", "/dataowner/current"),
    ("GET", "/dataowner/{id}"),
    ("PUT", "/device"),
    ("PUT", "/hcparty"),
    ("GET", "/patient/{id}"),
    ("POST", "/patient"),
    ("PUT", "/patient"),
    ("GET", "/exchangedata/byParticipant/{id}"),
    ("GET", "/helement/{id}"),
    ("POST", "/helement"),
    ("PUT", "/helement"),
    ("POST", "/helement/filter"),
    ("GET", "/hcparty/{id}/aesExchangeKeys"),
    ("GET", "/patient/{id}/aesExchangeKeys"),
    ("POST", "/maintenancetask"),
    ("PUT", "/maintenancetask"),
    ("POST", "/maintenancetask/filter"),
    ("GET", "/maintenancetask/{id}"),
    ("GET", "/notification/subscribe"),
    ("POST", "/auth/login"),
    ("POST", "/auth/refresh"),
    ("GET", "/user/current"),
    ("POST", "/user"),
    ("PUT", "/user"),
    ("POST", "/user/filter"),
    ("POST", "/user/token/{userId}/{key}"),
    ("POST", "gateway /process/{processId}/{requestId}"),
    ("GET", "gateway /process/validate/{requestId}-{code}"),
    ("POST", "gateway /email/to/{address}"),
    ("POST", "gateway /sms/to/{number}"),
];

/// Every request that the platform's client may send.
pub fn requests() -> Vec<Asked> {
    let requests = REQUESTS.iter();
    let requests = requests.map(|(method, endpoint)| Asked {
        method: (*method).to_owned(),
        endpoint: (*endpoint).to_owned(),
        good: Statuses::default(),
    });
    requests.collect()
}

/// Whether it is in the table, without which a threshold over it is refused.
pub(super) fn is_known(method: &str, endpoint: &str) -> bool {
    REQUESTS.contains(&(method, endpoint))
}
