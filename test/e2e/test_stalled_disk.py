# SPDX-License-Identifier: Apache-2.0
"""The disk does not finish a sync: what reads is answered at once, /readyz tells, and everything comes to its end when
the disk goes on."""
import concurrent.futures
import time

import harness
import httpx
import io_faults

#: Seconds in which whatever does not need the disk's answer is answered; a busy machine is slow too.
AT_ONCE = 2.0


class StalledDisk(harness.E2eTest):
    serve_options = None

    def setUp(self):
        self.faults = io_faults.IoFaults(self.store)
        self.key = self.store.key("runtime")
        self.server = self.store.serve(env=self.faults.environment())
        with self.api(self.key, self.server) as client:
            self.hot, self.cold, self.other, self.third = (client.create() for _ in range(4))
            for session in (self.hot, self.cold, self.other, self.third):
                client.sent(session, [harness.user_message("first")])
        self.server.stop()
        self.server = self.store.serve(env=self.faults.environment())  # nothing is in memory
        self.client = self.api(self.key, self.server)
        self.addCleanup(self.faults.clear)

    def ready(self):
        return httpx.get(self.server.admin_url + "/readyz", trust_env=False, timeout=5)

    def test_reads_do_not_wait_and_readyz_tells(self):
        self.assertEqual(self.ready().status_code, 200)
        self.faults.set("sync", ".db-wal", "WAIT")
        with concurrent.futures.ThreadPoolExecutor() as threads:
            def send():
                with self.api(self.key, self.server) as writer:
                    return writer.send(self.hot, [harness.user_message("waits")])
            appended = threads.submit(send)
            time.sleep(0.5)
            begin = time.monotonic()
            reads = [f"/v1/sessions/{self.hot}", f"/v1/sessions/{self.cold}", f"/v1/sessions/{self.other}/events",
                     f"/v1/sessions/{self.third}/events/stream", "/v1/sessions"]
            for path in reads:
                at = time.monotonic()
                answer = self.client.get(path)
                self.assertEqual(answer.status_code, 200, path)
                self.assertNotIn("waits", answer.text)
                self.assertLess(time.monotonic() - at, AT_ONCE, path)
            self.assertFalse(appended.done())
            if time.monotonic() - begin < 4:
                self.assertEqual(self.ready().status_code, 200)
            time.sleep(max(0.0, 6.5 - (time.monotonic() - begin)))
            answer = self.ready()
            self.assertEqual(answer.status_code, 503)
            self.assertIn("commit", answer.text)
            self.faults.clear()
            harness.ok(appended.result(timeout=20))
        self.assertEqual(self.ready().status_code, 200)
        self.assertEqual(len(self.client.events(self.hot)), 2)


if __name__ == "__main__":
    harness.main()
