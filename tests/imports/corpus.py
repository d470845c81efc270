"""Imports each file of the corpus, checks what comes of it, and accounts for every request.

corpus.py PROGRAM FOLDER TABLE: exits with 1 when something is lost in silence, does not pass `check`, or when
the table in TABLE says something else; with UPDATE_DOCS=1 the table is written.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

METHODS = {"get", "post", "put", "patch", "delete", "head", "options", "trace"}
BEGIN, END = "<!-- corpus -->\n", "<!-- /corpus -->"


def said_by(path):
    """Kind and number of requests of a file, or nothing when it is neither."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    if path.suffix in (".yaml", ".yml"):
        if not re.search(r"^openapi: *['\"]?3", text, re.M):
            return None
        # Operations stand four spaces in.
        paths = re.split(r"^paths:", text, maxsplit=1, flags=re.M)
        paths = re.split(r"^\w", paths[1], maxsplit=1, flags=re.M)[0] if len(paths) > 1 else ""
        indents = [len(line) - len(line.lstrip()) for line in paths.splitlines() if line.strip().startswith(("/", "'/", '"/'))]
        step = min(indents, default=2)
        operations = re.findall(rf"^ {{{step * 2}}}(?:{'|'.join(METHODS)}):", paths, re.M)
        return "openapi", len(operations)
    try:
        root = json.loads(text)
    except ValueError:
        return None
    if not isinstance(root, dict):
        return None
    if str(root.get("openapi", "")).startswith("3"):
        items = [item for path, item in (root.get("paths") or {}).items() if path.startswith("/")]
        return "openapi", sum(1 for item in items for key in resolved(root, item) if key in METHODS)
    entries = root.get("log", root)
    entries = entries.get("entries") if isinstance(entries, dict) else None
    if isinstance(entries, list) and all(isinstance(entry, dict) and "request" in entry for entry in entries):
        return "har", len(entries)
    return None


def resolved(root, item):
    reference = item.get("$ref") if isinstance(item, dict) else None
    if isinstance(reference, str) and reference.startswith("#/"):
        for part in reference[2:].split("/"):
            part = re.sub("%([0-9A-Fa-f]{2})", lambda code: chr(int(code[1], 16)), part)
            root = root.get(part.replace("~1", "/").replace("~0", "~"), {})
        return root
    return item or {}


def play(program, path, folder):
    """Steps, what is told, what is left out by choice, whether it passes, seconds."""
    out = Path(folder) / "scenario.yaml"
    out.unlink(missing_ok=True)
    begun = time.monotonic()
    made = subprocess.run([program, "import", path, "--out", out], capture_output=True, text=True, timeout=60)
    took = time.monotonic() - begun
    told = [line for line in made.stderr.splitlines() if line.startswith("rehearse: ")]
    if "panicked" in made.stderr or made.returncode not in (0, 2):
        return 0, told, 0, f"exit code {made.returncode}", took
    if made.returncode == 2:
        return 0, told, 0, "refused" if told else "not told", took
    written = out.read_text()
    left = sum(map(int, re.findall(r"^# (\d+) of the requests ", written, re.M)))
    checked = subprocess.run([program, "check", out], capture_output=True, text=True, timeout=60)
    # Files that are sent are not beside it.
    errors = re.findall(r"^\s+× (.*)$", checked.stderr + checked.stdout, re.M)
    errors = [error for error in errors if not error.startswith("cannot read ")]
    passes = checked.returncode == 0 or (errors == [] and "cannot read " in checked.stderr + checked.stdout)
    steps = len(re.findall(r"^      - http:$", written, re.M))
    return steps, told, left, "passes" if passes else f"fails: {errors[:1]}", took


def main(program, corpus, table):
    rows, wrong, slowest = [], [], (0, "")
    with tempfile.TemporaryDirectory() as folder:
        for package in sorted(path for path in Path(corpus).iterdir() if path.is_dir()):
            for path in sorted(path for path in package.rglob("*") if path.suffix in (".har", ".json", ".yaml", ".yml")):
                said = said_by(path)
                if said is None or said[1] == 0:
                    continue
                kind, requests = said
                steps, told, left, result, took = play(program, path, folder)
                name = f"{path.relative_to(package / 'package')}"
                skipped = [line for line in told if "a file that it sends" not in line and "stands for" not in line]
                slowest = max(slowest, (took, name))
                if result not in ("passes", "refused"):
                    wrong.append(f"{name}: {result}")
                if result == "passes" and steps + left + len(skipped) < requests:
                    wrong.append(f"{name}: {requests} requests, {steps} steps, {left} left out, {len(skipped)} told")
                rows.append((kind, package.name, name, requests, steps, left, len(told), result))
    lines = ["| | package | file | requests | steps | left out by choice | told | `check` |", "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    lines += [f"| {' | '.join(map(str, row))} |" for row in sorted(rows)]
    for kind in ("har", "openapi"):
        own = [row for row in rows if row[0] == kind]
        good = sum(row[7] == "passes" for row in own)
        total = [sum(row[place] for row in own) for place in (3, 4, 5, 6)]
        lines.append(f"| **{kind}** | | {len(own)} files | {' | '.join(map(str, total))} | {good} pass |")
        print(f"{kind}: {len(own)} files, {total[0]} requests, {total[1]} steps, {total[2]} left out by choice, {total[3]} told, {good} pass check")
    made = "\n".join(lines) + "\n"
    text = Path(table).read_text()
    before, rest = text.split(BEGIN)
    known, after = rest.split(END)
    if os.environ.get("UPDATE_DOCS"):
        Path(table).write_text(before + BEGIN + made + END + after)
    elif known != made:
        wrong.append(f"{table} says something else; UPDATE_DOCS=1 writes it anew")
    print(f"slowest: {slowest[1]}, {slowest[0]:.1f} s")
    print("\n".join(wrong) or "nothing is lost in silence")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
