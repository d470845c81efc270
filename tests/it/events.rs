//! Events: `subscribe` and `event.await`, and what becomes of those that do not come.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::tls;
use crate::work::{Ended, Work, entry};

const PEOPLE: &str = r#"
      - register: {email: "{{ fake.email() }}", role: practitioner}
        name: register the doctor
        as: doctor
      - register: {email: "{{ fake.email() }}", responsible: "{{ doctor.data_owner_id }}"}
        as: patient
"#;

fn plan(work: &Work, steps: &str) -> String {
    let text = format!("name: events\nscenarios:\n  one:\n    steps:\n{PEOPLE}{steps}");
    work.write("events.yaml", &text)
}

#[track_caller]
fn play(steps: &str, code: i32) -> (Work, Ended) {
    let work = Work::new();
    let file = plan(&work, steps);
    let ended = work.run(&["run", &file]).expect(code);
    (work, ended)
}

/// How often the latency of an event was measured.
fn latencies(work: &Work) -> u64 {
    let report = work.report();
    let metrics = report["metrics"].as_array().unwrap().iter();
    let latencies = metrics.filter(|series| series["metric"] == "event_latency");
    latencies
        .map(|series| series["count"].as_u64().unwrap())
        .sum()
}

#[test]
fn who_has_subscribed_is_told_of_what_another_writes() {
    let (work, _) = play(
        r#"
      - subscribe: {to: health_element}
        acting_as: "{{ doctor.login }}"
        as: elements
      - subscribe: {to: data_sample, events: [create, update]}
        acting_as: "{{ doctor.login }}"
        as: samples
      - health_element.create: {description: first}
        as: first
      - health_element.create: {description: second}
        as: second
      - data_sample.create: {content: {en: {stringValue: hello}}}
        as: sample
      # In any order: what was not waited for stays.
      - event.await: {of: "{{ elements.subscription }}", id: "{{ second.id }}"}
        as: event
        expect: event.id == second.id and event.rev == second.rev
      - event.await: {of: "{{ elements.subscription }}", id: "{{ first.id }}"}
        as: event
        expect: event.document.responsible == patient.data_owner_id
      - event.await: {}
        as: event
        expect: event.id == sample.id and event.document.contactId == sample.batch_id
      - health_element.get: {id: "{{ first.id }}"}
        acting_as: "{{ doctor.login }}"
"#,
        0,
    );
    assert_eq!(latencies(&work), 3);
    let report = work.report();
    let subscribe = &entry(&report["steps"], "name", "subscribe")["parts"];
    entry(subscribe, "name", "GET /notification/subscribe");
    let awaited = &entry(&report["steps"], "name", "event.await")["parts"];
    let latency = entry(awaited, "name", "from the write to its event");
    assert_eq!(latency["ok"]["count"], 3);
}

#[test]
fn changes_and_notifications_are_told_to_those_who_want_them() {
    let (work, _) = play(
        r#"
      - subscribe: {to: notification, events: [create, update]}
        acting_as: "{{ doctor.login }}"
        as: tasks
      - subscribe:
          to: health_element
          events: [update]
          filter: {$type: HealthElementByHcPartyTagFilter, healthcarePartyId: "{{ doctor.data_owner_id }}", tagType: IC-TEST, tagCode: A}
        acting_as: "{{ doctor.login }}"
        as: elements
      - notification.create: {to: "{{ doctor.data_owner_id }}"}
        as: asked
      - event.await: {of: "{{ tasks.subscription }}", id: "{{ asked.id }}"}
      - notification.update: {id: "{{ asked.id }}", status: completed}
        acting_as: "{{ doctor.login }}"
      - event.await: {of: "{{ tasks.subscription }}", id: "{{ asked.id }}"}
        as: event
        expect: event.document.status == "completed"
      - health_element.create: {labels: [{type: IC-TEST, code: A}]}
        as: labelled
      - health_element.create: {description: another}
        as: other
      - health_element.modify: {id: "{{ other.id }}", note: x}
      - health_element.modify: {id: "{{ labelled.id }}", note: x}
      - event.await: {of: "{{ elements.subscription }}"}
        as: event
        expect: event.id == labelled.id
      # Neither the creation nor the other one.
      - event.await: {of: "{{ elements.subscription }}", within: 200ms}
        name: another event
        fails: {kind: no event}
"#,
        0,
    );
    assert_eq!(latencies(&work), 3);
}

#[test]
fn an_event_that_does_not_come_is_a_failure_and_no_latency() {
    let (work, ended) = play(
        r"
      - subscribe: {to: health_element}
      - health_element.create: {}
        as: made
      - event.await: {id: nothing, within: 300ms}
",
        1,
    );
    let told = "no event about `nothing` within 300ms; 1 about something else came";
    assert!(ended.out.contains(told), "{}", ended.out);
    assert_eq!(work.report()["errors"][0]["kind"], "no event");
    assert_eq!(latencies(&work), 0);
}

#[test]
fn what_others_write_is_told_and_not_measured() {
    // The writer is not of this iteration: nobody knows when it began.
    let (work, _) = play(
        r#"
      - subscribe: {to: health_element}
      - http:
          url: /rest/v2/helement
          method: POST
          headers: {Content-Type: application/json}
          body: '{"id": "{{ uuid() }}", "delegations": {"{{ patient.data_owner_id }}": []}}'
          auth: user
        as: made
      - event.await: {id: "{{ made.json.id }}"}
"#,
        0,
    );
    assert_eq!(latencies(&work), 0);
}

#[test]
fn a_server_that_closes_the_socket_is_told() {
    let (work, ended) = play(
        r"
      - subscribe: {to: health_element, filter: {$type: HealthElementByMoonFilter}}
",
        1,
    );
    let told = "the subscription has ended: the server closed it with code 1008: this filter is not served";
    assert!(ended.out.contains(told), "{}", ended.out);
    assert_eq!(work.report()["errors"][0]["kind"], "subscription ended");
}

#[test]
fn what_was_not_subscribed_to_is_not_waited_for() {
    let (work, ended) = play("      - event.await: {}\n", 1);
    assert!(
        ended.out.contains("put `subscribe` before"),
        "{}",
        ended.out
    );
    assert_eq!(work.report()["errors"][0]["kind"], "no subscription");
    play(
        "      - event.await: {of: other}\n        fails: no subscription `other` was opened\n",
        0,
    );
    let work = Work::new();
    for (step, told) in [
        ("subscribe: {}", "needs `to`"),
        ("subscribe: {to: moon}", "`data_sample`, `health_element`"),
        (
            "subscribe: {to: user, events: [wane]}",
            "`create`, `update` or `delete`",
        ),
        (
            "subscribe: {to: user, filter: {ids: []}}",
            "expected a filter such as",
        ),
        ("event.await: {wihtin: 1s}", "within"),
    ] {
        let text = format!("name: wrong\nscenarios:\n  one:\n    steps:\n      - {step}\n");
        let file = work.write("wrong.yaml", &text);
        let ended = work.run(&["check", &file]).expect(2);
        let all = format!("{}{}", ended.out, ended.err);
        assert!(all.contains(told), "{told}: {all}");
    }
    // No other step measures it.
    for (steps, code) in [("reload", 2), ("event.await: {}", 0)] {
        let text = format!(
            "name: t\nthresholds: {{event_latency: [p95 < 1s]}}\nscenarios: {{s: {{steps: [{{{steps}}}]}}}}\n"
        );
        let file = work.write("wrong.yaml", &text.replace("{reload}", "reload"));
        work.run(&["check", &file]).expect(code);
    }
}

/// What stands before the simulator: gives its port.
fn before(
    simulator: &str,
    serve: impl AsyncFn(TcpStream, SocketAddr) + Copy + Send + 'static,
) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let simulator = simulator.parse().unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        let local = tokio::task::LocalSet::new();
        local.block_on(&runtime, async move {
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                tokio::task::spawn_local(async move { serve(stream, simulator).await });
            }
        });
    });
    port
}

/// Has the target's API, not its mailbox, at another address.
fn move_to(work: &Work, url: &str, more: &str) {
    let path = work.path().join("target.yaml");
    let target = std::fs::read_to_string(&path).unwrap();
    let lines = target.lines().map(|line| match line.split_once(' ') {
        Some(("api_url:", _)) => format!("api_url: {url}"),
        _ => line.to_owned(),
    });
    let lines: Vec<String> = lines.collect();
    std::fs::write(path, format!("{}\n{more}", lines.join("\n"))).unwrap();
}

#[test]
fn a_socket_goes_through_tls_as_requests_do() {
    static PAIR: std::sync::LazyLock<tls::Pair> =
        std::sync::LazyLock::new(|| tls::pair("localhost"));
    let work = Work::new();
    let simulator = work.simulate(&[]);
    let port = before(&simulator.address, async |stream, simulator| {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let certificate =
            rustls::pki_types::CertificateDer::from_pem_slice(PAIR.certificate.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(PAIR.key.as_bytes()).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await else {
            return;
        };
        let mut to = TcpStream::connect(simulator).await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut to).await;
    });
    work.write("ca.pem", &PAIR.certificate);
    move_to(
        &work,
        &format!("https://localhost:{port}"),
        "tls: {ca: ca.pem}\n",
    );
    let file = plan(
        &work,
        r#"
      - subscribe: {to: health_element}
      - health_element.create: {}
        as: made
      - event.await: {id: "{{ made.id }}"}
"#,
    );
    work.run(&["run", &file, "--target", "target.yaml"])
        .expect(0);
    assert_eq!(latencies(&work), 1);
}

#[test]
fn a_server_that_repeats_the_jwt_when_it_refuses_a_socket_shows_none() {
    let work = Work::new();
    let simulator = work.simulate(&[]);
    let port = before(&simulator.address, async |mut stream, simulator| {
        let mut head = vec![0; 64 * 1024];
        let length = stream.peek(&mut head).await.unwrap();
        head.truncate(length);
        if head.starts_with(b"GET /ws/") {
            let answer = format!("HTTP/1.1 403 No\r\ncontent-length: {length}\r\n\r\n");
            stream.read_exact(&mut vec![0; length]).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.write_all(&head).await.unwrap();
            return;
        }
        let mut to = TcpStream::connect(simulator).await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut to).await;
    });
    move_to(&work, &format!("http://127.0.0.1:{port}"), "");
    let file = plan(&work, "      - subscribe: {to: health_element}\n");
    let ended = work
        .run(&["run", &file, "--target", "target.yaml"])
        .expect(1);
    assert!(
        ended
            .out
            .contains("GET /notification/subscribe: expected 101, got 403"),
        "{}",
        ended.out
    );
    // What every JWT begins with.
    let report = std::fs::read_to_string(work.report_path()).unwrap();
    for text in [&ended.out, &ended.err, &report] {
        assert!(!text.contains("eyJ"), "{text}");
    }
}
