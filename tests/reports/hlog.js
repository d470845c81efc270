// Reads latency.hlog with HdrHistogram for JavaScript, and compares it with
// report.json.
"use strict";
const assert = require("node:assert");
const { readFileSync } = require("node:fs");
const hdr = require("hdr-histogram-js");

const folder = process.argv[2];
const report = JSON.parse(readFileSync(`${folder}/report.json`, "utf8"));
const reader = new hdr.HistogramLogReader(readFileSync(`${folder}/latency.hlog`, "utf8"));
const sums = new Map();
let intervals = 0;
for (let one = reader.nextIntervalHistogram(); one; one = reader.nextIntervalHistogram()) {
  intervals += 1;
  if (!sums.has(one.tag)) {
    sums.set(one.tag, hdr.build({ bitBucketSize: 64, autoResize: true, numberOfSignificantValueDigits: 3 }));
  }
  sums.get(one.tag).add(one);
}
const tag = (step) => `${step.scenario}/${step.name}`.replace(/[ ,]/g, "_");
for (const step of report.steps.filter((step) => step.ok.count)) {
  const theirs = sums.get(tag(step));
  assert(theirs, tag(step));
  assert.strictEqual(theirs.totalCount, step.ok.count, step.name);
  for (const [percentile, key] of [[50, "p50_ms"], [95, "p95_ms"], [99, "p99_ms"], [99.9, "p99_9_ms"], [100, "max_ms"]]) {
    const value = theirs.getValueAtPercentile(percentile) / 1e6;
    const ours = step.ok[key];
    assert(Math.abs(ours - value) <= ours / 500 + 1e-6, `${step.name} ${key}: ${ours}, ${value}`);
  }
}
console.log(`javascript: ${intervals} intervals of latency.hlog, ${sums.size} steps`);
