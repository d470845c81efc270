"""`rehearse` itself, as somebody at a terminal uses it."""

import contextlib
import http.server
import json
import os
import pathlib
import subprocess
import tempfile
import threading


class Home:
    """A folder with a vault."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=os.environ["REHEARSE_SCRATCH"]))

    def play(self, steps):
        """Plays the steps of one virtual user, and gives what they `tell`."""
        with _listener() as (url, heard):
            plan = {"name": "crossing", "scenarios": {"one": {"steps": steps(url)}}}
            (self.folder / "plan.yaml").write_text(json.dumps(plan))
            target = os.environ["REHEARSE_TARGET"]
            self._rehearse("run", "plan.yaml", "--target", target, "--reports", "reports")
        return heard

    def export(self, name):
        """What the vault has under a name."""
        return json.loads(self._rehearse("vault", "export", name, "--reveal"))[0]

    def take(self, credentials):
        """Saves credentials in the vault."""
        (self.folder / "credentials.json").write_text(json.dumps(credentials))
        self._rehearse("vault", "import", "credentials.json")

    def _rehearse(self, *arguments):
        ran = subprocess.run(
            [os.environ["REHEARSE"], *arguments, "--vault", "people.vault"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout


def telling(url, **values):
    """A step that tells the test what the scenario knows."""
    return {"http": {"url": url, "json": values}}


@contextlib.contextmanager
def _listener():
    heard = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/told", heard
    finally:
        server.shutdown()
        server.server_close()
