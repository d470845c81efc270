#!/usr/bin/env python3
"""Tests of `compatibility`: python3 tests/interop/test_compatibility.py"""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import random
import tempfile
import unittest
from pathlib import Path
from unittest import mock

SCRIPT = Path(__file__).with_name("compatibility")
LOADER = importlib.machinery.SourceFileLoader("compatibility", str(SCRIPT))
SPEC = importlib.util.spec_from_loader("compatibility", LOADER)
compatibility = importlib.util.module_from_spec(SPEC)
LOADER.exec_module(compatibility)


def proof(client, operation, outcome="passed", test="a/test.js: it", **note):
    return {"client": client, "operation": operation, "outcome": outcome, "test": test, **note}


class Lines(unittest.TestCase):
    def test_a_proof_is_read(self):
        line = json.dumps(proof("@icure/api 6.4.4", "log  in\nand out", note="by JWT"))
        read = compatibility.read_line(line, "x.jsonl:1")
        self.assertEqual(read, proof("@icure/api 6.4.4", "log in and out", note="by JWT"))

    def test_what_is_no_proof_is_named(self):
        good = proof("c", "o")
        without = {field: value for field, value in good.items() if field != "test"}
        for line, said in [
            ("{", "not JSON"),
            ("", "not JSON"),
            ("[]", "expected an object"),
            (json.dumps(without), "expected a text in `test`"),
            (json.dumps({**good, "client": " "}), "expected a text in `client`"),
            (json.dumps({**good, "client": 1}), "expected a text in `client`"),
            (json.dumps({**good, "outcome": "skipped"}), "'failed', 'not offered', 'passed'"),
            (json.dumps({**good, "note": None}), "expected a text in `note`"),
            (json.dumps({**good, "when": "now"}), "unknown field `when`"),
        ]:
            with self.assertRaises(compatibility.Malformed, msg=line) as raised:
                compatibility.read_line(line, "x.jsonl:7")
            self.assertIn("x.jsonl:7: ", str(raised.exception))
            self.assertIn(said, str(raised.exception))


class Page(unittest.TestCase):
    PROOFS = [
        proof("b 2", "read", test="b.py: reads"),
        proof("a 1", "read", "not offered"),
        proof("a 1", "write", test="a.js: writes", note="twice"),
        proof("a 1", "write", "failed", test="a.js: writes | again"),
    ]

    def test_operations_by_clients(self):
        made = compatibility.page(self.PROOFS)
        self.assertIn("| operation | a 1 | b 2 |\n| --- | --- | --- |\n", made)
        self.assertIn("| read | – | yes |\n", made)
        self.assertIn("| write | **failed** |  |\n", made)
        self.assertIn("| write | **failed** | `a.js: writes`<br>`a.js: writes \\| again` | twice |\n", made)

    def test_the_order_of_the_proofs_does_not_matter(self):
        made = compatibility.page(self.PROOFS)
        for seed in range(20):
            shuffled = random.Random(seed).sample(self.PROOFS, len(self.PROOFS))
            self.assertEqual(compatibility.page(shuffled), made)

    def test_a_test_that_ran_twice_is_named_once(self):
        self.assertEqual(compatibility.page(self.PROOFS * 2), compatibility.page(self.PROOFS))


class Command(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "docs").mkdir()
        changes = [
            mock.patch.dict(os.environ, {"REHEARSE_INTEROP": folder.name}),
            mock.patch.object(compatibility, "ROOT", self.folder),
        ]
        for change in changes:
            change.start()
            self.addCleanup(change.stop)

    def prove(self, *proofs, suite="js"):
        lines = "".join(json.dumps(line) + "\n" for line in proofs)
        (self.folder / f"{suite}.jsonl").write_text(lines)

    def run_it(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = compatibility.main(arguments)
        return code, out.getvalue(), err.getvalue()

    def test_what_was_written_is_what_is_checked(self):
        self.prove(proof("a 1", "read"))
        self.prove(proof("b 1", "read"), suite="python")
        self.assertEqual(self.run_it(), (0, "", ""))
        self.assertEqual(self.run_it("--check"), (0, "", ""))

    def test_what_was_run_by_hand_is_marked(self):
        self.prove(proof("a 1", "read"))
        by_hand = self.folder / compatibility.BY_HAND
        by_hand.parent.mkdir(parents=True)
        by_hand.write_text(json.dumps(proof("a 2", "read", test="with its own sources")))
        self.assertEqual(self.run_it(), (0, "", ""))
        made = (self.folder / compatibility.PAGE).read_text()
        self.assertIn("| read | yes | yes, by hand |\n", made)
        self.assertIn("| read | yes, by hand | `with its own sources` |  |\n", made)
        by_hand.write_text("{")
        code, _, err = self.run_it("--check")
        self.assertEqual(code, 2)
        self.assertIn("by-hand.jsonl:1: not JSON", err)

    def test_another_outcome_is_shown_and_the_file_stays(self):
        self.prove(proof("a 1", "read"))
        self.run_it()
        path = self.folder / compatibility.PAGE
        before = path.read_text()
        self.prove(proof("a 1", "read", "failed"))
        code, out, err = self.run_it("--check")
        self.assertEqual(code, 1)
        self.assertIn("-| read | yes |\n+| read | **failed** |\n", out)
        self.assertIn(compatibility.HOW, err)
        self.assertEqual(path.read_text(), before)

    def test_a_file_that_is_missing_is_another(self):
        self.prove(proof("a 1", "read"))
        self.assertEqual(self.run_it("--check")[0], 1)

    def test_no_proofs_and_malformed_ones_are_errors(self):
        code, _, err = self.run_it()
        self.assertEqual(code, 2)
        self.assertIn("bash tests/interop/run", err)
        (self.folder / "js.jsonl").write_text('\n{"client": 1}\n')
        code, _, err = self.run_it("--check")
        self.assertEqual(code, 2)
        self.assertIn("js.jsonl:2: expected a text in `client`", err)


if __name__ == "__main__":
    unittest.main()
