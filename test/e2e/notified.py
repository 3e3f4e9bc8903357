# SPDX-License-Identifier: Apache-2.0
"""A supervisor as systemd is one: the socket in NOTIFY_SOCKET that a service tells what it is at (sd_notify(3))."""
import os
import secrets
import socket
import time


class Supervisor:
    """`path`: where its socket stands; without one it has an abstract name."""

    def __init__(self, path=None):
        self.name = path or "@sandbase-e2e-" + secrets.token_hex(8)
        self.told = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.name.replace("@", "\0", 1) if path is None else path)
        if path is not None:
            os.chmod(path, 0o666)

    def environment(self, watchdog=None):
        """`watchdog`: seconds after which it would end a service that does not say that it lives."""
        env = {"NOTIFY_SOCKET": self.name}
        if watchdog is not None:
            env["WATCHDOG_USEC"] = str(int(watchdog * 1_000_000))
        return env

    def next(self, timeout):
        """The fields of the next message; None if none comes within `timeout` seconds."""
        self._socket.settimeout(timeout)
        try:
            text = self._socket.recv(4096).decode("utf-8")
        except TimeoutError:
            return None
        fields = dict(line.split("=", 1) for line in text.splitlines())
        self.told.append(fields)
        return fields

    def wait_for(self, field, timeout=20.0):
        """The next message that has `field`."""
        deadline = time.monotonic() + timeout
        while True:
            message = self.next(max(0.01, deadline - time.monotonic()))
            if message is None:
                raise AssertionError(f"no {field} within {timeout} s; told: {self.told}")
            if field in message:
                return message

    def close(self):
        self._socket.close()
