//! How connections leave this machine, as it is written in targets.

use std::collections::HashMap;
use std::net::IpAddr;

use url::Url;

use crate::document::{ReadContext, Record, record};
use crate::http::NetworkSettings;
use crate::language::fields::entries;
use crate::language::node::{Node, Text};
use crate::language::problem::Problem;
use crate::language::read::Read;
use crate::language::shape::Shape;

record! {
    struct Written of "`network`" {
        /// addresses of hosts, instead of looking them up; of several, each in turn
        resolve: Hosts, example("{api.example.org: [10.0.0.1, 10.0.0.2]}");
        /// own addresses from which connections are made, each in turn: each has some 28,000 ports
        local_addresses: Addresses, example("[10.0.0.7, 10.0.0.8]");
        /// a proxy that everything goes through; none is taken from the environment
        proxy: Url, example("http://proxy.example.org:3128");
        /// whether a connection begins with a line that says where it comes from (PROXY protocol, version 1)
        proxy_protocol: bool = false;
    }
}

impl Read<ReadContext> for NetworkSettings {
    const EXPECTED: &'static str = "a mapping with `resolve`, `local_addresses`, `proxy`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let written = Written::read_only(node, cx)?;
        Some(Self {
            resolve: written
                .resolve
                .map(|Hosts(hosts)| hosts)
                .unwrap_or_default(),
            local_addresses: written
                .local_addresses
                .map(|Addresses(all)| all)
                .unwrap_or_default(),
            proxy: written.proxy,
            proxy_protocol: written.proxy_protocol,
        })
    }

    fn shape() -> Shape {
        Written::TABLE.shape()
    }
}

/// Hosts and their addresses.
struct Hosts(HashMap<String, Vec<IpAddr>>);

impl Read<ReadContext> for Hosts {
    const EXPECTED: &'static str = "a mapping such as `{api.example.org: 10.0.0.1}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let hosts = entries(node, "`resolve`", "  api.example.org: 10.0.0.1", cx)?;
        let mut read = HashMap::new();
        for (host, addresses) in hosts {
            let Addresses(addresses) = Addresses::read(addresses, cx)?;
            read.insert(host.text.to_ascii_lowercase(), addresses);
        }
        Some(Self(read))
    }

    fn shape() -> Shape {
        Shape::Entries(Box::new(Addresses::shape()))
    }
}

/// One IP address, or several.
struct Addresses(Vec<IpAddr>);

impl Read<ReadContext> for Addresses {
    const EXPECTED: &'static str = "an IP address such as `10.0.0.1`, or a list of them";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let mut addresses = Vec::new();
        for item in node.items() {
            let text = Text::read(item, cx)?;
            let Ok(address) = text.text.parse() else {
                let message = format!("`{}` is no IP address", text.text);
                let help = "such as `10.0.0.1` or `::1`";
                cx.push(Problem::new(text.span, message, help));
                return None;
            };
            addresses.push(address);
        }
        Some(Self(addresses))
    }

    fn shape() -> Shape {
        Shape::Text.one_or_list()
    }
}
