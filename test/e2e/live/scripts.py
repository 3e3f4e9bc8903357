# SPDX-License-Identifier: Apache-2.0
"""Programs that a test talks with while they run: JSON lines out of them, JSON lines into them."""
import json
import os
import signal
import socket
import subprocess
import threading
import time

import follow  # noqa: F401

HERE = os.path.dirname(os.path.abspath(__file__))


class Program:
    """A running program. What it prints is kept as it comes; what is JSON is read as such."""

    def __init__(self, *command, env=None, cwd=None):
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("ANTHROPIC_", "SANDBASE_", "NODE_"))}
        self.command, self.lines, self.complaints = command, [], []
        self._came = threading.Condition()
        self.process = subprocess.Popen(command, env={**clean, **(env or {})}, cwd=cwd, start_new_session=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._readers = [threading.Thread(target=self._read, args=pair, daemon=True)
                         for pair in ((self.process.stdout, self.lines), (self.process.stderr, self.complaints))]
        for reader in self._readers:
            reader.start()

    def _read(self, pipe, into):
        for line in pipe:
            with self._came:
                into.append(line.decode("utf-8").rstrip("\n"))
                self._came.notify_all()

    def said(self):
        """Every line so far, as JSON."""
        with self._came:
            return [json.loads(line) for line in self.lines]

    def wait_for(self, condition, timeout, what):
        """The first true value of `condition()`, which is asked again whenever a line came."""
        deadline = time.monotonic() + timeout
        while not (value := condition()):
            left = deadline - time.monotonic()
            if left <= 0 or self.process.poll() not in (None, 0):
                raise AssertionError(f"{what} did not come within {timeout} s; exit code "
                                     f"{self.process.poll()}\n{self.report()}")
            with self._came:
                self._came.wait(min(left, 0.2))
        return value

    def tell(self, **command):
        self.process.stdin.write(json.dumps(command).encode("utf-8") + b"\n")
        self.process.stdin.flush()

    def end(self, timeout=20.0):
        """The exit must come by itself, and be 0; then every line that it printed."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {timeout} s\n{self.report()}") from None
        for reader in self._readers:
            reader.join(5)
        if code != 0:
            raise AssertionError(f"exit code {code}\n{self.report()}")
        return self.lines

    def report(self):
        def tail(lines):
            return "\n".join(line[:500] for line in lines[-20:])
        return f"{' '.join(self.command)}\n--- out ---\n{tail(self.lines)}\n--- err ---\n{tail(self.complaints)}"

    def hang_up(self, timeout=10.0):
        """Says that no more commands come, and waits for it to put its things away."""
        try:
            self.process.stdin.close()
            self.process.wait(timeout)
        except (OSError, subprocess.TimeoutExpired):
            pass
        self.close()

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()


def installed(package):
    """Fails with what to do if an npm package of this folder is missing."""
    if not any(os.path.isdir(os.path.join(folder, "node_modules", package))
               for folder in (HERE, os.path.dirname(HERE))):
        raise AssertionError(f"{package} is not installed: run `npm ci` in {HERE} and in the folder above")


def node(script, *arguments, env):
    return Program("node", os.path.join(HERE, script), *arguments, env=env)


class Relay:
    """A TCP relay on a port of its own: what stands between a client and a network that breaks."""

    def __init__(self, port):
        self._upstream = port
        self._pairs, self._lock = [], threading.Lock()
        self._silent = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.accepted = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._upstream))
            except OSError:
                return
            with self._lock:
                self.accepted += 1
                self._pairs.append((client, server))
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._copy, args=(source, sink), daemon=True).start()

    def _copy(self, source, sink):
        try:
            while data := source.recv(65536):
                if source in self._silent:
                    continue
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def cut(self):
        """Breaks every connection, as if the cable was pulled and the peer's kernel said so."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                try:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                end.close()

    def silence(self):
        """From now on nothing passes over the connections that there are, and nobody is told."""
        with self._lock:
            self._silent.update(end for pair in self._pairs for end in pair)

    def close(self):
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        self.cut()
