//! `http`: a request of the scenario's own.

pub(super) mod address;
mod answer;
mod attachment;
mod content;
mod media;
mod multipart;
mod redirect;
mod schema;

use std::sync::Arc;
use std::time::Duration;

use minijinja::Value;
use reqwest::Method;
use reqwest::cookie::CookieStore;
use reqwest::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderName, SET_COOKIE, TRANSFER_ENCODING,
};

use address::{Auth, check_host, check_origin, check_url, endpoint};
pub(super) use answer::Answer;
use content::{BODIES, Body, Entries};
use redirect::Redirects;
use schema::Schema;

use super::{Played, Step, StepError, StepKind, VirtualUser};
use crate::document::{ReadContext, Record, StepDoc, record};
use crate::expression::TextTemplate;
use crate::http::{Asked, Call, Response, Statuses};
use crate::icure::IcureError;
use crate::language::{Fields, Node, Permissions, Read, Shape, Size, Table, Text};
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "http",
    about: "send an HTTP request of your own",
    fields: FIELDS,
    result: answer::result,
    compile,
};

record! {
    struct Request of "`http`" {
        /// `POST` with a body, `GET` otherwise, unless given
        method: Method;
        /// an address, or a path such as `/rest/v2/user/current` below the target's `api_url`
        url: TextTemplate, required, example("/rest/v2/user/current"), also(&["path", "uri", "address", "endpoint_url"]);
        /// parameters that are added to the address
        query: Entries, also(&["params", "query_params", "qs"]);
        /// headers of the request
        headers: Entries, example("{Accept-Language: nl}");
    }
}

record! {
    struct Exchange of "`http`" {
        /// whose credentials are sent: the current user's, or nobody's
        auth: Auth = Auth::None;
        /// statuses that are good; any `2xx` otherwise
        status: Statuses, also(&["expected_status", "expect_status", "status_code"]);
        /// JSON Schema that the answer must satisfy: a mapping, or the path of a file
        schema: Schema, example("{type: object, required: [id]}");
        /// how long the whole answer may take; that of the target otherwise
        timeout: Duration;
        /// most bytes of the answer's body; that of the target otherwise
        max_body: Size;
        /// whether answers that send us elsewhere are followed, and how many; none otherwise
        redirects: Redirects, example("follow"), also(&["follow_redirects", "follow_redirect", "follow"]);
        /// whether the user's cookies are sent, and new ones kept
        cookies: bool = true;
        /// what reports call the request; the path of `url`, with `{…}` for expressions, otherwise
        endpoint: Text;
    }
}

const FIELDS: Table = Table {
    what: "`http`",
    keys: &[Request::TABLE.keys[0], BODIES, Exchange::TABLE.keys[0]],
};

struct Http {
    method: Method,
    url: TextTemplate,
    /// What metrics and errors show in place of the URL.
    endpoint: Arc<str>,
    query: Option<Entries>,
    headers: Option<Entries>,
    body: Option<Body>,
    auth: Auth,
    status: Statuses,
    /// What the JSON of the answer must look like.
    schema: Option<Schema>,
    timeout: Option<Duration>,
    max_body: Option<u64>,
    redirects: Redirects,
    /// Whether the user's cookies are sent, and new ones kept.
    cookies: bool,
    /// Which hosts may be asked.
    permissions: Arc<Permissions>,
}

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// `method: POST`
impl Read<ReadContext> for Method {
    const EXPECTED: &'static str = "a method such as `GET`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let choices = METHODS.map(|name| (name, name));
        let name = cx.choice(node, Self::EXPECTED, &choices)?;
        name.parse().ok()
    }

    fn shape() -> Shape {
        Shape::Words(METHODS.to_vec())
    }
}

/// `status: 200`, `status: 2xx`, `status: [200, 404]`
impl Read<ReadContext> for Statuses {
    const EXPECTED: &'static str = "a status such as `200` or `2xx`, or a list of them";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let items = node.items();
        let words = items.iter().map(|item| {
            let text = item.scalar();
            text.map_or("", Text::as_str)
        });
        match Self::parse(words) {
            Ok(statuses) if !items.is_empty() => Some(statuses),
            wrong => {
                let at = wrong.err().and_then(|place| items.get(place));
                let help = "a number from 100 to 599, or a class from `1xx` to `5xx`";
                let message = format!("expected {}", Self::EXPECTED);
                cx.problem(at.unwrap_or(node).label(), message, help);
                None
            }
        }
    }

    fn shape() -> Shape {
        let one = Shape::Form(
            "^[1-5]([0-9][0-9]|xx)$".to_owned(),
            "status such as `200` or `2xx`",
            "2xx",
        );
        one.or(Shape::Whole(100)).one_or_list()
    }
}

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    let mut fields = FIELDS.open(&document.arguments, cx)?;
    let request = Request::take(&mut fields, cx);
    if let (Some(request), Some(span)) = (&request, fields.span_of("url")) {
        check_url(&request.url, span, cx);
    }
    check_headers(&fields, cx);
    let body = Body::read(&mut fields, cx);
    let exchange = Exchange::take(&mut fields, cx)?;
    check_endpoint(exchange.endpoint.as_ref(), cx);
    let expected = expected_status(document, &fields, cx);
    fields.finish(cx);
    let Request {
        method,
        url,
        query,
        headers,
    } = request?;
    let default = || {
        if body.is_some() {
            Method::POST
        } else {
            Method::GET
        }
    };
    Some(Box::new(Http {
        method: method.unwrap_or_else(default),
        endpoint: exchange
            .endpoint
            .map_or_else(|| endpoint(&url), |name| name.text)
            .into(),
        url,
        query,
        headers,
        body,
        auth: exchange.auth,
        status: exchange.status.or(expected).unwrap_or_default(),
        schema: exchange.schema,
        timeout: exchange.timeout,
        max_body: exchange.max_body.map(|size| size.0),
        redirects: exchange.redirects.unwrap_or_default(),
        cookies: exchange.cookies,
        permissions: Arc::clone(cx.permissions()),
    }))
}

/// The status that `expect` says beside the request, in place of its own.
fn expected_status(
    document: &StepDoc,
    fields: &Fields<'_>,
    cx: &mut ReadContext,
) -> Option<Statuses> {
    let node = document.expected_status()?;
    if document.beside("fails").is_some() {
        // There is no answer to look at, and whoever reads `expect` says so.
        return None;
    }
    if fields.has("status") {
        let help = "remove one of them: both say which statuses are good";
        let message = "both `status` of `http` and `status` of `expect`";
        cx.problem(node.label(), message, help);
        return None;
    }
    Statuses::read(node, cx)
}

/// What can be told of headers before their values are known.
fn check_headers(fields: &Fields<'_>, cx: &mut ReadContext) {
    let with_credentials = fields
        .look("auth")
        .and_then(Node::scalar)
        .is_some_and(|auth| auth.text == "user");
    let Some(node) = fields.look("headers") else {
        return;
    };
    for (name, _) in node.entries() {
        let (message, help) = match HeaderName::from_bytes(name.text.as_bytes()) {
            Ok(CONTENT_LENGTH | TRANSFER_ENCODING) => (
                format!("`{}` is not the scenario's to say", name.text),
                "it follows from the body: remove it",
            ),
            Ok(CONTENT_TYPE) if fields.has("multipart") => (
                "`multipart` has a type of its own".to_owned(),
                "its parts can have a `type`: remove this header",
            ),
            Ok(AUTHORIZATION) if with_credentials => (
                "both `auth: user` and a header `Authorization`".to_owned(),
                "remove one of them",
            ),
            Ok(_) => continue,
            Err(_) => (
                format!("`{}` is not the name of a header", name.text),
                "for example `Accept-Language`",
            ),
        };
        cx.problem(name.span, message, help);
    }
}

/// An endpoint is a histogram of its own, so it must not differ each time.
fn check_endpoint(name: Option<&Text>, cx: &mut ReadContext) {
    if let Some(name) = name
        && name.text.contains("{{")
    {
        let help = "measurements are told apart by it: write `{id}` where the URL has an id";
        cx.problem(name.span, "`endpoint` cannot be a template", help);
    }
}

impl Http {
    /// The request, with everything rendered.
    fn call(&self, user: &mut VirtualUser) -> Result<Call, StepError> {
        let scope = &user.scope;
        let target = user.services.platform.target();
        let written = self.url.render(scope).map_err(StepError::argument("url"))?;
        let url = (user.addresses).resolve(&written, target, self.auth, &self.permissions)?;
        let mut call = Call::new(self.method.clone(), Arc::clone(&self.endpoint), url)
            .expect(self.status.clone())
            .timeout(self.timeout)
            .max_body(self.max_body);
        let mut secrets = Vec::new();
        if let Some(query) = &self.query {
            for (name, value) in query.render("query", scope, &mut secrets)? {
                call = call.query(&name, value.as_str());
            }
        }
        if let Some(body) = &self.body {
            call = body.put_into(call, scope, &mut secrets)?;
        }
        // Last, so that a scenario can say another type of content.
        if let Some(headers) = &self.headers {
            for (name, value) in headers.render("headers", scope, &mut secrets)? {
                let (name, value) = content::header(&name, &value)?;
                call = call.header(name, value);
            }
        }
        Ok(content::disguises(&secrets).iter().fold(call, Call::secret))
    }
}

impl Step for Http {
    fn answers(&self) -> bool {
        true
    }

    fn good_statuses(&self) -> Option<&Statuses> {
        Some(&self.status)
    }

    fn requests(&self) -> Vec<Asked> {
        let asked = |method: &Method, endpoint: String| Asked {
            method: method.to_string(),
            endpoint,
            good: self.status.clone(),
        };
        let mut all = vec![asked(&self.method, self.endpoint.to_string())];
        if self.redirects.limit() > 0 {
            all[0].good = self.status.or_redirects();
            for method in [&self.method, &Method::GET] {
                let mut again = asked(method, redirect::endpoint(&self.endpoint));
                again.good = self.status.or_redirects();
                all.push(again);
            }
        }
        if self.auth == Auth::User {
            // A session may have to be renewed.
            all.extend(crate::icure::requests());
        }
        all
    }

    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::step::OF_OTPS.contains(&metric) || super::step::OF_CRYPTO.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let call = self.call(user)?;
            let response = if self.redirects.limit() > 0 {
                Box::pin(self.follow(call, user, cx)).await?
            } else {
                self.send(call, user, cx).await?
            };
            self.answer(response)
        })
    }
}

impl Http {
    fn answer(&self, response: Response) -> Result<Value, StepError> {
        let answer = Answer::new(response);
        if let Some(schema) = &self.schema {
            schema.check(&answer)?;
        }
        Ok(Value::from_object(answer))
    }

    /// Sends a call, and goes where answers send us, as often as is allowed.
    async fn follow(
        &self,
        mut call: Call,
        user: &mut VirtualUser,
        cx: StepContext<'_>,
    ) -> Result<Response, StepError> {
        for _ in 0..self.redirects.limit() {
            let again = call.duplicate();
            let response = self.send(call.or_redirects(), user, cx).await?;
            if !redirect::is_one(&response) {
                if self.status.contain(response.status()) {
                    return Ok(response);
                }
                let refused = response.refused(self.status.clone(), cx.clock.timestamp());
                return Err(IcureError::from(refused).into());
            }
            let next = redirect::follow(again, &response, &self.endpoint);
            call = next.map_err(|reason| StepError::Argument {
                argument: "redirects",
                reason,
            })?;
            let target = user.services.platform.target();
            check_host(call.url(), target, &self.permissions)?;
            if self.auth == Auth::User {
                check_origin(call.url(), target)?;
            }
        }
        self.send(call, user, cx).await
    }

    async fn send(
        &self,
        mut call: Call,
        user: &mut VirtualUser,
        cx: StepContext<'_>,
    ) -> Result<Response, StepError> {
        let url = Arc::clone(call.url());
        if self.cookies
            && !call.has_header(&COOKIE)
            && let Some(cookies) = user.cookies.cookies(&url)
        {
            call = call.header(COOKIE, cookies);
        }
        let response = match self.auth {
            Auth::User => {
                let (services, session) = user.authenticated()?;
                // Boxed: it may log in anew, which most requests have no need of.
                Box::pin(session.send(services.platform.of(cx), call)).await?
            }
            Auth::None => {
                let http = user.services.platform.http();
                let sent = http.send(call, cx).await;
                sent.map_err(IcureError::from)?
            }
        };
        if self.cookies && response.has_header(&SET_COOKIE) {
            let mut set = response.headers().get_all(SET_COOKIE).iter();
            user.cookies.set_cookies(&mut set, &url);
        }
        Ok(response)
    }
}
