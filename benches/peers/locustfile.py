"""What each of locust's users does; peers.py says where and how often."""

import os

from locust import FastHttpUser, constant_throughput, task

HEADERS = {"Connection": "close"} if os.environ["PEERS_NEW"] else {}


class User(FastHttpUser):
    insecure = True
    if rate := float(os.environ["PEERS_RATE"]):
        wait_time = constant_throughput(rate)

    @task
    def get(self):
        with self.client.get("/", headers=HEADERS, catch_response=True) as response:
            if response.status_code != 200:
                response.failure("not 200")
