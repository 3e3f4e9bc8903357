# SPDX-License-Identifier: Apache-2.0
"""Three nodes and an edge under writers and followers, to which everything happens: they are killed, PostgreSQL is,
one is cut off from PostgreSQL, then from everybody, one is stopped for a while. Afterwards there is one log on each
of them, and every follower has it."""
import bisect
import os
import random
import signal
import time

import followers
import harness
import network
import nodes
import one_log
import postgres
import writers

GAP_WITHIN = 3.0  # seconds behind a death in which a follower may see its gap


class Chaos(harness.E2eTest):
    serve_options = None

    sessions_wanted = 16
    writers_wanted, rate = 32, 3.0
    followers_wanted = 200
    seconds_of_kills = 180.0
    seconds_between_kills = 3.0
    seconds_of_a_cut = 10.0
    seconds_of_a_stop = 15.0

    def setUp(self):
        self.seed = int(os.environ.get("SANDBASE_CHAOS_SEED", random.randrange(10**6)))
        self.random = random.Random(self.seed)
        try:
            self.network = network.Namespace()
            self.addCleanup(self.network.close)
            self.without_network = ""
        except network.Unavailable as e:
            self.network, self.without_network = None, str(e)
        here = self.network.outside if self.network else "127.0.0.1"
        self.database = postgres.PostgresServer(address=(here, nodes.steady_port()))
        self.addCleanup(self.database.close)
        self.store = harness.Store()
        self.addCleanup(self.store.close)
        self.store.url = self.database.url(self.database.new_database())
        self.key = self.store.key("runtime")
        self.nodes = [nodes.Node(self.store, here) for _ in range(2)]
        self.nodes.append(nodes.Node(self.store, self.network.inside, self.network.prefix)
                          if self.network else nodes.Node(self.store, here))
        for node in self.nodes:
            node.start()
        self.edge = nodes.Edge(self.store, self.nodes).start()
        self.deaths = []  # (when, number of the node)

    def api(self, node):
        api = harness.Api(node, self.key)
        self.addCleanup(api.close)
        return api

    # --- what happens ------------------------------------------------------------------------------

    def check_alive(self):
        for node in [*self.nodes, self.edge]:
            self.assertTrue(node.running(), f"a node ended by itself:\n{node.log()}")

    def kill_nodes(self):
        stop_at = time.monotonic() + self.seconds_of_kills
        while time.monotonic() < stop_at:
            time.sleep(self.seconds_between_kills * self.random.uniform(0.6, 1.0))
            self.check_alive()
            self.work.wait_for(10)
            victim = self.random.randrange(len(self.nodes))
            self.deaths.append((time.monotonic(), victim))
            self.nodes[victim].kill()
            time.sleep(self.random.uniform(0.1, 1.0))
            self.nodes[victim].start()
        self.work_everywhere()

    def work_everywhere(self):
        """Every node takes appends again."""
        for number, node in enumerate(self.nodes):
            node.wait_until_ready()
            self.work.wait_for(3, number)
        self.check_alive()

    def restart_postgres(self):
        refused = self.work.retried
        self.database.end(signal.SIGQUIT)
        harness.poll(lambda: self.work.retried > refused, 30, "an append that fails")
        self.database.start()
        self.work_everywhere()

    def cut_off(self):
        """The third node, first from the database, then from everybody."""
        for port in (self.database.address[1], None):
            cut_at = time.monotonic()
            self.network.cut(port)
            if port:
                harness.poll(lambda: not self.nodes[2].is_ready(), 30, "the node to say that it has no database")
            self.work.wait_for(20, 0)
            self.work.wait_for(20, 1)
            time.sleep(max(0.0, cut_at + self.seconds_of_a_cut - time.monotonic()))
            self.network.heal()
            self.work_everywhere()

    def stop_a_writer(self):
        victim = self.random.randrange(len(self.nodes))
        self.work.wait_for(5, victim)
        self.nodes[victim].pause()
        time.sleep(self.seconds_of_a_stop)
        self.work.wait_for(20)
        self.nodes[victim].resume()
        self.work_everywhere()

    # --- what comes of it --------------------------------------------------------------------------

    def gaps(self):
        """In seconds: the longest silences of followers of whatever the dying node wrote, in the moments behind its
        death, of those that were on another node, and of those that were on it; and the longest in the second
        before."""
        elsewhere, there, usual = [], [], []
        for number, (death, victim) in enumerate(self.deaths):
            until = min([death + GAP_WITHIN] + [when for when, _ in self.deaths[number + 1:]])
            for follower in self.listeners:
                if not self.work.has_home(follower.session) or self.work.writes(follower.session, death) != victim:
                    continue
                at = [server for when, server in follower.connected if when <= death]
                if not at:
                    continue
                silence = longest_silence(follower.times, death, until)
                if silence is not None:
                    (there if at[-1] is self.nodes[victim] else elsewhere).append(silence)
                before = longest_silence(follower.times, death - 1, death)
                if before is not None:
                    usual.append(before)
        return elsewhere, there, usual

    def run_all(self):
        begin = time.monotonic()
        sessions = [self.api(self.nodes[0]).create() for _ in range(self.sessions_wanted)]
        self.listeners = [followers.Follower([self.edge] if n % 5 == 4 else self.nodes, n, self.key,
                                             sessions[n % len(sessions)], "the end", patience=3000)
                          for n in range(self.followers_wanted)]
        self.work = writers.Writers(self.nodes, self.key, sessions, self.writers_wanted, self.rate)
        self.addCleanup(self.work.stop)
        self.work_everywhere()

        self.kill_nodes()
        self.restart_postgres()
        if self.network:
            self.cut_off()
        self.stop_a_writer()

        self.work.stop()
        self.work.join()
        self.assertEqual(self.work.wrong, [])
        for session in sessions:
            self.api(self.nodes[0]).sent(session, [harness.agent_message("the end")])
        shown = one_log.shown_by_all([*self.nodes, self.edge], self.key, sessions)
        one_log.assert_kept(shown, self.work.acknowledged + [(s, ["the end"]) for s in sessions], self.work.unknown)
        lost, doubled, out_of_order = one_log.seen(self.listeners, shown)
        figures = {
            "seed": self.seed, "seconds": round(time.monotonic() - begin), "kills": len(self.deaths),
            "writers": self.writers_wanted, "followers": self.followers_wanted,
            "events": sum(map(len, shown.values())), "acknowledged": len(self.work.acknowledged),
            "sent_again": self.work.retried, "unknown": len(self.work.unknown),
            "reconnects": sum(len(f.connected) - 1 for f in self.listeners),
            "at_the_edge": sum(len(f.connected) - 1 for f in self.listeners if f.servers == [self.edge]),
            "lost": lost, "doubled": doubled, "out_of_order": out_of_order}
        for name, values in zip(("gap_elsewhere", "gap_there", "usual_silence"), self.gaps()):
            figures |= {f"{name}_p50_ms": percentile(values, 50), f"{name}_p99_ms": percentile(values, 99)}
        figures["cut"] = self.without_network or "by nft"
        print("chaos:", *(f"{name}={value}" for name, value in figures.items()), flush=True)
        self.assertEqual((lost, doubled, out_of_order), (0, 0, 0))
        for node in [self.edge, *self.nodes]:
            self.assertEqual(node.stop(), 0, node.log())
        self.store.must("check")


def longest_silence(times, begin, end):
    """Of a follower, of those that end behind `begin` and begin before `end`; None if it heard nothing behind it."""
    first = bisect.bisect_right(times, begin)
    last = bisect.bisect_left(times, end)
    return max((b - a for a, b in zip(times[max(0, first - 1):last], times[first:last + 1])), default=None)


def percentile(seconds, percent):
    if not seconds:
        return "none"
    ordered = sorted(seconds)
    return round(1000 * ordered[min(len(ordered) - 1, len(ordered) * percent // 100)])
