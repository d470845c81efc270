//! How connections to a target are protected.

use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::{ExposeSecret, SecretString};

use crate::document::secret_place::read_file;
use crate::document::{ReadContext, Record, record};
use crate::http::{TlsSettings, Version};
use crate::language::node::{Node, Text};
use crate::language::problem::Problem;
use crate::language::read::{Choice, Read};
use crate::language::shape::Shape;
use crate::{ceilings, files};

record! {
    struct TlsDoc of "`tls`" {
        /// path of a PEM file with certificates that are trusted besides this machine's
        ca: Text, example("ca.pem");
        /// path of a PEM file with our own certificate; goes with `client_key`
        client_certificate: Text, example("client.pem");
        /// path of a PEM file with its private key
        client_key: Text, example("client.key");
        /// whether whoever answers is believed to be who they say
        insecure: bool = false;
    }
}

impl Read<ReadContext> for TlsSettings {
    const EXPECTED: &'static str = "a mapping with `ca`, `client_certificate`, `insecure`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let mut fields = TlsDoc::TABLE.open(node, cx)?;
        let read = TlsDoc::take(&mut fields, cx)?;
        let (at, certificate, key) = (fields.span(), read.client_certificate, read.client_key);
        fields.finish(cx);
        if certificate.is_some() != key.is_some() {
            let message = "`client_certificate` and `client_key` go together";
            cx.problem(
                at,
                message,
                "add the other one: both are paths of PEM files",
            );
        }
        let authorities = read.ca.map(|path| certificates(&path, cx));
        let identity = certificate
            .zip(key)
            .map(|(certificate, key)| identity(&certificate, &key, cx));
        Some(Self {
            authorities: authorities.unwrap_or_default(),
            identity: identity.unwrap_or_default(),
            insecure: read.insecure,
            version: Version::default(),
        })
    }

    fn shape() -> Shape {
        TlsDoc::TABLE.shape()
    }
}

impl Choice for Version {
    const EXPECTED: &'static str = "`auto`, `1` or `2`";
    const CHOICES: &'static [(&'static str, Self)] =
        &[("auto", Self::Agreed), ("1", Self::One), ("2", Self::Two)];
}

fn certificates(path: &Text, cx: &mut ReadContext) -> Option<Vec<u8>> {
    if !cx.may_open(path) {
        return None;
    }
    let read = || -> Result<Vec<u8>, String> {
        let mut pem = files::read(Path::new(&path.text), ceilings::CERTIFICATES)
            .map_err(|error| error.to_string())?;
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        match found {
            Ok(found) if found.is_empty() => Err("there is no certificate in it".to_owned()),
            Ok(_) => Ok(std::mem::take(&mut *pem)),
            Err(error) => Err(error.to_string()),
        }
    };
    let help = "a PEM file; its path is relative to the file that it is written in";
    read()
        .map_err(|reason| {
            let message = format!("cannot read certificates from {}: {reason}", path.text);
            cx.push(Problem::new(path.span, message, help));
        })
        .ok()
}

fn identity(certificate: &Text, key: &Text, cx: &mut ReadContext) -> Option<SecretString> {
    let certificate = certificates(certificate, cx);
    if !cx.may_open(key) {
        return None;
    }
    let read = read_file(Path::new(&key.text)).and_then(|pem| {
        match PrivateKeyDer::from_pem_slice(pem.expose_secret().as_bytes()) {
            Ok(_) => Ok(pem),
            // The parser's words are left out: they could be of the key.
            Err(_) => Err((
                "there is no private key in it".to_owned(),
                "a PEM file with `-----BEGIN PRIVATE KEY-----`",
            )),
        }
    });
    let pem = match read {
        Ok(pem) => pem,
        Err((reason, help)) => {
            let message = format!("cannot read a private key from {}: {reason}", key.text);
            cx.problem(key.span, message, help);
            return None;
        }
    };
    let certificate = String::from_utf8(certificate?).ok()?;
    Some(SecretString::from(format!(
        "{certificate}\n{}",
        pem.expose_secret()
    )))
}
