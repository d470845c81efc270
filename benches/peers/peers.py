"""rehearse and other load testers at the same work; see the script `run` beside this.

Whoever generates load has one core, and whoever answers another. What counts is the
processor time of the generator and its children from its first connection to its end; a
busy machine changes that less than what a clock shows. Each tool's count of good answers must
be nginx's own, or the row is marked.
"""

import argparse
import contextlib
import ctypes
import datetime
import json
import math
import os
import platform
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FOREIGN = ROOT / "target/foreign"
NODE = FOREIGN / "peers/node_modules/.bin"
REHEARSE = os.environ.get("REHEARSE", "")
DOCS = ROOT / "docs/performance.md"
BEGIN, END = "<!-- written by benches/peers/run --docs -->", "<!-- end of what benches/peers/run wrote -->"

HTTP_TOOLS = ["wrk", "hey", "oha", "autocannon", "artillery", "locust", "rehearse"]
CLIENT_TOOLS = ["node", "rehearse", "rehearse aws-lc"]


class Case:
    """One kind of work. `rate` is of the open model: a number, or `half` of what the tool can do."""

    def __init__(self, name, title, server="plain", connections=64, new=False, h2=False, rate=None,
                 tools=HTTP_TOOLS, without=()):
        self.name, self.title, self.server = name, title, server
        self.connections, self.new, self.h2, self.rate = connections, new, h2, rate
        self.tools = [tool for tool in tools if tool not in without]

    @property
    def closed(self):
        return self.rate is None


NO_RATE = ["wrk"]
CASES = [
    Case("get-1", "GET, 1 connection", connections=1),
    Case("get-64", "GET, 64 connections"),
    Case("get-512", "GET, 512 connections", connections=512),
    Case("https-new", "HTTPS, 64 at once, a connection and a whole handshake for each request", "new", new=True),
    Case("https-resumed", "HTTPS, 64 at once, a connection for each request, which the server would resume",
         "resumed", new=True),
    Case("h2", "HTTP/2 over TLS, 64 at once", "h2", h2=True, without=["wrk", "autocannon", "artillery", "locust"]),
    Case("open-1000", "open model, 1,000/s", rate=1000, without=NO_RATE),
    Case("open-8000", "open model, 8,000/s", rate=8000, without=NO_RATE),
    Case("open-half", "open model, half of what the tool can do with 64 connections", rate="half", without=NO_RATE),
    Case("client-known", "the tutorial's flow with a key pair that is there: log in, write, read", "simulator",
         connections=1, tools=CLIENT_TOOLS),
    Case("client-new", "the tutorial's whole flow, a new key pair each time", "simulator", connections=1,
         tools=CLIENT_TOOLS),
]

# What rehearse is to do at least per processor second, as a multiple of the other.
TARGETS = {
    "get-1": {"oha": 0.9},
    "get-64": {"oha": 1.0, "wrk": 0.8, "hey": 1.5, "artillery": 8, "locust": 7},
    "get-512": {"oha": 0.9},
    "client-known": {"node": 10},
    "client-new": {"node": 5},
}

# What rehearse's own figures are to stay below.
LIMITS = {
    ("get-64", "rss_kb"): 30 * 1024,
    ("open-8000", "rate_error"): 0.001,
    ("open-8000", "start_lag_p99_ms"): 0.5,
}


class Failed(Exception):
    """A tool did not do what it was started for."""


# -- who answers ------------------------------------------------------------------------------


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


def pinned(core):
    """For a child before it begins: a group and a core of its own, and its end when ours comes."""
    return lambda: (os.setsid(), os.sched_setaffinity(0, {core}), LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM))


def descendants(pid):
    """A process and those that it has started, as far as they are there."""
    listed = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return [pid, *(each for children in listed for child in children for each in descendants(child))]


def cpu_seconds(pid):
    """Of a process and its descendants, those that have ended included."""
    stats = [Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split() for each in descendants(pid)]
    return sum(int(ticks) for fields in stats for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def peak_kb(pid):
    """Most memory of a process and of its descendants. That of `wait4` begins with ours, from before it was another program."""
    texts = [Path(f"/proc/{each}/status").read_text() for each in descendants(pid)]
    return sum(int(peak) for text in texts for peak in re.findall(r"VmHWM:\s+(\d+)", text))


def stop(process):
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)
    except (ProcessLookupError, subprocess.TimeoutExpired):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Nginx:
    """nginx with one worker, which answers with 200 bytes of JSON, and counts."""

    CONF = """
daemon off;
{user}
pid {dir}/pid;
error_log {dir}/error.log;
worker_processes 1;
worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  default_type application/json;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3;
  uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;
  ssl_certificate {dir}/cert.pem;
  ssl_certificate_key {dir}/key.pem;
  ssl_protocols TLSv1.2 TLSv1.3;
  log_format resumed '$ssl_session_reused';
  server {{ listen 127.0.0.1:{plain} backlog=4096; location / {{ return 200 '{body}'; }} }}
  server {{
    listen 127.0.0.1:{new} ssl backlog=4096;
    ssl_session_cache off; ssl_session_tickets off;
    access_log {dir}/new.log resumed buffer=64k flush=100ms;
    location / {{ return 200 '{body}'; }}
  }}
  server {{
    listen 127.0.0.1:{resumed} ssl backlog=4096;
    ssl_session_cache shared:sessions:10m; ssl_session_tickets on;
    access_log {dir}/resumed.log resumed buffer=64k flush=100ms;
    location / {{ return 200 '{body}'; }}
  }}
  server {{ listen 127.0.0.1:{h2} ssl http2 backlog=4096; location / {{ return 200 '{body}'; }} }}
  server {{ listen 127.0.0.1:{status}; location / {{ stub_status; }} }}
}}
"""

    def __init__(self, folder, core):
        self.dir = folder / "nginx"
        self.dir.mkdir()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", self.dir / "key.pem", "-out", self.dir / "cert.pem"],
            check=True, capture_output=True)
        body = json.dumps({"id": "b7e3d1", "text": ""})
        body = json.dumps({"id": "b7e3d1", "text": "x" * (200 - len(body))})
        ports = {name: free_port() for name in ["plain", "new", "resumed", "h2", "status"]}
        user = "user root;" if os.getuid() == 0 else ""
        conf = self.dir / "nginx.conf"
        conf.write_text(self.CONF.format(dir=self.dir, body=body, user=user, **ports))
        self.urls = {name: f"http{'' if name == 'plain' else 's'}://127.0.0.1:{port}/" for name, port in ports.items()}
        self.status_url = f"http://127.0.0.1:{ports['status']}/"
        self.process = subprocess.Popen(["nginx", "-p", self.dir, "-c", conf, "-e", self.dir / "error.log"],
                                        preexec_fn=pinned(core))
        for _ in range(100):
            try:
                self.read()
                return
            except OSError:
                time.sleep(0.05)
        stop(self.process)
        raise Failed((self.dir / "error.log").read_text())

    def read(self):
        with urllib.request.urlopen(self.status_url, timeout=10) as answer:
            text = answer.read().decode()
        active = int(re.search(r"Active connections: (\d+)", text)[1])
        accepted, _, requests = map(int, re.search(r"\n\s*(\d+) (\d+) (\d+)", text).groups())
        return active, accepted, requests

    def look(self):
        """What is counted but for these looks: connections open, accepted, and requests."""
        self.looks += 1
        active, accepted, requests = self.read()
        return active - 1, accepted - self.accepted - self.looks, requests - self.requests - self.looks

    def start(self):
        """Counts anew."""
        _, self.accepted, self.requests = self.read()
        self.looks = 0
        self.logged = {name: (self.dir / f"{name}.log").stat().st_size for name in ["new", "resumed"]}
        self.cpu = cpu_seconds(self.process.pid)

    def connected(self):
        return self.look()[1] > 0

    def end(self, case):
        """What was counted since `start`, when all connections are closed."""
        cpu = cpu_seconds(self.process.pid) - self.cpu
        for _ in range(100):
            active, accepted, requests = self.look()
            if active == 0:
                break
            time.sleep(0.05)
        counted = {"server_requests": requests, "connections": accepted, "server_cpu": cpu}
        if case.server in self.logged:
            time.sleep(0.3)
            with open(self.dir / f"{case.server}.log", "rb") as log:
                log.seek(self.logged[case.server])
                counted["resumed"] = log.read().count(b"r")
        return counted


class Simulator:
    """`rehearse simulate`, for the tutorial's flow."""

    def __init__(self, folder, core):
        self.target = folder / "simulator.yaml"
        self.log = folder / "simulator.log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [REHEARSE, "simulate", "--data", folder / "data", "--target-out", self.target],
                stdout=subprocess.DEVNULL, stderr=log, preexec_fn=pinned(core))
        for _ in range(200):
            if "listening on" in self.log.read_text():
                return
            time.sleep(0.05)
        stop(self.process)
        raise Failed(self.log.read_text())


# -- one measurement --------------------------------------------------------------------------


class Play:
    """One tool, once, at one kind of work."""

    def __init__(self, bench, case, rate):
        self.case, self.rate, self.seconds = case, rate, bench.seconds
        self.core, self.dir = bench.core, Path(tempfile.mkdtemp(dir=bench.folder))
        self.nginx = bench.nginx if case.server != "simulator" else None
        self.url = self.nginx.urls[case.server] if self.nginx else ""
        self.simulator = bench.simulator

    def run(self, *command, env=None, good=(0,), limit=None):
        """Runs it on its core; its output, with what it used noted."""
        out, err = self.dir / "out", self.dir / "err"
        limit = limit or 3 * self.seconds + 60
        with open(out, "wb") as stdout, open(err, "wb") as stderr:
            began = time.monotonic()
            process = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, cwd=self.dir,
                env={**os.environ, "NODE_TLS_REJECT_UNAUTHORIZED": "0", **(env or {})}, preexec_fn=pinned(self.core))
            try:
                usage = self.wait(process, began + limit)
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                raise
        self.used = {"wall": time.monotonic() - began, "start_cpu": self.start_cpu, "rss_kb": self.rss_kb,
                     "cpu": usage.ru_utime + usage.ru_stime - self.start_cpu}
        if process.returncode not in good:
            said = err.read_text(errors="replace") or out.read_text(errors="replace")
            raise Failed(f"{Path(command[0]).name} ended with {process.returncode}: {said[-400:].strip()}")
        return out.read_text(errors="replace")

    def wait(self, process, until):
        """Until it ends; what it had used when its first connection came is noted on the way."""
        self.start_cpu, self.rss_kb, connected = 0, 0, self.nginx is None
        while time.monotonic() < until:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                return usage
            # What ends while it is looked at is looked at no more.
            with contextlib.suppress(OSError):
                self.rss_kb = max(self.rss_kb, peak_kb(process.pid))
                if not connected:
                    self.start_cpu = cpu_seconds(process.pid)
                    connected = self.nginx.connected()
            time.sleep(0.02)
        raise Failed("it did not end by itself")

    def wrk(self):
        close = ["-H", "Connection: close"] if self.case.new else []
        out = self.run("wrk", "-t", 1, "-c", self.case.connections, "-d", f"{self.seconds}s", *close, "--timeout", "10s",
                       "-s", HERE / "wrk.lua", self.url)
        seen = json.loads(out[out.rindex("{"):])
        return {"good": seen["requests"] - seen["bad"], "p99_ms": seen["p99_us"] / 1000}

    def hey(self):
        options = ["-disable-keepalive"] if self.case.new else []
        options += ["-h2"] if self.case.h2 else []
        options += ["-q", self.rate / self.case.connections] if self.rate else []
        out = self.run("hey", "-z", f"{self.seconds}s", "-c", self.case.connections, "-cpus", 1, *options, self.url)
        good = re.search(r"\[200\]\s+(\d+) responses", out)
        p99 = re.search(r"99% in ([\d.]+) secs", out)
        return {"good": int(good[1]) if good else 0, "p99_ms": float(p99[1]) * 1000 if p99 else None}

    def oha(self):
        options = ["--disable-keepalive"] if self.case.new else []
        options += ["--http-version", "2"] if self.case.h2 else []
        options += ["-q", self.rate, "--latency-correction"] if self.rate else []
        out = self.run(FOREIGN / "cargo/bin/oha", "-z", f"{self.seconds}s", "-c", self.case.connections, "--no-tui",
                       "--insecure", "--output-format", "json", *options, self.url)
        seen = json.loads(out)
        p99 = seen["latencyPercentiles"]["p99"]
        return {"good": seen["statusCodeDistribution"].get("200", 0), "p99_ms": p99 and p99 * 1000}

    def autocannon(self):
        # Its own option for this, -D 1, closes before the answer.
        options = ["-H", "connection=close"] if self.case.new else []
        options += ["-R", self.rate] if self.rate else []
        out = self.run(NODE / "autocannon", "-d", self.seconds, "-c", self.case.connections, "--no-progress", "--json",
                       *options, self.url)
        seen = json.loads(out)
        return {"good": seen["2xx"], "p99_ms": seen["latency"]["p99"]}

    def artillery(self):
        get = {"get": {"url": "/", "expect": [{"statusCode": 200}]}}
        if self.case.new:
            get["get"]["headers"] = {"connection": "close"}
        http = {"timeout": 10}
        if self.rate:
            http["pool"] = self.case.connections
            phase, flow = {"duration": self.seconds, "arrivalRate": self.rate}, [get]
        else:
            phase = {"duration": 1, "arrivalCount": self.case.connections}
            flow = [{"loop": [get], "whileTrue": "more"}]
        script = {
            "config": {
                "target": self.url.rstrip("/"), "http": http, "tls": {"rejectUnauthorized": False}, "phases": [phase],
                "processor": str(HERE / "artillery.cjs"),
                "plugins": {"expect": {"formatter": "silent", "reportFailuresAsErrors": True}}},
            "scenarios": [{"flow": flow}]}
        (self.dir / "script.json").write_text(json.dumps(script))
        self.run(NODE / "artillery", "run", "--quiet", "--output", "report.json", "script.json",
                 env={"ARTILLERY_DISABLE_TELEMETRY": "true", "WORKERS": "1", "PEERS_SECONDS": str(self.seconds)})
        seen = json.loads((self.dir / "report.json").read_text())["aggregate"]
        times = seen["summaries"].get("http.response_time", {})
        return {"good": seen["counters"].get("http.codes.200", 0), "p99_ms": times.get("p99")}

    def locust(self):
        users = self.case.connections
        out = self.run(
            FOREIGN / "peers/venv/bin/locust", "-f", HERE / "locustfile.py", "--headless", "--json", "--skip-log",
            "-u", users, "-r", users, "-t", f"{self.seconds}s", "-H", self.url.rstrip("/"), "--exit-code-on-error", 0,
            env={"PEERS_NEW": "1" if self.case.new else "", "PEERS_RATE": str((self.rate or 0) / users)})
        (seen,) = json.loads(out[out.index("["):]) or [None]
        if not seen:
            return {"good": 0, "p99_ms": None}
        return {"good": seen["num_requests"] - seen["num_failures"], "p99_ms": percentile(seen["response_times"], 0.99)}

    def rehearse(self):
        case = self.case
        if case.server == "simulator":
            return self.tutorial([])
        headers = "{connection: close}" if case.new else "{}"
        executor = (f"executor: constant_vus\n    vus: {case.connections}" if case.closed else
                    "executor: constant_arrival_rate\n"
                    f"    rate: {self.rate}/s\n    pre_allocated_vus: {case.connections}\n    max_vus: 1000")
        (self.dir / "peers.yaml").write_text(f"""name: peers
scenarios:
  get:
    {executor}
    duration: {self.seconds}s
    steps:
      - http: {{url: "{self.url}", headers: {headers}}}
        as: r
        check: r.status == 200
""")
        (self.dir / "target.yaml").write_text(f"""name: nginx
api_url: {self.url}
gateway_url: {self.url}
spec_id: x
tls: {{insecure: true}}
http_version: {"auto" if case.h2 else "1"}
otp: {{source: static, code: "123456"}}
""")
        seen = self.play("peers.yaml", self.dir / "target.yaml")
        (check,) = seen["checks"]
        measured = {metric["metric"]: metric for metric in seen["metrics"]}
        found = {"good": check["held"], "p99_ms": measured["http_req_duration"]["p99_ms"]}
        if not case.closed:
            found["start_lag_p99_ms"] = measured["iteration_start_lag"]["p99_ms"]
            found["dropped"] = seen["totals"]["iterations_dropped"]
        return found

    def play(self, scenario, target, *options):
        """Plays a scenario; its report. A threshold or check that does not hold is no failure here."""
        self.run(REHEARSE, "run", scenario, "--target", target, "--quiet", "--no-history", "--reports", "reports",
                 "--vault", "vault", *options, good=(0, 1))
        (report,) = self.dir.glob("reports/*/report.json")
        return json.loads(report.read_text())

    def tutorial(self, options):
        if self.case.name == "client-new":
            # As many as take about that long.
            plan = (ROOT / "scenarios/tutorial.yaml", self.simulator.target, "--iterations", max(2, int(8 * self.seconds)))
        else:
            register = '- register: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}", save: me}'
            self.scenario("make.yaml", "iterations: 1", register)
            self.play("make.yaml", self.simulator.target)
            subprocess.run(["rm", "-r", self.dir / "reports"], check=True)
            self.scenario("flow.yaml", f"executor: constant_vus\n    duration: {self.seconds}s", """- login: {from: me}
      - data_sample.create: {labels: [{type: IC-TEST, code: TEST}], content: {en: {stringValue: Hello world}}}
        as: sample
      - data_sample.get: {id: "{{ sample.id }}"}
        as: found
        expect: found.content.en.stringValue == "Hello world\"""")
            plan = ("flow.yaml", self.simulator.target)
        totals = self.play(*plan, *options)["totals"]
        if totals["iterations_failed"]:
            raise Failed(f"{totals['iterations_failed']} iterations failed")
        return {"good": totals["iterations_ok"]}

    def scenario(self, file, executor, steps):
        (self.dir / file).write_text(
            f"name: flow\nscenarios:\n  person:\n    vus: 1\n    {executor}\n    steps:\n      {steps}\n")

    def rehearse_aws_lc(self):
        return self.tutorial(["--crypto-backend", "aws-lc"])

    def node(self):
        who = "new" if self.case.name == "client-new" else "known"
        out = self.run("node", HERE / "client.mjs", self.seconds, who, env={
            "REHEARSE": REHEARSE, "REHEARSE_TARGET": str(self.simulator.target), "REHEARSE_SCRATCH": str(self.dir)})
        seen = json.loads(out[out.rindex("{"):])
        self.used["cpu"] = seen["cpu"]
        return {"good": seen["iterations"]}


def percentile(counts, share):
    """Of a mapping from value to how often it was seen."""
    left = share * sum(counts.values())
    for value, count in sorted((float(value), count) for value, count in counts.items()):
        left -= count
        if left <= 0:
            return value
    return None


class Bench:
    """What is measured, and who answers meanwhile."""

    def __init__(self, args, folder):
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) < 2:
            raise Failed("one core for the generator and one for the server are needed")
        self.core, self.server_core = cores[:2]
        # Nothing of ours beside the generator.
        os.sched_setaffinity(0, cores[1:])
        self.seconds, self.rounds, self.folder = args.seconds, args.rounds, folder
        names = set(args.only)
        cases = [case for case in CASES if case.name in names] or CASES
        tools = names & {*HTTP_TOOLS, *CLIENT_TOOLS}
        self.plan = [(case, [tool for tool in case.tools if not tools or tool in tools]) for case in cases]
        servers = {case.server == "simulator" for case, tools in self.plan if tools}
        self.nginx = self.simulator = None
        self.saturation = {}
        self.needs_nginx, self.needs_simulator = False in servers, True in servers

    def __enter__(self):
        try:
            if self.needs_nginx:
                self.nginx = Nginx(self.folder, self.server_core)
            if self.needs_simulator:
                self.simulator = Simulator(self.folder, self.server_core)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for server in [self.nginx, self.simulator]:
            if server:
                stop(server.process)

    def measure(self, case, tool):
        """One figure; why there is none is one, too."""
        try:
            found = self.once(case, tool, self.rate_of(case, tool))
        except (Failed, OSError) as why:
            return {"failed": str(why)}
        except (ValueError, KeyError, IndexError, TypeError) as why:
            return {"failed": f"what it wrote was not understood: {why!r}"}
        if case.name == "get-64":
            self.saturation[tool] = found["good"] / self.seconds
        return found

    def rate_of(self, case, tool):
        if case.rate != "half":
            return case.rate
        if tool not in self.saturation:
            (closed,) = (case for case in CASES if case.name == "get-64")
            self.saturation[tool] = self.once(closed, tool, None)["good"] / self.seconds
        return max(1, round(self.saturation[tool] / 2))

    def once(self, case, tool, rate):
        play = Play(self, case, rate)
        if play.nginx:
            play.nginx.start()
        seen = getattr(play, tool.replace(" ", "_").replace("-", "_"))()
        found = {**seen, **play.used}
        if play.nginx:
            found |= play.nginx.end(case)
            # At the end there may be one on its way on each connection; and some ask first whether anybody is there.
            over = found["server_requests"] - found["good"]
            found["agrees"] = found["good"] > 0 and 0 <= over <= case.connections + 4
        if rate:
            found |= {"rate": rate, "rate_error": found["good"] / (rate * self.seconds) - 1}
        found["per_cpu_second"] = found["good"] / found["cpu"]
        return found

    def all(self):
        rows = {(case.name, tool): [] for case, tools in self.plan for tool in tools}
        for turn in range(self.rounds):
            for case, tools in self.plan:
                for tool in tools:
                    found = self.measure(case, tool)
                    rows[case.name, tool].append(found)
                    says = found.get("failed") or f"{found['per_cpu_second']:,.0f} per processor second"
                    print(f"round {turn + 1}: {case.name}: {tool}: {says}", file=sys.stderr, flush=True)
        return [self.summary(case, tool, rows) for case, tools in self.plan for tool in tools]

    @staticmethod
    def summary(case, tool, rows):
        rounds = rows[case.name, tool]
        row = {"case": case.name, "tool": tool, "rounds": rounds,
               "failed": next((found["failed"] for found in rounds if "failed" in found), None),
               "agrees": all(found.get("agrees", True) for found in rounds)}
        good = [found for found in rounds if "failed" not in found]
        for key in ["per_cpu_second", "good", "cpu", "start_cpu", "rss_kb", "p99_ms", "start_lag_p99_ms", "dropped", "connections",
                    "resumed", "rate", "rate_error", "server_cpu", "wall"]:
            values = [found[key] for found in good if found.get(key) is not None]
            row[key] = statistics.median(values) if values else None
        speeds = [found["per_cpu_second"] for found in good]
        row["least"], row["most"] = (min(speeds), max(speeds)) if speeds else (None, None)
        # What the machine does changes within minutes, so each round has a ratio of its own.
        ours = rows.get((case.name, "rehearse"), [])
        ratios = [our["per_cpu_second"] / found["per_cpu_second"] for our, found in zip(ours, rounds)
                  if "failed" not in our and "failed" not in found and found["per_cpu_second"]]
        row["ratio"] = statistics.median(ratios) if ratios else None
        row["target"] = TARGETS.get(case.name, {}).get(tool)
        return row


# -- what is written --------------------------------------------------------------------------


def first_line(*command):
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return "?"
    return ((done.stdout or done.stderr).strip().splitlines() or ["?"])[0]


def package(name, root=FOREIGN / "peers"):
    try:
        return json.loads((root / f"node_modules/{name}/package.json").read_text())["version"]
    except (OSError, ValueError):
        return "?"


def versions():
    hey = first_line("dpkg-query", "-W", "-f", "${Version}", "hey")
    return {
        "wrk": first_line("wrk", "-v").split("Copyright")[0].strip(), "hey": f"hey {hey}",
        "oha": first_line(FOREIGN / "cargo/bin/oha", "--version"), "autocannon": f"autocannon {package('autocannon')}",
        "artillery": f"artillery {package('artillery')}",
        "locust": " ".join(first_line(FOREIGN / "peers/venv/bin/locust", "--version").split()[:2]),
        "rehearse": first_line(REHEARSE, "--version"), "nginx": first_line("nginx", "-v").removeprefix("nginx version: "),
        "node": f"Node {first_line('node', '--version')}",
        "client": f"@icure/api {package('@icure/api', ROOT / 'tests/interop/js')}",
    }


def machine():
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return {"processor": model[1] if model else platform.machine(), "cores": len(os.sched_getaffinity(0)),
            "system": f"{platform.system()} {platform.release()}", "load_before": os.getloadavg()[0]}


def number(value, form=",.0f", unit=""):
    return "" if value is None or math.isnan(value) else f"{value:{form}}{unit}"


def three(value, unit=""):
    """Three figures, more before the point."""
    return number(value, ",.0f" if value is None or value >= 100 else ".3g", unit)


def table(case, rows):
    flow = case.server == "simulator"
    what = "iterations" if flow else "good answers"
    columns = [("tool", lambda row: row["tool"]),
               (f"{what} per CPU-second", lambda row: three(row["per_cpu_second"]) + mark(row)),
               ("least–most", lambda row: f"{three(row['least'])}–{three(row['most'])}" if row["least"] else ""),
               ("rehearse ÷ it", ratio),
               ("max RSS", lambda row: number(row["rss_kb"] and row["rss_kb"] / 1024, ".0f", " MB") + limit(row, "rss_kb"))]
    if not flow:
        columns += [("p99", lambda row: three(row["p99_ms"], " ms")),
                    ("connections", lambda row: number(row["connections"]))]
    if case.new:
        columns += [("resumed", lambda row: number(row["resumed"]))]
    if not case.closed:
        columns += [("rate", lambda row: number(row["rate"], ",.0f", "/s")),
                    ("rate error", lambda row: number(row["rate_error"], "+.2%") + limit(row, "rate_error")),
                    ("start lag p99",
                     lambda row: three(row["start_lag_p99_ms"], " ms") + limit(row, "start_lag_p99_ms"))]
    lines = [f"**{case.title}** (`{case.name}`)", "", "| " + " | ".join(name for name, _ in columns) + " |",
             "| --- " * len(columns) + "|"]
    lines += ["| " + " | ".join(cell(row) for _, cell in columns) + " |" for row in rows]
    return lines + [""]


def mark(row):
    if row["failed"]:
        return " **failed**"
    return " **no good answer**" if not row["good"] else "" if row["agrees"] else " **counts differ**"


def limit(row, key):
    most = LIMITS.get((row["case"], key)) if row["tool"] == "rehearse" else None
    if most is None or row[key] is None:
        return ""
    return f" (target: {'met' if abs(row[key]) <= most else 'missed'})"


def ratio(row):
    if row["ratio"] is None or row["tool"] == "rehearse":
        return ""
    said = f"{row['ratio']:.2f}"
    if row["target"]:
        said += f" (target {row['target']:g}: {'met' if row['ratio'] >= row['target'] else 'missed'})"
    return said


def markdown(result):
    of = result["machine"]
    lines = [
        f"{result['at'][:10]}, {of['cores']} cores of {of['processor']}, {of['system']}, load {of['load_before']:.1f} before. "
        f"Medians of {result['rounds']} round(s) by turns, {result['seconds']:g} s each; generator on one core, server on another, "
        "200 bytes of JSON, keep-alive unless it says otherwise. " + ", ".join(result["versions"].values()) + ".", ""]
    for case in CASES:
        rows = [row for row in result["rows"] if row["case"] == case.name]
        if rows:
            lines += table(case, rows)
    failed = [f"* {row['case']}, {row['tool']}: {' '.join(row['failed'].split())[:200]}" for row in result["rows"]
              if row["failed"]]
    lines += ["Failed:", "", *failed, ""] if failed else []
    return "\n".join(lines)


def into_docs(text):
    """Between the markers; with a section around them when there are none."""
    docs = DOCS.read_text()
    block = f"{BEGIN}\n\n{text}\n{END}"
    if BEGIN in docs and END in docs:
        before, rest = docs.split(BEGIN, 1)
        docs = before + block + rest.split(END, 1)[1]
    else:
        docs = f"{docs.rstrip()}\n\n## Beside other load testers\n\n`bash benches/peers/run --docs`:\n\n{block}\n"
    DOCS.write_text(docs)


def main():
    names = [case.name for case in CASES] + sorted({*HTTP_TOOLS, *CLIENT_TOOLS})
    parser = argparse.ArgumentParser(prog="benches/peers/run", description="rehearse beside other load testers")
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("REHEARSE_ROUNDS", "5")), help="5")
    parser.add_argument("--seconds", type=int, default=8, help="how long a tool works each time; 8")
    parser.add_argument("--only", action="append", default=[], choices=names, metavar="NAME",
                        help="this work or this tool, repeatable: " + ", ".join(names))
    parser.add_argument("--docs", action="store_true", help="write the tables into docs/performance.md, too")
    args = parser.parse_args()
    if args.rounds < 1 or args.seconds < 1:
        parser.error("at least one round of one second")
    if args.docs and args.only:
        parser.error("--docs shows all of it: leave out --only")
    for asked, code in [(signal.SIGTERM, 143), (signal.SIGHUP, 129)]:
        signal.signal(asked, lambda *_, code=code: sys.exit(code))
    result = {"at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "machine": machine(),
              "versions": versions(), "rounds": args.rounds, "seconds": args.seconds}
    with tempfile.TemporaryDirectory() as folder, Bench(args, Path(folder)) as bench:
        result["rows"] = bench.all()
    text = markdown(result)
    out = ROOT / "target/peers"
    out.mkdir(parents=True, exist_ok=True)
    (out / "peers.json").write_text(json.dumps(result, indent=2) + "\n")
    (out / "peers.md").write_text(text)
    if args.docs:
        into_docs(text)
    print(text)
    bad = [row for row in result["rows"] if row["failed"] or not row["agrees"]]
    return 1 if bad else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as why:
        sys.exit(f"benches/peers/run: {why}")
    except KeyboardInterrupt:
        sys.exit(130)
