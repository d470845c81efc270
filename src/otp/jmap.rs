//! `source: jmap`: a mailbox read over JMAP (RFC 8620, RFC 8621).
//!
//! The server is asked again and again what has been created since the last
//! state it told; each new mail is downloaded whole.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use url::Url;

use super::caller::{Caller, Login};
use super::polled::{Poll, Polled};
use super::reading::DATED;
use super::{Access, Message, OtpSource, Reading, Reply, SourceError, mail};
use crate::ceilings;
use crate::clock::Clock;
use crate::document::{ReadContext, Record, record};
use crate::language::permissions::is_this_machine;
use crate::language::{Node, Table};

/// How often the mailbox is looked at, unless the target says otherwise.
const USUAL_POLL: Duration = Duration::from_secs(1);
const MAIL: &str = "urn:ietf:params:jmap:mail";
const CORE: &str = "urn:ietf:params:jmap:core";
/// Most mails that are told of at once, and how many such lists are read at once.
const PAGE: usize = 200;
const PAGES: usize = 20;
/// What a server answers that does not know a state any more.
const FORGOTTEN: &str = "cannotCalculateChanges";
/// How much earlier mails are looked for then, in milliseconds: dates are the
/// server's.
const OVERLAP: i64 = 60_000;
/// Mails that are downloaded at the same time.
const AT_ONCE: usize = 8;

record! {
    struct Written of "`otp`" {
        /// address of the server's session, or of the server alone
        url: Url, required, example("https://api.fastmail.com/jmap/session");
        /// how often the mailbox is looked at
        poll: Duration = USUAL_POLL;
    }
}

pub(super) const FIELDS: Table = Table {
    what: "`otp`",
    keys: &[Written::TABLE.keys[0], Login::TABLE.keys[0], DATED],
};

/// `otp: {source: jmap, url: …}`
#[derive(Debug)]
struct Jmap {
    url: Url,
    login: Login,
    poll: Duration,
    reading: Reading,
}

pub(super) fn compile(arguments: &Node, cx: &mut ReadContext) -> Option<Arc<dyn OtpSource>> {
    let mut fields = FIELDS.open(arguments, cx)?;
    let written = Written::take(&mut fields, cx);
    let login = Login::take(&mut fields, cx)?;
    let reading = Reading::read(&mut fields, cx);
    login.check(&fields, cx);
    fields.finish(cx);
    let Written { mut url, poll } = written?;
    if url.path() == "/" {
        url.set_path("/.well-known/jmap");
    }
    Some(Arc::new(Jmap {
        url,
        login,
        poll,
        reading,
    }))
}

impl OtpSource for Jmap {
    fn kind(&self) -> &'static str {
        "jmap"
    }

    fn connect<'a>(&'a self, clock: &'a Clock) -> Reply<'a, Access> {
        Box::pin(async move {
            let name = format!("the JMAP mailbox at {}", self.url);
            let caller = Caller::new(&self.login, clock, &name)?;
            let mut account = Account {
                caller,
                session: self.url.clone(),
                name,
                poll: self.poll,
                at: None,
                state: String::new(),
                clock: clock.clone(),
                looked: 0,
            };
            account.start().await?;
            Ok(Access::Watched(Box::new(Polled::new(account))))
        })
    }

    fn reading(&self) -> Reading {
        self.reading.clone()
    }
}

/// Where things are, as the session says.
#[derive(Clone)]
struct Place {
    api: Url,
    /// With places for the account, the blob, its type and name.
    download: String,
    account: String,
}

/// One account, watched.
struct Account {
    caller: Caller,
    session: Url,
    name: String,
    poll: Duration,
    at: Option<Place>,
    /// What is older than this state is known.
    state: String,
    clock: Clock,
    /// When the state was asked for, in milliseconds since 1970.
    looked: i64,
}

impl Account {
    /// Reads the session, and notes what is there.
    async fn start(&mut self) -> Result<(), SourceError> {
        let session = self.caller.get(&self.name, &self.session).await?;
        let session = self.json(&session)?;
        let place = self.place(&session).ok_or_else(|| {
            self.error("its session names no account with mail, or no address for it")
                .with_hint("is `url` the address of the JMAP session?")
        })?;
        self.at = Some(place);
        self.state = self.now().await?;
        Ok(())
    }

    /// The state of now.
    async fn now(&mut self) -> Result<String, SourceError> {
        self.looked = self.clock.unix_millis();
        let answer = self.call("Email/get", json!({"ids": []})).await?;
        self.text(&answer, "state")
    }

    /// Where things are is the server's to say: what we say who we are goes there,
    /// so it must not be read on the way.
    fn place(&self, session: &Value) -> Option<Place> {
        let join = |name: &str| {
            let url = self.session.join(session[name].as_str()?).ok()?;
            let local = url.host().is_some_and(|host| is_this_machine(&host));
            (url.scheme() == "https" || local).then_some(url)
        };
        join("downloadUrl")?;
        Some(Place {
            api: join("apiUrl")?,
            download: session["downloadUrl"].as_str()?.to_owned(),
            account: session["primaryAccounts"][MAIL].as_str()?.to_owned(),
        })
    }

    /// Calls one method; gives its answer.
    async fn call(&self, method: &str, mut arguments: Value) -> Result<Value, SourceError> {
        let place = self.at.as_ref().ok_or_else(|| self.error("no session"))?;
        arguments["accountId"] = json!(place.account);
        let body = json!({"using": [CORE, MAIL], "methodCalls": [[method, arguments, "0"]]});
        let answer = self.caller.post(&self.name, &place.api, &body).await?;
        let mut answer = self.json(&answer)?;
        let result = answer["methodResponses"][0].take();
        if result[0] == "error" {
            let kind = result[1]["type"].as_str().unwrap_or("an error");
            return Err(self.error(format!("it answers `{}` to {method}", super::redact(kind))));
        }
        if result[0] != method {
            return Err(self.error(format!("it does not answer {method}")));
        }
        Ok(result[1].clone())
    }

    /// Ids of mails that were created since the last look.
    async fn created(&mut self) -> Result<Vec<String>, SourceError> {
        let mut ids = Vec::new();
        for _ in 0..PAGES {
            let arguments = json!({"sinceState": self.state, "maxChanges": PAGE});
            let changes = match self.call("Email/changes", arguments).await {
                Err(error) if error.reason.contains(FORGOTTEN) => return self.recent().await,
                changes => changes?,
            };
            let created = changes["created"].as_array().into_iter().flatten();
            ids.extend(created.filter_map(Value::as_str).map(str::to_owned));
            self.state = self.text(&changes, "newState")?;
            if changes["hasMoreChanges"] != true {
                break;
            }
        }
        Ok(ids)
    }

    /// Ids of mails that came since the last look, by their dates: the server has
    /// forgotten the state. What was read already is known by its own id.
    async fn recent(&mut self) -> Result<Vec<String>, SourceError> {
        let after = self.looked.saturating_sub(OVERLAP);
        let after = jiff::Timestamp::from_second(after.div_euclid(1000)).unwrap_or_default();
        self.state = self.now().await?;
        let arguments = json!({
            "filter": {"after": after.to_string()},
            "sort": [{"property": "receivedAt", "isAscending": false}],
            "limit": PAGE * PAGES,
        });
        let found = self.call("Email/query", arguments).await?;
        let ids = found["ids"].as_array().into_iter().flatten();
        Ok(ids.filter_map(Value::as_str).map(str::to_owned).collect())
    }

    async fn messages(&self, ids: &[String]) -> Result<Vec<Message>, SourceError> {
        let mut messages = Vec::new();
        for ids in ids.chunks(PAGE) {
            let arguments = json!({"ids": ids, "properties": ["blobId", "receivedAt"]});
            let answer = self.call("Email/get", arguments).await?;
            let list = answer["list"].as_array().cloned().unwrap_or_default();
            let mails: Vec<_> = list.iter().map(|entry| self.message(entry)).collect();
            let mails: Vec<_> = stream::iter(mails).buffered(AT_ONCE).try_collect().await?;
            messages.extend(mails);
        }
        Ok(messages)
    }

    async fn message(&self, entry: &Value) -> Result<Message, SourceError> {
        let blob = self.text(entry, "blobId")?;
        let received = entry["receivedAt"].as_str();
        let received = received.and_then(|text| text.parse::<jiff::Timestamp>().ok());
        let place = self.at.as_ref().ok_or_else(|| self.error("no session"))?;
        let mut url = place.download.clone();
        for (name, value) in [
            ("accountId", place.account.as_str()),
            ("blobId", &blob),
            ("type", "application/octet-stream"),
            ("name", "mail"),
        ] {
            let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            url = url.replace(&format!("{{{name}}}"), &value);
        }
        let url = self.session.join(&url);
        let url = url.map_err(|_| self.error("its `downloadUrl` is no address"))?;
        let raw = self.caller.get(&self.name, &url).await?;
        let raw = &raw[..raw.len().min(ceilings::MAIL)];
        let received = received.map(jiff::Timestamp::as_millisecond);
        Ok(mail::read(raw, received, 0))
    }

    fn json(&self, body: &[u8]) -> Result<Value, SourceError> {
        serde_json::from_slice(body).map_err(|_| self.error("the answer is not JSON"))
    }

    fn text(&self, answer: &Value, name: &str) -> Result<String, SourceError> {
        let text = answer[name].as_str().map(str::to_owned);
        text.ok_or_else(|| self.error(format!("there is no `{name}` in the answer")))
    }

    fn error(&self, reason: impl Into<String>) -> SourceError {
        SourceError::new(self.name.clone(), reason)
    }
}

impl Poll for Account {
    fn poll(&mut self) -> Reply<'_, Vec<Message>> {
        Box::pin(async move {
            tokio::time::sleep(self.poll).await;
            let (before, looked) = (self.state.clone(), self.clock.unix_millis());
            let ids = self.created().await?;
            let messages = self.messages(&ids).await;
            if messages.is_err() {
                // They are asked for again.
                self.state = before;
            } else {
                self.looked = looked;
            }
            messages
        })
    }
}
