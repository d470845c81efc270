//! How users use connections, as it is written in targets and scenarios.

use std::num::NonZeroU64;
use std::time::Duration;

use crate::document::{Field, ReadContext, Record, record};
use crate::http::{ConnectionSettings, Reconnect, Sharing};
use crate::language::node::Node;
use crate::language::read::{Choice, Read};
use crate::language::shape::Shape;

/// Who shares connections, and how long they are kept.
pub const CONNECTIONS: Field<ConnectionSettings> = Field::new(
    "connections",
    "who shares connections, and how long they are kept",
)
.example("{shared: 20}");

record! {
    struct Written of "`connections`" {
        /// users share at most so many connections to a host; each has their own
        /// otherwise, as devices have
        shared: NonZeroU64, example("20");
        /// when a new connection is made although there is one; `never` otherwise
        reconnect: Reconnect, example("each_iteration");
        /// a connection that was not used for so long is closed; `90s` otherwise
        idle_timeout: Duration;
        /// whether a new connection takes up the TLS session of an earlier one of the same
        /// user (resumption), as devices do
        resume_tls: bool = true;
    }
}

/// The one word that `connections` can be.
#[derive(Clone, PartialEq)]
struct PerUser;

impl Choice for PerUser {
    const EXPECTED: &'static str = "`per_user`, or a mapping such as `{shared: 20}`";
    const CHOICES: &'static [(&'static str, Self)] = &[("per_user", Self)];
}

impl Read<ReadContext> for ConnectionSettings {
    const EXPECTED: &'static str = <PerUser as Choice>::EXPECTED;

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        if node.scalar().is_some() {
            return PerUser::read(node, cx).map(|PerUser| Self::default());
        }
        let mut fields = Written::TABLE.open(node, cx)?;
        let written = Written::take(&mut fields, cx);
        let span = fields.span_of("reconnect");
        fields.finish(cx);
        let (written, usual) = (written?, Self::default());
        let settings = Self {
            sharing: written.shared.map_or(usual.sharing, Sharing::Shared),
            reconnect: written.reconnect.unwrap_or(usual.reconnect),
            idle_timeout: written.idle_timeout.or(usual.idle_timeout),
            resume_tls: written.resume_tls,
        };
        if let (Some(span), Sharing::Shared(_)) = (span, settings.sharing)
            && settings.reconnect == Reconnect::EachIteration
        {
            cx.problem(
                span,
                "shared connections do not belong to an iteration",
                "leave out `shared`, or write `reconnect: each_request` or `{after: 30s}`",
            );
        }
        Some(settings)
    }

    fn shape() -> Shape {
        <PerUser as Read<ReadContext>>::shape().or(Written::TABLE.shape())
    }
}

record! {
    struct Renewed of "`reconnect`" {
        /// how long a connection serves at most
        after: Duration, required;
    }
}

/// The words that `reconnect` can be.
#[derive(Clone, PartialEq)]
struct When(Reconnect);

impl Choice for When {
    const EXPECTED: &'static str = "`never`, `each_iteration`, `each_request` or `{after: 30s}`";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("never", Self(Reconnect::Never)),
        ("each_iteration", Self(Reconnect::EachIteration)),
        ("each_request", Self(Reconnect::EachRequest)),
    ];
}

impl Read<ReadContext> for Reconnect {
    const EXPECTED: &'static str = <When as Choice>::EXPECTED;

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        if node.scalar().is_some() {
            return When::read(node, cx).map(|When(when)| when);
        }
        Renewed::read_only(node, cx).map(|renewed| Self::After(renewed.after))
    }

    fn shape() -> Shape {
        <When as Read<ReadContext>>::shape().or(Renewed::TABLE.shape())
    }
}
