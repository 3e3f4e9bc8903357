# SPDX-License-Identifier: Apache-2.0
"""A process that holds connections and says nothing on them: `idle_connections.py PORT COUNT`. Prints `open` when all
are established, and ends with its standard input. A process of its own, for its descriptors."""
import os
import socket
import subprocess
import sys


class IdleConnections:
    def __init__(self, server, count):
        self.process = subprocess.Popen([sys.executable, os.path.abspath(__file__), str(server.port), str(count)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.process.stdout.readline() != b"open\n":
            raise AssertionError(f"{count} connections could not be opened")

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


def hold(port, count):
    held = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(count)]
    print("open", flush=True)
    sys.stdin.read()
    for connection in held:
        connection.close()


if __name__ == "__main__":
    hold(int(sys.argv[1]), int(sys.argv[2]))
