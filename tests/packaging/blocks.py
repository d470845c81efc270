"""Writes the blocks of the documents that are for other programs into a folder
for each kind: `github`, `gitlab`, `kubernetes`. And the scripts of all GitHub
workflows and GitLab jobs into `scripts`, for shellcheck.

    blocks.py OUT WORKFLOW...
"""

import pathlib
import re
import sys
import textwrap

import yaml

KINDS = ["github", "gitlab", "kubernetes"]
# ```yaml github, and whatever else the fence says of it.
FENCE = re.compile(r"^```yaml ([\w ]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What a list of steps stands in, for `yaml github steps`.
AROUND = """name: around
on: workflow_dispatch
permissions: {}
concurrency:
  group: around
  cancel-in-progress: false
jobs:
  around:
    name: around
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
"""


def scripts_of(kind, document):
    """Each script that a runner would be given, with a name."""
    for name, job in (document.get("jobs", {}) if kind == "github" else document).items():
        if kind == "github":
            for number, step in enumerate(job["steps"]):
                if "run" in step:
                    yield f"{name}-{number}", step["run"]
        elif isinstance(job, dict) and "script" in job:
            yield name, "\n".join(job["script"])


def main():
    out, *workflows = map(pathlib.Path, sys.argv[1:])
    found = [("github", path.stem, path.read_text()) for path in workflows]
    for document in [pathlib.Path("README.md"), *sorted(pathlib.Path("docs").rglob("*.md"))]:
        for number, (kind, text) in enumerate(FENCE.findall(document.read_text())):
            if kind == "github steps":
                kind, text = "github", AROUND + textwrap.indent(text, "      ")
            if kind in KINDS:
                found.append((kind, f"{document.stem}-{number}", text))
    for kind, name, text in found:
        path = out / kind / f"{name}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if kind == "kubernetes":
            continue
        for job, script in scripts_of(kind, yaml.safe_load(text)):
            path = out / "scripts" / f"{kind}-{name}-{job}.sh"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"#!/bin/bash\nset -eo pipefail\n{script}\n")
    for kind in KINDS:
        number = len(list((out / kind).glob("*.yml")))
        print(f"{kind}: {number}")
        assert number > 0, f"no block of the kind {kind}"


main()
