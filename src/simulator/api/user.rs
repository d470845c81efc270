//! `/user`: the account, with whom it shares, and its long-lived tokens.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::Uri;
use serde_json::Value;
use uuid::Uuid;

use super::account::check_own;
use super::stored::Stored;
use crate::simulator::auth::Caller;
use crate::simulator::digest::Digest;
use crate::simulator::document::{Document, find};
use crate::simulator::endpoint::{Endpoint, get, post, put};
use crate::simulator::store::Table;
use crate::simulator::token::TokenRow;
use crate::simulator::{Failure, request};
use crate::wire::{User, UserGroup};

/// Validity of a token whose request does not say, in seconds.
const DEFAULT_VALIDITY: u64 = 3600;

pub(super) fn endpoints() -> [Endpoint; 4] {
    [
        get("/user/matches", matches)
            .about("The accounts that the caller's credentials open, by group")
            .signed_in()
            .gives::<[UserGroup; 1]>()
            .refuses(&[404]),
        get("/user/current", current)
            .about("The caller's account")
            .signed_in()
            .gives::<User>()
            .refuses(&[404]),
        put("/user", update)
            .about("Change one's own account: with whom it shares, not who it is")
            .changes::<User>(),
        post("/user/token/{userId}/{key}", token)
            .about("A long-lived token of one's own account, or of one that one made; a new one for a key takes the place of the old")
            .signed_in()
            .number(
                "tokenValidity",
                1..=u64::MAX,
                "Seconds; an hour when not said",
            )
            .refuses(&[403])
            .writes(),
    ]
}

/// Who a user is.
const IDENTITY: [&str; 7] = [
    "login",
    "email",
    "mobilePhone",
    "groupId",
    "patientId",
    "healthcarePartyId",
    "deviceId",
];

pub(super) async fn current(caller: Caller) -> Result<Stored, Failure> {
    caller
        .store()
        .read(|tables| tables.get(Table::Users, &caller.user_id).cloned())
        .map(Stored)
        .ok_or_else(|| Failure::not_found("there is no such user"))
}

/// `GET /user/matches`: the accounts that the caller's credentials open, by
/// group. The simulator is one group.
async fn matches(caller: Caller) -> Result<Json<[UserGroup; 1]>, Failure> {
    let user = caller
        .store()
        .read(|tables| tables.json::<User>(Table::Users, &caller.user_id))?
        .ok_or_else(|| Failure::not_found("there is no such user"))?;
    Ok(Json([UserGroup::from(user)]))
}

/// `PUT /user`: one's own account. Who it is does not change with it; what is
/// left out of that stays.
async fn update(caller: Caller, body: Bytes) -> Result<Stored, Failure> {
    let (mut user, head) = Document::parse::<User>(&body)?;
    let stored = caller.store().write(|tx| {
        let (before, current) = find(tx, Table::Users, &head.id, "user")?;
        if head.id != caller.user_id {
            return Err(Failure::forbidden("this is somebody else's account"));
        }
        let rev = current.next_rev(head.rev.as_deref())?;
        let mut before = Document::stored(before)?;
        for field in IDENTITY {
            let Some(value) = before.take(field) else {
                if user.get(field).is_some_and(|value| !value.is_null()) {
                    return Err(not_changed(field));
                }
                continue;
            };
            match user.get(field) {
                None | Some(Value::Null) => user.set(field, value),
                Some(same) if *same == value => {}
                Some(_) => return Err(not_changed(field)),
            }
        }
        user.store(tx, Table::Users, &head.id, rev)
    });
    stored.await.map(Stored)
}

fn not_changed(field: &str) -> Failure {
    Failure::forbidden(format!("`{field}` does not change with the account"))
}

/// `POST /user/token/{userId}/{key}?tokenValidity={seconds}`. A key has one
/// token; a new one takes the place of the old.
///
/// The answer is the token as it is, without quotes: so the platform does it
/// (`FluxStringJsonEncoder` of icure/kraken-common).
async fn token(
    Path((user_id, key)): Path<(String, String)>,
    caller: Caller,
    uri: Uri,
) -> Result<String, Failure> {
    caller
        .store()
        .read(|tables| check_own(tables, &user_id, &caller))?;
    let validity = request::number(&uri, "tokenValidity")?.unwrap_or(DEFAULT_VALIDITY);
    if validity == 0 {
        return Err(Failure::bad_request(
            "`tokenValidity` must be a second or more",
        ));
    }
    let token = Uuid::new_v4().to_string();
    let digest = Digest::of(&token).to_hex();
    // The key is the client's secret too: only a digest of it is kept.
    let slot = format!("{user_id}/{}", Digest::of(&key).to_hex());
    let row = TokenRow {
        user_id,
        expires_at: caller
            .simulation
            .clock
            .unix_millis_in(Duration::from_secs(validity)),
    };
    caller
        .store()
        .write(|tx| {
            let replaced = tx.text(Table::TokenKeys, &slot).map(str::to_owned);
            if let Some(replaced) = replaced {
                tx.remove(Table::Tokens, replaced);
            }
            tx.put_json(Table::Tokens, &digest, &row)?;
            tx.put(Table::TokenKeys, slot, digest);
            Ok(())
        })
        .await?;
    Ok(token)
}
