# SPDX-License-Identifier: Apache-2.0
"""Servers over one PostgreSQL that are replaced, one after another, by programs of later versions of the tables, under
writers and followers. With links between them there is an edge in front too.

Environment: SANDBASE_LATER_BINS, the programs of the next two versions. The first one's tables can be written by the
program under test, the second one's only by that first one."""
import json
import os
import re

import httpx

import followers
import harness
import nodes
import one_log
import postgres
import retriers
import writers

LATER = os.environ.get("SANDBASE_LATER_BINS", "").split(":")
TOO_OLD = "which programs older than"
# Of an append that was with the journal when the tables moved on, and whose outcome nobody here can find out any more.
NOT_KNOWN = "whether it was stored is not known: this program is too old"


class RollingUpgrade(harness.E2eTest):
    serve_options = None

    def setUp(self):
        self.next, self.last = LATER
        self.database = postgres.PostgresServer(*postgres.UNSAFE)
        self.addCleanup(self.database.close)
        self.store = harness.Store()
        self.addCleanup(self.store.close)
        self.name = self.database.new_database()
        self.store.url = self.database.url(self.name)
        self.key = self.store.key("runtime")
        self.own_version = self.version()
        self.nodes = [nodes.Node(self.store).start() for _ in range(3)]
        self.edges = [nodes.Edge(self.store, self.nodes).start()] if nodes.options("127.0.0.1") else []
        self.apis = [harness.Api(node, self.key) for node in [*self.nodes, *self.edges]]
        for api in self.apis:
            self.addCleanup(api.close)

    def version(self):
        return int(self.database.sql("SELECT max(version) FROM sandbase.schema", self.name))

    def work_on(self, numbers):
        """Each of these takes appends, and answers one that the first program took as that did."""
        for number in numbers:
            node = self.apis[number].server
            node.wait_until_ready()
            self.work.wait_for(5, number)
            self.assertEqual(self.repeat(number), self.first_answer)

    def repeat(self, number):
        return self.apis[number].sent(self.sessions[0], [harness.agent_message("first of all")],
                                      headers={"idempotency-key": "first of all"})

    def replace(self, number, program):
        node = self.nodes[number]
        self.assertEqual(node.stop(), 0, node.log())
        node.program = program
        node.start()

    def others(self):
        """All but the oldest one, by their numbers in `apis`."""
        return range(1, len(self.apis))

    def run_all(self):
        self.sessions = [self.apis[0].create() for _ in range(8)]
        self.first_answer = self.repeat(0)
        servers = [*self.nodes, *self.edges]
        self.listeners = [followers.Follower(servers, n, self.key, self.sessions[n % 8], "the end") for n in range(24)]
        self.work = writers.Writers(servers, self.key, self.sessions, 16, 4.0)
        self.addCleanup(self.work.stop)
        self.keyless = retriers.Retriers(servers, self.key, [self.apis[0].create() for _ in range(4)])
        self.addCleanup(self.keyless.stop)
        self.work_on(range(len(self.apis)))

    def check_outdated(self, at_home):
        """The first node has become too old while it ran. `at_home`: a follower that goes nowhere else."""
        oldest, api = self.nodes[0], self.apis[0]
        oldest.server.wait_for_line(f"no more requests are taken: .* {TOO_OLD}")
        session = self.sessions[1]
        for refused in (api.send(session, [harness.agent_message("late")]), api.get("/v1/sessions"),
                        api.list(session), api.stream(session)):
            self.assert_error(refused, 503, "overloaded_error", "this node takes no more requests")
        ready = httpx.get(oldest.admin_url + "/readyz", trust_env=False)
        self.assertEqual(ready.status_code, 503)
        self.assertIn(TOO_OLD, ready.text)
        harness.poll(lambda: any('"closing":"moved"' in why for why in at_home.ended) and
                     at_home.ended[-1].startswith("status 503"), 20, "the stream to end")

    def check_taken_over(self):
        """Nothing needs the oldest one, which still runs: new sessions and old ones, wherever they were."""
        for number in self.others():
            api, text = self.apis[number], f"behind its back {number}"
            for session in [*self.sessions, *(api.create() for _ in range(8))]:
                harness.poll(lambda to=session, api=api, text=text: api.send(
                    to, [harness.agent_message(text)], headers={"idempotency-key": text}).status_code == 200, 10, text)
                if session in self.sessions:
                    self.extra.append((session, [text]))

    def test_no_version_loses_what_another_has_taken(self):
        self.extra = []
        self.run_all()
        self.replace(2, self.next)
        self.assertEqual(self.version(), self.own_version + 1)
        self.work_on(range(len(self.apis)))
        self.replace(0, harness.BINARY)  # which still may start
        self.replace(1, self.next)
        self.work_on(range(len(self.apis)))

        at_home = followers.Follower([self.nodes[0]], 0, self.key, self.sessions[2], "the end")
        harness.poll(lambda: at_home.events, 10, "the follower")
        self.replace(2, self.last)
        self.assertEqual(self.version(), self.own_version + 2)
        self.check_outdated(at_home)
        self.check_taken_over()
        self.work_on(self.others())
        self.assertTrue(self.nodes[0].running())
        again = self.store.run("serve", "--http.listen", "127.0.0.1:0", "--admin.listen", "127.0.0.1:0")
        self.assertEqual(again.returncode, 2)
        self.assertRegex(again.stderr, r"\Asandbase-events: .*use the program version that wrote it\n\Z")
        self.replace(0, self.last)
        self.replace(1, self.last)
        self.work_on(range(len(self.apis)))
        self.finish(at_home)

    def finish(self, at_home):
        for clients in (self.work, self.keyless):
            clients.stop()
            clients.join()
            self.assertEqual(clients.wrong, [])
        for session in self.sessions:
            self.apis[0].sent(session, [harness.agent_message("the end")])
        shown = one_log.shown_by_all([api.server for api in self.apis], self.key, self.sessions)
        taken = [(s, ["the end"]) for s in self.sessions] + [(self.sessions[0], ["first of all"])] + self.extra
        one_log.assert_kept(shown, self.work.acknowledged + taken, self.work.unknown)
        keyless = one_log.shown_by_all([api.server for api in self.apis], self.key, self.keyless.sessions)
        self.keyless.assert_kept({session: one_log.texts(events) for session, events in keyless.items()})
        self.assertEqual(json.loads(shown[self.sessions[0]][0])["id"], self.first_answer[0]["id"])
        self.assertEqual(one_log.seen([*self.listeners, at_home], shown, 20), (0, 0, 0))
        for node in [*self.nodes, *self.edges]:
            self.assertEqual(node.stop(), 0, node.log())
        logs = [line for server in self.store.servers for line in server.log().splitlines()]
        self.assertEqual(len([line for line in logs if TOO_OLD in line and "/readyz" not in line]), 1)
        self.assertEqual([line for line in logs if re.search(r" (error|critical) ", line) and TOO_OLD not in line
                          and NOT_KNOWN not in line], [])
        self.store.program = self.last
        self.store.must("check")


if __name__ == "__main__":
    harness.main()
