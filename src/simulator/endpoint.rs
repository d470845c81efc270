//! Registration of what is served. A handler and its description are one
//! value, so that no request is answered that `/openapi.json` does not have.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{self, MethodRouter};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::state::Shared;
use crate::wire::Ids;

/// Something that is served.
pub(super) struct Endpoint {
    handler: MethodRouter<Shared>,
    operation: Operation,
}

/// What a client has to know of an endpoint.
#[derive(Clone)]
pub(super) struct Operation {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) summary: &'static str,
    pub(super) access: Access,
    pub(super) query: Vec<QueryParameter>,
    pub(super) takes: Option<Taken>,
    pub(super) gives: Answer,
    /// Statuses beside 200.
    pub(super) refusals: BTreeSet<u16>,
}

/// Makes the schema of a type.
pub(super) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The body of a request.
#[derive(Clone)]
pub(super) enum Taken {
    /// JSON of a type.
    Json(SchemaOf),
    /// JSON of the schema that this makes.
    Described(Arc<dyn Fn(&mut SchemaGenerator) -> Schema + Send + Sync>),
    /// Bytes.
    Bytes,
}

/// Whom an endpoint answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Anybody,
    /// Whoever has an account: password or JWT.
    Account,
    /// Whoever has a refresh JWT.
    RefreshToken,
}

/// The body of an answer.
#[derive(Clone, Copy)]
pub(super) enum Answer {
    Text,
    Json(SchemaOf),
    Bytes,
}

/// What the query may or must say, as `/openapi.json` describes it.
#[derive(Clone)]
pub(super) struct QueryParameter {
    pub(super) required: bool,
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) schema: Schema,
}

/// `GET path`. Answers `HEAD` too.
pub(super) fn get<H, T>(path: &str, handler: H) -> Endpoint
where
    H: Handler<T, Shared>,
    T: 'static,
{
    Endpoint::new(Method::GET, path, routing::get(handler))
}

pub(super) fn post<H, T>(path: &str, handler: H) -> Endpoint
where
    H: Handler<T, Shared>,
    T: 'static,
{
    Endpoint::new(Method::POST, path, routing::post(handler))
}

pub(super) fn put<H, T>(path: &str, handler: H) -> Endpoint
where
    H: Handler<T, Shared>,
    T: 'static,
{
    Endpoint::new(Method::PUT, path, routing::put(handler))
}

pub(super) fn delete<H, T>(path: &str, handler: H) -> Endpoint
where
    H: Handler<T, Shared>,
    T: 'static,
{
    Endpoint::new(Method::DELETE, path, routing::delete(handler))
}

impl Endpoint {
    fn new(method: Method, path: &str, handler: MethodRouter<Shared>) -> Self {
        let mut refusals = BTreeSet::new();
        if path.contains('{') {
            // A parameter whose percent-encoding is not UTF-8.
            refusals.insert(400);
        }
        Self {
            handler,
            operation: Operation {
                method,
                path: path.to_owned(),
                summary: "",
                access: Access::Anybody,
                query: Vec::new(),
                takes: None,
                gives: Answer::Text,
                refusals,
            },
        }
    }

    /// What it does, in a few words.
    pub(super) fn about(mut self, summary: &'static str) -> Self {
        self.operation.summary = summary;
        self
    }

    /// Answers only who has an account; the handler takes a `Caller`.
    pub(super) fn signed_in(self) -> Self {
        // Access control keys can be malformed.
        self.access(Access::Account).refuses(&[400])
    }

    /// Answers only who has this.
    pub(super) fn access(mut self, access: Access) -> Self {
        self.operation.access = access;
        self.refuses(&[401])
    }

    /// A whole number of the query.
    pub(super) fn number(
        self,
        name: &'static str,
        range: RangeInclusive<u64>,
        about: &'static str,
    ) -> Self {
        let (least, most) = range.into_inner();
        let schema = json_schema!({"type": "integer", "minimum": least, "maximum": most});
        self.query(false, name, about, schema).refuses(&[400])
    }

    /// A text of the query.
    pub(super) fn text(self, name: &'static str, about: &'static str) -> Self {
        self.query(false, name, about, json_schema!({"type": "string"}))
    }

    /// A text of the query that must be there.
    pub(super) fn required_text(self, name: &'static str, about: &'static str) -> Self {
        self.query(true, name, about, json_schema!({"type": "string"}))
            .refuses(&[400])
    }

    /// `true` or `false`.
    pub(super) fn flag(self, name: &'static str, about: &'static str) -> Self {
        let schema = json_schema!({"type": "boolean"});
        self.query(false, name, about, schema).refuses(&[400])
    }

    fn query(
        mut self,
        required: bool,
        name: &'static str,
        about: &'static str,
        schema: Schema,
    ) -> Self {
        self.operation.query.push(QueryParameter {
            required,
            name,
            about,
            schema,
        });
        self
    }

    /// Its body is this, as JSON.
    pub(super) fn takes<T: JsonSchema>(mut self) -> Self {
        self.operation.takes = Some(Taken::Json(SchemaGenerator::subschema_for::<T>));
        self.refuses(&[400, 413])
    }

    /// Its body is JSON of the schema that this makes.
    pub(super) fn takes_described(
        mut self,
        schema: impl Fn(&mut SchemaGenerator) -> Schema + Send + Sync + 'static,
    ) -> Self {
        self.operation.takes = Some(Taken::Described(Arc::new(schema)));
        self.refuses(&[400, 413])
    }

    /// Its body is bytes.
    pub(super) fn takes_bytes(mut self) -> Self {
        self.operation.takes = Some(Taken::Bytes);
        self.refuses(&[400, 413])
    }

    /// The answer is bytes.
    pub(super) fn gives_bytes(mut self) -> Self {
        self.operation.gives = Answer::Bytes;
        self
    }

    /// The answer is this, as JSON; a text if this is not said.
    pub(super) fn gives<T: JsonSchema>(mut self) -> Self {
        self.operation.gives = Answer::Json(SchemaGenerator::subschema_for::<T>);
        self
    }

    /// Stores a new document of this kind.
    pub(super) fn creates<T: JsonSchema>(self) -> Self {
        self.signed_in()
            .takes::<T>()
            .gives::<T>()
            .refuses(&[403, 409])
            .writes()
    }

    /// Changes a document of this kind.
    pub(super) fn changes<T: JsonSchema>(self) -> Self {
        self.creates::<T>().refuses(&[404])
    }

    /// Gives documents of this kind by their ids.
    pub(super) fn finds<T: JsonSchema>(self) -> Self {
        self.signed_in().takes::<Ids>().gives::<Vec<T>>()
    }

    /// It changes what is stored: refused when the data folder cannot be
    /// written, or closes.
    pub(super) fn writes(self) -> Self {
        self.refuses(&[500, 503])
    }

    /// Statuses of refusals, beside those that the other methods add.
    pub(super) fn refuses(mut self, statuses: &[u16]) -> Self {
        self.operation.refusals.extend(statuses);
        self
    }
}

/// Everything that is served.
#[derive(Default)]
pub(super) struct Endpoints {
    router: Router<Shared>,
    operations: Vec<Operation>,
}

impl Endpoints {
    /// Serves these below `prefix`.
    ///
    /// # Panics
    /// When something else is served there.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where a route is made, with its description"
    )]
    pub(super) fn below(
        mut self,
        prefix: &str,
        endpoints: impl IntoIterator<Item = Endpoint>,
    ) -> Self {
        for Endpoint { handler, operation } in endpoints {
            let path = format!("{prefix}{}", operation.path);
            self.router = self.router.route(&path, handler);
            self.operations.push(Operation { path, ..operation });
        }
        self
    }

    /// Names paths that are not served: what stands there is no id of something
    /// that is.
    #[expect(
        clippy::disallowed_methods,
        reason = "it is refused as any other path that is not served"
    )]
    pub(super) fn not_served<H, T>(mut self, prefix: &str, paths: &[&str], refuse: &H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        for path in paths {
            let path = format!("{prefix}{path}");
            self.router = self.router.route(&path, routing::any(refuse.clone()));
        }
        self
    }

    /// What was described.
    pub(super) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// What answers.
    pub(super) fn into_router(self) -> Router<Shared> {
        self.router
    }
}
