//! A simulator with a clock that tests move, and somebody who talks to it.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clock::Clock;
use crate::simulator::{Config, Simulator};
use crate::wire::OutboxPage;

/// A running simulator and an HTTP client.
pub(super) struct World {
    pub(super) simulator: Simulator,
    pub(super) clock: Clock,
    http: reqwest::Client,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Answer {
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        serde_json::from_str(&self.text).unwrap()
    }

    /// A header; an empty text when it is not there.
    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// The body, whatever the status.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// The body, when it is a text.
    #[track_caller]
    pub(super) fn text(&self) -> &str {
        assert_eq!(self.status, 200, "{}", self.text);
        &self.text
    }

    /// The JSON body of a refusal, which must have the platform's form.
    #[track_caller]
    pub(super) fn refusal(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        let body: Value = serde_json::from_str(&self.text).unwrap();
        assert_eq!(body["status"], status);
        for field in ["timestamp", "error", "message", "path"] {
            assert!(body[field].is_string(), "{field}: {body}");
        }
        body
    }
}

/// Credentials of a request.
#[derive(Clone)]
pub(super) enum As {
    Nobody,
    Basic(String, String),
    Bearer(String),
}

/// Somebody with an account.
pub(super) struct Person {
    pub(super) login: String,
    pub(super) code: String,
    pub(super) user_id: String,
    pub(super) owner_id: String,
}

impl From<&Person> for As {
    fn from(person: &Person) -> Self {
        Self::Basic(person.login.clone(), person.code.clone())
    }
}

impl From<&Self> for As {
    fn from(who: &Self) -> Self {
        who.clone()
    }
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(Config::default()).await
    }

    /// With Ada, a patient.
    pub(super) async fn of_ada() -> (Self, Person) {
        let world = Self::new().await;
        let ada = world.patient("ada@example.org").await;
        (world, ada)
    }

    /// With two patients, Ada and Bob.
    pub(super) async fn of_two() -> (Self, Person, Person) {
        let (world, ada) = Self::of_ada().await;
        let bob = world.patient("bob@example.org").await;
        (world, ada, bob)
    }

    pub(super) async fn with(config: Config) -> Self {
        // Fails only when there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Clock::manual();
        let config = Config {
            clock: clock.clone(),
            ..config
        };
        Self {
            simulator: Simulator::start(config).await.unwrap(),
            clock,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    pub(super) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(super) async fn send(
        &self,
        method: Method,
        url: String,
        who: impl Into<As>,
        body: Option<&Value>,
    ) -> Answer {
        self.send_with(method, url, who, body, &[]).await
    }

    pub(super) async fn send_with(
        &self,
        method: Method,
        url: String,
        who: impl Into<As>,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let body = body.map(ToString::to_string);
        self.fetch(method, url, who.into(), body, headers).await
    }

    /// Sends a body that is not JSON.
    pub(super) async fn send_bytes(
        &self,
        method: Method,
        url: String,
        who: impl Into<As>,
        body: &str,
    ) -> Answer {
        self.fetch(method, url, who.into(), Some(body.to_owned()), &[])
            .await
    }

    async fn fetch(
        &self,
        method: Method,
        url: String,
        who: As,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.http.request(method, url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request = match who {
            As::Nobody => request,
            As::Bearer(jwt) => request.header("Authorization", format!("Bearer {jwt}")),
            As::Basic(login, password) => {
                let pair = STANDARD.encode(format!("{login}:{password}"));
                request.header("Authorization", format!("Basic {pair}"))
            }
        };
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    /// `path` is below `/rest/v2`.
    pub(super) async fn api(
        &self,
        method: Method,
        path: &str,
        who: impl Into<As>,
        body: Option<&Value>,
    ) -> Answer {
        let url = format!("{}rest/v2{path}", self.simulator.api_url());
        self.send(method, url, who, body).await
    }

    pub(super) async fn get(&self, path: &str, who: impl Into<As>) -> Answer {
        self.api(Method::GET, path, who, None).await
    }

    pub(super) async fn put(&self, path: &str, who: impl Into<As>, body: &Value) -> Answer {
        self.api(Method::PUT, path, who, Some(body)).await
    }

    pub(super) async fn post(&self, path: &str, who: impl Into<As>, body: &Value) -> Answer {
        self.api(Method::POST, path, who, Some(body)).await
    }

    pub(super) fn gateway(&self, path: &str) -> String {
        let spec = &self.simulator.identity().spec_id;
        format!("{}/{spec}{path}", self.simulator.gateway_url())
    }

    /// The body of a process that is accepted, for a patient by e-mail.
    pub(super) fn application(&self, email: &str) -> Value {
        json!({
            "g-recaptcha-response": "yes",
            "firstName": "Ada",
            "lastName": "Lovelace",
            "from": email,
            "email": email,
            "hcpId": self.simulator.identity().responsible,
        })
    }

    pub(super) async fn start(&self, process: &str, request: &str, body: &Value) -> Answer {
        let url = self.gateway(&format!("/process/{process}/{request}"));
        self.send(Method::POST, url, &As::Nobody, Some(body)).await
    }

    pub(super) async fn validate(&self, request: &str, code: &str) -> u16 {
        self.validation(request, code).await.status
    }

    pub(super) async fn validation(&self, request: &str, code: &str) -> Answer {
        let url = self.gateway(&format!("/process/validate/{request}-{code}"));
        self.send(Method::GET, url, &As::Nobody, None).await
    }

    /// Starts a process for a patient and gives its request id and code.
    pub(super) async fn code(&self, email: &str) -> (String, String) {
        let process = self.simulator.identity().processes.patient_by_email.clone();
        let request = Uuid::new_v4().to_string();
        let started = self
            .start(&process, &request, &self.application(email))
            .await;
        assert_eq!(started.status, 200, "{}", started.text);
        (request, self.newest_code(email).await)
    }

    /// The run of six digits in the newest message to somebody.
    pub(super) async fn newest_code(&self, to: &str) -> String {
        let page = self.outbox(0, 0).await;
        let message = page.messages.iter().rfind(|message| message.to == to);
        let body = &message.unwrap().body;
        let mut runs = body.split(|c: char| !c.is_ascii_digit());
        runs.find(|run| run.len() == 6).unwrap().to_owned()
    }

    pub(super) async fn outbox(&self, after: u64, wait: u64) -> OutboxPage {
        let url = format!("{}?after={after}&wait={wait}", self.simulator.outbox_url());
        let answer = self.send(Method::GET, url, &As::Nobody, None).await;
        serde_json::from_str(&answer.text).unwrap()
    }

    /// Registers a patient, or logs one in again.
    pub(super) async fn patient(&self, email: &str) -> Person {
        let (request, code) = self.code(email).await;
        assert_eq!(self.validate(&request, &code).await, 200);
        self.person(email, code).await
    }

    /// Registers a practitioner by e-mail.
    pub(super) async fn practitioner(&self, email: &str) -> Person {
        let process = self.simulator.identity().processes.hcp_by_email.clone();
        let request = Uuid::new_v4().to_string();
        let mut body = self.application(email);
        body.as_object_mut().unwrap().remove("hcpId");
        assert_eq!(self.start(&process, &request, &body).await.status, 200);
        let code = self.newest_code(email).await;
        assert_eq!(self.validate(&request, &code).await, 200);
        self.person(email, code).await
    }

    async fn person(&self, login: &str, code: String) -> Person {
        let who = As::Basic(login.to_owned(), code.clone());
        let user = self.get("/user/current", &who).await.json();
        let owner = self.get("/dataowner/current", &who).await.json();
        Person {
            login: login.to_owned(),
            code,
            user_id: text(&user["id"]),
            owner_id: text(&owner["dataOwner"]["id"]),
        }
    }

    pub(super) async fn login(&self, login: &str, password: &str) -> Answer {
        let body = json!({"username": login, "password": password});
        self.post("/auth/login", &As::Nobody, &body).await
    }

    pub(super) async fn refresh(&self, jwt: &str) -> Answer {
        let url = format!("{}rest/v2/auth/refresh", self.simulator.api_url());
        let header = [("Refresh-Token", jwt)];
        self.send_with(Method::POST, url, &As::Nobody, None, &header)
            .await
    }

    /// A long-lived token of a person.
    pub(super) async fn token(&self, person: &Person, key: &str, validity: u64) -> String {
        let path = format!(
            "/user/token/{}/{key}?tokenValidity={validity}",
            person.user_id
        );
        let answer = self.api(Method::POST, &path, person, None).await;
        answer.text().to_owned()
    }
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A contact of a person that somebody may read.
pub(super) fn contact(author: &Person, readers: &[&str]) -> Value {
    let delegations: serde_json::Map<_, _> = readers
        .iter()
        .map(|reader| {
            let delegation = json!({"owner": author.owner_id, "delegatedTo": reader, "key": "00"});
            ((*reader).to_owned(), json!([delegation]))
        })
        .collect();
    json!({
        "id": Uuid::new_v4().to_string(),
        "author": author.user_id,
        "delegations": delegations,
        "encryptionKeys": delegations,
        "services": [{
            "id": Uuid::new_v4().to_string(),
            "tags": [{"type": "IC-TEST", "code": "TEST"}],
            "encryptedSelf": "c2VhbGVk",
        }],
    })
}

/// What a person asks of those who may read it.
pub(super) fn task(author: &Person, readers: &[&str]) -> Value {
    let mut task = contact(author, readers);
    task.as_object_mut().unwrap().remove("services");
    task["responsible"] = json!(author.owner_id);
    task["created"] = json!(1_700_000_000_000_i64);
    task["taskType"] = json!("KEY_PAIR_UPDATE");
    task["status"] = json!("pending");
    task["encryptedSelf"] = json!("c2VhbGVk");
    task
}
