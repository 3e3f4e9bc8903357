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

SIZE = 24 << 20


class DiskFull(harness.E2eTest):
    serve_options = None

    def setUp(self):
        self.disk = os.path.join(self.store.directory, "disk")
        os.mkdir(self.disk)
        probe = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", self.disk], capture_output=True, check=False)
        if probe.returncode != 0:
            raise unittest.SkipTest(f"no mount namespaces here: {probe.stderr.decode().strip()}")

    def serve_on_the_small_disk(self):
        seeded = self.store.database
        script = (f'mount -t tmpfs -o size={SIZE} tmpfs "$1" && cp "$2" "$1/events.db" && shift 2 && exec "$@"')
        command = [harness.BINARY, "serve", "--store.url", f"sqlite:{self.disk}/events.db", "--http.listen", "127.0.0.1:0",
                   "--admin.listen", "127.0.0.1:0"]
        server = harness.Server(["unshare", "-rm", "sh", "-c", script, "sh", self.disk, seeded, *command], self.store.environment())
        self.store.servers.append(server)
        return server.wait_until_listening()

    def test_full_and_free_again(self):
        key = self.store.key("runtime")
        server = self.serve_on_the_small_disk()
        ballast = f"/proc/{server.pid}/root{self.disk}/ballast"
        with harness.Api(server, key) as api:
            session = api.create()
            kept = [e["id"] for e in api.sent(session, [harness.agent_message("x" * 1000)] * 100)]
            with open(ballast, "wb") as file:
                try:
                    while True:
                        file.write(b"\0" * 65536)
                        file.flush()
                except OSError:
                    pass
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

            try:
                os.truncate(ballast, 0)
            except OSError as e:
                self.fail(f"the ballast cannot be dropped: {e}")
            harness.poll(lambda: api.send(session, [harness.agent_message("after")]).status_code == 200, 15.0, "appends to come back")
            events = api.events(session)
            self.assertEqual([json.loads(e)["id"] for e in events[:-1]], kept)
            logs.assert_whole(api.session(session), events)
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    harness.main()
