# SPDX-License-Identifier: Apache-2.0
"""Clients from npm through a load balancer over three nodes, as docs/cluster.md configures it, while the nodes are
restarted one by one: none of them sees an error that its own reconnect, or the SDK's own retries, do not mend."""
import json
import unittest

import follow
import harness
import nodes
import postgres
import scripts
from balancers import BalancingHaproxy, BalancingNginx

FOLLOWERS = ("sdk", "eventsource", "eventsource-parser", "eventsource-client", "fetch-event-source",
             "event-source-polyfill")
PACKAGES = {"sdk": "@anthropic-ai/sdk", "fetch-event-source": "@microsoft/fetch-event-source"}
ROUNDS = 2


class Balanced(unittest.TestCase):
    def setUp(self):
        if not harness.BINARY:
            self.skipTest("SANDBASE_BIN is not set")
        for name in FOLLOWERS:
            scripts.installed(PACKAGES.get(name, name))
        self.database = postgres.PostgresServer(*postgres.UNSAFE)
        self.addCleanup(self.database.close)
        self.store = harness.Store()
        self.addCleanup(self.store.close)
        self.store.url = self.database.url(self.database.new_database())
        self.key = self.store.key("runtime")
        self.nodes = [nodes.Node(self.store).start() for _ in range(3)]

    def start(self, name, session, proxy):
        program = scripts.node(f"clients/{name}.mjs", env={
            "SANDBASE_URL": proxy.url, "SANDBASE_KEY": self.key, "SANDBASE_SESSION": session})
        self.addCleanup(program.close)
        return program

    def restart_all(self, proxy, goes_on):
        """One node after the other; meanwhile `goes_on()` tells how far the clients have come, which must go on."""
        for number, node in enumerate(self.nodes):
            before = goes_on()
            self.assertEqual(node.stop(), 0, node.log())
            harness.poll(lambda b=before: goes_on() > b, 60, "the clients to go on without a node")
            node.start().wait_until_ready()
            harness.poll(lambda n=number: proxy.is_up(n), 30, "the load balancer to see the node")

    def through(self, proxy):
        self.addCleanup(proxy.close)
        proxy.start()
        with harness.Api(self.nodes[0], self.key) as api:
            session = api.create()
            sender = self.start("sdk_sender", session, proxy)
            followers = [self.start(name, session, proxy) for name in FOLLOWERS]

            def sent():
                return [line["sent"] for line in sender.said() if "sent" in line]

            def seen(program):
                return [line["id"] for line in program.said() if "id" in line]

            for program in followers:
                program.wait_for(lambda p=program: seen(p), 30, "the first event")
            for _ in range(ROUNDS):
                self.restart_all(proxy, lambda: min(len(seen(p)) for p in followers))
            sender.process.stdin.close()
            sender.end(60)
            api.sent(session, [follow.TERMINATED])
            log = [json.loads(event)["id"] for event in api.events(session)]
            for program, name in zip(followers, FOLLOWERS):
                program.end(60)
                self.assertEqual(seen(program), log, name)
                self.assertEqual([line for line in program.said() if "error" in line], [], name)
            self.assertEqual([line for line in sender.said() if "error" in line], [])
            self.assertEqual(sent(), log[:-1])
            self.assertGreater(len(log), 20)
            dropped = sum("dropped" in line for line in followers[0].said())
            print(f"balanced: {type(proxy).__name__} restarts={ROUNDS * len(self.nodes)} events={len(log)} "
                  f"sdk_streams_dropped={dropped}", flush=True)

    def test_haproxy_as_documented(self):
        self.through(BalancingHaproxy(self.nodes))

    def test_haproxy_round_robin(self):
        self.through(BalancingHaproxy(self.nodes, "roundrobin"))

    def test_nginx_as_documented(self):
        self.through(BalancingNginx(self.nodes))


if __name__ == "__main__":
    harness.main()
