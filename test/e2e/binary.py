# SPDX-License-Identifier: Apache-2.0
"""The binary under test: its commands on a store of their own, and a running `serve`.

Environment: SANDBASE_BIN, the path of the binary; SANDBASE_E2E_STORE, `postgres` if stores shall be there;
SANDBASE_E2E_EDGE, `1` if servers shall be edges, in front of one that has the store. Every wait here has a deadline;
nothing waits by sleeping but poll().
"""
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import postgres

BINARY = os.environ.get("SANDBASE_BIN", "")

#: The binary was built with a sanitizer: memory is no measure then, and no library can be loaded before it.
IS_SANITIZED = any(name in os.environ for name in ("ASAN_OPTIONS", "TSAN_OPTIONS"))

START_TIMEOUT = 20.0  # seconds from exec to `listening on`
STOP_TIMEOUT = 5.0  # what a SIGTERM may take


def poll(condition, timeout=10.0, what="the condition"):
    """The first true value of `condition()`; fails loudly after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s in vain for {what}; last seen: {value!r}")
        time.sleep(0.02)


class Server:
    """A running `serve`. Its output is collected and shown when a test fails; with `echo` each line is printed too,
    behind that."""

    def __init__(self, command, env, launch=None, echo=None):
        self.lines = []
        self.echo = echo
        self._arrived = threading.Condition()
        self.process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            preexec_fn=launch)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            text = line.decode("utf-8", "replace").rstrip("\n")
            if self.echo is not None:
                print(self.echo + text, file=sys.stderr, flush=True)
            with self._arrived:
                self.lines.append(text)
                self._arrived.notify_all()
        self.process.stdout.close()
        with self._arrived:
            self.lines.append(None)
            self._arrived.notify_all()

    def wait_for_line(self, pattern, timeout=START_TIMEOUT):
        """The match of the first output line that has `pattern`."""
        deadline = time.monotonic() + timeout
        with self._arrived:
            seen = 0
            while True:
                while seen < len(self.lines):
                    line = self.lines[seen]
                    if line is None:
                        raise AssertionError(f"the server ended without {pattern!r}:\n{self.log()}")
                    match = re.search(pattern, line)
                    if match:
                        return match
                    seen += 1
                if not self._arrived.wait(max(0.0, deadline - time.monotonic())) and time.monotonic() > deadline:
                    raise AssertionError(f"no {pattern!r} within {timeout} s:\n{self.log()}")

    def wait_until_listening(self):
        self.url, self.host, port = self.wait_for_line(r"^listening on (http://([\d.]+):(\d+))$").groups()
        self.port = int(port)
        return self

    @property
    def admin_url(self):
        return self.wait_for_line(r"admin.* (http://[\d.]+:\d+)").group(1)

    @property
    def link_address(self):
        return self.wait_for_line(r"links=(\S+)").group(1)

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return "\n".join(line for line in self.lines if line is not None)

    def running(self):
        return self.process.poll() is None

    def wait(self, timeout=STOP_TIMEOUT):
        """The exit code."""
        code = self.process.wait(timeout)
        self._reader.join(timeout)
        return code

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def stop(self, timeout=STOP_TIMEOUT):
        """SIGTERM; the exit code. Fails if it takes longer than the product promises."""
        self.terminate()
        try:
            return self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running {timeout} s after SIGTERM:\n{self.log()}") from None

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.wait()

    def memory(self, field="VmRSS"):
        """A size in bytes out of /proc/PID/status."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024
        raise AssertionError(f"no {field} in /proc/{self.pid}/status")


class Store:
    """A directory with a database in it, and the commands of `program` on it."""

    program = BINARY

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="sandbase-e2e-")
        self.database = os.path.join(self.directory, "events.db")
        self.url = "sqlite:" + self.database
        if os.environ.get("SANDBASE_E2E_STORE") == "postgres":
            server = postgres.shared_server()
            self.url = server.url(server.new_database())
        self.servers = []
        self.core, self.core_options = None, None

    def environment(self, extra=None):
        """Without what is meant for whoever runs the tests."""
        others = ("SANDBASE_", "NOTIFY_SOCKET", "WATCHDOG_")
        env = {k: v for k, v in os.environ.items() if not k.startswith(others)}
        env.update(extra or {})
        return env

    def run(self, *arguments, stdin=None, timeout=60, env=None, store=True):
        """One command to its end. Output as text; the caller looks at the exit code."""
        command = [self.program, *arguments]
        if store:
            command += ["--store.url", self.url]
        return subprocess.run(command, input=stdin, env=self.environment(env), timeout=timeout, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)

    def must(self, *arguments, **options):
        """The standard output of a command that has to succeed."""
        done = self.run(*arguments, **options)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(arguments)} exited {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def key(self, role, workspace="default", name="e2e"):
        """A new API key."""
        out = self.must("keys", "create", "--role", role, "--workspace", workspace, "--name", name)
        found = re.findall(r"sk-sb-\S+", out)
        if len(found) != 1:
            raise AssertionError(f"keys create printed {out!r}")
        return found[0]

    def export(self, *arguments):
        """The export as a list of lines."""
        return self.must("export", *arguments).splitlines()

    def serve(self, *options, env=None, launch=None, wait=True):
        if os.environ.get("SANDBASE_E2E_EDGE") == "1":
            if self.core is None or not self.core.running() or self.core_options != options:
                if self.core is not None and self.core.running():
                    self.core.stop()
                self.core, self.core_options = self.serve_core(*options, env=env), options
            return self.serve_edge(*options, core=self.core, env=env, launch=launch, wait=wait)
        return self.serve_store(*options, env=env, launch=launch, wait=wait)

    def serve_core(self, *options, env=None, listen="127.0.0.1:0"):
        """A server with the store that edges can be linked to."""
        return self.serve_store("--cluster.listen", listen, *self.secret(), *options, env=env)

    def serve_edge(self, *options, core, env=None, launch=None, wait=True):
        command = [BINARY, "serve", "--cluster.join", core.link_address, *self.secret(), "--http.listen",
                   "127.0.0.1:0", "--admin.listen", "127.0.0.1:0", *options]
        return self.started(command, env, launch, wait)

    def secret(self):
        path = os.path.join(self.directory, "secret")
        if not os.path.exists(path):
            with open(path, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
        return "--cluster.secret_file", path

    def serve_store(self, *options, env=None, launch=None, wait=True):
        command = [BINARY, "serve", "--store.url", self.url, "--http.listen", "127.0.0.1:0",
                   "--admin.listen", "127.0.0.1:0", *options]
        return self.started(command, env, launch, wait)

    def started(self, command, env, launch, wait):
        server = Server(command, self.environment(env), launch)
        self.servers.append(server)
        return server.wait_until_listening() if wait else server

    def logs(self):
        return "\n".join(f"--- server {s.pid} ---\n{tail(s.log())}" for s in self.servers)

    def close(self):
        for server in self.servers:
            if server.running():
                server.kill()
        shutil.rmtree(self.directory, ignore_errors=True)


def tail(text, lines=80):
    return "\n".join(text.splitlines()[-lines:])
