//! What was measured, over all steps: endpoints, cryptography, one-time
//! passwords. Warm-up is left out, as it is in the figures of a step.

use std::sync::Arc;

use super::{Line, Report};
use crate::metrics::{Histogram, Measure, Metric, Series, TagKey, Tags, per_second};

/// An endpoint, whoever asked it.
pub struct EndpointLine {
    /// Method of the requests.
    pub method: String,
    /// Template of their path.
    pub endpoint: String,
    /// Time spans of the requests.
    pub requests: Line,
    /// Bytes of the answers.
    pub received: u64,
}

/// What became of connections, or a part of making them.
pub struct ConnectionLine {
    /// In words.
    pub name: &'static str,
    /// How often.
    pub count: u64,
    /// How long it took, where it takes any time.
    pub times: Option<Line>,
}

/// A cryptographic operation on our side, whoever needed it.
pub struct OperationLine {
    /// Its name.
    pub operation: Arc<str>,
    /// How long the processor worked on each.
    pub spans: Histogram,
    /// Bytes that went in; 0 where they are not counted.
    pub bytes: u64,
}

impl OperationLine {
    /// How many one processor does in a second.
    pub fn per_second(&self) -> f64 {
        per_second(self.spans.count(), self.spans.sum()).unwrap_or(0.0)
    }

    /// MiB that one processor does in a second, where bytes are counted.
    pub fn mib_per_second(&self) -> Option<f64> {
        const MIB: f64 = 1_048_576.0;
        let bytes = per_second(self.bytes, self.spans.sum());
        bytes.filter(|_| self.bytes > 0).map(|rate| rate / MIB)
    }
}

impl Report {
    fn measured(&self, metric: Metric) -> impl Iterator<Item = &Series> {
        let series = self.snapshot.series().iter();
        series.filter(move |series| {
            series.metric == metric && series.tags.get(TagKey::Phase) != Some("warmup")
        })
    }

    /// Every endpoint, in the order in which they were first asked.
    pub fn endpoints(&self) -> Vec<EndpointLine> {
        let mut lines: Vec<EndpointLine> = Vec::new();
        for series in self.measured(Metric::HttpReqDuration) {
            endpoint(&mut lines, &series.tags).requests.add(series);
        }
        for series in self.measured(Metric::DataReceived) {
            endpoint(&mut lines, &series.tags).received += series.measure.count();
        }
        lines
    }

    /// What became of connections, setup, warm-up and teardown included, as they
    /// serve all of them. Nothing when there were none.
    pub fn connections(&self) -> Vec<ConnectionLine> {
        let counted = |name, count| ConnectionLine {
            name,
            count,
            times: None,
        };
        let took = |name, metric| {
            let mut times = Line::new(Arc::from(name), metric);
            self.measured(metric).for_each(|series| times.add(series));
            ConnectionLine {
                name,
                count: times.good.count(),
                times: Some(times),
            }
        };
        let closed = |by| {
            let tags = [(TagKey::Kind, by)];
            self.snapshot.count(Metric::HttpConnectionsClosed, &tags)
        };
        let opened = self.count(Metric::HttpConnectionsOpened);
        let (client, server) = (closed("client"), closed("server"));
        let open = opened.saturating_sub(client.saturating_add(server));
        let mut lines = vec![
            took("opened", Metric::HttpConnect),
            took("name looked up (DNS)", Metric::HttpDnsLookup),
            took("TCP connected", Metric::HttpConnectTcp),
            took("TLS agreed on", Metric::HttpConnectTls),
        ];
        lines.retain(|line| {
            let times = line.times.iter();
            line.count > 0 || times.map(|times| times.failed.count()).sum::<u64>() > 0
        });
        // Measurements of earlier versions do not have them.
        if opened > 0 {
            lines.extend([
                counted("reused", self.count(Metric::HttpConnectionsReused)),
                counted("closed by the client", client),
                counted("closed by the server", server),
                counted("open at the end", open),
                counted("requests sent again", self.count(Metric::HttpResent)),
            ]);
        }
        lines
    }

    /// Every cryptographic operation, in the order in which they were first done.
    pub fn operations(&self) -> Vec<OperationLine> {
        let mut lines: Vec<OperationLine> = Vec::new();
        for metric in [Metric::CryptoDuration, Metric::CryptoBytes] {
            for series in self.measured(metric) {
                let name = series.tags.get(TagKey::Operation).unwrap_or("?");
                let known = lines.iter().position(|line| *line.operation == *name);
                let index = known.unwrap_or_else(|| {
                    lines.push(OperationLine {
                        operation: name.into(),
                        spans: Histogram::new(),
                        bytes: 0,
                    });
                    lines.len() - 1
                });
                match &series.measure {
                    Measure::Duration(spans) => lines[index].spans.merge(spans),
                    measure => lines[index].bytes += measure.count(),
                }
            }
        }
        lines
    }

    /// All time spans of a metric.
    pub fn spans(&self, metric: Metric) -> Histogram {
        let mut all = Histogram::new();
        for series in self.measured(metric) {
            if let Measure::Duration(spans) = &series.measure {
                all.merge(spans);
            }
        }
        all
    }
}

fn endpoint<'a>(lines: &'a mut Vec<EndpointLine>, tags: &Tags) -> &'a mut EndpointLine {
    let [method, path] = [TagKey::Method, TagKey::Endpoint].map(|key| tags.get(key).unwrap_or("?"));
    let known = lines
        .iter()
        .position(|line| (&*line.method, &*line.endpoint) == (method, path));
    let index = known.unwrap_or_else(|| {
        lines.push(EndpointLine {
            method: method.to_owned(),
            endpoint: path.to_owned(),
            requests: Line::new(path.into(), Metric::HttpReqDuration),
            received: 0,
        });
        lines.len() - 1
    });
    &mut lines[index]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Line;
    use super::super::example::example;

    #[test]
    fn endpoints_and_operations_are_added_up_over_steps() {
        let report = example();
        let endpoints = report.endpoints();
        let [line] = &endpoints[..] else { panic!() };
        let Line { good, failed, .. } = &line.requests;
        assert_eq!((good.count(), failed.count()), (197, 3));
        let operations = report.operations();
        let [line] = &operations[..] else { panic!() };
        assert_eq!(line.spans.count(), 200);
        // 200 of them, of which the 100 squares make 33835 µs.
        assert_eq!(line.spans.sum(), Duration::from_micros(2 * 33_835));
        assert!((line.per_second() - 200.0 / 0.067_67).abs() < 0.01);
        let mib = line.mib_per_second().unwrap();
        assert!((mib - 200.0 * 1024.0 / 1_048_576.0 / 0.067_67).abs() < 0.01);
    }
}
