//! Where a request of the scenario's own goes, and how metrics call it.

use std::sync::Arc;

use url::Url;

use crate::document::ReadContext;
use crate::expression::{Outline, TextTemplate};
use crate::language::{Choice, Permissions, Span};
use crate::steps::StepError;
use crate::target::Target;

/// Whose credentials a request carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Auth {
    /// Nobody's.
    #[default]
    None,
    /// Those of the current session.
    User,
}

/// `auth: user`
impl Choice for Auth {
    const EXPECTED: &'static str = "`user` or `none`";
    const CHOICES: &'static [(&'static str, Self)] = &[("user", Self::User), ("none", Self::None)];
}

const SCHEMES: [&str; 2] = ["http://", "https://"];

/// What can be told of a URL before its expressions have values.
pub(super) fn check_url(url: &TextTemplate, span: Span, cx: &mut ReadContext) {
    let first = match url.outline().next() {
        Some(Outline::Expression(_)) => return,
        Some(Outline::Literal(text)) => text,
        None => "",
    };
    if first.starts_with('/') {
        return;
    }
    if !SCHEMES.iter().any(|scheme| first.starts_with(scheme)) {
        let help = match shell_variable(first) {
            Some(name) => format!(
                "a variable is written `{{{{ {name} }}}}`, one of the environment `{{{{ env.{name} }}}}`"
            ),
            None => {
                "a path such as `/rest/v2/user/current` is below the target's `api_url`".to_owned()
            }
        };
        cx.problem(span, "a URL begins with `http://`, `https://` or `/`", help);
    } else if url.outline().count() == 1 {
        match absolute(first) {
            Ok(url) => cx.asked.push((url, span)),
            Err(reason) => cx.problem(span, "this URL cannot be used", reason),
        }
    } else if let Some(host) = written_host(first) {
        cx.asked.push((host, span));
    }
}

/// The name in `$NAME` or `${NAME}`, as other tools have variables.
fn shell_variable(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('$')?;
    let rest = rest.strip_prefix('{').unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let name = &rest[..end.unwrap_or(rest.len())];
    (!name.is_empty()).then_some(name)
}

/// The address of a host that is complete before the first expression.
fn written_host(first: &str) -> Option<Url> {
    let (_, rest) = first.split_once("://")?;
    let end = first.len() - rest.len() + rest.find(['/', '?', '#', '\\'])?;
    Url::parse(&first[..end]).ok()
}

/// The path as it is written, with the source of each expression in braces,
/// without query and fragment.
pub(super) fn endpoint(url: &TextTemplate) -> String {
    let mut path = String::new();
    let mut in_host = false;
    for (place, part) in url.outline().enumerate() {
        match part {
            Outline::Expression(_) if in_host => {}
            Outline::Expression(source) => path.extend(["{", source, "}"]),
            Outline::Literal(mut text) => {
                let scheme = SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme));
                if let (0, Some(rest)) = (place, scheme) {
                    (in_host, text) = (true, rest);
                }
                if in_host {
                    let Some(end) = text.find(['/', '?', '#']) else {
                        continue;
                    };
                    (in_host, text) = (false, &text[end..]);
                }
                match text.find(['?', '#']) {
                    Some(end) => {
                        path.push_str(&text[..end]);
                        break;
                    }
                    None => path.push_str(text),
                }
            }
        }
    }
    if path.is_empty() { "/".into() } else { path }
}

/// So many URLs of a user are remembered.
const REMEMBERED: usize = 8;

/// URLs that a user has asked lately: most users ask the same few again and
/// again, and need not have them parsed each time.
#[derive(Default)]
pub(in crate::steps) struct Addresses {
    known: Vec<(String, Auth, Arc<Url>)>,
    next: usize,
}

impl Addresses {
    /// The same as [`resolve`], which is asked once.
    pub(super) fn resolve(
        &mut self,
        written: &str,
        target: &Target,
        auth: Auth,
        permissions: &Permissions,
    ) -> Result<Arc<Url>, StepError> {
        let mut known = self.known.iter();
        let found = known.find(|(text, with, _)| text == written && *with == auth);
        if let Some((_, _, url)) = found {
            return Ok(Arc::clone(url));
        }
        let url = Arc::new(resolve(written, target, auth)?);
        check_host(&url, target, permissions)?;
        let entry = (written.to_owned(), auth, Arc::clone(&url));
        match self.known.get_mut(self.next) {
            Some(oldest) => *oldest = entry,
            None => self.known.push(entry),
        }
        self.next = (self.next + 1) % REMEMBERED;
        Ok(url)
    }
}

/// The URL. A path is below the target's `api_url`. No message repeats what
/// was written: it may hold a password.
pub(super) fn resolve(written: &str, target: &Target, auth: Auth) -> Result<Url, StepError> {
    let refuse = |reason: String| StepError::Argument {
        argument: "url",
        reason,
    };
    if written.starts_with('/') {
        let base = target.api_url.as_str().trim_end_matches('/');
        return Url::parse(&format!("{base}{written}")).map_err(|error| refuse(error.to_string()));
    }
    let url = absolute(written).map_err(refuse)?;
    if auth == Auth::User {
        check_origin(&url, target)?;
    }
    Ok(url)
}

/// With credentials, only hosts of the target are asked.
pub(super) fn check_origin(url: &Url, target: &Target) -> Result<(), StepError> {
    let known = [&target.api_url, &target.gateway_url];
    if known.iter().any(|host| host.origin() == url.origin()) {
        return Ok(());
    }
    Err(StepError::Argument {
        argument: "url",
        reason: "with `auth: user`, only the target's `api_url` and `gateway_url` are asked: \
                 credentials go to nobody else"
            .into(),
    })
}

/// Hosts that are none of the target's are asked when a flag says so. The host
/// is not repeated: an expression may have put a secret into it.
pub(super) fn check_host(
    url: &Url,
    target: &Target,
    permissions: &Permissions,
) -> Result<(), StepError> {
    match url.host() {
        Some(host) if target.may_ask(&host, permissions) => Ok(()),
        _ => Err(StepError::Argument {
            argument: "url",
            reason: "this host is none of the target's: permit it with `--allow-host HOST`".into(),
        }),
    }
}

pub(super) fn absolute(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("it must begin with `http://`, `https://` or `/`".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must hold no user name and no password: use `headers`".into());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::{Auth, endpoint, resolve};
    use crate::document::ReadContext;
    use crate::expression::{TextTemplate, Type};
    use crate::language::{Node, Read};
    use crate::target::Target;

    fn endpoint_of(url: &str) -> String {
        let mut cx = ReadContext::default();
        for name in ["sample", "host", "url"] {
            cx.names.capture(name, Type::Any);
        }
        endpoint(&TextTemplate::read(&Node::text(url), &mut cx).unwrap())
    }

    #[test]
    fn an_endpoint_is_the_path_as_it_is_written() {
        for (url, expected) in [
            (
                "/rest/v2/contact/{{ sample.id }}/x?a={{ url }}",
                "/rest/v2/contact/{sample.id}/x",
            ),
            ("https://example.org:8080/a/b#c", "/a/b"),
            ("https://{{ host }}:{{ url }}/a", "/a"),
            ("https://example.org?a=b", "/"),
            ("https://{{ host }}", "/"),
            ("{{ url }}/a?b", "{url}/a"),
            (
                "/a/{{ host if '?' in url else '#' }}/b",
                "/a/{host if '?' in url else '#'}/b",
            ),
        ] {
            assert_eq!(endpoint_of(url), expected);
        }
    }

    fn target() -> Target {
        let url: url::Url = "http://localhost:1/base/".parse().unwrap();
        Target::new(url.clone(), url.clone(), crate::otp::outbox(url))
    }

    #[test]
    fn a_path_is_below_the_api() {
        let url = resolve("//evil.example/x?y=1", &target(), Auth::User).unwrap();
        assert_eq!(url.as_str(), "http://localhost:1/base//evil.example/x?y=1");
    }

    #[test]
    fn credentials_go_to_the_target_alone() {
        assert!(resolve("http://localhost:1/x", &target(), Auth::User).is_ok());
        for other in [
            "http://localhost:2/x",
            "https://localhost:1/x",
            "http://localhost.evil:1/",
        ] {
            assert!(resolve(other, &target(), Auth::User).is_err(), "{other}");
            assert!(resolve(other, &target(), Auth::None).is_ok(), "{other}");
        }
    }

    #[test]
    fn a_url_with_a_password_is_refused_and_not_repeated() {
        let error = resolve("http://ada:s3cret@localhost/", &target(), Auth::None).unwrap_err();
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
}
