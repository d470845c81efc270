//! `/user`: accounts that practitioners make for others, and finding them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::HeaderMap;
use serde_json::Value;

use super::stored::Stored;
use crate::simulator::Failure;
use crate::simulator::accounts::{self, Invitation};
use crate::simulator::address::normalise_login;
use crate::simulator::auth::Caller;
use crate::simulator::digest::Digest;
use crate::simulator::document::{Document, Head, first_rev};
use crate::simulator::endpoint::{Endpoint, delete, get, post};
use crate::simulator::entity::{self, USER};
use crate::simulator::store::{Table, Tables, Transaction};
use crate::simulator::token::TokenRow;
use crate::wire::{DataOwnerKind, IdAndRev, User};

pub(super) fn endpoints() -> [Endpoint; 7] {
    [
        post("/user", create)
            .about("Make an account for a patient, practitioner or device that has none")
            .creates::<User>()
            .refuses(&[404]),
        get("/user/byEmail/{email}", by_login)
            .about("The account of an e-mail address, if the caller may read it")
            .signed_in()
            .gives::<User>()
            .refuses(&[404]),
        get("/user/byPhoneNumber/{number}", by_login)
            .about("The account of a phone number, if the caller may read it")
            .signed_in()
            .gives::<User>()
            .refuses(&[404]),
        get("/user/byHealthcarePartyId/{id}", by_owner)
            .about("Ids of the accounts of a practitioner")
            .signed_in()
            .gives::<Vec<String>>(),
        get("/user/byPatientId/{id}", by_owner)
            .about("Ids of the accounts of a patient")
            .signed_in()
            .gives::<Vec<String>>(),
        get("/user/token/{userId}", check)
            .about("Whether the token in the header `token` is one of the account")
            .signed_in()
            .gives::<bool>()
            .refuses(&[403]),
        delete("/user/{id}", remove)
            .about("Remove an account: one's own, or one that one made")
            .signed_in()
            .gives::<IdAndRev>()
            .refuses(&[403, 404])
            .writes(),
    ]
}

/// Data owners that an account can be of.
const OWNERS: [(&str, Table); 3] = [
    ("patientId", Table::Patients),
    ("healthcarePartyId", Table::Practitioners),
    ("deviceId", Table::Devices),
];

/// `POST /user`: a password in it is kept as a digest and not answered.
async fn create(caller: Caller, body: Bytes) -> Result<Stored, Failure> {
    let (mut user, head) = Document::parse::<User>(&body)?;
    if caller.kind != DataOwnerKind::Hcp {
        return Err(Failure::forbidden("accounts are made by practitioners"));
    }
    let owner = owner(&user)?;
    let logins = logins(&mut user)?;
    let password = user.take("passwordHash");
    let invitation = Invitation::new(&caller.user_id, password.as_ref().and_then(Value::as_str));
    user.set("groupId", caller.simulation.identity.group_id.clone());
    let write = |tx: &mut Transaction<'_>| {
        check_new(tx, &head, owner.1, &owner.0, &logins)?;
        for login in logins {
            tx.put(Table::Logins, login, head.id.clone());
        }
        tx.put_json(Table::Invitations, head.id.as_str(), &invitation)?;
        user.store(tx, Table::Users, &head.id, first_rev())
    };
    caller.store().write(write).await.map(Stored)
}

/// The data owner of a new account.
fn owner(user: &Document) -> Result<(String, Table), Failure> {
    let named = OWNERS.into_iter().filter_map(|(field, table)| {
        let id = user.get(field)?.as_str()?;
        Some((id.to_owned(), table))
    });
    match named.collect::<Vec<_>>().as_slice() {
        [owner] => Ok(owner.clone()),
        _ => Err(Failure::bad_request(
            "an account is of one data owner: expected `patientId`, `healthcarePartyId` or `deviceId`",
        )),
    }
}

/// What opens a new account, in the form in which logins are compared. An
/// address is its login when none is said.
fn logins(user: &mut Document) -> Result<Vec<String>, Failure> {
    let fields = ["login", "email", "mobilePhone"];
    let text = |user: &Document, field| user.get(field).and_then(Value::as_str).map(str::to_owned);
    let given: Vec<String> = fields
        .iter()
        .filter_map(|field| text(user, field))
        .collect();
    let first = given.iter().find(|login| !login.trim().is_empty());
    let first = first.ok_or_else(|| {
        Failure::bad_request("an account must have `login`, `email` or `mobilePhone`")
    })?;
    if text(user, "login").is_none() {
        user.set("login", first.clone());
    }
    let mut logins: Vec<_> = given.iter().map(|login| normalise_login(login)).collect();
    logins.sort_unstable();
    logins.dedup();
    Ok(logins)
}

fn check_new(
    tables: &Tables,
    head: &Head,
    table: Table,
    owner: &str,
    logins: &[String],
) -> Result<(), Failure> {
    if tables.get(table, owner).is_none() {
        return Err(Failure::not_found("there is no such data owner"));
    }
    let taken = tables.get(Table::Users, &head.id).is_some()
        || !tables.owned(Table::Users, owner).is_empty()
        || logins
            .iter()
            .any(|login| tables.get(Table::Logins, login).is_some());
    if taken {
        return Err(Failure::conflict(
            "there is an account of this id, of this data owner, or with this login already",
        ));
    }
    Ok(())
}

/// Who may not read an account is not told that there is one.
async fn by_login(Path(login): Path<String>, caller: Caller) -> Result<Stored, Failure> {
    caller.store().read(|tables| {
        let user = accounts::find(tables, &login)?;
        let user = user.and_then(|user| entity::readable(tables, &USER, &user.id, &caller).ok());
        let missing = || Failure::not_found("there is no such user");
        user.map(|(bytes, _)| Stored(bytes)).ok_or_else(missing)
    })
}

async fn by_owner(Path(id): Path<String>, caller: Caller) -> Json<Vec<String>> {
    Json(caller.store().read(|tables| {
        let mut ids = tables.owned(Table::Users, &id);
        ids.retain(|id| entity::readable(tables, &USER, id, &caller).is_ok());
        ids
    }))
}

/// `GET /user/token/{userId}`, with the token in the header `token`.
async fn check(
    Path(user_id): Path<String>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Json<bool>, Failure> {
    let token = headers.get("token").and_then(|token| token.to_str().ok());
    let digest = Digest::of(token.unwrap_or_default()).to_hex();
    let now = caller.simulation.clock.unix_millis();
    caller.store().read(|tables| {
        check_own(tables, &user_id, &caller)?;
        let token: Option<TokenRow> = tables.json(Table::Tokens, &digest)?;
        let is_valid =
            token.is_some_and(|token| token.user_id == user_id && now < token.expires_at);
        Ok(Json(is_valid))
    })
}

/// Whether an account is the caller's, or was made by it.
///
/// # Errors
/// 403
pub(super) fn check_own(tables: &Tables, user_id: &str, caller: &Caller) -> Result<(), Failure> {
    if user_id == caller.user_id {
        return Ok(());
    }
    let invitation = accounts::invitation(tables, user_id)?;
    if invitation.is_some_and(|invitation| invitation.by == caller.user_id) {
        return Ok(());
    }
    Err(Failure::forbidden(
        "this is for one's own account, and for one that one made",
    ))
}

async fn remove(Path(id): Path<String>, caller: Caller) -> Result<Json<IdAndRev>, Failure> {
    let write = |tx: &mut Transaction<'_>| {
        let (_, head) = entity::readable(tx, &USER, &id, &caller)?;
        check_own(tx, &id, &caller)?;
        tx.remove_whole(Table::Users, &id);
        Ok(Json(IdAndRev { id, rev: head.rev }))
    };
    caller.store().write(write).await
}
