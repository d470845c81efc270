//! How requests of a collection identify themselves.

use serde_json::Value;

use super::{Reader, list, text};
use crate::import::request::Request;

impl Reader<'_> {
    pub(super) fn auth(&mut self, auth: &Value, request: &mut Request, place: &str) {
        let kind = text(auth.get("type"));
        let settings = auth.get(&kind);
        let mut said = |name: &str| {
            let value = match settings {
                Some(Value::Object(entries)) => text(entries.get(name)),
                entries => {
                    let mut entries = list(entries).iter();
                    let own = entries.find(|entry| text(entry.get("key")) == name);
                    text(own.and_then(|entry| entry.get("value")))
                }
            };
            self.expand(&value)
        };
        match kind.as_str() {
            "noauth" | "" => {}
            "basic" => {
                let (login, password) = (said("username"), said("password"));
                request.basic(&login, &password);
            }
            "bearer" => {
                let value = format!("Bearer {}", said("token"));
                request.headers.push(("Authorization".into(), value));
            }
            "apikey" => {
                let (name, value, place) = (said("key"), said("value"), said("in"));
                request.add_key(&name, value, place == "query");
            }
            "oauth2" => {
                let token = said("accessToken");
                if token.is_empty() {
                    let message = "its access token is fetched by Postman: say it by a variable";
                    self.found.tell(place, message);
                    return;
                }
                if said("addTokenTo") == "queryParams" {
                    return request.add_key("access_token", token, true);
                }
                let prefix = match said("headerPrefix") {
                    prefix if prefix.is_empty() => "Bearer".to_owned(),
                    prefix => prefix.trim().to_owned(),
                };
                let value = format!("{prefix} {token}");
                request.headers.push(("Authorization".into(), value));
            }
            _ => {
                let message = "how it identifies itself has no counterpart, and is left out";
                self.found.tell(place, message);
            }
        }
    }
}
