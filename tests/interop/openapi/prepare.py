"""Registers a patient with a simulator and writes what schemathesis needs to play that patient into a folder: its settings,
the ids of the patient (`own.json`), and the description.

    prepare.py TARGET_FILE LOGIN FOLDER

Plain HTTP and nothing of rehearse: what schemathesis then finds is found by strangers alone.
"""

import base64
import json
import re
import sys
import urllib.request
import uuid
from pathlib import Path

import yaml


def ask(method, url, body=None, headers=()):
    """The text of an answer; an error status raises."""
    request = urllib.request.Request(url, method=method, headers=dict(headers))
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as answer:
        return answer.read().decode()


def code_sent_to(outbox, address):
    """The six digits of the newest message to somebody."""
    messages = json.loads(ask("GET", outbox + "?wait=10000"))["messages"]
    mine = [message["body"] for message in messages if message["to"] == address]
    return re.search(r"(?<!\d)\d{6}(?!\d)", mine[-1]).group()


def gateway(target):
    """Where processes are."""
    return f"{target['gateway_url']}/{target['spec_id']}/process"


def start(target, email):
    """Starts an authentication process: its request id, and the code."""
    process, request = target["processes"]["patient_by_email"], uuid.uuid4()
    applicant = {
        "g-recaptcha-response": target["captcha_token"],
        "firstName": "Schema",
        "lastName": "Thesis",
        "from": email,
        "email": email,
        "hcpId": target["responsible"],
    }
    ask("POST", f"{gateway(target)}/{process}/{request}?codeLength=6", applicant)
    return request, code_sent_to(target["otp"]["url"], email)


def basic(login, password):
    """The header of a request by password."""
    pair = base64.b64encode(f"{login}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def a_contact(author, owner):
    """A contact with one data sample; what is in it is opaque to the simulator."""
    delegation = [{"owner": owner, "delegatedTo": owner, "key": "00", "tags": []}]
    return {
        "id": str(uuid.uuid4()),
        "author": author,
        "delegations": {owner: delegation},
        "services": [{"id": str(uuid.uuid4()), "encryptedSelf": "c2VhbGVk"}],
    }


def settings(target, login):
    """Credentials and ids, as schemathesis reads them (TOML; JSON's strings are TOML's); and the own ids."""
    api = f"{target['api_url']}rest/v2"
    request, code = start(target, login)
    ask("GET", f"{gateway(target)}/validate/{request}-{code}")
    by_code = basic(login, code)
    user = json.loads(ask("GET", f"{api}/user/current", headers=by_code))
    path = f"/user/token/{user['id']}/schemathesis?tokenValidity=86400"
    token = ask("POST", api + path, headers=by_code)
    by_token = basic(login, token)
    session = json.loads(ask("POST", f"{api}/auth/login", {"username": login, "password": token}))
    # One is read, the other may be changed beyond recognition.
    contact, changing = (a_contact(user["id"], user["patientId"]) for _ in range(2))
    ask("POST", f"{api}/contact", contact, by_token)
    stored = json.loads(ask("POST", f"{api}/contact", changing, by_token))
    patient = json.loads(ask("GET", f"{api}/patient/{user['patientId']}", headers=by_token))
    pending = start(target, f"pending.{login}")
    dictionaries = {
        "attempts": ["-".join(map(str, pending)), f"{pending[0]}-0000"],
        "captchas": [target["captcha_token"], "invalid"],
        "specs": [target["spec_id"]],
        "processes": list(target["processes"].values()),
        "users": [user["id"]],
        "owners": [user["patientId"], target["responsible"]],
        "contacts": [contact["id"]],
        "changing": [changing["id"]],
        "services": [contact["services"][0]["id"]],
        "revisions": [stored["rev"], patient["rev"]],
        "responsible": [target["responsible"]],
        "addresses": ["ada@example.org", "bob@example.org"],
        "numbers": ["+32475123456", "0475 12 34 56"],
    }
    lines = ["[auth.openapi]"]
    lines.append(f"basic = {{ username = {json.dumps(login)}, password = {json.dumps(token)} }}")
    lines.append(f"refresh = {{ api_key = {json.dumps(session['refreshToken'])} }}")
    lines.append("[dictionaries]")
    lines += [f"{name} = {{ values = {json.dumps(values)} }}" for name, values in dictionaries.items()]
    return "\n".join(lines) + "\n", {"user": user["id"], "owner": user["patientId"]}


def main():
    target_file, login, folder = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    target = yaml.safe_load(target_file.read_text())
    shared = Path(__file__).with_name("schemathesis.toml").read_text()
    particular, own = settings(target, login)
    folder.mkdir()
    folder.joinpath("schemathesis.toml").write_text(shared + "\n" + particular)
    folder.joinpath("own.json").write_text(json.dumps(own))
    folder.joinpath("openapi.json").write_text(ask("GET", target["api_url"] + "openapi.json"))


main()
