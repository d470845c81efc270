//! What a target does beyond itself, when a scenario names it: its author may be
//! a stranger.

use url::{Host, Url};

use super::model::Target;
use crate::document::ReadContext;
use crate::language::node::Node;
use crate::language::permissions::{Permissions, is_this_machine, refusal, refused_host};

impl Target {
    /// Whether a host may be asked: it is the target's, or this machine, or
    /// permitted.
    pub fn may_ask(&self, host: &Host<&str>, permissions: &Permissions) -> bool {
        let own = [&self.api_url, &self.gateway_url];
        let mut own = own.iter().filter_map(|url| url.host());
        own.any(|own| own == *host) || self.is_this_machine(host) || permissions.has_host(host)
    }

    /// Whether a host is this machine, under the addresses that the target has
    /// for it as well.
    fn is_this_machine(&self, host: &Host<&str>) -> bool {
        let elsewhere = self.network.resolve.get(&host.to_string());
        let elsewhere = elsewhere.into_iter().flatten();
        is_this_machine(host) && elsewhere.clone().all(std::net::IpAddr::is_loopback)
    }
}

/// Holds a target against what is permitted; `root` is what it was read from.
pub(super) fn check(root: &Node, target: &Target, cx: &mut ReadContext) {
    if let Some(otp) = root.entry("otp") {
        if let Some(source) = otp.entry("source") {
            check_program(source, cx);
        }
        for key in ["host", "url", "message_url"] {
            check_host(otp.entry(key), target, cx);
        }
        let account = otp.entry("oauth2");
        check_host(account.and_then(|node| node.entry("token_url")), target, cx);
    }
    let network = root.entry("network");
    check_host(network.and_then(|node| node.entry("proxy")), target, cx);
}

fn check_program(source: &Node, cx: &mut ReadContext) {
    let starts = source.scalar().is_some_and(|kind| kind.text == "command");
    if starts && !cx.files.is_own(source.span) && !cx.permissions().programs {
        let message = "this target may not start a program".to_owned();
        let help = "permit it with `--allow-command`, or give the target with `--target`";
        cx.refuse(refusal(source.span, message, help));
    }
}

/// What is written is the name of a host, or an address with one.
fn check_host(written: Option<&Node>, target: &Target, cx: &mut ReadContext) {
    let Some((node, text)) = written.and_then(|node| Some((node, node.scalar()?))) else {
        return;
    };
    let url = Url::parse(&text.text).ok();
    let host = match url.as_ref().and_then(Url::host) {
        Some(host) => Some(host.to_owned()),
        None => Host::parse(&text.text).ok(),
    };
    // What is no host was told already.
    let Some(host) = host else { return };
    let host = match &host {
        Host::Domain(name) => Host::Domain(name.as_str()),
        Host::Ipv4(address) => Host::Ipv4(*address),
        Host::Ipv6(address) => Host::Ipv6(*address),
    };
    if !cx.files.is_own(node.span) && !target.may_ask(&host, cx.permissions()) {
        cx.refuse(refused_host(&host, node.span));
    }
}

/// The hosts of a target whose owner does not say that load may be sent there.
pub(super) fn check_load(root: &Node, target: &Target, cx: &mut ReadContext) {
    let hosts = [
        ("api_url", target.api_url.host()),
        ("gateway_url", target.gateway_url.host()),
    ];
    let mut told = None;
    for (key, host) in hosts {
        let Some(host) = host.filter(|host| told.as_ref() != Some(host)) else {
            continue;
        };
        if target.is_this_machine(&host) || cx.permissions().has_load(&host) {
            continue;
        }
        let at = root.entry(key).map(|node| node.span).unwrap_or_default();
        let message = format!("nobody says that load may be sent to `{host}`");
        let help = format!(
            "give `--yes-load-test {host}`, or write `load_test_allowed: true` into the target when its owner agrees"
        );
        cx.refuse(refusal(at, message, help));
        told = Some(host);
    }
}

/// Whether all that decides who answers was written by the user: their own
/// target, or one that the command line trusts.
pub(super) fn is_own(root: &Node, cx: &ReadContext) -> bool {
    let deciding = ["api_url", "gateway_url", "network", "tls"];
    let mut deciding = deciding.iter().filter_map(|key| root.entry(key));
    cx.permissions().hosts.is_none() || deciding.all(|node| all_own(node, cx))
}

fn all_own(node: &Node, cx: &ReadContext) -> bool {
    let mut inner = node.entries().map(|(_, inner)| inner).peekable();
    if inner.peek().is_none() {
        return cx.files.is_own(node.span);
    }
    inner.all(|inner| all_own(inner, cx))
}
