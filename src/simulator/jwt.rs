//! JSON web tokens (RFC 7519), HS256, made and checked by the same simulator.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Failure;
use crate::wire::DataOwnerKind;

/// What a JWT can be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Purpose {
    /// To call the API.
    Access,
    /// To obtain another access JWT.
    Refresh,
}

/// What a JWT says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Claims {
    /// Id of the user.
    pub(super) sub: String,
    pub(super) data_owner_id: String,
    pub(super) data_owner_type: DataOwnerKind,
    /// The log-in that this JWT and its renewals come from.
    pub(super) session: String,
    pub(super) purpose: Purpose,
    /// Seconds since 1970.
    pub(super) exp: i64,
    /// How strong the password was: see [`Strength`].
    #[serde(rename = "tac", default)]
    pub(super) strength: Strength,
}

/// How strong a password is, as clients from Cardinal on want to be told
/// (`AuthenticationClass`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u8", from = "u8")]
pub(super) enum Strength {
    /// A token that is valid for long.
    #[default]
    LongLivedToken,
    /// A code.
    ShortLivedToken,
}

impl From<Strength> for u8 {
    fn from(strength: Strength) -> Self {
        match strength {
            Strength::LongLivedToken => 10,
            Strength::ShortLivedToken => 40,
        }
    }
}

impl From<u8> for Strength {
    fn from(level: u8) -> Self {
        if level < 40 {
            Self::LongLivedToken
        } else {
            Self::ShortLivedToken
        }
    }
}

/// Key that signs the JWTs of one simulator.
pub(super) struct JwtKey(Zeroizing<[u8; 32]>);

impl JwtKey {
    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(super) fn sign(&self, claims: &Claims) -> Result<String, Failure> {
        let claims = serde_json::to_vec(claims)
            .map_err(|_| Failure::internal("claims have no JSON form"))?;
        let signed = format!("{}.{}", header(), URL_SAFE_NO_PAD.encode(claims));
        let signature = self.mac(&signed)?.finalize().into_bytes();
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The claims of a JWT of ours that is still valid at `now`, milliseconds
    /// since 1970.
    ///
    /// # Errors
    /// 401 when it is forged, malformed, expired or for another purpose.
    pub(super) fn verify(&self, text: &str, purpose: Purpose, now: i64) -> Result<Claims, Failure> {
        let claims = self
            .open(text)
            .ok_or_else(|| Failure::unauthorized("the JWT is not one of this server"))?;
        if now >= claims.exp.saturating_mul(1000) {
            return Err(Failure::unauthorized("the JWT has expired"));
        }
        if claims.purpose != purpose {
            return Err(Failure::unauthorized(
                "the JWT is for something else: access and refresh are two",
            ));
        }
        Ok(claims)
    }

    /// There is one header that we write, so every other is forged: `alg` is
    /// not a matter of choice.
    fn open(&self, text: &str) -> Option<Claims> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (head, claims) = signed.split_once('.')?;
        if head != header() {
            return None;
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.mac(signed).ok()?.verify_slice(&signature).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }

    fn mac(&self, text: &str) -> Result<Hmac<Sha256>, Failure> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_slice())
            .map_err(|_| Failure::internal("the key of the JWTs is unusable"))?;
        mac.update(text.as_bytes());
        Ok(mac)
    }
}

fn header() -> String {
    URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    use super::{Claims, JwtKey, Purpose, Strength};
    use crate::wire::DataOwnerKind;

    fn claims() -> Claims {
        Claims {
            sub: "user".to_owned(),
            data_owner_id: "owner".to_owned(),
            data_owner_type: DataOwnerKind::Patient,
            session: "session".to_owned(),
            purpose: Purpose::Access,
            exp: 100,
            strength: Strength::ShortLivedToken,
        }
    }

    #[test]
    fn claims_come_back_until_they_expire() {
        let key = JwtKey::new([7; 32]);
        let jwt = key.sign(&claims()).unwrap();
        assert_eq!(key.verify(&jwt, Purpose::Access, 99_999).unwrap(), claims());
        assert!(key.verify(&jwt, Purpose::Access, 100_000).is_err());
    }

    #[test]
    fn one_purpose_does_not_serve_the_other() {
        let key = JwtKey::new([7; 32]);
        let jwt = key.sign(&claims()).unwrap();
        assert!(key.verify(&jwt, Purpose::Refresh, 0).is_err());
    }

    #[test]
    fn another_key_does_not_sign_for_us() {
        let jwt = JwtKey::new([8; 32]).sign(&claims()).unwrap();
        assert!(
            JwtKey::new([7; 32])
                .verify(&jwt, Purpose::Access, 0)
                .is_err()
        );
    }

    #[test]
    fn a_jwt_without_signature_is_refused() {
        let claims = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims()).unwrap());
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let key = JwtKey::new([7; 32]);
        for text in [
            format!("{none}.{claims}."),
            format!("{}.{claims}.", super::header()),
        ] {
            assert!(key.verify(&text, Purpose::Access, 0).is_err());
        }
    }

    proptest! {
        #[test]
        fn a_changed_jwt_is_refused(at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_-]") {
            let key = JwtKey::new([7; 32]);
            let jwt = key.sign(&claims()).unwrap();
            let at = at.index(jwt.len());
            let mut changed = jwt.clone();
            changed.replace_range(at..=at, &to);
            prop_assume!(changed != jwt);
            prop_assert!(key.verify(&changed, Purpose::Access, 0).is_err());
        }

        #[test]
        fn nonsense_is_refused(text in ".*") {
            prop_assert!(JwtKey::new([7; 32]).verify(&text, Purpose::Access, 0).is_err());
        }
    }
}
