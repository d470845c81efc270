"""A server that stalls: answers at once, except that during one second every
answer is held until that second is over.

    python3 server.py PORT [SECONDS_BEFORE_THE_STALL]

The time counts from the first request. Standard library only.
"""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BEFORE = float(sys.argv[2]) if len(sys.argv) > 2 else 4.5
LENGTH = 1.0
first = []


class Stall(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        now = time.monotonic()
        if not first:
            first.append(now)
        begin = first[0] + BEFORE
        if begin <= now < begin + LENGTH:
            time.sleep(begin + LENGTH - now)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 1024
    daemon_threads = True


Server(("127.0.0.1", int(sys.argv[1])), Stall).serve_forever()
