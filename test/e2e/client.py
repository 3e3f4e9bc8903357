# SPDX-License-Identifier: Apache-2.0
"""Clients of the API: one with a key for the tests, and the scripts in sdk/ that use the Anthropic SDK."""
import contextlib
import http.client
import json
import os
import subprocess

import httpx

import openapi

HERE = os.path.dirname(os.path.abspath(__file__))
REQUEST_TIMEOUT = 20.0


class Api:
    """A client with one key. Answers are httpx responses; `ok` names what a good one looks like."""

    def __init__(self, server, key, **options):
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self.server, self.key = server, key
        self.http = openapi.Client(base_url=server.url, headers=headers, timeout=REQUEST_TIMEOUT, trust_env=False,
                                   **options)

    def close(self):
        self.http.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def post(self, path, body=None, **options):
        if isinstance(body, (bytes, str)):
            options.setdefault("headers", {}).setdefault("content-type", "application/json")
            return self.http.post(path, content=body, **options)
        return self.http.post(path, json=body, **options)

    def get(self, path, **options):
        return self.http.get(path, **options)

    def raw(self, method, target, headers=None, body=None, until=None):
        """A request whose target goes out as it stands: httpx would tidy it up. `until`: of an answer that does not
        end, read no further."""
        with connection(self.server) as made:
            made.request(method, target, body, {**({"authorization": f"Bearer {self.key}"} if self.key else {}),
                                                **(headers or {})})
            answer = made.getresponse()
            response = httpx.Response(answer.status, headers=answer.getheaders(), content=read_until(answer, until),
                                      request=httpx.Request(method, self.server.url))
        openapi.check(self.server.url, method, target, response.status_code, response.headers, response.content,
                      body if isinstance(body, bytes) else None)
        return response

    def create(self, **fields):
        """The id of a new session."""
        body = {"agent": "agent_e2e", "environment_id": "env_e2e", **fields}
        return ok(self.post("/v1/sessions", body)).json()["id"]

    def session(self, session):
        return ok(self.get(f"/v1/sessions/{session}")).json()

    def send(self, session, events, **options):
        """The response to Send Events."""
        return self.post(f"/v1/sessions/{session}/events", {"events": events}, **options)

    def sent(self, session, events, **options):
        """The stored events, for events that have to be taken."""
        return ok(self.send(session, events, **options)).json()["data"]

    def list(self, session, **params):
        return self.get(f"/v1/sessions/{session}/events", params=params)

    def events(self, session, **params):
        """Every event over all pages, as its bytes."""
        items, page = [], None
        for _ in range(100_000):
            answer = ok(self.list(session, **params, **({"page": page} if page else {})))
            items += raw_items(answer.content)
            page = answer.json()["next_page"]
            if not page:
                return items
        raise AssertionError("the pages do not end")

    def stream(self, session, params=None, headers=None):
        """The whole replay as one response."""
        return self.get(f"/v1/sessions/{session}/events/stream", params=params, headers=headers)


def ok(response):
    if response.status_code != 200:
        raise AssertionError(f"{response.request.method} {response.request.url} answered {response.status_code}: "
                             f"{response.text}")
    return response


def read_until(answer, end):
    """The body of a response, of a good one up to what comes with `end`, if that is given."""
    if end is None or answer.status != 200:
        return answer.read()
    body = b""
    while end not in body and (part := answer.read1(65_536)):
        body += part
    return body


def raw_items(body, name="data"):
    """The elements of the array `name` in a JSON object, each as the bytes that stand there."""
    text = body.decode("utf-8")
    start = text.index(f'"{name}"')
    position = text.index("[", start) + 1
    decoder = json.JSONDecoder()
    items = []
    while True:
        while text[position] in " \t\r\n,":
            position += 1
        if text[position] == "]":
            return items
        _, end = decoder.raw_decode(text, position)
        items.append(text[position:end].encode("utf-8"))
        position = end


def unclocked(session):
    """A session object without what goes on by itself: the durations."""
    return {k: v for k, v in session.items() if k != "stats"}


def user_message(text="Hello"):
    return {"type": "user.message", "content": [{"type": "text", "text": text}]}


def agent_message(text="Hello"):
    return {"type": "agent.message", "content": [{"type": "text", "text": text}]}


def turn(text="Done."):
    """What a runtime sends for one turn."""
    return [{"type": "session.status_running"}, agent_message(text),
            {"type": "session.status_idle", "stop_reason": {"type": "end_turn"}, "stop_details": None}]


def node(script, *arguments, server, key, timeout=60, env=None):
    """The standard output of a script in sdk/, run with the SDK that package-lock.json pins."""
    if not os.path.isdir(os.path.join(HERE, "node_modules", "@anthropic-ai", "sdk")):
        raise AssertionError(f"the SDK is not installed: run `npm ci` in {HERE}")
    url = server if isinstance(server, str) else server.url
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ANTHROPIC_", "SANDBASE_", "NODE_"))}
    done = subprocess.run(["node", os.path.join(HERE, "sdk", script), *arguments], stdin=subprocess.DEVNULL,
                          env={**clean, "SANDBASE_URL": url, "SANDBASE_KEY": key, **(env or {})},
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout, check=False)
    if done.returncode != 0:
        said = f"{done.stdout.decode()[-4000:]}\n{done.stderr.decode()[-4000:]}"
        raise AssertionError(f"{script} exited {done.returncode}:\n{said}")
    return done.stdout.decode("utf-8")


def node_report(script, *arguments, **options):
    """What a script in sdk/ reports."""
    return json.loads(node(script, *arguments, **options))


@contextlib.contextmanager
def connection(server, timeout=REQUEST_TIMEOUT):
    """A plain http.client connection: one socket, no retries, no pool."""
    made = http.client.HTTPConnection("127.0.0.1", server.port, timeout=timeout)
    try:
        yield made
    finally:
        made.close()
