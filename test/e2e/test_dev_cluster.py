# SPDX-License-Identifier: Apache-2.0
"""`./dev cluster`, behind its build: the lines that it prints lead to each node, and it leaves nothing behind."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

import harness
from binary import BINARY, poll

SCRIPT = os.path.join(os.path.dirname(harness.HERE), "cluster.py")


def descendants(pid):
    """The processes below one, whoever of them has made them."""
    parents = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as stat:
                parents[int(entry)] = int(stat.read().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, new = set(), {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new} - found
        found |= new
    return found


def shown(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class DevCluster(unittest.TestCase):
    options = ()
    count = 3

    def setUp(self):
        # Everything that it makes is in here.
        self.folder = tempfile.mkdtemp(prefix="sandbase-dev-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        os.chmod(self.folder, 0o711)
        self.made = os.path.join(self.folder, "made")
        os.mkdir(self.made)
        os.chmod(self.made, 0o711)
        self.output, self.complaints = (os.path.join(self.folder, name) for name in ("output", "complaints"))
        with open(self.output, "wb") as output, open(self.complaints, "wb") as complaints:
            self.process = subprocess.Popen([sys.executable, SCRIPT, *self.options, str(self.count)],
                                            env={**os.environ, "TMPDIR": self.made, "SANDBASE_BIN": BINARY},
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=complaints,
                                            start_new_session=True)
        self.addCleanup(self.end)

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def printed(self):
        """The lines, once all are there."""
        def lines():
            self.assertIsNone(self.process.poll(), shown(self.complaints))
            text = shown(self.output)
            return text.endswith("\n") and "curl http" in text and text.splitlines()
        return poll(lines, 120, "the lines to copy")

    def stream(self, command):
        """What comes of a printed line, as a function that tells it so far."""
        path = tempfile.mkstemp(dir=self.folder)[1]
        with open(path, "wb") as output:
            process = subprocess.Popen(["bash", "-c", "exec " + command], stdin=subprocess.DEVNULL, stdout=output,
                                       stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return lambda: shown(path)

    def test_each_node_streams_and_nothing_is_left(self):
        lines = self.printed()
        streams = [line for line in lines if line.startswith("curl -N ")]
        self.assertEqual(len(streams), self.count)
        texts = [self.stream(line) for line in streams]
        for text in texts:
            poll(lambda text=text: "event: message" in text(), 20, "the sample session")
        send = next(line for line in lines if line.startswith("curl http")).replace("Hello", "Hello to all")
        subprocess.run(["bash", "-c", send + " --fail -s"], stdout=subprocess.DEVNULL, timeout=20, check=True)
        for text in texts:
            poll(lambda text=text: "Hello to all" in text(), 20, "what was sent")

        victim = int(re.search(r"process (\d+)", next(line for line in lines if line.startswith("# node 2"))).group(1))
        os.kill(victim, signal.SIGKILL)
        told = r"(?s)node 2 ended with -9.*node 2 \| listening on (\S+)"
        again = poll(lambda: re.search(told, shown(self.complaints)), 30, "the node that was killed")
        self.assertIn(again.group(1) + "/", streams[1])
        text = self.stream(streams[1])
        poll(lambda: "Hello to all" in text(), 20, "the log on the node that was killed")

        left = descendants(self.process.pid)
        self.assertGreater(len(left), self.count + 1)
        os.killpg(self.process.pid, signal.SIGINT)  # as a terminal does
        self.assertEqual(self.process.wait(60), 0, shown(self.complaints))
        poll(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in left), 20, "every process to be gone")
        self.assertEqual(os.listdir(self.made), [])


class Refused(unittest.TestCase):
    def test_what_it_does_not_know(self):
        for words in (["0"], ["three"], ["3", "4"], ["--other"]):
            done = subprocess.run([sys.executable, SCRIPT, *words], stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=20, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"usage", done.stderr)


if __name__ == "__main__":
    harness.main()
