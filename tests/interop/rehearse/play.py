"""Plays `plan.json`, in which each step is named by the operation that it is, and writes what
came of it, one JSON object a line. Python 3.9 or newer and nothing else."""

import json
import os
import pathlib
import subprocess
import sys

PLAN = pathlib.Path(__file__).with_name("plan.json")


def played(scratch):
    """Whether the run ended well, and its report."""
    reports = scratch / "reports"
    target = os.environ["REHEARSE_TARGET"]
    words = ["run", str(PLAN), "--target", target, "--vault", str(scratch / "vault"), "--reports", str(reports)]
    code = subprocess.run([os.environ["REHEARSE"], *words], stdout=sys.stderr, timeout=300).returncode
    # There is none when the plan itself is wrong.
    written = [json.loads(report.read_text()) for report in reports.glob("*/report.json")]
    return code == 0, written[0] if written else {"steps": []}


def main():
    ended_well, report = played(pathlib.Path(os.environ["REHEARSE_SCRATCH"]))
    results = {step["name"]: step for step in report["steps"]}
    scenarios = json.loads(PLAN.read_text())["scenarios"].values()
    with pathlib.Path(os.environ["REHEARSE_INTEROP"], os.environ["REHEARSE_SUITE"] + ".jsonl").open("a") as file:
        for step in (step for scenario in scenarios for step in scenario["steps"]):
            result = results.get(step.get("name"))
            # A step without a name prepares, and one that never began proves nothing.
            if result is None:
                continue
            good = result["failed"]["count"] == 0 and result["ok"]["count"] > 0
            line = {
                "client": "rehearse",
                "operation": step["name"],
                "outcome": "passed" if good else "failed",
                "test": "tests/interop/rehearse/plan.json",
                "note": f"`{next(iter(step))}`",
            }
            file.write(json.dumps(line) + "\n")
    return 0 if ended_well else 1


if __name__ == "__main__":
    sys.exit(main())
