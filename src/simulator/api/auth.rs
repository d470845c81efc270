//! `/auth`: passwords for JWTs.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use uuid::Uuid;

use crate::simulator::auth::{Caller, Verified, owner_of};
use crate::simulator::endpoint::{Access, Endpoint, get, post};
use crate::simulator::jwt::{Claims, Purpose, Strength};
use crate::simulator::state::{Shared, Simulation};
use crate::simulator::store::{Table, Tables};
use crate::simulator::tickets::Holder;
use crate::simulator::{Failure, request};
use crate::wire::{AuthenticationResponse, LoginCredentials};

pub(super) fn first() -> [Endpoint; 1] {
    let login = post("/auth/login", login);
    [described_login(login)]
}

pub(super) fn second() -> [Endpoint; 1] {
    [described_login(post("/auth/login", login_v2))]
}

fn described_login(login: Endpoint) -> Endpoint {
    login
        .about("Login and password for an access and a refresh JWT")
        .takes::<LoginCredentials>()
        .gives::<AuthenticationResponse>()
        .refuses(&[401])
}

pub(super) fn endpoints() -> [Endpoint; 5] {
    [
        get("/auth/token/{method}/{path}", ticket)
            .about("A token for one request, for whoever cannot send a header with it")
            .signed_in()
            .refuses(&[503]),
        post("/auth/switch/{groupId}", switch)
            .about("A session in another group; there is one")
            .access(Access::RefreshToken)
            .gives::<AuthenticationResponse>(),
        post("/auth/refresh", refresh)
            .about("Another access JWT")
            .access(Access::RefreshToken)
            .gives::<AuthenticationResponse>(),
        post("/auth/logout", logout)
            .about("End the session of the JWT")
            .signed_in()
            .gives::<AuthenticationResponse>()
            .writes(),
        get("/auth/logout", logout)
            .about("The same, as older clients ask for it")
            .signed_in()
            .gives::<AuthenticationResponse>()
            .writes(),
    ]
}

async fn login(
    State(simulation): State<Shared>,
    body: Bytes,
) -> Result<Json<AuthenticationResponse>, Failure> {
    let LoginCredentials { username, password } = request::json(&body)?;
    let verified = simulation.verify_password(&username, &password)?;
    simulation.new_session(verified, username).map(Json)
}

/// `POST /auth/login` of version 2, which says nothing about the user: strict
/// clients take no more.
async fn login_v2(
    state: State<Shared>,
    body: Bytes,
) -> Result<Json<AuthenticationResponse>, Failure> {
    let Json(whole) = login(state, body).await?;
    Ok(Json(AuthenticationResponse {
        successful: whole.successful,
        token: whole.token,
        refresh_token: whole.refresh_token,
        ..AuthenticationResponse::default()
    }))
}

/// `POST /auth/switch/{groupId}`, with the refresh JWT in `Refresh-Token`:
/// the same session, since there is one group.
async fn switch(
    State(simulation): State<Shared>,
    Path(group): Path<String>,
    headers: HeaderMap,
) -> Result<Json<AuthenticationResponse>, Failure> {
    let refresh_token = refresh_token(&headers)?.to_owned();
    if group != simulation.identity.group_id {
        return Err(Failure::unauthorized("you have no account in this group"));
    }
    let Json(mut renewed) = refresh(State(simulation), headers).await?;
    renewed.refresh_token = Some(refresh_token.into());
    Ok(Json(renewed))
}

/// `POST /auth/refresh`, with the refresh JWT in `Refresh-Token`.
async fn refresh(
    State(simulation): State<Shared>,
    headers: HeaderMap,
) -> Result<Json<AuthenticationResponse>, Failure> {
    let claims = simulation.claims(refresh_token(&headers)?, Purpose::Refresh)?;
    let is_there = |tables: &Tables| tables.get(Table::Users, &claims.sub).is_some();
    if !simulation.store.read(is_there) {
        return Err(Failure::unauthorized("the account is gone"));
    }
    let access = Claims {
        purpose: Purpose::Access,
        exp: seconds(simulation.clock.unix_millis_in(simulation.lifetimes.jwt)),
        ..claims
    };
    Ok(Json(AuthenticationResponse {
        successful: true,
        token: Some(simulation.jwt.sign(&access)?.into()),
        ..AuthenticationResponse::default()
    }))
}

/// `POST /auth/logout`, and `GET` as older clients do: ends the session of the JWT that it comes with.
async fn logout(caller: Caller) -> Result<Json<AuthenticationResponse>, Failure> {
    if let Some(claims) = &caller.claims {
        let lifetimes = &caller.simulation.lifetimes;
        let gone = caller
            .simulation
            .clock
            .unix_millis_in(lifetimes.refresh.saturating_add(lifetimes.jwt));
        caller
            .store()
            .write(|tx| tx.put_json(Table::EndedSessions, claims.session.as_str(), &gone))
            .await?;
    }
    Ok(Json(AuthenticationResponse {
        successful: true,
        ..AuthenticationResponse::default()
    }))
}

/// `GET /auth/token/{method}/{path}`: the answer is the bare token.
async fn ticket(
    Path((method, path)): Path<(String, String)>,
    caller: Caller,
) -> Result<String, Failure> {
    let now = caller.simulation.clock.unix_millis();
    let holder = Holder {
        user_id: caller.user_id.clone(),
        owner_id: caller.owner_id.clone(),
        kind: caller.kind,
    };
    caller.simulation.tickets.issue(holder, method, path, now)
}

impl Simulation {
    fn new_session(
        &self,
        verified: Verified,
        username: String,
    ) -> Result<AuthenticationResponse, Failure> {
        let Verified {
            user,
            token_expires_at,
        } = verified;
        let (owner_id, kind) = owner_of(&user)?;
        let access = Claims {
            sub: user.id.clone(),
            data_owner_id: owner_id.clone(),
            data_owner_type: kind,
            session: Uuid::new_v4().to_string(),
            purpose: Purpose::Access,
            exp: seconds(self.clock.unix_millis_in(self.lifetimes.jwt)),
            strength: if token_expires_at.is_some() {
                Strength::LongLivedToken
            } else {
                Strength::ShortLivedToken
            },
        };
        // What comes from a token does not outlive it.
        let renewable_until = self.clock.unix_millis_in(self.lifetimes.refresh);
        let renewable_until = renewable_until.min(token_expires_at.unwrap_or(i64::MAX));
        let refresh = Claims {
            purpose: Purpose::Refresh,
            exp: seconds(renewable_until),
            ..access.clone()
        };
        Ok(AuthenticationResponse {
            successful: true,
            reason: None,
            user_id: Some(user.id),
            group_id: user.group_id,
            data_owner_id: Some(owner_id),
            username: Some(username),
            token: Some(self.jwt.sign(&access)?.into()),
            refresh_token: Some(self.jwt.sign(&refresh)?.into()),
        })
    }
}

fn refresh_token(headers: &HeaderMap) -> Result<&str, Failure> {
    headers
        .get("Refresh-Token")
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| Failure::unauthorized("the header `Refresh-Token` is missing"))
}

/// JWTs count in seconds.
fn seconds(millis: i64) -> i64 {
    millis / 1000
}
