use proptest::prelude::*;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{export, import};
use crate::crypto::known;
use crate::vault::SavedTarget;
use crate::vault::credentials::tests::{any_credentials, shown, test_keys};

fn refused(document: &Value) -> String {
    let json = document.to_string();
    let error = import(json.as_bytes(), 0).unwrap_err().to_string();
    // Of what is in the document, only names of keys may be in a message.
    assert!(!error.contains("s3cret") && error.len() < 250, "{error}");
    error
}

/// Credentials as `changes` leaves them.
fn with(changes: &[(&str, Value)]) -> Value {
    let key = &known::rsa().keys[0];
    let mut document = json!({
        "login": "ada@example.org",
        "token": "s3cret",
        "userId": "user",
        "groupId": "group",
        "keyPairs": [{"publicKey": key.spki, "privateKey": key.pkcs8}],
    });
    let entries = document.as_object_mut().unwrap();
    for (name, value) in changes {
        entries.insert((*name).to_owned(), value.clone());
    }
    document
}

fn without(document: &Value, names: &[&str]) -> Value {
    let mut document = document.clone();
    let entries = document.as_object_mut().unwrap();
    entries.retain(|name, _| !names.contains(&name.as_str()));
    document
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_exported_is_imported(saved in any_credentials()) {
        prop_assume!(!saved.login.is_empty() && !saved.key_pairs.is_empty());
        prop_assume!(!saved.token.expose_secret().is_empty());
        let filled = |id: &Option<String>| id.as_ref().is_none_or(|id| !id.is_empty());
        prop_assume!(filled(&saved.group_id) && filled(&saved.data_owner_id));
        let urls = |target: &SavedTarget| !target.api_url.is_empty() && !target.gateway_url.is_empty();
        prop_assume!(saved.target.as_ref().is_none_or(urls));
        let before = shown(&saved);
        let json = export(&[("a name".into(), saved)]).unwrap();
        let read = import(&json, 0).unwrap();
        prop_assert_eq!(&read[0].0, "a name");
        prop_assert_eq!(shown(&read[0].1), before);
    }

    #[test]
    fn an_export_does_not_grow_while_it_is_written(saved in any_credentials()) {
        let capacity = |count: usize| {
            let list: Vec<_> = (0..count).map(|n| (n.to_string(), saved.clone())).collect();
            let json = export(&list).unwrap();
            (json.capacity(), json.len())
        };
        // What was asked for is what is there: for each user the same.
        let ((one, _), (two, length)) = (capacity(1), capacity(2));
        prop_assert!(length <= two && two - 2 == 2 * (one - 2), "{} {} {}", one, two, length);
    }
}

#[test]
fn every_form_of_the_tutorial_is_read() {
    let key = &known::rsa().keys[0];
    let pair = json!({"publicKey": key.spki, "privateKey": key.pkcs8});
    let short = json!({"pubKey": key.spki, "privKey": key.pkcs8});
    let bare = without(&with(&[]), &["keyPairs"]);
    let add = |changes: &[(&str, Value)]| {
        let mut document = bare.clone();
        for (name, value) in changes {
            document[*name] = value.clone();
        }
        document
    };
    let forms = [
        add(&[("keyPairs", json!([pair]))]),
        add(&[("keys", json!([pair]))]),
        add(&[("keyPair", pair.clone())]),
        add(&[("keyPair", short.clone())]),
        add(&[("keyPairs", json!([{"keyPair": pair}]))]),
        add(&[
            ("pubKey", short["pubKey"].clone()),
            ("privKey", short["privKey"].clone()),
        ]),
        add(&[("privKey", short["privKey"].clone())]),
        add(&[(
            "keyPairs",
            json!([{"publicKey": key.spki.to_uppercase(), "privateKey": key.pkcs8.to_uppercase()}]),
        )]),
    ];
    for form in forms {
        for document in [form.clone(), json!([form])] {
            let read = import(document.to_string().as_bytes(), 7).unwrap();
            let [(name, saved)] = &read[..] else { panic!() };
            assert_eq!(
                (name.as_str(), saved.login.as_str()),
                ("ada@example.org", "ada@example.org")
            );
            assert_eq!(saved.token.expose_secret(), "s3cret");
            assert_eq!(
                (saved.user_id.as_str(), saved.group_id.as_deref()),
                ("user", Some("group"))
            );
            assert_eq!(saved.key_pairs[0].public(), test_keys()[0].public());
            assert_eq!(saved.saved_at, 7);
        }
    }
    let renamed =
        json!({"username": "ada", "password": "s3cret", "name": "mine", "privKey": key.pkcs8});
    let (name, saved) = import(renamed.to_string().as_bytes(), 0).unwrap().remove(0);
    assert_eq!(
        (name.as_str(), saved.login.as_str(), saved.user_id.as_str()),
        ("mine", "ada", "")
    );
}

#[test]
fn halves_that_do_not_fit_are_refused_with_their_place() {
    let keys = known::rsa().keys;
    let mixed = json!([{"publicKey": keys[1].spki, "privateKey": keys[0].pkcs8}]);
    let message = refused(&json!([
        with(&[]),
        with(&[("keyPairs", mixed), ("name", json!("b"))])
    ]));
    assert!(
        message.starts_with("$[1].keyPairs[0].publicKey: this public key is not that of"),
        "{message}"
    );
}

#[test]
fn what_is_missing_or_something_else_is_told_with_its_place() {
    for (document, message) in [
        (
            json!(3),
            "$: expected an object with `login`, `token` and `keyPairs`",
        ),
        (json!([]), "$: expected a list that is not empty"),
        (
            json!([[]]),
            "$[0]: expected an object with `login`, `token` and `keyPairs`",
        ),
        (
            without(&with(&[]), &["login"]),
            "$: `login` or `username` or `userName` is missing",
        ),
        (
            without(&with(&[]), &["token"]),
            "$: `token` or `password` is missing",
        ),
        (
            with(&[("token", json!(7))]),
            "$.token: expected a text that is not empty",
        ),
        (
            with(&[("userId", json!(""))]),
            "$.userId: expected a text that is not empty",
        ),
        (
            with(&[("tokenExpiresAt", json!("s3cret"))]),
            "$.tokenExpiresAt: expected a whole number of milliseconds since 1970",
        ),
        (
            without(&with(&[]), &["keyPairs"]),
            "$: a key pair is missing: `keyPairs`, `keyPair`, or `pubKey` and `privKey`",
        ),
        (
            with(&[("keyPairs", json!([]))]),
            "$.keyPairs: expected a list of key pairs that is not empty",
        ),
        (
            with(&[("keyPairs", json!([{}]))]),
            "$.keyPairs[0]: `privateKey` or `privKey` is missing",
        ),
        (
            with(&[("keyPairs", json!([{"privateKey": "s3cret"}]))]),
            "$.keyPairs[0].privateKey: a private key is not hexadecimal",
        ),
        (
            with(&[("keyPairs", json!([{"privateKey": "5ec2e7"}]))]),
            "$.keyPairs[0].privateKey: expected an RSA private key of two primes as PKCS#8 DER in hexadecimal",
        ),
        (
            json!([with(&[]), with(&[])]),
            "$[1]: it has the name of $[0]: give each a `name` of its own",
        ),
    ] {
        assert_eq!(refused(&document), message);
    }
    let broken = import(b"{\"token\":\n s3cret}", 0).unwrap_err();
    assert_eq!(broken.to_string(), "line 2, column 2: this is not JSON");
}
