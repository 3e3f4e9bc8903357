# SPDX-License-Identifier: Apache-2.0
"""One stream for all sessions of a workspace: on one server, on three that share a database, and through an edge."""
import json
import time
from urllib.parse import urlencode

import follow
import harness
import nodes
import openapi
import postgres
import raw

PATH = "/v1/sessions/stream"
TOLD_BY_LINK = 1.0  # seconds
TOLD_BY_LIST = 10.0
SLACK = 1.0  # for a loaded machine


class Watch(follow.Follow):
    """What such a stream has shown: the last summary of each session, and the ids of those that are deleted."""

    data_schema = openapi.WATCH_DATA

    def __init__(self, server, key, headers=(), **params):
        wire = raw.Wire(server.port, follow.FRAME_TIMEOUT)
        query = "?" + urlencode(params, doseq=True) if params else ""
        wire.send(raw.request("GET", PATH + query, key, headers))
        self.read_from(wire)
        self.shown, self.deleted, self.frames, self.first = {}, set(), [], []
        self.caught_up = False
        while not self.caught_up:
            self.take(self.next())
        self.first, self.frames = self.frames, []

    def take(self, frame):
        if frame.id is not None:
            raise AssertionError(f"a frame with an id: {frame!r}")
        if follow.is_comment(frame):
            return
        if follow.is_ping(frame, "caught_up"):
            self.caught_up = True
            return
        data = json.loads(frame.data)
        if frame.get("event") != "message" or data["type"] not in ("session.summary", "session.deleted"):
            raise AssertionError(f"does not belong here: {frame!r}")
        self.frames.append(data)
        if data["type"] == "session.deleted":
            self.deleted.add(data["id"])
            self.shown.pop(data["id"], None)
        else:
            self.shown[data["session"]["id"]] = data["session"]

    def wait_for(self, condition, timeout, what):
        deadline = time.monotonic() + timeout
        while not condition():
            frame = self.poll(max(0.0, deadline - time.monotonic()))
            if frame is None:
                raise AssertionError(f"not within {timeout} s: {what}; shown: {list(self.shown.values())[-3:]}")
            self.take(frame)

    def wait_for_events(self, session, count, timeout):
        self.wait_for(lambda: self.shown.get(session, {"log": {"events": -1}})["log"]["events"] == count, timeout,
                      f"{session} with {count} events")


class WatchTest(harness.E2eTest):
    def watch(self, server=None, key=None, **params):
        stream = Watch(server or self.server, key or self.keys["viewer"], **params)
        self.addCleanup(stream.close)
        return stream


class OneServer(WatchTest):
    def test_summaries_are_those_of_the_session_object(self):
        session = self.runtime.create(title="watched")
        stream = self.watch(limit=1)
        self.runtime.sent(session, [{"type": "session.status_running"},
                                    {"type": "agent.tool_use", "name": "bash", "input": {}}])
        stream.wait_for_events(session, 2, TOLD_BY_LINK)
        told, object_ = stream.shown[session], self.client.session(session)
        self.assertEqual(list(told), ["id", "status", "title", "agent_id", "created_at", "updated_at", "archived_at",
                                      "pending", "log"])
        self.assertEqual(told, {name: object_[name] for name in told})
        self.assertEqual(told["pending"][0]["name"], "bash")

    def test_list_then_changes(self):
        sessions = [self.client.create() for _ in range(3)]
        stream = self.watch(limit=2)
        self.assertEqual([f["session"]["id"] for f in stream.first], sessions[1:])
        made = self.client.create()
        stream.wait_for(lambda: made in stream.shown, TOLD_BY_LINK, "the new session")
        harness.ok(self.client.http.delete(f"/v1/sessions/{sessions[0]}"))
        stream.wait_for(lambda: sessions[0] in stream.deleted, TOLD_BY_LINK, "the deletion")
        harness.ok(self.client.post(f"/v1/sessions/{made}/archive"))
        stream.wait_for(lambda: stream.shown[made]["archived_at"], TOLD_BY_LINK, "the end of it")

    def test_a_busy_session_is_told_at_most_four_times_a_second(self):
        session = self.client.create()
        stream = self.watch(limit=0)
        begin = time.monotonic()
        for n in range(150):
            self.runtime.sent(session, [harness.agent_message(f"number {n}")])
        stream.wait_for_events(session, 150, TOLD_BY_LINK)
        self.assertLessEqual(len(stream.frames), 4 * (time.monotonic() - begin) + 2)

    def test_roles_and_refusals(self):
        with raw.wire(self.server) as wire:
            wire.send(raw.request("GET", PATH, "sk-sb-unknown"))
            self.assertEqual(wire.response().status, 401)
        self.assert_error(self.client.get(f"{PATH}?statuses=odd"), 400, "invalid_request_error")
        self.assert_error(self.client.get(f"{PATH}?limit=1001"), 400, "invalid_request_error")
        self.assertEqual(self.client.raw("POST", PATH).status_code, 405)
        for role in ("viewer", "client", "runtime"):
            self.watch(key=self.keys[role], limit=0).close()

    def test_a_key_sees_its_own_workspace(self):
        session = self.client.create()
        other = self.watch(key=self.store.key("viewer", workspace="elsewhere"))
        self.assertEqual(other.first, [])
        self.runtime.sent(session, [harness.agent_message()])
        other.quiet(1.0)

    def test_a_shutdown_is_told(self):
        store = harness.Store()
        self.addCleanup(store.close)
        server = store.serve()
        for headers, told in (((), ("ping", '"closing":"shutdown"')),
                              ((("x-stainless-lang", "js"),), ("error", "overloaded_error"))):
            with self.subTest(headers=headers):
                stream = Watch(server, store.key("viewer"), headers)
                self.addCleanup(stream.close)
                server.stop()
                last = stream.rest()[-1]
                self.assertEqual(last.get("event"), told[0])
                self.assertIn(told[1], last.data)
                server = store.serve()


class ThreeServers(harness.E2eTest):
    serve_options = None

    def setUp(self):
        self.database = postgres.PostgresServer(*postgres.UNSAFE)
        self.addCleanup(self.database.close)
        self.store = harness.Store()
        self.addCleanup(self.store.close)
        self.store.url = self.database.url(self.database.new_database())
        self.key = self.store.key("runtime")

    def told(self, options, within):
        servers = [self.store.serve(*options) for _ in range(3)]
        apis = [harness.Api(server, self.key) for server in servers]
        for api in apis:
            self.addCleanup(api.close)
        before = [api.create() for api in apis]
        streams = [Watch(server, self.key) for server in servers]
        for stream in streams:
            self.addCleanup(stream.close)
            self.assertEqual({f["session"]["id"] for f in stream.first}, set(before))
        time.sleep(2.0)  # a link that is just being made tells nothing
        for n in range(2):
            for api, session in zip(apis, before):
                api.sent(session, [harness.agent_message(f"number {n}")])
            made = [api.create() for api in apis]
            for stream in streams:
                for session in before:
                    stream.wait_for_events(session, n + 1, within)
                stream.wait_for(lambda s=stream, m=made: all(i in s.shown for i in m), within, "new sessions")
        gone = [harness.ok(api.http.delete(f"/v1/sessions/{s}")) and s for api, s in zip(apis, made)]
        for stream in streams:
            stream.wait_for(lambda s=stream: s.deleted.issuperset(gone), within, "deletions")

    def test_with_links(self):
        self.told(nodes.options("127.0.0.1"), TOLD_BY_LINK + SLACK)

    def test_without_links(self):
        self.told([], TOLD_BY_LIST + SLACK)


class Edges(harness.E2eTest):
    serve_options = None

    def test_through_an_edge(self):
        store = harness.Store()
        self.addCleanup(store.close)
        key = store.key("runtime")
        core = store.serve_core()
        edge = store.serve_edge(core=core)
        at_core, at_edge = harness.Api(core, key), harness.Api(edge, key)
        for api in (at_core, at_edge):
            self.addCleanup(api.close)
        session = at_core.create()
        for server in (core, edge):
            with self.subTest(watched_at=server):
                stream = Watch(server, key)
                self.addCleanup(stream.close)
                self.assertIn(session, stream.shown)
                time.sleep(1.5)
                for api in (at_core, at_edge):
                    count = stream.shown[session]["log"]["events"] + 1
                    api.sent(session, [harness.agent_message()])
                    stream.wait_for_events(session, count, TOLD_BY_LINK + SLACK)
                    made = api.create()
                    stream.wait_for(lambda s=stream, m=made: m in s.shown, TOLD_BY_LINK + SLACK, "a new session")


if __name__ == "__main__":
    harness.main()
