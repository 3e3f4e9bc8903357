# SPDX-License-Identifier: Apache-2.0
"""Every operation of the service once, and some in the crowd that they are made for, on a store that is large: for
plans.py, which reads in PostgreSQL's log what it did."""
import concurrent.futures
import json
import time

import place
import nodes
from place import binary

IDLE = 1  # seconds until sessions are sealed and leave memory
SMALL_SEALS = 10  # of these some are joined


class Operations:
    """`sealed` are sessions whose events are all in segments, `unsealed` some whose events are in the journal."""

    def __init__(self, at, sealed, unsealed):
        self.at, self.sealed, self.unsealed = at, sealed, unsealed

    def must(self, method, path, body=None, status=200, **headers):
        got, answer = self.at.call(method, path, body, **headers)
        if got != status:
            raise AssertionError(f"{method} {path} answered {got}: {answer[:500]}")
        return json.loads(answer) if answer[:1] == b"{" else answer

    def send(self, session, *events, **more):
        return self.must("POST", f"/v1/sessions/{session}/events", {"events": list(events)}, **more)

    def create(self, status=200, key=None, **more):
        headers = {"idempotency_key": key} if key else {}
        made = self.must("POST", "/v1/sessions", {"agent": "agent_plans", "environment_id": "env_bench", **more},
                         status, **headers)
        return made.get("id")

    def run_all(self):
        """Behind a service that was killed: what it had not sealed lies there. @returns what went wrong"""
        failed = []
        self.at.serve("--session.idle_timeout", f"{IDLE}s")
        for step in (self.seal_small, self.write, self.read, self.transfer, self.erase_and_delete, self.locked,
                     self.beside_another, self.load, self.tools):
            try:
                step()
            except (AssertionError, LookupError, ValueError) as e:
                failed.append(f"{step.__name__}: {e!r}")
        time.sleep(2 * IDLE)  # what went idle is sealed
        self.at.stop()
        return failed

    def seal_small(self):
        """Appends with pauses: each time what was appended is sealed, and small segments are joined in the end."""
        session = self.create()
        for _ in range(SMALL_SEALS):
            self.send(session, place.one_event())
            binary.poll(lambda: self.at.sql(
                "SELECT t.sealed_seq = t.last_seq FROM sandbase.tips t JOIN sandbase.sessions s ON s.key = t.session "
                f"WHERE s.id = '{session}'") == "t", 15, "a seal")

    def write(self):
        self.create(initial_events=[{"type": "user.message", "content": [{"type": "text", "text": "Hi"}]}])
        created = self.create(key="create-1")
        if self.create(key="create-1") != created:
            raise AssertionError("the Idempotency-Key of a creation made two sessions")
        self.send(created, place.one_event(), idempotency_key="append-1")
        self.send(created, place.one_event(), idempotency_key="append-1")
        self.send(created, {"id": "sevt_mine1", **place.one_event()})
        self.send(created, {"id": "sevt_mine1", **place.one_event()}, status=400)
        self.send(created, {"type": "session.status_running"})
        self.send(created, {"type": "session.status_idle", "stop_reason": {"type": "end_turn"}})
        self.must("POST", f"/v1/sessions/{created}", {"title": "Another", "metadata": {"a": "b"}})
        self.must("POST", f"/v1/sessions/{created}/archive")
        for session in self.sealed[:3] + self.unsealed[:3]:
            self.send(session, place.one_event())

    def read(self):
        for session in self.sealed[14:17]:  # from their ends, with nothing in memory yet
            page = self.must("GET", f"/v1/sessions/{session}/events?limit=20&order=desc")
            self.must("GET", f"/v1/sessions/{session}/events?limit=20&order=desc&page={page['next_page']}")
        for session in self.sealed[10:13] + self.unsealed[10:13]:
            self.must("GET", f"/v1/sessions/{session}")
            self.must("GET", f"/v1/sessions/{session}/events/stream")
            events = self.must("GET", f"/v1/sessions/{session}/events?limit=20")["data"]
            self.must("GET", f"/v1/sessions/{session}/events?limit=20&order=desc")
            self.must("GET", f"/v1/sessions/{session}/events?types=session.status_idle,user.message")
            self.must("GET", f"/v1/sessions/{session}/events?created_at[gt]={events[-1]['processed_at']}")
            self.must("GET", f"/v1/sessions/{session}/events?after=sevt_unknown", status=400)
            self.must("GET", f"/v1/sessions/{session}/events/stream?after={events[-1]['id']}")
            self.must("GET", f"/v1/sessions/{session}/events/stream?tail=5")
        for query in ("", "agent_id=agent_bench3", "include_archived=true", "order=asc", "limit=100",
                      "statuses=running", "created_at[gt]=2026-01-05T00:00:00Z", "created_at[lt]=2026-01-05T00:00:00Z",
                      "agent_id=agent_bench3&created_at[lte]=2026-01-05T00:00:00Z&order=asc&include_archived=true"):
            page = self.must("GET", f"/v1/sessions?{query}")
            if page.get("next_page"):
                self.must("GET", f"/v1/sessions?{query}&page={page['next_page']}")
        self.must("GET", "/v1/sessions/sess_unknown", status=404)

    def transfer(self):
        line = json.dumps({"event": place.one_event()}) + "\n"
        head = {"title": "x", "environment_id": "env_bench", "agent": {"type": "agent", "id": "agent_x", "version": 1},
                "created_at": "2026-01-01T10:00:00Z"}

        def lines(session, events, last=""):
            first = json.dumps({"session": {"id": session, **head}, "workspace": "default"}) + "\n"
            return self.must("POST", "/v1/sessions/import", (first + line * events + last).encode(),
                             content_type="application/x-ndjson")
        lines("sess_small", 5)
        lines("sess_empty", 0)
        lines("sess_large", 6000)
        lines("sess_ids", 3, json.dumps({"event": {"id": "sevt_outside", **place.one_event()}}) + "\n")
        lines("sess_bad", 6000, '{"event": {"type": 1}}\n')
        self.at.call("GET", "/v1/sessions/sess_large/export")
        self.must("GET", "/v1/sessions/sess_ids/events/stream?after=sevt_outside")

    def erase_and_delete(self):
        for session in (self.sealed[20], self.unsealed[20]):
            event = self.must("GET", f"/v1/sessions/{session}/events?limit=1")["data"][0]["id"]
            self.must("POST", f"/v1/sessions/{session}/events/{event}/redact", {"reason": "a test"})
        sent = self.send(self.unsealed[21], place.one_event(), idempotency_key="append-2")["data"][0]["id"]
        self.must("POST", f"/v1/sessions/{self.unsealed[21]}/events/{sent}/redact", {})
        for session in (*self.sealed[30:34], *self.unsealed[30:34], "sess_large", "sess_ids"):
            self.must("DELETE", f"/v1/sessions/{session}")
        self.must("DELETE", f"/v1/sessions/{self.sealed[30]}", x_stainless_retry_count="1")
        self.must("GET", f"/v1/sessions/{self.sealed[30]}", status=404)
        binary.poll(lambda: self.at.sql("SELECT count(*) FROM sandbase.tombstones") == "0", 60, "the sweep")

    def locked(self):
        """Rows that somebody else holds for longer than a statement waits: of one session that is written already,
        and of one that has to be claimed. Others that are in the same batch go on."""
        held, claimed = self.sealed[42], self.sealed[43]
        beside = self.sealed[44:50]
        for session in (held, *beside[:3]):
            self.send(session, place.one_event())
        with concurrent.futures.ThreadPoolExecutor(2 + len(beside)) as pool:
            lock = pool.submit(self.at.sql, "WITH held AS MATERIALIZED (SELECT FROM sandbase.tips t JOIN "
                               f"sandbase.sessions s ON s.key = t.session WHERE s.id IN ('{held}', '{claimed}') "
                               "FOR UPDATE OF t) SELECT pg_sleep(3) FROM (SELECT count(*) FROM held) c")
            binary.poll(lambda: self.at.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") ==
                        "1", 5, "the lock")
            sent = [pool.submit(self.at.call, "POST", f"/v1/sessions/{session}/events",
                                {"events": [place.one_event()]}) for session in (held, claimed, *beside)]
            for session, answer in zip((held, claimed, *beside), sent, strict=True):
                status, body = answer.result()
                if status != 200 and session not in (held, claimed):
                    raise AssertionError(f"{session} answered {status}: {body[:500]}")
            lock.result()

    def beside_another(self):
        """A server that looks for others to make links to."""
        another = self.at.store.serve("--log.access", "off", *nodes.options("127.0.0.1"))
        time.sleep(2)
        another.stop(timeout=60)

    def load(self):
        rest = self.sealed[50:]
        written, read = rest[:min(1000, len(rest) // 2)], rest[min(1000, len(rest) // 2):]
        for events in (1, 50):
            self.at.load("POST", "/events", written, 2, 64, place.append_body(events))
        turn = [{"type": "session.status_running"}, place.one_event(),
                {"type": "session.status_idle", "stop_reason": {"type": "end_turn"}}]
        self.at.load("POST", "/events", written, 2, 64, json.dumps({"events": turn}).encode())
        self.at.load("GET", "/events/stream", read, 1, 16)
        self.at.load("GET", "", read, 1, 16)
        self.at.load("GET", "/events?types=user.message", read, 1, 16)

    def tools(self):
        store = self.at.store
        store.key("viewer")
        store.must("keys", "revoke", str(max(int(n) for n in self.at.sql("SELECT id FROM sandbase.api_keys").split())))
        store.must("keys", "list")
        store.must("workspaces", "list")
        store.must("sessions", "list", "--workspace", "default")
        store.must("export", self.sealed[40])
        self.send(self.sealed[41], place.one_event())
        store.must("export", self.sealed[41])  # its last event is not sealed yet
        line = json.dumps({"session": {"id": "sess_tool", "title": "x", "environment_id": "env_bench",
                                       "agent": {"type": "agent", "id": "agent_x", "version": 1},
                                       "created_at": "2026-01-01T10:00:00Z"}, "workspace": "tools"}) + "\n"
        events = [{"event": place.one_event()}, {"event": {"id": "sevt_tool", **place.one_event()}}]
        store.must("import", "-", stdin=line + "".join(json.dumps(event) + "\n" for event in events))
        store.must("cluster", "status")
        store.must("cluster", "status", "--session", self.sealed[41])
        store.must("check", timeout=300)
