//! Open and closed models on a target that stalls, and what a plan that is too
//! small is told.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::server::Server;
use crate::work::{Ended, Work, entry};

/// Answers at once, but for one second: every answer that is due then is held
/// until that second is over.
struct Stalling {
    url: String,
    held: Arc<AtomicU64>,
}

/// From the first request to the stall.
const STALL: Duration = Duration::from_secs(4);
const SECOND: Duration = Duration::from_secs(1);

impl Stalling {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let held = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&held);
        std::thread::spawn(move || {
            let first = Arc::new(OnceLock::new());
            for stream in listener.incoming().flatten() {
                let (first, count) = (Arc::clone(&first), Arc::clone(&count));
                std::thread::spawn(move || answer(stream, &first, &count));
            }
        });
        Self { url, held }
    }

    fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }
}

fn answer(stream: TcpStream, first: &OnceLock<Instant>, held: &AtomicU64) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    while matches!(reader.read_line(&mut line), Ok(1..)) {
        if line == "\r\n" {
            let stall = *first.get_or_init(Instant::now) + STALL;
            let now = Instant::now();
            if now >= stall && now < stall + SECOND {
                held.fetch_add(1, Ordering::Relaxed);
                std::thread::sleep(stall + SECOND - now);
            }
            let good = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
            if reader.get_mut().write_all(good).is_err() {
                return;
            }
        }
        line.clear();
    }
}

/// Plays ten seconds against it; the thresholds are there to be told quantiles.
fn play(settings: &str) -> (Stalling, Value) {
    let (work, server) = (Work::new(), Stalling::start());
    let file = work.write(
        "stall.yaml",
        &format!(
            "name: stall
scenarios:
  s:
{settings}
    steps:
      - http: {{url: \"{}\"}}
thresholds:
  iteration_duration: [p50 > 0ns, p85 > 0ns, p91 > 0ns, p92 > 0ns, p93 > 0ns, p94 > 0ns, p95 > 0ns,
    p96 > 0ns, p97 > 0ns, p98 > 0ns, p99 > 0ns, max > 0ns]
  step_duration{{step=http}}: [p95 > 0ns]
",
            server.url
        ),
    );
    work.run(&["run", &file, "--quiet"]).expect(0);
    (server, work.report())
}

/// The value of a statistic, in seconds.
fn seen(report: &Value, selector: &str, condition: &str) -> f64 {
    let all = report["thresholds"].as_array().unwrap();
    let of: Vec<Value> = all
        .iter()
        .filter(|line| line["selector"] == selector)
        .cloned()
        .collect();
    let text = entry(&Value::from(of), "condition", condition)["seen"].clone();
    let text = text.as_str().unwrap().to_owned();
    let number = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match &text[number.len()..] {
        "µs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        unit => panic!("{unit}"),
    };
    number.parse::<f64>().unwrap() * unit
}

/// How far a quantile may be from the analytic one, in seconds. The stall ends
/// for two hundred requests in the same instant, and a busy machine takes its
/// time to read that many answers.
const TOLERANCE: f64 = 0.15;

#[test]
fn an_open_model_sees_the_stall_as_those_who_waited() {
    let (server, report) = play(
        "    executor: constant_arrival_rate
    rate: 200/s
    duration: 10s
    pre_allocated_vus: 300",
    );
    let totals = &report["totals"];
    assert_eq!(totals["iterations_ok"], 2000);
    assert_eq!(totals["iterations_dropped"], 0);
    // Everybody who came during the stall was held.
    let held = server.held();
    assert!(held.abs_diff(200) <= 20, "{held}");
    // Who is due t seconds before the stall ends waits t seconds, and t is
    // uniform: the top tenth of the quantiles rises evenly from 0 to 1 s.
    for percent in 91..=99_u32 {
        let expected = f64::from(percent - 90) / 10.0;
        let seen = seen(&report, "iteration_duration", &format!("p{percent} > 0ns"));
        assert!(
            (seen - expected).abs() < TOLERANCE,
            "p{percent}: {seen} s, expected {expected} s"
        );
    }
    let longest = seen(&report, "iteration_duration", "max > 0ns");
    assert!((longest - 1.0).abs() < TOLERANCE, "{longest}");
    // The rest is small.
    for condition in ["p50 > 0ns", "p85 > 0ns"] {
        let seen = seen(&report, "iteration_duration", condition);
        assert!(seen < 0.05, "{condition}: {seen}");
    }
    // The first step counts from the same moment.
    let step = seen(&report, "step_duration{step=http}", "p95 > 0ns");
    assert!((step - 0.5).abs() < TOLERANCE, "{step}");
}

#[test]
fn a_closed_model_sees_one_slow_answer_for_each_user() {
    let (server, report) = play(
        "    executor: constant_vus
    vus: 10
    pacing: 50ms
    duration: 10s",
    );
    // Ten users wait, and nobody else comes.
    assert_eq!(server.held(), 10);
    let iterations = report["totals"]["iterations_ok"].as_u64().unwrap();
    // Two hundred a second, but for the second of the stall.
    assert!((1500..=1830).contains(&iterations), "{iterations}");
    // Ten are less than one in a hundred: only the maximum tells.
    let slow = seen(&report, "iteration_duration", "p99 > 0ns");
    assert!(slow < 0.1, "{slow}");
    let longest = seen(&report, "iteration_duration", "max > 0ns");
    assert!(longest > 0.9 - TOLERANCE, "{longest}");
}

/// Fifty iterations of 300 ms within half a second.
fn crowded(staff: &str, arguments: &[&str]) -> (Work, Ended) {
    let work = Work::new();
    let server = Slow::start();
    let file = work.write(
        "crowded.yaml",
        &format!(
            "name: crowded
scenarios:
  s:
    executor: constant_arrival_rate
    rate: 100/s
    duration: 500ms
    {staff}
    steps:
      - http: {{url: \"{}\"}}
",
            server.0
        ),
    );
    let ended = work.run(&[&["run", &file], arguments].concat()).expect(0);
    (work, ended)
}

/// Answers everything after 300 ms.
struct Slow(String);

impl Slow {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || {
                    let mut reader = BufReader::new(stream);
                    let mut line = String::new();
                    while matches!(reader.read_line(&mut line), Ok(1..)) {
                        if line == "\r\n" {
                            std::thread::sleep(Duration::from_millis(300));
                            let good = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                            if reader.get_mut().write_all(good).is_err() {
                                return;
                            }
                        }
                        line.clear();
                    }
                });
            }
        });
        Self(url)
    }
}

#[test]
fn too_few_users_are_warned_of_once_and_counted() {
    for arguments in [&[][..], &["--quiet"]] {
        let (work, ended) = crowded("pre_allocated_vus: 2", arguments);
        let report = work.report();
        let totals = &report["totals"];
        let count = |key: &str| totals[key].as_u64().unwrap();
        let played = count("iterations_ok") + count("iterations_failed") + count("iterations_cut");
        assert_eq!(played + count("iterations_dropped"), 50);
        assert!((40..50).contains(&count("iterations_dropped")), "{totals}");
        assert_eq!(totals["unplanned_vus"], 0);
        let warnings = ended.err.matches("more virtual users are needed").count();
        assert_eq!(warnings, 1, "{}", ended.err);
        assert!(ended.err.contains("`max_vus`"), "{}", ended.err);
        let told = "warning: `s` needed more virtual users: ";
        assert!(ended.out.contains(told), "{}", ended.out);
        let warning = report["warnings"][0].as_str().unwrap();
        assert!(warning.contains("raise `pre_allocated_vus` and `max_vus`"));
    }
}

#[test]
fn users_beyond_the_plan_are_warned_of() {
    let (work, ended) = crowded("pre_allocated_vus: 2\n    max_vus: 50", &[]);
    let report = work.report();
    assert_eq!(report["totals"]["iterations_ok"], 50);
    assert!(report["totals"]["unplanned_vus"].as_u64().unwrap() > 20);
    assert_eq!(report["totals"]["iterations_dropped"], 0);
    assert!(ended.err.contains("further ones are made"), "{}", ended.err);
}

#[test]
fn enough_users_are_not_warned_of() {
    let (work, ended) = crowded("pre_allocated_vus: 50", &[]);
    assert_eq!(work.report()["warnings"], Value::Array(Vec::new()));
    assert!(!ended.err.contains("warning"), "{}", ended.err);
    assert!(!ended.out.contains("warning"), "{}", ended.out);
}

/// What the server was asked, in an order that does not depend on threads.
fn asked(seed: &str) -> Vec<String> {
    let (work, server) = (Work::new(), Server::start());
    let step = format!(
        "steps: [{{http: {{url: \"{}/{{{{ vu }}}}/{{{{ iteration }}}}/{{{{ fake.uuid() }}}}\"}}}}]",
        server.url
    );
    let file = work.write(
        "again.yaml",
        &format!(
            "name: again
scenarios:
  closed: {{vus: 3, iterations: 3, think_time: {{exponential: {{mean: 5ms}}}}, {step}}}
  open:
    executor: constant_arrival_rate
    rate: 200/s
    arrivals: poisson
    duration: 1s
    pre_allocated_vus: 1
    max_vus: 1
    graceful_stop: 20s
    {step}
",
        ),
    );
    work.run(&["run", &file, "--seed", seed]).expect(0);
    let totals = &work.report()["totals"];
    let due =
        totals["iterations_ok"].as_u64().unwrap() + totals["iterations_dropped"].as_u64().unwrap();
    let mut asked: Vec<String> = server.asked().into_iter().map(|asked| asked.line).collect();
    asked.retain(|line| line.contains("/3/"));
    asked.sort();
    asked.truncate(3);
    asked.push(format!("{due} were due"));
    asked
}

#[test]
fn the_same_seed_plays_the_same_run_again() {
    let first = asked("5");
    assert_eq!(first.len(), 4);
    assert_eq!(first, asked("5"));
    assert_ne!(first, asked("6"));
}
