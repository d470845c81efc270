//! `GET /auth/token/{method}/{path}`: a token for one request, for clients that
//! cannot send a header with it, as those in a browser that open a WebSocket.

use std::collections::HashMap;

use parking_lot::Mutex;
use uuid::Uuid;

use super::Failure;
use crate::ceilings;
use crate::wire::DataOwnerKind;

/// How long one is good, in milliseconds.
const LIFETIME: i64 = 60_000;

/// Tokens that were not used yet.
#[derive(Default)]
pub(super) struct Tickets {
    open: Mutex<HashMap<String, Ticket>>,
}

/// Who has a token.
pub(super) struct Holder {
    pub(super) user_id: String,
    pub(super) owner_id: String,
    pub(super) kind: DataOwnerKind,
}

/// What a token is for.
struct Ticket {
    method: String,
    path: String,
    holder: Holder,
    until: i64,
}

impl Tickets {
    /// A token for one request of somebody.
    ///
    /// # Errors
    /// 503 when too many were made and not used.
    pub(super) fn issue(
        &self,
        holder: Holder,
        method: String,
        path: String,
        now: i64,
    ) -> Result<String, Failure> {
        let mut open = self.open.lock();
        if open.len() >= ceilings::TICKETS {
            open.retain(|_, ticket| now < ticket.until);
        }
        if open.len() >= ceilings::TICKETS {
            return Err(Failure::new(
                axum::http::StatusCode::SERVICE_UNAVAILABLE,
                "too many tokens wait for their request",
            ));
        }
        let token = Uuid::new_v4().to_string();
        let ticket = Ticket {
            method,
            path,
            holder,
            until: now.saturating_add(LIFETIME),
        };
        open.insert(token.clone(), ticket);
        Ok(token)
    }

    /// Takes a token for the request that it was made for.
    ///
    /// # Errors
    /// 401
    pub(super) fn spend(
        &self,
        token: &str,
        method: &str,
        path: &str,
        now: i64,
    ) -> Result<Holder, Failure> {
        let ticket = self.open.lock().remove(token);
        let fits = |ticket: &Ticket| {
            let named = ticket.path.trim_start_matches('/');
            now < ticket.until
                && ticket.method.eq_ignore_ascii_case(method)
                && named == path.trim_start_matches('/')
        };
        let ticket = ticket.filter(fits);
        ticket.map(|ticket| ticket.holder).ok_or_else(|| {
            Failure::unauthorized("the token is used, has expired, or is for another request")
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::{Holder, LIFETIME, Tickets};
    use crate::ceilings;
    use crate::wire::DataOwnerKind;

    #[test]
    fn tokens_for_one_request_have_a_ceiling_and_an_end() {
        let tickets = Tickets::default();
        let issue = |now| {
            let holder = Holder {
                user_id: "u".to_owned(),
                owner_id: "o".to_owned(),
                kind: DataOwnerKind::Patient,
            };
            tickets.issue(holder, "GET".to_owned(), "/x".to_owned(), now)
        };
        let first = issue(0).unwrap();
        for _ in 1..ceilings::TICKETS {
            issue(0).unwrap();
        }
        assert_eq!(issue(1).unwrap_err().into_response().status(), 503);
        assert!(tickets.spend(&first, "get", "x", LIFETIME).is_err());
        let late = issue(LIFETIME).unwrap();
        let holder = tickets.spend(&late, "GET", "/x", LIFETIME).ok().unwrap();
        assert_eq!(holder.user_id, "u");
    }
}
