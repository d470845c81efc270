//! `POST /rest/v{1,2}/auth/login` and `/auth/refresh`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use zeroize::Zeroizing;

/// Body of `POST /auth/login`. The password is an OTP or a long-lived token.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct LoginCredentials {
    /// Login of the account: an e-mail address, a phone number or a user id.
    pub username: String,
    /// Secret; this type has no `Debug` so that it cannot be logged.
    #[schemars(with = "String")]
    pub password: Zeroizing<String>,
}

/// Answer of `/auth/login`, `/auth/refresh` and `/auth/logout`. No `Debug`: it
/// holds JWTs.
#[skip_serializing_none]
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AuthenticationResponse {
    /// Whether the credentials were accepted.
    pub successful: bool,
    /// Why not, in words for a developer.
    pub reason: Option<String>,
    /// Id of the user.
    pub user_id: Option<String>,
    /// Id of the user's group.
    pub group_id: Option<String>,
    /// Id of the patient, practitioner or device behind the user.
    pub data_owner_id: Option<String>,
    /// Login that was used.
    pub username: Option<String>,
    /// Short-lived JWT for `Authorization: Bearer`. Secret.
    #[schemars(with = "Option<String>")]
    pub token: Option<Zeroizing<String>>,
    /// JWT for `POST /auth/refresh`, sent in the header `Refresh-Token`. Secret.
    #[schemars(with = "Option<String>")]
    pub refresh_token: Option<Zeroizing<String>>,
}
