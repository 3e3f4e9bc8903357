# SPDX-License-Identifier: Apache-2.0
"""Failovers by hand, under servers with the database and an edge in front of them. What a standby lacked is gone:
nobody may be shown another history as the same one, and the log says so. A synchronous one has all that was
acknowledged."""
import followers
import harness
import nodes
import one_log
import postgres
import writers

NEVER = "what nobody says"


class Failover(harness.E2eTest):
    serve_options = None

    def setUp(self):
        addresses = [("127.0.0.1", nodes.steady_port()) for _ in range(2)]
        self.primary = postgres.PostgresServer(address=addresses[0])
        self.addCleanup(self.primary.close)
        self.standby = self.primary.new_standby(addresses[1])
        self.addCleanup(self.standby.close)
        self.store = harness.Store()
        self.addCleanup(self.store.close)
        both = ",".join(f"{host}:{port}" for host, port in addresses)
        self.store.url = f"postgres://postgres@{both}/{self.primary.new_database()}"
        self.key = self.store.key("runtime")
        self.nodes = [nodes.Node(self.store).start() for _ in range(2)]
        self.edge = nodes.Edge(self.store, self.nodes).start()
        self.servers = [*self.nodes, self.edge]
        self.apis = [harness.Api(server, self.key) for server in self.servers]
        for api in self.apis:
            self.addCleanup(api.close)

    def fail_over(self):
        self.primary.end()
        self.standby.sql("SELECT pg_promote()")
        for server in self.servers:
            server.wait_until_ready()

    def end(self):
        for server in reversed(self.servers):
            self.assertEqual(server.stop(), 0, server.log())
        self.store.must("check")


class LostCommits(Failover):
    def append(self, node, session, *texts):
        return [self.append_until_taken(node, session, text) for text in texts]

    def append_until_taken(self, node, session, text):
        key = {"idempotency-key": f"{session} {text}"}

        def taken():
            answer = self.apis[node].send(session, [harness.agent_message(text)], headers=key)
            self.assertIn(answer.status_code, (200, 500, 503), answer.text)
            return answer.status_code == 200 and answer.json()["data"][0]["id"]
        return harness.poll(taken, 60, f"{text} to be taken")

    def replicate(self):
        """Until the standby has what the primary has."""
        there = self.primary.sql("SELECT pg_current_wal_lsn()")
        harness.poll(lambda: self.standby.sql(f"SELECT pg_last_wal_replay_lsn() >= '{there}'") == "t", 30,
                     "the standby")

    def cut_standby(self):
        self.standby.sql("ALTER SYSTEM SET primary_conninfo = ''")
        self.standby.sql("SELECT pg_reload_conf()")
        harness.poll(lambda: self.standby.sql("SELECT count(*) FROM pg_stat_wal_receiver") == "0", 30,
                     "the end of replication")

    def follow(self, server, session):
        """One who comes back to the same server again and again."""
        return followers.Follower([server], 0, self.key, session, NEVER)

    def wait_for_texts(self, follower, texts):
        harness.poll(lambda: follower.texts() == texts, 30, f"{texts} instead of {follower.texts()}")

    def test_nobody_is_shown_two_histories_as_one(self):
        session, whole = self.apis[0].create(), self.apis[0].create()
        kept = self.append(0, session, "one", "two", "three")
        self.append(1, whole, "alpha")
        self.replicate()
        listeners = [self.follow(server, session) for server in self.servers]
        others = [self.follow(server, whole) for server in self.servers]

        self.cut_standby()
        lost = self.append(0, session, "lost", "lost too")
        gone = self.apis[1].create()
        self.append(1, gone, "nobody will know")
        for listener in listeners:
            self.wait_for_texts(listener, ["one", "two", "three", "lost", "lost too"])
        self.fail_over()

        # More than was lost, so that every place is taken again.
        new = self.append(2, session, "four", "five") + self.append(1, session, "six", "seven")
        self.append(0, whole, "beta")
        for listener in others:
            self.wait_for_texts(listener, ["alpha", "beta"])
        for api in self.apis:
            shown = harness.poll(lambda api=api: self.log_of(api, session), 30, "the log")
            self.assertEqual(shown, ["one", "two", "three", "four", "five", "six", "seven"])
            self.assert_error(api.get(f"/v1/sessions/{gone}"), 404, "not_found")
            for event in lost:
                self.assert_error(api.stream(session, headers={"last-event-id": event}), 400, "invalid_request_error")
                self.assert_error(api.list(session, after=event), 400, "invalid_request_error")
            self.assertEqual(one_log.texts(api.events(session, after=kept[-1])), ["four", "five", "six", "seven"])
        self.assertFalse(set(lost) & set(new))
        for listener in listeners:
            harness.poll(lambda one=listener: any(why.startswith("status 400") for why in one.ended), 30,
                         "the cursor to be refused")
            self.assertEqual(listener.texts(), ["one", "two", "three", "lost", "lost too"])
        for node in self.nodes:
            self.assertRegex(node.log(), rf"warning .*the database has lost events.* session={session} ")
            self.assertNotRegex(node.log(), rf"the database has lost events.* session={whole} ")
        one_log.shown_by_all(self.servers, self.key, [session, whole])
        self.end()

    @staticmethod
    def log_of(api, session):
        answer = api.list(session)
        return answer.status_code == 200 and [e["content"][0]["text"] for e in answer.json()["data"]]


class SynchronousStandby(Failover):
    def setUp(self):
        super().setUp()
        self.primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.primary.sql("SELECT pg_reload_conf()")
        harness.poll(lambda: self.primary.sql("SELECT sync_state FROM pg_stat_replication") == "sync", 30,
                     "synchronous replication")

    def test_nothing_acknowledged_is_lost_and_nobody_misses_or_repeats_an_event(self):
        sessions = [self.apis[0].create() for _ in range(8)]
        listeners = [followers.Follower([server], 0, self.key, session, "the end")
                     for server in self.servers for session in sessions]
        work = writers.Writers(self.servers, self.key, sessions, 18, 5.0)
        self.addCleanup(work.stop)
        for server in range(len(self.servers)):
            work.wait_for(20, server)
        self.fail_over()
        for server in range(len(self.servers)):
            work.wait_for(20, server)
        work.stop()
        work.join()
        self.assertEqual(work.wrong, [])
        for session in sessions:
            self.apis[-1].sent(session, [harness.agent_message("the end")])
        shown = one_log.shown_by_all(self.servers, self.key, sessions)
        one_log.assert_kept(shown, work.acknowledged + [(s, ["the end"]) for s in sessions], work.unknown)
        self.assertEqual(one_log.seen(listeners, shown, 30), (0, 0, 0))
        for server in self.servers:
            self.assertNotIn("has lost events", server.log())
        self.end()


if __name__ == "__main__":
    harness.main()
