//! Recordings, as browsers and proxies make them.

use serde_json::{Value, json};

use super::{From, imported, requests};

fn har(entries: &Value) -> String {
    json!({"log": {"entries": entries}}).to_string()
}

fn written(entries: &Value) -> String {
    imported(From::Har, &har(entries))
}

#[test]
fn what_is_missing_was_not_said() {
    let url = "http://x.org/a";
    for entry in [
        json!({"request": {"method": "GET", "url": url}}),
        json!({"request": {"url": url}, "response": null}),
        json!({"request": {"method": null, "url": url, "headers": null, "cookies": null}, "response": {}}),
        json!({"request": {"url": url, "headers": {"Accept": "a/b"}}, "response": {"status": "200"}}),
        json!({"request": {"url": url, "headers": [{"name": "x", "value": null}, {"name": null}, {}]}, "response": {"status": null}}),
        json!({"request": {"method": "POST", "url": url, "postData": {"mimeType": null, "text": null, "params": null}}}),
        json!({"request": {"method": "POST", "url": url, "postData": {}}, "response": {"content": {"text": null, "mimeType": null}}}),
        json!({"request": {"method": "POST", "url": url, "postData": {"mimeType": "application/json", "text": "{}", "params": null}}}),
        json!({"request": {"url": url}, "response": {"status": -1, "content": null, "headers": null}}),
        json!({"request": {"url": url, "httpVersion": null}, "time": null, "timings": null, "_initiator": 1}),
    ] {
        let written = written(&json!([entry]));
        assert!(written.contains("http://x.org/a"), "{entry}\n{written}");
    }
    let with_mark = format!("\u{feff}{}", har(&json!([{"request": {"url": url}}])));
    assert!(imported(From::Har, &with_mark).contains(url));
    assert!(imported(From::Har, "[{\"request\": {\"url\": \"http://x.org/a\"}}]").contains(url));
    let found = requests(
        From::Har,
        &har(&json!([1, {"request": {}}, {"request": {"url": url}}])),
    )
    .unwrap();
    assert_eq!((found.requests.len(), found.told.len()), (1, 2));
}

#[test]
fn names_and_types_are_kept() {
    let post = |kind: &str, text: &str| {
        json!({"request": {"method": "POST", "url": "http://x.org/a?b=1&b=2&c%5B%5D=3", "headers": [
            {"name": "X-Two", "value": "a"}, {"name": "x-two", "value": "b"},
        ], "postData": {"mimeType": kind, "text": text}}})
    };
    let written = written(&json!([
        post("application/x-www-form-urlencoded", "a=1&a=2&b=3"),
        post("text/plain;charset=UTF-8", "{\"a\":1}"),
        post("application/json; charset=utf-8", "{\"a\":1.10}"),
        post(
            "multipart/form-data; boundary=B",
            "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb c\r\n--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../p.png\"\r\nContent-Type: image/png\r\n\r\n\r\n--B--\r\n"
        ),
    ]));
    for kept in [
        "?b=1&b=2&c%5B%5D=3",
        "\"X-Two\": \"a, b\"",
        "body: \"a=1&a=2&b=3\"",
        "\"content-type\": \"text/plain;charset=UTF-8\"",
        "body: \"{\\\"a\\\":1.10}\"",
        "\"content-type\": \"application/json; charset=utf-8\"",
        "- {name: \"a\", text: \"b c\"}",
        "- {name: \"f\", text: \"\", filename: \"../p.png\", type: \"image/png\"}",
    ] {
        assert!(written.contains(kept), "{kept}\n{written}");
    }
}

#[test]
fn static_resources_and_other_sites_are_left_out() {
    let get = |url: &str, kind: &str| json!({"request": {"url": url}, "response": {"status": 200, "content": {"mimeType": kind}}});
    let entries = json!([
        get("https://www.example.org/", "text/html"),
        get("https://api.example.org/me", "application/json"),
        get("https://www.example.org/a.js", ""),
        get(
            "https://www.example.org/b.woff2?v=1",
            "application/octet-stream"
        ),
        get("https://metrics.elsewhere.net/collect", "application/json"),
        get("wss://www.example.org/socket", ""),
        get("data:image/png;base64,AA", ""),
        json!({"request": {"method": "OPTIONS", "url": "https://api.example.org/me"}}),
        json!({"_resourceType": "image", "request": {"url": "https://www.example.org/pixel"}}),
    ]);
    let found = requests(From::Har, &har(&entries)).unwrap();
    let urls: Vec<&str> = found
        .requests
        .iter()
        .map(|request| request.url.as_str())
        .collect();
    assert_eq!(
        urls,
        ["https://www.example.org/", "https://api.example.org/me"]
    );
    assert!(
        found
            .notes
            .iter()
            .any(|note| note.contains("elsewhere.net")),
        "{:?}",
        found.notes
    );
    let all = super::super::Wanted {
        everything: true,
        ..Default::default()
    };
    let found = super::super::requests(From::Har, &har(&entries), &all).unwrap();
    assert_eq!(found.requests.len(), 6);
}

#[test]
fn what_an_answer_gave_is_captured_and_used() {
    let token = "tok-8f14e45fceea167a5a36dedd4bea2543";
    let answer = |body: &Value| json!({"status": 200, "content": {"mimeType": "application/json", "text": body.to_string()}});
    let written = written(&json!([
        {"request": {"method": "POST", "url": "http://x.org/login", "postData": {"mimeType": "application/json", "text": "{\"user\":\"ada-lovelace-1815\"}"}},
         "response": answer(&json!({"user": "ada-lovelace-1815", "session": {"token": token}, "mode": "standard"}))},
        {"request": {"method": "POST", "url": "http://x.org/orders", "headers": [{"name": "Authorization", "value": format!("Bearer {token}")}],
            "postData": {"mimeType": "application/json", "text": "{\"mode\":\"standard\",\"owner\":\"ada-lovelace-1815\"}"}},
         "response": answer(&json!([{"id": 48_151_623, "ref": "ord-2718281828"}]))},
        {"request": {"url": "http://x.org/orders/48151623/items?ref=ord-2718281828", "headers": [{"name": "Authorization", "value": format!("Bearer {token}")}]}},
        {"request": {"method": "PUT", "url": "http://x.org/pay", "postData": {"mimeType": "application/json", "text": "{\"order\":48151623}"}}},
    ]));
    assert!(
        !written.contains(token)
            && !written.contains("48151623")
            && !written.contains("2718281828"),
        "{written}"
    );
    insta::assert_snapshot!(written);
}

#[test]
fn pauses_are_kept_by_choice() {
    let entry = |second: u32, kind: &str| {
        json!({"startedDateTime": format!("2026-01-02T10:{:02}:{:02}.250+01:00", second / 60, second % 60), "time": 500,
            "request": {"url": format!("https://a.example/{second}")},
            "response": {"status": 200, "content": {"mimeType": kind}}})
    };
    // The image at 4 is left out; what was waited before it is not.
    let entries = [
        entry(0, "text/html"),
        entry(4, "image/png"),
        entry(5, "text/html"),
        entry(200, "text/html"),
        json!({"startedDateTime": "yesterday", "request": {"url": "https://a.example/x"}}),
    ];
    let wanted = |think_time| crate::import::Wanted {
        think_time,
        ..Default::default()
    };
    let pauses = |think_time| {
        let mut found =
            crate::import::requests(From::Har, &har(&json!(entries)), &wanted(think_time)).unwrap();
        let written = crate::import::scenario(&mut found, "it", None, None).unwrap();
        super::readable(&written).unwrap();
        let sleeps = written
            .lines()
            .filter_map(|line| line.trim().strip_prefix("- sleep: "));
        let sleeps: Vec<String> = sleeps.map(str::to_owned).collect();
        (
            sleeps,
            written.contains("# 2 pauses were kept as `sleep`, 1 of them cut to 60s."),
        )
    };
    assert_eq!(
        pauses(true),
        (vec!["4000ms".into(), "60000ms".into()], true)
    );
    assert_eq!(pauses(false), (Vec::new(), false));
}
