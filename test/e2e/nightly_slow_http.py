# SPDX-License-Identifier: Apache-2.0
"""slowhttptest in its three modes, with a key, so that it gets past the door: slow headers, slow bodies, slow readers.
Each is cut off after its time, nothing piles up, and a healthy client beside them is served."""
import os
import re
import shutil
import subprocess
import time
import unittest

import harness
import healthy

CONNECTIONS = 1000
LENGTH = 30  # seconds
CUT_OFF = 2  # seconds, by each of the timeouts
MAY_LAST = 10.0  # seconds, until all are cut off
MIB = 1 << 20
BYTES_OUT = 64 * MIB  # what may be on its way to sockets: less than that many slow readers hold
MAY_GROW = BYTES_OUT + 40 * MIB
OWN_DESCRIPTORS = 60  # of the service and the healthy client, at most


class SlowHttp(harness.E2eTest):
    serve_options = ("--http.header_timeout", f"{CUT_OFF}s", "--http.body_timeout", f"{CUT_OFF}s",
                     "--http.write_timeout", f"{CUT_OFF}s", "--http.max_bytes_out", str(BYTES_OUT))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not shutil.which("slowhttptest"):
            raise unittest.SkipTest("slowhttptest is not installed")
        cls.session = cls.client.create()
        for _ in range(20):
            cls.client.sent(cls.session, [harness.user_message("x" * 10_000)] * 20)
        cls.events = f"{cls.server.url}/v1/sessions/{cls.session}/events"

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.pid}/fd"))

    def slow(self, what, *mode):
        # Its only header of free text carries the key.
        cookie = f"x=y\r\nAuthorization: Bearer {self.keys['client']}"
        command = ["slowhttptest", *mode, "-c", str(CONNECTIONS), "-r", "200", "-i", "1", "-l", str(LENGTH), "-p", "3",
                   "-j", cookie]
        before = self.server.memory()
        with healthy.beside(self.server, self.keys["client"], f"{CONNECTIONS} {what}"):
            most, memory = 0, 0
            tool = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                    text=True)
            self.addCleanup(tool.stdout.close)
            self.addCleanup(tool.kill)
            watched_until = time.monotonic() + CONNECTIONS / 200 + CUT_OFF
            while time.monotonic() < watched_until:
                most, memory = max(most, self.descriptors()), max(memory, self.server.memory())
                time.sleep(0.05)
            # All were cut off, whatever the tool still holds on its side.
            harness.poll(lambda: self.descriptors() < OWN_DESCRIPTORS, MAY_LAST, f"{what} to be cut off")
            output = re.sub(r"\x1b\[[\d;]*\w", "", tool.communicate(timeout=LENGTH + 30)[0])
        self.assertEqual(tool.returncode, 0, output)
        self.assertEqual(set(re.findall(r"service available:\s*(\w+)", output)), {"YES"}, output)
        print(f"{what}: at most {most} descriptors, RSS grew by {(memory - before) / MIB:.1f} MiB")
        self.assertGreater(most, CONNECTIONS // 10, "there was no attack")
        self.assertLess(memory - before, MAY_GROW)

    def test_headers(self):
        self.slow("slow headers", "-H", "-u", self.events)

    def test_bodies(self):
        self.slow("slow bodies", "-B", "-u", self.events, "-s", "100000", "-f", "application/json")
        self.assertEqual(self.client.session(self.session)["log"]["events"], 400)

    def test_readers(self):
        self.slow("slow readers", "-X", "-u", self.events + "/stream", "-w", "10", "-y", "100", "-z", "5", "-n", "1")


if __name__ == "__main__":
    harness.main()
