"""Reads a report's files with packages that others publish, and compares them
with report.json."""

import csv
import json
import sys

import jsonschema
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
from prometheus_client.openmetrics.parser import text_string_to_metric_families

folder, schema = sys.argv[1:]
report = json.load(open(f"{folder}/report.json"))
jsonschema.validate(report, json.load(open(schema)))


def same(ours, theirs, what):
    """To three digits, which is what a histogram keeps."""
    assert abs(ours - theirs) <= abs(ours) / 500 + 1e-6, (what, ours, theirs)


def tag(step):
    return f"{step['scenario']}/{step['name']}".replace(" ", "_").replace(",", "_")


def openmetrics():
    text = open(f"{folder}/metrics.prom").read()
    samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            samples[sample.name, tuple(sorted(sample.labels.items()))] = sample.value
    looked_at = 0
    for series in report["metrics"]:
        labels = tuple(sorted(series["tags"].items()))
        name = f"rehearse_{series['metric']}"
        if series["kind"] == "duration" and series["count"]:
            name, exact = f"{name}_seconds", f"{name}_quantile_seconds"
            assert samples[f"{name}_count", labels] == series["count"], name
            same(series["sum_ms"], samples[f"{name}_sum", labels] * 1e3, name)
            for quantile, key in (("0.5", "p50_ms"), ("0.95", "p95_ms"), ("0.99", "p99_ms")):
                at = tuple(sorted([*series["tags"].items(), ("quantile", quantile)]))
                same(series[key], samples[exact, at] * 1e3, name)
            infinite = tuple(sorted([*series["tags"].items(), ("le", "+Inf")]))
            assert samples[f"{name}_bucket", infinite] == series["count"], name
        elif series["kind"] == "counter":
            bytes_ = "_bytes" if (f"{name}_bytes_total", labels) in samples else ""
            assert samples[f"{name}{bytes_}_total", labels] == series["sum"], name
        elif series["kind"] == "rate":
            assert samples[f"{name}_total", labels] == series["total"], name
            assert samples[f"{name}_held_total", labels] == series["held"], name
        else:
            continue
        looked_at += 1
    assert looked_at > 20, looked_at
    return looked_at


def hlog():
    sums = {}
    # The reader's own addition, line by line.
    reader = HistogramLogReader(f"{folder}/latency.hlog", HdrHistogram(1, 86_400_000_000_000, 3))
    intervals = 0
    while True:
        histogram = reader.get_next_interval_histogram()
        if histogram is None:
            break
        intervals += 1
        total = sums.setdefault(histogram.tag, HdrHistogram(1, 86_400_000_000_000, 3))
        total.add(histogram)
    played = [step for step in report["steps"] if step["ok"]["count"]]
    assert {tag(step) for step in played} == set(sums), sums.keys()
    for step in played:
        ours, theirs = step["ok"], sums[tag(step)]
        assert ours["count"] == theirs.get_total_count(), step["name"]
        for percentile, key in ((50, "p50_ms"), (90, "p90_ms"), (95, "p95_ms"), (99, "p99_ms"), (99.9, "p99_9_ms"), (100, "max_ms")):
            # It rounds ranks where others round up: one play more or less.
            one = 100 / ours["count"]
            least, most = (
                theirs.get_value_at_percentile(min(100, max(0, percentile + off))) / 1e6
                for off in (-one, one)
            )
            told = ours[key]
            assert least * 0.998 - 1e-6 <= told <= most * 1.002 + 1e-6, (step["name"], key, least, told, most)
    return intervals


def series():
    rows = list(csv.DictReader(open(f"{folder}/series.csv", newline="")))
    assert len(rows) == len(report["time_series"])
    for row, second in zip(rows, report["time_series"]):
        assert set(row) == set(second), (set(row) ^ set(second))
        assert all(float(row[key]) == second[key] for key in second), row
    return len(rows)


print(f"python: {openmetrics()} series, {hlog()} intervals of latency.hlog, {series()} lines of series.csv")
