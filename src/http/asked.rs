//! What is known of a request before it is sent.

use reqwest::StatusCode;

use super::Statuses;

/// A request that a step may send, as metrics call it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// In capitals, such as `GET`.
    pub method: String,
    /// The template of its path.
    pub endpoint: String,
    /// Statuses that are good.
    pub good: Statuses,
}

impl Asked {
    /// Whether an answer of this status is a good one.
    pub fn is_good(&self, status: u16) -> bool {
        StatusCode::from_u16(status).is_ok_and(|status| self.good.contain(status))
    }
}
