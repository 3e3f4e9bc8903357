# SPDX-License-Identifier: Apache-2.0
"""A failover to a standby that lacks the last commits, by hand. What it lost is gone: nobody may be shown another
history as the same one, and the log says so."""
import followers
import harness
import nodes
import one_log
import postgres

NEVER = "what nobody says"


class LostCommits(harness.E2eTest):
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
        self.apis = [harness.Api(node, self.key) for node in self.nodes]
        for api in self.apis:
            self.addCleanup(api.close)

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

    def fail_over(self):
        self.primary.end()
        self.standby.sql("SELECT pg_promote()")
        for node in self.nodes:
            node.wait_until_ready()

    def follow(self, node, session):
        """One who comes back to the same node again and again."""
        return followers.Follower([self.nodes[node]], 0, self.key, session, NEVER)

    def wait_for_texts(self, follower, texts):
        harness.poll(lambda: follower.texts() == texts, 30, f"{texts} instead of {follower.texts()}")

    def test_nobody_is_shown_two_histories_as_one(self):
        session, whole = self.apis[0].create(), self.apis[0].create()
        kept = self.append(0, session, "one", "two", "three")
        self.append(1, whole, "alpha")
        self.replicate()
        listeners = [self.follow(node, session) for node in (0, 1)]
        others = [self.follow(node, whole) for node in (0, 1)]

        self.cut_standby()
        lost = self.append(0, session, "lost", "lost too")
        gone = self.apis[1].create()
        self.append(1, gone, "nobody will know")
        for listener in listeners:
            self.wait_for_texts(listener, ["one", "two", "three", "lost", "lost too"])
        self.fail_over()

        # More than was lost, so that every place is taken again.
        new = self.append(1, session, "four", "five", "six", "seven")
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
        one_log.shown_by_all(self.nodes, self.key, [session, whole])
        for node in self.nodes:
            self.assertEqual(node.stop(), 0)
        self.store.must("check")

    @staticmethod
    def log_of(api, session):
        answer = api.list(session)
        return answer.status_code == 200 and [e["content"][0]["text"] for e in answer.json()["data"]]


if __name__ == "__main__":
    harness.main()
