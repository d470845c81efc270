"""Prints what a report says of waiting for one-time passwords: NAME REPORT"""

import json
import sys

name, report = sys.argv[1:]
with open(report) as file:
    metrics = json.load(file)["metrics"]
waits = [m for m in metrics if m["metric"] == "otp_wait" and m["tags"].get("phase") == "main"]
assert len(waits) == 1, waits
wait = waits[0]
times = (f"{wait[f'{key}_ms']:7.1f}ms" for key in ("p50", "p95", "p99", "max"))
print(f"{name:14} {wait['count']:6}", *times)
