//! What is left of requests and answers.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use reqwest::{Method, StatusCode};
use secrecy::SecretString;
use url::Url;
use zeroize::Zeroizing;

use super::Transcript;
use crate::http::{Answer, Exchange, TraceListener};

fn exchange(step: &str, url: &str, body: &str, answer: &str) -> Exchange {
    Exchange {
        step: step.to_owned(),
        method: Method::POST,
        url: Url::parse(url).unwrap().into(),
        headers: HeaderMap::new(),
        body: Some(Zeroizing::new(body.as_bytes().to_vec())),
        secrets: Vec::new(),
        secret_answer: false,
        answer: Ok(Answer {
            status: StatusCode::OK,
            headers: HeaderMap::new().into(),
            body: Zeroizing::new(answer.as_bytes().to_vec()),
        }),
        took: Duration::from_millis(3),
    }
}

fn shown(exchanges: Vec<Exchange>, steps: &[&str]) -> String {
    let steps: Vec<String> = steps.iter().map(|&step| step.to_owned()).collect();
    let transcript = Transcript::of(&steps);
    for exchange in exchanges {
        transcript.take(exchange);
    }
    transcript.show()
}

#[test]
fn a_request_and_its_answer() {
    let mut it = exchange(
        "login",
        "http://localhost:1/p/validate/id-123456?ts=1&token=abcdef",
        r#"{"username": "ada", "password": "hunter22", "n": [1, null]}"#,
        r#"{"refreshToken": "opaque-thing", "echo": "is hunter22 right?"}"#,
    );
    it.secrets = vec![SecretString::from("123456")];
    let basic = HeaderValue::from_static("Basic YWRhOmh1bnRlcjIy");
    it.headers.insert(AUTHORIZATION, basic);
    let cookies = HeaderValue::from_static("sid=abcdefgh; theme=dark");
    it.headers.insert(COOKIE, cookies);
    if let Ok(answer) = &mut it.answer {
        let set = HeaderValue::from_static("sid=ijklmnop; Path=/; HttpOnly");
        answer.headers = HeaderMap::from_iter([(SET_COOKIE, set)]).into();
    }
    insta::assert_snapshot!(shown(vec![it], &["*"]), @r#"
    login

      → POST http://localhost:1/p/validate/id-[secret]?ts=1&token=[secret]
        authorization: Basic [secret]
        cookie: sid=[secret]; theme=[secret]
        {
          "username": "ada",
          "password": "[secret]",
          "n": [
            1,
            null
          ]
        }
      ← 200 OK after 3.00ms
        set-cookie: sid=[secret]; Path=/; HttpOnly
        {
          "refreshToken": "[secret]",
          "echo": "is [secret] right?"
        }
    "#);
}

#[test]
fn a_secret_that_another_step_brings_is_cut_out_everywhere() {
    let early = exchange("a", "http://h/x/later-on", "later-on", "{}");
    let mut late = exchange("b", "http://h/token", "", "later-on");
    late.secret_answer = true;
    let text = shown(vec![early, late], &["a"]);
    assert!(
        !text.contains("later-on") && text.contains("/x/[secret]"),
        "{text}"
    );
    assert!(!text.contains("/token"), "{text}");
}

#[test]
fn tokens_forms_and_what_is_long() {
    let jwt = "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl";
    let mut form = exchange("a", "http://h/", "user=ada&password=a+b%21c", jwt);
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    form.headers.insert("content-type", kind);
    let long = exchange("a", "http://h/", &"x".repeat(300), "a b!c, again");
    let text = shown(vec![form, long], &["a"]);
    assert!(
        text.contains("password=[secret]") && text.contains("user=ada"),
        "{text}"
    );
    assert!(!text.contains("eyJ") && !text.contains("a b!c"), "{text}");
    assert!(text.contains("… (300 characters)"), "{text}");
}
