# SPDX-License-Identifier: Apache-2.0
"""Bounds on bytes bind what is in memory, not what is announced: appends that wait for the disk, answers that nobody
takes."""
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
        body = b'{"events":[{"type":"user.message","content":[{"type":"text","text":"' + b"x" * (MIB - 80) + b'"}]}]}'
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


if __name__ == "__main__":
    harness.main()
