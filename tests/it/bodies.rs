//! Bodies of several parts, and bodies that are files.

use crate::http::{error, play};
use crate::server::Server;
use crate::work::Work;

/// A body with its boundary, which is random, written as `B`.
fn with_plain_boundary(server: &Server, place: usize) -> (String, String) {
    let asked = &server.asked()[place];
    let kind = asked.headers.iter().find(|h| h.starts_with("content-type"));
    let kind = kind.unwrap();
    let (kind, boundary) = kind.split_once("boundary=").unwrap();
    let length = format!("content-length: {}", asked.body.len());
    assert!(asked.headers.contains(&length), "{:?}", asked.headers);
    (kind.to_owned(), asked.body.replace(boundary, "B"))
}

#[test]
fn texts_and_files_are_sent_as_parts() {
    let (work, server) = (Work::new(), Server::start());
    std::fs::create_dir(work.path().join("files")).unwrap();
    work.write("files/note.txt", "written\nbefore");
    let steps = r#"      - http:
          url: "{{ url }}/upload"
          multipart:
            title: "user {{ vu }}"
            count: 7
            token: "Bearer {{ target.captcha_token }}"
            note: {file: files/note.txt}
      - http:
          url: "{{ url }}/upload"
          method: PUT
          multipart:
            - {name: "field {{ vu }}", text: "{\"a\": {{ vu }}}", type: application/json}
            - {name: both, file: files/note.txt, filename: "{{ vu }}\".md", type: "text/{{ 'markdown' }}"}
            - {name: both, file: files/note.txt, filename: second}
"#;
    play(&work, &server, steps).expect(0);
    let (kind, body) = with_plain_boundary(&server, 0);
    assert_eq!(kind, "content-type: multipart/form-data; ");
    insta::assert_snapshot!(body.replace("\r\n", "\n"), @r##"
    --B
    Content-Disposition: form-data; name="title"

    user 1
    --B
    Content-Disposition: form-data; name="count"

    7
    --B
    Content-Disposition: form-data; name="token"

    Bearer valid-in-the-simulator
    --B
    Content-Disposition: form-data; name="note"; filename="note.txt"
    Content-Type: text/plain

    written
    before
    --B--
    "##);
    let (_, body) = with_plain_boundary(&server, 1);
    insta::assert_snapshot!(body.replace("\r\n", "\n"), @r##"
    --B
    Content-Disposition: form-data; name="field 1"
    Content-Type: application/json

    {"a": 1}
    --B
    Content-Disposition: form-data; name="both"; filename="1%22.md"
    Content-Type: text/markdown

    written
    before
    --B
    Content-Disposition: form-data; name="both"; filename="second"
    Content-Type: text/plain

    written
    before
    --B--
    "##);
    assert_eq!(server.asked()[1].line, "PUT /upload");
}

#[test]
fn a_file_is_a_body_with_a_type() {
    let (work, server) = (Work::new(), Server::start());
    work.write("data.json", r#"{"from": "{{ vu }}"}"#);
    work.write("data.bin", "\0\u{1}plain");
    let steps = r#"      - http: {url: "{{ url }}/a", file: data.json}
      - http: {url: "{{ url }}/b", file: {path: data.bin, type: "image/{{ 'png' }}"}}
      - http: {url: "{{ url }}/c", method: PUT, file: data.bin, headers: {Content-Type: text/plain}}
"#;
    play(&work, &server, steps).expect(0);
    let asked = server.asked();
    // A file is sent as it is: it is no template.
    assert_eq!(asked[0].body, r#"{"from": "{{ vu }}"}"#);
    assert_eq!(asked[1].body, "\0\u{1}plain");
    for (place, line, kind) in [
        (0, "POST /a", "application/json"),
        (1, "POST /b", "image/png"),
        (2, "PUT /c", "text/plain"),
    ] {
        assert_eq!(asked[place].line, line);
        let header = format!("content-type: {kind}");
        assert!(asked[place].headers.contains(&header), "{:?}", asked[place]);
    }
}

#[test]
fn a_large_file_goes_out_to_every_user_and_through_redirects() {
    let (work, server) = (Work::new(), Server::start());
    work.write("large.txt", &"0123456789".repeat(300_000));
    let text = format!(
        "vars: {{url: {:?}}}
scenarios:
  s:
    vus: 4
    iterations: 3
    steps:
      - http: {{url: \"{{{{ url }}}}/to/307?/kept\", redirects: 1, multipart: {{a: b, f: {{file: large.txt}}}}}}
",
        server.url
    );
    let file = work.write("large.yaml", &text);
    work.run(&["run", &file, "--quiet"]).expect(0);
    let asked = server.asked();
    assert_eq!(asked.len(), 24);
    assert!(asked.iter().all(|asked| asked.body.len() > 3_000_000));
    let sent = work.report()["totals"]["bytes_sent"].as_u64();
    assert!(sent.is_none_or(|sent| sent > 72_000_000), "{sent:?}");
}

#[test]
fn paths_are_relative_to_the_library_that_they_are_written_in() {
    let (work, server) = (Work::new(), Server::start());
    std::fs::create_dir_all(work.path().join("lib/files")).unwrap();
    work.write("lib/files/a.txt", "of the library");
    let library = "params: {url: }\nsteps:\n  - http: {url: \"{{ url }}/x\", file: files/a.txt}\n";
    work.write("lib/send.yaml", library);
    let steps = "      - include: {file: lib/send.yaml, with: {url: \"{{ url }}\"}}\n";
    play(&work, &server, steps).expect(0);
    assert_eq!(server.asked()[0].body, "of the library");
}

#[test]
fn what_is_wrong_with_a_body_is_told_before_anything_is_sent() {
    let work = Work::new();
    std::fs::create_dir(work.path().join("folder")).unwrap();
    work.write("there.txt", "x");
    let file = work.write(
        "wrong.yaml",
        r#"scenarios:
  s:
    steps:
      - http: {url: /x, file: not-there.txt}
      - http: {url: /x, file: folder}
      - http: {url: /x, file: "{{ vu }}.txt"}
      - http: {url: /x, file: {path: there.txt, type: png}}
      - http: {url: /x, multipart: {a: {file: gone.png}}}
      - http: {url: /x, multipart: {a: {text: b, file: there.txt}}}
      - http: {url: /x, multipart: {a: {}}}
      - http: {url: /x, multipart: {a: b, "{{ vu }}": c}}
      - http: {url: /x, multipart: [{text: b}]}
      - http: {url: /x, multipart: {}}
      - http: {url: /x, multipart: {a: {text: b, typ: text/plain}}}
      - http: {url: /x, multipart: {a: b}, headers: {content-type: text/plain}}
      - http: {url: /x, json: {a: b}, file: there.txt}
"#,
    );
    let ended = work.run(&["check", &file]).expect(2);
    insta::assert_snapshot!(ended.out);
}

#[test]
fn a_part_that_cannot_be_made_fails_the_step() {
    for (parts, expected) in [
        ("{a: [1]}", "a part takes the keys `text`"),
        (
            "[{name: \"{{ target.captcha_token }}\", text: x}]",
            "`multipart`: `target.captcha_token` is a secret",
        ),
        (
            "{a: {text: x, type: \"{{ 'png' }}\"}}",
            "`multipart`: `a`: `png` is no content type",
        ),
        ("{a: \"{{ [1] }}\"}", "`[1]` is a list, not a text"),
        (
            "{a: \"{{ [[1], 'a'][0] }}\"}",
            "`multipart`: `a`: expected a text, got sequence",
        ),
    ] {
        let (work, server) = (Work::new(), Server::start());
        let step = format!("      - http: {{url: \"{{{{ url }}}}/x\", multipart: {parts}}}\n");
        let ended = play(&work, &server, &step);
        if ended.code == Some(2) {
            assert!(ended.err.contains(expected), "{}", ended.err);
            continue;
        }
        ended.expect(1);
        let report = work.report();
        assert!(error(&report).contains(expected), "{}", error(&report));
        assert!(server.asked().is_empty());
    }
}

#[test]
fn a_trace_shows_parts_without_secrets() {
    let (work, server) = (Work::new(), Server::start());
    work.write("note.txt", "first line\nsecond line");
    std::fs::write(work.path().join("photo.png"), [0xff, 0xfe, 0x00, 0x01]).unwrap();
    let text = format!(
        r#"vars: {{url: {:?}}}
scenarios:
  s:
    steps:
      - http:
          url: "{{{{ url }}}}/status/204"
          multipart:
            title: holidays
            password: hunter22
            captcha: "x {{{{ target.captcha_token }}}}"
            note: {{file: note.txt}}
            photo: {{file: photo.png}}
"#,
        server.url
    );
    let file = work.write("a.yaml", &text);
    let ended = work
        .run(&["run", &file, "--trace", "http", "--traceparent", "off"])
        .expect(0);
    let (_, shown) = ended.out.split_once("content-type: ").unwrap();
    let boundary = regex::Regex::new("rehearse-[0-9a-f]+").unwrap();
    let shown = boundary.replace_all(shown, "rehearse-B");
    let (shown, _) = shown.split_once("  ← ").unwrap();
    insta::assert_snapshot!(shown, @r##"
    multipart/form-data; boundary=rehearse-B
        -- Content-Disposition: form-data; name="title"
        holidays
        -- Content-Disposition: form-data; name="password"
        [secret]
        -- Content-Disposition: form-data; name="captcha"
        [secret]
        -- Content-Disposition: form-data; name="note"; filename="note.txt"
        -- Content-Type: text/plain
        first line
        second line
        -- Content-Disposition: form-data; name="photo"; filename="photo.png"
        -- Content-Type: image/png
        (4 B that are no text)
    "##);
    assert!(!ended.out.contains("hunter22") && !ended.err.contains("hunter22"));
}
