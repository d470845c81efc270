"""What the tests prove, one JSON object a line, written when it has happened."""

import contextlib
import json
import os
import pathlib

CLIENT = "cardinal-sdk 2.14.0 (Python)"


def _file():
    return pathlib.Path(os.environ["REHEARSE_INTEROP"], os.environ["REHEARSE_SUITE"] + ".jsonl")


def _write(operation, outcome, test, note):
    line = {
        "client": CLIENT,
        "operation": operation,
        "outcome": outcome,
        "test": f"tests/interop/python/{test.__class__.__module__}.py: {test._testMethodName}",
    }
    if note:
        line["note"] = note
    with _file().open("a") as file:
        file.write(json.dumps(line) + "\n")


@contextlib.contextmanager
def proving(test, operation, note=None):
    """The operation has passed when the block ends, and failed when it raises."""
    try:
        yield
    except BaseException:
        _write(operation, "failed", test, note)
        raise
    _write(operation, "passed", test, note)


def not_offered(test, operation, note):
    """The client has no such operation; the test has looked for it."""
    _write(operation, "not offered", test, note)
