//! What Prometheus sees of a run while it goes on.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::server::Server;
use crate::work::{Work, interrupt};

const OPENMETRICS: &str = "application/openmetrics-text";

/// Twenty requests a second, a check and a threshold.
pub fn plan(work: &Work, server: &Server, duration: &str) -> String {
    let url = &server.url;
    work.write(
        "a.yaml",
        &format!(
            "name: seen by others
scenarios:
  s:
    executor: constant_vus
    vus: 2
    duration: {duration}
    steps:
      - http: {{url: \"{url}/pausing?100\"}}
        name: quick
        check: 'true'
thresholds:
  step_duration{{step=quick}}: [p95 < 10s]
"
        ),
    )
}

/// A run in the background, and what it says on standard error.
pub struct Going {
    pub child: Child,
    said: mpsc::Receiver<String>,
}

impl Going {
    pub fn start(command: &mut Command) -> Self {
        let command = command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let (say, said) = mpsc::channel();
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                let _ = say.send(line);
            }
        });
        Self { child, said }
    }

    /// Waits for a line that holds `part`, and gives what follows it.
    #[track_caller]
    pub fn wait_for(&self, part: &str) -> String {
        loop {
            let line = self.said.recv_timeout(Duration::from_secs(60)).expect(part);
            if let Some((_, rest)) = line.split_once(part) {
                return rest.to_owned();
            }
        }
    }

    #[track_caller]
    pub fn end(mut self, code: i32) -> String {
        let ended = self.child.wait().unwrap();
        let said: Vec<String> = self.said.iter().collect();
        assert_eq!(ended.code(), Some(code), "{said:#?}");
        said.join("\n")
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Head and body of an answer.
fn get(address: &str, path: &str, accept: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_lowercase(), body.to_owned())
}

/// Values of series by name and labels.
fn values(body: &str) -> HashMap<String, f64> {
    let lines = body.lines().filter(|line| !line.starts_with('#'));
    let values = lines.map(|line| line.rsplit_once(' ').unwrap());
    let values = values.map(|(series, value)| (series.to_owned(), value.parse().unwrap()));
    values.collect()
}

#[test]
fn a_run_is_scraped_while_it_goes_on_and_once_more_after_its_end() {
    let (work, server) = (Work::new(), Server::start());
    let file = plan(&work, &server, "4s");
    let run = Going::start(&mut work.rehearse(&["run", &file, "--prometheus", "127.0.0.1:0"]));
    let url = run.wait_for("figures are at http://");
    let address = url.strip_suffix("/metrics").unwrap();
    let (mut before, mut differ) = (HashMap::<String, f64>::new(), 0);
    for round in 0..7 {
        let accept = if round % 2 == 0 { "*/*" } else { OPENMETRICS };
        let (head, body) = get(address, "/metrics", accept);
        let kind = if round % 2 == 0 {
            "text/plain; version=0.0.4"
        } else {
            OPENMETRICS
        };
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(head.contains(&format!("content-type: {kind}")), "{head}");
        assert_eq!(body.ends_with("# EOF\n"), round % 2 == 1);
        let now = values(&body);
        for (series, value) in &before {
            let sums = ["_total", "_count", "_sum", "_bucket"];
            if sums
                .iter()
                .any(|end| series.split('{').next().unwrap().ends_with(end))
            {
                assert!(now[series] >= *value, "{series} has become less");
                differ += usize::from(now[series] > *value);
            }
        }
        assert!(!body.contains("rehearse_run_passed"), "{body}");
        before = now;
        std::thread::sleep(Duration::from_millis(500));
    }
    assert!(differ > 20, "{differ}: nothing grows");
    assert!(
        before
            .keys()
            .any(|series| series.starts_with("rehearse_threshold_passed{"))
    );
    run.wait_for("waiting up to 30s for the final figures");
    let (_, last) = get(address, "/metrics", OPENMETRICS);
    let said = run.end(0);
    assert!(!said.contains("warning"), "{said}");
    // The last scrape lacks nothing: it is the report's own file.
    let file = work.report_path().with_file_name("metrics.prom");
    assert_eq!(last, std::fs::read_to_string(file).unwrap());
    let report = work.report();
    let ok =
        "rehearse_http_reqs_total{scenario=\"s\",phase=\"main\",step=\"quick\",method=\"GET\",";
    let sum: f64 = values(&last)
        .iter()
        .filter(|(series, _)| series.starts_with(ok))
        .map(|(_, value)| value)
        .sum();
    assert_eq!(Some(sum), report["steps"][0]["ok"]["count"].as_f64());
    assert!(last.contains("\nrehearse_run_passed 1\n"));
}

#[test]
fn nobody_has_to_scrape_and_ctrl_c_ends_the_wait() {
    let (work, server) = (Work::new(), Server::start());
    let file = plan(&work, &server, "1s");
    let common = [
        "run",
        &file,
        "--prometheus",
        "127.0.0.1:0",
        "--prometheus-linger",
    ];
    let ended = work.run(&[&common[..], &["0s"]].concat()).expect(0);
    assert!(!ended.err.contains("waiting up to"), "{}", ended.err);
    let ended = work.run(&[&common[..], &["100ms"]].concat()).expect(0);
    let warning = "nobody has scraped the final figures";
    assert!(ended.err.contains(warning), "{}", ended.err);
    let run = Going::start(&mut work.rehearse(&[&common[..], &["1h"]].concat()));
    run.wait_for("waiting up to 1h");
    interrupt(&run.child);
    // The report is written, and nothing was stopped.
    assert!(!run.end(0).contains("warning"));
}

#[test]
fn a_run_that_was_stopped_is_not_waited_for() {
    let (work, server) = (Work::new(), Server::start());
    let file = plan(&work, &server, "1h");
    let run = Going::start(&mut work.rehearse(&["run", &file, "--prometheus", "127.0.0.1:0"]));
    while server.asked().is_empty() {
        std::thread::sleep(Duration::from_millis(50));
    }
    let pid = run.child.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(sent.unwrap().success());
    let began = Instant::now();
    let said = run.end(130);
    assert!(!said.contains("waiting up to"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn ctrl_c_while_the_report_is_written_is_not_lost() {
    let (work, server) = (Work::new(), Server::start());
    let file = plan(&work, &server, "1s");
    let reports = work.path().join("reports");
    std::fs::create_dir(&reports).unwrap();
    // Whoever adds a line waits for the lock: the run is over, and not yet lingering.
    let history = File::create(reports.join("history.jsonl")).unwrap();
    history.lock().unwrap();
    let run = Going::start(&mut work.rehearse(&["run", &file, "--prometheus", "127.0.0.1:0"]));
    let is_written = || {
        let folders = std::fs::read_dir(&reports).unwrap();
        let mut folders = folders.map(|entry| entry.unwrap().path());
        folders.any(|folder| folder.join("metrics.prom").exists())
    };
    while !is_written() {
        std::thread::sleep(Duration::from_millis(50));
    }
    interrupt(&run.child);
    std::thread::sleep(Duration::from_millis(300));
    let began = Instant::now();
    drop(history);
    run.end(0);
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn an_address_that_cannot_be_had_is_told_before_anything_is_sent() {
    let (work, server) = (Work::new(), Server::start());
    let file = plan(&work, &server, "1s");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (address, hint) in [
        (address.as_str(), "choose another port"),
        ("192.0.2.1:9464", "an address of this machine"),
        ("here", "an address and a port, such as 127.0.0.1:9464"),
    ] {
        let ended = work.run(&["run", &file, "--prometheus", address]).expect(2);
        assert!(ended.err.contains(address), "{}", ended.err);
        assert!(ended.err.contains(hint), "{}", ended.err);
    }
    assert!(server.asked().is_empty());
    assert!(!work.path().join("reports").exists());
}
