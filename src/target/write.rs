//! Writes a target file.

use std::fmt::Write;

use secrecy::ExposeSecret;

use super::model::Target;
use crate::language::duration::format_duration;
use crate::language::node::{Meaning, Node, Value};

impl Target {
    /// The target as a file that [`Target::parse`] reads back. The captcha
    /// token is in it as it is: the file is as secret as the token.
    pub fn to_yaml(&self) -> String {
        let mut lines = Lines::default();
        lines.add("name", &quoted(&self.name));
        lines.add("api_url", &quoted(self.api_url.as_str()));
        lines.add("gateway_url", &quoted(self.gateway_url.as_str()));
        lines.add("api_version", self.api_version.path());
        lines.add("spec_id", &quoted(&self.spec_id));
        let processes = [
            ("patient_by_email", &self.processes.patient_by_email),
            ("patient_by_sms", &self.processes.patient_by_sms),
            ("hcp_by_email", &self.processes.hcp_by_email),
            ("hcp_by_sms", &self.processes.hcp_by_sms),
        ];
        let processes = processes.map(|(key, id)| (key, id.as_deref().map(quoted)));
        lines.block("processes", processes);
        lines.maybe("responsible", self.responsible.as_deref());
        let token = self.captcha_token.as_ref();
        lines.maybe("captcha_token", token.map(ExposeSecret::expose_secret));
        lines.add("token_validity", &format_duration(self.token_validity));
        let timeouts = [
            ("connect", Some(format_duration(self.timeouts.connect))),
            ("request", Some(format_duration(self.timeouts.request))),
        ];
        lines.block("timeouts", timeouts);
        let backend = self.crypto_backend.map(|backend| backend.to_string());
        lines.block("crypto", [("backend", backend)]);
        lines.maybe("mail_domain", self.mail_domain.as_deref());
        let source = ("source", Some(quoted(&self.otp.source.text)));
        let arguments = self.otp.arguments.entries();
        let arguments = arguments.map(|(key, node)| (key.text.as_str(), Some(flow(node))));
        lines.block("otp", std::iter::once(source).chain(arguments));
        lines.0
    }
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    /// Writing to a text does not fail.
    fn add(&mut self, key: &str, value: &str) {
        let _ = writeln!(self.0, "{key}: {value}");
    }

    fn maybe(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.add(key, &quoted(text));
        }
    }

    /// A mapping, unless nothing is in it.
    fn block<'a>(
        &mut self,
        key: &str,
        entries: impl IntoIterator<Item = (&'a str, Option<String>)>,
    ) {
        let mut first = true;
        for (name, value) in entries {
            let Some(value) = value else { continue };
            if first {
                let _ = writeln!(self.0, "{key}:");
                first = false;
            }
            let _ = write!(self.0, "  ");
            self.add(&word(name), &value);
        }
    }
}

/// A text in double quotes; those of JSON are YAML too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A key, quoted when it is not a simple word.
fn word(text: &str) -> String {
    let simple = |c: char| c.is_ascii_lowercase() || c == '_';
    if !text.is_empty() && text.chars().all(simple) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A value on one line.
fn flow(node: &Node) -> String {
    match &node.value {
        Value::Nothing => "null".to_owned(),
        Value::Scalar(scalar) => match scalar.meaning() {
            Meaning::Text => quoted(&scalar.text.text),
            _ => scalar.text.text.clone(),
        },
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(map) => {
            let entries: Vec<String> = map
                .entries
                .iter()
                .map(|(key, node)| format!("{}: {}", quoted(&key.text), flow(node)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use crate::crypto::CryptoBackend;
    use crate::language::Source;
    use crate::target::{ApiVersion, OtpDoc, Target};

    #[test]
    fn a_target_that_was_written_is_read_back() {
        let url = |text: &str| text.parse().unwrap();
        let otp = OtpDoc::simulator(&url("http://127.0.0.1:4711/outbox"));
        let mut target = Target::new(url("http://127.0.0.1:4711/"), url("http://[::1]:9/gw"), otp);
        target.spec_id = "0123".into();
        target.api_version = ApiVersion::V1;
        target.processes.hcp_by_sms = Some("1e5".into());
        target.responsible = Some("no".into());
        target.captcha_token = Some("a \"quoted\": token".into());
        target.mail_domain = Some("mail.example.org".into());
        target.crypto_backend = Some(CryptoBackend::AwsLc);
        let text = target.to_yaml();
        let back = Target::parse(&Source::new("target.yaml", text.as_str())).unwrap();
        assert_eq!(back.to_yaml(), text);
        assert_eq!(back.processes, target.processes);
        assert_eq!(back.timeouts, target.timeouts);
        assert_eq!(back.crypto_backend, target.crypto_backend);
        assert_eq!(back.token_validity, target.token_validity);
        let token = back.captcha_token.unwrap();
        assert_eq!(token.expose_secret(), "a \"quoted\": token");
        let (_, outbox) = back.otp.arguments.entries().next().unwrap();
        assert_eq!(
            outbox.scalar().unwrap().text,
            "http://127.0.0.1:4711/outbox"
        );
    }

    proptest! {
        #[test]
        fn any_text_survives(name in "\\PC*", id in "\\PC*", token in "\\PC+") {
            let url = "http://localhost/".parse().unwrap();
            let otp = OtpDoc::simulator(&url);
            let mut target = Target::new(url.clone(), url, otp);
            target.name = name;
            target.spec_id = id;
            prop_assume!(!token.starts_with("${"));
            target.captcha_token = Some(token.clone().into());
            let text = target.to_yaml();
            let back = Target::parse(&Source::new("t", text.as_str()));
            let back = back.map_err(|problems| TestCaseError::fail(format!("{problems}\n{text}")))?;
            prop_assert_eq!(back.name, target.name);
            prop_assert_eq!(back.spec_id, target.spec_id);
            let read = back.captcha_token.map(|token| token.expose_secret().to_owned());
            prop_assert_eq!(read, Some(token));
        }
    }
}
