# SPDX-License-Identifier: Apache-2.0
"""Bounds on bytes bind what is in memory, not what is announced: appends that wait for the disk, answers that nobody
takes."""
import contextlib

import httpx

import harness
import io_faults
import raw

MIB = 1024 * 1024
JSON = ("Content-Type", "application/json")


class Appends(harness.E2eTest):
    """The disk takes its time, and ever more appends come."""
    serve_options = None
    bound = 64 * MIB

    def setUp(self):
        self.faults = io_faults.IoFaults(self.store)
        self.key = self.store.key("client")
        options = [part for bound in ("", "_per_workspace", "_per_key") for part in ("--http.max_bytes_in" + bound,
                                                                                     "64MiB")]
        self.server = self.store.serve(*options, env=self.faults.environment())
        self.client = self.api(self.key, self.server)
        self.addCleanup(self.faults.clear)

    def test_the_memory_of_appends_that_wait_is_bounded(self):
        sessions = [self.client.create() for _ in range(20)]
        body = b'{"events":[{"type":"user.message","content":[{"type":"text","text":"' + b"x" * (MIB - 200) + b'"}]}]}'
        for session in sessions:
            harness.ok(self.client.post(f"/v1/sessions/{session}/events", body))
        before = self.server.memory()
        self.faults.set("sync", ".db-wal", "WAIT")
        wires = []
        for i in range(150):
            wire = raw.Wire(self.server.port, timeout=30.0)
            self.addCleanup(wire.close)
            wire.send(raw.request("POST", f"/v1/sessions/{sessions[i % len(sessions)]}/events", self.key, [JSON],
                                  body=body))
            wires.append(wire)
        most = self.server.memory()
        self.faults.clear()
        stored = sum(wire.response().status == 200 for wire in wires)
        most = max(most, self.server.memory("VmHWM"))
        print(f"{stored} of {len(wires)} appends of 1 MiB stored; {before / MIB:.0f} MiB before, {most / MIB:.0f} at "
              f"most")
        self.assertGreater(stored, 40)
        self.assertLess(stored, 100, "more was taken than http.max_bytes_in allows")
        self.assertLess(most - before, 2 * self.bound)


class Impatient(harness.E2eTest):
    """The disk stands still, and clients go as soon as their request is in work: what they left behind counts."""
    serve_options = None
    bound = 2 * MIB

    def setUp(self):
        self.faults = io_faults.IoFaults(self.store)
        self.key = self.store.key("runtime")
        self.server = self.store.serve("--http.max_bytes_in_per_key", "2MiB", env=self.faults.environment())
        self.addCleanup(self.server.stop)
        self.client = self.api(self.key, self.server)
        self.session = self.client.create()
        self.addCleanup(self.faults.clear)

    def bytes_in(self):
        answer = httpx.get(self.server.admin_url + "/statusz", timeout=5.0, trust_env=False)
        return answer.json()["http"]["bytes_in"]

    def leave(self, path, body):
        """@returns whether it was refused"""
        with contextlib.closing(raw.Wire(self.server.port, timeout=0.3)) as wire:
            wire.send(raw.request("POST", path, self.key, [JSON], body=body))
            try:
                answer = wire.response()
            except TimeoutError:
                return False
            self.assertEqual(answer.status, 429, answer)
            return True

    def assert_bounded(self, path, body, count):
        before = self.server.memory()
        self.faults.set("sync", ".db-wal", "WAIT")
        refused = sum(self.leave(path, body) for _ in range(count))
        held, grown = self.bytes_in(), self.server.memory() - before
        print(f"{count - refused} of {count} in work; {held / MIB:.1f} MiB counted, {grown / MIB:.1f} MiB more memory")
        self.assertGreater(refused, count // 4)
        self.assertGreater(held, self.bound / 2)
        self.assertLess(held, 2 * self.bound)
        self.assertLess(grown, 8 * self.bound)
        self.faults.clear()
        harness.poll(lambda: self.bytes_in() == 0, what="everything to be given back")

    def test_updates(self):
        tools = ",".join(f'{{"type":"custom","name":"tool_{i}","description":"{"x" * 400}"}}' for i in range(200))
        self.assert_bounded(f"/v1/sessions/{self.session}", f'{{"agent":{{"tools":[{tools}]}}}}'.encode(), 40)

    def test_creations(self):
        body = b'{"agent":"agent_a","environment_id":"env_a","resources":["' + b"x" * 100_000 + b'"]}'
        self.assert_bounded("/v1/sessions", body, 40)


class Small(harness.E2eTest):
    serve_options = None

    def test_a_short_append_counts_what_it_takes(self):
        faults = io_faults.IoFaults(self.store)
        self.addCleanup(faults.clear)
        key = self.store.key("client")
        server = self.store.serve("--http.max_bytes_in_per_key", "400KiB", env=faults.environment())
        session = self.api(key, server).create()
        faults.set("sync", ".db-wal", "WAIT")
        body = b'{"events":[{"type":"user.interrupt"}]}'
        wires = []
        for _ in range(150):
            wires.append(raw.Wire(server.port, timeout=30.0))
            self.addCleanup(wires[-1].close)
            wires[-1].send(raw.request("POST", f"/v1/sessions/{session}/events", key, [JSON], body=body))
        harness.poll(lambda: httpx.get(server.admin_url + "/statusz", timeout=5.0, trust_env=False).json()["http"][
            "requests"] >= 150, what="all to be there")
        faults.clear()
        answers = [wire.response().status for wire in wires]
        self.assertEqual((answers.count(200), answers.count(429)), (100, 50))


if __name__ == "__main__":
    harness.main()
