//! What a collector gets by OTLP.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{metric::Data, number_data_point};
use prost::Message;
use serde_json::Value;

use crate::live::{Going, plan};
use crate::server::Server;
use crate::work::{Work, interrupt};

/// How a collector behaves.
#[derive(Clone, Copy)]
enum Collector {
    Good,
    /// Takes everything and never answers.
    Silent,
    Refusing,
    /// Asks to come again later.
    Busy,
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
                        Self::Busy => {
                            b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
                        }
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
fn the_last_export_is_tried_again_only_when_that_may_help() {
    for (collector, expected) in [(Collector::Refusing, 1), (Collector::Busy, 3)] {
        let (work, server) = (Work::new(), Server::start());
        let file = plan(&work, &server, "1s");
        let (url, got) = collector.start();
        let arguments = ["run", &file, "--otlp", &url, "--otlp-interval", "1h"];
        work.run(&arguments).expect(0);
        assert_eq!(got.try_iter().count(), expected);
    }
}

#[test]
fn ctrl_c_ends_the_last_export() {
    let (work, server) = (Work::new(), Server::start());
    let file = plan(&work, &server, "1s");
    let (url, got) = Collector::Silent.start();
    let arguments = ["run", &file, "--otlp", &url, "--otlp-interval", "1h"];
    let run = Going::start(&mut work.rehearse(&arguments));
    got.recv_timeout(Duration::from_secs(60)).unwrap();
    let began = Instant::now();
    interrupt(&run.child);
    let said = run.end(0);
    // Three attempts take ten seconds.
    assert!(began.elapsed() < Duration::from_secs(5), "{said}");
    assert!(said.contains("warning: stopped before http://"), "{said}");
}

#[test]
fn keys_in_the_address_of_a_collector_are_refused_and_not_repeated() {
    let work = Work::new();
    for (address, expected) in [
        (
            "https://h/otlp?api-key=hunter2",
            "OTEL_EXPORTER_OTLP_HEADERS",
        ),
        ("https://h/otlp#hunter2", "OTEL_EXPORTER_OTLP_HEADERS"),
        ("https://ada:hunter2@h/otlp", "OTEL_EXPORTER_OTLP_HEADERS"),
        (
            "h/otlp?api-key=hunter2",
            "expected the address of a collector",
        ),
    ] {
        let ended = work.run(&["run", "a.yaml", "--otlp", address]).expect(2);
        assert!(ended.err.contains("--otlp <URL>"), "{}", ended.err);
        assert!(ended.err.contains(expected), "{}", ended.err);
        assert!(!ended.err.contains("hunter2"), "{}", ended.err);
    }
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
