# SPDX-License-Identifier: Apache-2.0
"""A command on a terminal of its own: what it shows, what is typed, and how it leaves the terminal."""
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading

from binary import poll


def heed_interrupts():
    """What a shell starts in the background ignores SIGINT, the tests and their commands too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """The command runs as the terminal's foreground process, so that Ctrl-C reaches it as a signal."""

    def __init__(self, command, env, columns=100, rows=30):
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.modes = termios.tcgetattr(theirs)
        self.shown = b""
        self.theirs = theirs
        self.process = subprocess.Popen(command, env={**env, "TERM": "xterm"}, stdin=theirs, stdout=theirs,
                                        stderr=theirs, start_new_session=True,
                                        preexec_fn=self._take_terminal)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    @staticmethod
    def _take_terminal():
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        heed_interrupts()

    def _read(self):
        try:
            while part := os.read(self.ours, 65536):
                self.shown += part
        except OSError:  # how a terminal ends that nobody has open any more
            pass

    def text(self):
        return self.shown.decode("utf-8", "replace")

    def wait_for(self, pattern, timeout=15):
        return poll(lambda: re.search(pattern, self.text(), re.S), timeout, f"{pattern!r} in {self.text()[-2000:]!r}")

    def type(self, keys):
        os.write(self.ours, keys)

    def wait(self, timeout=15):
        """The exit code. The terminal has to be as it was."""
        code = self.process.wait(timeout)
        assert termios.tcgetattr(self.theirs) == self.modes, "the terminal's modes were changed"
        return code

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.theirs)
        self.reader.join(5)
        os.close(self.ours)
