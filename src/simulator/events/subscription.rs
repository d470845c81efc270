//! Which events somebody wants to hear of.

use axum::body::Bytes;

use crate::simulator::Failure;
use crate::simulator::access::ShownKeys;
use crate::simulator::auth::Caller;
use crate::simulator::document::Head;
use crate::simulator::entity::{self, CONTACT, Filtered, Kind, USER};
use crate::simulator::request;
use crate::simulator::store::{Event, Query, Tables};
use crate::wire::{self, EventType};

/// A subscription of one caller.
pub(super) struct Subscription {
    caller: Caller,
    kinds: Vec<EventType>,
    kind: &'static Kind,
    /// Whether it is about the data samples in contacts.
    services: bool,
    query: Query,
}

impl Subscription {
    /// Reads the first message of a client.
    ///
    /// # Errors
    /// 400
    pub(super) fn read(text: &str, mut caller: Caller) -> Result<Self, Failure> {
        let asked: wire::Subscription = request::json(text.as_bytes())?;
        let class = asked.entity_class.rsplit('.').next().unwrap_or_default();
        let services = class == "Service";
        let kind = if services {
            Some(&CONTACT)
        } else {
            let mut kinds = entity::kinds().chain([&USER]);
            kinds.find(|kind| kind.class == class)
        };
        let kind = kind
            .ok_or_else(|| Failure::bad_request("`entityClass` is none whose events are served"))?;
        if let Some(keys) = asked.access_control_keys {
            caller.shown = ShownKeys::of_hex(&keys)?;
        }
        let what = if services {
            Filtered::Services
        } else {
            Filtered::Entities(kind.table)
        };
        let query = match asked.filter {
            None => Query::All,
            Some(chain) => entity::filter(what, &caller.owner_id, &chain.filter)?,
        };
        Ok(Self {
            caller,
            kinds: asked.event_types,
            kind,
            services,
            query,
        })
    }

    /// The documents of an event that the subscriber is told: none, one, or
    /// the data samples of a contact.
    pub(super) fn told(&self, event: &Event) -> Vec<Bytes> {
        if event.table != self.kind.table || !self.kinds.contains(&event.kind) {
            return Vec::new();
        }
        let documents = |tables: &Tables| {
            if self.services {
                self.services_of(tables, event)
            } else if self.is_told(tables, event) {
                vec![event.document.clone()]
            } else {
                Vec::new()
            }
        };
        self.caller.store().read(documents)
    }

    /// What is deleted is in no list any more, so it is told to everybody who
    /// might read it, whatever the filter.
    fn is_told(&self, tables: &Tables, event: &Event) -> bool {
        if event.kind == EventType::Delete {
            let head = serde_json::from_slice::<Head>(&event.document);
            return head.is_ok_and(|head| self.kind.may_read(&head, &self.caller));
        }
        let this = Query::Ids(vec![event.key.clone()]);
        let query = Query::Every(vec![this, self.query.clone()]);
        !entity::search(tables, self.kind, query, &self.caller).is_empty()
    }

    fn services_of(&self, tables: &Tables, event: &Event) -> Vec<Bytes> {
        let contacts = tables.shelf(self.kind.table);
        let number = contacts.number(&event.key);
        let parts = entity::services_of(&event.document);
        let this = Query::Ids(parts);
        let query = Query::Every(vec![this, self.query.clone()]);
        let found = entity::found_services(tables, self.kind, query, &self.caller);
        let parts = found.iter().filter_map(|row| contacts.parts().row(*row));
        let own = parts.filter(|part| Some(part.parent) == number);
        let documents = own.filter_map(|part| {
            let service = entity::read_service(tables, self.kind, &part.id, &self.caller);
            service.ok()?.to_bytes().ok()
        });
        documents.collect()
    }
}
