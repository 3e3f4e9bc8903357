# SPDX-License-Identifier: Apache-2.0
"""What a supervisor is told: when it serves, that it stops, and that it lives only as long as its actors do."""
import concurrent.futures
import os
import unittest

import httpx

import frozen
import harness
import io_faults
import notified

WATCHDOG = 1.0  # seconds
SILENCE = 3.0  # seconds without a word: six beats are missing
#: What CAF calls the threads that run scheduled actors.
WORKERS = "caf.multiplexer"


class Told(harness.E2eTest):
    serve_options = None

    def setUp(self):
        self.store = harness.Store()
        self.addCleanup(self.store.close)

    def supervisor(self, path=None):
        made = notified.Supervisor(path)
        self.addCleanup(made.close)
        return made

    def assert_told(self, supervisor):
        server = self.store.serve_store(env=supervisor.environment())
        message = supervisor.wait_for("READY")
        self.assertEqual(message, {"READY": "1", "STATUS": "serving at " + server.url})
        self.assertEqual([m.get("STATUS") for m in supervisor.told[:-1]], ["opening the store"])
        self.assertEqual(httpx.get(server.admin_url + "/readyz", trust_env=False).status_code, 200)
        server.terminate()
        self.assertEqual(supervisor.wait_for("STOPPING"), {"STOPPING": "1", "STATUS": "stopping"})
        self.assertEqual(server.wait(), 0)
        self.assertEqual([m for m in supervisor.told if "WATCHDOG" in m], [], "nobody wanted to know")

    def test_by_an_abstract_name(self):
        self.assert_told(self.supervisor())

    def test_by_a_path(self):
        self.assert_told(self.supervisor(os.path.join(self.store.directory, "notify")))

    def test_one_that_is_refused_is_never_ready(self):
        supervisor = self.supervisor()
        holder = self.store.serve_store()
        server = self.store.serve_store(env=supervisor.environment(), wait=False)
        self.assertEqual(server.wait(20), 2)
        self.assertTrue(holder.running())
        while supervisor.next(0.01) is not None:
            pass
        self.assertEqual([m for m in supervisor.told if "READY" in m], [])

    def test_an_edge_is_ready_once_it_knows_a_server(self):
        core = self.store.serve_core()
        listen = core.link_address
        self.assertEqual(core.stop(), 0)
        supervisor = self.supervisor()
        edge = self.store.serve_edge(core=core, env=supervisor.environment(), wait=False)
        self.assertEqual(supervisor.wait_for("STATUS")["STATUS"], "waiting for a server that has the store")
        self.assertIsNone(supervisor.next(1.0))
        self.store.serve_core(listen=listen)
        self.assertEqual(supervisor.wait_for("READY")["STATUS"], "serving at " + edge.wait_until_listening().url)

    def test_a_supervisor_that_is_gone_stops_nobody(self):
        supervisor = self.supervisor()
        supervisor.close()
        server = self.store.serve_store(env=supervisor.environment(WATCHDOG))
        server.wait_for_line("the supervisor at NOTIFY_SOCKET could not be told READY=1: Connection refused")
        self.assertEqual(server.stop(), 0)


class Pulse(harness.E2eTest):
    serve_options = None

    def setUp(self):
        self.store = harness.Store()
        self.addCleanup(self.store.close)
        self.supervisor = notified.Supervisor()
        self.addCleanup(self.supervisor.close)
        self.faults = io_faults.IoFaults(self.store)
        self.addCleanup(self.faults.clear)
        self.key = self.store.key("runtime")
        self.server = self.store.serve_store("--actors.threads", "2", "--http.threads", "2",
                                             env=self.faults.environment() | self.supervisor.environment(WATCHDOG))
        self.supervisor.wait_for("READY")
        self.supervisor.wait_for("WATCHDOG")

    def frozen(self, name, expected):
        found = frozen.threads(self.server.pid, name)
        self.assertEqual(len(found), expected, f"threads called {name}")
        return frozen.frozen(found[:1] if name == "io" else found)

    def falls_silent(self):
        """An answer that was on its way may still come."""
        for _ in range(3):
            if self.supervisor.next(SILENCE) is None:
                return True
        return False

    def assert_stops_while(self, name, expected):
        try:
            with self.frozen(name, expected):
                self.assertTrue(self.falls_silent(), self.supervisor.told[-3:])
        except PermissionError:
            raise unittest.SkipTest("this kernel lets no process stop another one's threads") from None
        self.supervisor.wait_for("WATCHDOG")
        self.assertEqual(self.server.stop(), 0)

    def test_actors_that_hang_stop_it(self):
        """Every other thread goes on: clocks, connections, the store."""
        self.assert_stops_while(WORKERS, 2)

    def test_one_io_thread_that_hangs_stops_it(self):
        self.assert_stops_while("io", 2)

    def test_it_goes_on_while_nothing_happens_and_while_it_works(self):
        for _ in range(3):
            self.supervisor.wait_for("WATCHDOG", timeout=5.0)
        with harness.Api(self.server, self.key) as api:
            session = api.create()
            for _ in range(50):
                api.sent(session, [harness.user_message()])
        for _ in range(3):
            self.supervisor.wait_for("WATCHDOG", timeout=5.0)

    def test_a_disk_that_stands_still_does_not_stop_it(self):
        """Another start would not cure it."""
        with harness.Api(self.server, self.key) as api, concurrent.futures.ThreadPoolExecutor() as threads:
            session = api.create()
            self.faults.set("sync", ".db-wal", "WAIT")
            waits = threads.submit(api.send, session, [harness.user_message("waits")])
            for _ in range(6):
                self.supervisor.wait_for("WATCHDOG", timeout=5.0)
            self.assertFalse(waits.done())
            self.faults.clear()
            harness.ok(waits.result(timeout=20))


if __name__ == "__main__":
    harness.main()
