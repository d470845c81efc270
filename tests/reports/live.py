"""Lets strangers look at a run while it goes on: a real Prometheus scrapes its
endpoint and answers the queries of the dashboard, promtool checks what is served,
and the Python package opentelemetry-proto decodes what a collector gets. What they
have in the end must be what report.json says."""

import http.server
import json
import math
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

here = os.path.dirname(os.path.abspath(__file__))
rehearse = sys.argv[1]
work = tempfile.mkdtemp(dir=sys.argv[2])


def eventually(what, seconds, ask):
    end = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.2)


class Collector(http.server.BaseHTTPRequestHandler):
    exports = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.path == "/v1/metrics", self.path
        assert self.headers["Content-Type"] == "application/x-protobuf"
        Collector.exports.append(ExportMetricsServiceRequest.FromString(body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def get(url, accept="*/*"):
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


class Prometheus:
    """A real one, which scrapes once a second."""

    def __init__(self, target):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        config = f"{work}/prometheus.yml"
        with open(config, "w") as file:
            file.write(
                "global: {scrape_interval: 1s}\nscrape_configs:\n"
                f"  - {{job_name: rehearse, static_configs: [{{targets: ['{target}']}}]}}\n"
            )
        self.url = f"http://127.0.0.1:{port}"
        self.log = open(f"{work}/prometheus.log", "w")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={work}/data",
             f"--web.listen-address=127.0.0.1:{port}"],
            stdout=self.log, stderr=self.log,
        )  # fmt: skip

    def query(self, expression):
        """Values by labels."""
        query = urllib.parse.urlencode({"query": expression})
        answer = json.loads(get(f"{self.url}/api/v1/query?{query}"))
        assert answer["status"] == "success", answer
        return {
            tuple(sorted((k, v) for k, v in entry["metric"].items() if k not in ("instance", "job", "__name__"))): float(entry["value"][1])
            for entry in answer["data"]["result"]
        }

    def end(self):
        self.process.terminate()
        self.process.wait()


def dashboard():
    with open(f"{here}/../../docs/grafana-dashboard.json") as file:
        panels = json.load(file)["panels"]
    for panel in panels:
        for target in panel["targets"]:
            # As Grafana fills them in, with everything chosen.
            query = target["expr"].replace("$__rate_interval", "6s")
            yield re.sub(r"\$(instance|scenario)\b", ".*", query)


def has_value(prometheus, query):
    return any(not math.isnan(value) for value in prometheus.query(query).values())


def promtool(text):
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, ""), checked


def documented():
    """What docs/live.md shows of Prometheus' settings."""
    text = open(f"{here}/../../docs/live.md").read()
    [block] = re.findall(r"```yaml prometheus\n(.*?)```", text, re.S)
    path = f"{work}/documented.yml"
    with open(path, "w") as file:
        file.write(block)
    checked = subprocess.run(["promtool", "check", "config", path], text=True, capture_output=True)
    assert checked.returncode == 0, checked


def scraped(report, prometheus):
    """Compares what Prometheus had last with the report."""
    looked_at = 0
    for series in report["metrics"]:
        labels = tuple(sorted(series["tags"].items()))
        name = f"rehearse_{series['metric']}"
        last = lambda name: prometheus.query(f"last_over_time({name}[5m])")
        if series["kind"] == "duration" and series["count"]:
            assert last(f"{name}_seconds_count")[labels] == series["count"], (name, labels)
            total = last(f"{name}_seconds_sum")[labels] * 1e3
            assert abs(total - series["sum_ms"]) <= series["sum_ms"] * 1e-6 + 1e-6, (name, labels)
        elif series["kind"] == "counter":
            found = last(f"{name}_total") or last(f"{name}_bytes_total")
            assert found[labels] == series["sum"], (name, labels)
        elif series["kind"] == "rate":
            assert last(f"{name}_total")[labels] == series["total"], (name, labels)
            assert last(f"{name}_held_total")[labels] == series["held"], (name, labels)
        else:
            continue
        looked_at += 1
    assert looked_at > 40, looked_at
    return looked_at


def figures(export):
    """Counters and histograms of an export by name and labels."""
    found = {}
    [resource] = export.resource_metrics
    [scope] = resource.scope_metrics
    for metric in scope.metrics:
        kind = metric.WhichOneof("data")
        if kind == "gauge":
            continue
        data = getattr(metric, kind)
        assert data.aggregation_temporality == 2, metric.name
        for point in data.data_points:
            labels = tuple(sorted((a.key, a.value.string_value) for a in point.attributes))
            found[metric.name, labels] = point
    return found


def exported(report):
    """Compares the last export with the report, and each with the one before."""
    all_figures = [figures(export) for export in Collector.exports]
    for before, after in zip(all_figures, all_figures[1:]):
        for key, point in before.items():
            if hasattr(point, "bucket_counts"):
                pairs = zip(point.bucket_counts, after[key].bucket_counts)
                assert all(old <= new for old, new in pairs), key
            else:
                assert point.as_int <= after[key].as_int, key
    last = all_figures[-1]
    looked_at = 0
    for series in report["metrics"]:
        key = f"rehearse.{series['metric']}", tuple(sorted(series["tags"].items()))
        if series["kind"] == "duration":
            point = last[key]
            assert point.count == series["count"] == sum(point.bucket_counts), key
            assert abs(point.sum * 1e3 - series["sum_ms"]) <= series["sum_ms"] * 1e-6 + 1e-6, key
            assert abs(point.max * 1e3 - series["max_ms"]) < 1e-3, key
        elif series["kind"] in ("counter", "rate"):
            assert last[key].as_int == series.get("sum", series.get("total")), key
        else:
            continue
        looked_at += 1
    assert looked_at > 40, looked_at
    attributes = {a.key: a.value.string_value for a in Collector.exports[-1].resource_metrics[0].resource.attributes}
    assert attributes["service.name"] == "rehearse", attributes
    assert attributes["rehearse.plan"] == report["run"]["name"], attributes
    return looked_at


collector = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
threading.Thread(target=collector.serve_forever, daemon=True).start()
run = subprocess.Popen(
    [rehearse, "run", f"{here}/live.yaml", "--quiet", "--no-history", "--reports", f"{work}/reports",
     "--prometheus", "127.0.0.1:0", "--otlp", f"http://127.0.0.1:{collector.server_port}",
     "--otlp-interval", "1s"],
    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
)  # fmt: skip
prometheus = None
try:
    url = run.stderr.readline().split("figures are at ")[1].strip()
    prometheus = Prometheus(urllib.parse.urlparse(url).netloc)
    queries = list(dashboard())
    eventually("Prometheus", 20, lambda: "ready" in open(f"{work}/prometheus.log").read())
    time.sleep(5)
    promtool(get(url))
    documented()
    for query in queries:
        eventually(query, 6, lambda: has_value(prometheus, query))
    assert run.poll() is None, "the run was over before it was looked at"
    said = run.stderr.read()
    assert run.wait() == 0 and "nobody has scraped" not in said and "lost" not in said, said
    [folder] = os.listdir(f"{work}/reports")
    report = json.load(open(f"{work}/reports/{folder}/report.json"))
    print(
        f"live: promtool finds nothing, {len(queries)} queries of the dashboard have values, "
        f"Prometheus has {scraped(report, prometheus)} series as in report.json, "
        f"OTLP {exported(report)} after {len(Collector.exports)} exports"
    )
finally:
    run.kill()
    if prometheus:
        prometheus.end()
