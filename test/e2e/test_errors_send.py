# SPDX-License-Identifier: Apache-2.0
"""Every bad body of Send Events, table by table. A refused request stores nothing: each row checks that too."""
import json
import secrets
from datetime import datetime, timedelta, timezone

import harness

INVALID = (400, "invalid_request_error")
FORBIDDEN = (403, "permission_error")
TOO_LARGE = (413, "request_too_large")
MESSAGE = '{"type":"user.message","content":[{"type":"text","text":"Hi"}]}'


def events(*texts):
    return '{"events":[' + ",".join(texts) + "]}"


def nested(depth):
    """A body whose innermost value is `depth` levels deep (the body's own object is level 1)."""
    inner = depth - 3
    return events('{"type":"agent.message","x":' + "[" * inner + "]" * inner + "}")


def at(seconds):
    """A time `seconds` from now, as the API writes it."""
    t = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return t.strftime("%Y-%m-%dT%H:%M:%S.") + f"{t.microsecond // 1000:03}Z"


def own_id():
    return "evt_" + secrets.token_hex(8)


# (what, body, what the message names)
MALFORMED = [
    ("nothing", b"", ()),
    ("white space", b"  \n", ()),
    ("half a body", b'{"events":[', ()),
    ("a word", b"events", ()),
    ("a cut literal", b'{"events":nul}', ()),
    ("a trailing comma in the array", ('{"events":[' + MESSAGE + ",]}").encode(), ()),
    ("a trailing comma in an event", b'{"events":[{"type":"user.message",}]}', ()),
    ("two values", (events(MESSAGE) + "{}").encode(), ()),
    ("single quotes", b"{'events':[]}", ()),
    ("a comment", ("/* x */" + events(MESSAGE)).encode(), ()),
    ("a key without quotes", b"{events:[]}", ()),
    ("a line end in a string", b'{"events":[{"type":"user.message","x":"a\nb"}]}', ()),
    ("a NUL byte in a string", b'{"events":[{"type":"user.message","x":"a\0b"}]}', ()),
    ("a NUL byte behind the body", events(MESSAGE).encode() + b"\0", ()),
    ("an unknown escape", rb'{"events":[{"type":"user.message","x":"\q"}]}', ()),
    ("a short \\u escape", rb'{"events":[{"type":"user.message","x":"\u12"}]}', ()),
    ("a number with a leading zero", b'{"events":[{"type":"agent.message","x":01}]}', ()),
    ("a number that ends in a point", b'{"events":[{"type":"agent.message","x":1.}]}', ()),
    ("a plus sign", b'{"events":[{"type":"agent.message","x":+1}]}', ()),
    ("NaN", b'{"events":[{"type":"agent.message","x":NaN}]}', ()),
    ("Infinity", b'{"events":[{"type":"agent.message","x":Infinity}]}', ()),
    ("a byte that is never UTF-8", b'{"events":[{"type":"agent.message","x":"\xff"}]}', ()),
    ("an overlong slash", b'{"events":[{"type":"agent.message","x":"\xc0\xaf"}]}', ()),
    ("a surrogate in UTF-8", b'{"events":[{"type":"agent.message","x":"\xed\xa0\x80"}]}', ()),
    ("a code point beyond Unicode", b'{"events":[{"type":"agent.message","x":"\xf4\x90\x80\x80"}]}', ()),
    ("a cut UTF-8 sequence", b'{"events":[{"type":"agent.message","x":"\xe2\x82"}]}', ()),
    ("bad UTF-8 in a key", b'{"events":[{"type":"agent.message","\xff":1}]}', ()),
    ("the same key twice in the body", b'{"events":[],"events":[]}', ("events",)),
    ("the same key twice in an event", b'{"events":[{"type":"agent.message","x":1,"x":2}]}', ("events[0]", "x")),
    ("type twice", b'{"events":[{"type":"agent.message","type":"agent.message"}]}', ("events[0]", "type")),
    ("the same key twice, deep", b'{"events":[{"type":"agent.message","a":[{"b":{"c":1,"c":1}}]}]}',
     ("events[0].a[0].b",)),
    ("the same key twice, once escaped", rb'{"events":[{"type":"agent.message","a":1,"\u0061":2}]}', ("events[0]",)),
    ("nested too deep", nested(67).encode(), ()),
    ("nested far too deep", nested(60_000).encode(), ()),
    ("an array", b"[]", ()),
    ("a string", b'"events"', ()),
    ("null", b"null", ()),
    ("a number", b"1", ()),
]

# (what, one event or a list of them, what the message names); sent by a runtime key
WRONG_SHAPES = [
    ("events missing", '{"x":1}', ("events",)),
    ("events null", '{"events":null}', ("events",)),
    ("events a string", '{"events":"x"}', ("events",)),
    ("events an object", '{"events":{}}', ("events",)),
    ("events empty", '{"events":[]}', ("events",)),
    ("1001 events", events(*[MESSAGE] * 1001), ("events",)),
    ("an event that is a string", events('"x"'), ("events[0]",)),
    ("an event that is null", events(MESSAGE, "null"), ("events[1]",)),
    ("an event that is an array", events("[]"), ("events[0]",)),
    ("no type", events('{"content":[]}'), ("events[0].type",)),
    ("type null", events('{"type":null}'), ("events[0].type",)),
    ("type a number", events('{"type":7}'), ("events[0].type",)),
    ("type empty", events('{"type":""}'), ("events[0].type",)),
    ("type without a point", events('{"type":"message"}'), ("events[0].type",)),
    ("type in capitals", events('{"type":"Agent.Message"}'), ("events[0].type",)),
    ("type with a space", events('{"type":"my own.type"}'), ("events[0].type",)),
    ("type that ends in a point", events('{"type":"my."}'), ("events[0].type",)),
    ("content of a user message a string", events(MESSAGE, '{"type":"user.message","content":"Hi"}'),
     ("events[1].content",)),
    ("content of a user message a number", events('{"type":"user.message","content":7}'), ("events[0].content",)),
    ("a content block that is a number", events('{"type":"user.message","content":[7]}'), ("events[0].content",)),
    ("a content block whose type is a number", events('{"type":"user.message","content":[{"type":7}]}'),
     ("events[0].content[0].type",)),
    ("stop_reason a string", events('{"type":"session.status_idle","stop_reason":"end_turn"}'),
     ("events[0].stop_reason",)),
    ("stop_reason.type a number", events('{"type":"session.status_idle","stop_reason":{"type":7}}'),
     ("events[0].stop_reason.type",)),
    ("tool_use_id a number", events('{"type":"user.tool_result","tool_use_id":7}'), ("events[0].tool_use_id",)),
    ("custom_tool_use_id null", events('{"type":"user.custom_tool_result","custom_tool_use_id":null}'),
     ("events[0].custom_tool_use_id",)),
    ("result of a confirmation a number", events('{"type":"user.tool_confirmation","tool_use_id":"sevt_1","result":1}'),
     ("events[0].result",)),
    ("result of a confirmation unknown",
     events('{"type":"user.tool_confirmation","tool_use_id":"sevt_1","result":"maybe"}'),
     ("events[0].result",)),
    ("deny_message with allow",
     events('{"type":"user.tool_confirmation","tool_use_id":"sevt_1","result":"allow","deny_message":"no"}'),
     ("events[0].deny_message",)),
    ("id a number", events('{"type":"agent.message","id":7}'), ("events[0].id",)),
    ("id empty", events('{"type":"agent.message","id":""}'), ("events[0].id",)),
    ("id without a prefix", events('{"type":"agent.message","id":"abc"}'), ("events[0].id",)),
    ("id with a digit in its prefix", events('{"type":"agent.message","id":"e1_abc"}'), ("events[0].id",)),
    ("id with a dash", events('{"type":"agent.message","id":"evt_a-b"}'), ("events[0].id",)),
    ("id with 65 characters", events('{"type":"agent.message","id":"evt_' + "a" * 65 + '"}'), ("events[0].id",)),
    ("id with a NUL", events(r'{"type":"agent.message","id":"evt_a\u0000b"}'), ("events[0].id",)),
    ("tool_use_id with a NUL", events(r'{"type":"user.tool_result","tool_use_id":"evt_a\u0000b"}'),
     ("events[0].tool_use_id",)),
    ("processed_at a number", events('{"type":"agent.message","processed_at":1790000000}'),
     ("events[0].processed_at",)),
    ("processed_at a date", events('{"type":"agent.message","processed_at":"2026-05-29"}'),
     ("events[0].processed_at",)),
    ("processed_at in no month", events('{"type":"agent.message","processed_at":"2026-13-01T00:00:00Z"}'),
     ("events[0].processed_at",)),
    ("processed_at a word", events('{"type":"agent.message","processed_at":"now"}'), ("events[0].processed_at",)),
    ("expected_last_event_id a number", '{"events":[' + MESSAGE + '],"expected_last_event_id":7}',
     ("expected_last_event_id",)),
    ("a system message alone", events('{"type":"system.message","content":[]}'), ("events[0]", "system.message")),
    ("a system message first", events('{"type":"system.message","content":[]}', MESSAGE), ("events[0]",)),
    ("a system message between", events(MESSAGE, '{"type":"system.message","content":[]}', MESSAGE), ("events[1]",)),
    ("two system messages", events(MESSAGE, *['{"type":"system.message","content":[]}'] * 2), ("system.message",)),
    ("a system message behind an interrupt", events('{"type":"user.interrupt"}',
                                                    '{"type":"system.message","content":[]}'),
     ("events[1]",)),
]

CLIENT_MAY_NOT = ["agent.message", "agent.tool_use", "session.status_running", "session.status_terminated",
                  "session.updated", "span.model_request_end", "workflow.run_created", "acme.progress"]


class SendErrors(harness.E2eTest):
    def setUp(self):
        self.session = self.client.create()

    def refused(self, api, body, expected, *mentions, session=None):
        session = session or self.session
        before = self.client.session(session)["log"]
        self.assert_error(api.post(f"/v1/sessions/{session}/events", body), *expected, *mentions)
        self.assertEqual(self.client.session(session)["log"], before, "a refused request stored something")

    def test_malformed_bodies(self):
        for what, body, mentions in MALFORMED:
            with self.subTest(what):
                self.refused(self.runtime, body, INVALID, *mentions)

    def test_wrong_shapes(self):
        for what, body, mentions in WRONG_SHAPES:
            with self.subTest(what):
                self.refused(self.runtime, body, INVALID, *mentions)

    def test_what_is_just_inside_the_bounds_is_taken(self):
        longest = "evt_" + "a" * 64
        for what, body in [("depth 64", nested(64)), ("1000 events", events(*[MESSAGE] * 1000)),
                           ("id with 64 characters", events('{"type":"agent.message","id":"' + longest + '"}')),
                           ("a type of its own", events('{"type":"acme_7.progress.made_2"}')),
                           ("60 s ahead", events('{"type":"agent.message","processed_at":"' + at(50) + '"}')),
                           ("unknown fields", events('{"type":"agent.message","x":{"y":null}}')),
                           ("the page's tool use",
                            events('{"type":"agent.tool_use","content":{"name":"a","input":{}}}')),
                           ("an idle without details",
                            events('{"type":"session.status_idle","stop_reason":{"type":"end_turn"}}')),
                           ("a system message behind a user message",
                            events(MESSAGE, '{"type":"system.message","content":[{"type":"text","text":"x"}]}'))]:
            with self.subTest(what):
                session = self.client.create()
                harness.ok(self.runtime.post(f"/v1/sessions/{session}/events", body))

    def test_a_client_may_not_speak_for_the_agent(self):
        for name in CLIENT_MAY_NOT:
            with self.subTest(name):
                self.refused(self.client, events(MESSAGE, json.dumps({"type": name})), FORBIDDEN, "events[1]")

    def test_a_client_may_not_choose_ids_or_times(self):
        for field, value in (("id", own_id()), ("processed_at", at(0))):
            with self.subTest(field):
                event = {**harness.user_message(), field: value}
                self.refused(self.client, json.dumps({"events": [event]}), INVALID, f"events[0].{field}")

    def test_a_viewer_may_not_send(self):
        self.refused(self.viewer, events(MESSAGE), FORBIDDEN)

    def test_ids_are_new(self):
        mine = own_id()
        made = self.runtime.sent(self.session, [{**harness.agent_message(), "id": mine}, harness.agent_message()])
        for what, body in [("its own id again", [{**harness.agent_message(), "id": mine}]),
                           ("an id the server made", [{**harness.agent_message(), "id": made[1]["id"]}]),
                           ("the same id twice in one request",
                            [{**harness.agent_message(), "id": i} for i in ["evt_1"] * 2])]:
            with self.subTest(what):
                self.refused(self.runtime, json.dumps({"events": body}), INVALID, f"events[{len(body) - 1}].id")
        other = self.client.create()
        self.assertEqual(self.runtime.sent(other, [{**harness.agent_message(), "id": mine}])[0]["id"], mine)

    def test_times_do_not_decrease_and_do_not_run_ahead(self):
        now = at(0)
        self.runtime.sent(self.session, [{**harness.agent_message(), "processed_at": now}])
        for what, times in [("before the last event", ["2026-01-01T00:00:00Z"]),
                            ("decreasing in one request", [at(20), at(10)]),
                            ("more than 60 s ahead", [at(75)])]:
            with self.subTest(what):
                body = {"events": [{**harness.agent_message(), "processed_at": t} for t in times]}
                self.refused(self.runtime, json.dumps(body), INVALID, f"events[{len(times) - 1}].processed_at")
        self.runtime.sent(self.session, [{**harness.agent_message(), "processed_at": now}])

    def test_an_event_over_the_limit(self):
        big = json.dumps({"events": [harness.user_message("x" * (1024 * 1024))]})
        self.refused(self.client, big, TOO_LARGE, "events[0]")
        padded = json.dumps({"events": [harness.user_message("x" * (1024 * 1023))]}) + " " * 100_000
        harness.ok(self.client.post(f"/v1/sessions/{self.session}/events", padded))

    def test_a_body_over_the_limit(self):
        body = json.dumps({"events": [harness.user_message("x" * (1000 * 1024))] * 9})
        self.refused(self.client, body, TOO_LARGE)

    def test_all_or_none(self):
        self.refused(self.client, events(MESSAGE, MESSAGE, '{"type":"user.tool_result","tool_use_id":"sevt_none"}'),
                     INVALID, "events[2].tool_use_id")
        self.assertEqual(self.client.events(self.session), [])

    def test_a_terminated_session_takes_nothing(self):
        self.runtime.sent(self.session, [{"type": "session.status_terminated"}])
        self.assertEqual(self.client.session(self.session)["status"], "terminated")
        for api in (self.client, self.runtime):
            self.refused(api, events(MESSAGE), INVALID, "terminated")

    def test_nothing_behind_the_end_within_one_request(self):
        self.refused(self.runtime, events('{"type":"session.status_terminated"}', MESSAGE), INVALID, "events[1]")

    def test_an_archived_session_takes_nothing(self):
        harness.ok(self.client.post(f"/v1/sessions/{self.session}/archive"))
        for api in (self.client, self.runtime):
            self.refused(api, events(MESSAGE), INVALID, "archived")

    def test_the_expected_last_event(self):
        path = f"/v1/sessions/{self.session}/events"
        first = harness.ok(self.client.post(path, {"events": [harness.user_message()], "expected_last_event_id": None}))
        first_id = first.json()["data"][0]["id"]
        second = harness.ok(self.client.post(path, {"events": [harness.user_message()],
                                                    "expected_last_event_id": first_id}))
        for what, expected in [("an event before the last", first_id), ("an empty log", None),
                               ("an unknown id", "sevt_unknown")]:
            with self.subTest(what):
                answer = self.client.post(path, {"events": [harness.user_message()],
                                                 "expected_last_event_id": expected})
                self.assert_error(answer, 409, "conflict_error", "expected_last_event_id")
                self.assertEqual(answer.headers.get("x-should-retry"), "false")
        self.assertEqual(len(self.client.events(self.session)), 2)
        harness.ok(self.client.post(path, {"events": [harness.user_message()],
                                           "expected_last_event_id": second.json()["data"][0]["id"]}))


if __name__ == "__main__":
    harness.main()
