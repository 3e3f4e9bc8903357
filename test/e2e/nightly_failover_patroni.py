# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL under Patroni, whose primary dies under writers and followers, at an edge too: the synchronous standby has
all that was acknowledged, and takes it from there."""
import subprocess
import threading
import time

import httpx

import followers
import harness
import nodes
import one_log
import patroni
import test_dev_cluster
import writers

DEATHS = 3
BACK_WITHIN = 2.0  # seconds behind the first write that the new primary takes


class First(threading.Thread):
    """When `works()`, which is tried again and again, was true for the first time: `at`, by the monotonic clock."""

    def __init__(self, works):
        super().__init__(daemon=True)
        self.works, self.at, self.stop_at = works, None, time.monotonic() + 120
        self.start()

    def run(self):
        while self.at is None and time.monotonic() < self.stop_at:
            if self.works():
                self.at = time.monotonic()
            else:
                time.sleep(0.02)


def takes_a_write(member):
    try:
        member.sql("CREATE TABLE IF NOT EXISTS writes (n int); INSERT INTO writes VALUES (1)")
        return True
    except subprocess.SubprocessError:
        return False


class Failover(harness.E2eTest):
    serve_options = None

    def setUp(self):
        self.database = patroni.HighlyAvailable()
        self.addCleanup(self.database.close)
        self.store = harness.Store()
        self.addCleanup(self.store.close)
        self.store.url = self.database.url(self.database.new_database())
        self.key = self.store.key("runtime")
        self.nodes = [nodes.Node(self.store).start() for _ in range(2)]
        self.nodes.append(nodes.Edge(self.store, self.nodes[:]).start())

    def takes_an_append(self, node):
        """Asked of each node: those that write go elsewhere while another answers."""
        api, session = self.tries[node]
        try:
            return api.send(session, [harness.agent_message("is it back?")], timeout=10.0).status_code == 200
        except httpx.HTTPError:
            return False

    def fail_over(self):
        """@returns for how long there was no primary, and for each node how long after the first write that the new one
        took it acknowledged its first append; in seconds"""
        for node in range(len(self.nodes)):
            self.work.wait_for(20, node)
        primary = self.database.primary()
        standby = next(member for member in self.database.members if member is not primary)
        died_at = time.monotonic()
        primary.die()
        write = First(lambda: takes_a_write(standby))
        appends = [First(lambda node=node: self.takes_an_append(node)) for node in self.nodes]
        for first in (write, *appends):
            first.join()
            self.assertIsNotNone(first.at, standby.log()[-2000:])
        primary.start()
        self.database.wait_until_synchronous()
        return write.at - died_at, [append.at - write.at for append in appends]

    def test_nothing_acknowledged_is_lost_and_appends_come_back_at_once(self):
        with harness.Api(self.nodes[0], self.key) as api:
            sessions = [api.create() for _ in range(8)]
            self.tries = {node: (harness.Api(node, self.key), api.create()) for node in self.nodes}
        for api, _ in self.tries.values():
            self.addCleanup(api.close)
        edge = self.nodes[-1:]
        listeners = [followers.Follower(edge if n % 3 == 2 else self.nodes, n, self.key, sessions[n % 8], "the end",
                                        patience=1200)
                     for n in range(24)]
        self.work = writers.Writers(self.nodes, self.key, sessions, 16, 4.0)
        self.addCleanup(self.work.stop)
        waits, backs = zip(*(self.fail_over() for _ in range(DEATHS)))
        self.work.stop()
        self.work.join()
        self.assertEqual(self.work.wrong, [])
        with harness.Api(self.nodes[0], self.key) as api:
            for session in sessions:
                api.sent(session, [harness.agent_message("the end")])
        shown = one_log.shown_by_all(self.nodes, self.key, sessions)
        one_log.assert_kept(shown, self.work.acknowledged + [(s, ["the end"]) for s in sessions], self.work.unknown)
        self.assertEqual(one_log.seen(listeners, shown), (0, 0, 0))
        for node in reversed(self.nodes):
            self.assertNotIn("has lost events", node.log())
            self.assertEqual(node.stop(), 0, node.log())
        self.store.must("check")
        latest = max(after for back in backs for after in back)
        print(f"failover: deaths={DEATHS} acknowledged={len(self.work.acknowledged)} unknown={len(self.work.unknown)} "
              f"without_primary_s={','.join(f'{w:.1f}' for w in waits)} first_append_behind_first_write_ms="
              f"{','.join(f'{1000 * after:.0f}' for back in backs for after in back)}", flush=True)
        self.assertLess(latest, BACK_WITHIN)


class DevCluster(test_dev_cluster.DevCluster):
    options = ("--ha",)
    count = 2


if __name__ == "__main__":
    harness.main()
