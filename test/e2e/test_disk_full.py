# SPDX-License-Identifier: Apache-2.0
"""A full disk: appends are 503 and nothing is written, reads go on, and appends come back by themselves.

The store stands on a small tmpfs in a mount namespace of the server's own, which needs no root where user namespaces
are allowed; elsewhere the test says that it could not run."""
import json
import os
import subprocess
import unittest

import harness
import logs
import sse
from accounts import CONNECTIONS, AccountedTest

# Well above the 16 MiB that the write-ahead log takes before it is checkpointed: where it alone fills the disk, there
# is no room to move it to, and freeing what others took is no help for long.
SIZE = 64 << 20


class DiskFull(AccountedTest):
    def setUp(self):
        super().setUp()
        self.disk = os.path.join(self.store.directory, "disk")
        os.mkdir(self.disk)
        probe = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", self.disk], capture_output=True,
                               check=False)
        if probe.returncode != 0:
            raise unittest.SkipTest(f"no mount namespaces here: {probe.stderr.decode().strip()}")

    def serve_on_the_small_disk(self):
        seeded = self.store.database
        script = (f'mount -t tmpfs -o size={SIZE} tmpfs "$1" && cp "$2" "$1/events.db" && shift 2 && exec "$@"')
        command = [harness.BINARY, "serve", "--store.url", f"sqlite:{self.disk}/events.db", "--http.listen",
                   "127.0.0.1:0", "--admin.listen", "127.0.0.1:0"]
        server = harness.Server(["unshare", "-rm", "sh", "-c", script, "sh", self.disk, seeded, *command],
                                self.store.environment())
        self.store.servers.append(server)
        return server.wait_until_listening()

    def inside(self, server, name):
        """The path, for this process, of a file on the server's disk."""
        return f"/proc/{server.pid}/root{self.disk}/{name}"

    def fill_the_disk(self, server):
        """Takes what is free. The path of the file that does."""
        ballast = self.inside(server, "ballast")
        with open(ballast, "ab", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 65536)
            except OSError:
                return ballast

    def run_beside(self, server, command):
        """A command on the server's store, which nobody else sees."""
        return subprocess.run(["nsenter", "-t", str(server.pid), "-U", "-m", "--preserve-credentials", harness.BINARY,
                               command,
                               "--store.url", f"sqlite:{self.disk}/events.db"], capture_output=True, text=True,
                              timeout=60, check=False)

    def test_under_load(self):
        """It fills up and is freed again, three times, while 16 connections append."""
        server = self.serve_on_the_small_disk()
        self.make_sessions(server)
        work = self.load(server, "full", padding=500, goes_on_after={503})
        work.wait_for(100)
        for _ in range(3):
            ballast, refused = self.fill_the_disk(server), len(work.refused)
            harness.poll(lambda: len(work.refused) > refused + 2 * CONNECTIONS, 20.0, "refusals")
            os.truncate(ballast, 0)
            work.wait_for(len(work.acknowledged) + 50, 15.0)
        self.account(work)
        self.assertEqual(({status for _, _, status, _ in work.refused}, self.unknown), ({503}, []))
        self.assert_all_kept(server)
        check = self.run_beside(server, "check")
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)
        self.assertEqual(server.stop(), 0)
        print(f"{len(self.acknowledged)} appends acknowledged, {len(work.refused)} refused with 503")

    def test_full_and_free_again(self):
        server = self.serve_on_the_small_disk()
        with harness.Api(server, self.key) as api:
            session = api.create()
            kept = [e["id"] for e in api.sent(session, [harness.agent_message("x" * 1000)] * 100)]
            ballast = self.fill_the_disk(server)
            refused = 0
            for _ in range(300):
                answer = api.send(session, [harness.agent_message("y" * 10_000)] * 10)
                if answer.status_code == 200:
                    kept += [e["id"] for e in answer.json()["data"]]
                    continue
                self.assert_error(answer, 503, "overloaded_error")
                self.assertRegex(answer.headers.get("retry-after", ""), r"^\d+$")
                refused += 1
                if refused == 5:
                    break
            self.assertEqual(refused, 5, "the disk never filled up")
            self.assertEqual([json.loads(e)["id"] for e in api.events(session)], kept)
            self.assertEqual(sse.ids(api.stream(session).content), kept)
            self.assertTrue(server.running())

            os.truncate(ballast, 0)
            harness.poll(lambda: api.send(session, [harness.agent_message("after")]).status_code == 200, 15.0,
                         "appends to come back")
            events = api.events(session)
            self.assertEqual([json.loads(e)["id"] for e in events[:-1]], kept)
            logs.assert_whole(api.session(session), events)
        self.assertEqual(server.stop(), 0)

    def test_an_import_that_does_not_fit(self):
        """It is refused while there is still room for others, and leaves nothing behind."""
        server = self.serve_on_the_small_disk()
        header = {"session": {"id": "sess_large", "agent": "a", "environment_id": "e"}}
        line = json.dumps({"event": harness.agent_message("x" * 100_000)}) + "\n"

        def body():
            yield json.dumps(header).encode() + b"\n"
            for _ in range(1500):
                yield line.encode()
        with harness.Api(server, self.key) as api:
            session = api.create()
            answer = api.http.post("/v1/sessions/import", content=body(), timeout=60)
            self.assert_error(answer, 503, "overloaded_error", "the disk is nearly full")
            self.assert_error(api.get("/v1/sessions/sess_large"), 404, "not_found")
            sent = api.sent(session, [harness.agent_message("y" * 10_000)] * 100)
            self.assertEqual(len(api.events(session)), len(sent))
            text = "".join([json.dumps(header) + "\n", *[line] * 100])
            harness.poll(lambda: api.post("/v1/sessions/import", text).status_code == 200, 20.0,
                         "room, where nothing is free but what was staged")
            self.assertEqual(len(api.events("sess_large")), 100)
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    harness.main()
