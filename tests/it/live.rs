//! What others see of a run while it goes on.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{metric::Data, number_data_point};
use prost::Message;
use serde_json::Value;

use crate::server::Server;
use crate::work::{Work, interrupt};

const OPENMETRICS: &str = "application/openmetrics-text";

/// Ten requests a second, and one error in each iteration of the second user.
fn plan(work: &Work, server: &Server, duration: &str) -> String {
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
struct Going {
    child: Child,
    said: mpsc::Receiver<String>,
}

impl Going {
    fn start(command: &mut Command) -> Self {
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
    fn wait_for(&self, part: &str) -> String {
        loop {
            let line = self.said.recv_timeout(Duration::from_secs(60)).expect(part);
            if let Some((_, rest)) = line.split_once(part) {
                return rest.to_owned();
            }
        }
    }

    #[track_caller]
    fn end(mut self, code: i32) -> String {
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

/// How a collector behaves.
#[derive(Clone, Copy)]
enum Collector {
    Good,
    /// Takes everything and never answers.
    Silent,
    Refusing,
}

/// Headers and body of an export.
type Export = (String, ExportMetricsServiceRequest);

impl Collector {
    /// Its address, and what it gets.
    fn start(self) -> (String, mpsc::Receiver<Export>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (give, got) = mpsc::channel();
        std::thread::spawn(move || {
            let mut kept = Vec::new();
            for stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream);
                while let Some(export) = read(&mut reader) {
                    let _ = give.send(export);
                    let answer: &[u8] = match self {
                        Self::Good => b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                        Self::Refusing => b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
                        Self::Silent => break,
                    };
                    reader.get_mut().write_all(answer).unwrap();
                }
                if matches!(self, Self::Silent) {
                    kept.push(reader);
                }
            }
        });
        (url, got)
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Export> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let head = head.to_lowercase();
    let (_, length) = head.split_once("content-length: ")?;
    let length = length.split('\r').next()?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, ExportMetricsServiceRequest::decode(&*body).unwrap()))
}

fn attributes(all: &[KeyValue]) -> HashMap<String, String> {
    let all = all.iter().map(|attribute| {
        let value = attribute.value.as_ref().unwrap().value.as_ref();
        let Some(any_value::Value::StringValue(text)) = value else {
            panic!("{attribute:?}")
        };
        (attribute.key.clone(), text.clone())
    });
    all.collect()
}

/// Asserts that an export has every counter and histogram of a report.
fn same_figures(request: &ExportMetricsServiceRequest, report: &Value) {
    let metrics = &request.resource_metrics[0].scope_metrics[0].metrics;
    let mut looked_at = 0;
    for series in report["metrics"].as_array().unwrap() {
        let name = format!("rehearse.{}", series["metric"].as_str().unwrap());
        let tags = series["tags"].as_object().unwrap().iter();
        let tags = tags.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()));
        let tags: HashMap<String, String> = tags.collect();
        let metric = metrics
            .iter()
            .find(|metric| metric.name == name)
            .expect(&name);
        match metric.data.as_ref().unwrap() {
            Data::Histogram(histogram) => {
                assert_eq!((histogram.aggregation_temporality, &*metric.unit), (2, "s"));
                let points = &histogram.data_points;
                let point = points
                    .iter()
                    .find(|point| attributes(&point.attributes) == tags)
                    .unwrap();
                assert_eq!(Some(point.count), series["count"].as_u64(), "{series}");
                assert_eq!(point.bucket_counts.iter().sum::<u64>(), point.count);
                assert_eq!(point.bucket_counts.len(), point.explicit_bounds.len() + 1);
                let sum = series["sum_ms"].as_f64().unwrap() / 1e3;
                assert!((point.sum.unwrap() - sum).abs() < 1e-6, "{series}");
                assert!(point.start_time_unix_nano < point.time_unix_nano);
            }
            Data::Sum(sum) => {
                assert_eq!((sum.aggregation_temporality, sum.is_monotonic), (2, true));
                let points = &sum.data_points;
                let point = points
                    .iter()
                    .find(|point| attributes(&point.attributes) == tags)
                    .unwrap();
                let Some(number_data_point::Value::AsInt(value)) = point.value else {
                    panic!("{point:?}")
                };
                let told = series["sum"].as_i64().or(series["total"].as_i64());
                assert_eq!(Some(value), told, "{series}");
            }
            Data::Gauge(_) => continue,
            other => panic!("{other:?}"),
        }
        looked_at += 1;
    }
    assert!(looked_at >= 8, "{looked_at}");
}

#[test]
fn a_collector_gets_everything_by_otlp() {
    let (work, server) = (Work::new(), Server::start());
    let file = plan(&work, &server, "3s");
    let (url, got) = Collector::Good.start();
    let arguments = ["run", &file, "--otlp", &url, "--otlp-interval", "1s"];
    let run = work
        .rehearse(&arguments)
        .env(
            "OTEL_EXPORTER_OTLP_HEADERS",
            "authorization=Bearer%20s3cr3t,x-scope=a",
        )
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");
    assert!(!format!("{run:?}").contains("s3cr3t"));
    let exports: Vec<Export> = got.try_iter().collect();
    assert!((3..=6).contains(&exports.len()), "{}", exports.len());
    for (head, request) in &exports {
        assert!(head.starts_with("post /v1/metrics "), "{head}");
        assert!(head.contains("authorization: bearer s3cr3t\r\n"), "{head}");
        assert!(head.contains("x-scope: a\r\n"), "{head}");
        assert!(
            head.contains("content-type: application/x-protobuf\r\n"),
            "{head}"
        );
        let resource = request.resource_metrics[0].resource.as_ref().unwrap();
        let resource = attributes(&resource.attributes);
        assert_eq!(resource["service.name"], "rehearse");
        assert_eq!(resource["rehearse.plan"], "seen by others");
        assert_eq!(resource["rehearse.target"], "simulator");
        let folder = work.report_path();
        let folder = folder.parent().unwrap().file_name().unwrap();
        assert_eq!(*resource["rehearse.run"], *folder.to_str().unwrap());
        assert_eq!(resource["service.instance.id"].len(), 36);
    }
    same_figures(&exports.last().unwrap().1, &work.report());
}

/// Plays for three seconds, and says so once when exports to `url` are lost.
#[track_caller]
fn harms_nothing(url: &str, reason: &str) {
    let (work, server) = (Work::new(), Server::start());
    let file = plan(&work, &server, "3s");
    let began = Instant::now();
    let arguments = ["run", &file, "--otlp", url, "--otlp-interval", "1s"];
    let ended = work.run(&arguments).expect(0);
    let took = began.elapsed();
    assert!(took < Duration::from_secs(25), "{took:?}");
    for part in [reason, "were lost, the last one too"] {
        assert!(ended.err.contains(part), "{part}\n{}", ended.err);
    }
    let told = ended.err.matches("was lost: ").count();
    assert_eq!(told, 1, "{}", ended.err);
    let report = work.report();
    assert_eq!(report["verdict"], "passed");
    let played = report["run"]["took_ms"].as_f64().unwrap();
    assert!((2900.0..4500.0).contains(&played), "{played}");
}

#[test]
fn a_collector_that_is_gone_harms_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    harms_nothing(&url, "onnection refused");
}

#[test]
fn a_collector_that_never_answers_harms_nothing() {
    harms_nothing(&Collector::Silent.start().0, "no answer within 3 s");
}

#[test]
fn a_collector_that_refuses_harms_nothing() {
    harms_nothing(
        &Collector::Refusing.start().0,
        "it answered 401 Unauthorized",
    );
}

#[test]
fn credentials_for_a_collector_are_never_repeated() {
    let (work, server) = (Work::new(), Server::start());
    let file = plan(&work, &server, "1s");
    let (url, _got) = Collector::Good.start();
    let run = work
        .rehearse(&["run", &file, "--otlp", &url])
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-a=1,hunter2")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(2));
    assert!(
        said.contains("`OTEL_EXPORTER_OTLP_HEADERS`: entry 2 is not `name=value`"),
        "{said}"
    );
    assert!(!said.contains("hunter2"), "{said}");
    let ended = work
        .run(&["run", &file, "--otlp-interval", "10ms", "--otlp", &url])
        .expect(2);
    assert!(ended.err.contains("expected `1s` or more"), "{}", ended.err);
    assert!(server.asked().is_empty());
}
