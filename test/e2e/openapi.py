# SPDX-License-Identifier: Apache-2.0
"""What the service says of itself in /openapi.json, held against what it answers: every answer that comes through
client.py has a status that is documented for its operation, the content type of that, and a body of its schema."""
import functools
import json
import re
import urllib.parse

import httpx
import jsonschema

#: Of a list, of the lines of an export and of the frames of a stream so many are looked at, the first and the last.
MOST_ITEMS = 2
#: Of a longer body only status and headers are looked at, of a stream so much of its beginning.
MOST_BYTES = 1 << 15
SCHEME_AND_HOST = re.compile(r"^https?://[^/?]*", re.I)
TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
FORMATS = jsonschema.FormatChecker(formats=())
FORMATS.checks("date-time")(lambda v: not isinstance(v, str) or TIME.fullmatch(v))
#: What answers a request that means no operation.
UNKNOWN = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}}}
STREAM_DATA = {"$ref": "#/components/schemas/stream_data"}
WATCH_DATA = {"$ref": "#/components/schemas/watch_data"}  # of a stream of all sessions


class Document:
    """A description, and what its schemas say of a value."""

    def __init__(self, document):
        self.document = document
        #: (operation's name, status) of every answer that was checked.
        self.seen = set()
        self._validators, self._responses = {}, {}
        # Segments of the path → method → operation. What is written out goes before what stands for an id.
        self.paths = [(path.split("/")[1:], methods) for path, methods in document["paths"].items()]
        self.paths.sort(key=lambda row: sum("{" in segment for segment in row[0]))

    def follow(self, value):
        """`value` with what its references name in their place."""
        if isinstance(value, list):
            return [self.follow(v) for v in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            return self.follow(functools.reduce(lambda v, key: v[key], value["$ref"].split("/")[1:], self.document))
        return {k: self.follow(v) for k, v in value.items()}

    def _validator(self, schema):
        known = self._validators.get(id(schema))
        if known is None:
            validator = jsonschema.Draft202012Validator(self.follow(schema), format_checker=FORMATS)
            self._validators[id(schema)] = known = (schema, validator)  # kept, so that its id stays its own
        return known[1]

    def faults(self, value, schema):
        """What is wrong with a value, in words."""
        found = self._validator(schema).iter_errors(value)
        return [f"{'.'.join(map(str, error.absolute_path))}: {error.message[:1000]}" for error in found]

    def find(self, method, target):
        """The operation that a request means, or None."""
        path = SCHEME_AND_HOST.sub("", target).partition("?")[0]
        segments = [urllib.parse.unquote(s) for s in path.split("/")[1:]]
        for pattern, methods in self.paths:
            if len(pattern) == len(segments) and all(s and (p == s or p[:1] == "{") for p, s in zip(pattern, segments)):
                return methods.get({"HEAD": "get"}.get(method, method.lower()))
        return None

    def check(self, method, target, status, headers, body, sent=None):
        """Fails unless the answer is one that is documented. `headers` has their names in lower case; `sent` is the
        request's body, which must be documented as well if it was taken."""
        if method == "OPTIONS" and status == 204:
            return
        operation = self.find(method, target)
        faults = list(self._faults(method, operation, status, headers, body))
        if sent and operation is not None and status == 200 and "requestBody" in operation:
            faults += (f"the request: {fault}" for fault in self._faults_of_request(operation["requestBody"], sent))
        if faults:
            raise AssertionError(f"{method} {target[:200]} was answered with {status} {dict(headers)} {body[:1000]!r}, "
                                 "but " + "\n".join(faults[:10]))

    def _faults(self, method, operation, status, headers, body):
        response = UNKNOWN
        if operation is None:
            if status < 400:
                yield "no such operation is documented"
        else:
            response = self._response(operation, status)
            if response is None:
                yield f"{operation['operationId']} has only {sorted(operation['responses'])}"
                return
            self.seen.add((operation["operationId"], status))
        yield from self._faults_of_headers(response, headers)
        if method != "HEAD":
            yield from self._faults_of_body(response, headers, body)

    def _response(self, operation, status):
        key = (operation["operationId"], status)
        if key not in self._responses:
            self._responses[key] = self.follow(operation["responses"].get(str(status)))
        return self._responses[key]

    def _faults_of_headers(self, response, headers):
        for name, header in response.get("headers", {}).items():
            value = headers.get(name)
            if value is not None:
                given = int(value) if header["schema"].get("type") == "integer" else value
                yield from (f"the header {name}{fault}" for fault in self.faults(given, header["schema"]))
            elif header.get("required"):
                yield f"the header {name} is missing"

    def _faults_of_body(self, response, headers, body):
        content = response.get("content", {})
        if not content:
            return ["it has a body"] if body else []
        media_type = headers.get("content-type", "").partition(";")[0].strip()
        if media_type not in content:
            return [f"its type is {media_type!r}"]
        described = content[media_type]
        if "x-itemSchema" in described:
            items = frames_in(body) if media_type == "text/event-stream" else lines_in(body)
            return [fault for item in items for fault in self.faults(item, described["x-itemSchema"])]
        if len(body) > MOST_BYTES or not media_type.endswith("json"):
            return []
        return self.faults(shortened(read(body)), described["schema"])

    def _faults_of_request(self, request, sent):
        described = request["content"].get("application/json")
        if described is None or len(sent) > MOST_BYTES:
            return []
        return self.faults(shortened(read(sent.decode("utf-8-sig"))), described["schema"])


def read(text):
    """JSON, of numbers what matters here: Python refuses those of many digits."""
    return json.loads(text, parse_int=lambda digits: int(digits[:18]))


def few(items):
    return items if len(items) <= MOST_ITEMS else [*items[:MOST_ITEMS - 1], items[-1]]


def shortened(value):
    """An object whose lists have no more items than are looked at."""
    if not isinstance(value, dict):
        return value
    return {k: few(v) if isinstance(v, list) else v for k, v in value.items()}


def lines_in(body):
    whole = body[:MOST_BYTES].rpartition(b"\n")[0]
    return [read(line) for line in few(whole.split(b"\n")) if line]


def frames_in(body):
    """The data of some frames at the beginning of a stream, but for [DONE]."""
    whole = body[:MOST_BYTES].rpartition(b"\n\n")[0]
    return [data for data in map(data_of, few(whole.split(b"\n\n"))) if data is not None]


def data_of(frame):
    """The JSON of a frame; None if it has none."""
    for line in frame.split(b"\n"):
        if line.startswith(b"data: ") and line != b"data: [DONE]":
            return read(line[len(b"data: "):])
    return None


_loaded = None


def document(url=None):
    """The description that this process goes by: the first that it got. None: there is none yet, and from `url` none
    can be had now."""
    global _loaded
    if _loaded is None and url is not None:
        try:
            answer = httpx.get(url + "/openapi.json", timeout=5.0, trust_env=False)
        except httpx.HTTPError:
            return None
        if answer.status_code != 503:
            answer.raise_for_status()
            _loaded = Document(answer.json())
    return _loaded


def check(url, method, target, status, headers, body, sent=None):
    described = document(url)
    if described is not None:
        described.check(method, target, status, headers, body, sent)


def check_frame(text, schema=None):
    """One frame of a stream that is read as it comes; `schema`: of its data, if it is no stream of events."""
    described, data = document(), data_of(text.encode("utf-8"))
    if described is not None and data is not None:
        faults = described.faults(data, schema or STREAM_DATA)
        if faults:
            raise AssertionError(f"the frame {text[:1000]!r} is not as documented: {faults[:10]}")


class Client(httpx.Client):
    """Checks what it gets, unless that is to be read as it comes."""

    def send(self, request, *, stream=False, **options):
        response = super().send(request, stream=stream, **options)
        if not stream:
            url = f"{request.url.scheme}://{request.url.netloc.decode()}"
            try:
                sent = request.content
            except httpx.RequestNotRead:  # it came out of a generator
                sent = None
            check(url, request.method, request.url.raw_path.decode("latin-1"), response.status_code, response.headers,
                  response.content, sent)
        return response
