"""The CloudEvents SDK for Python as sender and as receiver on both sides of a translator.

    python tests/clients/senders.py target/debug

Ends with one line, `N passed, N failed`, and with 1 where something failed or nothing ran.
"""

import datetime
import http.client
import http.server
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

from cloudevents.core.bindings.http import (
    HTTPMessage,
    from_http_event,
    to_binary_event,
    to_structured_event,
)
from cloudevents.core.v1.event import CloudEvent

FOLDER = "target/debug"

V1 = {"type": "object", "required": ["orderId"], "properties": {"orderId": {"type": "string"}}}
V2 = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
LENS = {"lens": 1, "subject": "OrderPlaced", "from": 1, "to": 2, "ops": [{"rename": {"from": "/orderId", "to": "/id"}}]}


class Process:
    """A binary of the workspace, at the address it prints."""

    def __init__(self, name, *arguments):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("STELE_")}
        self.process = subprocess.Popen(
            [os.path.join(FOLDER, name), *arguments], stdout=subprocess.PIPE, env=environment, text=True
        )
        self.url = self.process.stdout.readline().split()[-1]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=10)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
        if code != 0:
            raise AssertionError(f"the process ended with {code}")


def ask(method, url, body=b"", headers=None):
    """One request; the status, the headers by lower-case name, and the body."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    try:
        connection.request(method, parts.path or "/", body, headers or {})
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, named, answer.read()
    finally:
        connection.close()


class Receiver:
    """Takes events as the SDK reads them."""

    def __init__(self):
        receiver = self
        self.events = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.events.append(from_http_event(HTTPMessage(dict(self.headers.items()), body)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        deadline = time.monotonic() + 10
        while not self.events:
            if time.monotonic() > deadline:
                raise AssertionError("nothing arrives")
            time.sleep(0.01)
        return self.events.pop(0)


class House:
    """A registry, a translator to version 1, and a receiver; one for all tests."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        path = lambda name: os.path.join(self.folder.name, name)
        self.registry = Process("stele-registry", "--listen", "127.0.0.1:0", "--data", path("registry"))
        self.put("/config/OrderPlaced", {"compatibility": "TRANSLATABLE"})
        self.post("/v1/subjects/OrderPlaced/versions", {"schema": V1})
        self.post("/v1/subjects/OrderPlaced/versions", {"schema": V2, "lens": LENS})
        self.receiver = Receiver()
        with open(path("translator.yaml"), "w") as file:
            file.write(
                f"consumer: {self.receiver.url}\nqueue: {path('queue')}\n"
                "subjects: [{ subject: OrderPlaced, to: 1 }]\n"
                "subscriptions:\n  - name: shelf\n  - { name: binary, deliver: binary }\n"
                "  - { name: structured, deliver: structured }\n"
            )
        self.translator = Process(
            "stele-translator", "serve", "--listen", "127.0.0.1:0",
            "--registry", self.registry.url, "--config", path("translator.yaml"),
        )

    def put(self, path, document):
        self.send("PUT", path, document)

    def post(self, path, document):
        self.send("POST", path, document)

    def send(self, method, path, document):
        body = json.dumps(document).encode()
        status, _, answer = ask(method, self.registry.url + path, body, {"content-type": "application/json"})
        if status >= 300:
            raise AssertionError(f"{status} {answer}")

    def close(self):
        self.receiver.server.shutdown()
        self.translator.stop()
        self.registry.stop()
        self.folder.cleanup()


def setUpModule():
    global HOUSE
    HOUSE = House()
    unittest.addModuleCleanup(HOUSE.close)


def order(**more):
    attributes = {
        "id": "7",
        "source": "/shop/€ \"quoted\" 100%",
        "type": "OrderPlaced.v2",
        "specversion": "1.0",
        "time": datetime.datetime(2026, 11, 24, 13, 45, 0, 123456, tzinfo=datetime.timezone.utc),
        "subject": "order-7",
        "partitionkey": "order-7",
        "datacontenttype": "application/json",
        **more,
    }
    return CloudEvent(attributes, {"id": "o-1"})


def send(path, message):
    return ask("POST", HOUSE.translator.url + path, message.body, message.headers)


class Sending(unittest.TestCase):
    def arrives(self, sent):
        """What arrived is the same event in version 1."""
        got = HOUSE.receiver.next()
        self.assertEqual(got.get_data(), {"orderId": "o-1"})
        self.assertEqual(got.get_type(), "OrderPlaced.v1")
        for name in ["get_id", "get_source", "get_subject", "get_time", "get_specversion"]:
            self.assertEqual(getattr(got, name)(), getattr(sent, name)(), name)
        self.assertEqual(got.get_extension("partitionkey"), "order-7")
        self.assertEqual(str(got.get_extension("schemafrom")), "2")
        self.assertTrue(got.get_extension("translation"))

    def test_a_binary_event_arrives(self):
        status, _, _ = send("/", to_binary_event(order()))

        self.assertEqual(status, 204)
        self.arrives(order())

    def test_a_structured_event_arrives(self):
        status, _, _ = send("/", to_structured_event(order()))

        self.assertEqual(status, 204)
        self.arrives(order())

    def test_a_stored_event_arrives_in_every_mode(self):
        for write in [to_binary_event, to_structured_event]:
            for subscription in ["shelf", "binary", "structured"]:
                with self.subTest(write=write.__name__, subscription=subscription):
                    status, _, _ = send(f"/queue/{subscription}", write(order()))

                    self.assertEqual(status, 202)
                    self.arrives(order())

    def test_the_answer_is_an_event_in_the_mode_that_came_or_is_asked_for(self):
        for write in [to_binary_event, to_structured_event]:
            message = write(order())
            for accept in [None, "application/json", "application/cloudevents+json"]:
                with self.subTest(write=write.__name__, accept=accept):
                    headers = {**message.headers, **({"accept": accept} if accept else {})}
                    url = HOUSE.translator.url + "/translate"
                    status, named, body = ask("POST", url, message.body, headers)

                    self.assertEqual(status, 200)
                    event = from_http_event(HTTPMessage(named, body))
                    self.assertEqual(event.get_data(), {"orderId": "o-1"})
                    self.assertEqual(event.get_source(), order().get_source())

    def test_what_is_refused_is_a_problem(self):
        broken = CloudEvent(order().get_attributes(), {"id": 1})
        status, named, body = send("/", to_binary_event(broken))

        self.assertEqual((status, named["content-type"]), (422, "application/problem+json"))
        self.assertEqual(json.loads(body)["code"], "invalid_input")
        self.assertEqual(HOUSE.receiver.events, [])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        FOLDER = sys.argv.pop(1)
    program = unittest.main(exit=False, verbosity=2)
    wrong = len(program.result.failures) + len(program.result.errors)
    ran = program.result.testsRun
    print(f"{ran - wrong} passed, {wrong} failed", flush=True)
    sys.exit(0 if ran and not wrong else 1)
