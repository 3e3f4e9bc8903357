# SPDX-License-Identifier: Apache-2.0
"""A strict reader of Server-Sent Events (WHATWG HTML, section 9.2.6), for assertions: what browsers forgive fails
here."""
import json


class Frame:
    """One frame: its lines as (field, value), a comment has the field ''."""

    def __init__(self, text):
        self.text = text
        self.fields = []
        for line in text.split("\n"):
            name, colon, value = line.partition(":")
            if not colon:
                raise AssertionError(f"a line without a colon in {text!r}")
            if not value.startswith(" "):
                raise AssertionError(f"no space behind the colon in {text!r}")
            self.fields.append((name, value[1:]))

    def get(self, name):
        """The value of a field that may stand at most once."""
        values = [v for n, v in self.fields if n == name]
        if len(values) > 1:
            raise AssertionError(f"{name} twice in {self.text!r}")
        return values[0] if values else None

    @property
    def id(self):
        return self.get("id")

    @property
    def data(self):
        return self.get("data")

    @property
    def is_event(self):
        return self.get("event") == "message"

    def __repr__(self):
        return f"Frame({self.text!r})"


def parse(body):
    """The frames of a whole stream. Fails if it ends within a frame."""
    text = body.decode("utf-8") if isinstance(body, bytes) else body
    if "\r" in text:
        raise AssertionError("a carriage return in the stream")
    if text and not text.endswith("\n\n"):
        raise AssertionError(f"the stream ends within a frame: {text[-200:]!r}")
    return [Frame(part) for part in text.split("\n\n")[:-1]]


def complete(body):
    """The event frames of a replay that must end with [DONE]; frames of only an id are dropped."""
    frames = parse(body)
    if not frames or frames[-1].text != "data: [DONE]":
        raise AssertionError(f"the last frame is not [DONE]: {frames[-1:]!r}")
    events = frames[:-1]
    for frame in events:
        if [n for n, _ in frame.fields] == ["id"]:
            continue
        if [n for n, _ in frame.fields] != ["event", "id", "data"] or not frame.is_event:
            raise AssertionError(f"not an event frame: {frame!r}")
        if json.loads(frame.data)["id"] != frame.id:
            raise AssertionError(f"the id line and the event disagree: {frame!r}")
    return [f for f in events if f.is_event]


def json_lines(body):
    """The JSON of every event of a complete replay, as bytes."""
    return [f.data.encode("utf-8") for f in complete(body)]


def ids(body):
    return [f.id for f in complete(body)]
