# SPDX-License-Identifier: Apache-2.0
"""The nodes of a cluster: `serve` again and again over one PostgreSQL, each at an address that it keeps."""
import atexit
import ctypes
import functools
import os
import random
import secrets
import signal
import socket
import tempfile
import time

import httpx

import binary

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def options(host, port=0):
    """What each node gets besides its store and its listeners: the one place for options of all clusters here."""
    if os.environ.get("SANDBASE_E2E_LINKS") == "0":
        return []
    return ["--cluster.listen", f"{host}:{port}", "--cluster.secret_file", secret_file()]


@functools.cache
def secret_file():
    """Of all clusters of this process; removed with it."""
    file = tempfile.NamedTemporaryFile("w", prefix="sandbase-secret-")
    file.write(secrets.token_hex(32) + "\n")
    file.flush()
    atexit.register(file.close)
    return file.name


def steady_port():
    """A free port below those that the system gives to connections: nobody takes it while its node is down, and who
    connects to it meanwhile cannot get it as its own end."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("", port))
                return port
            except OSError:
                continue


def of_its_own():
    """For a child: it is not meant by a Ctrl-C at its parent, and does not outlive it."""
    os.setsid()
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Node:
    """One `serve` at a time, of `program`. `prefix` is what its command stands behind, as in `ip netns exec NAME`."""

    program = binary.BINARY

    def __init__(self, store, host="127.0.0.1", prefix=(), more=(), echo=None):
        self.store, self.host, self.prefix, self.more, self.echo = store, host, list(prefix), list(more), echo
        self.port, self.admin_port, self.link_port = steady_port(), steady_port(), steady_port()
        self.server = None

    def place(self):
        """The options that tell what it serves from."""
        return ["--store.url", self.store.url, *options(self.host, self.link_port)]

    def start(self, wait=True):
        command = [*self.prefix, self.program, "serve", *self.place(),
                   "--http.listen", f"{self.host}:{self.port}", "--admin.listen", f"{self.host}:{self.admin_port}",
                   *self.more]
        self.server = binary.Server(command, self.store.environment(), of_its_own, self.echo)
        self.store.servers.append(self.server)
        if wait:
            self.server.wait_until_listening()
        return self

    @property
    def url(self):
        return f"http://{self.host}:{self.port}"

    @property
    def admin_url(self):
        return f"http://{self.host}:{self.admin_port}"

    @property
    def pid(self):
        return self.server.pid

    def running(self):
        return self.server is not None and self.server.running()

    def kill(self):
        self.server.kill()

    def stop(self, timeout=binary.STOP_TIMEOUT):
        return self.server.stop(timeout)

    def pause(self):
        self.server.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.server.process.send_signal(signal.SIGCONT)

    def log(self):
        return self.server.log()

    def is_ready(self):
        """/readyz, without waiting long for it."""
        try:
            return httpx.get(self.admin_url + "/readyz", timeout=2.0, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def wait_until_ready(self, timeout=60.0):
        binary.poll(self.is_ready, timeout, f"{self.url} to be ready")
        return time.monotonic()


class Edge(Node):
    """A server without a store, in front of nodes."""

    def __init__(self, store, cores, **options):
        super().__init__(store, **options)
        self.cores = cores

    def place(self):
        joined = (["--cluster.join", f"{core.host}:{core.link_port}"] for core in self.cores)
        return [*(word for pair in joined for word in pair), "--cluster.secret_file", secret_file()]
